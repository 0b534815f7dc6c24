"""How documents lie in Elasticsearch: settings, mapping, and a document's JSON.

Folding is ours: the engine gets exact and folded words with single spaces between, and needs no plugin and no
analysis of its own but the cutting at spaces. What is shown stands apart in `_source` and is not indexed; the
indexed forms are not kept in `_source`, since a rebuild reads the database and never an index.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from search.folding import fold, forms, nfc, sort_key, words
from search.port import PUBLIC, Document

LAYOUT = 1
"""Goes up when this file changes what is indexed: an index of another layout is not read but rebuilt."""
LEAD = 600
"""Characters of the body that are kept apart, for snippets of texts that match at their beginning."""
LONGEST_KEY = 300
"""Characters of a title or of a value that are sorted or filtered by."""

_SHOWN = {"type": "text", "index": False}
_KEYWORD = {"type": "keyword"}
_BARE_KEYWORD = {"type": "keyword", "index": False, "doc_values": False}
# Titles are short and hardly repeat a word: length says little about them (b), frequency too.
_SHORT = {"type": "text", "analyzer": "words", "similarity": "short"}
_LONG = {"type": "text", "analyzer": "words"}
_NO_PLACES = {"index_options": "freqs"}

MAPPING: dict[str, Any] = {
    "dynamic": "strict",
    "_source": {"includes": ["kind", "id", "url", "title", "lead", "body", "gone_at"]},
    "properties": {
        "kind": _KEYWORD,
        "id": _KEYWORD,
        "url": _BARE_KEYWORD,
        "gone": {"type": "boolean"},
        "gone_at": {"type": "date", "format": "epoch_second"},
        "title": _SHOWN,
        "lead": _SHOWN,
        "body": _SHOWN,
        "title_exact": _SHORT | _NO_PLACES,
        "title_folded": _SHORT | {"fields": {"pairs": _SHORT | _NO_PLACES | {"analyzer": "pairs"}}},
        "words_exact": _SHORT | _NO_PLACES,
        "words_folded": _SHORT,
        "body_exact": _LONG | _NO_PLACES,
        "body_folded": _LONG,
        "facets": _KEYWORD,
        "audience": _KEYWORD,
        "demoted": {"type": "boolean"},
        "sort_at": {"type": "long"},
        "sort_title": _KEYWORD,
        "suggest": {"type": "boolean"},
        "starts": {"type": "keyword", "doc_values": False},
        "length": {"type": "integer"},
    },
}


def settings(shards: int) -> dict[str, Any]:
    """Settings of a new index; a second node is given a copy of it as soon as there is one."""
    return {
        "number_of_shards": shards,
        "auto_expand_replicas": "0-1",
        "analysis": {
            "analyzer": {
                "words": {"type": "custom", "tokenizer": "standard", "filter": ["lowercase"]},
                "pairs": {"type": "custom", "tokenizer": "standard", "filter": ["lowercase", "pairs"]},
            },
            "filter": {
                "pairs": {
                    "type": "shingle",
                    "min_shingle_size": 2,
                    "max_shingle_size": 2,
                    "output_unigrams": False,
                }
            },
        },
        "similarity": {"short": {"type": "BM25", "k1": 1.0, "b": 0.4}},
    }


def key(kind: str, id: str) -> str:
    return f"{kind}:{id}"


def facet(name: str, value: str) -> str:
    """A facet's value as one term: a field of its own for each name would let names grow into the mapping."""
    return f"{name}={value}"[:LONGEST_KEY]


def source(document: Document) -> dict[str, Any]:
    """What is sent for a document."""
    title, body = nfc(document.title), nfc(document.body)
    found: dict[str, Any] = {
        "kind": document.kind,
        "id": document.id,
        "url": document.url,
        "gone": False,
        "title": title,
        "lead": body[:LEAD],
        "facets": sorted({facet(name, value) for name, values in document.facets.items() for value in values}),
        "audience": sorted(document.audience),
        "demoted": document.demoted,
        "sort_title": sort_key(title[:LONGEST_KEY]),
        "length": len(title),
    }
    for name, text in (("title", title), ("words", document.facet_words), ("body", body)):
        found[f"{name}_exact"], found[f"{name}_folded"] = forms(text)
    if len(body) > LEAD:
        found["body"] = body
    if document.sort_at:
        found["sort_at"] = _microseconds(document.sort_at)
    if document.suggest and PUBLIC in document.audience:
        found |= {"suggest": True, "starts": " ".join(words(fold(title)))[:LONGEST_KEY]}
    return found


def tombstone(kind: str, id: str, at: float) -> dict[str, Any]:
    """What stays of a dropped document, so that an older put cannot bring it back."""
    return {"kind": kind, "id": id, "gone": True, "gone_at": int(at)}


def _microseconds(moment: datetime) -> int:
    apart = moment.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)
    return (apart.days * 86_400 + apart.seconds) * 1_000_000 + apart.microseconds
