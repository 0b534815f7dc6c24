"""The question bank as pages: list, question, editor with live preview, import with its report."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from flask import Response, flash, make_response, redirect, render_template, request
from markupsafe import Markup

from app.accounts import queries as accounts
from app.core import errors
from app.core.access import ANYONE, allow, viewer
from app.core.http import expected_revision, page_blueprint, send_stored
from app.core.i18n import gettext as _
from app.core.markup import inline
from app.questions import forms, kinds, likeness, policy, queries, service
from app.questions.formats import detect
from app.questions.formats.model import MAX_BYTES
from app.questions.formats.report import ReportRow
from app.vocabularies import queries as vocabularies
from storage import keys

bp = page_blueprint("questions", __name__)
PER_PAGE = 20
MOST_ROWS = 200
MOST_PAIRS = 50
TABS = ("", "mine", "waiting", "returned")


@bp.app_template_filter()
def markup_line(text: str) -> Markup:
    """Markdown with formulas in one line, for lists."""
    return inline(text)


@bp.app_template_global()
def kind_name(code: str, short: bool = False) -> str:
    """What a kind of question is called in the reader's language."""
    if code not in kinds.registry:
        return code
    found = kinds.kind(code)
    return _(found.short_vi if short else found.vi)


def _choices_of_filters() -> dict[str, list[tuple[Any, str]]]:
    return {
        "kinds": [("", _("Mọi dạng"))] + [(c, kind_name(c, short=True)) for c in kinds.codes()],
        "levels": [("", _("Mọi mức độ"))] + [(t.code, t.label) for t in vocabularies.levels()],
        "subjects": [("", _("Mọi môn"))] + [(t.code, t.label) for t in vocabularies.subjects()],
        "grades": [("", _("Mọi lớp"))] + [(n, _("Lớp %(grade)s", grade=n)) for n in range(1, 13)],
    }


def _filters() -> dict[str, Any]:
    args = request.args
    grade = args.get("grade", "")
    found: dict[str, Any] = {name: args.get(name, "")[:200] for name in ("q", "subject", "kind", "level", "topic")}
    found["grade"] = int(grade) if grade.isdigit() else None
    found["tab"] = args.get("tab", "") if args.get("tab", "") in (*TABS, "retired") else ""
    return found


@bp.get("/questions")
@allow(*policy.STAFF)
def list_page() -> str:
    who, filters = viewer(), _filters()
    try:
        after = uuid.UUID(request.args["after"]) if request.args.get("after") else None
    except ValueError:
        after = None
    items, more = queries.listed(who, after=after, limit=PER_PAGE, **filters)
    bare = {key: value for key, value in filters.items() if value and key != "tab"}
    tabs = [
        (tab, name, queries.counted(who, tab=tab))
        for tab, name in zip(TABS, (_("Tất cả"), _("Của tôi"), _("Chờ thẩm định"), _("Cần chỉnh sửa")), strict=True)
    ]
    unit = accounts.unit(sorted(who.unit_ids)[0]) if who.unit_ids else None

    def url(**changed: Any) -> str:
        kept = {key: value for key, value in {**filters, **changed}.items() if value not in (None, "")}
        return "/questions" + (f"?{urlencode(kept)}" if kept else "")

    return render_template(
        "questions/list.html",
        items=items,
        more=more,
        tabs=tabs,
        filters=filters,
        filtered=bool(bare),
        total=queries.counted(who, **filters),
        choices=_choices_of_filters(),
        unit=unit,
        may_write=policy.may_write(who),
        url=url,
        after=after,
        export_url=lambda f: "/api/v1/questions/export?" + urlencode({**bare, "tab": filters["tab"], "format": f}),
    )


