"""Changes on their way to the cluster, and the indices they go to.

The alias `kho` stands over one index `kho-000007`; while a rebuild fills the next one, that carries the alias
`kho-next`. Only aliases are written to, so that a write never makes an index by itself.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import orjson
from elasticsearch import ApiError, NotFoundError

from search.elastic import mapping
from search.elastic.engine import WRITE_SECONDS, Engine
from search.port import Document, NeedsRebuild, SearchUnavailable

CHUNK_BYTES = 2_000_000
CHUNK_DOCUMENTS = 500
TRIES = 4
"""How often what the engine was too busy for is sent again, with pauses, before the caller hears of it."""


@dataclass(frozen=True, slots=True)
class Change:
    """One document as it is sent, or the stub of a dropped one."""

    key: str
    revision: int
    body: bytes

    @classmethod
    def of(cls, document: Document) -> Change:
        return cls(mapping.key(document.kind, document.id), document.revision, encoded(mapping.source(document)))

    @classmethod
    def stub(cls, kind: str, id: str, revision: int, gone_at: float) -> Change:
        return cls(mapping.key(kind, id), revision, encoded(mapping.tombstone(kind, id, gone_at)))

    def lines(self, target: str) -> tuple[bytes, bytes]:
        where = {"_index": target, "_id": self.key, "version": self.revision, "version_type": "external_gte"}
        return orjson.dumps({"index": where}), self.body


@dataclass(slots=True)
class Sent:
    """What became of some changes: newly made, refused for good, not taken now (with the last reason)."""

    made: int
    refused: dict[str, str]
    later: list[Change]
    why: str = ""
    missing: bool = False


class Shared:
    """An action whose callers share it: who comes while it runs waits for the next run, with all others."""

    def __init__(self) -> None:
        self._turn = threading.Condition()
        self._begun = self._done = 0
        self._running = False

    def run(self, action: Callable[[], object]) -> None:
        """Returns after a run that began after this call and worked."""
        with self._turn:
            wanted = self._begun + 1
            while self._running and self._done < wanted:
                self._turn.wait()
            if self._done >= wanted:
                return
            self._begun += 1
            mine = self._begun
            self._running = True
        try:
            action()
            with self._turn:
                self._done = max(self._done, mine)
        finally:
            with self._turn:
                self._running = False
                self._turn.notify_all()


class Writer:
    """Writes to the aliases of one name."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._refreshing = Shared()
        self.live = engine.address.name
        self.next = f"{self.live}-next"
        self._numbered = re.compile(rf"{re.escape(self.live)}-(\d{{6}})")

    def numbered(self, number: int) -> str:
        return f"{self.live}-{number:06d}"

    def number_of(self, name: str) -> int:
        """The number of one of our indices; 0 for any other."""
        found = self._numbered.fullmatch(name)
        return int(found[1]) if found else 0

    def indices(self, patient: bool = False) -> dict[str, Mapping[str, Any]]:
        """Our indices by name, with their aliases and mappings; whatever else has the live alias too."""
        call = self.engine.write if patient else self.engine.read
        told = call(
            lambda es: es.indices.get(
                index=[self.live, self.next, f"{self.live}-*"],
                features=["aliases", "mappings"],
                ignore_unavailable=True,
                allow_no_indices=True,
                expand_wildcards="open",
            )
        )
        return {
            name: one
            for name, one in told.items()
            if self.number_of(name) or name == self.live or {self.live, self.next} & set(one["aliases"])
        }

    def refuse_index_of_that_name(self, held: Mapping[str, Any]) -> None:
        if self.live in held:
            raise SearchUnavailable(f"search engine: {self.live} must be an alias, but is an index; delete it")

    def live_in(self, held: Mapping[str, Mapping[str, Any]]) -> list[str]:
        return [name for name, one in held.items() if self.live in one["aliases"]]

    def make(self, name: str, alias: str, **more: Any) -> bool:
        """Make an index with an alias on it; False when another process was faster."""
        try:
            told = self.engine.write(
                lambda es: es.indices.create(
                    index=name,
                    aliases={alias: {}},
                    settings=mapping.settings(self.engine.address.shards) | more.get("settings", {}),
                    mappings=mapping.MAPPING | {"_meta": {"layout": mapping.LAYOUT, **more.get("meta", {})}},
                ),
                seconds=15,
            )
        except ApiError as error:
            if error.message == "resource_already_exists_exception":
                return False
            raise SearchUnavailable(f"search engine: {name} cannot be made: {error.message}") from error
        if not told.get("shards_acknowledged"):
            raise SearchUnavailable(f"search engine: {name} was made, but is not ready")
        return True

    def remove(self, name: str) -> None:
        self.engine.write(lambda es: es.indices.delete(index=name, ignore_unavailable=True), seconds=15)

    def remove_unfinished(self, name: str) -> None:
        """Remove an index that a rebuild was filling, unless it has taken over meanwhile."""
        # Without the alias it cannot take over any more: that needs the alias to be there.
        taken = {"remove": {"index": name, "alias": self.next, "must_exist": True}}
        with suppress(NotFoundError):
            self.engine.write(lambda es: es.indices.update_aliases(actions=[taken]), seconds=15)
            self.remove(name)

    def send(self, chunk: Sequence[Change], target: str, seconds: float = WRITE_SECONDS) -> Sent:
        """Send changes to an alias, again while the engine is busy. Older ones than those held are left out."""
        sent = Sent(0, {}, list(chunk))
        for tried in range(TRIES):
            if tried:
                time.sleep(0.1 * 3**tried)
            waiting, sent.later = sent.later, []
            operations = [line for change in waiting for line in change.lines(target)]
            try:
                told = self.engine.write(
                    lambda es, operations=operations: es.bulk(  # type: ignore[misc]
                        operations=operations, require_alias=True, timeout=f"{seconds:g}s"
                    ),
                    seconds,
                )
            except ApiError as error:
                self._one_by_one(waiting, target, seconds, sent, error)
                break
            _sort(waiting, told["items"], sent)
            taken = {one["index"]["_index"] for one in told["items"] if one["index"]["status"] < 300}
            if not all(map(self.number_of, taken)):
                raise NeedsRebuild(f"search engine: the alias {target} stands over an index that is not ours; rebuild")
            if sent.missing or not sent.later or sent.why.startswith("cluster_block"):
                break
        return sent

    def refresh(self) -> None:
        """Make what was written before this call findable, in the index being filled too: it may take over now."""
        both = [self.live, self.next]
        self._refreshing.run(
            lambda: self.engine.write(lambda es: es.indices.refresh(index=both, ignore_unavailable=True))
        )

    def _one_by_one(self, waiting: Sequence[Change], target: str, seconds: float, sent: Sent, error: ApiError) -> None:
        """The engine would not even look at the load: find out which documents are to blame."""
        if len(waiting) == 1:
            sent.refused[waiting[0].key] = f"{error.message}: {str(error.body)[:300]}"
            return
        for change in waiting:
            alone = self.send([change], target, seconds)
            sent.made += alone.made
            sent.refused |= alone.refused
            sent.later += alone.later
            sent.why = sent.why or alone.why
            sent.missing |= alone.missing


