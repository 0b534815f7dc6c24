"""HTML doors of lessons: the home page, a lesson, its editor, the review queue, one's own shelf."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, flash, jsonify, make_response, redirect, render_template, request, url_for

from app.accounts import queries as accounts
from app.core import errors, ports
from app.core.access import ANYONE, SIGNED_IN, allow, viewer
from app.core.http import etag_of, expected_revision, page_blueprint, safe_next, send_stored
from app.core.i18n import LANGUAGES, _, locale
from app.files.models import File
from app.resources import policy, queries, service, shown
from app.resources.models import PUBLISHED, WITHDRAWN, Resource, ResourceVersion
from app.vocabularies import queries as vocabularies
from search.port import Query, SearchUnavailable
from storage import keys

bp = page_blueprint("resources", __name__)

AUTHORS = ("teacher", "reviewer", "librarian", "department", "administrator")
REVIEWERS = ("reviewer", "librarian", "department", "administrator")
GRADE_BANDS = ((1, 5), (6, 9), (10, 10), (11, 11), (12, 12))
SHOWN_INLINE = ("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf")
SERIES = ("KNTT", "CTST", "CD", "GDPT2006")

TYPE_ICONS = {
    "BGDT": "mouse-pointer-click", "TRINHCHIEU": "presentation", "KHBD": "file-text", "VIDEO": "circle-play",
    "TRUYENHINH": "circle-play", "PHIEU": "clipboard-list", "DE": "list-checks", "MATRAN": "layout-grid",
    "HINHANH": "image", "AMTHANH": "headphones", "SACH": "book-open", "GDDP": "map", "BOCAUHOI": "list-checks",
}  # fmt: skip
MEDIA_NAMES = (
    ("application/pdf", "PDF", "file-text"),
    ("wordprocessing", "Word", "file-text"),
    ("msword", "Word", "file-text"),
    ("presentation", "PowerPoint", "presentation"),
    ("powerpoint", "PowerPoint", "presentation"),
    ("spreadsheet", "Excel", "file-spreadsheet"),
    ("excel", "Excel", "file-spreadsheet"),
    ("image/", "", "image"),
    ("audio/", "", "headphones"),
    ("video/", "Video", "circle-play"),
    ("zip", "ZIP", "file-archive"),
    ("epub", "EPUB", "book-open"),
)
SUBJECT_LABELS = {
    "NGUVAN": "Văn", "TIENGANH": "Anh", "LICHSU": "Sử", "DIALI": "Địa", "VATLI": "Lí", "HOAHOC": "Hóa",
    "SINHHOC": "Sinh", "TINHOC": "Tin", "AMNHAC": "Nhạc", "MITHUAT": "MT", "GDKTPL": "KTPL", "TOAN": "Toán",
    "NDGDDP": "GDĐP", "CONGNGHE": "CN", "DAODUC": "ĐĐ", "TIENGDTTS": "TDT", "GDQPAN": "QPAN",
    "HDTNHN": "HĐTN", "KHOAHOC": "KH",
}  # fmt: skip
FAMILIES = {
    "TOAN": "so", "TIENGVIET": "van", "NGUVAN": "van", "TIENGDTTS": "van", "TIENGANH": "ngu", "NN2": "ngu",
    "KHTN": "tn", "VATLI": "tn", "HOAHOC": "tn", "SINHHOC": "tn", "KHOAHOC": "tn", "TNXH": "tn",
    "LICHSU": "su", "DIALI": "su", "LSDL": "su", "DAODUC": "cd", "GDCD": "cd", "GDKTPL": "cd",
    "TINHOC": "cn", "CONGNGHE": "cn", "AMNHAC": "nt", "MITHUAT": "nt",
}  # fmt: skip


# ---------------------------------------------------------------- words for templates


@bp.app_template_global()
def term(kind: str, code: Any) -> str:
    """What a code of a vocabulary is called in the reader's language."""
    return "" if code in (None, "") else str(vocabularies.label(kind, str(code), locale()))


@bp.app_template_global()
def family_of(subject: str | None) -> str:
    return "f-" + FAMILIES.get(subject or "", "hd")


@bp.app_template_global()
def short_subject(subject: str | None) -> str:
    if not subject:
        return "–"
    if subject in SUBJECT_LABELS:
        return SUBJECT_LABELS[subject]
    found = vocabularies.subject(subject)
    return str((found.data if found else {}).get("short_vi") or subject)


