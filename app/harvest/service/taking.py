"""Records into rows and lessons, inside the caller's unit: upsert, loop guard, mapping, deletes, files to link.

One page of a harvest is one call. Records of several sources that tell of the same thing share one lesson:
it is described by the record with the shortest provenance chain, the newest of those, and goes when the last
of them is deleted.
"""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.core import ports
from app.core.access import Viewer
from app.core.db import new_id, now, session, transaction
from app.harvest.mapping import Decisions, Link, Mapped, folded, mapped
from app.harvest.models import (
    DOUBLE,
    KEPT,
    LINKED,
    LONGEST_IDENTIFIER,
    LOOP,
    MAPPED,
    PARTIAL,
    RAW,
    REJECTED,
    WAITING,
    WANTED,
    HarvestedFile,
    HarvestedRecord,
    HarvestRun,
    HarvestSource,
    HarvestTerm,
    HarvestUse,
)
from app.harvest.reading import Origin, Record, reread
from app.resources import service as resources
from app.resources.queries import own_ids
from app.vocabularies import queries as vocabularies

MOST_REJECTS = 50
LONGEST_RAW = 20_000


@dataclass
class Outcome:
    """What a page brought: new or changed, deleted, as before, left out; `fresh`: met first in this run."""

    records: int = 0
    deleted: int = 0
    unchanged: int = 0
    skipped: int = 0
    recovered: int = 0
    fresh: int = 0


def keeper(source: HarvestSource) -> Viewer:
    """Harvested lessons belong to the unit of the person who named the source."""
    return Viewer(id=source.created_by, roles=frozenset({("librarian", source.unit_id)}))


def take(unit: Session, source: HarvestSource, run: HarvestRun, records: Iterable[Record]) -> Outcome:
    """Store what a page brought and bring its lessons up to date."""
    outcome = Outcome()
    moment = now()
    page: dict[str, Record] = {}
    for record in records:
        if len(record.identifier) > LONGEST_IDENTIFIER:
            outcome.skipped += 1
            note_reject(run, record.identifier[:200], "identifier", record.xml)
        else:
            page[record.identifier] = record
    rows = _rows(unit, source, page)
    own = _own_ids(page.values())
    touched: dict[str, list[HarvestedRecord]] = {}
    met: list[uuid.UUID] = []
    for identifier, record in page.items():
        row = rows.get(identifier)
        if row is None or row.seen_run != run.id:
            outcome.fresh += 1
        digest = hashlib.sha256(record.xml.encode()).hexdigest()
        if row is not None and _as_before(row, record, digest):
            outcome.unchanged += 1
            met.append(row.id)
            continue
        if row is None:
            row = HarvestedRecord(
                id=new_id(),
                source_id=source.id,
                identifier=identifier,
                spec=source.spec,
                first_at=moment,
                state=RAW,
                deleted=False,
                xml=None,
                origin_key=origin_key(source, record),
            )
            unit.add(row)
        _describe(row, record, digest, run)
        row.changed_at = moment
        outcome.recovered += record.recovered
        if record.deleted:
            row.deleted = True
            outcome.deleted += 1
        elif record.metadata is None:
            row.state, row.reason = REJECTED, "empty"
            note_reject(run, identifier, "empty", record.xml)
            outcome.skipped += 1
            continue
        else:
            row.deleted, row.xml = False, record.xml
            row.origin_key = origin_key(source, record)
            if is_ours(record, own):
                row.state, row.reason = LOOP, None
                outcome.skipped += 1
                continue
            row.state, row.reason = RAW, None
            outcome.records += 1
        touched.setdefault(row.origin_key, []).append(row)
    if met:
        seen = sa.update(HarvestedRecord).where(HarvestedRecord.id.in_(met))
        unit.execute(seen.values(seen_run=run.id, missing=False), execution_options={"synchronize_session": False})
    unit.flush()
    settle(unit, touched.keys(), {row.id: page[row.identifier] for held in touched.values() for row in held})
    return outcome


def bury(unit: Session, source: HarvestSource, rows: Sequence[HarvestedRecord]) -> None:
    """These records are no more at the source."""
    moment = now()
    for row in rows:
        row.deleted, row.changed_at = True, moment
    unit.flush()
    settle(unit, {row.origin_key for row in rows}, {})


