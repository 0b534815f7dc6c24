"""The production engines: PostgreSQL, Elasticsearch and S3, each against its bare client in the same run.

Runs where `DATABASE_URL`, `SEARCH_URL` and `STORAGE_URL` name real engines (`make services`); reports nothing
elsewhere. Asserted: 95 of 100 searches through the JSON door within 1.3 of the engine's own query; indexing at
least 0.7 of a bare bulk of the same documents; 1 GiB up and down at least 0.7 of the bare client doing the same
work, with the process growing less than 64 MiB.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import statistics
import tempfile
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, BinaryIO

import measure
import sqlalchemy as sa
from elasticsearch import Elasticsearch
from elasticsearch.helpers import parallel_bulk
from embedded_search import QUERIES
from flask import Flask

from app.core import db, ports
from app.demo import people
from app.discovery import indexer
from app.resources.models import PUBLISHED, Resource, ResourceVersion
from app.vocabularies import queries as vocabularies
from search.elastic import mapping
from search.elastic.index import ElasticIndex
from storage.open import open_store
from storage.s3 import S3Store
from tests import engines

LESSONS = int(os.environ.get("BENCH_LESSONS") or 50_000)
ROUNDS = 12
BYTES = int(os.environ.get("BENCH_BYTES") or 1024**3)
PIECE = 1024 * 1024
GROWTH = 64 * 1024**2


def fill(app: Flask, count: int) -> None:
    """Published lessons whose words come from the topics of the curriculum, written in bulk."""
    chance = random.Random(2026)
    topics = vocabularies.topics()
    words = [word for topic in topics for word in topic.vi.split()]
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with app.app_context():
        owner = people.seed("hoc-lieu-2026")["giaovien"]
        from app.accounts import queries as accounts

        unit_id = next(iter(accounts.viewer_of(owner).unit_ids))
        for first in range(0, count, 2_000):
            lessons: list[dict[str, Any]] = []
            versions: list[dict[str, Any]] = []
            for n in range(first, min(first + 2_000, count)):
                topic, moment = chance.choice(topics), start + timedelta(seconds=n)
                lesson_id, version_id = db.new_id(), db.new_id()
                lessons.append(
                    {
                        "id": lesson_id, "state": PUBLISHED, "revision": 1, "owner_id": owner.id, "unit_id": unit_id,
                        "origin_province": "79", "step": 0, "published_at": moment, "created_at": moment,
                        "changed_at": moment,
                    }
                )  # fmt: skip
                versions.append(
                    {
                        "id": version_id, "resource_id": lesson_id, "number": 1, "title": f"Bài giảng {topic.vi}",
                        "description": " ".join(chance.choices(words, k=chance.randint(60, 240))),
                        "subject": str(topic.data["subject"]), "grades": [int(topic.data["grade"])],
                        "resource_type": "BGDT", "language": "vi", "licence": "CC BY-SA", "authors": ["Đỗ Ngọc Ánh"],
                        "keywords": [], "topics": [], "created_at": moment, "published_at": moment,
                    }
                )  # fmt: skip
            with db.transaction() as unit:
                unit.execute(sa.insert(Resource), lessons)
                unit.execute(sa.insert(ResourceVersion), versions)
        newest = sa.select(ResourceVersion.id).where(ResourceVersion.resource_id == Resource.id).scalar_subquery()
        with db.transaction() as unit:
            unit.execute(sa.update(Resource).values(current_version_id=newest))
            if unit.get_bind().dialect.name == "postgresql":
                unit.execute(sa.text("ANALYZE"))


def bare_client(url: str) -> Elasticsearch:
    from urllib.parse import urlsplit

    parts = urlsplit(url)
    login = (parts.username or "", parts.password or "")
    return Elasticsearch(f"{parts.scheme}://{parts.hostname}:{parts.port}", basic_auth=login, request_timeout=120)


def indexing(app: Flask) -> list[measure.Result]:
    """A rebuild from ready documents, and the same documents sent by the client's own bulk helper."""
    kho = app.extensions["kho"]
    with app.app_context():
        held = list(indexer._all(None, lambda: False))
    es = bare_client(kho.settings.search_url)
    shards = {"number_of_replicas": 0, "refresh_interval": "-1"}
    mine: list[float] = []
    least: list[float] = []
    for turn in range(3):
        began = time.perf_counter()
        kho.index.rebuild(held)
        mine.append(len(held) / (time.perf_counter() - began))
        name = f"{dict(engines.parse_qsl(engines.urlsplit(kho.settings.search_url).query))['index']}-bare{turn}"
        es.indices.create(index=name, mappings=mapping.MAPPING, settings=mapping.settings(1) | shards)
        bodies = [(mapping.key(one.kind, one.id), mapping.source(one)) for one in held]
        began = time.perf_counter()
        actions = ({"_index": name, "_id": key, "_source": body} for key, body in bodies)
        for good, told in parallel_bulk(es, actions, thread_count=2, chunk_size=500):
            assert good, told
        es.indices.refresh(index=name)
        least.append(len(held) / (time.perf_counter() - began))
        es.indices.delete(index=name)
    ratio = statistics.median(a / b for a, b in zip(mine, least, strict=True))
    return [
        measure.at_least(
            f"indexing of {len(held):,} lessons", statistics.median(mine), statistics.median(least), 0.7, "/s", ratio
        )
    ]


