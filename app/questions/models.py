"""Tables of the bank. Versions never change once written; keys stand apart from what students see."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import Unit, User
from app.core.db import Base, Json
from app.files.models import File

STATES = ("draft", "submitted", "approved", "retired")


class Question(Base):
    """A question over time. `approved_version_id` is what the bank deals while a newer version is in work."""

    __tablename__ = "questions"
    __table_args__ = (
        sa.CheckConstraint("state IN ('draft', 'submitted', 'approved', 'retired')", name="state_known"),
        sa.CheckConstraint("revision >= 1", name="revision_positive"),
        sa.CheckConstraint(
            "state <> 'approved' OR approved_version_id IS NOT NULL",
            name="approved_has_version",
        ),
        sa.Index("ix_questions_state", "state", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(sa.String(16), default="draft")
    revision: Mapped[int] = mapped_column(default=1)
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(User.id), index=True)
    unit_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Unit.id), index=True)
    origin_province: Mapped[str | None] = mapped_column(sa.String(8))
    current_version_id: Mapped[uuid.UUID | None]
    approved_version_id: Mapped[uuid.UUID | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    retired_reason: Mapped[str | None] = mapped_column(sa.Text)


class QuestionVersion(Base):
    """One immutable wording: `choices` is `[{"id": "A", "text": Markdown}]`.

    `folded` serves the bank's own filter, `fingerprint` (`likeness`) finds questions that say the same.
    """

    __tablename__ = "question_versions"
    __table_args__ = (
        sa.UniqueConstraint("question_id", "number"),
        sa.CheckConstraint("grade IS NULL OR grade BETWEEN 1 AND 12", name="grade_known"),
        sa.Index("ix_question_versions_draw", "subject", "grade", "kind", "level"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    question_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("questions.id", ondelete="CASCADE"))
    number: Mapped[int]
    kind: Mapped[str] = mapped_column(sa.String(32))
    stem: Mapped[str] = mapped_column(sa.Text)
    choices: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    scoring: Mapped[str | None] = mapped_column(sa.String(16))
    explanation: Mapped[str] = mapped_column(sa.Text, default="")
    subject: Mapped[str | None] = mapped_column(sa.String(32))
    grade: Mapped[int | None]
    topic: Mapped[str | None] = mapped_column(sa.String(64))
    level: Mapped[str | None] = mapped_column(sa.String(16))
    tags: Mapped[list[str]] = mapped_column(Json, default=list)
    language: Mapped[str] = mapped_column(sa.String(16), default="vi")
    source: Mapped[str | None] = mapped_column(sa.String(300))
    folded: Mapped[str] = mapped_column(sa.Text, default="")
    fingerprint: Mapped[str] = mapped_column(sa.String(64), index=True)
    author_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(User.id))
    created_at: Mapped[datetime]


class AnswerKey(Base):
    """The key of one version, read only for those who may edit or review, and for marking."""

    __tablename__ = "answer_keys"

    version_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("question_versions.id", ondelete="CASCADE"), primary_key=True
    )
    answer: Mapped[Any] = mapped_column(Json)


class QuestionSketch(Base):
    """Band values of a version's words (`likeness.sketch`): versions that share one may be near twins."""

    __tablename__ = "question_sketches"

    version_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("question_versions.id", ondelete="CASCADE"), primary_key=True
    )
    band: Mapped[int] = mapped_column(sa.SmallInteger, primary_key=True, autoincrement=False)
    value: Mapped[int] = mapped_column(sa.BigInteger, index=True)


class QuestionPair(Base):
    """What a person decided on two questions alike: merged (`kept_id` stays, the other is retired) or apart."""

    __tablename__ = "question_pairs"
    __table_args__ = (
        sa.CheckConstraint("decision IN ('merged', 'apart')", name="decision_known"),
        sa.CheckConstraint("(decision = 'merged') = (kept_id IS NOT NULL)", name="merged_keeps_one"),
        sa.CheckConstraint("kept_id IS NULL OR kept_id IN (low_id, high_id)", name="keeps_one_of_them"),
    )

    low_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True)
    high_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("questions.id", ondelete="CASCADE"), primary_key=True, index=True
    )
    decision: Mapped[str] = mapped_column(sa.String(8))
    kept_id: Mapped[uuid.UUID | None]
    decided_by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(User.id))
    decided_at: Mapped[datetime]


class QuestionReview(Base):
    __tablename__ = "question_reviews"
    __table_args__ = (sa.CheckConstraint("decision IN ('approve', 'return')", name="decision_known"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    question_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("questions.id", ondelete="CASCADE"), index=True)
    version_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("question_versions.id", ondelete="CASCADE"))
    reviewer_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(User.id))
    decision: Mapped[str] = mapped_column(sa.String(16))
    comment: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime]


class QuestionMedia(Base):
    """A picture for questions, once for the same bytes. Its id is random: who holds the address may see it."""

    __tablename__ = "question_media"
    __table_args__ = (sa.CheckConstraint("width > 0 AND height > 0", name="has_size"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(sa.String(64), unique=True)
    file_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(File.id), index=True)
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(User.id), index=True)
    width: Mapped[int]
    height: Mapped[int]
    touched_at: Mapped[datetime]


class QuestionMediaUse(Base):
    """Which versions show which pictures."""

    __tablename__ = "question_media_uses"

    version_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("question_versions.id", ondelete="CASCADE"), primary_key=True
    )
    media_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("question_media.id"), primary_key=True, index=True)


class QuestionImport(Base):
    """A file between its report and the button that saves it. Rows are dropped on saving, or after a day.

    `pictures` maps the file's own names to kept pictures; `mended` holds, by question number, what the
    teacher changed on the report: `{"answer", "skip"}`.
    """

    __tablename__ = "question_imports"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True)
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(User.id), index=True)
    filename: Mapped[str] = mapped_column(sa.String(200))
    format: Mapped[str] = mapped_column(sa.String(16))
    data: Mapped[bytes] = mapped_column(sa.LargeBinary)
    defaults: Mapped[dict[str, Any]] = mapped_column(Json)
    pictures: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default=sa.text("'{}'"))
    mended: Mapped[dict[str, Any]] = mapped_column(Json, default=dict, server_default=sa.text("'{}'"))
    created_at: Mapped[datetime]
