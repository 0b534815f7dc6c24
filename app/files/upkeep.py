"""Rows and bytes held against each other: what is missing, what nobody needs, what changed on its own."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Literal

import sqlalchemy as sa

from app.core import ports
from app.core.db import session
from app.files.models import Blob
from storage import keys
from storage.port import FileMissing

PAGE = 500
GRACE_S = 24 * 3600.0
"""Bytes stand in the store before their row does: younger ones are never called orphans."""

Kind = Literal["missing", "wrong size", "changed", "orphan"]


@dataclass(frozen=True)
class Fault:
    """`key` is the place in the store; only `orphan` is harmless."""

    kind: Kind
    key: str


@dataclass(frozen=True)
class Swept:
    orphans: int
    unfinished: int
    staged: int


def verify(read: bool = False, grace_s: float = GRACE_S) -> Iterator[Fault]:
    """Every row without its bytes and all bytes without a row; with `read` flipped bits too.

    Reads page by page and holds no transaction open while it asks the store.
    """
    store = ports.files()
    for page in _blobs():
        for sha256, size in page:
            key = keys.blob(sha256)
            try:
                if store.stat(key).size != size:
                    yield Fault("wrong size", key)
                elif read and _hash(key) != sha256:
                    yield Fault("changed", key)
            except FileMissing:
                yield Fault("missing", key)
    for key in _orphans(grace_s):
        yield Fault("orphan", key)


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


def _blobs() -> Iterator[list[tuple[str, int]]]:
    after = ""
    while True:
        query = sa.select(Blob.sha256, Blob.size).where(Blob.sha256 > after).order_by(Blob.sha256).limit(PAGE)
        page = [(sha256, size) for sha256, size in session().execute(query)]
        session().rollback()
        if not page:
            return
        yield page
        after = page[-1][0]


def _orphans(grace_s: float) -> Iterator[str]:
    old = (found.key for found in ports.files().listed("blob/") if _older(found.changed_at, grace_s))
    while page := list(islice(old, PAGE)):
        known = _known(page)
        yield from (key for key in page if key not in known)


def _known(page: list[str]) -> set[str]:
    hashes = [key.rpartition("/")[2] for key in page]
    found = {keys.blob(sha256) for sha256 in session().scalars(sa.select(Blob.sha256).where(Blob.sha256.in_(hashes)))}
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
