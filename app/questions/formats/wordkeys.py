"""Keys that stand apart from their questions: answer tables and answer lines at the end of a paper.

A key is `["B"]`, `["A", "C"]`, `{"a": True, ...}` or a number as text. What cannot be told for sure is no key.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from app.questions.formats.model import fold
from app.questions.formats.word import Line, Table

Key = Any

_NUMBER = r"[-−–]?\d{1,6}(?:[.,]\d{1,6})?"
_PAIR = re.compile(
    r"(?:Câu|CÂU|Question|Bài)?\s*(\d{1,3})\s*(?:[-–.:)=→]|\s)?\s*([A-H](?:\s*[,;&]\s*[A-H])*|[ĐSđs]{4})(?![A-Za-zÀ-ỹ0-9])"
)
_WHOLE_PAIR = re.compile(
    r"\s*(?:Câu|CÂU|Question|Bài)?\s*(\d{1,3})\s*[-–.:)=→]?\s*(?:Chọn\s+)?([A-Ha-h]|[A-H](?:\s*[,;&]\s*[A-H])+|[ĐSđs]{4})\s*\.?\s*"
)
_NUMBERED = re.compile(rf"(?:Câu|CÂU|Question)?\s*(\d{{1,3}})\s*[-–.:)=→]\s*({_NUMBER})(?=\s|[;,.]|$)")
_STATEMENTS = re.compile(r"([a-d])\s*[).:–-]?\s*[-–:.=]?\s*(đúng|sai|đ|s|true|false|t|f)(?![a-zà-ỹ])", re.IGNORECASE)
_YES = {"đúng", "đ", "true", "t"}
HEADING = re.compile(
    r"^\W*(?:(?:BẢNG|PHẦN)\s+)?(?:ĐÁP\s*ÁN|Đáp án|HƯỚNG DẪN (?:CHẤM|GIẢI)|Hướng dẫn (?:chấm|giải)|ANSWER\s+KEYS?|Answer keys?|KEYS?|Bảng đáp án)"
    r"(?:\s+(?:VÀ|và|THAM KHẢO|tham khảo|CHI TIẾT|chi tiết|ĐỀ|đề|MÃ ĐỀ|mã đề|TRẮC NGHIỆM|trắc nghiệm|ĐÁP ÁN|THANG ĐIỂM|HƯỚNG DẪN|GIẢI|CHẤM|\d+)\b)*\W*$"
)


def value(text: str) -> Key | None:
    """A key written by itself; None when it is none for sure."""
    text = " ".join(text.replace("\u00a0", " ").split()).strip(" .;:")
    if re.fullmatch(r"[A-H]", text):
        return [text]
    if re.fullmatch(r"[A-H](?:\s*(?:[,;&+]|và)\s*[A-H])+", text):
        letters = re.findall(r"[A-H]", text)
        return letters if len(set(letters)) == len(letters) else None
    statements = truths(text)
    if statements:
        return statements
    if re.fullmatch(_NUMBER, text):
        return text.replace("−", "-").replace("–", "-")
    return None


def truths(text: str) -> dict[str, bool] | None:
    """Đ S Đ S, ĐSĐS, a) Đúng b) Sai ...; None unless it says four."""
    named = _STATEMENTS.findall(text)
    if len(named) == 4 and [n[0].lower() for n in named] == list("abcd"):
        rest = _STATEMENTS.sub("", text)
        if not re.search(r"[A-Za-zÀ-ỹ0-9]", rest):
            return {letter.lower(): word.lower() in _YES for letter, word in named}
    words = re.findall(r"[A-Za-zÀ-ỹ]+", text)
    if len(words) == 1 and re.fullmatch(r"[ĐSđs]{4}", words[0]):
        words = list(words[0])
    if (
        len(words) == 4
        and not re.search(r"\d", text)
        and all(w.lower() in {*_YES, "sai", "s", "false", "f"} for w in words)
    ):
        return {letter: word.lower() in _YES for letter, word in zip("abcd", words, strict=True)}
    return None


@dataclass
class Book:
    """Keys by section (I, II, III or "" where none is named) and number; the same number may come again."""

    entries: dict[int, list[tuple[str, Key]]] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)

    def add(self, section: str, number: int, key: Key) -> None:
        self.entries.setdefault(number, []).append((section, key))

    def of(self, section: str, number: int, turn: int) -> tuple[Key | None, bool]:
        """The key of a question, and whether several differ. `turn` counts questions of this number before it."""
        same = self.entries.get(number, [])
        if section and any(s for s, _key in same):
            found = [key for s, key in same if s == section]
        else:
            found = [key for _s, key in same]
            if len(found) > 1 and turn < len(found) and any(s == "" for s, _key in same):
                found = [found[turn]]
        if not found:
            return None, False
        return (found[0], False) if all(key == found[0] for key in found) else (None, True)


def of_line(text: str) -> list[tuple[int, Key]]:
    """`1-A 2-B 3.C`, `1. ĐSĐS`, `Câu 3: 0,5`; nothing unless the whole line is keys."""
    text = text.replace("\u00a0", " ")
    for pattern in (_PAIR, _NUMBERED):
        found = list(pattern.finditer(text))
        if not found:
            continue
        rest = pattern.sub("", text)
        if len(re.sub(r"[\W_]", "", rest)) <= 0.1 * len(re.sub(r"[\W_]", "", text)) and (
            len(found) > 1 or not re.sub(r"[\W_]", "", rest)
        ):
            keys = [(int(m[1]), value(m[2])) for m in found]
            return [(n, key) for n, key in keys if key is not None]
    whole = re.match(r"\s*(?:Câu|CÂU|Question)\s*(\d{1,3})\s*[-–.:)]\s*(.+)$", text)
    if whole and (statements := truths(whole[2])):
        return [(int(whole[1]), statements)]
    return []


def _grid(table: Table) -> list[list[str]]:
    return [
        [" ".join(" ".join(b.rich.words() for b in cell if isinstance(b, Line)).split()) for cell in row]
        for row in table.rows
    ]


def of_table(table: Table, code: str = "", sure: bool = False) -> tuple[list[tuple[int, Key]], bool]:
    """Keys of a table, and whether it is an answer table at all. `code` is the paper's own mã đề.

    With `sure` the table stands where answers are due, so that a table of bare numbers may be one.
    """
    grid = _grid(table)
    cells = [c for row in grid for c in row if c]
    if not cells or len(cells) > 4_000 or max(len(c) for c in cells) > 60:
        return [], False
    pairs = [m for c in cells if (m := _WHOLE_PAIR.fullmatch(c))]
    headers = [c for c in cells if fold(c) in ("cau", "dap an", "da", "key", "answer", "question")]
    if len(pairs) >= 2 and len(pairs) + len(headers) >= 0.8 * len(cells):
        found = [(int(m[1]), value(m[2].upper() if len(m[2]) == 1 else m[2])) for m in pairs]
        return [(n, key) for n, key in found if key is not None], True
    across = _across(grid, code, sure)
    if across is not None:
        return across, True
    down = _across([list(column) for column in zip(*_even(grid), strict=True)], code, sure)
    return (down, True) if down is not None else ([], False)


def _even(grid: list[list[str]]) -> list[list[str]]:
    width = max(len(row) for row in grid)
    return [row + [""] * (width - len(row)) for row in grid]


def _int(text: str) -> int | None:
    match = re.fullmatch(r"(?:Câu|CÂU|Question)?\s*(\d{1,3})\s*[.:)]?", text)
    return int(match[1]) if match else None


def _is_heading(row: list[str]) -> bool:
    """A row of question numbers, running up, perhaps with a word before them."""
    numbers = [_int(c) for c in row if c]
    if numbers and numbers[0] is None:
        numbers = numbers[1:]
    return len(numbers) >= 2 and all(n is not None for n in numbers) and numbers == sorted(set(numbers))  # type: ignore[type-var]


def _across(grid: list[list[str]], code: str, sure: bool) -> list[tuple[int, Key]] | None:
    """Rows of numbers, each with rows of keys below it."""
    tops = [n for n, row in enumerate(grid) if _is_heading(row)]
    if not tops or tops[0] > 2:
        return None
    named = any(fold(c) in ("dap an", "da", "key", "answer", "dap an dung", "d a") for row in grid for c in row)
    found: list[tuple[int, Key]] = []
    seen = good = 0
    for top, end in zip(tops, [*tops[1:], len(grid)], strict=True):
        rows = [row for row in grid[top + 1 : end] if any(row)]
        columns = [(at, n) for at, c in enumerate(grid[top]) if (n := _int(c)) is not None and at < 200]
        columns = [(at, n) for at, n in columns if at or _int(grid[top][0]) is not None]
        if not rows:
            return None
        letters = [fold(row[0])[:1] for row in rows]
        if len(rows) >= 4 and letters[:4] == list("abcd"):
            for at, n in columns:
                words = [row[at] if at < len(row) else "" for row in rows[:4]]
                seen += 1
                statements = truths(" ".join(words)) if all(words) else None
                if statements:
                    good += 1
                    found.append((n, statements))
            continue
        if len(rows) > 1:
            rows = [row for row in rows if code and code in row[0].split()] or rows
        if len(rows) != 1:
            return None
        for at, n in columns:
            said = rows[0][at] if at < len(rows[0]) else ""
            if not said:
                continue
            seen += 1
            key = value(said.upper() if len(said) == 1 else said)
            if key is not None and (isinstance(key, (list, dict)) or named or sure):
                good += 1
                found.append((n, key))
    return found if found and good >= 0.6 * seen else None


def section_of(text: str) -> str | None:
    """I, II or III where a line names a part of the paper; "IV" for written questions; None for other lines."""
    said = fold(text)
    match = re.match(
        r"^\W*(?:PHẦN|Phần|NHÓM|Nhóm|PART|Part|SECTION|Section)\s*(?:THỨ\s+)?(IV|I{1,3}|[1-4]|[A-D])\b", text
    )
    words = _section_words(said)
    if match:
        return words or {"1": "I", "2": "II", "3": "III", "4": "IV"}.get(
            match[1], match[1] if match[1][0] == "I" else ""
        )
    bare = re.match(r"^\W*(?:IV|I{1,3}|[A-D])\s*[.:)/–-]\s*(?=[A-ZĐÀ-Ỹ])", text)
    if bare and words and len(text) < 160 and text[bare.end() :][:7].upper() == text[bare.end() :][:7]:
        return words
    if words and len(text) < 60 and re.match(r"^\W*(?:PHẦN\s+)?(?:TRẮC NGHIỆM|TỰ LUẬN|TRẢ LỜI NGẮN|ĐÚNG SAI)\b", text):
        return words
    return None


def _section_words(said: str) -> str:
    if "tra loi ngan" in said or "dien dap an" in said or "dien dap so" in said:
        return "III"
    if re.search(r"dung\s*(?:hoac|hay|/)?\s*sai", said):
        return "II"
    if "nhieu phuong an" in said or "nhieu lua chon" in said or "bon phuong an" in said or "4 phuong an" in said:
        return "I"
    if "tu luan" in said:
        return "IV"
    return "" if "trac nghiem" not in said else "I?"


def keys_in(lines: Iterable[str]) -> int:
    """How many keys these lines hold."""
    return sum(len(of_line(line)) for line in lines)
