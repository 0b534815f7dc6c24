"""Tables of quizzes, attempts and answers. A published quiz carries its compiled form for good."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import Unit, User
from app.core.db import Base, Json, new_id
from app.questions.models import QuestionVersion


class Quiz(Base):
    __tablename__ = "quizzes"
    __table_args__ = (
        sa.CheckConstraint("state IN ('draft', 'published', 'closed')", name="state"),
        sa.CheckConstraint("mode IN ('practice', 'test')", name="mode"),
        sa.CheckConstraint("feedback IN ('immediate', 'after_submit', 'after_close')", name="feedback"),
        sa.CheckConstraint("audience IN ('public', 'signed_in', 'unit', 'classes')", name="audience"),
        sa.CheckConstraint("time_limit_s IS NULL OR time_limit_s > 0", name="time_limit"),
        sa.CheckConstraint("attempts_allowed IS NULL OR attempts_allowed > 0", name="attempts_allowed"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(User.id), index=True)
    unit_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Unit.id))
    state: Mapped[str] = mapped_column(sa.String(16), default="draft")
    revision: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(sa.String(300))
    description: Mapped[str] = mapped_column(sa.Text, default="")
    subject: Mapped[str | None] = mapped_column(sa.String(32))
    grade: Mapped[int | None]
    mode: Mapped[str] = mapped_column(sa.String(16))
    feedback: Mapped[str] = mapped_column(sa.String(16))
    sections: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    compiled: Mapped[dict[str, Any] | None] = mapped_column(Json)
    time_limit_s: Mapped[int | None]
    shuffle_questions: Mapped[bool] = mapped_column(default=False)
    shuffle_choices: Mapped[bool] = mapped_column(default=False)
    attempts_allowed: Mapped[int | None]
    audience: Mapped[str] = mapped_column(sa.String(16), default="signed_in")
    classes: Mapped[list[str]] = mapped_column(Json, default=list)
    opens_at: Mapped[datetime | None]
    closes_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]


class QuizItem(Base):
    """The question versions that a published quiz deals; a row keeps its version from being deleted."""

    __tablename__ = "quiz_items"

    quiz_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("quizzes.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    version_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(QuestionVersion.id), index=True)


class Attempt(Base):
    """One sitting. `layout` fixes the order dealt: each item's place in the compiled quiz and its choices."""

    __tablename__ = "attempts"
    __table_args__ = (
        sa.UniqueConstraint("quiz_id", "user_id", "number"),
        sa.UniqueConstraint("token_hash"),
        sa.CheckConstraint("state IN ('open', 'submitted')", name="state"),
        sa.CheckConstraint("(user_id IS NULL) <> (token_hash IS NULL)", name="one_owner"),
        # The worker looks for those whose time is over every few seconds.
        sa.Index(
            "ix_attempts_open",
            "deadline",
            sqlite_where=sa.text("state = 'open'"),
            postgresql_where=sa.text("state = 'open'"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    quiz_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("quizzes.id"), index=True)
    user_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(User.id), index=True)
    token_hash: Mapped[str | None] = mapped_column(sa.String(64))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(sa.String(16), default="open")
    layout: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    started_at: Mapped[datetime]
    deadline: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    auto_submitted: Mapped[bool] = mapped_column(default=False)
    result: Mapped[dict[str, Any] | None] = mapped_column(Json)
    receipt: Mapped[str | None] = mapped_column(sa.String(32))


class AnswerEvent(Base):
    """Every save that arrived, in full, also the refused ones. Rows are only ever added."""

    __tablename__ = "answer_events"
    __table_args__ = (
        sa.CheckConstraint("outcome IN ('saved', 'stale', 'closed')", name="outcome"),
        sa.Index("ix_answer_events_attempt", "attempt_id", "n"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    attempt_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("attempts.id"))
    n: Mapped[int]
    revision: Mapped[int]
    response: Mapped[Any] = mapped_column(Json, nullable=True)
    outcome: Mapped[str] = mapped_column(sa.String(8))
    late: Mapped[bool] = mapped_column(default=False)
    at: Mapped[datetime]


class Answer(Base):
    """The latest answer to each question of an attempt; its revision counts the saves."""

    __tablename__ = "answers"

    attempt_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("attempts.id"), primary_key=True)
    n: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    revision: Mapped[int]
    response: Mapped[Any] = mapped_column(Json, nullable=True)
    late: Mapped[bool] = mapped_column(default=False)
    saved_at: Mapped[datetime]
