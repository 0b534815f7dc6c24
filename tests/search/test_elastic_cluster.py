"""Three real nodes; the one with the primary shard is killed while documents come in."""

from __future__ import annotations

import os
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from search.open import open_index
from search.port import Document, Query, SearchUnavailable
from tests import engines
from tests.services import elastic
from tests.services.place import Place, opened

pytestmark = pytest.mark.skipif(
    not engines.ON_ELASTIC, reason="SEARCH_URL is not set to an Elasticsearch: its tests are skipped"
)
NODES = ("three-1", "three-2", "three-3")


@dataclass
class Cluster:
    place: Place
    ports: dict[str, int]

    @property
    def url(self) -> str:
        hosts = ",".join(f"127.0.0.1:{port}" for port in self.ports.values())
        return f"http://kho:{self.place.secret('elastic')}@{hosts}/?index=kho"

    def node_of_primary(self) -> str:
        told = elastic.ask(self.place, next(iter(self.ports.values())), "GET", "/_cat/shards/kho-000001?format=json")
        return str(next(shard["node"] for shard in told if shard["prirep"] == "p"))


@pytest.fixture
def three(tmp_path: Path) -> Iterator[Cluster]:
    with opened(tmp_path) as place:
        elastic.prepare(place)
        ports = {name: place.port(name, 0) for name in NODES}
        transports = [place.port(f"{name}-transport", 0) for name in NODES]
        try:
            elastic.configure(place, NODES[0])  # the others copy its users
            with ThreadPoolExecutor() as pool:  # a node's start waits for its peers
                list(
                    pool.map(
                        lambda name, transport: elastic.launch(place, name, ports[name], transport, transports, NODES),
                        NODES,
                        transports,
                    )
                )
            elastic.wait_for_nodes(place, ports[NODES[0]], len(NODES), seconds=180)
            yield Cluster(place, ports)
        finally:
            for name in NODES:
                place.stop(name, signal.SIGKILL)
            shutil.rmtree(place.folder, ignore_errors=True)


def test_the_node_with_the_primary_is_killed(three: Cluster) -> None:
    index = open_index(three.url)
    index.put([Document("resource", "first", 1, "Bài đầu")])
    port = three.ports[NODES[0]]
    elastic.ask(three.place, port, "GET", "/_cluster/health/kho?wait_for_status=green&timeout=60s", user="kho")
    acknowledged: list[str] = ["first"]
    refused: list[BaseException] = []
    slowest = 0.0
    unread, served = 0, False
    stop = threading.Event()

    def write(who: int) -> None:
        nonlocal slowest
        n = 0
        while not stop.is_set():
            n += 1
            began = time.monotonic()
            try:
                index.put([Document("resource", f"{who}-{n}", 1, f"Bài {n} của {who}")])
            except BaseException as error:
                refused.append(error)
            else:
                acknowledged.append(f"{who}-{n}")
            slowest = max(slowest, time.monotonic() - began)

    writers = [threading.Thread(target=write, args=(who,)) for who in range(4)]
    for writer in writers:
        writer.start()
    time.sleep(4)
    before = len(acknowledged)
    lost = three.node_of_primary()
    pid = three.place.pid(lost)
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    end = time.monotonic() + 12
    while time.monotonic() < end:
        try:
            index.find(Query("bài"))
            served = True
        except SearchUnavailable:  # answered from SQL by the application
            unread, served = unread + 1, False
        time.sleep(0.2)
    stop.set()
    for writer in writers:
        writer.join()

    assert served, "two nodes of three must serve searches"
    assert refused == []
    assert len(acknowledged) > before + 20
    assert index.count() == len(acknowledged)
    assert index.find(Query("bài")).total == len(acknowledged)
    print(f"acknowledged {len(acknowledged)}, slowest {slowest:.2f} s, searches away {unread}")

    # Two nodes take a rebuild, too.
    held = [Document("resource", id, 1, f"Bài {id}") for id in sorted(acknowledged)]
    assert index.rebuild(held) == len(held)
    assert index.count() == len(held)
    index.close()
