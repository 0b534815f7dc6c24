"""The index of the port on a cluster. The alias `kho` stands over one index `kho-000007`; while a rebuild fills
the next one, that carries the alias `kho-next`, and every write goes to both.

Each document's row revision is its external version, so that the engine itself refuses what is older. A dropped
document leaves a stub with its version: the engine's own memory of deletes ends after a minute.
"""

from __future__ import annotations

import time
import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from elasticsearch import ApiError, Elasticsearch, NotFoundError

from search.abbreviations import Expander, Part
from search.asking import begun, parts_of
from search.elastic import mapping, phrasing
from search.elastic.engine import Address, Engine
from search.elastic.rebuilding import Rebuild, silent
from search.elastic.writing import Change, Writer, chunks, clean
from search.marking import Marker, Text
from search.port import Document, DocumentRefused, Hit, NeedsRebuild, Page, Query, SearchUnavailable

DEEPEST = 10_000
"""The engine gives no page beyond this many hits."""


class ElasticIndex:
    """An index on the cluster of this URL. Nothing is asked of the cluster before the first use."""

    def __init__(self, url: str, expander: Expander | None = None) -> None:
        self._address = Address.read(url)
        self._engine = Engine(self._address)
        self._writer = Writer(self._engine)
        self._expander = expander or Expander()
        self._live = self._writer.live
        self._checked = False
        self._seen = False

    def close(self) -> None:
        self._engine.close()

    # -- the alias -----------------------------------------------------------------------------------------

    def _check(self, patient: bool = False) -> None:
        """Make sure that the alias stands over an index that can be read; make the very first one."""
        if self._checked:
            return
        held = self._writer.indices(patient)
        live = self._writer.live_in(held)
        self._writer.refuse_index_of_that_name(held)
        if not held and self._seen:
            raise NeedsRebuild(f"search engine: all indices of {self._live} are gone; rebuild")
        if not held:
            self._writer.make(self._writer.numbered(1), self._live)
        elif len(live) != 1:
            raise NeedsRebuild(f"search engine: the alias {self._live} stands over {len(live)} indices; rebuild")
        elif held[live[0]]["mappings"].get("_meta", {}).get("layout") != mapping.LAYOUT:
            raise NeedsRebuild(f"search engine: {live[0]} has the layout of another version; rebuild")
        # Another process may have made it just now. (A status would not tell: new shards count as "yellow".)
        shards, patience = self._address.shards, f"{int(self._address.seconds * 500)}ms"
        ask = self._engine.write if patient else self._engine.read
        ask(lambda es: es.cluster.health(index=self._live, wait_for_active_shards=shards, timeout=patience))
        self._checked = self._seen = True

    def _reading(self, ask: Callable[[Elasticsearch], Any]) -> Any:
        """Ask the live index; when it is gone, look once what stands there now."""
        for last in (False, True):
            self._check()
            try:
                return self._engine.read(ask)
            except NotFoundError as error:
                self._checked = False
                if last:
                    raise SearchUnavailable(f"search engine: no index {self._live}") from error
            except ApiError as error:
                raise SearchUnavailable(f"search engine: {error.message}: {str(error.body)[:500]}") from error
        raise AssertionError("not reached")

    # -- writing -------------------------------------------------------------------------------------------

    def put(self, documents: Sequence[Document]) -> None:
        self._write(Change.of(document) for document in documents)

    def drop(self, kind: str, id: str, revision: int) -> None:
        self._write([Change.stub(kind, id, revision, time.time())])

    def _write(self, changes: Iterable[Change]) -> None:
        refused: dict[str, str] = {}
        for chunk in chunks(changes):
            self._check(patient=True)
            # Asked before every write: who does not know of a rebuild in time would write past the new index.
            rebuilt = bool(self._engine.write(lambda es: es.indices.exists_alias(name=self._writer.next)))
            # The new index first: when it takes over between the two, the second write reaches it again.
            behind = self._write_next(chunk) if rebuilt else ""
            sent = self._writer.send(chunk, self._live)
            if sent.missing:
                self._checked = False
                self._check(patient=True)
                sent = self._writer.send(chunk, self._live)
            if sent.later or sent.missing or behind:
                self._checked = False
                raise SearchUnavailable(f"search engine: documents not taken: {sent.why or behind}")
            refused |= sent.refused
        self._writer.refresh()
        if refused:
            raise DocumentRefused("; ".join(f"{key[:80]}: {why}" for key, why in sorted(refused.items())[:20]))

    def _write_next(self, chunk: Sequence[Change]) -> str:
        """Write into the index that a rebuild is filling; why it took something not. A dead one holds nobody up."""
        sent = self._writer.send(chunk, self._writer.next)
        if sent.missing or not sent.later:
            return ""
        for name, one in self._writer.indices(patient=True).items():
            if self._writer.next in one["aliases"] and silent(one):
                self._writer.remove_unfinished(name)
                return ""
        return sent.why

    def rebuild(self, documents: Iterable[Document]) -> int:
        try:
            return Rebuild(self._writer).run(documents)
        finally:
            self._checked = False

    def roll_back(self) -> bool:
        try:
            return Rebuild(self._writer).undo()
        finally:
            self._checked = False

    # -- reading -------------------------------------------------------------------------------------------

    def count(self, kind: str | None = None) -> int:
        limits: list[dict[str, Any]] = [{"term": {"gone": False}}]
        if kind is not None:
            limits.append({"term": {"kind": kind}})
        told = self._reading(lambda es: es.count(index=self._live, query={"bool": {"filter": limits}}))
        return int(told["count"])

    def find(self, query: Query) -> Page:
        text = clean(query.text)
        parts = parts_of(self._expander.plus(query.words), text)
        if text.strip() and not parts:
            return Page(0, facets={name: [] for name in query.facets})
        told = self._search(query, parts)
        if len(parts) >= 3 and not told["aggregations"]["all"]["doc_count"]:
            # Nothing carries every word: be content with all words but any one of them.
            told = self._search(query, parts, but_one=True)
        marker = Marker(parts)
        hits = tuple(_hit(marker, hit) for hit in told["hits"]["hits"])
        facets = phrasing.read_counts(query.facets, told.get("aggregations", {}))
        return Page(told["hits"]["total"]["value"], hits, facets)

    def _search(self, query: Query, parts: Sequence[Part], but_one: bool = False) -> Any:
        first = (query.page - 1) * query.per_page
        size = query.per_page if first + query.per_page <= DEEPEST else max(0, DEEPEST - first)
        asked: dict[str, Any] = {
            "query": phrasing.conditions(query, parts, but_one),
            "from": min(first, DEEPEST - size),
            "size": size,
            "sort": phrasing.order(query.sort),
            "_source": ["kind", "id", "url", "title", "lead"],
            "track_total_hits": True,
            "timeout": f"{int(self._address.seconds * 1000)}ms",
        }
        filters = phrasing.filtered(query.filters)
        if filters:
            asked["post_filter"] = {"bool": {"filter": filters}}
        counts = phrasing.counts(query)
        if len(parts) >= 3:
            counts["all"] = {"filter": {"match_all": {}}}
        if counts:
            asked["aggs"] = counts
        highlight = phrasing.snippets(parts, mapping.LEAD // 2)
        if highlight and size:
            asked["highlight"] = highlight
        # The same words go to the same copies: scores differ between copies, and pages would overlap.
        preference = f"q{zlib.crc32(query.text.encode('utf-8', 'replace'))}"
        return self._asked(asked, preference)

    def _asked(self, body: dict[str, Any], preference: str | None = None) -> Any:
        told = self._reading(
            lambda es: es.search(index=self._live, body=body, preference=preference, allow_partial_search_results=False)
        )
        if told["timed_out"]:
            raise SearchUnavailable("search engine: not done in time")
        return told

    def suggest(self, text: str, limit: int = 8) -> list[str]:
        typed = begun(clean(text))
        if not typed or limit < 1:
            return []
        told = self._asked(
            {
                "query": phrasing.beginnings(typed),
                "size": limit,
                "sort": [{"_score": "desc"}, {"length": "asc"}, {"id": "asc"}],
                "collapse": {"field": "sort_title"},
                "_source": ["title"],
                "track_total_hits": False,
                "timeout": f"{int(self._address.seconds * 1000)}ms",
            }
        )
        return [hit["_source"]["title"] for hit in told["hits"]["hits"]]


# -- pieces --------------------------------------------------------------------------------------------


def _hit(marker: Marker, told: Mapping[str, Any]) -> Hit:
    kept = told["_source"]
    lead: str = kept["lead"]
    begins, ends = True, len(lead) < mapping.LEAD
    pieces = told.get("highlight", {}).get("body", [])
    text = lead
    if pieces and pieces[0] not in lead:
        text, begins, ends = pieces[0], False, False
    title, snippet = marker.of(Text.of(kept["title"]), Text.of(text, begins, ends))
    return Hit(kept["kind"], kept["id"], told["_score"] or 0.0, title, snippet, kept["url"])
