"""Sitting a quiz: start, answer, submit. Every time here is the database's."""

from __future__ import annotations

import hmac
import secrets
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from app.core import db, ports
from app.core.access import Viewer
from app.core.errors import Conflict, Forbidden, Invalid, NotFound
from app.core.i18n import gettext as _
from app.questions import queries as bank
from app.questions.kinds import kind
from app.quizzes import marking, policy, queries
from app.quizzes.models import Answer, AnswerEvent, Attempt, Quiz

LATE_WINDOW = timedelta(seconds=30)
_KEPT = 256
_compiled_kept: OrderedDict[uuid.UUID, dict[str, Any]] = OrderedDict()


@dataclass(frozen=True)
class Started:
    attempt: Attempt
    quiz: Quiz
    fresh: bool
    token: str | None = None


@dataclass(frozen=True)
class Saved:
    revision: int
    saved_at: datetime
    remaining_ms: int | None
    receipt: str
    late: bool = False
    feedback: dict[str, Any] | None = None


def start(viewer: Viewer, quiz_id: uuid.UUID, token: str | None = None) -> Started:
    """The open attempt, or a new one. Two starts at once get the same attempt (unique quiz, user, number)."""
    quiz = queries.quiz(viewer, quiz_id)
    if quiz.state == "draft":
        raise Conflict(_("Bài chưa phát hành nên chưa làm được."))
    with db.transaction() as unit:
        moment = db.now()
        mine = sa.select(Attempt).where(Attempt.quiz_id == quiz_id)
        if viewer.is_guest:
            mine = mine.where(Attempt.token_hash == queries.token_hash(token or ""))
        else:
            mine = mine.where(Attempt.user_id == viewer.id)
        past = list(unit.scalars(mine.order_by(Attempt.number.desc()).with_for_update()))
        running = next((row for row in past if row.state == "open"), None)
        if running is not None:
            end = deadline_of(running, quiz)
            if end is None or moment < end:
                return Started(running, quiz, False, token if viewer.is_guest else None)
            _finish(running, quiz, end, auto=True)
        if not policy.is_open(quiz, moment):
            raise Forbidden(_opening(quiz, moment))
        if quiz.attempts_allowed and not viewer.is_guest and len(past) >= quiz.attempts_allowed:
            raise Conflict(_("Em đã dùng hết %(n)s lượt làm bài.", n=quiz.attempts_allowed))
        fresh_token = secrets.token_urlsafe(32) if viewer.is_guest else None
        compiled = compiled_of(quiz.id)
        limit = timedelta(seconds=quiz.time_limit_s) if quiz.time_limit_s else None
        values = {
            "id": db.new_id(),
            "quiz_id": quiz.id,
            "user_id": viewer.id,
            "token_hash": queries.token_hash(fresh_token) if fresh_token else None,
            "number": past[0].number + 1 if past and not viewer.is_guest else 1,
            "state": "open",
            "auto_submitted": False,
            "layout": marking.deal(compiled, quiz.shuffle_questions, quiz.shuffle_choices, secrets.randbits(31)),
            "started_at": moment,
            "deadline": moment + limit if limit else None,
        }
        made = unit.execute(
            _insert(Attempt)
            .values(**values)
            .on_conflict_do_nothing(index_elements=["quiz_id", "user_id", "number"])
            .returning(Attempt.id)
        ).scalar_one_or_none()
        if made is None:  # the other of two starts was first
            rival = unit.scalars(mine.order_by(Attempt.number.desc()).limit(1)).one()
            return Started(rival, quiz, False)
        attempt = unit.get_one(Attempt, made)
    return Started(attempt, quiz, True, fresh_token)


