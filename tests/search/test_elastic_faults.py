"""Elasticsearch when things go wrong: whatever was acknowledged is there afterwards, and nobody waits for long."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from elasticsearch import Elasticsearch

from search.elastic import ElasticIndex, rebuilding
from search.open import open_index
from search.port import Document, DocumentRefused, Index, NeedsRebuild, Query, SearchUnavailable
from tests.search.proxy import Proxy

READER_WAITS = 1.0
AT_ONCE = 0.1
HEALED = 60.0


def doc(id: str, title: str = "Bài một", body: str = "", revision: int = 1, **more: Any) -> Document:
    return Document("resource", id, revision, title, body, **more)


def ids(index: Index, text: str = "") -> set[str]:
    return {hit.id for hit in index.find(Query(text, per_page=100)).hits}


def seconds_until_unavailable(call: Callable[[], object]) -> float:
    began = time.monotonic()
    with pytest.raises(SearchUnavailable):
        call()
    return time.monotonic() - began


def once_well(call: Callable[[], Any]) -> Any:
    """What `call` answers once the engine is back; it must be back soon."""
    end = time.monotonic() + HEALED
    while True:
        try:
            return call()
        except SearchUnavailable:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)


@pytest.fixture
def opened() -> Iterator[Callable[[str], ElasticIndex]]:
    held: list[ElasticIndex] = []

    def make(url: str) -> ElasticIndex:
        made = open_index(url)
        assert isinstance(made, ElasticIndex)
        held.append(made)
        return made

    yield make
    for one in held:
        one.close()


@pytest.fixture
def index(opened: Callable[[str], ElasticIndex], elastic_url: str) -> ElasticIndex:
    return opened(elastic_url)


@pytest.fixture
def wired(opened: Callable[[str], ElasticIndex], wired_url: str) -> ElasticIndex:
    return opened(wired_url)


# -- gone, slow, locked --------------------------------------------------------------------------------


def test_absent_at_the_start_and_there_later(wired: ElasticIndex, wire: Proxy) -> None:
    wire.refuse()
    assert seconds_until_unavailable(lambda: wired.put([doc("1")])) < READER_WAITS
    for call in (lambda: wired.find(Query("bài")), lambda: wired.suggest("bà"), lambda: wired.count()):
        assert seconds_until_unavailable(call) < READER_WAITS
    assert max(seconds_until_unavailable(lambda: wired.find(Query("bài"))) for _ in range(20)) < AT_ONCE
    wire.pass_on()
    once_well(lambda: wired.put([doc("1")]))
    assert once_well(lambda: ids(wired, "bài")) == {"1"}


def test_gone_midway_and_back(wired: ElasticIndex, index: ElasticIndex, wire: Proxy) -> None:
    kept = set()
    for n in range(30):
        if n == 10:
            wire.refuse()
        if n == 20:
            wire.pass_on()
            time.sleep(3)
        try:
            wired.put([doc(str(n))])
            kept.add(str(n))
        except SearchUnavailable:
            assert n >= 10
    assert len(kept) >= 15
    assert ids(index) == kept
    assert once_well(lambda: ids(wired)) == kept


def test_a_restart_of_the_engine_costs_no_search(wired: ElasticIndex, wire: Proxy) -> None:
    wired.put([doc("1")])
    once_well(lambda: ids(wired))
    wire.refuse()
    wire.pass_on()
    assert once_well(lambda: ids(wired)) == {"1"}


def test_a_hanging_engine_holds_nobody_up(wired: ElasticIndex, wire: Proxy) -> None:
    wired.put([doc("1")])
    once_well(lambda: ids(wired))
    wire.hang()
    took: list[float] = []
    threads = [
        threading.Thread(target=lambda: took.append(seconds_until_unavailable(lambda: wired.find(Query("bài")))))
        for _ in range(12)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(took) == 12
    assert max(took) < READER_WAITS
    assert max(seconds_until_unavailable(lambda: wired.find(Query("bài"))) for _ in range(5)) < AT_ONCE
    wire.pass_on()
    assert once_well(lambda: ids(wired)) == {"1"}


def test_a_socket_that_never_answers_from_the_start(opened: Callable[[str], ElasticIndex]) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(1)
        silent = opened(f"http://127.0.0.1:{listener.getsockname()[1]}/?index=kho")
        assert seconds_until_unavailable(lambda: silent.find(Query("bài"))) < READER_WAITS
        assert seconds_until_unavailable(silent.count) < READER_WAITS


def test_wrong_password_is_unavailable_and_not_told(
    opened: Callable[[str], ElasticIndex], elastic_url: str, cluster: Elasticsearch
) -> None:
    place = elastic_url.rpartition("@")[2]
    wrong = opened(f"http://kho:mat-khau-sai-7391@{place}")
    with pytest.raises(SearchUnavailable) as told:
        wrong.find(Query("bài"))
    assert "401" in str(told.value)
    assert "7391" not in f"{told.value!r} {told.value.__cause__!r} {wrong._address!r}"
    with pytest.raises(SearchUnavailable):
        wrong.put([doc("1")])


@pytest.mark.parametrize("block", ["read_only_allow_delete", "read_only", "write"])
def test_read_only_still_answers(index: ElasticIndex, elastic_name: str, cluster: Elasticsearch, block: str) -> None:
    index.put([doc("1")])
    live = f"{elastic_name}-000001"
    cluster.indices.put_settings(index=live, settings={f"index.blocks.{block}": True})
    for _ in range(4):
        with pytest.raises(SearchUnavailable):
            index.put([doc("2")])
        assert ids(index) == {"1"}
    cluster.indices.put_settings(index=live, settings={f"index.blocks.{block}": None})
    once_well(lambda: index.put([doc("2")]))
    assert ids(index) == {"1", "2"}


def test_a_dead_host_among_several(opened: Callable[[str], ElasticIndex], elastic_url: str, wire: Proxy) -> None:
    wire.refuse()
    login, at, place = elastic_url.removeprefix("http://").rpartition("@")
    host, _, query = place.partition("/")
    index = opened(f"http://{login}{at}127.0.0.1:{wire.port},{host}/{query}")
    for n in range(10):
        index.put([doc(str(n))])
        assert str(n) in ids(index)


def test_a_hanging_host_among_several_costs_little(
    opened: Callable[[str], ElasticIndex], elastic_url: str, wire: Proxy
) -> None:
    login, at, place = elastic_url.removeprefix("http://").rpartition("@")
    host, _, query = place.partition("/")
    index = opened(f"http://{login}{at}127.0.0.1:{wire.port},{host}/{query.replace('timeout=10', 'timeout=4')}")
    index.put([doc("1")])
    wire.hang()
    for _ in range(6):
        began = time.monotonic()
        assert ids(index) == {"1"}
        assert time.monotonic() - began < 4


def test_a_lost_answer_is_asked_for_again(wired: ElasticIndex, wire: Proxy) -> None:
    wired.put([doc("1")])
    wire.lose_answer_to(b"_bulk")
    wired.put([doc("2"), doc("1", "Bài hai", revision=2)])
    assert once_well(lambda: ids(wired, "bài hai")) == {"1"}
    assert wired.count() == 2


# -- documents -----------------------------------------------------------------------------------------


def test_one_bad_document_does_not_stop_the_others(index: ElasticIndex) -> None:
    with pytest.raises(DocumentRefused, match="resource:bad"):
        index.put([doc("1"), doc("bad", audience=frozenset({"x" * 40_000})), doc("2")])
    assert ids(index) == {"1", "2"}
    with pytest.raises(DocumentRefused, match="validation"):
        index.put([doc("3"), doc("n" * 600), doc("4")])
    assert ids(index) == {"1", "2", "3", "4"}


def test_text_that_no_encoding_knows(index: ElasticIndex) -> None:
    index.put([doc("1", "Nửa \ud83d ký tự")])
    assert ids(index, "nửa ký \ud83d") == {"1"}
    index.suggest("\ud83d")


def test_the_mapping_takes_no_other_field_and_shows_no_folded_one(
    index: ElasticIndex, elastic_name: str, cluster: Elasticsearch
) -> None:
    index.put([doc("1", "Hàm số", "Chữ " * 400, facet_words="Toán", facets={"subject": ("TOAN",)})])
    kept = cluster.get(index=elastic_name, id="resource:1")["_source"]
    assert set(kept) == {"kind", "id", "url", "title", "lead", "body"}
    with pytest.raises(Exception, match="strict_dynamic_mapping_exception"):
        cluster.index(index=elastic_name, id="x", document={"answer": "B"})


# -- the alias -----------------------------------------------------------------------------------------


def test_a_lost_alias_is_told_and_healed_by_a_rebuild(
    index: ElasticIndex, elastic_name: str, cluster: Elasticsearch
) -> None:
    index.put([doc("1")])
    cluster.indices.delete_alias(index=f"{elastic_name}-000001", name=elastic_name)
    for call in (lambda: index.find(Query()), lambda: index.put([doc("2")]), index.count):
        with pytest.raises(NeedsRebuild):
            call()
    assert not cluster.indices.exists(index=elastic_name)
    assert index.rebuild([doc("1"), doc("2")]) == 2
    assert ids(index) == {"1", "2"}


def test_an_alias_over_two_indices_or_over_a_stranger(
    index: ElasticIndex, elastic_name: str, cluster: Elasticsearch
) -> None:
    index.put([doc("1")])
    cluster.indices.create(index=f"{elastic_name}-stranger", aliases={elastic_name: {}})
    with pytest.raises(SearchUnavailable):
        index.put([doc("2")])
    index.rebuild([doc("1"), doc("2")])
    assert ids(index) == {"1", "2"}
    assert list(cluster.indices.get_alias(name=elastic_name)) == [f"{elastic_name}-000002"]
    cluster.indices.update_aliases(
        actions=[
            {"remove": {"index": f"{elastic_name}-000002", "alias": elastic_name}},
            {"add": {"index": f"{elastic_name}-stranger", "alias": elastic_name}},
        ]
    )
    with pytest.raises(SearchUnavailable):
        index.put([doc("3")])
    index.rebuild([doc("3")])
    assert ids(index) == {"3"}


def test_an_index_in_the_place_of_the_alias_is_told(
    opened: Callable[[str], ElasticIndex], elastic_url: str, elastic_name: str, cluster: Elasticsearch
) -> None:
    cluster.indices.create(index=elastic_name)
    try:
        index = opened(elastic_url)
        for call in (lambda: index.find(Query()), lambda: index.put([doc("2")]), lambda: index.rebuild([doc("1")])):
            with pytest.raises(SearchUnavailable, match="must be an alias"):
                call()
    finally:
        cluster.indices.delete(index=elastic_name)


def test_an_index_of_another_layout_is_not_read(index: ElasticIndex, elastic_name: str, cluster: Elasticsearch) -> None:
    cluster.indices.create(
        index=f"{elastic_name}-000004", aliases={elastic_name: {}}, mappings={"_meta": {"layout": 0}}
    )
    with pytest.raises(NeedsRebuild, match="layout"):
        index.find(Query())
    index.rebuild([doc("1")])
    assert ids(index) == {"1"}
    assert index.roll_back() is False


def test_an_index_that_vanished_is_missed(index: ElasticIndex, elastic_name: str, cluster: Elasticsearch) -> None:
    index.put([doc("1")])
    cluster.indices.delete(index=f"{elastic_name}-000001")
    with pytest.raises(NeedsRebuild):
        index.find(Query())
    with pytest.raises(NeedsRebuild):
        index.put([doc("2")])
    index.rebuild([doc("1"), doc("2")])
    assert ids(index) == {"1", "2"}


# -- rebuild -------------------------------------------------------------------------------------------


def test_fifty_writers_during_a_rebuild(
    index: ElasticIndex, opened: Callable[[str], ElasticIndex], elastic_url: str
) -> None:
    """Each writer changes the truth first and tells an index of its own afterwards, as the worker does."""
    truth: dict[str, Document | None] = {f"{n:04}": doc(f"{n:04}", f"Bài {n}") for n in range(600)}
    revisions = dict.fromkeys(truth, 1)
    guard, stop = threading.Lock(), threading.Event()
    index.put([one for one in truth.values() if one is not None])
    others = [opened(elastic_url) for _ in range(5)]
    failures: list[BaseException] = []
    changes = [0] * 50

    def write(who: int) -> None:
        chance = random.Random(who)
        own, told = [id for id in truth if int(id) % 50 == who], others[who % 5]
        try:
            while not stop.is_set():
                id = chance.choice(own)
                with guard:
                    revisions[id] += 1
                    revision = revisions[id]
                    now = None if chance.random() < 0.3 else doc(id, f"Bài {id} sửa {revision}", revision=revision)
                    truth[id] = now
                if now is None:
                    told.drop("resource", id, revision)
                else:
                    told.put([now])
                changes[who] += 1
        except BaseException as error:
            failures.append(error)

    def source() -> Iterator[Document]:
        for id in sorted(revisions):
            with guard:
                now = truth[id]
            if now is not None:
                yield now
            time.sleep(0.003)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(50)]
    for thread in threads:
        thread.start()
    for _ in range(2):
        index.rebuild(source())
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert sum(changes) > 50
    wanted = {id: one.title for id, one in truth.items() if one is not None}
    assert index.count() == len(wanted)
    found: dict[str, str] = {}
    for page in range(1, 8):
        for hit in index.find(Query(page=page, per_page=100)).hits:
            found[hit.id] = "".join(text for text, _ in hit.title)
    assert found == wanted
    # Nobody who is late brings anything back.
    index.put([doc(id, "Bài cũ", revision=revisions[id] - 1) for id, one in truth.items() if one is None])
    assert index.count() == len(wanted)


def test_stubs_outlive_a_rebuild(index: ElasticIndex) -> None:
    index.put([doc("1", revision=3), doc("2")])
    index.drop("resource", "1", 5)
    index.drop("resource", "never", 9)
    index.rebuild([doc("2")])
    index.put([doc("1", revision=4), doc("never", revision=8)])
    assert ids(index) == {"2"}
    index.put([doc("1", revision=6)])
    assert ids(index) == {"1", "2"}


def test_what_a_rebuild_reads_wins_over_a_stub_of_a_restored_database(index: ElasticIndex) -> None:
    index.put([doc("1", revision=3)])
    index.drop("resource", "1", 9)
    index.rebuild([doc("1", revision=2)])
    assert ids(index) == {"1"}


def test_a_short_index_does_not_take_over(index: ElasticIndex, elastic_name: str, cluster: Elasticsearch) -> None:
    index.put([doc("old")])

    def source() -> Iterator[Document]:
        filled = f"{elastic_name}-000002"
        for n in range(1200):
            yield doc(f"{n}")
        while not cluster.exists(index=filled, id="resource:7"):
            time.sleep(0.05)
        cluster.delete(index=filled, id="resource:7", version=5, version_type="external")

    with pytest.raises(SearchUnavailable, match="short"):
        index.rebuild(source())
    assert ids(index) == {"old"}
    assert list(cluster.indices.get(index=f"{elastic_name}-*")) == [f"{elastic_name}-000001"]


def test_a_refused_document_stops_the_take_over(index: ElasticIndex) -> None:
    index.put([doc("old")])
    with pytest.raises(DocumentRefused, match="resource:bad"):
        index.rebuild([doc("1"), doc("bad", audience=frozenset({"x" * 40_000}))])
    assert ids(index) == {"old"}


def test_the_engine_leaves_during_a_rebuild(
    wired: ElasticIndex, index: ElasticIndex, wire: Proxy, elastic_name: str, cluster: Elasticsearch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    index.put([doc("old")])

    def source() -> Iterator[Document]:
        for n in range(1200):
            if n == 700:
                wire.refuse()
            yield doc(f"{n}")

    with pytest.raises(SearchUnavailable):
        wired.rebuild(source())
    assert ids(index) == {"old"}
    # What it left behind is written to until the next rebuild clears it away, and holds nobody up.
    index.put([doc("meanwhile")])
    with pytest.raises(SearchUnavailable, match="another rebuild"):
        index.rebuild([doc("old")])
    monkeypatch.setattr(rebuilding, "SILENT_SECONDS", 0.0)
    index.rebuild([doc("old"), doc("meanwhile")])
    assert ids(index) == {"old", "meanwhile"}
    assert not cluster.indices.exists_alias(name=f"{elastic_name}-next")


def test_what_a_dead_rebuild_left_locked_is_passed_over(
    index: ElasticIndex, elastic_name: str, cluster: Elasticsearch, monkeypatch: pytest.MonkeyPatch
) -> None:
    index.put([doc("1")])
    cluster.indices.create(
        index=f"{elastic_name}-000002",
        aliases={f"{elastic_name}-next": {}},
        settings={"index.blocks.write": True},
        mappings={"_meta": {"layout": 1, "beat": time.time()}},
    )
    with pytest.raises(SearchUnavailable):
        index.put([doc("2")])
    monkeypatch.setattr(rebuilding, "SILENT_SECONDS", 0.0)
    index.put([doc("2")])
    assert ids(index) == {"1", "2"}
    assert not cluster.indices.exists(index=f"{elastic_name}-000002")


def test_two_rebuilds_do_not_meet(index: ElasticIndex, opened: Callable[[str], ElasticIndex], elastic_url: str) -> None:
    other = opened(elastic_url)

    def source() -> Iterator[Document]:
        yield doc("1")
        with pytest.raises(SearchUnavailable, match="another rebuild"):
            other.rebuild([doc("2")])
        yield doc("3")

    assert index.rebuild(source()) == 2
    assert ids(other) == {"1", "3"}


def test_the_answer_to_the_swap_is_lost(wired: ElasticIndex, index: ElasticIndex, wire: Proxy) -> None:
    index.put([doc("old")])

    def source() -> Iterator[Document]:
        yield doc("1")
        wire.lose_answer_to(b"POST /_aliases")

    assert wired.rebuild(source()) == 1
    assert ids(index) == {"1"}


def test_going_back(index: ElasticIndex, elastic_name: str, cluster: Elasticsearch) -> None:
    index.put([doc("old")])
    assert index.roll_back() is False
    index.rebuild([doc("new")])
    index.rebuild([doc("newer")])
    assert sorted(cluster.indices.get(index=f"{elastic_name}-*")) == [f"{elastic_name}-00000{n}" for n in (2, 3)]
    assert index.roll_back() is True
    assert ids(index) == {"new"}
    index.put([doc("more")])
    assert ids(index) == {"new", "more"}
    index.rebuild([doc("last")])
    assert ids(index) == {"last"}


# -- addresses -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http:///?index=kho", "host:port"),
        ("http://a:b:c/?index=kho", "host:port"),
        ("http://u:geheim@host:9200/?index=Kho", "small letters"),
        ("http://u:geheim@host:9200/?index=kho-next", "small letters"),
        ("http://u:geheim@host:9200/?index=", "small letters"),
        ("http://u:geheim@host:9200/?shards=x", "numbers"),
        ("http://u:geheim@host:9200/?timeout=0", "0.05 to 60"),
        ("http://u:geheim@host:9200/?indx=kho", "indx"),
    ],
)
def test_a_wrong_address_is_named_without_the_password(url: str, why: str) -> None:
    with pytest.raises(ValueError, match=why) as told:
        open_index(url)
    assert "geheim" not in str(told.value)
