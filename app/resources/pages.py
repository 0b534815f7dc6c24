"""HTML doors of lessons: the home page, a lesson, its editor, the review queue, one's own shelf."""

from __future__ import annotations

import uuid
from typing import Any, BinaryIO, cast

from flask import Response, flash, make_response, redirect, render_template, request, url_for

from app.accounts import queries as accounts
from app.core import errors, ports
from app.core.access import ANYONE, SIGNED_IN, allow, viewer
from app.core.http import etag_of, expected_revision, page_blueprint, send_stored
from app.core.i18n import _, locale
from app.files.models import File
from app.resources import policy, queries, service, shown
from app.resources.models import PUBLISHED, WITHDRAWN, Resource, ResourceVersion, described
from app.vocabularies import queries as vocabularies
from search.port import Query, SearchUnavailable
from storage import keys

bp = page_blueprint("resources", __name__)

AUTHORS = ("teacher", "reviewer", "librarian", "department", "administrator")
REVIEWERS = ("reviewer", "librarian", "department", "administrator")
GRADE_BANDS = ((1, 5), (6, 9), (10, 10), (11, 11), (12, 12))
SHOWN_INLINE = ("image/png", "image/jpeg", "image/gif", "image/webp", "application/pdf")

TYPE_ICONS = {
    "BGDT": "mouse-pointer-click", "TRINHCHIEU": "presentation", "KHBD": "file-text", "VIDEO": "circle-play",
    "TRUYENHINH": "circle-play", "PHIEU": "clipboard-list", "DE": "list-checks", "MATRAN": "layout-grid",
    "HINHANH": "image", "AMTHANH": "headphones", "SACH": "book-open", "GDDP": "map",
    "BOCAUHOI": "list-checks",
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
    "NN2": "NN2", "DAODUC": "ĐĐ", "GDCD": "GDCD", "GDKTPL": "KTPL", "TNXH": "TNXH", "KHOAHOC": "KH",
    "KHTN": "KHTN", "GDTC": "GDTC", "AMNHAC": "Nhạc", "MITHUAT": "MT", "GDQPAN": "QPAN", "HDTNHN": "HĐTN",
    "TIENGDTTS": "TDT", "LSDL": "SĐ",
}  # fmt: skip


# ---------------------------------------------------------------- words for templates


@bp.app_template_global()
def term(kind: str, code: Any) -> str:
    """What a code of a vocabulary is called in the reader's language."""
    return "" if code in (None, "") else vocabularies.label(kind, code, locale())


@bp.app_template_global()
def province_name(code: str | None) -> str:
    """A province as people write it in a line: "Cần Thơ", "TP. Hồ Chí Minh"."""
    name = term("province", code)
    if name == "Thành phố Hồ Chí Minh":
        return "TP. Hồ Chí Minh"
    return name.removeprefix("Thành phố ").removeprefix("Tỉnh ")


@bp.app_template_global()
def family_of(subject: str | None) -> str:
    return vocabularies.family(subject)


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


# ---------------------------------------------------------------- a lesson


