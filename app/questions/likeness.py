"""When two questions say the same. Pure: texts in, normal forms, sketches and verdicts out.

`fingerprint` is equal for the same question under another spelling (xử lí/xử lý, hoà/hòa, NFC/NFD, blanks,
letter case, end marks, order of options). `sketch` finds candidates for near twins, `compare` judges a pair:
numbers, names, negations, formulas and the set of options must agree before two questions are called the same.
"""

from __future__ import annotations

import difflib
import hashlib
import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

BANDS, ROWS = 8, 3
NEAR = 0.6  # likeness of stems from which a pair is worth a look
SHARED = 0.5  # and the part of their options it must share

_TONES = {"\u0300": "1", "\u0301": "2", "\u0309": "3", "\u0303": "4", "\u0323": "5"}
_TWIN_Y = re.compile(r"^(h|k|l|m|s|t|qu)y(?=\d?$)")
# Formulas, pictures, words, numbers and the signs that carry meaning; all else is punctuation.
_TOKEN = re.compile(
    r"(?P<math>\$\$.+?\$\$|\$[^$\n]+?\$)|(?P<picture>!\[[^\]]*\]\([^)\s]+[^)]*\))"
    r"|(?P<number>(?<![\w.,])[-−]?\d+(?:[.,]\d+)*)|(?P<word>[^\W\d_]\w*|\w+)|(?P<sign>[+=<>≤≥≠≈±×÷√∞∈∪∩→⇌%°/^(){}\[\]|−–-])",
    re.DOTALL,
)
_NUMBERED = re.compile(r"^\s*(?:câu|question|bài)\s*\d+\s*[.:)]\s*", re.IGNORECASE)
# Blanks to fill, however many dots or strokes draw them.
_GAPS = re.compile(r"_{2,}")
# Aa, AaBb, BB: letter case is what the question is about.
_GENES = re.compile(r"^(?:([A-Za-z])(?i:\1))+$")
_SENTENCE = re.compile(r"[.?!:;\n]\s*[\"'“‘(]*$")
_NEGATIONS = frozenset(
    "không chưa chẳng sai trừ ngoại phi vô not no never except incorrect false wrong untrue least".split()
)
# Words that may come and go without another meaning.
_FILLERS = frozenset(
    "là của các những sau đây dưới nào gì thì được hãy cho biết trong câu phương án đáp chọn một ở về tại ra và với"
    " ta em bạn có bao nhiêu hỏi trên này đó the a an of which following is are in".split()
)


class Token(NamedTuple):
    """A piece of meaning: `text` in normal form; `kind` is word, number, math, picture or sign."""

    text: str
    kind: str
    is_name: bool = False


@dataclass(frozen=True)
class Verdict:
    """`level`: same (one normal form), twin (other words, nothing that matters differs), similar, or different.

    `differences` names what keeps a similar pair apart: numbers, names, negations, formulas, options, words.
    """

    level: str
    likeness: float
    differences: tuple[str, ...] = ()


@lru_cache(maxsize=60_000)
def syllable(word: str) -> str:
    """One spelling of a word: tone at the end whatever letter bears it, y and i alike where both are written."""
    tone, letters = "", []
    for sign in unicodedata.normalize("NFD", word):
        if sign in _TONES:
            tone = _TONES[sign]
        else:
            letters.append(sign)
    plain = unicodedata.normalize("NFC", "".join(letters)) + tone
    return _TWIN_Y.sub(lambda m: m[1] + "i", plain)


@lru_cache(maxsize=64)
def tokens(text: str) -> tuple[Token, ...]:
    text = unicodedata.normalize("NFC", text).replace("\u00a0", " ")
    text = _GAPS.sub(" ", _NUMBERED.sub("", text).replace("**", ""))
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        kind, piece = match.lastgroup or "", match.group()
        if kind == "word":
            first = piece != piece.lower() and (
                not found or bool(_SENTENCE.search(text[max(0, match.start() - 8) : match.start()]))
            )
            found.append(_word(piece, first))
            continue
        if kind == "math":
            piece = "".join(piece.split()).strip("$")
        elif kind == "picture":
            piece = piece.partition("](")[2].rstrip(")").split()[0]
        elif kind == "number":
            piece = piece.replace("−", "-").replace(",", ".")
        else:
            piece = "-" if piece in "−–" else piece
            if piece in "-/" and not _between_figures(text, match.start(), match.end()):
                continue
        found.append(Token(piece, kind))
    return tuple(found)


def _between_figures(text: str, start: int, end: int) -> bool:
    """Whether a dash or slash is reckoned with, not a hyphen or a list mark."""
    left, right = text[max(0, start - 4) : start].rstrip(), text[end : end + 4].lstrip()
    return left[-1:].isdigit() or right[:1].isdigit()


@lru_cache(maxsize=60_000)
def _word(piece: str, first: bool) -> Token:
    shouted = len(piece) > 3 and piece.isupper()
    if any(c.isdigit() for c in piece) or (len(piece) > 1 and _GENES.match(piece)):
        return Token(piece, "word", True)
    if len(piece) <= 2 and piece.isascii() and not (first and len(piece) == 2 and not piece.isupper()):
        # A, CO, Co, x: single letters, elements and the like keep their case.
        return Token(syllable(piece), "word", piece != piece.lower())
    return Token(syllable(piece.casefold()), "word", piece[0].isupper() and not first and not shouted)


@lru_cache(maxsize=50_000)
def normal(text: str) -> str:
    """The text in normal form."""
    return " ".join(token.text for token in tokens(text))


