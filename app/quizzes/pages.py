"""Quizzes as pages: list, builder, sitting, result, the teacher's table."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, session

from app.accounts import queries as accounts
from app.core import db, errors
from app.core.access import ANYONE, SIGNED_IN, allow, viewer
from app.core.http import expected_revision, page_blueprint
from app.core.i18n import gettext as _
from app.questions import kinds
from app.questions import queries as bank
from app.quizzes import forms, policy, queries, service
from app.vocabularies import queries as vocabularies

bp = page_blueprint("quizzes", __name__)
FOUND = 30
# Buttons of the builder that change the form and save nothing.
REDRAW = ("find", "draws", "more", "up", "down")


def _tokens() -> dict[str, str]:
    found: dict[str, str] = session.get("attempts", {})
    return found


def _token(attempt_id: uuid.UUID) -> str | None:
    return _tokens().get(str(attempt_id))


@bp.get("/quizzes")
@allow(ANYONE)
def list_page() -> str:
    who = viewer()
    found = queries.listed(who, limit=100)
    return render_template(
        "quizzes/list.html",
        mine=[each for each in found if each.owner_id == who.id],
        others=[each for each in found if each.owner_id != who.id],
        may_create=policy.may_create(who),
    )


@bp.route("/quizzes/new", methods=["GET", "POST"])
@allow(*policy.MAKERS)
def new_page() -> Response:
    values = forms.blank()
    if chosen := request.args.getlist("question"):
        values["chosen"] = chosen
    if request.method == "GET":
        return _builder(values)
    values = forms.posted(request.form)
    if _redraws():
        return _builder(values)
    try:
        made = service.create(viewer(), forms.data(values, fixed=False))
        if request.form.get("do") == "publish":
            service.publish(viewer(), made.id)
    except (errors.Invalid, errors.Conflict) as error:
        if "made" in locals():
            flash(error.message, "error")
            return _to(f"/quizzes/{made.id}/edit")
        return _builder(values, error=error)
    return _to(f"/quizzes/{made.id}")


@bp.route("/quizzes/<uuid:quiz_id>/edit", methods=["GET", "POST"])
@allow(SIGNED_IN)
def edit_page(quiz_id: uuid.UUID) -> Response:
    quiz = queries.quiz(viewer(), quiz_id)
    if not policy.may_manage(viewer(), quiz):
        raise errors.Forbidden(_("Chỉ người soạn bài mới được sửa."))
    if request.method == "GET":
        return _builder(forms.shown(quiz), quiz)
    values = forms.posted(request.form)
    if _redraws():
        return _builder(values, quiz)
    fixed = quiz.state != "draft"
    try:
        data = forms.data(values, fixed, quiz.mode if fixed else None)
        if not fixed and _same_questions(quiz, data["sections"]):
            del data["sections"]
        service.edit(viewer(), quiz_id, data, expected_revision())
        if request.form.get("do") == "publish":
            service.publish(viewer(), quiz_id)
    except (errors.Invalid, errors.Conflict) as error:
        db.session().expire_all()
        return _builder(values, queries.quiz(viewer(), quiz_id), error)
    flash(_("Đã lưu."))
    return _to(f"/quizzes/{quiz_id}")


def _redraws() -> bool:
    return request.form.get("do", "").partition(":")[0] in REDRAW


@bp.get("/quizzes/draw/<int:n>")
@allow(*policy.MAKERS)
def draw_part(n: int) -> str:
    """Topics for the n-th rule of drawing and how many questions fit it, while the form is filled in."""
    return render_template("quizzes/_draw.html", n=n, draw=forms.drawn(request.args, n), ruled=_ruled)


def _ruled(draw: dict[str, Any]) -> dict[str, Any]:
    """Topics that fit a rule's subject and grade, by grade; how many questions it may draw from."""
    rule = forms.rule(draw)
    topics: dict[int, list[tuple[str, str]]] = {}
    if rule.get("subject"):
        for term in vocabularies.topics(rule["subject"], rule.get("grade")):
            topics.setdefault(term.data["grade"], []).append((term.code, term.label))
    known = {code for options in topics.values() for code, _text in options}
    if rule.get("topic") and rule["topic"] not in known:
        del rule["topic"]
    asked = bool(rule or draw.get("count"))
    return {"topics": topics, "available": bank.drawable(**rule) if asked else None}


def _same_questions(quiz: Any, sections: list[dict[str, Any]]) -> bool:
    """Whether the form changed nothing, so that points set by the API stay."""
    old = [
        {name: section[name] for name in ("questions", "draw") if name in section} for section in quiz.sections or []
    ]
    return bool(old == sections)