def answer(
    viewer: Viewer,
    attempt_id: uuid.UUID,
    n: int,
    response: Any,
    revision: int = 0,
    token: str | None = None,
    check: bool = True,
) -> Saved:
    """Save one answer. `revision` is the one the answer was made on (0: none yet).

    Conflict when a newer answer stands (`current` holds it) or the attempt is handed in. For 30 s after
    the deadline answers are still taken, marked late. A repeat of the save that stands is no conflict.
    """
    refusal: Conflict | None = None
    reply: Saved | None = None
    with db.transaction() as unit:
        row = unit.execute(_sitting_row(attempt_id)).first()
        if row is None or not queries.owns(viewer, row.user_id, row.token_hash, token):
            raise NotFound(_("Không tìm thấy bài làm này."))
        if not 1 <= n <= len(row.layout):
            raise NotFound(_("Bài không có câu %(n)s.", n=n))
        place = row.layout[n - 1]
        item = compiled_of(row.quiz_id)["items"][place["i"]]
        _check_response(item, response)
        moment = db.now()
        end = _end(row.deadline, row.closes_at, row.closed_at)
        late = end is not None and moment >= end
        if row.state != "open" or (end is not None and moment >= end + LATE_WINDOW):
            refusal = Conflict(
                _("Bài đã nộp nên không nhận thêm câu trả lời.")
                if row.state != "open"
                else _("Đã hết giờ. Các câu đã lưu vẫn được chấm."),
                current={"state": "closed", **(_standing(attempt_id, n) or {})},
            )
            _log(attempt_id, n, revision, response, "closed", late, moment)
        else:
            new = _upsert(attempt_id, n, response, revision, late, moment)
            if new is None:
                stored = _standing(attempt_id, n)
                if stored and stored["response"] == response and stored["revision"] == revision + 1:
                    new = stored["revision"]
                    moment = stored["saved_at"]
                else:
                    refusal = Conflict(
                        _("Câu này vừa được trả lời ở nơi khác."), current={"state": "open", **(stored or {})}
                    )
                    _log(attempt_id, n, revision, response, "stale", late, moment)
            else:
                _log(attempt_id, n, new, response, "saved", late, moment)
            if new is not None:
                feedback = None
                if row.feedback == "immediate" and check and marking.is_complete(item, response):
                    feedback = _feedback(item, response)
                reply = Saved(
                    revision=new,
                    saved_at=moment,
                    remaining_ms=_remaining(end, moment),
                    receipt=_answer_receipt(attempt_id, n, new, response, moment),
                    late=late,
                    feedback=feedback,
                )
    if refusal is not None:
        if row.state == "open" and end is not None and moment >= end + LATE_WINDOW:
            finish_expired(attempt_id)
        raise refusal
    assert reply is not None
    return reply


def submit(viewer: Viewer, attempt_id: uuid.UUID, token: str | None = None) -> queries.Shown:
    """Hand in. A second submit gets the same result."""
    attempt, quiz = queries.attempt(viewer, attempt_id, token)
    if not queries.owns(viewer, attempt.user_id, attempt.token_hash, token):
        raise Forbidden(_("Chỉ người làm bài mới nộp được bài."))
    with db.transaction() as unit:
        attempt = unit.get_one(Attempt, attempt_id, with_for_update=True, populate_existing=True)
        if attempt.state == "open":
            moment = db.now()
            end = deadline_of(attempt, quiz)
            over = end is not None and moment >= end
            _finish(attempt, quiz, end if over and end else moment, auto=over)
    return shown(viewer, attempt_id, token)


def finish_expired(attempt_id: uuid.UUID) -> None:
    """Hand in an attempt whose time and late window are over; its end is the deadline. Harmless to repeat."""
    with db.transaction() as unit:
        attempt = unit.get(Attempt, attempt_id, with_for_update=True, populate_existing=True)
        if attempt is None or attempt.state != "open":
            return
        quiz = unit.get_one(Quiz, attempt.quiz_id)
        end = deadline_of(attempt, quiz)
        if end is not None and db.now() >= end + LATE_WINDOW:
            _finish(attempt, quiz, end, auto=True)


def finish_all_expired(viewer: Viewer, quiz_id: uuid.UUID) -> None:
    """Before a quiz's table, or the viewer's own attempts, are read: hand in those whose time is over."""
    quiz = queries.quiz(viewer, quiz_id)
    everyone = policy.may_manage(viewer, quiz)
    if everyone or viewer.id is not None:
        for attempt_id in queries.overdue(db.now() - LATE_WINDOW, quiz_id, None if everyone else viewer.id):
            finish_expired(attempt_id)


def finish_overdue() -> int:
    """The worker's round: hand in what nobody came back to. One short unit for each attempt."""
    found = queries.overdue(db.now() - LATE_WINDOW)
    for attempt_id in found:
        finish_expired(attempt_id)
    return len(found)