@bp.get("/questions/<uuid:question_id>")
@allow(*policy.STAFF)
def page_view(question_id: uuid.UUID) -> str:
    who = viewer()
    shown = queries.question(who, question_id)
    reviews = queries.reviews(who, question_id)
    history = queries.history(who, question_id)
    into = queries.merged_into(question_id)
    alike = []
    if shown.sees_key and shown.question.state != "retired":
        alike = queries.alike(who, shown.version.stem, shown.version.choices, question_id, 5)
    people = accounts.names(
        {r.reviewer_id for r in reviews} | {v.author_id for v in history} | {shown.question.owner_id}
    )
    return render_template(
        "questions/page_view.html",
        shown=shown,
        row=shown.question,
        version=shown.version,
        reviews=reviews,
        history=history,
        people=people,
        into=into,
        merged=queries.merged_from(question_id),
        alike=alike,
        may_decide=policy.may_decide(who, shown.question),
        returned=shown.question.state == "draft" and bool(reviews) and reviews[0].decision == "return",
    )


# ---------------------------------------------------------------- editor


def _editor(data: dict[str, Any], status: int = 200, shown: queries.Shown | None = None, **more: Any) -> Response:
    found: dict[str, list[str]] = more.pop("found", {})
    form = forms.padded(data)
    preview, _problems = service.preview(form)
    subject, grade = form.get("subject") or None, form.get("grade")
    page = render_template(
        "questions/edit.html",
        form=form,
        found=found,
        shown=shown,
        preview=preview,
        letters=forms.LETTERS[: max(6, len(form["choices"]))],
        statements=forms.STATEMENTS,
        kinds=[(code, kind_name(code)) for code in kinds.codes()],
        subjects=[("", _("Chọn môn"))] + [(t.code, t.label) for t in vocabularies.subjects()],
        grades=[("", _("Chọn lớp"))] + [(n, _("Lớp %(grade)s", grade=n)) for n in range(1, 13)],
        levels=[("", _("Chọn mức độ"))] + [(t.code, t.label) for t in vocabularies.levels()],
        topics=[("", _("Chọn chủ đề"))]
        + [(t.code, t.label) for t in (vocabularies.topics(subject, grade) if subject and grade else [])],
        **more,
    )
    return make_response(page, status)


@bp.route("/questions/new", methods=["GET", "POST"])
@allow(*policy.WRITERS)
def new_page() -> Response:
    if request.method == "GET":
        code = request.args.get("kind", "single_choice")
        data = forms.blank(code if code in kinds.registry else "single_choice")
        data["subject"] = request.args.get("subject", "")
        grade = request.args.get("grade", "")
        data["grade"] = int(grade) if grade.isdigit() else None
        return _editor(data)
    data = forms.read(request.form)
    if request.form.get("do") == "kind":
        return _editor(data)
    if request.form.get("do") == "picture":
        return _with_picture(data)
    try:
        made = service.create(viewer(), data)
    except errors.Invalid as error:
        return _editor(data, 422, found=error.errors, message=error.message)
    return _saved(made.id, data)


@bp.route("/questions/<uuid:question_id>/edit", methods=["GET", "POST"])
@allow(*policy.WRITERS)
def edit_page(question_id: uuid.UUID) -> Response:
    shown = queries.question(viewer(), question_id)
    if not shown.may_edit:
        raise errors.Forbidden(_("Chỉ người soạn mới sửa được câu hỏi này."))
    if request.method == "GET":
        version = shown.version
        data = {name: getattr(version, name) for name in ("kind", "stem", "choices", "explanation", "subject")}
        data |= {name: getattr(version, name) for name in ("grade", "topic", "level", "tags", "language", "scoring")}
        return _editor({**data, "answer": shown.answer}, shown=shown)
    data = forms.read(request.form)
    if request.form.get("do") == "kind":
        return _editor(data, shown=shown)
    if request.form.get("do") == "picture":
        return _with_picture(data, shown)
    try:
        service.edit(viewer(), question_id, data, expected_revision())
    except errors.Invalid as error:
        return _editor(data, 422, shown, found=error.errors, message=error.message)
    except errors.Stale as error:
        return _editor(data, 412, shown, message=error.message, stale=True)
    return _saved(question_id, data)


