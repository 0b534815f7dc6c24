"""Marks in the original text: what matched, and the snippet around it. Shared by all engines.

Works on the folded and exact forms that the index keeps anyway: they have the length of the original, so a place
found in them is the same place in the original spelling.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

from search.abbreviations import Part
from search.folding import bare, exact, fold
from search.port import Segments

SNIPPET = 240
LEAD = 40
"""Characters shown before the first match of a snippet."""
MOST_MATCHES = 400

_BEFORE = r"(?<![^\W_])"
_AFTER = r"(?![^\W_\s]|[\u0300-\u036f])"


@dataclass(frozen=True, slots=True)
class Text:
    """A stored text with its two forms; all three have the same length.

    A piece of a longer text says whether it holds the beginning and the end of it.
    """

    original: str
    folded: str
    exact: str
    begins: bool = True
    ends: bool = True

    @classmethod
    def of(cls, original: str, begins: bool = True, ends: bool = True) -> Text:
        """A text whose forms are not at hand."""
        form = exact(original)
        return cls(original, bare(form), form, begins, ends)


class Marker:
    """Marks one query's matches. A word typed without accents can mean many: where the text shows which one

    is meant (it has the accents as typed, or the word beside its neighbour of the query), only that one is marked.
    """

    def __init__(self, parts: Sequence[Part]) -> None:
        typed = [word for part in parts for word in part.typed]
        bare = [fold(word) for word in typed]
        phrases = {tuple(map(fold, part.typed)) for part in parts} | {o for part in parts for o in part.others}
        phrases |= {(word,) for word in bare}
        self._accented = [word for word, plain in zip(typed, bare, strict=True) if word != plain]
        self._pattern = _either(phrases)
        self._neighbours = _either(set(pairwise(bare)))

    def of(self, title: Text, body: Text) -> tuple[Segments, Segments]:
        """The title and a snippet of the body, marked."""
        if self._pattern is None:
            return _plain(title.original), _plain(_cut(body.original, 0))
        meant = self._meant((title, body))
        return _segments(title.original, self._spans(title, meant)), self._snippet(body, meant)

    def _meant(self, texts: Sequence[Text]) -> dict[str, set[str]]:
        """Folded words whose spelling these texts settle, with the exact spellings to mark."""
        meant: dict[str, set[str]] = {}
        for word in self._accented:
            if any(re.search(_BEFORE + re.escape(word) + _AFTER, text.exact) for text in texts):
                meant.setdefault(fold(word), set()).add(word)
        if self._neighbours is None:
            return meant
        known = set(meant)
        for text in texts:
            for match in islice(self._neighbours.finditer(text.folded), 20):
                for word in re.findall(r"[^\W_]+", text.exact[match.start() : match.end()]):
                    if fold(word) not in known:
                        meant.setdefault(fold(word), set()).add(word)
        return meant

    def _spans(self, text: Text, meant: dict[str, set[str]]) -> list[tuple[int, int]]:
        assert self._pattern is not None
        spans = []
        for match in islice(self._pattern.finditer(text.folded), MOST_MATCHES):
            spellings = meant.get(match[0])
            if spellings is None or text.exact[match.start() : match.end()] in spellings:
                spans.append((match.start(), match.end()))
        return spans

    def _snippet(self, body: Text, meant: dict[str, set[str]]) -> Segments:
        """About SNIPPET characters where the matches are densest, cut at words."""
        spans = self._spans(body, meant)
        begin, end = _window(body.original, [start for start, _end in spans])
        inside = [(max(s, begin) - begin, e - begin) for s, e in spans if s >= begin and e <= end]
        piece = re.sub(r"\s", " ", body.original[begin:end])
        before: Segments = (("… ", False),) if begin or not body.begins else ()
        after: Segments = ((" …", False),) if end < len(body.original) or not body.ends else ()
        return (*before, *_segments(piece, inside), *after)


def _either(phrases: set[tuple[str, ...]]) -> re.Pattern[str] | None:
    """Finds any of the phrases in a folded text, the longest first."""
    ways = sorted((r"[\W_]+".join(map(re.escape, phrase)) for phrase in phrases if phrase), key=len, reverse=True)
    return re.compile(f"{_BEFORE}(?:{'|'.join(ways)}){_AFTER}") if ways else None


def _window(text: str, starts: Sequence[int]) -> tuple[int, int]:
    """The stretch to show: the beginning when all is said there, else the densest place."""
    begin, best, last = 0, 0, 0
    for i, start in enumerate(starts):
        while last < len(starts) and starts[last] <= start + SNIPPET - LEAD - 20:
            last += 1
        if last - i > best:
            best, begin = last - i, start - LEAD
    if begin < LEAD or (starts and sum(start < SNIPPET - 20 for start in starts) >= best):
        begin = 0
    if begin:
        space = text.find(" ", begin)
        begin = space + 1 if 0 <= space < begin + LEAD else begin
    return begin, begin + len(_cut(text, begin))


def _cut(text: str, begin: int) -> str:
    end = min(len(text), begin + SNIPPET)
    if end < len(text):
        space = text.rfind(" ", begin, end)
        end = space if space > begin + SNIPPET // 2 else end
    return text[begin:end]


def _plain(text: str) -> Segments:
    return ((text, False),) if text else ()


def _segments(text: str, spans: Sequence[tuple[int, int]]) -> Segments:
    """The text in pieces; matches with only spaces between them become one."""
    joined: list[list[int]] = []
    for start, end in spans:
        if joined and not text[joined[-1][1] : start].strip():
            joined[-1][1] = end
        else:
            joined.append([start, end])
    pieces: list[tuple[str, bool]] = []
    at = 0
    for start, end in joined:
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    return tuple(piece for piece in [*pieces, (text[at:], False)] if piece[0])
