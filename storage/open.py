"""Picks the plug by its address: `file:///folder` or `s3://…`. Another store joins here and nowhere else."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import unquote, urlsplit

from storage.local import LocalStore
from storage.port import FileStore


def open_store(url: str) -> FileStore:
    """The store at `url`; ValueError with one line when the address is not understood."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        if parts.netloc not in ("", "localhost") or not parts.path.strip("/"):
            raise ValueError("STORAGE_URL: file:///folder expected")
        return LocalStore(Path("/" + unquote(parts.path).lstrip("/")))
    if parts.scheme == "s3":
        from storage.s3 import S3Store  # the client is loaded where it is used

        return S3Store.at(url)
    raise ValueError(f"STORAGE_URL: unknown kind of store {parts.scheme!r}")
