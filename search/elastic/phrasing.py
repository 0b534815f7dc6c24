"""A query in Elasticsearch's words: what must match, what counts more, what is counted, where snippets are cut."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any

from search.abbreviations import Part
from search.asking import accented, neighbours
from search.elastic.mapping import facet
from search.folding import fold, nfc
from search.port import PUBLIC, Query, Sort

Clause = dict[str, Any]

_FOLDED = ["title_folded^0.8", "words_folded^0.4", "body_folded^0.1"]
_EXACT = ["title_exact^0.4", "words_exact^0.1", "body_exact^0.05"]
_TIER = 1000.0
"""Added when all accents stand as typed: more than all words together can earn."""
_DEMOTED = 0.4
MOST_VALUES = 1000
"""Values of one facet that are counted."""
LONGEST_SPELLED = 24
"""Longer words are no Vietnamese ones; snippets do not look for their other spellings."""


def conditions(query: Query, parts: Sequence[Part], but_one: bool = False) -> Clause:
    """Who may see it, what kind, which words; filters stay outside, so that facets can be counted without them."""
    limits: list[Clause] = [{"terms": {"audience": sorted(query.audience)}}]
    if query.kinds:
        limits.append({"terms": {"kind": list(query.kinds)}})
    if not parts:
        return {"bool": {"filter": limits}}
    words: Clause = {"bool": {"should": [_group(part) for part in parts], "minimum_should_match": len(parts) - but_one}}
    ranked: Clause = {
        "function_score": {
            "query": {"bool": {"must": words, "should": _near(parts)}},
            "functions": [{"filter": {"term": {"demoted": True}}, "weight": _DEMOTED}],
            "boost_mode": "multiply",
        }
    }
    asked: Clause = {"filter": limits, "must": [ranked]}
    meant = [] if but_one else accented(parts)
    if meant:
        exactly = {"bool": {"filter": [_any(word, _EXACT) for word in meant]}}
        asked["should"] = [{"constant_score": {"filter": exactly, "boost": _TIER}}]
    return {"bool": asked}


def _any(word: str, fields: list[str]) -> Clause:
    """A word in any of these fields; the scores of all of them add up."""
    return {"multi_match": {"query": word, "type": "most_fields", "operator": "and", "fields": fields}}


def _phrase(words: Sequence[str]) -> Clause:
    if len(words) == 1:
        return _any(words[0], _FOLDED)
    return {"multi_match": {"query": " ".join(words), "type": "phrase", "tie_breaker": 1.0, "fields": _FOLDED}}


def _word(word: str) -> Clause:
    """One typed word: folded; as typed too when it carries accents, for the score."""
    bare = fold(word)
    if bare == word:
        return _any(bare, _FOLDED)
    return {"bool": {"must": [_any(bare, _FOLDED)], "should": [_any(word, _EXACT)]}}


def _group(part: Part) -> Clause:
    """A part as one condition: its words all, or one of the phrases that stand for it."""
    typed = [_word(word) for word in part.typed]
    whole = typed[0] if len(typed) == 1 else {"bool": {"must": typed}}
    return {"bool": {"should": [whole, *map(_phrase, part.others)]}} if part.others else whole


def _near(parts: Sequence[Part]) -> list[Clause]:
    """Neighbours count more: this adds score and no hits."""
    found: list[Clause] = []
    for pair in neighbours(parts):
        text = " ".join(pair)
        found.append({"match": {"title_folded.pairs": {"query": text, "boost": 0.8}}})
        found.append({"match_phrase": {"body_folded": {"query": text, "boost": 0.1}}})
    return found


def order(sort: Sort) -> list[Clause]:
    """The order of hits; ids decide last, so that pages do not overlap."""
    newest: Clause = {"sort_at": {"order": "desc", "missing": "_last"}}
    ids: list[Clause] = [{"id": {"order": "desc"}}, {"kind": {"order": "asc"}}]
    if sort == "newest":
        return [newest, *ids]
    if sort == "title":
        return [{"sort_title": {"order": "asc"}}, {"id": {"order": "asc"}}, {"kind": {"order": "asc"}}]
    return [{"_score": {"order": "desc"}}, {"demoted": {"order": "asc"}}, newest, *ids]


def filtered(filters: Mapping[str, Sequence[str]], but: str | None = None) -> list[Clause]:
    """Values of one name are alternatives, names all apply, `but` is left out."""
    return [
        {"terms": {"facets": [facet(name, value) for value in values]}}
        for name, values in filters.items()
        if values and name != but
    ]


def counts(query: Query) -> dict[str, Clause]:
    """Aggregations for the facets. Those without a filter of their own are counted in one pass."""
    own = [name for name in query.facets if query.filters.get(name)]
    free = [name for name in query.facets if name not in own]
    asked: dict[str, Clause] = {}
    if free:
        asked["free"] = _counted(free, filtered(query.filters))
    for name in own:
        asked[f"own {name}"] = _counted([name], filtered(query.filters, but=name))
    return asked


def _counted(names: Sequence[str], filters: list[Clause]) -> Clause:
    values: Clause = {
        "terms": {
            "field": "facets",
            "include": "(" + "|".join(re.sub(r"(\W)", r"\\\1", name) for name in names) + ")=.*",
            "size": MOST_VALUES * len(names),
        }
    }
    return {"filter": {"bool": {"filter": filters}}, "aggs": {"values": values}}


def read_counts(names: Iterable[str], told: Mapping[str, Any]) -> dict[str, list[tuple[str, int]]]:
    """The counts of `counts` by facet, the most frequent value first."""
    found: dict[str, list[tuple[str, int]]] = {name: [] for name in names}
    buckets = chain.from_iterable(one["values"]["buckets"] for one in told.values() if "values" in one)
    for bucket in buckets:
        name, _, value = bucket["key"].partition("=")
        found[name].append((value, bucket["doc_count"]))
    return found


def snippets(parts: Sequence[Part], length: int) -> Clause | None:
    """Asks for the best piece of the body in its original spelling; what is marked in it is ours to say.

    The body is kept as written and not indexed. Each word is sought by a pattern of all its spellings.
    """
    typed = [fold(word) for part in parts for word in part.typed]
    others = [word for part in parts for other in part.others for word in other]
    spelled = [spellings(word) for word in dict.fromkeys(typed + others) if len(word) <= LONGEST_SPELLED]
    if not spelled:
        return None
    # A pattern needs an indexed field; which one does not matter when `require_field_match` is off.
    ways = [{"regexp": {"body_folded": {"value": pattern}}} for pattern in spelled]
    body = {
        "type": "unified",
        "number_of_fragments": 1,
        "fragment_size": length,
        "order": "score",
        "require_field_match": False,
        "highlight_query": {"bool": {"should": ways}},
        "max_analyzed_offset": 100_000,
    }
    return {"pre_tags": [""], "post_tags": [""], "fields": {"body": body}}


def spellings(word: str) -> str:
    """A pattern (Lucene's) of all lower-case writings that fold to this word."""
    letters = _letters()
    pattern = "".join(f"[{letters[char]}]" if char in letters else char for char in word)
    if re.fullmatch("[hklmst]i", word):
        pattern = f"{word[0]}[{letters['i']}{letters['y']}]"
    return pattern


@cache
def _letters() -> dict[str, str]:
    """Each folded letter with the composed letters that fold to it."""
    found: dict[str, list[str]] = {}
    for code in range(0x61, min(sys.maxunicode, 0x1F00)):
        char = chr(code)
        if char.isalpha() and char == char.lower() and nfc(char) == char:
            bare = fold(char)
            if "a" <= bare <= "z":
                found.setdefault(bare, []).append(char)
    return {bare: "".join(chars) for bare, chars in found.items() if len(chars) > 1}


def beginnings(typed: Sequence[str]) -> Clause:
    """Public titles that hold the words, the last one perhaps unfinished; those that begin so stand first."""
    words: list[Clause] = [{"match": {"title_folded": {"query": word, "operator": "and"}}} for word in typed[:-1]]
    return {
        "bool": {
            "filter": [
                {"term": {"suggest": True}},
                {"term": {"audience": PUBLIC}},
                *words,
                {"prefix": {"title_folded": {"value": typed[-1]}}},
            ],
            "should": [{"constant_score": {"filter": {"prefix": {"starts": {"value": " ".join(typed)}}}}}],
        }
    }
