"""Tables of printed papers. What was dealt never changes: a paper is made anew instead."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import Unit, User
from app.blueprints.models import Blueprint
from app.core.db import Base, Json, new_id
from app.questions.models import QuestionVersion


class Paper(Base):
    """`parts` as in the blueprint of its day; `heading` is `{"department", "school", "exam", "note"}`."""

    __tablename__ = "papers"
    __table_args__ = (
        sa.CheckConstraint("minutes BETWEEN 1 AND 600", name="minutes_sensible"),
        sa.CheckConstraint("grade IS NULL OR grade BETWEEN 1 AND 12", name="grade_known"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(User.id), index=True)
    unit_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Unit.id))
    blueprint_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Blueprint.id, ondelete="SET NULL"), index=True)
    title: Mapped[str] = mapped_column(sa.String(300))
    subject: Mapped[str] = mapped_column(sa.String(32))
    grade: Mapped[int | None]
    minutes: Mapped[int]
    heading: Mapped[dict[str, Any]] = mapped_column(Json)
    parts: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    seed: Mapped[int]
    created_at: Mapped[datetime]


class PaperItem(Base):
    """The questions of a base form (đề gốc); a row keeps its version from being deleted."""

    __tablename__ = "paper_items"

    paper_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True)
    base: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    part: Mapped[int]
    version_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(QuestionVersion.id), index=True)


class PaperForm(Base):
    """One mã đề: which base form, and `layout`, the order dealt: `[{"i": position, "order": [choice ids]}]`."""

    __tablename__ = "paper_forms"
    __table_args__ = (sa.CheckConstraint("length(code) BETWEEN 3 AND 4", name="code_length"),)

    paper_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("papers.id", ondelete="CASCADE"), primary_key=True)
    code: Mapped[str] = mapped_column(sa.String(4), primary_key=True)
    base: Mapped[int]
    layout: Mapped[list[dict[str, Any]]] = mapped_column(Json)
