"""Carries changes from SQL to the index: it re-reads the row and puts or drops its document.

The row's revision goes along as the document's, so that replays and disorder do no harm.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator

from app.core import db, ports
from app.discovery import documents
from app.questions import queries as questions
from app.resources import queries as resources
from app.resources.models import Resource
from search.port import Document

BATCH = 200
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


def rebuild(told: Callable[[int], None] | None = None) -> int:
    """Make the index anew from SQL while it goes on answering; returns how many documents it holds then.

    `told` is called with the number read so far after each batch. A failure on the way takes nothing away.
    """
    return ports.index().rebuild(_all(told))


def rebuild_if_empty() -> int | None:
    """Rebuild when the index holds nothing but the database does: a lost or outdated index file heals itself."""
    if ports.index().count():
        return None
    if not resources.published_ids(limit=1) and next(questions.approved_ids(), None) is None:
        return None
    return rebuild()


def _revision(kind: str, item_id: uuid.UUID) -> int:
    if kind == "question":
        return questions.revision_of(item_id) or GONE
    row = db.session().get(Resource, item_id, populate_existing=True)
    return row.revision if row is not None else GONE


def _all(told: Callable[[int], None] | None) -> Iterator[Document]:
    read = 0
    for kind, ids in _batches():
        made = [document for item_id in ids if (document := documents.document(kind, item_id)) is not None]
        db.close_session()
        yield from made
        read += len(made)
        if told is not None:
            told(read)


def _batches() -> Iterator[tuple[str, list[uuid.UUID]]]:
    after: uuid.UUID | None = None
    while ids := resources.published_ids(after, BATCH):
        after = ids[-1]
        yield "resource", ids
    approved = list(questions.approved_ids())
    for start in range(0, len(approved), BATCH):
        yield "question", approved[start : start + BATCH]
