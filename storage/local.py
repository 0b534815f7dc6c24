"""The embedded plug: a folder on the local disk. Writes go to a temporary file, then one rename."""

from __future__ import annotations

import hashlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from storage.keys import checked
from storage.port import FileMissing, ShortWrite, StorageUnavailable, StoredFile

PIECE = 256 * 1024


class LocalStore:
    """Files below `root`; unfinished writes stand in `root/.tmp` and are never seen as keys."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._tmp = root / ".tmp"
        try:
            self._tmp.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageUnavailable(f"cannot use folder {root}: {error.strerror}") from error

    def _path(self, key: str) -> Path:
        return self.root / checked(key)

    def put(self, key: str, stream: BinaryIO, size: int | None = None) -> StoredFile:
        """See FileStore.put."""
        path = self._path(key)
        digest = hashlib.sha256()
        written = 0
        try:
            handle, temporary = tempfile.mkstemp(dir=self._tmp)
        except OSError as error:
            raise StorageUnavailable(f"cannot write: {error.strerror}") from error
        try:
            with os.fdopen(handle, "wb") as out:
                while piece := stream.read(PIECE):
                    digest.update(piece)
                    written += len(piece)
                    out.write(piece)
                out.flush()
                os.fsync(out.fileno())
            if size is not None and written != size:
                raise ShortWrite(f"{written} bytes arrived, {size} were announced")
            path.parent.mkdir(parents=True, exist_ok=True)
            os.replace(temporary, path)
            _sync_folder(path.parent)
        except OSError as error:
            raise StorageUnavailable(f"cannot write: {error.strerror}") from error
        finally:
            Path(temporary).unlink(missing_ok=True)
        return StoredFile(key, written, digest.hexdigest())

    def open(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """See FileStore.open."""
        path = self._path(key)
        try:
            source = path.open("rb")
        except (FileNotFoundError, IsADirectoryError) as error:
            raise FileMissing(key) from error
        except OSError as error:
            raise StorageUnavailable(f"cannot read: {error.strerror}") from error
        return _Pieces(source, start, end)

    def stat(self, key: str) -> StoredFile:
        """See FileStore.stat."""
        path = self._path(key)
        if not path.is_file():
            raise FileMissing(key)
        found = path.stat()
        return StoredFile(key, found.st_size, changed_at=_moment(found))

    def exists(self, key: str) -> bool:
        """See FileStore.exists."""
        return self._path(key).is_file()

    def url_for(self, key: str, name: str, media_type: str, seconds: int = 300) -> str | None:
        """A folder has no address of its own: the app sends the bytes."""
        return None

    def drop(self, key: str) -> None:
        """See FileStore.drop."""
        try:
            self._path(key).unlink(missing_ok=True)
        except OSError as error:
            raise StorageUnavailable(f"cannot drop: {error.strerror}") from error

    def keys(self, prefix: str = "") -> Iterator[str]:
        """See FileStore.keys."""
        yield from sorted(found.key for found in self.listed(prefix))

    def listed(self, prefix: str = "") -> Iterator[StoredFile]:
        """See FileStore.listed."""
        for folder, folders, names in os.walk(self.root):
            folders[:] = [name for name in folders if name != ".tmp"]
            for name in names:
                path = Path(folder, name)
                key = path.relative_to(self.root).as_posix()
                if key.startswith(prefix):
                    with suppress(FileNotFoundError):
                        found = path.stat()
                        yield StoredFile(key, found.st_size, changed_at=_moment(found))

    def sweep(self, seconds: float) -> int:
        """See FileStore.sweep."""
        swept = 0
        for path in self._tmp.iterdir():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime <= time.time() - seconds:
                    path.unlink()
                    swept += 1
        return swept

    def check(self) -> None:
        """See FileStore.check."""
        if not os.access(self._tmp, os.W_OK):
            raise StorageUnavailable("the folder cannot be written")


class _Pieces:
    """Reads a range of an open file; closes it at the end, on close() and when forgotten."""

    def __init__(self, source: BinaryIO, start: int, end: int | None) -> None:
        self._source = source
        self._left = None if end is None else max(0, end - start)
        source.seek(start)

    def __iter__(self) -> _Pieces:
        return self

    def __next__(self) -> bytes:
        if self._source.closed:
            raise StopIteration
        piece = self._source.read(PIECE if self._left is None else min(PIECE, self._left))
        if not piece:
            self.close()
            raise StopIteration
        if self._left is not None:
            self._left -= len(piece)
        return piece

    def close(self) -> None:
        self._source.close()

    def __del__(self) -> None:
        self._source.close()


def _moment(found: os.stat_result) -> datetime:
    return datetime.fromtimestamp(found.st_mtime, UTC)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