@bp.app_template_global()
def type_icon(code: str | None) -> str:
    return TYPE_ICONS.get(code or "", "file-text")


@bp.app_template_global()
def media_of(media_type: str) -> tuple[str, str]:
    """Name and icon of a media type, for people."""
    for part, name, icon in MEDIA_NAMES:
        if part in media_type:
            return name or media_type.split("/")[1].upper(), icon
    return media_type.split("/")[-1].split(".")[-1].upper(), "file"


@bp.app_template_global()
def previewed(file: File) -> str | None:
    """How a file can be looked at in the page: pdf, image, audio, video, or not at all."""
    if getattr(file, "package", None):
        return None
    if file.media_type == "application/pdf":
        return "pdf"
    if file.media_type in SHOWN_INLINE:
        return "image"
    kind = file.media_type.split("/")[0]
    return kind if kind in ("audio", "video") else None


@bp.app_template_global()
def grade_words(grades: list[int]) -> str:
    """`[10, 11, 12]` as "10–12", `[3, 5]` as "3, 5"."""
    ordered = sorted(set(grades or []))
    if len(ordered) > 2 and ordered[-1] - ordered[0] == len(ordered) - 1:
        return f"{ordered[0]}–{ordered[-1]}"
    return ", ".join(str(one) for one in ordered)


@bp.app_template_global()
def series_name(code: str) -> str:
    """What a textbook series is called."""
    return {
        "KNTT": "Kết nối tri thức với cuộc sống",
        "CTST": "Chân trời sáng tạo",
        "CD": "Cánh diều",
        "GDPT2006": _("Chương trình 2006 (sách cũ)"),
    }.get(code, code)


@bp.app_template_global()
def resource_state(row: Resource, returned: bool = False) -> str:
    """The one state to show on a shelf: what is being worked on counts first."""
    if row.state == WITHDRAWN:
        return row.state
    if row.draft_state == "draft" and returned:
        return "returned"
    return row.draft_state or row.state


# ---------------------------------------------------------------- home


def _questions_by_province() -> tuple[int | None, dict[str, int]]:
    """Approved questions in all and by province, from the index; None while it is down."""
    try:
        found = ports.index().find(
            Query(
                text="",
                kinds=("question",),
                filters={},
                audience=frozenset({"public", "staff"}),
                sort="newest",
                page=1,
                per_page=1,
                facets=("province",),
            )
        )
    except SearchUnavailable:
        return None, {}
    return found.total, dict(found.facets.get("province", []))


@bp.get("/")
@allow(ANYONE)
def home() -> str:
    band = request.args.get("grade", "")
    chosen = next((b for b in GRADE_BANDS if band == f"{b[0]}-{b[1]}"), None)
    lessons = shown.published_by_province()
    question_count, questions = _questions_by_province()
    provinces = sorted({*lessons, *questions}, key=lambda code: (-lessons.get(code, 0), code))
    return render_template(
        "resources/home.html",
        shelved=shown.newest(6, range(chosen[0], chosen[1] + 1) if chosen else ()),
        bands=GRADE_BANDS,
        chosen=chosen,
        lesson_count=shown.published_count(),
        question_count=question_count,
        provinces=[(code, lessons.get(code, 0), questions.get(code, 0)) for code in provinces],
    )


@bp.post("/preferences")
@allow(ANYONE)
def preferences() -> Response:
    """Theme and language, kept in cookies of one year."""
    answer = make_response(redirect(safe_next(request.form.get("next"))))
    theme, language = request.form.get("theme"), request.form.get("locale")
    for name, value, known in (("theme", theme, ("auto", "light", "dark")), ("locale", language, LANGUAGES)):
        if value in known:
            answer.set_cookie(name, str(value), max_age=31_536_000, samesite="Lax", secure=request.is_secure)
    return answer


# ---------------------------------------------------------------- a lesson


def _found(resource_id: uuid.UUID) -> Resource:
    """The lesson, when the viewer may know of it; a published one is everybody's."""
    row = queries.row(resource_id)
    if row is None:
        raise errors.NotFound(_("Không tìm thấy học liệu này."))
    if row.state not in (PUBLISHED, WITHDRAWN) and not policy.may_read(viewer(), row):
        raise errors.NotFound(_("Không tìm thấy học liệu này."))
    return row


