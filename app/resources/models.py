"""Tables of lessons. A published version never changes; a change of it is a new version."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Json, new_id

DRAFT, SUBMITTED, PUBLISHED, WITHDRAWN = "draft", "submitted", "published", "withdrawn"
STATES = (DRAFT, SUBMITTED, PUBLISHED, WITHDRAWN)
STEPS = ("school", "department")


class Resource(Base):
    """A lesson. `current_version_id` is the published one; `draft_version_id` the one being worked on.

    `state` is what everybody sees: a published lesson stays `published` while its next version is drafted
    (`draft_state` then says `draft` or `submitted`).
    `origin` tells where a lesson harvested from another repository comes from (`source`, `base_url`,
    `identifier`, `url`, `publisher`, `files` there); None for our own. Nobody edits a harvested one here.
    """

    __tablename__ = "resource"
    __table_args__ = (
        sa.CheckConstraint("state IN ('draft', 'submitted', 'published', 'withdrawn')", name="state_known"),
        sa.CheckConstraint("draft_state IN ('draft', 'submitted')", name="draft_state_known"),
        sa.CheckConstraint("(draft_version_id IS NULL) = (draft_state IS NULL)", name="draft_has_state"),
        sa.CheckConstraint("state <> 'published' OR published_at IS NOT NULL", name="published_has_time"),
        sa.CheckConstraint("(state = 'withdrawn') = (withdrawn_at IS NOT NULL)", name="withdrawn_has_time"),
        sa.Index("ix_resource_state_changed", "state", "changed_at", "id"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    state: Mapped[str] = mapped_column(sa.String(12), default=DRAFT)
    draft_state: Mapped[str | None] = mapped_column(sa.String(12))
    revision: Mapped[int] = mapped_column(default=1)
    owner_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id"), index=True)
    unit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("units.id"), index=True)
    origin_province: Mapped[str | None] = mapped_column(sa.String(8))
    origin: Mapped[dict[str, Any] | None] = mapped_column(Json)
    current_version_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("resource_version.id", use_alter=True))
    draft_version_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("resource_version.id", use_alter=True))
    steps: Mapped[list[str] | None] = mapped_column(Json)
    step: Mapped[int] = mapped_column(default=0)
    submitted_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    withdrawn_at: Mapped[datetime | None]
    withdraw_reason: Mapped[str | None] = mapped_column(sa.Text)
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class ResourceVersion(Base):
    """How a lesson is described at one time; numbers count from 1 within a lesson."""

    __tablename__ = "resource_version"
    __table_args__ = (sa.UniqueConstraint("resource_id", "number"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    resource_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("resource.id", ondelete="CASCADE"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(300))
    description: Mapped[str] = mapped_column(sa.Text, default="")
    subject: Mapped[str | None] = mapped_column(sa.String(40), index=True)
    grades: Mapped[list[int]] = mapped_column(Json, default=list)
    resource_type: Mapped[str | None] = mapped_column(sa.String(40))
    language: Mapped[str] = mapped_column(sa.String(12), default="vi")
    licence: Mapped[str | None] = mapped_column(sa.String(40))
    authors: Mapped[list[str]] = mapped_column(Json, default=list)
    keywords: Mapped[list[str]] = mapped_column(Json, default=list)
    topics: Mapped[list[str]] = mapped_column(Json, default=list)
    textbook_series: Mapped[str | None] = mapped_column(sa.String(40))
    created_at: Mapped[datetime]
    published_at: Mapped[datetime | None]


class VersionFile(Base):
    """Which files a version holds, in order."""

    __tablename__ = "version_file"

    version_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("resource_version.id", ondelete="CASCADE"), primary_key=True
    )
    file_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("file.id"), primary_key=True, index=True)
    position: Mapped[int]


class Review(Base):
    """One decision about a version at one step of its path."""

    __tablename__ = "review"
    __table_args__ = (
        sa.CheckConstraint("decision IN ('approve', 'return')", name="decision_known"),
        sa.CheckConstraint("decision <> 'return' OR length(comment) > 0", name="return_has_comment"),
        sa.Index("ix_review_resource", "resource_id", "created_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    resource_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("resource.id", ondelete="CASCADE"))
    version_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("resource_version.id", ondelete="CASCADE"))
    reviewer_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id"))
    step: Mapped[str] = mapped_column(sa.String(12))
    decision: Mapped[str] = mapped_column(sa.String(8))
    comment: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime]


class ReviewPath(Base):
    """A department's review path: `[]`, `["school"]`, `["department"]` or `["school", "department"]`."""

    __tablename__ = "review_path"

    unit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("units.id"), primary_key=True)
    steps: Mapped[list[str]] = mapped_column(Json)


class Report(Base):
    """Somebody says that something is wrong with a published lesson; a reviewer looks and settles it."""

    __tablename__ = "resource_report"
    __table_args__ = (
        sa.CheckConstraint("outcome IN ('kept', 'mended', 'withdrawn')", name="outcome"),
        sa.CheckConstraint("(settled_at IS NULL) = (outcome IS NULL)", name="settled_with_outcome"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    resource_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("resource.id", ondelete="CASCADE"), index=True)
    reporter_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("users.id"))
    reason: Mapped[str] = mapped_column(sa.String(20))
    comment: Mapped[str] = mapped_column(sa.Text, default="")
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("users.id"))
    outcome: Mapped[str | None] = mapped_column(sa.String(12))
    answer: Mapped[str] = mapped_column(sa.Text, default="")


FIELDS: tuple[str, ...] = (
    "title", "description", "subject", "grades", "resource_type", "language",
    "licence", "authors", "keywords", "topics", "textbook_series",
)  # fmt: skip


def described(version: ResourceVersion) -> dict[str, Any]:
    """The descriptive fields of a version by name."""
    return {name: getattr(version, name) for name in FIELDS}
