"""What a query asks for, worked out once for every engine: its parts, its neighbours, its accents.

How an engine then looks for them is its own affair.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from search.abbreviations import Expander, Part
from search.folding import fold, nfc, words

MOST_WORDS = 32
"""Words of a query that are looked at; a pasted page is cut here."""


def parts_of(expander: Expander, text: str) -> list[Part]:
    """The query in parts, short forms opened."""
    kept: list[Part] = []
    length = 0
    for part in expander.parts(nfc(text)):
        length += len(part.typed)
        if length > MOST_WORDS:
            break
        kept.append(part)
    return kept


def neighbours(parts: Sequence[Part]) -> list[tuple[str, str]]:
    """Folded words that were typed side by side, each pair once."""
    bare = [fold(word) for part in parts for word in part.typed]
    return list(dict.fromkeys(pairwise(bare)))


def accented(parts: Sequence[Part]) -> list[str]:
    """The words typed with accents: a document that has them all so is meant before any other."""
    return [word for part in parts for word in part.typed if fold(word) != word]


def begun(text: str) -> list[str]:
    """The folded words of a title being typed; the last may be unfinished."""
    return words(fold(text))[-MOST_WORDS:]