def _citation(row: Resource, version: ResourceVersion) -> dict[str, Any]:
    unit = accounts.unit(row.unit_id)
    when = version.published_at or version.created_at
    return {
        "authors": ", ".join(version.authors) or (unit.name if unit else ""),
        "year": when.year,
        "number": version.number,
        "unit": unit.name if unit else "",
        "url": ports.settings().public_url + url_for("resources.lesson", resource_id=row.id),
    }


def _json_ld(row: Resource, version: ResourceVersion, files: list[File]) -> dict[str, Any]:
    """schema.org LearningResource (LRMI) of a published version."""
    public = ports.settings().public_url
    licence = vocabularies.licence(version.licence) if version.licence else None
    document: dict[str, Any] = {
        "@context": "https://schema.org",
        "@type": "LearningResource",
        "@id": public + url_for("resources.lesson", resource_id=row.id),
        "url": public + url_for("resources.lesson", resource_id=row.id),
        "name": version.title,
        "description": version.description,
        "inLanguage": version.language,
        "version": version.number,
        "author": [{"@type": "Person", "name": name} for name in version.authors],
        "learningResourceType": vocabularies.label("resource_type", version.resource_type, "vi")
        if version.resource_type
        else None,
        "about": vocabularies.label("subject", version.subject, "vi") if version.subject else None,
        "educationalLevel": [f"Lớp {grade}" for grade in version.grades],
        "keywords": version.keywords,
        "license": (licence.data.get("url") if licence else None) or version.licence,
        "datePublished": row.published_at.isoformat() if row.published_at else None,
        "dateModified": version.published_at.isoformat() if version.published_at else None,
        "isAccessibleForFree": True,
        "encoding": [
            {
                "@type": "MediaObject",
                "name": file.name,
                "encodingFormat": file.media_type,
                "contentSize": str(file.size),
                "sha256": file.sha256,
                "contentUrl": public + url_for("resources.file", resource_id=row.id, file_id=file.id),
            }
            for file in files
        ],
    }
    return {key: value for key, value in document.items() if value not in (None, [], "")}


@bp.get("/lessons/<uuid:resource_id>")
@allow(ANYONE)
def lesson(resource_id: uuid.UUID) -> Response | str:
    row = _found(resource_id)
    if row.state == WITHDRAWN:
        return make_response(
            render_template(
                "resources/tombstone.html",
                resource=row,
                version=shown.version(row.current_version_id),
                unit=accounts.unit(row.unit_id),
            ),
            410,
        )
    asking = viewer()
    insider = policy.may_read(asking, row)
    number = request.args.get("version", type=int)
    drafted = row.state != PUBLISHED or (request.args.get("draft") == "1" and insider)
    if number is not None:
        version = shown.numbered(row.id, number)
    else:
        version = shown.version(row.draft_version_id if drafted else row.current_version_id)
    if version is None:
        raise errors.NotFound(_("Không tìm thấy phiên bản này."))
    files = shown.files_of(version.id)
    public = version.published_at is not None
    answer = make_response(
        render_template(
            "resources/lesson.html",
            resource=row,
            version=version,
            files=files,
            versions=shown.published_versions(row.id),
            unit=accounts.unit(row.unit_id),
            licence=vocabularies.licence(version.licence) if version.licence else None,
            citation=_citation(row, version),
            json_ld=_json_ld(row, version, files) if public else None,
            related=shown.related(version) if public and version.subject else [],
            may_edit=policy.may_edit(asking, row),
            may_review=row.draft_state == "submitted" and policy.may_review(asking, row),
            may_withdraw=row.state == PUBLISHED and policy.may_withdraw(asking, row),
            reviews=shown.reviews_of(row.id) if insider else [],
            public=public,
        )
    )
    answer.headers["ETag"] = etag_of(row.revision)
    return answer


@bp.get("/lessons/<uuid:resource_id>/files/<uuid:file_id>")
@allow(ANYONE)
def file(resource_id: uuid.UUID, file_id: uuid.UUID) -> Response:
    """Bytes of a file of the lesson; `?view=1` shows in the page what is safe to show there."""
    row = _found(resource_id)
    if row.state == WITHDRAWN:
        raise errors.Gone(_("Học liệu này đã ngừng chia sẻ."))
    versions = [version.id for version in shown.published_versions(row.id)] if row.state == PUBLISHED else []
    if row.draft_version_id and policy.may_read(viewer(), row):
        versions.append(row.draft_version_id)
    held = shown.holds(versions, file_id)
    if held is None:
        raise errors.NotFound(_("Không tìm thấy tệp này."))
    inline = request.args.get("view") == "1" and previewed(held) is not None
    return send_stored(keys.blob(held.sha256), held.name, held.media_type, held.size, held.sha256, inline)


