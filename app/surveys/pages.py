"""HTML door of surveys: list, builder, answer sheet, results."""

from __future__ import annotations

import re
import secrets
import uuid
from datetime import date, datetime, timedelta
from typing import Any

from flask import Response as Answer
from flask import flash, make_response, redirect, render_template, request, url_for

from app.accounts import queries as accounts
from app.core import errors, http
from app.core.access import SIGNED_IN, allow, viewer
from app.core.i18n import VIETNAM
from app.core.i18n import gettext as _
from app.surveys import formats, policy, queries, service, tally

bp = http.page_blueprint("surveys", __name__)

ASKED = ("roles", "units", "classes")
LISTS = {"single": "options", "multiple": "options", "scale": "labels", "matrix": "options"}


def kind_names() -> dict[str, str]:
    return {
        "single": _("Chọn một ý"),
        "multiple": _("Chọn nhiều ý"),
        "scale": _("Thang mức độ"),
        "matrix": _("Bảng (mỗi dòng một ý)"),
        "text": _("Viết tự do"),
    }


@bp.get("/surveys")
@allow(SIGNED_IN)
def index() -> str:
    limit, after = http.after_args()
    found, following = queries.listed(viewer(), limit, after)
    return render_template(
        "surveys/index.html",
        waiting=[seen for seen in found if seen.asked and seen.state == "open" and not seen.answered],
        rest=[seen for seen in found if not (seen.asked and seen.state == "open" and not seen.answered)],
        following=following,
        may_make=policy.may_make(viewer()),
    )


# ---------------------------------------------------------------- builder


@bp.get("/surveys/new")
@allow(*policy.MAKERS)
def new() -> str:
    form: dict[str, Any] = {
        "title": "",
        "description": "",
        "anonymous": True,
        "questions": [_blank("single")],
        "units": sorted(map(str, viewer().unit_ids)),
    }
    return _builder(form)


@bp.post("/surveys/new")
@allow(*policy.MAKERS)
def create() -> Any:
    return _save(None)


@bp.get("/surveys/<uuid:survey_id>/edit")
@allow(*policy.MAKERS)
def edit(survey_id: uuid.UUID) -> Any:
    seen = queries.survey(viewer(), survey_id)
    if not seen.keeps:
        raise errors.Forbidden(_("Chỉ người lập phiếu mới đổi được phiếu này."))
    if seen.state != "draft":
        return redirect(url_for("surveys.page_view", survey_id=survey_id))
    survey = seen.survey
    form = {
        "title": survey.title,
        "description": survey.description,
        "anonymous": survey.anonymous,
        "share_results": survey.share_results,
        "opens_at": _local(survey.opens_at),
        "closes_at": _local(survey.closes_at),
        "revision": survey.revision,
        **survey.audience,
        "questions": [
            {
                **item,
                "lines": "\n".join(option["text"] for option in item.get("options", [])),
                "row_lines": "\n".join(row["text"] for row in item.get("rows", [])),
            }
            for item in survey.items
        ],
    }
    return _builder(form, survey_id)


@bp.post("/surveys/<uuid:survey_id>/edit")
@allow(*policy.MAKERS)
def change(survey_id: uuid.UUID) -> Any:
    return _save(survey_id)


def _ids(texts: list[str]) -> list[str]:
    """Those that are ids at all."""
    return [text for text in texts if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text)]


def _blank(kind: str) -> dict[str, Any]:
    return {
        "kind": kind,
        "text": "",
        "help": "",
        "required": False,
        "lines": "",
        "row_lines": "",
        "max_length": 300,
    }


def _local(moment: datetime | None) -> str:
    return moment.astimezone(VIETNAM).strftime("%Y-%m-%dT%H:%M") if moment else ""


