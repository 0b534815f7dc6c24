"""The production plug: a bucket of any S3 server, through the `minio` client.

Nothing beyond plain S3 is asked of the server: no versioning, no object lock, no tagging, no lifecycle rules.
Parts are sent by our own loop and not by `put_object`, whose threads outlive a broken upload.
"""

from __future__ import annotations

import hashlib
import os
import re
import threading
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, BinaryIO
from urllib.parse import parse_qs, quote, unquote, urlsplit

import certifi
import urllib3
from minio import Minio
from minio.datatypes import Part
from minio.error import InvalidResponseError, MinioException, S3Error, ServerError

from storage.keys import checked
from storage.port import FileMissing, ShortWrite, StorageRefused, StorageUnavailable, StoredFile

PIECE = 256 * 1024
PART = 8 * 1024 * 1024
MAX_PARTS = 10_000
WAYS = 3
"""How many parts travel at once. With the one being read an upload holds at most WAYS + 1 parts."""

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\Z")
_REFUSED = {"AccessDenied", "InvalidAccessKeyId", "SignatureDoesNotMatch", "AllAccessDisabled", "AccountProblem"}
_EXPECTED = "STORAGE_URL: s3://key:secret@host:port/bucket?secure=0&region=…&public=https://… expected"


class S3Store:
    """Objects of one bucket, below an optional prefix.

    `public` is the address browsers reach the same server by; without it nobody is sent there. A server that
    cannot be reached at the start is asked again at each use; one that refuses us is an error at once.
    """

    def __init__(
        self,
        endpoint: str,
        key: str,
        secret: str,
        bucket: str,
        prefix: str = "",
        secure: bool = True,
        region: str = "us-east-1",
        public: str | None = None,
    ) -> None:
        self.bucket = bucket
        self._prefix = prefix

        def client(where: str, tls: bool, patience: float, reads: int) -> Minio:
            return Minio(where, key, secret, secure=tls, region=region, http_client=_pool(patience, reads))

        self._quick = client(endpoint, secure, 5.0, 0)
        self._slow = client(endpoint, secure, 60.0, 1)
        self._public: Minio | None = None
        if public:
            parts = urlsplit(public)
            self._public = client(parts.netloc, parts.scheme == "https", 5.0, 0)
        self._prepared = False
        self._preparing = threading.Lock()
        with suppress(_Unreachable):
            self._prepare()

    @classmethod
    def at(cls, url: str) -> S3Store:
        """The store of an address; ValueError with one line when it is not understood or refuses us."""
        parts = urlsplit(url)
        bucket, _, prefix = unquote(parts.path).strip("/").partition("/")
        asked = parse_qs(parts.query, keep_blank_values=True)
        unknown = set(asked) - {"secure", "region", "public"}
        try:
            endpoint = f"{parts.hostname}:{parts.port}" if parts.port else parts.hostname
        except ValueError:
            endpoint = None
        if unknown or not endpoint or not parts.username or not parts.password or not _BUCKET.match(bucket):
            raise ValueError(_EXPECTED)
        secure = asked.get("secure", ["1"])[-1]
        public = asked.get("public", [""])[-1].rstrip("/") or None
        if secure not in ("0", "1"):
            raise ValueError("STORAGE_URL: secure must be 0 or 1")
        if public and not re.match(r"https?://[^/?#@]+\Z", public):
            raise ValueError("STORAGE_URL: public must be http(s)://host[:port] without a path")
        prefix = f"{checked(prefix)}/" if prefix else ""
        region = asked.get("region", ["us-east-1"])[-1]
        try:
            return cls(
                endpoint, unquote(parts.username), unquote(parts.password),
                bucket, prefix, secure == "1", region, public,
            )  # fmt: skip
        except StorageRefused as error:
            raise ValueError(f"STORAGE_URL: {error}") from None

    # -- the port ----------------------------------------------------------------------------------

    def put(self, key: str, stream: BinaryIO, size: int | None = None) -> StoredFile:
        """See FileStore.put. What was written is read back and compared before this returns."""
        name = self._name(key)
        self._prepare()
        source = _Counted(stream, size)
        part_size = max(PART, -(-(size or 0) // MAX_PARTS))
        first = source.read(part_size)
        if len(first) < part_size:
            with _told(key):
                self._slow._put_object(self.bucket, name, first, {"Content-Type": "application/octet-stream"})
        else:
            self._put_parts(key, name, source, first, part_size)
        self._compare(key, source)
        return StoredFile(key, source.count, source.digest.hexdigest())

    def open(self, key: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        """See FileStore.open."""
        name = self._name(key)
        self._prepare()
        if end is not None and end <= start:
            self.stat(key)
            return iter(())
        try:
            with _told(key):
                answer = self._slow.get_object(self.bucket, name, start, 0 if end is None else end - start)
        except _OutOfRange:
            return iter(())
        if (start or end is not None) and answer.status != 206:
            answer.close()
            raise StorageUnavailable("the store does not serve ranges")
        return _Pieces(answer, key)

    def stat(self, key: str) -> StoredFile:
        """See FileStore.stat."""
        name = self._name(key)
        self._prepare()
        with _told(key):
            found = self._quick.stat_object(self.bucket, name)
        return StoredFile(key, found.size or 0, changed_at=found.last_modified)

    def exists(self, key: str) -> bool:
        """See FileStore.exists."""
        try:
            self.stat(key)
        except FileMissing:
            return False
        return True

    def url_for(self, key: str, name: str, media_type: str, seconds: int = 300) -> str | None:
        """A signed address on the public endpoint; type and name are part of what is signed."""
        if self._public is None:
            return None
        pinned: dict[str, str | list[str] | tuple[str]] = {
            "response-content-type": media_type,
            "response-content-disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}",
            "response-cache-control": f"private, max-age={seconds}",
        }
        return self._public.presigned_get_object(
            self.bucket, self._name(key), timedelta(seconds=seconds), response_headers=pinned
        )

    def drop(self, key: str) -> None:
        """See FileStore.drop."""
        name = self._name(key)
        self._prepare()
        with suppress(FileMissing), _told(key):
            self._quick.remove_object(self.bucket, name)

    def keys(self, prefix: str = "") -> Iterator[str]:
        """See FileStore.keys. Servers differ in the order of a listing: it is sorted here."""
        yield from sorted(found.key for found in self.listed(prefix))

    def listed(self, prefix: str = "") -> Iterator[StoredFile]:
        """See FileStore.listed."""
        self._prepare()
        with _told(prefix):
            for found in self._slow.list_objects(self.bucket, self._prefix + prefix, recursive=True):
                if not found.is_dir and found.object_name:
                    key = found.object_name.removeprefix(self._prefix)
                    yield StoredFile(key, found.size or 0, changed_at=found.last_modified)

    def sweep(self, seconds: float) -> int:
        """See FileStore.sweep. Unfinished uploads hold space that no listing of objects shows."""
        self._prepare()
        before = datetime.now(UTC) - timedelta(seconds=seconds)
        swept = 0
        with _told(""):
            # One page a run: what is left over goes at the next.
            page = self._slow._list_multipart_uploads(self.bucket, prefix=self._prefix)
            for upload in page.uploads:
                if upload.initiated_time is None or upload.initiated_time > before:
                    continue
                if upload.object_name and upload.object_name.startswith(self._prefix) and upload.upload_id:
                    with suppress(FileMissing), _told(upload.object_name):
                        self._slow._abort_multipart_upload(self.bucket, upload.object_name, upload.upload_id)
                        swept += 1
        return swept

    def check(self) -> None:
        """See FileStore.check."""
        self._prepare()
        with _told(self.bucket):
            there = self._quick.bucket_exists(self.bucket)
        if not there:
            # It was there at the start. Making it anew would hide that everything in it is gone.
            raise StorageUnavailable(f"bucket {self.bucket} is missing")

    # -- inside ------------------------------------------------------------------------------------

    def _name(self, key: str) -> str:
        return self._prefix + checked(key)

    def _prepare(self) -> None:
        """The bucket is there or made, once."""
        if self._prepared:
            return
        with self._preparing:
            with _told(self.bucket):
                if not self._prepared and not self._quick.bucket_exists(self.bucket):
                    try:
                        self._slow.make_bucket(self.bucket)
                    except S3Error as error:
                        # Another process made it meanwhile.
                        if error.code not in ("BucketAlreadyOwnedByYou", "BucketAlreadyExists"):
                            raise
                        if not self._quick.bucket_exists(self.bucket):
                            raise
            self._prepared = True

    def _put_parts(self, key: str, name: str, source: _Counted, first: bytes, part_size: int) -> None:
        """Send parts while the next one is read. Whatever goes wrong, the upload is taken back."""
        with _told(key):
            upload = self._slow._create_multipart_upload(self.bucket, name, {})
        under_way: deque[Future[str]] = deque()
        tags: list[str] = []
        # The pool is left (and so waited for) before the upload is taken back or completed.
        try:
            with ThreadPoolExecutor(WAYS, thread_name_prefix="s3-part") as pool:
                data = first
                while data:
                    number = len(tags) + len(under_way) + 1
                    if number > MAX_PARTS:
                        raise StorageUnavailable("too large for one object")
                    send = self._slow._upload_part
                    under_way.append(pool.submit(send, self.bucket, name, data, None, upload, number))
                    data = b""
                    if len(under_way) == WAYS:
                        with _told(key):
                            tags.append(under_way.popleft().result())
                    data = source.read(part_size)
                with _told(key):
                    tags += [sent.result() for sent in under_way]
            with _told(key):
                parts = [Part(number, tag) for number, tag in enumerate(tags, 1)]
                self._slow._complete_multipart_upload(self.bucket, name, upload, parts)
        except BaseException:
            with suppress(MinioException, urllib3.exceptions.HTTPError, OSError):
                self._quick._abort_multipart_upload(self.bucket, name, upload)
            raise

    def _compare(self, key: str, source: _Counted) -> None:
        digest, count = hashlib.sha256(), 0
        with suppress(FileMissing):
            for piece in self.open(key):
                digest.update(piece)
                count += len(piece)
        if (count, digest.digest()) != (source.count, source.digest.digest()):
            self.drop(key)
            raise StorageUnavailable("the store gave back other bytes than it was given")


class _Counted:
    """Reads a stream in full pieces, counting and hashing; holds it to the size that was announced."""

    def __init__(self, stream: BinaryIO, size: int | None) -> None:
        self._stream = stream
        self._size = size
        self.count = 0
        self.digest = hashlib.sha256()

    def read(self, wanted: int) -> bytes:
        """`wanted` bytes, fewer only at the end. ShortWrite before the last piece is handed out."""
        pieces: list[bytes] = []
        missing = wanted
        while missing:
            piece = self._stream.read(missing)
            if not piece:
                break
            pieces.append(piece)
            missing -= len(piece)
            self.digest.update(piece)
            self.count += len(piece)
        at_end = bool(missing)
        if self._size is not None and (self.count > self._size or (at_end and self.count < self._size)):
            raise ShortWrite(f"{self.count} bytes arrived, {self._size} were announced")
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)


class _Pieces:
    """Reads an answer piece by piece; gives its connection back at the end, on close() and when forgotten."""

    def __init__(self, answer: Any, key: str) -> None:
        self._answer = answer
        self._key = key
        self._done = False

    def __iter__(self) -> _Pieces:
        return self

    def __next__(self) -> bytes:
        if self._done:
            raise StopIteration
        try:
            with _told(self._key):
                piece: bytes = self._answer.read(PIECE, decode_content=False)
        except StorageUnavailable:
            self.close()
            raise
        if not piece:
            self._done = True
            self._answer.release_conn()
            raise StopIteration
        return piece

    def close(self) -> None:
        if not self._done:
            self._done = True
            # Bytes nobody read are still under way: this connection cannot be used again.
            self._answer.close()

    def __del__(self) -> None:
        self.close()


class _Unreachable(StorageUnavailable):
    """No answer, or one that says to try later."""


class _OutOfRange(StorageUnavailable):
    """The range begins behind the last byte."""


@contextmanager
def _told(key: str) -> Iterator[None]:
    """The port's errors for the client's."""
    try:
        yield
    except S3Error as error:
        if error.code in ("NoSuchKey", "NoSuchUpload"):
            raise FileMissing(key) from error
        if error.code == "InvalidRange":
            raise _OutOfRange(key) from error
        kind = StorageRefused if error.code in _REFUSED else _Unreachable
        raise kind(f"{error.code}: {error.message}") from error
    except InvalidResponseError as error:
        if error._code == 416:
            raise _OutOfRange(key) from error
        kind = StorageRefused if error._code in (401, 403) else _Unreachable
        raise kind(f"status {error._code}") from error
    except ServerError as error:
        raise _Unreachable(f"status {error.status_code}") from error
    except (MinioException, urllib3.exceptions.HTTPError, OSError) as error:
        raise _Unreachable(f"no answer ({type(error).__name__})") from error


def _pool(patience: float, reads: int) -> urllib3.PoolManager:
    """Connections with limits: 2 s to connect, `patience` seconds between two pieces of an answer."""
    return urllib3.PoolManager(
        timeout=urllib3.Timeout(connect=2.0, read=patience),
        maxsize=16,
        cert_reqs="CERT_REQUIRED",
        ca_certs=os.environ.get("SSL_CERT_FILE") or certifi.where(),
        retries=urllib3.Retry(
            total=4,
            connect=1,
            read=reads,
            status=3,
            other=0,
            backoff_factor=0.3,
            status_forcelist=(500, 502, 503, 504),
        ),
    )