@contextmanager
def overheard(index: ElasticIndex) -> Iterator[list[dict[str, Any]]]:
    """The bodies of the queries that the index sends."""
    sent: list[dict[str, Any]] = []
    real = index._asked

    def asked(body: dict[str, Any], preference: str | None = None) -> Any:
        sent.append({"body": body, "preference": preference})
        return real(body, preference)

    index._asked = asked  # type: ignore[method-assign]
    try:
        yield sent
    finally:
        index._asked = real  # type: ignore[method-assign]


def searching(app: Flask) -> list[measure.Result]:
    """The JSON door as a guest calls it, and the query it sends to the engine, by turns."""
    from urllib.parse import urlencode

    kho = app.extensions["kho"]
    es = bare_client(kho.settings.search_url)
    name = dict(engines.parse_qsl(engines.urlsplit(kho.settings.search_url).query))["index"]
    mine: list[float] = []
    least: list[float] = []
    bodies: dict[str, dict[str, Any]] = {}
    for text in QUERIES:
        with overheard(kho.index) as sent:
            told = json.loads(measure.call(app, "/api/v1/search", urlencode({"q": text})))
        assert not told["degraded"] and told["items"], text
        bodies[text] = sent[0]
    for _round in range(ROUNDS):
        for text in QUERIES:
            began = time.perf_counter()
            measure.call(app, "/api/v1/search", urlencode({"q": text}))
            mine.append(time.perf_counter() - began)
            began = time.perf_counter()
            es.search(index=name, **bodies[text])
            least.append(time.perf_counter() - began)
    late = [statistics.quantiles(times, n=20)[-1] for times in (mine, least)]
    middle = [statistics.median(times) for times in (mine, least)]
    return [
        measure.at_most(f"search of {LESSONS:,} lessons, p95", late[0], late[1], 1.3),
        measure.told("  its median", middle[0], middle[1]),
    ]


class Memory:
    """The most that this process grows while something runs, in bytes."""

    def __enter__(self) -> Memory:
        self.before, self.most, self._over = self._now(), 0, threading.Event()
        self._watch = threading.Thread(target=self._look)
        self._watch.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._over.set()
        self._watch.join()

    def _look(self) -> None:
        while not self._over.wait(0.02):
            self.most = max(self.most, self._now() - self.before)

    @staticmethod
    def _now() -> int:
        return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return BYTES / 1e6 / (time.perf_counter() - began)


def storing(url: str) -> list[measure.Result]:
    """Up: the bare client sends, reads back and hashes, as the store does. Down: both hash what comes."""
    store = open_store(url)
    assert isinstance(store, S3Store)
    client, bucket = store._slow, store.bucket
    with tempfile.TemporaryFile() as file:
        block = os.urandom(PIECE)
        for _n in range(BYTES // PIECE):
            file.write(block)
        size = file.tell()

        def bare_down(name: str) -> str:
            digest = hashlib.sha256()
            answer = client.get_object(bucket, name)
            for piece in answer.stream(PIECE):
                digest.update(piece)
            answer.close()
            answer.release_conn()
            return digest.hexdigest()

        def bare_up(name: str, again: bool) -> None:
            stream: BinaryIO = file  # type: ignore[assignment]
            stream.seek(0)
            digest = hashlib.sha256()
            if again:
                while piece := stream.read(PIECE):
                    digest.update(piece)
                stream.seek(0)
            client.put_object(bucket, name, stream, size, part_size=8 * PIECE)
            if again:
                assert bare_down(name) == digest.hexdigest()

        def up() -> None:
            file.seek(0)
            store.put("bench/ours", file, size)  # type: ignore[arg-type]

        def down() -> None:
            digest = hashlib.sha256()
            for piece in store.open("bench/ours"):
                digest.update(piece)

        name = f"bench-{uuid.uuid4().hex}"
        bare_up(name, False)
        up()
        rows = []
        with Memory() as memory:
            for _round in range(2):
                rows.append((timed(up), timed(down)))
        floors = [
            (timed(lambda: bare_up(name, True)), timed(lambda: bare_down(name)), timed(lambda: bare_up(name, False)))
            for _round in range(2)
        ]
        client.remove_object(bucket, name)
        store.drop("bench/ours")
    ours = [statistics.mean(row[i] for row in rows) for i in (0, 1)]
    bare = [statistics.mean(row[i] for row in floors) for i in (0, 1, 2)]
    gib = f"{BYTES / 1024**3:g} GiB"
    return [
        measure.at_least(f"upload of {gib}, read back and hashed", ours[0], bare[0], 0.7, "MB/s"),
        measure.Result(
            "  beside a client that trusts the server", f"{ours[0]:,.0f} MB/s", f"{bare[2]:,.0f} MB/s",
            ours[0] / bare[2], "reported", True,
        ),
        measure.at_least(f"download of {gib}", ours[1], bare[1], 0.7, "MB/s"),
        measure.Result(
            "  growth of the process meanwhile", f"{memory.most / 1024**2:,.0f} MiB", f"{GROWTH / 1024**2:,.0f} MiB",
            memory.most / GROWTH, "<= 1.0", memory.most <= GROWTH,
        ),
    ]  # fmt: skip


def run() -> list[measure.Result]:
    if not (engines.ON_POSTGRES and engines.ON_ELASTIC and engines.ON_S3):
        return []
    with engines.engines() as own:
        results = storing(own.urls["STORAGE_URL"])
        with measure.application(own.urls) as app:
            fill(app, LESSONS)
            results += indexing(app)
            with app.app_context():
                assert ports.index().count() == LESSONS
            results += searching(app)
    return results


if __name__ == "__main__":
    measure.main(run)
