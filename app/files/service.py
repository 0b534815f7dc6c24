"""Verbs on bytes: receive them, keep a row of them, read their text."""

from __future__ import annotations

import hashlib
import os
import tempfile
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from sqlalchemy.exc import IntegrityError

from app.core import outbox, ports
from app.core.access import Viewer
from app.core.db import now, session, transaction
from app.core.errors import Forbidden, Invalid, TooLarge
from app.core.i18n import gettext as _
from app.files import inspection, queries, text
from app.files.models import Blob, BlobText, File
from storage import keys

PIECE = 256 * 1024


@dataclass(frozen=True)
class ReceivedFile:
    """Bytes that stand in the store, with no row yet; `size` in bytes, the type found inside."""

    sha256: str
    size: int
    media_type: str
    name: str
    package: str | None = None


def receive(viewer: Viewer, stream: BinaryIO, filename: str) -> ReceivedFile:
    """Stage, count, hash, inspect and store. Call it outside transaction(); an orphan left by a later
    failure is harmless: the same bytes find it again.

    Raises TooLarge, Invalid (with the field `file`), storage.port.StorageUnavailable.
    """
    if viewer.is_guest:
        raise Forbidden(_("Hãy đăng nhập để tải tệp lên."))
    if session().info.get("depth"):
        raise RuntimeError("bytes are received before a transaction, never inside one")
    session().rollback()  # no read transaction is held open while slow bytes come
    settings = ports.settings()
    early = inspection.refuse_early(filename, None, settings.max_upload_bytes)
    if early:
        raise Invalid(early, errors={"file": [early]})
    staging = settings.data_dir / "staging"
    staging.mkdir(parents=True, exist_ok=True)
    handle, staged = tempfile.mkstemp(dir=staging)
    path = Path(staged)
    try:
        with os.fdopen(handle, "wb") as out:
            sha256, size = _copy(stream, out.write, settings.max_upload_bytes)
        found = inspection.inspect(path, filename)
        store, key = ports.files(), keys.blob(sha256)
        known = queries.blob_by_hash(sha256) is not None
        session().rollback()
        # Bytes without a row may be swept at any moment: putting them anew makes them young.
        if not known or not store.exists(key) or store.stat(key).size != size:
            with path.open("rb") as source:
                store.put(key, source, size)
    finally:
        path.unlink(missing_ok=True)
    return ReceivedFile(sha256, size, found.media_type, found.name, found.package)


def _copy(stream: BinaryIO, write: Callable[[bytes], Any], limit: int) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    while piece := stream.read(PIECE):
        size += len(piece)
        if size > limit:
            raise TooLarge(_("Tệp lớn hơn mức cho phép là %(limit)s MB.", limit=limit // 1024**2))
        digest.update(piece)
        write(piece)
    return digest.hexdigest(), size


def keep(received: ReceivedFile) -> File:
    """Rows for received bytes, inside the caller's transaction; new bytes are noted for reading."""
    with transaction() as unit:
        moment = now()
        if queries.blob_by_hash(received.sha256) is None:
            blob = Blob(
                sha256=received.sha256,
                size=received.size,
                media_type=received.media_type,
                package=received.package,
                created_at=moment,
            )
            try:
                with unit.begin_nested():
                    unit.add(blob)
                    unit.flush()
                outbox.note("blob", blob.id)
            except IntegrityError:
                pass  # somebody else kept the same bytes at the same moment
        row = File(
            sha256=received.sha256,
            name=received.name,
            size=received.size,
            media_type=received.media_type,
            package=received.package,
            created_at=moment,
        )
        unit.add(row)
        unit.flush()
        return row


def handle(kind: str, blob_id: uuid.UUID) -> str | None:
    """Outbox lane "text": read the text of a blob once. Returns its sha256, None for an unknown blob.

    Bad bytes end as `failed`; a store that is down raises, so that the note is tried again.
    """
    blob = queries.blob(blob_id)
    if blob is None:
        return None
    sha256, media_type = blob.sha256, blob.media_type
    known = session().get(BlobText, sha256)
    if known is not None and known.extractor == text.EXTRACTOR:
        return sha256
    session().rollback()  # no read transaction is held open while the reader works
    found = _read(sha256, media_type)
    with transaction() as unit:
        unit.merge(
            BlobText(
                sha256=sha256,
                state=found.state,
                text=found.text,
                extractor=text.EXTRACTOR,
                message=found.message,
                made_at=now(),
            )
        )
    return sha256


def _read(sha256: str, media_type: str) -> text.Extracted:
    if media_type not in text.READABLE:
        return text.Extracted("none")
    staging = ports.settings().data_dir / "staging"
    staging.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=staging) as staged:
        for piece in ports.files().open(keys.blob(sha256)):
            staged.write(piece)
        staged.flush()
        return text.extract(Path(staged.name), media_type)
