"""Verbs on files that come in pieces. Pieces stand in the store, so any process takes the next one, and a broken
connection, a killed server or a reloaded page costs at most the piece under way.
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import BinaryIO

import sqlalchemy as sa
from werkzeug.exceptions import ClientDisconnected

from app.core import ports
from app.core.access import Viewer
from app.core.db import new_id, now, session, transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, TooLarge, TooMany
from app.core.i18n import gettext as _
from app.files import inspection
from app.files.models import Upload, UploadPiece
from storage import keys

PIECE = 4 * 1024**2
"""The most bytes that stand in memory for one upload."""
MAX_OPEN = 50
GRACE_S = 7 * 24 * 3600.0
"""How long an upload waits for its next piece."""


def start(viewer: Viewer, name: str, size: int) -> Upload:
    """A place for `size` bytes. Name and size are judged here, before the first byte is sent.

    Raises Forbidden, Invalid (with the field `file`), TooLarge, TooMany.
    """
    if viewer.id is None:
        raise Forbidden(_("Hãy đăng nhập để tải tệp lên."))
    limit = ports.settings().max_upload_bytes
    if size > limit:
        raise TooLarge(_("Tệp lớn hơn mức cho phép là %(limit)s MB.", limit=limit // 1024**2))
    problem = inspection.refuse_early(name, size, limit)
    if problem is None and size < 1:
        problem = _("Tệp rỗng, không có nội dung nào để lưu.")
    if problem is not None:
        raise Invalid(problem, errors={"file": [problem]})
    with transaction() as unit:
        waiting = unit.scalar(sa.select(sa.func.count()).where(Upload.user_id == viewer.id)) or 0
        if waiting >= MAX_OPEN:
            raise TooMany(_("Thầy cô đang có %(count)s tệp tải dở. Hãy hoàn tất hoặc bỏ bớt.", count=waiting))
        row = Upload(user_id=viewer.id, name=inspection.clean_name(name), size=size, received=0, touched_at=now())
        unit.add(row)
        unit.flush()
    return row


def upload(viewer: Viewer, upload_id: uuid.UUID) -> Upload:
    """The viewer's own upload, or NotFound."""
    row = session().get(Upload, upload_id)
    if row is None or row.user_id != viewer.id:
        raise NotFound(_("Lượt tải này không còn. Hãy chọn lại tệp."))
    return row


def append(viewer: Viewer, upload_id: uuid.UUID, start: int, stream: BinaryIO) -> int:
    """Keep what comes from `stream`, which continues at `start`; how many bytes stand now.

    What came before a connection broke is kept. Raises Conflict when `start` is not where the upload stands (its
    `current` tells), TooLarge when more comes than was announced.
    """
    row = upload(viewer, upload_id)
    size, received = row.size, row.received
    session().rollback()  # no read transaction is held open while slow bytes come
    if start != received:
        raise _elsewhere(received)
    for piece in _pieces(stream):
        if start + len(piece) > size:
            raise TooLarge(_("Tệp gửi lên dài hơn đã báo."))
        start = _keep(upload_id, start, piece)
    return start


def _pieces(stream: BinaryIO) -> Iterator[bytes]:
    held, broken = bytearray(), False
    while not broken:
        try:
            got = stream.read(min(PIECE - len(held), 256 * 1024))
            broken = not got
            held += got
        except (ClientDisconnected, OSError):
            broken = True
        if len(held) == PIECE or (broken and held):
            yield bytes(held)
            held.clear()


def _keep(upload_id: uuid.UUID, start: int, data: bytes) -> int:
    piece_id, store = new_id(), ports.files()
    store.put(keys.piece(piece_id), io.BytesIO(data), len(data))
    end = start + len(data)
    with transaction() as unit:
        moved = unit.execute(
            sa.update(Upload)
            .where(Upload.id == upload_id, Upload.received == start)
            .values(received=end, touched_at=now())
        )
        took = moved.rowcount == 1  # type: ignore[attr-defined]
        if took:
            unit.add(UploadPiece(id=piece_id, upload_id=upload_id, start=start, size=len(data)))
    if not took:
        store.drop(keys.piece(piece_id))
        raise _elsewhere(session().scalar(sa.select(Upload.received).where(Upload.id == upload_id)))
    return end


def _elsewhere(received: int | None) -> Conflict:
    if received is None:
        raise NotFound(_("Lượt tải này không còn. Hãy chọn lại tệp."))
    return Conflict(_("Tệp đã tải đến byte %(count)s.", count=received), current=received)


class Whole(io.RawIOBase, BinaryIO):
    """All bytes of an upload as one stream."""

    def __init__(self, filename: str, pieces: Iterable[bytes]) -> None:
        self.filename = filename
        self._pieces = iter(pieces)
        self._held = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        if not self._held:
            self._held = next(self._pieces, b"")
        count = min(len(buffer), len(self._held))
        buffer[:count] = self._held[:count]
        self._held = self._held[count:]
        return count


def whole(viewer: Viewer, upload_id: uuid.UUID) -> Whole:
    """The bytes of an upload that has all of them. Raises Conflict (`current` tells how many stand) before."""
    row = upload(viewer, upload_id)
    if row.received != row.size:
        raise _elsewhere(row.received)
    ids = _ids([upload_id])
    name = row.name
    session().rollback()
    return Whole(name, (data for piece_id in ids for data in ports.files().open(keys.piece(piece_id))))


def drop(viewer: Viewer, upload_id: uuid.UUID) -> None:
    """Forget an upload and its pieces."""
    upload(viewer, upload_id)
    _forget([upload_id])


def sweep(grace_s: float = GRACE_S) -> int:
    """Forget uploads that nobody went on with for `grace_s` seconds, and pieces without a row; how many uploads."""
    until = now() - timedelta(seconds=grace_s)
    old = list(session().scalars(sa.select(Upload.id).where(Upload.touched_at <= until)))
    session().rollback()
    for upload_id in old:
        _forget([upload_id])
    store = ports.files()
    for found in store.listed("piece/"):
        if found.changed_at is None or found.changed_at > until:
            continue
        if session().get(UploadPiece, uuid.UUID(found.key.rpartition("/")[2])) is None:
            store.drop(found.key)
        session().rollback()
    return len(old)


def _ids(upload_ids: list[uuid.UUID]) -> list[uuid.UUID]:
    query = sa.select(UploadPiece.id).where(UploadPiece.upload_id.in_(upload_ids))
    return list(session().scalars(query.order_by(UploadPiece.upload_id, UploadPiece.start)))


def _forget(upload_ids: list[uuid.UUID]) -> None:
    ids = _ids(upload_ids)
    session().rollback()
    with transaction() as unit:
        unit.execute(sa.delete(UploadPiece).where(UploadPiece.upload_id.in_(upload_ids)))
        unit.execute(sa.delete(Upload).where(Upload.id.in_(upload_ids)))
    for piece_id in ids:
        ports.files().drop(keys.piece(piece_id))
