"""The only writer of the feed: carries notes of the outbox's lane "feed" into the tables that partners read.

Datestamps. A harvester asks next time from the `responseDate` it was given. So a record must become
visible with a datestamp not older than any responseDate given before: a commit that comes late would
break that. Each write is therefore followed by a look at the clock; when the second has passed meanwhile,
the record is dated anew, until date and commit fall into one second. A crash in between leaves `confirmed`
false and the note in the outbox, and the next round dates it anew.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Callable
from datetime import UTC, datetime

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from app.accounts import queries as accounts
from app.core import db, ports
from app.core.markup import plain
from app.oai import queries
from app.oai.crosswalk import FORMATS, VERSION, Lesson, LessonFile, least
from app.oai.models import OaiMembership, OaiMetadata, OaiRecord, OaiSet
from app.oai.sets import specs, with_ancestors
from app.resources import queries as resources

log = structlog.get_logger()
KINDS = ("resource",)
TRIES = 20
LOCK = 0x6F6169
LONGEST_DESCRIPTION = 20_000


class NotConfirmed(RuntimeError):
    """Commits take longer than a second each; the note is tried again later."""


def rendering() -> str:
    """Stands for all that metadata depends on beside the lesson itself."""
    rules = (VERSION, sorted(FORMATS), ports.settings().public_url)
    return hashlib.sha256(json.dumps(rules).encode()).hexdigest()


def handle(kind: str, item_id: uuid.UUID) -> None:
    """Bring one record up to date with its lesson. Safe to repeat and to run in any order."""
    if kind not in KINDS:
        return
    for _try in range(TRIES):
        with db.transaction() as unit:
            record = _write(unit, kind, item_id)
            if record is None or record.confirmed:
                return
            record_id, stamp = record.id, record.datestamp
        if _whole(db.now()) <= stamp:
            with db.transaction() as unit:
                unit.execute(
                    sa.update(OaiRecord)
                    .where(OaiRecord.id == record_id, OaiRecord.datestamp == stamp)
                    .values(confirmed=True)
                    .execution_options(synchronize_session="fetch")
                )
            return
    raise NotConfirmed(str(item_id))


def refresh(limit: int = 500) -> int:
    """Render anew what was rendered under other rules (crosswalk, public address); returns how many."""
    found = queries.outdated(rendering(), limit)
    for kind, item_id in found:
        handle(kind, item_id)
    return len(found)


def renew(_stop: Callable[[], bool]) -> int:
    """A round of `refresh` for the worker: after an upgrade partners get the new formats by themselves."""
    return refresh(50)


def rebuild() -> int:
    """Go over every published lesson and every record; returns how many lessons were looked at."""
    count, after = 0, None
    while ids := resources.published_ids(after):
        for item_id in ids:
            handle("resource", item_id)
        count, after = count + len(ids), ids[-1]
        db.session().expunge_all()
    while refresh():
        pass
    return count


def _whole(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(microsecond=0)


def _write(unit: Session, kind: str, item_id: uuid.UUID) -> OaiRecord | None:
    """Write the present state; None when there was never anything to tell. Confirmed when nothing changed."""
    if unit.get_bind().dialect.name == "postgresql":
        unit.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
    unit.expire_all()
    record = unit.scalar(sa.select(OaiRecord).where(OaiRecord.kind == kind, OaiRecord.item_id == item_id))
    metadata, sets, revision = _present(item_id)
    if record is None and metadata is None:
        return None
    if record is not None and metadata is None:
        sets, revision = record.sets, record.revision
    rules = rendering()
    told = json.dumps([metadata, sets], ensure_ascii=True, sort_keys=True)
    digest = hashlib.sha256(told.encode()).hexdigest()
    if record is not None and record.digest == digest and record.confirmed:
        record.rendering, record.revision = rules, revision
        return record
    stamp = max(_whole(db.now()), queries.latest() or datetime.min.replace(tzinfo=UTC))
    if record is None:
        record = OaiRecord(
            kind=kind,
            item_id=item_id,
            identifier=f"oai:{ports.settings().repository_id}:{kind}/{item_id}",
        )
        unit.add(record)
    record.datestamp, record.deleted, record.sets = stamp, metadata is None, sets
    record.revision, record.digest, record.rendering, record.confirmed = revision, digest, rules, False
    unit.flush()
    _write_metadata(unit, record.id, metadata or {})
    _write_memberships(unit, record, stamp)
    return record


def _write_metadata(unit: Session, record_id: int, metadata: dict[str, str]) -> None:
    unit.execute(sa.delete(OaiMetadata).where(OaiMetadata.record_id == record_id))
    if metadata:
        rows = [{"record_id": record_id, "prefix": prefix, "xml": xml} for prefix, xml in metadata.items()]
        unit.execute(sa.insert(OaiMetadata), rows)


def _write_memberships(unit: Session, record: OaiRecord, stamp: datetime) -> None:
    """Date the memberships that are; leave a tombstone where one ended."""
    known = sa.select(OaiMembership).where(OaiMembership.record_id == record.id)
    held = {membership.spec: membership for membership in unit.scalars(known)}
    now_in = with_ancestors(record.sets)
    for spec in now_in:
        if spec not in held:
            held[spec] = OaiMembership(record_id=record.id, spec=spec)
            unit.add(held[spec])
        held[spec].datestamp, held[spec].gone = stamp, record.deleted
    for spec in held.keys() - now_in:
        if not held[spec].gone:
            held[spec].datestamp, held[spec].gone = stamp, True
    for spec in now_in:
        if unit.get(OaiSet, spec) is None:
            unit.add(OaiSet(spec=spec))


def _present(item_id: uuid.UUID) -> tuple[dict[str, str] | None, list[str], int]:
    """Metadata by format (None when not public), setSpecs and revision of a lesson as it is now."""
    found = resources.public_resource(item_id)
    if found is None or found[0].origin is not None:
        # What was harvested elsewhere is shared from there, not passed on from here (docs/decisions/0003).
        return None, [], 0
    resource, version, files = found
    public = ports.settings().public_url
    unit = accounts.unit(resource.unit_id)
    department = accounts.department_of(resource.unit_id)
    lesson = Lesson(
        url=f"{public}/lessons/{resource.id}",
        title=version.title,
        description=plain(version.description or "")[:LONGEST_DESCRIPTION],
        subject=version.subject,
        grades=tuple(version.grades or ()),
        resource_type=version.resource_type,
        language=version.language,
        licence=version.licence,
        authors=tuple(version.authors or ()),
        keywords=tuple(version.keywords or ()),
        topics=tuple(version.topics or ()),
        textbook_series=version.textbook_series,
        publishers=tuple(dict.fromkeys(u.name for u in (unit, department) if u is not None)),
        published_at=version.published_at or resource.published_at,
        files=tuple(
            LessonFile(
                f"{public}/api/v1/resources/{resource.id}/files/{file.id}/content",
                file.media_type,
                file.size,
                file.sha256,
            )
            for file in files
        ),
    )
    metadata: dict[str, str] = {}
    for prefix, form in FORMATS.items():
        try:
            metadata[prefix] = form.write(lesson)
        except Exception:
            log.exception("lesson cannot be written in this format", lesson=str(item_id), format=prefix)
            metadata[prefix] = least(prefix, lesson.url, lesson.title)
    held = specs(version.subject, resource.origin_province, lesson.grades, version.resource_type, version.licence)
    return metadata, held, resource.revision