def _read_form() -> dict[str, Any]:
    """The builder's form as typed; questions keep the order of the page."""
    given = request.form
    count = min(int(given.get("count", "0")) if given.get("count", "0").isdigit() else 0, tally.MAX_ITEMS)
    questions = []
    for n in range(count):
        kind = given.get(f"q{n}-kind", "single")
        length = given.get(f"q{n}-max", "300")
        questions.append(
            {
                "kind": kind if kind in tally.KINDS else "single",
                "text": given.get(f"q{n}-text", ""),
                "help": given.get(f"q{n}-help", ""),
                "required": bool(given.get(f"q{n}-required")),
                "lines": given.get(f"q{n}-lines", ""),
                "row_lines": given.get(f"q{n}-rows", ""),
                "max_length": int(length) if length.isdigit() and len(length) < 6 else 0,
            }
        )
    form: dict[str, Any] = {name: given.get(name, "") for name in ("title", "description", "opens_at", "closes_at")}
    form |= {"anonymous": given.get("anonymous") != "no", "share_results": bool(given.get("share_results"))}
    form |= {name: given.getlist(name) for name in ASKED}
    return form | {"revision": given.get("revision", ""), "questions": questions}


def _values(form: dict[str, Any]) -> dict[str, Any]:
    """Checked input of the verbs; raises Invalid with errors by field."""
    wrong: dict[str, list[str]] = {}
    title = form["title"].strip()
    if not 0 < len(title) <= 300:
        wrong["title"] = [_("Tên phiếu cần từ 1 đến 300 chữ cái.")]
    if len(form["description"]) > 5000:
        wrong["description"] = [_("Dài quá: tối đa %(limit)s chữ cái.", limit=5000)]
    times: dict[str, datetime | None] = {}
    for name in ("opens_at", "closes_at"):
        try:
            times[name] = datetime.fromisoformat(form[name]).replace(tzinfo=VIETNAM) if form[name] else None
        except ValueError:
            wrong[name] = [_("Thời điểm không hợp lệ.")]
    questions = []
    for question in form["questions"]:
        made = {name: question[name] for name in ("kind", "text", "help", "required")}
        if question["kind"] in LISTS:
            made[LISTS[question["kind"]]] = [line.strip() for line in question["lines"].splitlines() if line.strip()]
        if question["kind"] == "matrix":
            made["rows"] = [line.strip() for line in question["row_lines"].splitlines() if line.strip()]
        if question["kind"] == "text":
            made["max_length"] = question["max_length"]
        questions.append(made)
    try:
        tally.clean_items(questions)
    except errors.Invalid as invalid:
        wrong |= invalid.errors
    if wrong:
        raise errors.Invalid(_("Phiếu còn chỗ cần sửa."), errors=wrong)
    return {
        "title": title,
        "description": form["description"].strip(),
        "anonymous": form["anonymous"],
        "share_results": form["share_results"],
        "audience": {name: form[name] for name in ASKED if form[name]},
        "questions": questions,
        **times,
    }


def _rearranged(form: dict[str, Any], act: str) -> bool:
    """Add, remove or move a question as the pressed button says; False for a button that saves."""
    verb, _colon, what = act.partition(":")
    questions = form["questions"]
    if verb == "add" and what in tally.KINDS:
        if len(questions) < tally.MAX_ITEMS:
            questions.append(_blank(what))
        return True
    if verb not in ("remove", "up", "down") or not what.isdigit() or int(what) >= len(questions):
        return False
    n = int(what)
    if verb == "remove":
        questions.pop(n)
    else:
        other = n - 1 if verb == "up" else n + 1
        if 0 <= other < len(questions):
            questions[n], questions[other] = questions[other], questions[n]
    return True


def _save(survey_id: uuid.UUID | None) -> Any:
    form = _read_form()
    if _rearranged(form, request.form.get("act", "save")):
        return _builder(form, survey_id)
    try:
        values = _values(form)
        if survey_id is None:
            survey = service.create(viewer(), values)
        else:
            survey = service.edit(viewer(), survey_id, values, http.expected_revision())
    except errors.Invalid as invalid:
        return make_response(_builder(form, survey_id, invalid.errors), 422)
    except errors.Conflict as conflict:
        return make_response(_builder(form, survey_id, message=conflict.message), 409)
    flash(_("Đã lưu bản nháp."))
    return redirect(url_for("surveys.page_view", survey_id=survey.id), 303)


