"""What the upkeep of every store rests on: listings with size and time, and the sweep of unfinished writes."""

from __future__ import annotations

import io
import os
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from storage.open import open_store
from storage.port import FileStore

_URL = os.environ.get("STORAGE_URL", "")
_WHERE = ["embedded"] + (["configured"] if _URL.startswith("s3:") else [])


@pytest.fixture(params=_WHERE)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[FileStore]:
    url = f"file://{tmp_path}/store"
    if request.param == "configured":
        url = urlsplit(_URL)._replace(path=f"{urlsplit(_URL).path}/u{uuid.uuid4().hex}").geturl()
    opened = open_store(url)
    yield opened
    for key in list(opened.keys()):
        opened.drop(key)


def test_a_listing_tells_size_and_time(store: FileStore) -> None:
    store.put("a/1", io.BytesIO(b"x"))
    store.put("a/2", io.BytesIO(b"xyz"))
    store.put("b", io.BytesIO(b""))
    found = {item.key: item for item in store.listed("a/")}
    assert {key: item.size for key, item in found.items()} == {"a/1": 1, "a/2": 3}
    moment = found["a/1"].changed_at
    assert moment is not None
    assert abs(datetime.now(UTC) - moment) < timedelta(minutes=1)
    assert store.stat("a/1").changed_at is not None
    assert sorted(item.key for item in store.listed()) == ["a/1", "a/2", "b"]


def test_putting_again_renews_the_time(store: FileStore) -> None:
    store.put("a", io.BytesIO(b"x"))
    first = store.stat("a").changed_at
    time.sleep(1.1)
    store.put("a", io.BytesIO(b"x"))
    second = store.stat("a").changed_at
    assert first is not None
    assert second is not None
    assert second > first


def test_a_thousand_and_more_are_listed(store: FileStore) -> None:
    for number in range(1005):
        store.put(f"many/{number:04}", io.BytesIO(b"x"))
    assert list(store.keys("many/")) == [f"many/{number:04}" for number in range(1005)]


def test_the_sweep_leaves_what_is_finished(store: FileStore) -> None:
    store.put("a", io.BytesIO(b"x"))
    assert store.sweep(0) == 0
    assert store.exists("a")


def test_the_sweep_of_a_folder(tmp_path: Path) -> None:
    store = open_store(f"file://{tmp_path}/store")
    half = tmp_path / "store" / ".tmp" / "half"
    half.write_bytes(b"x")
    assert store.sweep(3600) == 0
    os.utime(half, (time.time() - 7200,) * 2)
    assert store.sweep(3600) == 1
    assert not half.exists()