def _builder(values: dict[str, Any], quiz: Any = None, error: errors.KhoError | None = None) -> Response:
    who = viewer()
    ids = []
    for each in values["chosen"]:
        try:
            ids.append(uuid.UUID(each))
        except ValueError:
            continue
    usable = bank.current(who, ids)
    full = bank.versions(usable.values())
    chosen = [(str(each), full[usable[each]].version) for each in ids if each in usable]
    find = {name: request.form.get(f"find_{name}", "") for name in ("q", "subject", "grade", "level", "kind")}
    filters: dict[str, Any] = {name: value for name, value in find.items() if value and name != "grade"}
    if find["grade"].isdigit():
        filters["grade"] = int(find["grade"])
    if request.form.get("do") == "more" and len(values["draws"]) < 50:
        values["draws"].append({})
    found, more = bank.listed(who, limit=FOUND, state="approved", **filters)
    page = render_template(
        "quizzes/edit.html",
        quiz=quiz,
        values=values,
        chosen=chosen,
        found=[item for item in found if item.question.id not in usable],
        more=more,
        find=find,
        ruled=_ruled,
        error=error,
        fixed=quiz is not None and quiz.state != "draft",
        classes=accounts.classrooms_in(accounts.unit_and_below(who.unit_ids)) if who.unit_ids else [],
        subjects=[("", _("Mọi môn"))]
        + [(t.code, vocabularies.label("subject", t.code)) for t in vocabularies.subjects()],
        levels=[("", _("Mọi mức"))] + [(t.code, vocabularies.label("level", t.code)) for t in vocabularies.levels()],
        grades=[("", _("Mọi lớp"))] + [(n, _("Lớp %(grade)s", grade=n)) for n in range(1, 13)],
        kinds=[("", _("Mọi dạng"))] + [(code, _(kinds.kind(code).short_vi)) for code in kinds.codes()],
    )
    status = 200 if error is None else 422 if isinstance(error, errors.Invalid) else 409
    return make_response(page, status)


@bp.post("/quizzes/<uuid:quiz_id>/publish")
@allow(SIGNED_IN)
def publish(quiz_id: uuid.UUID) -> Response:
    try:
        service.publish(viewer(), quiz_id, expected_revision())
    except (errors.Invalid, errors.Conflict) as error:
        flash(error.message, "error")
    return _to(f"/quizzes/{quiz_id}")


@bp.post("/quizzes/<uuid:quiz_id>/delete")
@allow(SIGNED_IN)
def delete(quiz_id: uuid.UUID) -> Response:
    service.delete(viewer(), quiz_id, expected_revision())
    flash(_("Đã xóa bản nháp."))
    return _to("/quizzes", 303)


@bp.post("/quizzes/<uuid:quiz_id>/close")
@allow(SIGNED_IN)
def close(quiz_id: uuid.UUID) -> Response:
    service.close(viewer(), quiz_id, expected_revision())
    return _to(f"/quizzes/{quiz_id}")


@bp.get("/quizzes/<uuid:quiz_id>")
@allow(ANYONE)
def view_page(quiz_id: uuid.UUID) -> str:
    who = viewer()
    service.finish_all_expired(who, quiz_id)
    quiz = queries.quiz(who, quiz_id)
    attempts = queries.attempts_of(who, quiz_id)
    moment = db.now()
    return render_template(
        "quizzes/view.html",
        quiz=quiz,
        count=len((quiz.compiled or {}).get("items", [])),
        attempts=attempts,
        running=next((each for each in attempts if policy.state_of(each, quiz, moment) == "open"), None),
        over=any(policy.state_of(each, quiz, moment) == "over" for each in attempts),
        open_now=policy.is_open(quiz, moment),
        not_yet=quiz.opens_at is not None and moment < quiz.opens_at,
        manages=policy.may_manage(who, quiz),
        scores_shown={each.id for each in attempts if policy.may_see_key(who, quiz, each, moment)},
    )


@bp.post("/quizzes/<uuid:quiz_id>/start")
@allow(ANYONE)
def start(quiz_id: uuid.UUID) -> Response:
    tokens = _tokens()
    begun = service.start(viewer(), quiz_id, tokens.get(str(quiz_id)))
    if begun.token:
        # The latest few guest attempts; a cookie has little room.
        kept = dict(list(tokens.items())[-6:])
        session["attempts"] = {**kept, str(quiz_id): begun.token, str(begun.attempt.id): begun.token}
    return _to(f"/attempts/{begun.attempt.id}", 303)


@bp.get("/attempts/<uuid:attempt_id>")
@allow(ANYONE)
def attempt_page(attempt_id: uuid.UUID) -> Response:
    token = _token(attempt_id)
    shown = service.shown(viewer(), attempt_id, token)
    attempt = shown.attempt
    if attempt.state != "open" or not queries.owns(viewer(), attempt.user_id, attempt.token_hash, token):
        return _to(f"/attempts/{attempt_id}/result")
    page = make_response(render_template("quizzes/attempt.html", shown=shown, quiz=shown.quiz))
    page.headers["Cache-Control"] = "private, no-store"
    return page