def role_names() -> dict[str, str]:
    """Roles as the builder calls the people who hold them."""
    return {
        "student": _("Học sinh"),
        "teacher": _("Giáo viên"),
        "reviewer": _("Người thẩm định"),
        "librarian": _("Thủ thư"),
        "department": _("Chuyên viên sở"),
        "partner": _("Đối tác"),
    }


def _asked_words(audience: dict[str, list[str]]) -> str:
    """Whom a survey is put to, in a line."""
    if not audience:
        return _("Mọi người đã đăng nhập")
    known = queries.askable(viewer(), audience)
    parts = [role_names().get(role, role) for role in audience.get("roles", [])]
    parts += [name for key, name in known.units if key in audience.get("units", [])]
    parts += [name for key, name in known.classes if key in audience.get("classes", [])]
    return "; ".join(parts)


def _builder(
    form: dict[str, Any],
    survey_id: uuid.UUID | None = None,
    found: dict[str, list[str]] | None = None,
    message: str = "",
) -> str:
    return render_template(
        "surveys/edit.html",
        form=form,
        survey_id=survey_id,
        found=found or {},
        message=message,
        kinds=kind_names(),
        askable=queries.askable(viewer(), {name: _ids(form.get(name, [])) for name in ("units", "classes")}),
        roles=role_names(),
    )


# ---------------------------------------------------------------- opening, closing, deleting


@bp.post("/surveys/<uuid:survey_id>/delete")
@allow(*policy.MAKERS)
def delete(survey_id: uuid.UUID) -> Any:
    service.delete(viewer(), survey_id, http.expected_revision())
    flash(_("Đã xóa bản nháp."))
    return redirect(url_for("surveys.index"), 303)


@bp.post("/surveys/<uuid:survey_id>/publish")
@allow(*policy.MAKERS)
def publish(survey_id: uuid.UUID) -> Any:
    service.publish(viewer(), survey_id)
    flash(_("Phiếu đã mở."))
    return redirect(url_for("surveys.page_view", survey_id=survey_id), 303)


@bp.post("/surveys/<uuid:survey_id>/close")
@allow(*policy.MAKERS)
def close(survey_id: uuid.UUID) -> Any:
    service.close(viewer(), survey_id)
    flash(_("Phiếu đã đóng."))
    return redirect(url_for("surveys.results", survey_id=survey_id), 303)


# ---------------------------------------------------------------- answering


@bp.get("/surveys/<uuid:survey_id>")
@allow(SIGNED_IN)
def page_view(survey_id: uuid.UUID) -> str:
    return _sheet(survey_id, {}, {}, secrets.token_urlsafe(18))


@bp.post("/surveys/<uuid:survey_id>")
@allow(SIGNED_IN)
def respond(survey_id: uuid.UUID) -> Any:
    seen = queries.survey(viewer(), survey_id)
    answers = _read_answers(seen.survey.items)
    once = request.form.get("once", "")[:64]
    try:
        service.respond(viewer(), survey_id, answers, once or None)
    except errors.Invalid as invalid:
        page = _sheet(survey_id, answers, invalid.errors, once or secrets.token_urlsafe(18))
        return make_response(page, 422)
    flash(_("Đã nhận phiếu. Cảm ơn em đã trả lời."))
    return redirect(url_for("surveys.page_view", survey_id=survey_id), 303)


def _read_answers(items: list[tally.Item]) -> dict[str, Any]:
    given = request.form
    answers: dict[str, Any] = {}
    for item in items:
        name = f"a-{item['id']}"
        if item["kind"] == "multiple":
            answers[item["id"]] = given.getlist(name)
        elif item["kind"] == "matrix":
            rows = {row["id"]: given.get(f"{name}-{row['id']}") for row in item["rows"]}
            answers[item["id"]] = {row: value for row, value in rows.items() if value}
        else:
            answers[item["id"]] = given.get(name)
    return answers