def reject(unit: Session, source: HarvestSource, run: HarvestRun, header: Record, why: str) -> None:
    """A record that the source names but does not give; it is asked for again by the next run."""
    if len(header.identifier) <= LONGEST_IDENTIFIER:
        row = _rows(unit, source, [header.identifier]).get(header.identifier)
        if row is None:
            moment = now()
            row = HarvestedRecord(
                id=new_id(),
                source_id=source.id,
                identifier=header.identifier,
                spec=source.spec,
                datestamp=header.datestamp or moment,
                sets=list(header.sets),
                chain=[],
                origin_key=origin_key(source, header),
                state=REJECTED,
                reason=why,
                first_at=moment,
                changed_at=moment,
            )
            unit.add(row)
        elif row.state not in (LOOP, DOUBLE) and row.resource_id is None:
            row.state, row.reason = REJECTED, why
        row.seen_run, row.missing = run.id, False
    note_reject(run, header.identifier, why, None)


def note_reject(run: HarvestRun, identifier: str, why: str, raw: str | None) -> None:
    """Keep the first few rejects of a run with their raw text, for people to look at."""
    if len(run.rejects) < MOST_REJECTS:
        run.rejects = [*run.rejects, {"identifier": identifier, "why": why, "raw": (raw or "")[:LONGEST_RAW]}]


def _rows(unit: Session, source: HarvestSource, identifiers: Iterable[str]) -> dict[str, HarvestedRecord]:
    query = sa.select(HarvestedRecord).where(
        HarvestedRecord.source_id == source.id,
        HarvestedRecord.spec == source.spec,
        HarvestedRecord.identifier.in_(list(identifiers)),
    )
    return {row.identifier: row for row in unit.scalars(query)}


def _as_before(row: HarvestedRecord, record: Record, digest: str) -> bool:
    if record.deleted or row.deleted:
        return record.deleted and row.deleted
    return row.digest == digest and row.state != REJECTED


def _describe(row: HarvestedRecord, record: Record, digest: str, run: HarvestRun) -> None:
    row.datestamp = record.datestamp or now().replace(microsecond=0)
    row.sets, row.digest, row.recovered = list(record.sets), digest, record.recovered
    row.chain = [asdict(origin) for origin in record.chain]
    row.seen_run, row.missing, row.stale = run.id, False, False


# ---------------------------------------------------------------- whose record it is


def origin_key(source: HarvestSource, record: Record) -> str:
    """Stands for the thing described, whoever passes it on. Whoever alters a record makes a new thing."""
    identifier = record.identifier
    if record.chain and not any(origin.altered for origin in record.chain) and record.chain[-1].identifier:
        identifier = record.chain[-1].identifier
    if not identifier.startswith("oai:"):
        base = record.chain[-1].base_url if record.chain else source.base_url
        identifier = f"{_place(base)}|{identifier}"
    return hashlib.sha256(identifier.encode()).hexdigest()


