"""Keys of all forms as a workbook. Forms in, bytes out."""

from __future__ import annotations

import io
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import xlsxwriter

from app.papers.printing.sheet import ROMAN


@dataclass(frozen=True)
class Key:
    """A form's key: part, number in its part, the key as it stands on the form, the place in the base form."""

    part: int
    number: int
    kind: str
    key: str
    origin: int


def workbook(title: str, forms: Sequence[tuple[str, int, Sequence[Key]]]) -> bytes:
    """Sheets: keys with a column per mã đề; the same line by line for scanners; balance of the letters."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        bold = book.add_format({"bold": True, "align": "center", "border": 1})
        cell = book.add_format({"align": "center", "border": 1})
        head = book.add_format({"bold": True})
        keys = book.add_worksheet("Đáp án")
        keys.write_string(0, 0, title, head)
        keys.freeze_panes(3, 2)
        keys.set_column(0, 1, 9)
        for c, name in enumerate(("Phần", "Câu", *(code for code, _base, _keys in forms))):
            keys.write_string(2, c, name, bold)
        for r, first in enumerate(forms[0][2] if forms else ()):
            keys.write_string(3 + r, 0, ROMAN[first.part], cell)
            keys.write_number(3 + r, 1, first.number, cell)
            for c, (_code, _base, found) in enumerate(forms):
                keys.write_string(3 + r, 2 + c, found[r].key, cell)
        lines = book.add_worksheet("Theo mã đề")
        for c, name in enumerate(("Mã đề", "Phần", "Câu", "Đáp án", "Đề gốc", "Câu của đề gốc")):
            lines.write_string(0, c, name, bold)
        r = 0
        for code, base, found in forms:
            for each in found:
                r += 1
                lines.write_string(r, 0, code, cell)
                lines.write_string(r, 1, ROMAN[each.part], cell)
                lines.write_number(r, 2, each.number, cell)
                lines.write_string(r, 3, each.key, cell)
                lines.write_number(r, 4, base, cell)
                lines.write_number(r, 5, each.origin, cell)
        balance = book.add_worksheet("Phân bố đáp án")
        for c, name in enumerate(("Mã đề", "A", "B", "C", "D", "Ý đúng", "Ý sai")):
            balance.write_string(0, c, name, bold)
        for r, (code, _base, found) in enumerate(forms, 1):
            letters = Counter(each.key for each in found if each.kind == "single_choice")
            marks = Counter("".join(each.key for each in found if each.kind == "true_false_group"))
            balance.write_string(r, 0, code, cell)
            for c, number in enumerate([*(letters[x] for x in "ABCD"), marks["Đ"], marks["S"]], 1):
                balance.write_number(r, c, number, cell)
    return out.getvalue()