def _sheet(survey_id: uuid.UUID, answers: dict[str, Any], found: dict[str, list[str]], once: str) -> str:
    seen = queries.survey(viewer(), survey_id)
    return render_template(
        "surveys/page_view.html",
        seen=seen,
        survey=seen.survey,
        answers=answers,
        found=found,
        once=once,
        unit=accounts.unit(seen.survey.unit_id) if seen.survey.unit_id else None,
        asked=_asked_words(seen.survey.audience) if seen.keeps else "",
    )


# ---------------------------------------------------------------- results


@bp.get("/surveys/<uuid:survey_id>/results")
@allow(SIGNED_IN)
def results(survey_id: uuid.UUID) -> str:
    service.release(viewer(), survey_id)
    shown = queries.results(viewer(), survey_id)
    seen = queries.survey(viewer(), survey_id)
    return render_template(
        "surveys/results.html",
        results=shown,
        seen=seen,
        survey=seen.survey,
        unit=accounts.unit(seen.survey.unit_id) if seen.survey.unit_id else None,
        chart=_chart(shown["days"]),
    )


MOST_DAYS = 92


def _chart(days: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Places of the columns by day in a drawing 1000 wide or more; None when there is nothing to compare.

    Days between that brought nothing stand as gaps; withheld ones as bands without a height.
    """
    counts = {date.fromisoformat(day["day"]): day["count"] for day in days}
    if len(counts) < 2 or (max(counts) - min(counts)).days >= MOST_DAYS:
        return None
    known = {day: count for day, count in counts.items() if count is not None}
    most = max(known.values(), default=0)
    half = next(step for n in range(12) for step in (10**n, 2 * 10**n, 5 * 10**n) if 2 * step >= most)
    first, length = min(counts), (max(counts) - min(counts)).days + 1
    pitch = max(24.0, min(120.0, 960 / length))
    bar = min(48.0, pitch * 0.66)
    columns = []
    for n in range(length):
        day = first + timedelta(days=n)
        count = counts.get(day, 0)
        columns.append(
            {
                "day": day,
                "label": f"{day.day}/{day.month}" if n % max(1, round(48 / pitch)) == 0 else "",
                "x": round(40 + n * pitch + (pitch - bar) / 2, 1),
                "middle": round(40 + n * pitch + pitch / 2, 1),
                "height": round(170 * count / (2 * half), 1) if count else 0,
                "count": count,
                "most": bool(count) and count == most,
            }
        )
    best = max(known, key=lambda day: known[day]) if known else None
    return {
        "columns": columns,
        "width": round(max(1000, 40 + length * pitch)),
        "bar": round(bar, 1),
        "ticks": (2 * half, half, 0),
        "best": (best, most, _weekdays()[best.weekday()]) if best else None,
        "withheld": any(count is None for count in counts.values()),
    }


def _weekdays() -> list[str]:
    return [_("thứ Hai"), _("thứ Ba"), _("thứ Tư"), _("thứ Năm"), _("thứ Sáu"), _("thứ Bảy"), _("Chủ nhật")]


@bp.get("/surveys/<uuid:survey_id>/results.<any(csv, xlsx):ending>")
@allow(SIGNED_IN)
def download(survey_id: uuid.UUID, ending: str) -> Answer:
    service.release(viewer(), survey_id)
    shown = queries.results(viewer(), survey_id)
    content = formats.as_csv(shown) if ending == "csv" else formats.as_xlsx(shown)
    kind = "text/csv; charset=utf-8" if ending == "csv" else formats.XLSX
    answer = Answer(content, content_type=kind)
    answer.headers["Content-Disposition"] = f'attachment; filename="ket-qua-khao-sat.{ending}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
