"""Carries changes from SQL to the index: it re-reads the row and puts or drops its document.

The row's revision goes along as the document's, so that replays and disorder do no harm.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from weakref import WeakKeyDictionary

import sqlalchemy as sa
import structlog

from app.core import db, outbox, ports
from app.discovery import documents
from app.questions import queries as questions
from app.questions.models import Question
from app.resources import queries as resources
from app.resources.models import PUBLISHED, Resource
from search.port import Document, DocumentRefused, Index, NeedsRebuild, SearchUnavailable

log = structlog.get_logger()
BATCH = 200
LOOK_S = 5.0
"""Seconds between two looks at the index."""
GONE = 2**53
"""The revision of a drop whose row no longer exists: ids are never used again."""

KINDS = ("resource", "question")


def handle(kind: str, item_id: uuid.UUID) -> None:
    """Outbox lane "index". Kinds that nobody searches for are passed over; raises to be tried again."""
    if kind not in KINDS:
        return
    document = documents.document(kind, item_id)
    if document is not None:
        ports.index().put([document])
    else:
        ports.index().drop(kind, str(item_id), _revision(kind, item_id))


def rebuild(told: Callable[[int], None] | None = None, stop: Callable[[], bool] = lambda: False) -> int:
    """Make the index anew from SQL while it goes on answering; returns how many documents it holds then.

    `told` is called with the number read so far after each batch; `stop` is asked then whether to give up. A
    failure on the way takes nothing away.
    """
    return ports.index().rebuild(_all(told, stop))


def rebuild_if_empty() -> int | None:
    """Rebuild when the index holds nothing but the database does: a lost or outdated index file heals itself."""
    if ports.index().count() or not expected():
        return None
    return rebuild()


def expected() -> int:
    """How many documents SQL has for the index."""
    lessons = sa.select(sa.func.count()).select_from(Resource).where(Resource.state == PUBLISHED)
    approved = sa.select(sa.func.count()).select_from(Question).where(*_approved())
    return (db.session().scalar(lessons) or 0) + (db.session().scalar(approved) or 0)


def _approved() -> tuple[sa.ColumnElement[bool], ...]:
    return Question.approved_version_id.is_not(None), Question.state != "retired"


# -- healing -----------------------------------------------------------------------------------------


@dataclass
class _Sight:
    """What was last seen of an index: when, and whether it was compared with SQL since it was last away."""

    at: float = float("-inf")
    compared: bool = False
    differed: bool = False


_sights: WeakKeyDictionary[Index, _Sight] = WeakKeyDictionary()


def heal(stop: Callable[[], bool]) -> int:
    """Look after the index, every few seconds: rebuild one that is lost, empty by mistake or of another version.

    At the start and after every absence of the engine the counts are compared too, once no notes wait. 0: this has
    no queue, and the next look is not due at once.
    """
    index = ports.index()
    sight = _sights.setdefault(index, _Sight())
    if time.monotonic() - sight.at < LOOK_S:
        return 0
    sight.at = time.monotonic()
    try:
        why = _ill(index, sight)
        if why:
            log.warning("index is rebuilt", why=why)
            log.info("index was rebuilt", documents=rebuild(stop=stop))
            sight.compared, sight.differed = True, False
    except NeedsRebuild:  # it was lost between two looks
        sight.compared = False
    except SearchUnavailable as error:
        if sight.compared:
            log.warning("index is away", error=str(error)[:300])
        sight.compared = False
    except DocumentRefused as error:
        # Trying again would not help: the documents are named here and with their notes.
        log.error("index cannot be rebuilt", error=str(error)[:2000])
        sight.compared, sight.differed = True, False
    return 0


def _ill(index: Index, sight: _Sight) -> str:
    """Why the index must be rebuilt; empty when it is well, or when that cannot be told yet."""
    try:
        held = index.count()
    except NeedsRebuild as error:
        return str(error)
    if sight.compared and held:
        return ""
    wanted = expected()
    db.close_session()
    if held == wanted:
        sight.compared, sight.differed = True, False
        return ""
    if held or sight.compared:
        if outbox.pending("index", db.now()):
            return ""  # the notes may bring what is missing
        if not sight.differed:
            sight.differed = True  # or something changed between the two counts: look once more
            return ""
    return f"it holds {held} documents of {wanted}"


# -- reading SQL -------------------------------------------------------------------------------------


def _revision(kind: str, item_id: uuid.UUID) -> int:
    if kind == "question":
        return questions.revision_of(item_id) or GONE
    row = db.session().get(Resource, item_id, populate_existing=True)
    return row.revision if row is not None else GONE


def _all(told: Callable[[int], None] | None, stop: Callable[[], bool]) -> Iterator[Document]:
    db.close_session()  # an older view of the database may not hold what was indexed before this began
    read = 0
    for kind, ids in _batches():
        made = [document for item_id in ids if (document := documents.document(kind, item_id)) is not None]
        db.close_session()
        yield from made
        read += len(made)
        if told is not None:
            told(read)
        if stop():
            raise SearchUnavailable("the rebuild was stopped")


def _batches() -> Iterator[tuple[str, list[uuid.UUID]]]:
    after: uuid.UUID | None = None
    while ids := resources.published_ids(after, BATCH):
        after = ids[-1]
        yield "resource", ids
    after = None
    while ids := _approved_ids(after):
        after = ids[-1]
        yield "question", ids


def _approved_ids(after: uuid.UUID | None) -> list[uuid.UUID]:
    query = sa.select(Question.id).where(*_approved()).order_by(Question.id).limit(BATCH)
    if after is not None:
        query = query.where(Question.id > after)
    return list(db.session().scalars(query))