@bp.post("/attempts/<uuid:attempt_id>/answers/<int:n>")
@allow(ANYONE)
def answer(attempt_id: uuid.UUID, n: int) -> Response:
    """One answer from a browser without script."""
    token = _token(attempt_id)
    shown = service.shown(viewer(), attempt_id, token)
    if not 1 <= n <= len(shown.items):
        raise errors.NotFound(_("Bài không có câu %(n)s.", n=n))
    response = forms.response(shown.items[n - 1]["kind"], request.form)
    try:
        saved = service.answer(viewer(), attempt_id, n, response, expected_revision() or 0, token)
        flash(_("Đã lưu câu %(n)s.", n=n))
        if saved.feedback is not None:
            flash(_("Câu %(n)s: đúng.", n=n) if saved.feedback["correct"] else _("Câu %(n)s: chưa đúng.", n=n))
    except (errors.Invalid, errors.Conflict) as error:
        flash(error.message, "error")
    return _to(f"/attempts/{attempt_id}#cau-{n}", 303)


@bp.post("/attempts/<uuid:attempt_id>/submit")
@allow(ANYONE)
def submit(attempt_id: uuid.UUID) -> Response:
    service.submit(viewer(), attempt_id, _token(attempt_id))
    return _to(f"/attempts/{attempt_id}/result", 303)


@bp.get("/attempts/<uuid:attempt_id>/result")
@allow(ANYONE)
def result_page(attempt_id: uuid.UUID) -> Response:
    token = _token(attempt_id)
    shown = service.shown(viewer(), attempt_id, token)
    attempt = shown.attempt
    mine = queries.owns(viewer(), attempt.user_id, attempt.token_hash, token)
    if attempt.state == "open":
        if mine:
            return _to(f"/attempts/{attempt_id}")
        raise errors.NotFound(_("Bài chưa nộp nên chưa có kết quả."))
    marks = attempt.result["items"] if shown.key_shown and attempt.result else []
    only = request.args.get("only", "")
    asked = request.args.get("receipt", "").strip()
    proof = None
    if asked:
        try:
            proof = service.verify(viewer(), attempt_id, asked, token)
        except errors.NotFound:
            proof = {}
    reviewed = [
        (item, mark, shown.answers.get(item["n"]), shown.keys[item["n"]])
        for item, mark in zip(shown.items, marks, strict=False)
        if only != "wrong" or not mark["correct"]
    ]
    page = make_response(
        render_template(
            "quizzes/result.html",
            shown=shown,
            quiz=shown.quiz,
            attempt=attempt,
            result=attempt.result if shown.key_shown else None,
            reviewed=reviewed,
            wrong=sum(1 for mark in marks if not mark["correct"]),
            only=only,
            asked=asked,
            proof=proof,
            by_level=_shares("level", shown.items, marks),
            by_topic=_shares("topic", shown.items, marks),
            mine=mine,
            student=accounts.user(attempt.user_id) if attempt.user_id and not mine else None,
            minutes=max(1, round((attempt.submitted_at - attempt.started_at).total_seconds() / 60))
            if attempt.submitted_at
            else 0,
        )
    )
    page.headers["Cache-Control"] = "private, no-store"
    return page


def _shares(name: str, items: list[dict[str, Any]], marks: list[dict[str, Any]]) -> list[tuple[str, int, int]]:
    """(code, right, all): topics in the order of the quiz, levels from the easiest on."""
    found: dict[str, list[int]] = {}
    for item, mark in zip(items, marks, strict=False):
        if item.get(name):
            entry = found.setdefault(item[name], [0, 0])
            entry[0] += bool(mark["correct"])
            entry[1] += 1
    shares = [(code, right, every) for code, (right, every) in found.items()]
    if name == "level":
        order = [term.code for term in vocabularies.levels()]
        shares.sort(key=lambda share: order.index(share[0]) if share[0] in order else len(order))
    return shares


@bp.get("/quizzes/<uuid:quiz_id>/results")
@allow(SIGNED_IN)
def results_page(quiz_id: uuid.UUID) -> str:
    service.finish_all_expired(viewer(), quiz_id)
    rows = queries.table(viewer(), quiz_id)
    done = [float(attempt.result["score"]) for attempt, _user, _n in rows if attempt.result]
    quiz, moment = queries.quiz(viewer(), quiz_id), db.now()
    return render_template(
        "quizzes/results.html",
        quiz=quiz,
        states={attempt.id: policy.state_of(attempt, quiz, moment) for attempt, _user, _n in rows},
        rows=rows,
        done=len(done),
        mean=round(sum(done) / len(done), 2) if done else None,
    )


def _to(url: str, code: int = 302) -> Response:
    return make_response(redirect(url, code))
