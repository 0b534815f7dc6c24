"""The search engine is gone, hangs, is read-only or lost its index: pages answer, publishing works, it heals."""

from __future__ import annotations

import socket
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import pytest
from elasticsearch import Elasticsearch
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.core import outbox, ports
from app.core.access import Viewer
from app.core.settings import Settings
from app.discovery import indexer
from app.resources import service as resources
from search.port import Document, NeedsRebuild, SearchUnavailable
from tests import engines
from tests.search.proxy import Proxy

ANSWER_S = 1.0
HEALED_S = 60.0
FIELDS: dict[str, Any] = {
    "description": "Tài liệu của tổ chuyên môn.", "subject": "TOAN", "grades": [12], "resource_type": "KHBD",
    "language": "vi", "licence": "CC BY-SA", "authors": ["Đỗ Ngọc Ánh"],
}  # fmt: skip
Publish = Callable[[str], uuid.UUID]
needs_elastic = pytest.mark.skipif(
    not engines.ON_ELASTIC, reason="SEARCH_URL is not set to an Elasticsearch: its tests are skipped"
)


@pytest.fixture(params=["refuses", "never answers"])
def nowhere(request: pytest.FixtureRequest) -> Iterator[str]:
    """The address of an engine that is not there, or hangs."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        if request.param == "never answers":
            listener.listen(64)
        yield f"http://kho:khong@127.0.0.1:{listener.getsockname()[1]}/?index=kho"


@pytest.fixture
def wire() -> Iterator[Proxy]:
    host, _, port = urlsplit(engines.SEARCH_URL).netloc.rpartition("@")[2].split(",")[0].rpartition(":")
    made = Proxy(host, int(port))
    yield made
    made.close()


def index_name(settings: Settings) -> str:
    return dict(parse_qsl(urlsplit(settings.search_url).query))["index"]


def _app(settings: Settings, url: str) -> Iterator[Flask]:
    made = create_app(replace(settings, search_url=url))
    yield made
    made.extensions["kho"].worker.stop()
    made.extensions["kho"].engine.dispose()
    made.extensions["kho"].index.close()


@pytest.fixture
def lonely(settings: Settings, nowhere: str) -> Iterator[Flask]:
    yield from _app(settings, nowhere)


@pytest.fixture
def wired(settings: Settings, wire: Proxy) -> Iterator[Flask]:
    parts = urlsplit(settings.search_url)
    login, at, _ = parts.netloc.rpartition("@")
    query = urlencode({"index": index_name(settings)})  # and the patience of a real reader
    yield from _app(settings, urlunsplit(parts._replace(netloc=f"{login}{at}127.0.0.1:{wire.port}", query=query)))


@pytest.fixture
def publish(viewer_for: Callable[[str], Viewer]) -> Callable[[Flask], Publish]:
    teacher, judge = viewer_for("giaovien"), viewer_for("totruong")

    def of(app: Flask) -> Publish:
        def make(title: str) -> uuid.UUID:
            with app.app_context():
                made: uuid.UUID = resources.create(teacher, title=title, **FIELDS).resource.id
                resources.submit(teacher, made)
                resources.review(judge, made, "approve")
            return made

        return make

    return of


def answered(client: FlaskClient, path: str) -> Any:
    began = time.monotonic()
    answer = client.get(path)
    took = time.monotonic() - began
    assert answer.status_code == 200, path
    assert took < ANSWER_S, f"{path}: {took:.2f} s"
    return answer


def titles(app: Flask, words: str = "") -> list[str]:
    document = app.test_client().get("/api/v1/search", query_string={"q": words}).get_json()
    return ["degraded"] if document["degraded"] else sorted(item["title"] for item in document["items"])


def within_a_minute(app: Flask, true: Callable[[], bool]) -> None:
    """Let the worker go round until it is true."""
    end = time.monotonic() + HEALED_S
    while True:
        with app.app_context():
            app.extensions["kho"].worker.drain()
        if true():
            return
        assert time.monotonic() < end, "not healed within a minute"
        time.sleep(0.5)


# -- without an engine ---------------------------------------------------------------------------------


def test_pages_answer_from_sql_and_publishing_works(lonely: Flask, publish: Callable[[Flask], Publish]) -> None:
    make = publish(lonely)
    ids = [make("Hàm số bậc hai"), make("Hàm số mũ")]
    client = lonely.test_client()
    lonely.extensions["kho"].worker.start()
    try:
        client.get("/signin")  # the first answer of a process makes its templates
        for path in ("/", f"/lessons/{ids[0]}", "/search?q=hàm+số", "/search", "/api/v1/suggest?q=ham"):
            answered(client, path)
        assert "Bộ tìm kiếm đang bảo trì" in answered(client, "/search?q=hàm").text
        document = answered(client, "/api/v1/search?q=hàm+số").get_json()
        assert document["degraded"] is True
        assert sorted(item["title"] for item in document["items"]) == ["Hàm số bậc hai", "Hàm số mũ"]
        health = answered(client, "/healthz").get_json()
        assert (health["status"], health["search"], health["outbox"]["dead"]) == ("degraded", "down", 0)
        assert health["outbox"]["waiting"] >= 2
        make("Xuất bản khi máy tìm kiếm nghỉ")
    finally:
        lonely.extensions["kho"].worker.stop()


def test_notes_wait_however_often_they_are_tried(
    lonely: Flask, publish: Callable[[Flask], Publish], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbox, "AWAY_S", 0)
    publish(lonely)("Hàm số")
    with lonely.app_context():
        for _ in range(2 * outbox.DEAD_AFTER):
            lonely.extensions["kho"].worker.drain_once("index")
        assert outbox.waiting().dead == 0
        assert outbox.waiting().waiting >= 1


def test_commands_say_it_in_one_line(lonely: Flask) -> None:
    for command in ("rebuild", "status", "rollback"):
        answer = lonely.test_cli_runner().invoke(args=["index", command])
        assert answer.exit_code == 1
        assert answer.output.startswith("Error: search engine")
        assert "khong@" not in answer.output


# -- an engine that goes and comes back ----------------------------------------------------------------


@needs_elastic
def test_gone_midway_and_healed(wired: Flask, wire: Proxy, publish: Callable[[Flask], Publish]) -> None:
    make = publish(wired)
    make("Bài một")
    within_a_minute(wired, lambda: titles(wired) == ["Bài một"])
    for fault in (wire.refuse, wire.hang):
        fault()
        before = make(f"Bài lúc nghỉ {fault.__name__}")
        client = wired.test_client()
        for path in ("/", "/search?q=bài", f"/lessons/{before}", "/api/v1/search?q=bai", "/healthz"):
            answered(client, path)
        with wired.app_context():
            wired.extensions["kho"].worker.drain()
        wire.pass_on()
        within_a_minute(wired, lambda: f"Bài lúc nghỉ {fault.__name__}" in titles(wired, "bài"))  # noqa: B023
    assert len(titles(wired)) == 3
    with wired.app_context():
        assert outbox.waiting().waiting == 0


@needs_elastic
def test_a_lost_alias_a_wiped_and_a_short_index_heal(
    wired: Flask, publish: Callable[[Flask], Publish], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexer, "LOOK_S", 0.0)
    make, parts = publish(wired), urlsplit(settings.search_url)
    name = index_name(settings)
    cluster = Elasticsearch(
        f"http://{parts.hostname}:{parts.port}", basic_auth=(parts.username or "", parts.password or "")
    )
    all_of = [make("Bài một"), make("Bài hai")]
    within_a_minute(wired, lambda: titles(wired) == ["Bài hai", "Bài một"])

    cluster.indices.delete_alias(index=f"{name}-*", name=name)
    assert titles(wired) == ["degraded"]
    make("Bài ba")
    within_a_minute(wired, lambda: titles(wired) == ["Bài ba", "Bài hai", "Bài một"])

    for index in list(cluster.indices.get(index=f"{name}-*")):
        cluster.indices.delete(index=index)
    make("Bài bốn")
    within_a_minute(wired, lambda: titles(wired) == ["Bài ba", "Bài bốn", "Bài hai", "Bài một"])

    # Restored from an old snapshot while nobody looked: a fresh process compares.
    cluster.delete(index=name, id=f"resource:{all_of[0]}", version=2**60, version_type="external", refresh=True)
    assert len(titles(wired)) == 3
    indexer._sights.clear()
    within_a_minute(wired, lambda: len(titles(wired)) == 4)
    cluster.close()


@needs_elastic
def test_a_worker_killed_between_the_index_and_the_note(wired: Flask, publish: Callable[[Flask], Publish]) -> None:
    made = publish(wired)("Bài một")
    with wired.app_context():
        indexer.handle("resource", made)  # written, and then killed: the note is still there
        assert outbox.waiting().waiting >= 1
    within_a_minute(wired, lambda: titles(wired) == ["Bài một"])
    with wired.app_context():
        assert outbox.waiting().waiting == 0
        assert ports.index().count() == 1


@needs_elastic
def test_going_back_by_command(wired: Flask, publish: Callable[[Flask], Publish]) -> None:
    publish(wired)("Bài một")
    within_a_minute(wired, lambda: titles(wired) == ["Bài một"])
    runner = wired.test_cli_runner()
    assert "no index is kept" in runner.invoke(args=["index", "rollback"]).output
    with wired.app_context():
        ports.index().put([Document("resource", str(uuid.uuid4()), 1, "Bài ma")])
    assert runner.invoke(args=["index", "rebuild"]).exit_code == 0
    assert "back to the index before, 2 documents" in runner.invoke(args=["index", "rollback"]).output
    assert "1 documents read, 1 in the index" in runner.invoke(args=["index", "rebuild"]).output


def test_the_errors_of_the_port_are_of_one_family() -> None:
    assert issubclass(NeedsRebuild, SearchUnavailable)
