"""Tables of surveys.

In an anonymous survey `survey_participation` knows who took part, `survey_response` what was
answered; they share nothing but the survey. Neither has a time or a running number, and on
SQLite neither has a rowid, so rows lie in the order of their keys, not of their arrival.
The flag `anonymous` travels into both answer tables and is held there by a check and by a
foreign key to the survey: the database refuses a name in an anonymous survey, and refuses to
turn a survey with answers into the other sort.
"""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import Unit, User
from app.core.db import Base, Json, UTCDateTime, new_id


class Survey(Base):
    """`items` holds the questions as `tally.clean_items` returns them; fixed once published."""

    __tablename__ = "survey"
    __table_args__ = (
        sa.UniqueConstraint("id", "anonymous", name="uq_survey_id_anonymous"),
        sa.CheckConstraint("k >= 5", name="k_at_least_5"),
        sa.CheckConstraint("closes_at IS NULL OR opens_at IS NULL OR closes_at > opens_at", name="times_in_order"),
        sa.CheckConstraint("closed_at IS NULL OR published_at IS NOT NULL", name="closed_after_published"),
    )

    id: Mapped[uuid.UUID] = mapped_column(sa.Uuid, primary_key=True, default=new_id)
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(User.id), index=True)
    unit_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey(Unit.id), index=True)
    revision: Mapped[int] = mapped_column(default=1)
    title: Mapped[str] = mapped_column(sa.String(300))
    description: Mapped[str] = mapped_column(sa.Text, default="")
    anonymous: Mapped[bool] = mapped_column(default=True)
    items: Mapped[list[dict[str, Any]]] = mapped_column(Json)
    audience: Mapped[dict[str, list[str]]] = mapped_column(Json, default=dict)
    share_results: Mapped[bool] = mapped_column(default=False)
    k: Mapped[int] = mapped_column(default=5)
    opens_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closes_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime)
    published_at: Mapped[datetime | None] = mapped_column(UTCDateTime)
    closed_at: Mapped[datetime | None] = mapped_column(UTCDateTime)


class Participation(Base):
    """That a person took part, so that they answer once. `once` is a hash of the sender's random key."""

    __tablename__ = "survey_participation"
    __table_args__ = ({"sqlite_with_rowid": False},)

    survey_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Survey.id), primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(User.id), primary_key=True)
    once: Mapped[str | None] = mapped_column(sa.String(64))


class Response(Base):
    """An answered sheet without a person: random id (version 4), the day and nothing finer."""

    __tablename__ = "survey_response"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["survey_id", "anonymous"],
            ["survey.id", "survey.anonymous"],
            name="fk_survey_response_anonymous_survey",
        ),
        sa.CheckConstraint("anonymous", name="without_a_person"),
        sa.Index("ix_survey_response_survey_id", "survey_id"),
        {"sqlite_with_rowid": False},
    )

    id: Mapped[uuid.UUID] = mapped_column(sa.Uuid, primary_key=True, default=uuid.uuid4)
    survey_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid)
    anonymous: Mapped[bool] = mapped_column(default=True)
    answers: Mapped[dict[str, Any]] = mapped_column(Json)
    day: Mapped[date] = mapped_column(sa.Date)


class NamedResponse(Base):
    """An answered sheet of a survey that says beforehand that it keeps names."""

    __tablename__ = "survey_named_response"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["survey_id", "anonymous"],
            ["survey.id", "survey.anonymous"],
            name="fk_survey_named_response_named_survey",
        ),
        sa.CheckConstraint("NOT anonymous", name="only_where_named"),
    )

    survey_id: Mapped[uuid.UUID] = mapped_column(sa.Uuid, primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(User.id), primary_key=True)
    anonymous: Mapped[bool] = mapped_column(default=False)
    answers: Mapped[dict[str, Any]] = mapped_column(Json)
    day: Mapped[date] = mapped_column(sa.Date)


class Release(Base):
    """The figures last shown. New ones replace them only when at least k more sheets have come,
    so that reading twice never isolates the person who answered in between."""

    __tablename__ = "survey_release"

    survey_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey(Survey.id), primary_key=True)
    counted: Mapped[int]
    figures: Mapped[dict[str, Any]] = mapped_column(Json)