def chunks(changes: Iterable[Change]) -> Iterator[list[Change]]:
    """The changes in loads that one request carries."""
    held: list[Change] = []
    size = 0
    for change in changes:
        held.append(change)
        size += len(change.body)
        if size >= CHUNK_BYTES or len(held) >= CHUNK_DOCUMENTS:
            yield held
            held, size = [], 0
    if held:
        yield held


def _sort(waiting: Sequence[Change], items: Sequence[Mapping[str, Any]], sent: Sent) -> None:
    """Sort the answers of a bulk request: each document has one of its own."""
    for change, item in zip(waiting, items, strict=True):
        (told,) = item.values()
        status, error = told["status"], told.get("error") or {}
        kind = error.get("type", "")
        if status in (200, 201):
            sent.made += told.get("result") == "created"
        elif status == 409:
            continue  # a newer revision is held
        elif kind == "index_not_found_exception":
            sent.missing = True
        elif kind == "cluster_block_exception" or status in (403, 429) or status >= 500 or _torn(error):
            sent.later.append(change)
            sent.why = f"{kind}: {error.get('reason', '')}"[:300]
        else:
            cause = error.get("caused_by", {}).get("reason", "")
            sent.refused[change.key] = f"{kind}: {error.get('reason', '')} {cause}"[:300]


def _torn(error: Mapping[str, Any]) -> bool:
    """Whether the alias stands over several indices."""
    return str(error.get("reason", "")).startswith("no write index is defined")


def encoded(source: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(source)
    except orjson.JSONEncodeError:
        return orjson.dumps({name: _cleaned(value) for name, value in source.items()})


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    return [_cleaned(one) for one in value] if isinstance(value, list) else value


def clean(text: str) -> str:
    """Halves of surrogate pairs, which no encoding knows, become question marks."""
    return text.encode("utf-8", "replace").decode()
