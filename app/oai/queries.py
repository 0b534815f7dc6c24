"""Reads of the feed. Lists go by key (datestamp, id), not by offset: flat pages, no edit hides a record."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.core.db import session
from app.oai.models import OaiMembership, OaiMetadata, OaiRecord, OaiSet
from app.oai.sets import with_ancestors
from app.oai.xml import legal


@dataclass(frozen=True, slots=True)
class Row:
    """A header, and its metadata where asked for (never for a deleted record)."""

    id: int
    identifier: str
    datestamp: datetime
    deleted: bool
    sets: Sequence[str]
    xml: str | None = None


@dataclass(frozen=True)
class Window:
    """What a list is about. Both ends are inclusive, whole seconds."""

    since: datetime | None = None
    until: datetime | None = None
    spec: str | None = None


Key = tuple[datetime, int]


def _key_columns(window: Window) -> tuple[Any, Any]:
    if window.spec is None:
        return OaiRecord.datestamp, OaiRecord.id
    return OaiMembership.datestamp, OaiMembership.record_id


def _within(window: Window) -> list[sa.ColumnElement[bool]]:
    datestamp, _id = _key_columns(window)
    found: list[sa.ColumnElement[bool]] = []
    if window.spec is not None:
        found.append(OaiMembership.spec == window.spec)
    if window.since is not None:
        found.append(datestamp >= window.since)
    if window.until is not None:
        found.append(datestamp <= window.until)
    return found


def _literal(key: Key) -> sa.Tuple:
    return sa.tuple_(sa.literal(key[0], OaiRecord.datestamp.type), sa.literal(key[1], OaiRecord.id.type))


def _rows(query: sa.Select[Any], spec: str | None) -> list[Row]:
    made: list[Row] = []
    for record_id, identifier, datestamp, deleted, sets, *xml in session().execute(query):
        if spec is not None and deleted and spec not in with_ancestors(sets):
            # It left this set and lives on elsewhere: here it is deleted, and says of which set.
            sets = [spec]
        made.append(Row(record_id, identifier, datestamp, deleted, sets, xml[0] if xml else None))
    return made


def _listed(window: Window, prefix: str | None) -> sa.Select[Any]:
    datestamp, _id = _key_columns(window)
    deleted = OaiRecord.deleted if window.spec is None else OaiMembership.gone
    columns: list[Any] = [OaiRecord.id, OaiRecord.identifier, datestamp, deleted, OaiRecord.sets]
    query = sa.select(*columns)
    if window.spec is not None:
        query = query.select_from(OaiMembership).join(OaiRecord, OaiRecord.id == OaiMembership.record_id)
    if prefix is not None:
        query = query.add_columns(OaiMetadata.xml).outerjoin(
            OaiMetadata,
            sa.and_(OaiMetadata.record_id == OaiRecord.id, OaiMetadata.prefix == prefix, sa.not_(deleted)),
        )
    return query.where(*_within(window))


def page(window: Window, after: Key | None, limit: int, prefix: str | None) -> list[Row]:
    """Up to `limit` rows that follow `after` in order; with `prefix` their metadata too."""
    datestamp, record_id = _key_columns(window)
    query = _listed(window, prefix)
    if after is not None:
        query = query.where(sa.tuple_(datestamp, record_id) > _literal(after))
    return _rows(query.order_by(datestamp, record_id).limit(limit), window.spec)


def last_until(window: Window, upto: Key, prefix: str | None) -> list[Row]:
    """The last row of the window at or before `upto`: it stands in for a page whose rows moved on."""
    datestamp, record_id = _key_columns(window)
    query = _listed(window, prefix).where(sa.tuple_(datestamp, record_id) <= _literal(upto))
    return _rows(query.order_by(datestamp.desc(), record_id.desc()).limit(1), window.spec)


def size(window: Window) -> int:
    """How many rows the whole list holds."""
    datestamp, _id = _key_columns(window)
    return session().scalar(sa.select(sa.func.count(datestamp)).where(*_within(window))) or 0


def record(identifier: str, prefix: str | None = None) -> Row | None:
    if identifier != legal(identifier):
        return None  # no engine takes such a text even to compare
    found = _rows(_listed(Window(), prefix).where(OaiRecord.identifier == identifier), None)
    return found[0] if found else None


def earliest() -> datetime | None:
    found: datetime | None = session().scalar(sa.select(sa.func.min(OaiRecord.datestamp)))
    return found


def latest() -> datetime | None:
    found: datetime | None = session().scalar(sa.select(sa.func.max(OaiRecord.datestamp)))
    return found


def specs_ever() -> list[str]:
    return list(session().scalars(sa.select(OaiSet.spec).order_by(OaiSet.spec)))


def live_count() -> int:
    query = sa.select(sa.func.count()).where(OaiRecord.deleted.is_(False))
    return session().scalar(query) or 0


def provinces_sharing() -> list[tuple[str, int, datetime]]:
    """Provinces with live records: code, how many, when one last changed; most first."""
    count = sa.func.count().label("n")
    rows = session().execute(
        sa.select(OaiMembership.spec, count, sa.func.max(OaiMembership.datestamp))
        .where(OaiMembership.spec.between("province:", "province;"), OaiMembership.gone.is_(False))
        .group_by(OaiMembership.spec)
        .order_by(count.desc(), OaiMembership.spec)
    )
    return [(spec.partition(":")[2], n, changed_at) for spec, n, changed_at in rows]


# ---------------------------------------------------------------- sitemap


@dataclass(frozen=True, slots=True)
class Place:
    item_id: uuid.UUID
    changed_at: datetime


def places(first: int, last: int) -> list[Place]:
    """Live lessons for the sitemap whose record ids lie from `first` to `last`."""
    rows = session().execute(
        sa.select(OaiRecord.item_id, OaiRecord.datestamp)
        .where(OaiRecord.id.between(first, last), OaiRecord.deleted.is_(False), OaiRecord.kind == "resource")
        .order_by(OaiRecord.id)
    )
    return [Place(*row) for row in rows]


def last_id() -> int:
    return session().scalar(sa.select(sa.func.max(OaiRecord.id))) or 0


# ---------------------------------------------------------------- upkeep


def outdated(rendering: str, limit: int) -> list[tuple[str, uuid.UUID]]:
    """Records rendered under other rules than the present ones."""
    rows = session().execute(
        sa.select(OaiRecord.kind, OaiRecord.item_id)
        .where(sa.or_(OaiRecord.rendering < rendering, OaiRecord.rendering > rendering))
        .order_by(OaiRecord.id)
        .limit(limit)
    )
    return [(kind, item_id) for kind, item_id in rows]