def verify(viewer: Viewer, attempt_id: uuid.UUID, receipt: str, token: str | None = None) -> dict[str, Any]:
    """What a receipt stands for; NotFound for one that this installation did not give for this attempt."""
    attempt, _quiz = queries.attempt(viewer, attempt_id, token)
    given = "".join(receipt.split()).lower()
    if not given.isascii():
        given = ""
    if attempt.submitted_at is not None:
        whole = _sheet_receipt(attempt_id, attempt.submitted_at, queries.answers(attempt_id))
        if hmac.compare_digest(whole, given):
            return {"of": "attempt", "submitted_at": attempt.submitted_at}
    for one in queries.saves(attempt_id):
        if hmac.compare_digest(_answer_receipt(attempt_id, one.n, one.revision, one.response, one.at), given):
            return {
                "of": "answer",
                "n": one.n,
                "revision": one.revision,
                "response": one.response,
                "saved_at": one.at,
                "late": one.late,
            }
    raise NotFound(_("Kho không cấp biên nhận này cho bài làm này."))


def shown(viewer: Viewer, attempt_id: uuid.UUID, token: str | None = None) -> queries.Shown:
    """The attempt as this viewer may see it; an expired one is handed in first."""
    attempt, quiz = queries.attempt(viewer, attempt_id, token)
    moment = db.now()
    end = deadline_of(attempt, quiz)
    if attempt.state == "open" and end is not None and moment >= end + LATE_WINDOW:
        finish_expired(attempt_id)
        attempt, quiz = queries.attempt(viewer, attempt_id, token)
    compiled = compiled_of(quiz.id)
    answers = queries.answers(attempt.id)
    key_shown = policy.may_see_key(viewer, quiz, attempt, moment)
    keys: dict[int, dict[str, Any]] = {}
    if key_shown:
        full = _full([compiled["items"][place["i"]]["version_id"] for place in attempt.layout])
        for n, place in enumerate(attempt.layout, 1):
            found = full[compiled["items"][place["i"]]["version_id"]]
            keys[n] = {"answer": found["answer"], "explanation": found["explanation"]}
    items = marking.dealt(compiled, attempt.layout)
    for item, place in zip(items, attempt.layout, strict=True):
        item["topic"] = compiled["items"][place["i"]].get("topic")
        item["level"] = compiled["items"][place["i"]].get("level")
    return queries.Shown(
        attempt=attempt,
        quiz=quiz,
        items=items,
        answers=answers,
        deadline=end,
        remaining_ms=_remaining(end, moment) if attempt.state == "open" else 0,
        now=moment,
        key_shown=key_shown,
        keys=keys,
    )


def deadline_of(attempt: Attempt, quiz: Quiz) -> datetime | None:
    return _end(attempt.deadline, quiz.closes_at, quiz.closed_at)


def compiled_of(quiz_id: uuid.UUID) -> dict[str, Any]:
    """The compiled quiz. Kept in memory: it never changes once published."""
    if quiz_id in _compiled_kept:
        _compiled_kept.move_to_end(quiz_id)
        return _compiled_kept[quiz_id]
    found = db.session().scalar(sa.select(Quiz.compiled).where(Quiz.id == quiz_id))
    if found is None:
        raise NotFound(_("Không tìm thấy bài này."))
    _compiled_kept[quiz_id] = found
    while len(_compiled_kept) > _KEPT:
        _compiled_kept.popitem(last=False)
    return dict(found)


def _end(*times: datetime | None) -> datetime | None:
    return min((time for time in times if time is not None), default=None)


def _remaining(end: datetime | None, moment: datetime) -> int | None:
    return None if end is None else max(0, int((end - moment).total_seconds() * 1000))


def _opening(quiz: Quiz, moment: datetime) -> str:
    if quiz.state == "published" and quiz.opens_at is not None and moment < quiz.opens_at:
        return _("Bài chưa mở.")
    return _("Bài đã đóng.")


def _answer_receipt(attempt_id: uuid.UUID, n: int, revision: int, response: Any, moment: datetime) -> str:
    return marking.receipt(ports.settings().secret_key, str(attempt_id), n, revision, response, moment.isoformat())