# ---------------------------------------------------------------- writing


def _lines(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]


def _form() -> dict[str, Any]:
    """The editor's form as the service's data."""
    form = request.form
    return {
        "title": form.get("title", "").strip(),
        "description": form.get("description", "").strip(),
        "subject": form.get("subject") or None,
        "grades": sorted({int(one) for one in form.getlist("grades") if one.isdigit()}),
        "resource_type": form.get("resource_type") or None,
        "language": form.get("language") or "vi",
        "licence": form.get("licence") or None,
        "authors": _lines(form.get("authors", "")),
        "keywords": _lines(form.get("keywords", "")),
        "textbook_series": form.get("textbook_series") or None,
    }


def _options() -> dict[str, list[tuple[str, str]]]:
    pick = [("", _("Chọn"))]

    def named(items: Any) -> list[tuple[str, str]]:
        return [(str(item.code), item.en if locale() == "en" and item.en else item.vi) for item in items]

    return {
        "subjects": pick + named(vocabularies.subjects()),
        "types": pick + named(vocabularies.resource_types()),
        "licences": pick + [(code, f"{code} – {text}") for code, text in named(vocabularies.licences())],
        "languages": [("vi", _("Tiếng Việt")), ("en", _("Tiếng Anh")), ("fr", _("Tiếng Pháp"))],
        "series": [("", _("Không theo bộ sách nào"))] + [(code, series_name(code)) for code in SERIES],
    }


def _editor(
    row: Resource | None, form: dict[str, Any], error: errors.Invalid | None = None, status: int = 200
) -> Response:
    version = shown.version(row.draft_version_id or row.current_version_id) if row else None
    reviews = shown.reviews_of(row.id) if row else []
    shown_form = {**form, **{name: ", ".join(form.get(name) or []) for name in ("authors", "keywords")}}
    page = render_template(
        "resources/edit.html",
        resource=row,
        form=shown_form,
        files=shown.files_of(version.id) if version else [],
        errors=error.errors if error else {},
        message=error.message if error else "",
        returned=reviews[-1] if reviews and reviews[-1].decision == "return" else None,
        limit=ports.settings().max_upload_bytes,
        **_options(),
    )
    return make_response(page, status)


@bp.get("/lessons/new")
@allow(*AUTHORS)
def new() -> Response:
    return _editor(None, {"authors": [viewer().name], "licence": "CC BY-SA", "language": "vi"})


@bp.post("/lessons/new")
@allow(*AUTHORS)
def create() -> Response:
    form = _form()
    try:
        row = service.create(viewer(), form)
    except errors.Invalid as error:
        return _editor(None, form, error, 422)
    flash(_("Đã lưu bản nháp. Giờ chọn tệp để tải lên."))
    return make_response(redirect(url_for("resources.edit", resource_id=row.id)))


def _editable(resource_id: uuid.UUID) -> Resource:
    row = _found(resource_id)
    if not policy.may_edit(viewer(), row):
        raise errors.Forbidden(_("Chỉ người soạn mới sửa được học liệu này."))
    return row


@bp.get("/lessons/<uuid:resource_id>/edit")
@allow(*AUTHORS)
def edit(resource_id: uuid.UUID) -> Response:
    row = _editable(resource_id)
    version = shown.version(row.draft_version_id or row.current_version_id)
    form = {} if version is None else {name: getattr(version, name) for name in service.FIELDS}
    return _editor(row, form)


@bp.post("/lessons/<uuid:resource_id>/edit")
@allow(*AUTHORS)
def save(resource_id: uuid.UUID) -> Response:
    row = _editable(resource_id)
    form = _form()
    try:
        service.edit(viewer(), row.id, form, expected_revision())
        if request.form.get("then") == "submit":
            service.submit(viewer(), row.id)
            flash(_("Đã gửi thẩm định. Kết quả sẽ hiện ở trang Của tôi."))
            return make_response(redirect(url_for("resources.my")))
    except errors.Invalid as error:
        return _editor(_found(resource_id), form, error, 422)
    flash(_("Đã lưu bản nháp."))
    return make_response(redirect(url_for("resources.edit", resource_id=row.id)))


