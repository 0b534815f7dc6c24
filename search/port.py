"""What every search engine here promises: documents in, pages of hits out.

The index is never the truth: it answers with ids, and the caller re-reads them. Rules that all engines keep:
a put or drop whose revision is older than the one known is ignored (an equal one is applied again); a drop
leaves a tombstone that keeps the revision; values of one filter are alternatives, different filters all
apply; the counts of a facet ignore that facet's own filter, so that a reader sees what else could be ticked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

from search.abbreviations import Entry

PUBLIC = "public"
STAFF = "staff"

Sort = Literal["relevance", "newest", "title"]
SORTS: tuple[Sort, ...] = ("relevance", "newest", "title")


class SearchUnavailable(Exception):
    """The engine cannot answer now. The caller may retry, or fall back to the database."""


class NeedsRebuild(SearchUnavailable):
    """The engine is there, but holds no index that can be trusted. Only a rebuild helps."""


class DocumentRefused(Exception):
    """The engine will never take these documents as they are; the others of the same put are stored."""


@dataclass(frozen=True, slots=True)
class Document:
    """One findable thing. `title` and `body` are plain text with diacritics; folding is the index's work.

    `facet_words` are words people add to a query that stand in no text: subject, grade, type, place names.
    A `demoted` document (an old curriculum) is found like any other, but stands behind its equals.
    """

    kind: str
    id: str
    revision: int
    title: str
    body: str = ""
    facet_words: str = ""
    facets: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    audience: frozenset[str] = frozenset({PUBLIC})
    sort_at: datetime | None = None
    suggest: bool = True
    url: str = ""
    demoted: bool = False


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked. An empty `text` finds everything that the filters let through; `page` counts from 1."""

    text: str = ""
    kinds: tuple[str, ...] = ()
    filters: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    audience: frozenset[str] = frozenset({PUBLIC})
    sort: Sort = "relevance"
    page: int = 1
    per_page: int = 20
    facets: tuple[str, ...] = ()
    words: tuple[Entry, ...] = ()
    """Short forms of this installation, opened beside the ones every installation knows."""


Segments = tuple[tuple[str, bool], ...]
"""Pieces of an original text in order; True marks a piece that matched. Joined they give the text back."""


@dataclass(frozen=True, slots=True)
class Hit:
    kind: str
    id: str
    score: float
    title: Segments
    snippet: Segments
    url: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    total: int
    hits: tuple[Hit, ...] = ()
    facets: Mapping[str, list[tuple[str, int]]] = field(default_factory=dict)


class Index(Protocol):
    """One open index. Safe to share between threads."""

    def put(self, documents: Sequence[Document]) -> None:
        """Store the documents; on return they can be found."""

    def drop(self, kind: str, id: str, revision: int) -> None:
        """Forget one document and remember that `revision` removed it. Unknown ids are welcome."""

    def find(self, query: Query) -> Page:
        """One page of hits."""

    def suggest(self, text: str, limit: int = 8) -> list[str]:
        """Titles of public documents that go on from `text`."""

    def rebuild(self, documents: Iterable[Document]) -> int:
        """Make the index hold exactly these documents, and puts and drops that arrive meanwhile.

        What is indexed now stays findable until the new content is complete; when `documents` raises,
        nothing is taken away. `documents` must be read from the source while it is iterated, not before: a
        change that was indexed before the start is expected in it. Returns how many documents it read.
        """

    def roll_back(self) -> bool:
        """Go back to what was held before the last rebuild, where that is kept; False where it is not.

        What changed since then is missing until the next rebuild.
        """

    def count(self, kind: str | None = None) -> int:
        """How many documents can be found."""

    def close(self) -> None:
        """Let go of files and connections."""