def _sheet_receipt(attempt_id: uuid.UUID, moment: datetime, answers: dict[int, Answer]) -> str:
    saved = [(n, row.revision, row.response) for n, row in sorted(answers.items())]
    return marking.receipt(ports.settings().secret_key, str(attempt_id), moment.isoformat(), saved)


def _insert(table: Any) -> Any:
    return sqlite_insert(table) if db.engine().dialect.name == "sqlite" else pg_insert(table)


def _sitting_row(attempt_id: uuid.UUID) -> Any:
    """What a save needs to know, without the compiled quiz; holds off a submit on PostgreSQL."""
    return (
        sa.select(
            Attempt.user_id,
            Attempt.token_hash,
            Attempt.state,
            Attempt.layout,
            Attempt.deadline,
            Attempt.quiz_id,
            Quiz.feedback,
            Quiz.closes_at,
            Quiz.closed_at,
        )
        .join(Quiz, Quiz.id == Attempt.quiz_id)
        .where(Attempt.id == attempt_id)
        .with_for_update(read=True, of=Attempt)
    )


def _upsert(attempt_id: uuid.UUID, n: int, response: Any, revision: int, late: bool, moment: datetime) -> int | None:
    """The new revision, or None when an answer newer than `revision` stands."""
    insert = _insert(Answer).values(
        attempt_id=attempt_id, n=n, revision=1, response=response, late=late, saved_at=moment
    )
    new: int | None = (
        db.session()
        .execute(
            insert.on_conflict_do_update(
                index_elements=["attempt_id", "n"],
                set_={
                    "revision": Answer.revision + 1,
                    "response": insert.excluded.response,
                    "late": insert.excluded.late,
                    "saved_at": insert.excluded.saved_at,
                },
                where=Answer.revision <= revision,
            ).returning(Answer.revision)
        )
        .scalar_one_or_none()
    )
    return new


def _standing(attempt_id: uuid.UUID, n: int) -> dict[str, Any] | None:
    row = (
        db.session()
        .execute(
            sa.select(Answer.revision, Answer.response, Answer.saved_at).where(
                Answer.attempt_id == attempt_id, Answer.n == n
            )
        )
        .first()
    )
    return None if row is None else dict(row._mapping)


def _log(
    attempt_id: uuid.UUID, n: int, revision: int, response: Any, outcome: str, late: bool, moment: datetime
) -> None:
    db.session().execute(
        sa.insert(AnswerEvent).values(
            id=db.new_id(),
            attempt_id=attempt_id,
            n=n,
            revision=revision,
            response=response,
            outcome=outcome,
            late=late,
            at=moment,
        )
    )


def _finish(attempt: Attempt, quiz: Quiz, moment: datetime, auto: bool) -> None:
    """Close the attempt and mark what is saved; inside a unit that holds its row."""
    compiled = compiled_of(quiz.id)
    answers = queries.answers(attempt.id)
    full = _full([item["version_id"] for item in compiled["items"]])
    attempt.result = marking.mark_all(compiled, attempt.layout, full, {n: row.response for n, row in answers.items()})
    attempt.state = "submitted"
    attempt.submitted_at = moment
    attempt.auto_submitted = auto
    attempt.receipt = _sheet_receipt(attempt.id, moment, answers)
    db.session().flush()


def _full(version_ids: list[str]) -> dict[str, dict[str, Any]]:
    """Content with the key, by version id as text."""
    found = bank.versions([uuid.UUID(version) for version in version_ids])
    return {
        str(version_id): {**each.content(), "explanation": each.version.explanation}
        for version_id, each in found.items()
    }


def _feedback(item: dict[str, Any], response: Any) -> dict[str, Any]:
    full = _full([item["version_id"]])[item["version_id"]]
    mark = marking.mark_one(full, response)
    return {
        "correct": mark["correct"],
        "score": mark["score"],
        "answer": full["answer"],
        "explanation": full["explanation"],
    }


def _check_response(item: dict[str, Any], response: Any) -> None:
    """The shape of a response; a blank one clears the answer. Partly answered groups are fine."""
    found = kind(item["kind"]).check_response(response, item)
    if found:
        texts = [_(each.text, **each.values) for each in found]
        raise Invalid(_("Câu trả lời không đúng dạng."), errors={"response": texts})