@bp.post("/lessons/<uuid:resource_id>/files")
@allow(*AUTHORS)
def upload(resource_id: uuid.UUID) -> Response:
    """One or several files of the field `file`; answers JSON to the page's script, else goes back."""
    row = _editable(resource_id)
    sent = [one for one in request.files.getlist("file") if one.filename]
    scripted = request.headers.get("X-Requested-With") == "XMLHttpRequest"
    kept, said = [], []
    for one in sent:
        try:
            kept.append(service.add_file(viewer(), row.id, one.stream, str(one.filename)))
        except (errors.Invalid, errors.TooLarge) as error:
            said.append(f"{one.filename}: {error.message}")
    if not sent:
        said.append(_("Chưa chọn tệp nào."))
    if scripted:
        answer = jsonify(files=[{"id": f.id, "name": f.name, "size": f.size} for f in kept], errors=said)
        answer.status_code = 422 if said and not kept else 201
        return answer
    for text in said:
        flash(text, "error")
    if kept:
        flash(_("Đã tải lên %(count)s tệp.", count=len(kept)))
    return make_response(redirect(url_for("resources.edit", resource_id=row.id) + "#tep"))


@bp.post("/lessons/<uuid:resource_id>/files/<uuid:file_id>/remove")
@allow(*AUTHORS)
def remove_file(resource_id: uuid.UUID, file_id: uuid.UUID) -> Response:
    service.remove_file(viewer(), _editable(resource_id).id, file_id)
    flash(_("Đã bỏ tệp khỏi bản nháp."))
    return make_response(redirect(url_for("resources.edit", resource_id=resource_id) + "#tep"))


@bp.post("/lessons/<uuid:resource_id>/submit")
@allow(*AUTHORS)
def submit(resource_id: uuid.UUID) -> Response:
    try:
        service.submit(viewer(), _editable(resource_id).id)
    except errors.Invalid as error:
        row = _found(resource_id)
        version = shown.version(row.draft_version_id or row.current_version_id)
        form = {} if version is None else {name: getattr(version, name) for name in service.FIELDS}
        return _editor(row, form, error, 422)
    flash(_("Đã gửi thẩm định. Kết quả sẽ hiện ở trang Của tôi."))
    return make_response(redirect(url_for("resources.my")))


@bp.post("/lessons/<uuid:resource_id>/withdraw")
@allow(*AUTHORS)
def withdraw(resource_id: uuid.UUID) -> Response:
    reason = request.form.get("reason", "").strip()
    if not reason:
        flash(_("Cần ghi lí do ngừng chia sẻ."), "error")
        return make_response(redirect(url_for("resources.lesson", resource_id=resource_id)))
    service.withdraw(viewer(), resource_id, reason)
    flash(_("Đã ngừng chia sẻ học liệu. Liên kết cũ nay dẫn tới trang giữ chỗ."))
    return make_response(redirect(url_for("resources.my")))


# ---------------------------------------------------------------- queues


@bp.get("/review")
@allow(*REVIEWERS)
def review_queue() -> str:
    asking = viewer()
    waiting = [one for one in shown.submitted() if policy.may_review(asking, one.resource)]
    owners = {one.resource.owner_id: accounts.user(one.resource.owner_id) for one in waiting}
    units = {one.resource.unit_id: accounts.unit(one.resource.unit_id) for one in waiting}
    return render_template("resources/review.html", waiting=waiting, owners=owners, units=units)


@bp.post("/lessons/<uuid:resource_id>/review")
@allow(*REVIEWERS)
def review(resource_id: uuid.UUID) -> Response:
    decision, comment = request.form.get("decision", ""), request.form.get("comment", "").strip()
    try:
        row = service.review(viewer(), resource_id, decision, comment)
    except errors.Invalid as error:
        said = "; ".join(text for texts in error.errors.values() for text in texts)
        flash(said or error.message, "error")
        return make_response(redirect(url_for("resources.lesson", resource_id=resource_id, draft=1) + "#tham-dinh"))
    if decision == "return":
        flash(_("Đã trả lại kèm nhận xét."))
    elif row.draft_state == "submitted":
        flash(_("Đã duyệt ở bước này. Học liệu chuyển sang bước sau."))
    else:
        flash(_("Đã duyệt và xuất bản."))
    return make_response(redirect(url_for("resources.review_queue")))


@bp.get("/my")
@allow(SIGNED_IN)
def my() -> str:
    mine = shown.owned(viewer())
    return render_template(
        "resources/my.html",
        mine=mine,
        reviews=shown.last_reviews(one.resource.id for one in mine),
        may_write=viewer().has(*AUTHORS),
    )