def fingerprint(stem: str, choices: Sequence[Mapping[str, Any]]) -> str:
    """Equal for questions that say the same, whatever the order of their choices."""
    said = "\n".join([normal(stem), *sorted(normal(c["text"]) for c in choices)])
    return hashlib.sha256(said.encode()).hexdigest()


# ---------------------------------------------------------------- candidates

_PRIME = (1 << 31) - 1
_MIX = np.int64(0x2545F4914F6CDD1D)
_random = np.random.default_rng(20260101)
_FACTORS = _random.integers(1, _PRIME, BANDS * ROWS, dtype=np.int64)
_SHIFTS = _random.integers(0, _PRIME, BANDS * ROWS, dtype=np.int64)


def shingles(stem: str) -> frozenset[str]:
    """Pairs of neighbouring words, numbers and negations aside: those are for the guard to look at."""
    words = [t.text if t.kind in ("word", "math") else "#" for t in tokens(stem) if t.kind != "sign"]
    if len(words) < 2:
        return frozenset(words)
    return frozenset(f"{a} {b}" for a, b in zip(words, words[1:], strict=False))


def sketch(stem: str, choices: Sequence[Mapping[str, Any]]) -> list[int]:
    """Band values by MinHash: questions whose stems are alike share one with high chance (0.8: 0.998)."""
    parts = shingles(stem)
    if len(parts) < 4:  # "Chọn câu đúng": the options tell such questions apart
        parts |= frozenset(normal(c["text"]) for c in choices)
    if not parts:
        return []
    hashed = np.fromiter((zlib.crc32(part.encode()) % _PRIME for part in parts), dtype=np.int64, count=len(parts))
    least = ((hashed[:, None] * _FACTORS[None, :] + _SHIFTS[None, :]) % _PRIME).min(axis=0)
    # A band is its rows mixed into 64 bits (signed, as columns have them) with the number of the band.
    mixed = _MIX + np.arange(BANDS, dtype=np.int64)
    for row in range(ROWS):
        mixed = (mixed ^ least[row::ROWS]) * _MIX
        mixed ^= mixed >> 29
    return [int(value) for value in mixed]


# ---------------------------------------------------------------- the guard


def compare(
    stem: str, choices: Sequence[Mapping[str, Any]], other: str, other_choices: Sequence[Mapping[str, Any]]
) -> Verdict:
    """How alike two questions are, and what keeps them apart."""
    if fingerprint(stem, choices) == fingerprint(other, other_choices):
        return Verdict("same", 1.0)
    left, right = tokens(stem), tokens(other)
    mine, theirs = sorted(normal(c["text"]) for c in choices), sorted(normal(c["text"]) for c in other_choices)
    a, b = [t.text for t in left], [t.text for t in right]
    likeness = difflib.SequenceMatcher(None, a, b, autojunk=False).ratio()
    differences = []
    for name, pick in (
        ("numbers", lambda t: t.kind == "number"),
        ("formulas", lambda t: t.kind in ("math", "picture", "sign")),
        ("negations", lambda t: t.kind == "word" and t.text in _PLAIN_NEGATIONS),
    ):
        if Counter(t.text for t in left if pick(t)) != Counter(t.text for t in right if pick(t)):
            differences.append(name)
    # A name that begins one sentence and not the other is the same word: what counts is that it stands there.
    odd = (Counter(a) - Counter(b)) + (Counter(b) - Counter(a))
    if any(t.is_name and t.text in odd for t in (*left, *right)):
        differences.append("names")
    if mine != theirs:
        differences.append("options")
    if not differences or differences == ["options"]:
        if any(word not in _PLAIN_FILLERS for word in odd) or _moved(a, b):
            differences.append("words")
    shared = sum((Counter(mine) & Counter(theirs)).values()) / max(len(mine), len(theirs), 1)
    if likeness < NEAR or (shared < SHARED and (mine or theirs)):
        return Verdict("different", likeness, tuple(differences))
    return Verdict("similar" if differences else "twin", likeness, tuple(differences))


def _moved(a: Sequence[str], b: Sequence[str]) -> bool:
    """Whether the words that matter stand in another order: "A hơn B" is not "B hơn A"."""
    return [w for w in a if w not in _PLAIN_FILLERS] != [w for w in b if w not in _PLAIN_FILLERS]


_PLAIN_NEGATIONS = frozenset(syllable(word) for word in _NEGATIONS)
_PLAIN_FILLERS = frozenset(syllable(word) for word in _FILLERS)


def marked(text: str, other: str) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether the other text lacks it; for pages that show a pair."""
    pieces = re.findall(r"\s+|\$\$.+?\$\$|\$[^$\n]+?\$|[^\s$]+|\$", text, re.DOTALL)
    theirs = [normal(p) for p in re.findall(r"\$\$.+?\$\$|\$[^$\n]+?\$|[^\s$]+|\$", other, re.DOTALL)]
    words = [(n, normal(piece)) for n, piece in enumerate(pieces) if not piece.isspace()]
    matcher = difflib.SequenceMatcher(None, [w for _n, w in words], theirs, autojunk=False)
    same = {words[at][0] for block in matcher.get_matching_blocks() for at in range(block.a, block.a + block.size)}
    found: list[tuple[str, bool]] = []
    for n, piece in enumerate(pieces):
        odd = n not in same and not piece.isspace() and bool(normal(piece))
        if found and (found[-1][1] == odd):
            found[-1] = (found[-1][0] + piece, odd)
        else:
            found.append((piece, odd))
    return found


def lacking(choices: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]]) -> set[str]:
    """Ids of choices whose content the other question does not have."""
    theirs = {normal(c["text"]) for c in others}
    return {str(c["id"]) for c in choices if normal(c["text"]) not in theirs}