def _citation(row: Resource, version: ResourceVersion) -> dict[str, Any]:
    unit = accounts.unit(row.unit_id)
    when = version.published_at or version.created_at
    name = unit.name if unit else ""
    if row.origin is not None:
        # Of a lesson from elsewhere the place to cite is where it comes from.
        name = row.origin.get("publisher") or row.origin["source"]
    return {
        "authors": ", ".join(version.authors) or name,
        "year": when.year,
        "number": version.number,
        "unit": name,
        "url": (row.origin or {}).get("url")
        or ports.settings().public_url + url_for("resources.lesson", resource_id=row.id),
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


def _tombstone(row: Resource) -> Response:
    page = render_template(
        "resources/tombstone.html",
        resource=row,
        version=shown.version(row.current_version_id),
        unit=accounts.unit(row.unit_id),
    )
    return make_response(page, 410)


@bp.get("/lessons/<uuid:resource_id>")
@allow(ANYONE)
def lesson(resource_id: uuid.UUID) -> Response:
    asking = viewer()
    row = queries.row(asking, resource_id)
    if row.state == WITHDRAWN:
        return _tombstone(row)
    insider = policy.sees_work(asking, row)
    number = request.args.get("version", type=int)
    if number is None and row.state == PUBLISHED and not (insider and request.args.get("draft") == "1"):
        current = shown.version(row.current_version_id)
        number = current.number if current else None
    found = queries.resource(asking, resource_id, number)
    version, files = found.version, list(found.files)
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
            json_ld=_json_ld(row, version, files) if public and row.origin is None else None,
            related=shown.related(version) if public and version.subject else [],
            may_edit=found.may_edit,
            may_review=found.may_review,
            may_withdraw=found.may_withdraw,
            reviews=queries.reviews(asking, row.id) if insider else [],
            public=public,
        )
    )
    answer.headers["ETag"] = etag_of(row.revision)
    return answer


@bp.get("/lessons/<uuid:resource_id>/files/<uuid:file_id>")
@allow(ANYONE)
def file(resource_id: uuid.UUID, file_id: uuid.UUID) -> Response:
    """Bytes of a file of the lesson; `?view=1` shows in the page what is safe to show there."""
    held = queries.file_of(viewer(), resource_id, file_id)
    inline = request.args.get("view") == "1" and previewed(held) is not None
    return send_stored(keys.blob(held.sha256), held.name, held.media_type, held.size, held.sha256, inline)


@bp.post("/lessons/<uuid:resource_id>/report")
@allow(ANYONE)
def report(resource_id: uuid.UUID) -> Response:
    service.report(viewer(), resource_id, request.form.get("reason", ""), request.form.get("comment", ""))
    flash(_("Đã nhận báo cáo. Người phụ trách kho sẽ xem."))
    return make_response(redirect(url_for("resources.lesson", resource_id=resource_id), 303))


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

    def named(items: list[vocabularies.Term]) -> list[tuple[str, str]]:
        return [(item.code, item.label) for item in items]

    return {
        "subjects": pick + named(vocabularies.subjects()),
        "types": pick + named(vocabularies.resource_types()),
        "licences": pick + [(code, f"{code} – {text}") for code, text in named(vocabularies.licences())],
        "languages": named(vocabularies.languages()),
        "series": [("", _("Không theo bộ sách nào")), *named(vocabularies.textbook_series())],
    }


