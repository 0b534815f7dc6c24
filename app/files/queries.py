"""Reads about files. Who may see a file is asked of the room that uses it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

import sqlalchemy as sa

from app.core.db import session
from app.files.models import Blob, BlobText, File


def file(file_id: uuid.UUID) -> File | None:
    """The file row, or None."""
    return session().get(File, file_id)


def files_by_id(ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, File]:
    """File rows of these ids; unknown ids are absent."""
    wanted = list(ids)
    if not wanted:
        return {}
    return {row.id: row for row in session().scalars(sa.select(File).where(File.id.in_(wanted)))}


def blob(blob_id: uuid.UUID) -> Blob | None:
    """The blob row, or None."""
    return session().get(Blob, blob_id)


def blob_by_hash(sha256: str) -> Blob | None:
    """The blob with these bytes, or None."""
    return session().scalar(sa.select(Blob).where(Blob.sha256 == sha256))


def text_of(sha256: str) -> str | None:
    """The text found in these bytes; None while it was not read yet or there is none."""
    found = session().get(BlobText, sha256)
    return found.text if found is not None and found.text else None


def text_state(sha256: str) -> str | None:
    """`ready`, `empty` (a scan), `failed`, `none` (not a kind with text) or None (not read yet)."""
    return session().scalar(sa.select(BlobText.state).where(BlobText.sha256 == sha256))
