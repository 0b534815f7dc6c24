"""The socket for stored bytes: what every plug gives, and the only errors it may raise.

Keys are short ASCII paths made by `storage.keys`; names people gave to files never reach a store.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol


class StorageError(Exception):
    """What every store raises; nothing else comes out of one."""


class StorageUnavailable(StorageError):
    """The store cannot be reached or used now; the caller may try again later."""


class StorageRefused(StorageUnavailable):
    """The store answers and refuses us: a wrong key, or a bucket that is not ours."""


class FileMissing(StorageError):
    """No bytes stand under this key."""


class BadKey(StorageError, ValueError):
    """The key is not one that `storage.keys` makes."""


class ShortWrite(StorageError):
    """Fewer or more bytes arrived than were announced; nothing was kept."""


@dataclass(frozen=True)
class StoredFile:
    """What is known of stored bytes: `size` in bytes, `sha256` in hexadecimal when it was counted,
    `changed_at` (aware, the store's clock) when it was asked for.
    """

    key: str
    size: int
    sha256: str | None = None
    changed_at: datetime | None = None


class FileStore(Protocol):
    """A store of bytes under keys. A key is written whole or not at all; readers never see half a file."""

    def put(self, key: str, stream: BinaryIO, size: int | None = None) -> StoredFile:
        """Keep the rest of `stream` under `key`, replacing what stood there; `size` is checked when given."""
        ...

    def open(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """The bytes `start <= n < end` in pieces. Raises FileMissing before the first piece is asked for."""
        ...

    def stat(self, key: str) -> StoredFile:
        """Size of what stands under `key`, or FileMissing."""
        ...

    def exists(self, key: str) -> bool:
        """Whether bytes stand under `key`."""
        ...

    def url_for(self, key: str, name: str, media_type: str, seconds: int = 300) -> str | None:
        """A short-lived address a browser can fetch from, or None when the app must send the bytes itself."""
        ...

    def drop(self, key: str) -> None:
        """Forget `key`; no error when nothing stands there."""
        ...

    def keys(self, prefix: str = "") -> Iterator[str]:
        """All keys that begin with `prefix`, in ascending order."""
        ...

    def listed(self, prefix: str = "") -> Iterator[StoredFile]:
        """All that stands under keys with `prefix`, with size and time of change, in no order."""
        ...

    def sweep(self, seconds: float) -> int:
        """Clear away writes that were begun and never finished, older than `seconds`; how many."""
        ...

    def check(self) -> None:
        """Raise StorageUnavailable when the store cannot be used now (for /healthz)."""
        ...