def _editor(
    row: Resource | None, form: dict[str, Any], error: errors.Invalid | None = None, status: int = 200
) -> Response:
    version = shown.version(row.draft_version_id or row.current_version_id) if row else None
    reviews = queries.reviews(viewer(), row.id) if row else []
    shown_form = {**form, **{name: ", ".join(form.get(name) or []) for name in ("authors", "keywords")}}
    page = render_template(
        "resources/edit.html",
        resource=row,
        form=shown_form,
        files=queries.files_of(version.id) if version else (),
        errors=error.errors if error else {},
        message=error.message if error else "",
        returned=reviews[0] if reviews and reviews[0].decision == "return" else None,
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
        made = service.create(viewer(), **form)
    except errors.Invalid as error:
        return _editor(None, form, error, 422)
    flash(_("Đã lưu bản nháp. Giờ chọn tệp để tải lên."))
    return _to_editor(made.resource.id)


def _to_editor(resource_id: uuid.UUID, place: str = "") -> Response:
    return make_response(redirect(url_for("resources.edit", resource_id=resource_id) + place, 303))


def _editable(resource_id: uuid.UUID) -> Resource:
    row = queries.row(viewer(), resource_id)
    if not policy.may_edit(viewer(), row):
        raise errors.Forbidden(_("Chỉ người soạn mới sửa được học liệu này."))
    return row


def _kept_form(row: Resource) -> dict[str, Any]:
    version = shown.version(row.draft_version_id or row.current_version_id)
    return described(version) if version else {}


@bp.get("/lessons/<uuid:resource_id>/edit")
@allow(*AUTHORS)
def edit(resource_id: uuid.UUID) -> Response:
    row = _editable(resource_id)
    return _editor(row, _kept_form(row))


@bp.post("/lessons/<uuid:resource_id>/edit")
@allow(*AUTHORS)
def save(resource_id: uuid.UUID) -> Response:
    row, form = _editable(resource_id), _form()
    try:
        service.edit(viewer(), row.id, expected_revision(), **form)
        if request.form.get("then") == "submit":
            return _submitted(row.id)
    except errors.Invalid as error:
        return _editor(_editable(resource_id), form, error, 422)
    flash(_("Đã lưu bản nháp."))
    return _to_editor(row.id)


def _submitted(resource_id: uuid.UUID) -> Response:
    found = service.submit(viewer(), resource_id)
    if policy.is_submitted(found.resource):
        flash(_("Đã gửi thẩm định. Kết quả sẽ hiện ở trang Của tôi."))
    else:
        flash(_("Đã xuất bản."))
    return make_response(redirect(url_for("resources.my"), 303))


@bp.post("/lessons/<uuid:resource_id>/files")
@allow(*AUTHORS)
def upload(resource_id: uuid.UUID) -> Response:
    """One or several files of the field `file`, for browsers without script: the page's own sends in pieces."""
    row = _editable(resource_id)
    sent = [one for one in request.files.getlist("file") if one.filename]
    kept: list[File] = []
    said: list[str] = [] if sent else [_("Chưa chọn tệp nào.")]
    for one in sent:
        try:
            kept.append(service.add_file(viewer(), row.id, cast(BinaryIO, one.stream), str(one.filename)))
        except (errors.Invalid, errors.TooLarge, errors.Conflict) as error:
            said.append(f"{one.filename}: {error.message}")
    for text in said:
        flash(text, "error")
    if kept:
        flash(_("Đã tải lên %(count)s tệp.", count=len(kept)))
    return _to_editor(row.id, "#tep")


@bp.post("/lessons/<uuid:resource_id>/files/<uuid:file_id>/remove")
@allow(*AUTHORS)
def remove_file(resource_id: uuid.UUID, file_id: uuid.UUID) -> Response:
    service.remove_file(viewer(), resource_id, file_id)
    flash(_("Đã bỏ tệp khỏi bản nháp."))
    return _to_editor(resource_id, "#tep")


@bp.post("/lessons/<uuid:resource_id>/submit")
@allow(*AUTHORS)
def submit(resource_id: uuid.UUID) -> Response:
    row = _editable(resource_id)
    try:
        return _submitted(row.id)
    except errors.Invalid as error:
        row = _editable(resource_id)
        return _editor(row, _kept_form(row), error, 422)


@bp.post("/lessons/<uuid:resource_id>/recall")
@allow(*AUTHORS)
def recall(resource_id: uuid.UUID) -> Response:
    service.recall(viewer(), resource_id)
    flash(_("Đã thu hồi về bản nháp."))
    return _to_editor(resource_id)


@bp.post("/lessons/<uuid:resource_id>/delete")
@allow(*AUTHORS)
def delete(resource_id: uuid.UUID) -> Response:
    service.delete(viewer(), resource_id)
    flash(_("Đã xóa bản nháp."))
    return make_response(redirect(url_for("resources.my"), 303))


@bp.post("/lessons/<uuid:resource_id>/withdraw")
@allow(*AUTHORS)
def withdraw(resource_id: uuid.UUID) -> Response:
    reason = request.form.get("reason", "").strip()
    if not reason:
        flash(_("Cần ghi lí do ngừng chia sẻ."), "error")
        return make_response(redirect(url_for("resources.lesson", resource_id=resource_id), 303))
    service.withdraw(viewer(), resource_id, reason)
    flash(_("Đã ngừng chia sẻ học liệu. Liên kết cũ nay dẫn tới trang giữ chỗ."))
    return make_response(redirect(url_for("resources.my"), 303))


# ---------------------------------------------------------------- queues


@bp.get("/review")
@allow(*REVIEWERS)
def review_queue() -> str:
    waiting = [shown.Shelved(*pair) for pair in queries.waiting_for(viewer())]
    owners = {one.resource.owner_id: accounts.user(one.resource.owner_id) for one in waiting}
    units = {one.resource.unit_id: accounts.unit(one.resource.unit_id) for one in waiting}
    return render_template(
        "resources/review.html",
        waiting=waiting,
        owners=owners,
        units=units,
        open_reports=queries.open_reports(viewer()),
    )


def report_reasons() -> dict[str, str]:
    return {
        "copyright": _("Bản quyền"),
        "wrong": _("Sai kiến thức"),
        "harmful": _("Không phù hợp với học sinh"),
        "other": _("Lí do khác"),
    }


@bp.get("/reports")
@allow(*REVIEWERS)
def reports() -> Response:
    return _reports()


def _reports(error: errors.KhoError | None = None, at: uuid.UUID | None = None, typed: str = "") -> Response:
    settled = request.args.get("settled") == "1"
    found = queries.reports(viewer(), settled)
    page = render_template(
        "resources/reports.html",
        found=found,
        settled=settled,
        open_reports=queries.open_reports(viewer()),
        waiting=len(queries.waiting_for(viewer())),
        reasons=report_reasons(),
        units={one.resource.unit_id: accounts.unit(one.resource.unit_id) for one in found},
        names=accounts.names({one.report.settled_by for one in found if one.report.settled_by}),
        error=error,
        at=at,
        typed=typed,
    )
    return make_response(page, 422 if error else 200)


@bp.post("/reports/<uuid:report_id>")
@allow(*REVIEWERS)
def settle(report_id: uuid.UUID) -> Response:
    answer = request.form.get("answer", "")
    try:
        made = service.settle(viewer(), report_id, request.form.get("outcome", ""), answer)
    except errors.Invalid as error:
        return _reports(error, report_id, answer)
    except errors.Conflict as error:
        flash(error.message, "error")
        return make_response(redirect(url_for("resources.reports"), 303))
    flash(
        {
            "kept": _("Đã ghi: học liệu không có lỗi."),
            "mended": _("Đã ghi: lỗi đã được sửa."),
            "withdrawn": _("Đã ngừng chia sẻ học liệu và đóng các báo cáo về học liệu này."),
        }[made.outcome or "kept"]
    )
    return make_response(redirect(url_for("resources.reports"), 303))


@bp.post("/lessons/<uuid:resource_id>/review")
@allow(*REVIEWERS)
def review(resource_id: uuid.UUID) -> Response:
    decision, comment = request.form.get("decision", ""), request.form.get("comment", "").strip()
    try:
        service.review(viewer(), resource_id, decision, comment)
    except errors.Invalid as error:
        said = "; ".join(text for texts in error.errors.values() for text in texts)
        flash(said or error.message, "error")
        return make_response(
            redirect(url_for("resources.lesson", resource_id=resource_id, draft=1) + "#tham-dinh", 303)
        )
    if decision == "return":
        flash(_("Đã trả lại kèm nhận xét."))
    elif policy.is_submitted(queries.row(viewer(), resource_id)):
        flash(_("Đã duyệt ở bước này. Học liệu chuyển sang bước sau."))
    else:
        flash(_("Đã duyệt và xuất bản."))
    return make_response(redirect(url_for("resources.review_queue"), 303))


@bp.get("/my")
@allow(SIGNED_IN)
def my() -> str:
    mine = [shown.Shelved(*pair) for pair in queries.mine(viewer(), limit=200)]
    return render_template(
        "resources/my.html",
        mine=mine,
        reviews=shown.last_reviews(one.resource.id for one in mine),
        may_write=policy.may_create(viewer()),
    )
