"""What the S3 plug does beyond the contract, on the server that `STORAGE_URL` names."""

from __future__ import annotations

import hashlib
import io
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from storage.open import open_store
from storage.port import FileMissing, FileStore, ShortWrite, StorageUnavailable

URL = os.environ.get("STORAGE_URL", "")
pytestmark = pytest.mark.skipif(not URL.startswith("s3:"), reason="STORAGE_URL names no S3 server")
PART = 8 * 1024 * 1024


def elsewhere(url: str = "", **changes: str) -> str:
    """The address of the server with some parts changed."""
    parts = urlsplit(url or URL)
    told = {
        "user": parts.username, "password": parts.password, "host": parts.hostname, "port": str(parts.port),
        "path": parts.path, "query": parts.query,
    } | changes  # fmt: skip
    return "s3://{user}:{password}@{host}:{port}{path}?{query}".format_map(told)


@pytest.fixture
def url() -> str:
    """An address with a prefix of this test's own."""
    return elsewhere(path=f"{urlsplit(URL).path.rstrip('/')}/t{uuid.uuid4().hex}")


@pytest.fixture
def store(url: str) -> Iterator[FileStore]:
    opened = open_store(url)
    yield opened
    for key in list(opened.keys()):
        opened.drop(key)
    opened.sweep(-3600)


class Slow(io.RawIOBase):
    """A stream of `size` bytes in pieces of odd length, as they come from a network; no memory of its own."""

    def __init__(self, size: int, then: Exception | None = None) -> None:
        self.left, self.then = size, then

    def read(self, wanted: int = -1, /) -> bytes:
        if not self.left and self.then:
            raise self.then
        count = min(self.left, 100_003, wanted if wanted >= 0 else self.left)
        self.left -= count
        return b"\xc4" * count


@pytest.mark.parametrize("size", [PART - 1, PART, PART + 1, 2 * PART, 3 * PART + 17])
@pytest.mark.parametrize("announced", [True, False])
def test_parts_join_without_a_seam(store: FileStore, size: int, announced: bool) -> None:
    data = os.urandom(size)
    kept = store.put("big", io.BytesIO(data), size if announced else None)
    assert (kept.size, kept.sha256) == (size, hashlib.sha256(data).hexdigest())
    assert b"".join(store.open("big")) == data
    assert b"".join(store.open("big", PART - 5, PART + 5)) == data[PART - 5 : PART + 5]


@pytest.mark.parametrize("end", [ConnectionResetError("gone"), None])
def test_a_broken_upload_leaves_nothing(store: FileStore, end: Exception | None) -> None:
    store.put("big", io.BytesIO(b"before"))
    with pytest.raises((ConnectionResetError, ShortWrite)):
        store.put("big", Slow(3 * PART, end), 4 * PART)
    with pytest.raises(ShortWrite):
        store.put("big", Slow(3 * PART), 2 * PART)
    assert b"".join(store.open("big")) == b"before"
    assert store.sweep(-3600) == 0
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("s3-part")]


