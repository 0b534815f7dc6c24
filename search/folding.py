"""How Vietnamese text is made comparable, for every engine and for queries alike.

Both forms keep the length of the NFC text, one character in and one out, so that a place found in a folded
text is the same place in the original. Matching and ranking live elsewhere.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

WORD = re.compile(r"(?:[^\W_][\u0300-\u036f]*)+")

_D_LETTERS = {"đ": "d", "Đ": "d", "\u00d0": "d", "\u00f0": "d", "\u0189": "d", "\u0256": "d"}
_LOOKALIKES = {"\u00d0": "đ", "\u0189": "đ", "\u0256": "đ", "\u00f0": "đ"}

# "hòa" and "hoà" are one word: the tone mark moves to the second vowel of an open oa, oe, uy.
_TONES = "\u0300\u0301\u0309\u0303\u0323"
_OPEN_OA = re.compile(r"([òóỏõọ])([ae])(?![\w\u0300-\u036f])")
_OPEN_UY = re.compile(r"(?<!q)([ùúủũụ])(y)(?![\w\u0300-\u036f])")
# "lý" and "lí" are one word: a lone y after one of these consonants is an i. Not ay, uy, quy.
_LONE_Y = re.compile(r"(?<![\w\u0300-\u036f])([hklmst])([yýỳỷỹỵ])(?![\w\u0300-\u036f])")
_Y_TO_I = dict(zip("yýỳỷỹỵ", "iíìỉĩị", strict=True))


def nfc(text: str) -> str:
    """The text as it is stored: composed letters, so that macOS and some DOCX files compare."""
    return unicodedata.normalize("NFC", text)


class _Letters(dict[int, str]):
    """A table for `str.translate` that is filled as letters are met."""

    def __init__(self, change: Callable[[str], str]) -> None:
        super().__init__()
        self._change = change

    def __missing__(self, code: int) -> str:
        self[code] = made = self._change(chr(code))
        return made


def _lower(char: str) -> str:
    low = _LOOKALIKES.get(char) or char.lower()
    return low if len(low) == 1 else char


def _bare(char: str) -> str:
    if char in _D_LETTERS:
        return "d"
    base = "".join(c for c in unicodedata.normalize("NFD", char) if not unicodedata.combining(c))
    return base if len(base) == 1 else char


_LOWER, _BARE = _Letters(_lower), _Letters(_bare)
_SPACED = _Letters(lambda char: char if char.isalnum() or "\u0300" <= char <= "\u036f" else " ")


def _lowered(text: str) -> str:
    low = text.replace("Σ", "σ").lower()  # the one capital whose small letter depends on its place
    if len(low) != len(text):
        return text.translate(_LOWER)
    for char, same in _LOOKALIKES.items():
        low = low.replace(char, same)
    return low


def _shift_tone(match: re.Match[str]) -> str:
    apart = unicodedata.normalize("NFD", match[1])
    return apart[0] + unicodedata.normalize("NFC", match[2] + apart[1])


def exact(text: str) -> str:
    """Lower case, one tone placement, one i/y: what careful writers differ in is gone, accents stay."""
    low = _lowered(nfc(text))
    low = _OPEN_OA.sub(_shift_tone, low)
    low = _OPEN_UY.sub(_shift_tone, low)
    return _LONE_Y.sub(lambda m: m[1] + _Y_TO_I[m[2]], low)


def fold(text: str) -> str:
    """The text without any diacritics, as people type on phones: `Đường tròn` gives `duong tron`."""
    return bare(exact(text))


def bare(text: str) -> str:
    """An exact text without its diacritics."""
    plain = text.translate(_BARE)
    return _LONE_Y.sub(lambda m: m[1] + _Y_TO_I[m[2]], plain)


def words(text: str) -> list[str]:
    """The words of an already folded or exact text."""
    return WORD.findall(text)


class _Forms(dict[str, tuple[str, str]]):
    """The exact and folded form of words met so far: a school's words are few, and often repeated."""

    MOST = 200_000

    def __missing__(self, word: str) -> tuple[str, str]:
        if len(self) >= self.MOST:
            self.clear()
        self[word] = made = (exact(word), fold(word))
        return made


_FORMS = _Forms()


def forms(text: str) -> tuple[str, str]:
    """The words of the exact and of the folded text with single spaces between, for engines with a cutter
    of their own: they cut at the spaces, where `words` cuts."""
    held = [_FORMS[word] for word in nfc(text).translate(_SPACED).split()]
    return " ".join([form[0] for form in held]), " ".join([form[1] for form in held])


def sort_key(text: str) -> str:
    """A key whose code-point order is close to the dictionary's: base letters, then letter, then tone.

    Order of letters a ă â b c d đ e ê ... and of tones ngang huyền hỏi ngã sắc nặng.
    """
    letters: list[str] = []
    tones: list[str] = []
    for char in nfc(text).casefold():
        parts = unicodedata.normalize("NFD", "đ" if char in _LOOKALIKES else char)
        tone = next((str("\u0300\u0309\u0303\u0301\u0323".index(p) + 1) for p in parts[1:] if p in _TONES), "0")
        shape = "".join(p for p in parts if p not in _TONES)
        letters.append(_LETTER_KEYS.get(unicodedata.normalize("NFC", shape), shape))
        tones.append(tone)
    return "".join(letters) + "\x00" + "".join(tones)


_LETTER_KEYS = {"ă": "a1", "â": "a2", "đ": "d1", "ê": "e1", "ô": "o1", "ơ": "o2", "ư": "u1"}
_LETTER_KEYS = {letter: key[0] + chr(0x7E + int(key[1])) for letter, key in _LETTER_KEYS.items()}
