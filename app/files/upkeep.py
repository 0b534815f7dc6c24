"""Rows and bytes held against each other: what is missing, what nobody needs, what changed on its own."""

from __future__ import annotations

import hashlib
import re
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import chain, islice
from typing import Literal

import sqlalchemy as sa

from app.core import ports
from app.core.db import session
from app.files.models import Blob, UploadPiece
from storage import keys
from storage.port import FileMissing, StoredFile

PAGE = 500
SAID_EVERY = 100
GRACE_S = 24 * 3600.0
"""Bytes stand in the store before their row does: younger ones are never called orphans."""

_ID = re.compile(r"[0-9a-f]{32}\Z")

Kind = Literal["missing", "wrong size", "changed", "orphan", "young"]


@dataclass(frozen=True)
class Fault:
    """`key` is the place in the store. `orphan` only wastes room; `young` may be a file that just comes in."""

    kind: Kind
    key: str


@dataclass(frozen=True)
class Swept:
    orphans: int
    unfinished: int
    staged: int


def verify(
    read: bool = False, grace_s: float = GRACE_S, told: Callable[[int, int], None] | None = None, young: bool = False
) -> Iterator[Fault]:
    """Every row without its bytes and all bytes without a row; with `read` flipped bits too.

    Reads page by page and holds no transaction open while it asks the store. `told` hears after each page how many
    rows were looked at, and how many bytes they stand for. With `young` bytes that came within the grace are named.
    """
    store, rows, looked_at = ports.files(), 0, 0
    for page in chain(_blobs(), _pieces()):
        for key, size, sha256 in page:
            rows, looked_at = rows + 1, looked_at + size
            try:
                if store.stat(key).size != size:
                    yield Fault("wrong size", key)
                elif read and sha256 is not None and _hash(key) != sha256:
                    yield Fault("changed", key)
            except FileMissing:
                if _known([key]):  # an upload may have ended meanwhile
                    yield Fault("missing", key)
            if told is not None and rows % SAID_EVERY == 0:
                told(rows, looked_at)
    if told is not None:
        told(rows, looked_at)
    for prefix in ("blob/", "piece/"):
        for found in _without_row(prefix):
            if _older(found.changed_at, grace_s):
                yield Fault("orphan", found.key)
            elif young:
                yield Fault("young", found.key)


def sweep(grace_s: float = GRACE_S) -> Swept:
    """Drop bytes that have no row and what broken uploads left, older than `grace_s`.

    Safe beside uploads: whoever receives bytes that have no row puts them anew, which makes them young.
    """
    store, dropped = ports.files(), 0
    for key in _orphans(grace_s):
        try:
            young = not _older(store.stat(key).changed_at, grace_s)
        except FileMissing:
            continue
        if young or _known([key]):
            continue
        store.drop(key)
        dropped += 1
    return Swept(dropped, store.sweep(grace_s), _sweep_staging(grace_s))


Page = list[tuple[str, int, str | None]]
"""Key, size and, where it is known, SHA-256 of what rows say is there."""


def _blobs() -> Iterator[Page]:
    after = ""
    while True:
        query = sa.select(Blob.sha256, Blob.size).where(Blob.sha256 > after).order_by(Blob.sha256).limit(PAGE)
        page: Page = [(keys.blob(sha256), size, sha256) for sha256, size in session().execute(query)]
        session().rollback()
        if not page:
            return
        yield page
        after = str(page[-1][2])


def _pieces() -> Iterator[Page]:
    query, after = sa.select(UploadPiece.id, UploadPiece.size).order_by(UploadPiece.id).limit(PAGE), None
    while True:
        wanted = query if after is None else query.where(UploadPiece.id > after)
        found = session().execute(wanted).all()
        session().rollback()
        if not found:
            return
        yield [(keys.piece(piece_id), size, None) for piece_id, size in found]
        after = found[-1].id


def _orphans(grace_s: float) -> Iterator[str]:
    return (found.key for found in _without_row("blob/") if _older(found.changed_at, grace_s))


def _without_row(prefix: str) -> Iterator[StoredFile]:
    listed = ports.files().listed(prefix)
    while page := list(islice(listed, PAGE)):
        known = _known([found.key for found in page])
        yield from (found for found in page if found.key not in known)


def _known(page: list[str]) -> set[str]:
    """Which of these keys some row needs."""
    names = [key.rpartition("/")[2] for key in page]
    found = {keys.blob(sha256) for sha256 in session().scalars(sa.select(Blob.sha256).where(Blob.sha256.in_(names)))}
    ids = [
        uuid.UUID(name) for key, name in zip(page, names, strict=True) if key.startswith("piece/") and _ID.match(name)
    ]
    if ids:
        query = sa.select(UploadPiece.id).where(UploadPiece.id.in_(ids))
        found |= {keys.piece(piece_id) for piece_id in session().scalars(query)}
    session().rollback()
    return found


def _older(moment: datetime | None, grace_s: float) -> bool:
    return moment is not None and moment <= datetime.now(UTC) - timedelta(seconds=grace_s)


def _hash(key: str) -> str:
    digest = hashlib.sha256()
    for piece in ports.files().open(key):
        digest.update(piece)
    return digest.hexdigest()


def _sweep_staging(grace_s: float) -> int:
    folder, swept = ports.settings().data_dir / "staging", 0
    for path in folder.glob("*"):
        if path.is_file() and path.stat().st_mtime <= time.time() - grace_s:
            path.unlink(missing_ok=True)
            swept += 1
    return swept
