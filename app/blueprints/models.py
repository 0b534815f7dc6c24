"""Table of blueprints (ma trận đề)."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import Unit, User
from app.core.db import Base, Json, new_id


class Blueprint(Base):
    """`parts` is `[{"kind", "points"}]` in the order of the paper, points of one question as exact text;
    `cells` is `[{"topic", "kind", "level", "count"}]`, where a topic or a level of None takes any.
    """

    __tablename__ = "blueprints"
    __table_args__ = (
        sa.CheckConstraint("grade IS NULL OR grade BETWEEN 1 AND 12", name="grade_known"),
        sa.CheckConstraint("minutes BETWEEN 1 AND 600", name="minutes_sensible"),
        sa.CheckConstraint("revision >= 1", name="revision_positive"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(User.id), index=True)
    unit_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Unit.id), index=True)
    revision: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(sa.String(300))
    subject: Mapped[str] = mapped_column(sa.String(32))
    grade: Mapped[int | None]
    minutes: Mapped[int]
    parts: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    cells: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]