def test_memory_is_constant() -> None:
    """An upload and a download of 400 MiB in a process of its own grow it by less than 64 MiB."""
    script = Path(__file__).with_name("memory_of_a_store.py")
    done = subprocess.run([sys.executable, script, "400"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 64, f"{done.stdout} MiB"


def test_signed_addresses_pin_name_and_type(url: str) -> None:
    public = f"http://{urlsplit(url).hostname}:{urlsplit(url).port}"
    store = open_store(elsewhere(url, query=f"{urlsplit(url).query}&public={public}"))
    store.put("a", io.BytesIO(b"0123456789"))
    signed = store.url_for("a", "Đề thi (1).pdf", "application/pdf", 60)
    assert signed
    assert signed.startswith(public + "/")
    with urllib.request.urlopen(signed) as answer:
        assert answer.read() == b"0123456789"
        assert answer.headers["Content-Type"] == "application/pdf"
        assert answer.headers["Content-Disposition"] == (
            "attachment; filename*=UTF-8''%C4%90%E1%BB%81%20thi%20%281%29.pdf"
        )
    part = urllib.request.Request(signed, headers={"Range": "bytes=2-4"})
    with urllib.request.urlopen(part) as answer:
        assert (answer.status, answer.read()) == (206, b"234")
    assert parse_qs(urlsplit(signed).query)["X-Amz-Expires"] == ["60"]
    for tampered in (
        signed.replace("application%2Fpdf", "text%2Fhtml"),
        signed.replace("attachment", "inline"),
        signed.replace("X-Amz-Expires=60", "X-Amz-Expires=600"),
        signed.partition("?")[0],
    ):
        with pytest.raises(urllib.error.HTTPError, match="403"):
            urllib.request.urlopen(tampered)
    store.drop("a")


def test_addresses_need_a_public_endpoint(store: FileStore) -> None:
    store.put("a", io.BytesIO(b"x"))
    assert store.url_for("a", "a.pdf", "application/pdf") is None


def test_signing_asks_nobody(url: str) -> None:
    store = open_store(elsewhere(url, query="secure=0&public=https://tep.example.edu.vn"))
    store._quick = store._slow = None  # type: ignore[attr-defined]
    signed = store.url_for("a", "a.pdf", "application/pdf")
    assert signed
    assert signed.startswith("https://tep.example.edu.vn/")


@pytest.mark.parametrize(
    "wrong",
    [
        {"query": "secure=maybe"},
        {"query": "colour=red"},
        {"query": "secure=0&public=files"},
        {"path": ""},
        {"path": "/ab"},
        {"path": "/Bad_Bucket"},
        {"path": "/kho/../up"},
        {"user": ""},
        {"port": "notaport"},
    ],
)
def test_wrong_addresses_stop_the_start(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="STORAGE_URL|bad key"):
        open_store(elsewhere(**wrong))


@pytest.mark.parametrize("wrong", [{"password": "nonsense"}, {"user": "nobody"}])
def test_a_wrong_password_stops_the_start_and_is_not_told(wrong: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="STORAGE_URL") as told:
        open_store(elsewhere(**wrong))
    assert "\n" not in str(told.value)
    for secret in (urlsplit(URL).password or "?", "nonsense"):
        assert secret not in str(told.value)


def test_a_missing_bucket_is_made_and_a_lost_one_is_told() -> None:
    store = open_store(elsewhere(path=f"/kho-{uuid.uuid4().hex}"))
    store.put("a", io.BytesIO(b"x"))
    store.check()
    store.drop("a")
    store._slow.remove_bucket(store.bucket)  # type: ignore[attr-defined]
    with pytest.raises(StorageUnavailable):
        store.check()


class Middle:
    """A line between the client and the server: closed, silent, or one that changes bytes on their way back."""

    def __init__(self) -> None:
        self.port = 0
        self.silent = False
        self.limit: int | None = None
        self.change: Callable[[bytes], bytes] = lambda data: data
        self._listener: socket.socket | None = None

    def listen(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def close(self) -> None:
        if self._listener:
            self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _ = listener.accept()
            except OSError:
                return
            far = socket.create_connection((urlsplit(URL).hostname, urlsplit(URL).port))
            for source, target, back in ((near, far, False), (far, near, True)):
                threading.Thread(target=self._carry, args=(source, target, back), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, back: bool) -> None:
        try:
            while data := source.recv(65536):
                if self.silent:
                    continue
                if back and self.limit is not None:
                    self.limit -= len(data)
                    if self.limit < 0:
                        break
                target.sendall(self.change(data) if back else data)
        except OSError:
            pass
        with suppress(OSError):
            target.shutdown(socket.SHUT_WR)


@pytest.fixture
def middle() -> Iterator[Middle]:
    made = Middle()
    made.listen()
    yield made
    made.close()


def test_a_server_absent_at_the_start_is_used_once_it_is_there(url: str, middle: Middle) -> None:
    middle.close()
    began = time.monotonic()
    store = open_store(elsewhere(url, port=str(middle.port)))
    with pytest.raises(StorageUnavailable):
        store.put("a", io.BytesIO(b"x"))
    with pytest.raises(StorageUnavailable):
        store.check()
    assert time.monotonic() - began < 5
    middle.listen()
    store.put("a", io.BytesIO(b"x"))
    assert b"".join(store.open("a")) == b"x"
    store.drop("a")


def test_a_silent_server_is_given_up(url: str, middle: Middle) -> None:
    store = open_store(elsewhere(url, port=str(middle.port)))
    store.check()
    middle.silent = True
    began = time.monotonic()
    with pytest.raises(StorageUnavailable):
        store.check()
    assert time.monotonic() - began < 8


def test_changed_bytes_are_not_taken_for_kept(url: str, middle: Middle) -> None:
    store = open_store(elsewhere(url, port=str(middle.port)))
    data = b"KHO" * 1000
    middle.change = lambda piece: piece.replace(b"KHOKHO", b"KHOKHA")
    with pytest.raises(StorageUnavailable, match="other bytes"):
        store.put("a", io.BytesIO(data))
    middle.change = lambda piece: piece
    with pytest.raises(FileMissing):
        store.open("a")


def test_an_answer_cut_short_is_an_error(url: str, middle: Middle) -> None:
    store = open_store(elsewhere(url, port=str(middle.port)))
    store.put("a", io.BytesIO(b"x" * 5_000_000))
    middle.limit = 2_000_000
    with pytest.raises(StorageUnavailable):
        list(store.open("a"))
    middle.limit = None
    assert sum(map(len, store.open("a"))) == 5_000_000
    store.drop("a")


def test_a_reader_may_stop_early(store: FileStore) -> None:
    store.put("a", io.BytesIO(b"x" * 5_000_000))
    for _ in range(40):
        pieces = store.open("a")
        next(pieces)
        pieces.close()  # type: ignore[attr-defined]
    assert store.stat("a").size == 5_000_000


def is_minio() -> bool:
    parts = urlsplit(os.environ["STORAGE_URL"])
    try:
        with urllib.request.urlopen(f"http://{parts.hostname}:{parts.port}/", timeout=10) as answer:
            return "MinIO" in answer.headers.get("Server", "")
    except urllib.error.HTTPError as error:
        return "MinIO" in error.headers.get("Server", "")


def test_unfinished_uploads_are_swept_after_their_time(store: FileStore) -> None:
    s3 = store
    name = s3._prefix + "half"  # type: ignore[attr-defined]
    upload = s3._slow._create_multipart_upload(s3.bucket, name, {})  # type: ignore[attr-defined]
    s3._slow._upload_part(s3.bucket, name, b"x" * PART, None, upload, 1)  # type: ignore[attr-defined]
    assert store.sweep(3600) == 0
    if is_minio():  # it lists uploads by their whole name only, and ends them itself after a day
        s3._slow._abort_multipart_upload(s3.bucket, name, upload)  # type: ignore[attr-defined]
        return
    assert store.sweep(-5) == 1
    assert store.sweep(-5) == 0
    assert not store.exists("half")