def _with_picture(data: dict[str, Any], shown: queries.Shown | None = None) -> Response:
    """The editor without script: a picture chosen in the form goes to the end of the stem."""
    held = request.files.get("picture")
    if held is None or not held.filename:
        return _editor(data, 422, shown, found={"stem": [_("Thầy cô chưa chọn hình.")]})
    try:
        kept = service.add_picture(viewer(), held.stream.read(MAX_BYTES + 1))
    except errors.Invalid as error:
        return _editor(data, 422, shown, found={"stem": [error.message]})
    data["stem"] = f"{data['stem'].rstrip()}\n\n![]({kept.url})".lstrip()
    return _editor(data, shown=shown)


def _saved(question_id: uuid.UUID, data: dict[str, Any]) -> Response:
    """After saving: on to the reviewers where asked, and to the question's page."""
    if request.form.get("do") == "submit":
        try:
            service.submit(viewer(), question_id)
            flash(_("Đã gửi thẩm định."), "right")
        except errors.Invalid as error:
            shown = queries.question(viewer(), question_id)
            return _editor(data, 422, shown, found=error.errors, message=error.message, saved=True)
    else:
        flash(_("Đã lưu bản nháp."), "right")
    return make_response(redirect(f"/questions/{question_id}", 303))


@bp.post("/questions/preview")
@allow(*policy.WRITERS)
def preview() -> str:
    """What students would see of the form as it stands, and what it still lacks; writes nothing."""
    data = forms.read(request.form)
    shown, problems = service.preview(data)
    said = list(dict.fromkeys(_(p.text, **p.values) for p in problems))
    alike: list[queries.Like] = []
    if data["stem"].strip():
        try:
            but = uuid.UUID(request.form.get("question_id", ""))
        except ValueError:
            but = None
        alike = queries.alike(viewer(), data["stem"], data["choices"], but, 3)
    return render_template("questions/_preview.html", preview=shown, problems=said, alike=alike)


@bp.get("/questions/media/<uuid:media_id>")
@allow(ANYONE)
def media(media_id: uuid.UUID) -> Response:
    """A picture of a question, for whoever holds its address: students meet it in quizzes, some without account."""
    held = queries.media_file(media_id)
    answer = send_stored(keys.blob(held.sha256), held.name, held.media_type, held.size, held.sha256, True)
    answer.headers["Cache-Control"] = "private, max-age=31536000, immutable"
    answer.headers["X-Robots-Tag"] = "noindex"
    return answer


@bp.get("/questions/topics")
@allow(*policy.WRITERS)
def topics() -> str:
    """Options of the topic list for a subject and a grade."""
    subject, grade = request.args.get("subject", ""), request.args.get("grade", "")
    found = vocabularies.topics(subject, int(grade)) if subject and grade.isdigit() else []
    return render_template("questions/_topics.html", topics=[(t.code, t.label) for t in found])


# ---------------------------------------------------------------- verbs of the question page


@bp.post("/questions/<uuid:question_id>/submit")
@allow(*policy.WRITERS)
def submit(question_id: uuid.UUID) -> Response:
    try:
        service.submit(viewer(), question_id, expected_revision())
        flash(_("Đã gửi thẩm định."), "right")
    except errors.Invalid as error:
        flash(" ".join([error.message, *(t for texts in error.errors.values() for t in texts)]), "error")
    return make_response(redirect(f"/questions/{question_id}", 303))


@bp.post("/questions/<uuid:question_id>/review")
@allow("reviewer", "department", "administrator")
def review(question_id: uuid.UUID) -> Response:
    decision, comment = request.form.get("decision", ""), request.form.get("comment", "")
    try:
        service.review(viewer(), question_id, decision, comment, expected_revision())
        flash(_("Đã duyệt câu hỏi.") if decision == "approve" else _("Đã trả câu hỏi cho người soạn."), "right")
    except errors.Invalid as error:
        flash(" ".join(t for texts in error.errors.values() for t in texts) or error.message, "error")
        return make_response(redirect(f"/questions/{question_id}", 303))
    # What went back to its author is no longer the reviewer's to see.
    return make_response(
        redirect("/questions?tab=waiting" if decision == "return" else f"/questions/{question_id}", 303)
    )


