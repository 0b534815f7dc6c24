"""What every store must do. Run on the embedded plug always, on `STORAGE_URL` too when it is set."""

from __future__ import annotations

import hashlib
import io
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import keys
from storage.open import open_store
from storage.port import BadKey, FileMissing, FileStore, ShortWrite

_WHERE = ["embedded"] + (["configured"] if os.environ.get("STORAGE_URL", "").startswith("s3:") else [])


@pytest.fixture(params=_WHERE)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FileStore]:
    url = f"file://{tmp_path}/store" if request.param == "embedded" else os.environ["STORAGE_URL"]
    opened = open_store(url)
    yield opened
    for key in list(opened.keys("test/")):
        opened.drop(key)


def test_bytes_come_back_whole(store: FileStore) -> None:
    data = os.urandom(700_001)
    kept = store.put("test/a", io.BytesIO(data), len(data))
    assert (kept.key, kept.size) == ("test/a", len(data))
    assert kept.sha256 in (None, hashlib.sha256(data).hexdigest())
    assert b"".join(store.open("test/a")) == data
    assert store.stat("test/a").size == len(data)
    assert store.exists("test/a")


def test_an_empty_file_is_a_file(store: FileStore) -> None:
    store.put("test/empty", io.BytesIO(b""), 0)
    assert b"".join(store.open("test/empty")) == b""


@pytest.mark.parametrize(("start", "end"), [(0, 1), (3, 7), (5, None), (9, 10), (0, 10), (4, 4), (2, 99)])
def test_a_range_is_a_slice(store: FileStore, start: int, end: int | None) -> None:
    store.put("test/r", io.BytesIO(b"0123456789"))
    assert b"".join(store.open("test/r", start, end)) == b"0123456789"[start:end]


def test_what_is_missing_is_said_before_reading(store: FileStore) -> None:
    with pytest.raises(FileMissing):
        store.open("test/none")
    with pytest.raises(FileMissing):
        store.stat("test/none")
    assert not store.exists("test/none")


def test_putting_again_replaces(store: FileStore) -> None:
    store.put("test/a", io.BytesIO(b"old and long"))
    store.put("test/a", io.BytesIO(b"new"))
    assert b"".join(store.open("test/a")) == b"new"


def test_a_short_write_keeps_nothing(store: FileStore) -> None:
    with pytest.raises(ShortWrite):
        store.put("test/short", io.BytesIO(b"abc"), 10)
    assert not store.exists("test/short")


def test_a_broken_stream_keeps_what_stood_there(store: FileStore) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise ConnectionResetError

    store.put("test/a", io.BytesIO(b"good"))
    with pytest.raises(Exception):  # noqa: B017
        store.put("test/a", Broken())
    assert b"".join(store.open("test/a")) == b"good"


def test_dropping_twice_is_no_error(store: FileStore) -> None:
    store.put("test/a", io.BytesIO(b"x"))
    store.drop("test/a")
    store.drop("test/a")
    assert not store.exists("test/a")


def test_keys_are_sorted_and_by_prefix(store: FileStore) -> None:
    for name in ("test/b/2", "test/a/1", "test/b/1"):
        store.put(name, io.BytesIO(b"x"))
    assert list(store.keys("test/")) == ["test/a/1", "test/b/1", "test/b/2"]
    assert list(store.keys("test/b/")) == ["test/b/1", "test/b/2"]


@pytest.mark.parametrize(
    "key", ["", "/a", "../a", "a/../b", "a//b", "a\\b", "A", "đề", "a/", ".tmp/x", "a" * 201, "a\n"]
)
def test_bad_keys_are_refused(store: FileStore, key: str) -> None:
    with pytest.raises(BadKey):
        store.put(key, io.BytesIO(b"x"))
    with pytest.raises(BadKey):
        store.open(key)


def test_an_address_is_short_lived_or_none(store: FileStore) -> None:
    store.put("test/a", io.BytesIO(b"x"))
    url = store.url_for("test/a", "Đề thi.pdf", "application/pdf", 60)
    assert url is None or url.startswith("http")


def test_the_store_says_it_is_well(store: FileStore) -> None:
    store.check()


def test_blob_keys() -> None:
    digest = hashlib.sha256(b"x").hexdigest()
    assert keys.blob(digest) == f"blob/{digest[:2]}/{digest}"
    with pytest.raises(BadKey):
        keys.blob("../../etc/passwd")


@pytest.mark.parametrize("url", ["", "ftp://x/y", "file://", "file://host/x", "nonsense"])
def test_unknown_addresses_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="STORAGE_URL"):
        open_store(url)