def _place(url: str) -> tuple[str, str]:
    """An address without what may differ: scheme, letters' case in the host, a slash at the end."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:
        return "", url
    return parts.netloc.lower(), parts.path.rstrip("/")


def _names(record: Record) -> list[str]:
    return [record.identifier, *(origin.identifier for origin in record.chain)]


def _own_id(identifier: str) -> uuid.UUID | None:
    prefix = f"oai:{ports.settings().repository_id}:resource/"
    if not identifier.startswith(prefix) or not re.fullmatch(r"[0-9a-f-]{36}", identifier[len(prefix) :]):
        return None
    try:
        return uuid.UUID(identifier[len(prefix) :])
    except ValueError:
        return None


def _own_ids(records: Iterable[Record]) -> set[uuid.UUID]:
    """Lessons of our own that these records name: another installation may carry the same repository name."""
    named = {found for record in records for name in _names(record) if (found := _own_id(name))}
    return own_ids(named) if named else set()


def is_ours(record: Record, own: set[uuid.UUID]) -> bool:
    """The loop guard: a record that began here, or passed through here, does not come back in."""
    here = _place(f"{ports.settings().public_url}/oai")
    if any(_place(origin.base_url) == here for origin in record.chain):
        return True
    return any(_own_id(name) in own for name in _names(record))


# ---------------------------------------------------------------- lessons


def settle(unit: Session, keys: Iterable[str], fresh: dict[uuid.UUID, Record]) -> None:
    """Bring the lessons of these things up to date with all records that tell of them."""
    wanted = list(keys)
    if not wanted:
        return
    groups: dict[str, list[HarvestedRecord]] = {}
    for row in unit.scalars(sa.select(HarvestedRecord).where(HarvestedRecord.origin_key.in_(wanted))):
        groups.setdefault(row.origin_key, []).append(row)
    sources: dict[uuid.UUID, HarvestSource] = {}
    decisions: dict[uuid.UUID, Decisions] = {}
    lessons: dict[uuid.UUID, list[tuple[HarvestedRecord, resources.Foreign, Mapped]]] = {}
    gone: dict[uuid.UUID, list[uuid.UUID]] = {}
    for group in groups.values():
        known = next((row.resource_id for row in group if row.resource_id), None)
        best, made = _best(unit, group, fresh, sources, decisions)
        if best is None or made is None:
            if known is not None:
                gone.setdefault(group[0].source_id, []).append(known)
            continue
        source = sources[best.source_id]
        kept = file_ids(unit, known) if known else ()
        lessons.setdefault(source.id, []).append((best, _foreign(source, best, made, known, kept), made))
        for other in group:
            if other is not best and not other.deleted and other.state not in (LOOP, REJECTED):
                other.state = DOUBLE
    for source_id, ids in gone.items():
        resources.let_go(keeper(_source(unit, source_id, sources)), ids)
    for source_id, held in lessons.items():
        source = sources[source_id]
        ids = resources.take_in(keeper(source), source.unit_id, [foreign for _row, foreign, _made in held])
        for (row, _foreign_one, made), resource_id in zip(held, ids, strict=True):
            for one in groups[row.origin_key]:
                one.resource_id = resource_id
            row.state = PARTIAL if made.unmapped else MAPPED
        unit.flush()
        _keep_unmapped(unit, source, [(row, made) for row, _one, made in held])
        _keep_links(unit, source, [(row.resource_id, made) for row, _one, made in held])


def _source(unit: Session, source_id: uuid.UUID, sources: dict[uuid.UUID, HarvestSource]) -> HarvestSource:
    if source_id not in sources:
        sources[source_id] = unit.get_one(HarvestSource, source_id)
    return sources[source_id]


def _best(
    unit: Session,
    group: list[HarvestedRecord],
    fresh: dict[uuid.UUID, Record],
    sources: dict[uuid.UUID, HarvestSource],
    decisions: dict[uuid.UUID, Decisions],
) -> tuple[HarvestedRecord | None, Mapped | None]:
    """The record that describes the thing, mapped; nothing when no live record can be mapped."""
    live = [row for row in group if not row.deleted and row.state not in (LOOP, REJECTED) and row.xml]
    live.sort(key=lambda row: row.datestamp, reverse=True)
    live.sort(key=lambda row: len(row.chain))
    for row in live:
        record = fresh.get(row.id) or reread(row.xml or "")
        source = _source(unit, row.source_id, sources)
        if source.id not in decisions:
            decisions[source.id] = _decisions(unit, source.id)
        latest = row.datestamp + timedelta(days=1)
        made = (
            mapped(record.metadata, row.sets, decisions[source.id], row.identifier, latest)
            if record is not None
            else None
        )
        if made is not None:
            return row, made
        row.state, row.reason = RAW, "format"
    return None, None


def _decisions(unit: Session, source_id: uuid.UUID) -> Decisions:
    query = sa.select(HarvestTerm).where(HarvestTerm.source_id == source_id, HarvestTerm.state != WAITING)
    return {(term.field, term.folded): term.code for term in unit.scalars(query)}


def _foreign(
    source: HarvestSource,
    row: HarvestedRecord,
    made: Mapped,
    resource_id: uuid.UUID | None,
    kept: tuple[uuid.UUID, ...],
) -> resources.Foreign:
    chain = [Origin(**origin) for origin in row.chain]
    origin: dict[str, Any] = {
        "source": source.name,
        "source_id": str(source.id),
        "base_url": chain[-1].base_url if chain else source.base_url,
        "identifier": chain[-1].identifier if chain else row.identifier,
        "url": made.url,
        "publisher": made.publisher,
        "files": [{"url": link.url, "media_type": link.media_type} for link in made.files[:20]],
        "fetch": source.files != "none" and bool(made.files) and may_copy(made.fields.get("licence")),
    }
    return resources.Foreign(
        origin=origin,
        province=made.province or source.province,
        published_at=made.published_at or row.datestamp,
        fields=made.fields,
        resource_id=resource_id,
        file_ids=kept,
    )


def _keep_unmapped(unit: Session, source: HarvestSource, held: list[tuple[HarvestedRecord, Mapped]]) -> None:
    """Put unknown words into the queue, and say which records use them."""
    ids = [row.id for row, _made in held]
    unit.execute(sa.delete(HarvestUse).where(HarvestUse.record_id.in_(ids)))
    wanted = {(name, folded(text)): text for _row, made in held for name, text in made.unmapped}
    if not wanted:
        return
    known = {
        (term.field, term.folded): term.id
        for term in unit.scalars(
            sa.select(HarvestTerm).where(
                HarvestTerm.source_id == source.id, HarvestTerm.folded.in_([key[1] for key in wanted])
            )
        )
    }
    for key, text in wanted.items():
        if key not in known:
            term = HarvestTerm(
                id=new_id(), source_id=source.id, field=key[0], folded=key[1], text=text[:200], state=WAITING
            )
            unit.add(term)
            known[key] = term.id
    unit.flush()
    pairs = {(known[name, folded(text)], row.id) for row, made in held for name, text in made.unmapped}
    unit.execute(sa.insert(HarvestUse), [{"term_id": term, "record_id": record} for term, record in sorted(pairs)])


# ---------------------------------------------------------------- files


def file_ids(unit: Session, resource_id: uuid.UUID) -> tuple[uuid.UUID, ...]:
    """Files of a harvested lesson that are kept here, in the source's order."""
    query = (
        sa.select(HarvestedFile.file_id)
        .where(HarvestedFile.resource_id == resource_id, HarvestedFile.state == KEPT)
        .order_by(HarvestedFile.position, HarvestedFile.id)
    )
    return tuple(file_id for file_id in unit.scalars(query) if file_id)


