"""Tables of the feed: what partners may harvest, as it was when it last changed.

Pages of the feed are read from here alone. The rows are written by `feed.py` only; a row is never deleted,
a thing that is no longer public leaves a tombstone for ever (deletedRecord = persistent).
"""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, Json


class OaiRecord(Base):
    """One OAI item. `datestamp` has whole seconds: the moment anything in the record last changed.

    `sets` are the setSpecs of its header; `digest` stands for everything a harvester can see of it.
    `confirmed` says that the row is known to have become visible within the second its datestamp names.
    """

    __tablename__ = "oai_records"
    __table_args__ = (
        sa.UniqueConstraint("kind", "item_id"),
        sa.Index("ix_oai_records_harvest", "datestamp", "id"),
    )

    id: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(), primary_key=True
    )
    identifier: Mapped[str] = mapped_column(sa.String(200), unique=True)
    kind: Mapped[str] = mapped_column(sa.String(16))
    item_id: Mapped[uuid.UUID]
    datestamp: Mapped[datetime]
    deleted: Mapped[bool]
    sets: Mapped[list[str]] = mapped_column(Json)
    revision: Mapped[int]
    digest: Mapped[str] = mapped_column(sa.String(64))
    rendering: Mapped[str] = mapped_column(sa.String(64), index=True)
    confirmed: Mapped[bool] = mapped_column(default=False)


class OaiMetadata(Base):
    """A live record in one format: the element that goes into `<metadata>`, ready to send."""

    __tablename__ = "oai_metadata"

    record_id: Mapped[int] = mapped_column(sa.ForeignKey("oai_records.id"), primary_key=True)
    prefix: Mapped[str] = mapped_column(sa.String(20), primary_key=True)
    xml: Mapped[str] = mapped_column(sa.Text)


class OaiMembership(Base):
    """A record in a set, sets above it included. `gone`: at `datestamp` it left the set or was deleted."""

    __tablename__ = "oai_memberships"
    __table_args__ = (sa.Index("ix_oai_memberships_harvest", "spec", "datestamp", "record_id"),)

    record_id: Mapped[int] = mapped_column(sa.ForeignKey("oai_records.id"), primary_key=True)
    spec: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    datestamp: Mapped[datetime]
    gone: Mapped[bool]


class OaiSet(Base):
    """A set that ever had a record: it is listed for ever, whatever becomes of the vocabulary."""

    __tablename__ = "oai_sets"

    spec: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