@bp.post("/questions/<uuid:question_id>/retire")
@allow(*policy.WRITERS)
def retire(question_id: uuid.UUID) -> Response:
    service.retire(viewer(), question_id, request.form.get("reason", ""), expected_revision())
    flash(_("Câu hỏi đã ngừng dùng. Các bài đã giao vẫn giữ câu này."), "right")
    return make_response(redirect(f"/questions/{question_id}", 303))


@bp.post("/questions/<uuid:question_id>/delete")
@allow(*policy.WRITERS)
def delete(question_id: uuid.UUID) -> Response:
    service.remove(viewer(), question_id, expected_revision())
    flash(_("Đã xóa câu hỏi."), "right")
    return make_response(redirect("/questions?tab=mine", 303))


# ---------------------------------------------------------------- questions that say the same


@bp.app_template_global()
def differences_named(names: tuple[str, ...]) -> str:
    """What keeps two questions apart, as people say it."""
    said = {
        "numbers": _("con số"),
        "formulas": _("công thức, hình hoặc dấu"),
        "names": _("tên riêng"),
        "negations": _("từ phủ định"),
        "options": _("phương án"),
        "words": _("từ ngữ"),
    }
    return ", ".join(said[name] for name in names)


@bp.get("/questions/duplicates")
@allow(*policy.WRITERS)
def pairs_page() -> str:
    """Pairs that wait for a decision, among what the viewer may edit or review."""
    found = queries.pairs(viewer(), MOST_PAIRS + 1)
    return render_template("questions/duplicates.html", pairs=found[:MOST_PAIRS], more=len(found) > MOST_PAIRS)


@bp.get("/questions/duplicates/<uuid:left_id>/<uuid:right_id>")
@allow(*policy.WRITERS)
def pair_page(left_id: uuid.UUID, right_id: uuid.UUID) -> str:
    left, right, verdict = queries.pair(viewer(), left_id, right_id)
    people = accounts.names({left.question.owner_id, right.question.owner_id})
    sides = []
    for shown, other in ((left, right), (right, left)):
        mine, theirs = shown.version, other.version
        sides.append(
            {
                "shown": shown,
                "other": other,
                "author": people.get(shown.question.owner_id, ""),
                "stem": likeness.marked(mine.stem, theirs.stem),
                "odd": likeness.lacking(mine.choices, theirs.choices),
                # Keeping this one retires the other: that needs the right to retire it.
                "may_keep": other.sees_key and "retired" not in (shown.question.state, other.question.state),
            }
        )
    return render_template("questions/pair.html", sides=sides, verdict=verdict)


@bp.post("/questions/duplicates/<uuid:left_id>/<uuid:right_id>")
@allow(*policy.WRITERS)
def pair_decided(left_id: uuid.UUID, right_id: uuid.UUID) -> Response:
    """Keep one of the two, or let both stand."""
    here, do = f"/questions/duplicates/{left_id}/{right_id}", request.form.get("do", "")
    if do == "apart":
        try:
            service.set_apart(viewer(), left_id, right_id)
        except errors.Conflict as error:
            flash(error.message, "error")
            return make_response(redirect(here, 303))
        flash(_("Đã ghi: hai câu khác nhau, kho không hỏi lại."), "right")
        return make_response(redirect("/questions/duplicates", 303))
    if do not in (f"keep:{left_id}", f"keep:{right_id}"):
        return make_response(redirect(here, 303))
    kept, gone = (left_id, right_id) if do == f"keep:{left_id}" else (right_id, left_id)
    try:
        service.merge(viewer(), gone, kept)
    except errors.Conflict as error:
        flash(error.message, "error")
        return make_response(redirect(here, 303))
    flash(_("Đã gộp. Câu kia ngừng dùng và dẫn về câu này."), "right")
    return make_response(redirect(f"/questions/{kept}", 303))


# ---------------------------------------------------------------- import


