"""Reads of the feed. Lists go by key (datestamp, id), not by offset: flat pages, no edit hides a record."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
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


@cache
def _statements(in_set: bool, since: bool, until: bool, with_metadata: bool) -> dict[str, sa.Select[Any]]:
    """The statements over one kind of window, built once: a page is asked for thousands of times in a harvest."""
    datestamp: Any = OaiMembership.datestamp if in_set else OaiRecord.datestamp
    record_id: Any = OaiMembership.record_id if in_set else OaiRecord.id
    deleted: Any = OaiMembership.gone if in_set else OaiRecord.deleted
    within: list[sa.ColumnElement[bool]] = []
    if in_set:
        within.append(OaiMembership.spec == sa.bindparam("spec"))
    if since:
        within.append(datestamp >= sa.bindparam("since"))
    if until:
        within.append(datestamp <= sa.bindparam("until"))
    rows: sa.Select[Any] = sa.select(OaiRecord.id, OaiRecord.identifier, datestamp, deleted, OaiRecord.sets)
    if in_set:
        rows = rows.select_from(OaiMembership).join(OaiRecord, OaiRecord.id == OaiMembership.record_id)
    if with_metadata:
        held = sa.and_(
            OaiMetadata.record_id == OaiRecord.id,
            OaiMetadata.prefix == sa.bindparam("prefix"),
            sa.not_(deleted),
        )
        rows = rows.add_columns(OaiMetadata.xml).outerjoin(OaiMetadata, held)
    rows = rows.where(*within)
    key = sa.tuple_(datestamp, record_id)
    at = sa.tuple_(sa.bindparam("at", type_=OaiRecord.datestamp.type), sa.bindparam("at_id", type_=OaiRecord.id.type))
    limit = sa.bindparam("limit", type_=sa.Integer())
    forward = rows.order_by(datestamp, record_id).limit(limit)
    return {
        "first": forward,
        "following": rows.where(key > at).order_by(datestamp, record_id).limit(limit),
        "last": rows.where(key <= at).order_by(datestamp.desc(), record_id.desc()).limit(1),
        "size": sa.select(sa.func.count(datestamp)).where(*within),
        "one": rows.where(OaiRecord.identifier == sa.bindparam("identifier")),
    }


def _statement(name: str, window: Window, prefix: str | None) -> sa.Select[Any]:
    in_set, since, until = window.spec is not None, window.since is not None, window.until is not None
    return _statements(in_set, since, until, prefix is not None)[name]


def _values(window: Window, prefix: str | None) -> dict[str, Any]:
    values = {"spec": window.spec, "since": window.since, "until": window.until, "prefix": prefix}
    return {name: value for name, value in values.items() if value is not None}


def _rows(query: sa.Select[Any], values: dict[str, Any], spec: str | None) -> list[Row]:
    made: list[Row] = []
    for record_id, identifier, datestamp, deleted, sets, *xml in session().connection().execute(query, values):
        if spec is not None and deleted and spec not in with_ancestors(sets):
            # It left this set and lives on elsewhere: here it is deleted, and says of which set.
            sets = [spec]
        made.append(Row(record_id, identifier, datestamp, deleted, sets, xml[0] if xml else None))
    return made


def page(window: Window, after: Key | None, limit: int, prefix: str | None) -> list[Row]:
    """Up to `limit` rows that follow `after` in order; with `prefix` their metadata too."""
    values = {**_values(window, prefix), "limit": limit}
    if after is None:
        return _rows(_statement("first", window, prefix), values, window.spec)
    values |= {"at": after[0], "at_id": after[1]}
    return _rows(_statement("following", window, prefix), values, window.spec)


def last_until(window: Window, upto: Key, prefix: str | None) -> list[Row]:
    """The last row of the window at or before `upto`: it stands in for a page whose rows moved on."""
    values = {**_values(window, prefix), "at": upto[0], "at_id": upto[1]}
    return _rows(_statement("last", window, prefix), values, window.spec)


def size(window: Window) -> int:
    """How many rows the whole list holds."""
    return session().connection().scalar(_statement("size", window, None), _values(window, None)) or 0


def record(identifier: str, prefix: str | None = None) -> Row | None:
    if identifier != legal(identifier):
        return None  # no engine takes such a text even to compare
    values = {**_values(Window(), prefix), "identifier": identifier}
    found = _rows(_statement("one", Window(), prefix), values, None)
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
