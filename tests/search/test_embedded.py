"""The embedded engine's own edges: its URL, a broken file, a killed writer, threads that come and go."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from search.open import open_index
from search.port import Document, Query, SearchUnavailable

ROOT = Path(__file__).parents[2]


def test_memory_indexes_are_apart_and_leave_no_file() -> None:
    one, two = open_index("embedded:///:memory:"), open_index("embedded:///memory")
    one.put([Document("resource", "1", 1, "Một")])
    assert one.count() == 1
    assert two.count() == 0
    one.close()
    two.close()


def test_relative_and_absolute_paths(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for url, path in (
        (f"embedded:///{tmp_path}/a/i.sqlite3", "a/i.sqlite3"),
        (f"embedded://{tmp_path}/b.sqlite3", "b.sqlite3"),
        ("embedded:///./c.sqlite3", "c.sqlite3"),
    ):
        index = open_index(url)
        index.put([Document("resource", "1", 1, "Một")])
        index.close()
        assert (tmp_path / path).exists()


def test_an_unknown_url_is_named() -> None:
    with pytest.raises(ValueError, match="gopher"):
        open_index("gopher://host/index")


def test_a_broken_file_is_unavailable(tmp_path: Path) -> None:
    path = tmp_path / "i.sqlite3"
    path.write_bytes(b"this is no database at all, only words " * 100)
    index = open_index(f"embedded:///{path}")
    with pytest.raises(SearchUnavailable):
        index.find(Query("một"))
    with pytest.raises(SearchUnavailable):
        index.put([Document("resource", "1", 1, "Một")])
    index.close()


def test_a_killed_writer_loses_nothing_it_acknowledged(tmp_path: Path) -> None:
    url = f"embedded:///{tmp_path}/i.sqlite3"
    code = (
        "import sys\nfrom search.open import open_index\nfrom search.port import Document\n"
        f"index = open_index({url!r})\n"
        "for n in range(100000):\n"
        "    index.put([Document('resource', str(n), 1, f'Bài {n}')])\n"
        "    print(n, flush=True)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    for _ in range(50):
        last = int(writer.stdout.readline())
    os.kill(writer.pid, signal.SIGKILL)
    rest = writer.stdout.read().splitlines()
    writer.stdout.close()
    writer.wait()
    last = int(rest[-1]) if rest else last
    index = open_index(url)
    assert index.count() >= last + 1
    assert index.find(Query(f"bai {last}")).hits[0].id == str(last)
    index.close()


def test_connections_of_ended_threads_are_closed(tmp_path: Path) -> None:
    index = open_index(f"embedded:///{tmp_path}/i.sqlite3")
    for _ in range(30):
        thread = threading.Thread(target=index.count)
        thread.start()
        thread.join()
    assert len(os.listdir("/proc/self/fd")) < 100
    index.close()