def may_copy(licence: str | None) -> bool:
    """Whether the licence lets the bytes be kept here too; a word we do not know is the source's matter."""
    term = vocabularies.licence(licence) if licence else None
    return licence != "PERMISSION" and (term is None or bool(term.data.get("may_share")))


def _keep_links(unit: Session, source: HarvestSource, held: list[tuple[uuid.UUID | None, Mapped]]) -> None:
    ids = [resource_id for resource_id, _made in held]
    known: dict[uuid.UUID | None, dict[str, HarvestedFile]] = {}
    for row in unit.scalars(sa.select(HarvestedFile).where(HarvestedFile.resource_id.in_(ids))):
        known.setdefault(row.resource_id, {})[row.url] = row
    lost: dict[uuid.UUID, list[HarvestedFile]] = {}
    rows: list[dict[str, Any]] = []
    moment = now()
    for resource_id, made in held:
        if resource_id is None:
            continue
        present = known.get(resource_id, {})
        wanted = source.files == "all" and may_copy(made.fields.get("licence"))
        for position, link in enumerate(made.files, 1):
            known_one = present.pop(link.url, None)
            if known_one is None:
                rows.append(_link(source, resource_id, link, position, wanted, moment))
            else:
                known_one.position, known_one.media_type, known_one.sha256 = (
                    position,
                    link.media_type,
                    link.sha256 or known_one.sha256,
                )
                if known_one.state == LINKED and wanted:
                    known_one.state, known_one.due_at = WANTED, moment
        if present:
            lost[resource_id] = list(present.values())
    if rows:
        unit.execute(sa.insert(HarvestedFile), rows)
    for resource_id, files in lost.items():
        dropped = any(row.state == KEPT for row in files)
        for row in files:
            unit.delete(row)
        unit.flush()
        if dropped:
            resources.hold_files(keeper(source), resource_id, file_ids(unit, resource_id))


def _link(
    source: HarvestSource, resource_id: uuid.UUID, link: Link, position: int, wanted: bool, moment: Any
) -> dict[str, Any]:
    return {
        "id": new_id(),
        "source_id": source.id,
        "resource_id": resource_id,
        "url": link.url,
        "media_type": (link.media_type or "")[:120] or None,
        "sha256": link.sha256 if link.sha256 and re.fullmatch(r"[0-9a-f]{64}", link.sha256) else None,
        "position": position,
        "state": WANTED if wanted else LINKED,
        "due_at": moment if wanted else None,
        "tries": 0,
    }


# ---------------------------------------------------------------- mapping anew


def remap_some(limit: int = 200) -> int:
    """Map anew some of the records for which something was decided; returns how many were due."""
    if session().scalar(sa.select(HarvestedRecord.id).where(HarvestedRecord.stale.is_(True)).limit(1)) is None:
        return 0
    with transaction() as unit:
        query = sa.select(HarvestedRecord).where(HarvestedRecord.stale.is_(True)).limit(limit)
        rows = list(unit.scalars(query.with_for_update(skip_locked=True)))
        for row in rows:
            row.stale = False
        unit.flush()
        settle(unit, {row.origin_key for row in rows}, {})
    return len(rows)


def remap(source_id: uuid.UUID | None = None) -> int:
    """Let the worker map every record anew (of one source): after a change of the mapping's rules."""
    with transaction() as unit:
        query = sa.update(HarvestedRecord).where(HarvestedRecord.deleted.is_(False))
        if source_id is not None:
            query = query.where(HarvestedRecord.source_id == source_id)
        return unit.execute(query.values(stale=True)).rowcount  # type: ignore[attr-defined, no-any-return]
