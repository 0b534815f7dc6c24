"""Tables of the feed in. A harvested original is never changed here; lessons are made from it elsewhere."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Json, new_id

FILE_MODES = ("none", "on_demand", "all")
RUNNING, DONE, FAILED = "running", "done", "failed"
CHANGES, CHECK = "changes", "check"
# Of a record: mapped whole; in parts (a person is asked); not mapped at all; ours come back; another
# source tells the same; could not be fetched or read.
MAPPED, PARTIAL, RAW, LOOP, DOUBLE, REJECTED = "mapped", "partial", "raw", "loop", "double", "rejected"
RECORD_STATES = (MAPPED, PARTIAL, RAW, LOOP, DOUBLE, REJECTED)
WAITING, DECIDED, IGNORED = "waiting", "decided", "ignored"
LINKED, WANTED, KEPT, REFUSED = "linked", "wanted", "kept", "refused"
LONGEST_IDENTIFIER = 600


def _one_of(column: str, values: tuple[str, ...]) -> str:
    return f"{column} IN (" + ", ".join(f"'{value}'" for value in values) + ")"


class HarvestSource(Base):
    """A repository of a partner, one format and one set (`spec`, empty for all) of it.

    `watermark` is the responseDate of the first page of the last good run: the next one asks from there.
    `missing` counts records that a check no longer found and that a person has to decide on.
    """

    __tablename__ = "harvest_sources"
    __table_args__ = (
        sa.CheckConstraint(_one_of("files", FILE_MODES), name="files_known"),
        sa.CheckConstraint("every_s >= 0", name="every_not_negative"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    name: Mapped[str] = mapped_column(sa.String(200))
    base_url: Mapped[str] = mapped_column(sa.String(1000))
    prefix: Mapped[str] = mapped_column(sa.String(60))
    spec: Mapped[str] = mapped_column(sa.String(300), default="")
    files: Mapped[str] = mapped_column(sa.String(12), default="none")
    token: Mapped[str | None] = mapped_column(sa.String(1000))
    province: Mapped[str | None] = mapped_column(sa.String(8))
    active: Mapped[bool] = mapped_column(default=True)
    every_s: Mapped[int] = mapped_column(default=86_400)
    next_at: Mapped[datetime | None] = mapped_column(index=True)
    unit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("units.id"))
    created_by: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id"))
    created_at: Mapped[datetime]
    revision: Mapped[int] = mapped_column(default=1)
    repository_name: Mapped[str | None] = mapped_column(sa.String(300))
    granularity: Mapped[str | None] = mapped_column(sa.String(24))
    deletes: Mapped[str | None] = mapped_column(sa.String(16))
    watermark: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]
    last_good_at: Mapped[datetime | None]
    missing: Mapped[int] = mapped_column(default=0)
    quota_bytes: Mapped[int] = mapped_column(sa.BigInteger, default=5 * 1024**3)
    used_bytes: Mapped[int] = mapped_column(sa.BigInteger, default=0)


class HarvestRun(Base):
    """One harvest, with all it needs to go on after a crash.

    `windows` are the stretches of time still to be asked for, the first one being worked on; `token` is where
    in it the next page begins. A run is worked on by whoever holds the lease.
    """

    __tablename__ = "harvest_runs"
    __table_args__ = (
        sa.CheckConstraint(_one_of("state", (RUNNING, DONE, FAILED)), name="state_known"),
        sa.CheckConstraint(_one_of("kind", (CHANGES, CHECK)), name="kind_known"),
        sa.CheckConstraint("(state = 'running') = (finished_at IS NULL)", name="finished_has_time"),
        sa.Index("ix_harvest_runs_source", "source_id", "id"),
        sa.Index("ix_harvest_runs_due", "state", "resume_at"),
        sa.Index(
            "uq_harvest_runs_one_running",
            "source_id",
            unique=True,
            sqlite_where=sa.text("state = 'running'"),
            postgresql_where=sa.text("state = 'running'"),
        ),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    source_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("harvest_sources.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(sa.String(8))
    state: Mapped[str] = mapped_column(sa.String(8), default=RUNNING)
    started_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("users.id"))
    started_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]
    problem: Mapped[dict[str, Any] | None] = mapped_column(Json)
    records: Mapped[int] = mapped_column(default=0)
    deleted: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    recovered: Mapped[int] = mapped_column(default=0)
    pages: Mapped[int] = mapped_column(default=0)
    bytes: Mapped[int] = mapped_column(sa.BigInteger, default=0)
    rejects: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    # where it stands
    stage: Mapped[str] = mapped_column(sa.String(12), default="identify")
    windows: Mapped[list[list[str | None]]] = mapped_column(Json, default=list)
    one_by_one: Mapped[bool] = mapped_column(default=False)
    token: Mapped[str | None] = mapped_column(sa.Text)
    first_date: Mapped[datetime | None]
    size: Mapped[int | None]
    got: Mapped[int] = mapped_column(default=0)
    idle: Mapped[int] = mapped_column(default=0)
    tries: Mapped[int] = mapped_column(default=0)
    restarts: Mapped[int] = mapped_column(default=0)
    resume_at: Mapped[datetime]
    lease: Mapped[str | None] = mapped_column(sa.String(120))
    lease_until: Mapped[datetime | None]


class HarvestedRecord(Base):
    """A record as a source gave it last, raw, for one of its sets: deleted in one set is not deleted.

    `origin_key` names the thing itself across sources (a hash of the innermost identifier of its chain);
    records with the same key share one lesson. `seen_run` is the run that met the record last;
    `missing` says that a check did not find it and a person has to decide.
    """

    __tablename__ = "harvested_records"
    __table_args__ = (
        sa.UniqueConstraint("source_id", "identifier", "spec"),
        sa.CheckConstraint(_one_of("state", RECORD_STATES), name="state_known"),
        sa.Index("ix_harvested_records_state", "source_id", "state"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    source_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("harvest_sources.id", ondelete="CASCADE"))
    identifier: Mapped[str] = mapped_column(sa.String(LONGEST_IDENTIFIER))
    spec: Mapped[str] = mapped_column(sa.String(300), default="")
    datestamp: Mapped[datetime]
    deleted: Mapped[bool] = mapped_column(default=False)
    sets: Mapped[list[str]] = mapped_column(Json, default=list)
    xml: Mapped[str | None] = mapped_column(sa.Text)
    digest: Mapped[str] = mapped_column(sa.String(64), default="")
    recovered: Mapped[bool] = mapped_column(default=False)
    chain: Mapped[list[dict[str, Any]]] = mapped_column(Json, default=list)
    origin_key: Mapped[str] = mapped_column(sa.String(64), index=True)
    state: Mapped[str] = mapped_column(sa.String(8), default=RAW)
    reason: Mapped[str | None] = mapped_column(sa.String(300))
    stale: Mapped[bool] = mapped_column(default=False, index=True)
    resource_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("resource.id"), index=True)
    seen_run: Mapped[uuid.UUID | None]
    missing: Mapped[bool] = mapped_column(default=False)
    first_at: Mapped[datetime]
    changed_at: Mapped[datetime]


class HarvestTerm(Base):
    """A word of a source that our vocabularies do not know, and what a person decided about it.

    `field` is subject, resource_type, licence or language; `folded` is how words are compared.
    """

    __tablename__ = "harvest_terms"
    __table_args__ = (
        sa.UniqueConstraint("source_id", "field", "folded"),
        sa.CheckConstraint(_one_of("state", (WAITING, DECIDED, IGNORED)), name="state_known"),
        sa.CheckConstraint("(state = 'decided') = (code IS NOT NULL)", name="decided_has_code"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    source_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("harvest_sources.id", ondelete="CASCADE"))
    field: Mapped[str] = mapped_column(sa.String(20))
    text: Mapped[str] = mapped_column(sa.String(200))
    folded: Mapped[str] = mapped_column(sa.String(200))
    state: Mapped[str] = mapped_column(sa.String(8), default=WAITING)
    code: Mapped[str | None] = mapped_column(sa.String(40))
    decided_by: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("users.id"))
    decided_at: Mapped[datetime | None]


class HarvestUse(Base):
    """Which records hold which of those words: how often it matters, and what to map again."""

    __tablename__ = "harvest_uses"

    term_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("harvest_terms.id", ondelete="CASCADE"), primary_key=True)
    record_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("harvested_records.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class HarvestedFile(Base):
    """A file that a harvested lesson links to: only linked, wanted, kept here, or refused with a reason."""

    __tablename__ = "harvested_files"
    __table_args__ = (
        sa.UniqueConstraint("resource_id", "url"),
        sa.CheckConstraint(_one_of("state", (LINKED, WANTED, KEPT, REFUSED)), name="state_known"),
        sa.CheckConstraint("(state = 'kept') = (file_id IS NOT NULL)", name="kept_has_file"),
        sa.Index("ix_harvested_files_due", "state", "due_at"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    source_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("harvest_sources.id", ondelete="CASCADE"), index=True)
    resource_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("resource.id", ondelete="CASCADE"))
    url: Mapped[str] = mapped_column(sa.String(1000))
    media_type: Mapped[str | None] = mapped_column(sa.String(120))
    sha256: Mapped[str | None] = mapped_column(sa.String(64))
    position: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(sa.String(8), default=LINKED)
    reason: Mapped[dict[str, Any] | None] = mapped_column(Json)
    tries: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime | None]
    file_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("file.id"))
