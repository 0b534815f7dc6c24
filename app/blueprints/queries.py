"""Reads of blueprints, and which questions of the bank may stand on a paper."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from app.blueprints import policy
from app.blueprints.models import Blueprint
from app.core import db
from app.core.access import Viewer
from app.core.errors import NotFound
from app.core.i18n import gettext as _
from app.questions.models import AnswerKey, Question, QuestionVersion


@dataclass(frozen=True)
class Usable:
    """A question that may be printed; holds no key."""

    version_id: uuid.UUID
    question_id: uuid.UUID
    kind: str
    topic: str | None
    level: str | None
    fingerprint: str


@dataclass(frozen=True)
class Lack:
    """A cell for which the bank has too few questions: a writing order, `text` says it in words."""

    topic: str | None
    kind: str
    level: str | None
    needed: int
    available: int
    missing: int
    text: str


@dataclass(frozen=True)
class Drawn:
    """Sets of questions, each a list of (part, version, question) in the order of the matrix; or what lacks."""

    sets: list[list[tuple[int, uuid.UUID, uuid.UUID]]]
    lacking: list[Lack]
    seed: int
    seconds: float


def blueprint(viewer: Viewer, blueprint_id: uuid.UUID) -> Blueprint:
    """A blueprint this viewer may see; NotFound otherwise."""
    found = db.session().get(Blueprint, blueprint_id)
    if found is None or not policy.may_see(viewer, found):
        raise NotFound(_("Không tìm thấy ma trận này."))
    return found


def listed(viewer: Viewer, after: uuid.UUID | None = None, limit: int = 50) -> list[Blueprint]:
    """Newest first: one's own and those of colleagues of the same unit."""
    if not policy.may_create(viewer):
        return []
    query = sa.select(Blueprint).order_by(Blueprint.id.desc()).limit(limit)
    if not viewer.has("administrator"):
        units = list(viewer.units(*policy.MAKERS))
        query = query.where(sa.or_(Blueprint.owner_id == viewer.id, Blueprint.unit_id.in_(units)))
    if after is not None:
        query = query.where(Blueprint.id < after)
    return list(db.session().scalars(query))


def usable(
    viewer: Viewer, subject: str, grade: int | None, kinds: Sequence[str] = (), own_drafts: bool = False
) -> list[Usable]:
    """Questions with a key: approved ones, and on request the viewer's own that are not approved yet; oldest first."""
    version_id: sa.ColumnElement[uuid.UUID | None] = Question.approved_version_id.expression
    if own_drafts and viewer.id is not None:
        version_id = sa.func.coalesce(
            Question.approved_version_id, sa.case((Question.owner_id == viewer.id, Question.current_version_id))
        )
    query = (
        sa.select(
            QuestionVersion.id, QuestionVersion.question_id, QuestionVersion.kind, QuestionVersion.topic,
            QuestionVersion.level, QuestionVersion.fingerprint,
        )
        .join(Question, sa.and_(Question.id == QuestionVersion.question_id, version_id == QuestionVersion.id))
        .join(AnswerKey, AnswerKey.version_id == QuestionVersion.id)
        .where(Question.state != "retired", QuestionVersion.subject == subject)
        .order_by(QuestionVersion.question_id)
    )  # fmt: skip
    if grade is not None:
        query = query.where(QuestionVersion.grade == grade)
    if kinds:
        query = query.where(QuestionVersion.kind.in_(kinds))
    return [Usable(*row) for row in db.session().execute(query)]


def stock(viewer: Viewer, subject: str, grade: int | None) -> dict[tuple[str | None, str, str | None], int]:
    """How many approved questions each cell (topic, kind, level) may draw from; a None takes any."""
    found: dict[tuple[str | None, str, str | None], int] = {}
    for each in usable(viewer, subject, grade):
        for topic in {each.topic, None}:
            for level in {each.level, None}:
                key = (topic, each.kind, level)
                found[key] = found.get(key, 0) + 1
    return found