def _import_form(status: int = 200, message: str = "") -> Response:
    page = render_template(
        "questions/import.html",
        message=message,
        max_mb=MAX_BYTES // 1024 // 1024,
        formats=detect.names(),
        choices=_choices_of_filters(),
        form=request.form,
    )
    return make_response(page, status)


@bp.route("/questions/import", methods=["GET", "POST"])
@allow(*policy.WRITERS)
def import_page() -> Response:
    if request.method == "GET":
        return _import_form()
    held = request.files.get("file")
    if held is None or not held.filename:
        return _import_form(422, _("Thầy cô chưa chọn tệp."))
    data = held.stream.read(MAX_BYTES + 1)
    grade = request.form.get("grade", "")
    defaults = {
        "subject": request.form.get("subject", "")
        if vocabularies.valid("subject", request.form.get("subject"))
        else "",
        "grade": int(grade) if grade.isdigit() and 1 <= int(grade) <= 12 else None,
    }
    try:
        import_id = service.stage(viewer(), held.filename, data, "auto", defaults)
    except errors.Invalid as error:
        return _import_form(422, error.message)
    except errors.TooLarge as error:
        return _import_form(413, error.message)
    return make_response(redirect(f"/questions/import/{import_id}", 303))


@bp.route("/questions/import/<uuid:import_id>", methods=["GET", "POST"])
@allow(*policy.WRITERS)
def report_page(import_id: uuid.UUID) -> Response:
    if request.method == "POST":
        return _report_answered(import_id)
    report = service.staged_report(viewer(), import_id)
    to_see = [row for row in report.rows if row.status != "read" or row.answer is None or row.mended or row.alike]
    everything = request.args.get("show") == "all" or not to_see
    rows = report.rows if everything else to_see
    counts = report.counts
    return make_response(
        render_template(
            "questions/report.html",
            report=report,
            counts=counts,
            to_see=len(to_see),
            everything=everything,
            rows=rows[:MOST_ROWS],
            hidden=max(0, len(rows) - MOST_ROWS),
            saving=counts["read"] + counts["guessed"],
            known=sum(1 for row in report.rows if _is_known(row)),
        )
    )


def _is_known(row: ReportRow) -> bool:
    """Whether the bank has this question already, maybe in another spelling."""
    return bool(row.alike) and row.alike[0].verdict.level in ("same", "twin")


def _report_answered(import_id: uuid.UUID) -> Response:
    """A button of the report: drop the file, change one question, keep the keys chosen so far, or save all."""
    do = request.form.get("do")
    here = f"/questions/import/{import_id}" + ("?show=all" if request.args.get("show") == "all" else "")
    if do == "cancel":
        service.discard_staged(viewer(), import_id)
        flash(_("Đã hủy. Chưa có câu nào được lưu."), "right")
        return make_response(redirect("/questions/import", 303))
    if do in ("reword", "back"):
        words = forms.reworded(request.form)
        if words is not None:
            service.mend_staged(viewer(), import_id, dict([words]))
        return make_response(redirect(f"{here}#cau-{words[0] if words else ''}", 303))
    changes = forms.mended(request.form)
    for row in service.staged_report(viewer(), import_id).rows:
        if do == "skip-known" and _is_known(row):
            changes.setdefault(row.n, {})["skip"] = True
        change = changes.get(row.n)
        if change is not None and "answer" in change and change["answer"] == row.answer:
            del change["answer"]  # as it was read
    service.mend_staged(viewer(), import_id, changes)
    if do == "skip-known":
        flash(_("Các câu ngân hàng đã có sẽ không được nhập. Chưa có câu nào được lưu."), "right")
        return make_response(redirect(here, 303))
    if do == "keep":
        flash(_("Đã giữ các đáp án vừa chọn. Chưa có câu nào được lưu."), "right")
        return make_response(redirect(here, 303))
    report = service.save_staged(viewer(), import_id)
    count = sum(1 for row in report.rows if row.id)
    flash(_("Đã lưu %(count)s câu thành bản nháp.", count=count), "right")
    return make_response(redirect("/questions?tab=mine", 303))
