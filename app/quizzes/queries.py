"""Reads of quizzes, attempts and results. The viewer comes first."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.accounts import queries as accounts
from app.accounts.models import User
from app.core import db
from app.core.access import Viewer
from app.core.errors import NotFound
from app.core.i18n import gettext as _
from app.quizzes import policy
from app.quizzes.models import Answer, AnswerEvent, Attempt, Quiz


@dataclass(frozen=True)
class Shown:
    """An attempt as its student may see it."""

    attempt: Attempt
    quiz: Quiz
    items: list[dict[str, Any]]
    answers: dict[int, Answer]
    deadline: datetime | None
    remaining_ms: int | None
    now: datetime
    key_shown: bool = False
    keys: dict[int, dict[str, Any]] = field(default_factory=dict)


def classes_of(viewer: Viewer) -> frozenset[str]:
    if viewer.id is None:
        return frozenset()
    return frozenset(str(room.id) for room in accounts.classrooms_of(viewer.id))


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def quiz(viewer: Viewer, quiz_id: uuid.UUID) -> Quiz:
    """A quiz that the viewer may know of; NotFound otherwise."""
    found = db.session().get(Quiz, quiz_id)
    if found is not None and (policy.may_manage(viewer, found) or policy.may_take(viewer, found, classes_of(viewer))):
        return found
    raise NotFound(_("Không tìm thấy bài này."))


def listed(viewer: Viewer, after: uuid.UUID | None = None, limit: int = 50) -> list[Quiz]:
    """Newest first: the viewer's own quizzes and those meant for the viewer."""
    query = sa.select(Quiz).order_by(Quiz.id.desc())
    seen = Quiz.audience == "public"
    if viewer.is_guest:
        seen = sa.and_(seen, Quiz.mode == "practice")
    else:
        seen = sa.or_(seen, Quiz.audience == "signed_in", Quiz.audience == "classes")
        if viewer.unit_ids:
            seen = sa.or_(seen, sa.and_(Quiz.audience == "unit", Quiz.unit_id.in_(viewer.unit_ids)))
    seen = sa.and_(seen, Quiz.state != "draft")
    if viewer.id is not None:
        seen = sa.or_(seen, Quiz.owner_id == viewer.id)
    query = query.where(seen)
    if after is not None:
        query = query.where(Quiz.id < after)
    mine, found = classes_of(viewer), []
    for row in db.session().scalars(query.execution_options(yield_per=100)):
        if policy.may_manage(viewer, row) or policy.may_take(viewer, row, mine):
            found.append(row)
            if len(found) == limit:
                break
    return found


def attempt(viewer: Viewer, attempt_id: uuid.UUID, token: str | None = None) -> tuple[Attempt, Quiz]:
    """An attempt for the one who sits it, or for those who manage its quiz; NotFound otherwise."""
    found = (
        db.session()
        .execute(sa.select(Attempt, Quiz).join(Quiz, Quiz.id == Attempt.quiz_id).where(Attempt.id == attempt_id))
        .first()
    )
    if found is not None and (
        owns(viewer, found[0].user_id, found[0].token_hash, token) or policy.may_manage(viewer, found[1])
    ):
        return found[0], found[1]
    raise NotFound(_("Không tìm thấy bài làm này."))


def owns(viewer: Viewer, user_id: uuid.UUID | None, hashed: str | None, token: str | None) -> bool:
    if user_id is not None:
        return viewer.id == user_id
    return bool(token) and token_hash(token or "") == hashed


def attempts_of(viewer: Viewer, quiz_id: uuid.UUID) -> list[Attempt]:
    """The viewer's own attempts, latest first."""
    if viewer.id is None:
        return []
    query = sa.select(Attempt).where(Attempt.quiz_id == quiz_id, Attempt.user_id == viewer.id)
    return list(db.session().scalars(query.order_by(Attempt.number.desc())))


def answers(attempt_id: uuid.UUID) -> dict[int, Answer]:
    found = db.session().scalars(
        sa.select(Answer).where(Answer.attempt_id == attempt_id).execution_options(populate_existing=True)
    )
    return {row.n: row for row in found}


def table(viewer: Viewer, quiz_id: uuid.UUID) -> Sequence[sa.Row[Any]]:
    """(Attempt, User or None, number of answers) of every attempt, by name; only for who manages the quiz."""
    found = quiz(viewer, quiz_id)
    if not policy.may_manage(viewer, found):
        raise NotFound(_("Không tìm thấy bài này."))
    count = sa.select(sa.func.count()).where(Answer.attempt_id == Attempt.id).correlate(Attempt).scalar_subquery()
    return (
        db.session()
        .execute(
            sa.select(Attempt, User, count)
            .outerjoin(User, User.id == Attempt.user_id)
            .where(Attempt.quiz_id == quiz_id)
            .order_by(User.name, Attempt.number, Attempt.id)
        )
        .all()
    )


def overdue(before: datetime, quiz_id: uuid.UUID | None = None, user_id: uuid.UUID | None = None) -> list[uuid.UUID]:
    """Attempts still open whose end (their deadline, or the quiz's close) is at or before a moment."""
    query = (
        sa.select(Attempt.id)
        .join(Quiz, Quiz.id == Attempt.quiz_id)
        .where(
            Attempt.state == "open",
            sa.or_(Attempt.deadline <= before, Quiz.closes_at <= before, Quiz.closed_at <= before),
        )
        .limit(2000)
    )
    if quiz_id is not None:
        query = query.where(Attempt.quiz_id == quiz_id)
    if user_id is not None:
        query = query.where(Attempt.user_id == user_id)
    return list(db.session().scalars(query))


def saves(attempt_id: uuid.UUID) -> list[AnswerEvent]:
    """Every answer that was taken, in the order it came; refused ones are left out."""
    query = sa.select(AnswerEvent).where(AnswerEvent.attempt_id == attempt_id, AnswerEvent.outcome == "saved")
    return list(db.session().scalars(query.order_by(AnswerEvent.id)))
