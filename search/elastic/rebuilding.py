"""A new index behind the alias, made from the source while everything goes on.

It is filled under the alias `kho-next`, to which all writers write as well; stubs of what was dropped lately are
carried over; it takes over in one step, and only when it holds all that the engine acknowledged. The index before
it is kept for going back. A sign of life in the new index keeps two rebuilds apart; one that fell silent is cleared
away by the next.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager, suppress
from typing import Any

from elasticsearch import ApiError

from search.elastic import mapping
from search.elastic.engine import BULK_SECONDS
from search.elastic.writing import Change, Sent, Writer, chunks
from search.port import Document, DocumentRefused, SearchUnavailable

log = logging.getLogger("search.elastic")

BEAT_SECONDS = 10.0
SILENT_SECONDS = 60.0
STUBS_KEPT_SECONDS = 7 * 86_400
"""No writer is this far behind."""
IN_FLIGHT = 2


def silent(index: Mapping[str, Any]) -> bool:
    """Whether the rebuild that was filling this index gives no sign of life any more."""
    beat = float(index["mappings"].get("_meta", {}).get("beat", 0))
    return time.time() - beat > SILENT_SECONDS


class Rebuild:
    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._engine = writer.engine
        self._live, self._next = writer.live, writer.next
        self._name = ""

    # -- the whole way -------------------------------------------------------------------------------------

    def run(self, documents: Iterable[Document]) -> int:
        self._begin()
        try:
            with self._alive():
                read, made = self._fill(documents)
                self._carry_stubs()
            self._take_over(made)
        except BaseException:
            with suppress(Exception):
                self._writer.remove_unfinished(self._name)
            raise
        return read

    def _begin(self) -> None:
        held = self._writer.indices()
        self._writer.refuse_index_of_that_name(held)
        for name, one in held.items():
            if self._next not in one["aliases"]:
                continue
            if not silent(one):
                raise SearchUnavailable(f"search engine: another rebuild is filling {name}")
            self._writer.remove_unfinished(name)
        self._name = self._writer.numbered(1 + max(map(self._writer.number_of, held), default=0))
        filling = {"refresh_interval": "-1", "translog": {"durability": "async"}}
        if not self._writer.make(self._name, self._next, settings=filling, meta={"beat": time.time()}):
            raise SearchUnavailable(f"search engine: another rebuild has begun {self._name}")

    @contextmanager
    def _alive(self) -> Iterator[None]:
        """Give signs of life meanwhile."""
        done = threading.Event()

        def beat() -> None:
            while not done.wait(BEAT_SECONDS):
                meta = {"layout": mapping.LAYOUT, "beat": time.time()}
                with suppress(SearchUnavailable, ApiError):
                    self._engine.write(
                        lambda es, meta=meta: es.indices.put_mapping(index=self._name, meta=meta)  # type: ignore[misc]
                    )

        thread = threading.Thread(target=beat, name="index-rebuild-beat", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    # -- filling -------------------------------------------------------------------------------------------

    def _fill(self, documents: Iterable[Document]) -> tuple[int, int]:
        """Send all documents; returns how many were read, and how many the engine says are new in it."""
        read = made = 0
        refused: dict[str, str] = {}
        flying: set[Future[Sent]] = set()

        def counted() -> Iterator[Change]:
            nonlocal read
            for document in documents:
                read += 1
                yield Change.of(document)

        def land(some: Iterable[Future[Sent]]) -> None:
            nonlocal made
            for one in some:
                sent = one.result()
                if sent.missing:
                    raise SearchUnavailable(f"search engine: {self._name} was taken away by another rebuild")
                if sent.later:
                    raise SearchUnavailable(f"search engine: documents not taken: {sent.why}")
                made += sent.made
                refused.update(sent.refused)

        with ThreadPoolExecutor(IN_FLIGHT, thread_name_prefix="index-rebuild") as pool:
            for chunk in chunks(counted()):
                if len(flying) >= IN_FLIGHT:
                    landed, flying = wait(flying, return_when=FIRST_COMPLETED)
                    land(landed)
                flying.add(pool.submit(self._writer.send, chunk, self._next, BULK_SECONDS))
            land(flying)
        if refused:
            told = "; ".join(f"{key[:80]}: {why}" for key, why in sorted(refused.items())[:20])
            raise DocumentRefused(f"{len(refused)} documents refused, the index was not changed: {told}")
        return read, made

    def _carry_stubs(self) -> None:
        """Copy the stubs of documents that the new index does not hold: they stop writers that are behind."""
        if len(live := self._writer.live_in(self._writer.indices(patient=True))) != 1:
            return
        since = int(time.time() - STUBS_KEPT_SECONDS)
        wanted: dict[str, Any] = {
            "bool": {"filter": [{"term": {"gone": True}}, {"range": {"gone_at": {"gte": since}}}]}
        }
        self._engine.write(lambda es: es.indices.refresh(index=live[0]), seconds=BULK_SECONDS)
        point = self._engine.write(lambda es: es.open_point_in_time(index=live[0], keep_alive="2m"))["id"]
        after: list[Any] | None = None
        try:
            while True:
                told = self._engine.write(
                    lambda es, point=point, after=after: es.search(  # type: ignore[misc]
                        pit={"id": point, "keep_alive": "2m"},
                        query=wanted,
                        size=1000,
                        sort=["_shard_doc"],
                        search_after=after,
                        version=True,
                        track_total_hits=False,
                        allow_partial_search_results=False,
                    ),
                    seconds=BULK_SECONDS,
                )
                stubs = told["hits"]["hits"]
                if not stubs:
                    return
                point, after = told["pit_id"], stubs[-1]["sort"]
                keys = [stub["_id"] for stub in stubs]
                known = self._engine.write(
                    lambda es, keys=keys: es.mget(index=self._name, ids=keys, source=False),  # type: ignore[misc]
                    seconds=BULK_SECONDS,
                )
                held = {one["_id"] for one in known["docs"] if one.get("found")}
                changes = [
                    Change.stub(kept["kind"], kept["id"], stub["_version"], kept["gone_at"])
                    for stub in stubs
                    if stub["_id"] not in held and (kept := stub["_source"])
                ]
                sent = self._writer.send(changes, self._next, BULK_SECONDS) if changes else None
                if sent and (sent.missing or sent.later or sent.refused):
                    raise SearchUnavailable(f"search engine: stubs not taken: {sent.why}")
        finally:
            with suppress(Exception):
                self._engine.write(lambda es: es.close_point_in_time(id=point))

    # -- taking over ---------------------------------------------------------------------------------------

    def _take_over(self, made: int) -> None:
        back: dict[str, Any] = {"refresh_interval": None, "translog": {"durability": None}}
        try:
            self._engine.write(lambda es: es.indices.put_settings(index=self._name, settings={"index": back}))
            self._engine.write(lambda es: es.indices.refresh(index=self._name), seconds=BULK_SECONDS)
            held = self._engine.write(lambda es: es.count(index=self._name))["count"]
            if held < made:
                raise SearchUnavailable(
                    f"search engine: {self._name} is short, {held} documents of {made}; the old index stays"
                )
            meta = {"layout": mapping.LAYOUT}  # no beat: finished
            self._engine.write(lambda es: es.indices.put_mapping(index=self._name, meta=meta))
            before = self._swap(self._name, {"remove": {"index": self._name, "alias": self._next, "must_exist": True}})
        except ApiError as error:
            raise SearchUnavailable(f"search engine: {self._name} did not take over: {error.message}") from error
        self._clear_away(before)

    def _swap(self, name: str, *more: dict[str, Any]) -> list[str]:
        """Put the live alias over this index alone, in one step; returns what it stood over before."""
        before = self._writer.live_in(self._writer.indices(patient=True))
        actions = [{"remove": {"index": old, "alias": self._live}} for old in before if old != name]
        actions += [{"add": {"index": name, "alias": self._live}}, *more]
        try:
            self._engine.write(lambda es: es.indices.update_aliases(actions=actions), seconds=15)
        except ApiError:
            # A second try after a lost answer is refused: then it has been done.
            if self._writer.live_in(self._writer.indices(patient=True)) != [name]:
                raise
        log.info("search engine: %s took over from %s", name, ", ".join(before) or "nothing")
        return before

    def _clear_away(self, before: list[str]) -> None:
        """Keep the index that was live until now, and none older. A failure here harms nobody."""
        with suppress(SearchUnavailable, ApiError):
            bare = self._bare_ones()
            kept = [name for name in bare if name in before] or list(bare)[-1:]
            for name in bare:
                if name not in kept and name < self._name:
                    self._writer.remove(name)

    def _bare_ones(self) -> dict[str, Mapping[str, Any]]:
        """Our indices under no alias, the oldest first, with what they say of themselves."""
        held = self._writer.indices(patient=True)
        bare = sorted(name for name, one in held.items() if not one["aliases"] and self._writer.number_of(name))
        return {name: held[name]["mappings"].get("_meta", {}) for name in bare}

    def undo(self) -> bool:
        """Back to the newest index that is not live."""
        self._writer.refuse_index_of_that_name(self._writer.indices())
        fitting = [
            name
            for name, said in self._bare_ones().items()
            if said.get("layout") == mapping.LAYOUT and "beat" not in said
        ]
        if not fitting:
            return False
        try:
            self._swap(fitting[-1])
        except ApiError as error:
            raise SearchUnavailable(f"search engine: could not go back: {error.message}") from error
        return True
