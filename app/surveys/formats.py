"""Results as CSV and XLSX. Takes what `tally.show` returned, so nothing withheld can get in here."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from typing import Any

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.styles import Font

from app.core.i18n import gettext as _

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

Cell = str | int | float | None


def safe(text: str) -> str:
    """A text no spreadsheet takes for a formula (OWASP, CSV injection), without control characters."""
    text = _CONTROL.sub("", text)
    return "'" + text if text.lstrip(" \u00a0").startswith(_STARTS) else text


def table(results: dict[str, Any]) -> Iterator[list[Cell]]:
    """Header and rows: number, question, row, answer, sheets, share in percent."""
    k = results["k"]
    hidden = _("ẩn vì dưới %(k)s phiếu", k=k)
    yield [_("Câu"), _("Câu hỏi"), _("Dòng"), _("Trả lời"), _("Số phiếu"), _("Tỉ lệ (%)")]
    total = results["total"]
    yield [None, results["title"], None, _("Tổng số phiếu"), hidden if total is None else total, None]
    for question in results["questions"]:
        head: list[Cell] = [question["n"], question["text"]]
        for row in question.get("rows", [question]):
            line = row["text"] if "rows" in question else None
            for option in row.get("options", []):
                share = None if option["share"] is None else round(option["share"] * 100, 1)
                yield [*head, line, option["text"], hidden if option["withheld"] else option["count"], share]
        if question.get("mean") is not None:
            yield [*head, None, _("Điểm trung bình"), question["mean"], None]
        for words in question.get("texts", []):
            yield [*head, None, words, None, None]
        if question["withheld"] and not question.get("options") and not question.get("rows"):
            yield [*head, None, hidden, None, None]
    for day in results["days"]:
        yield [
            None,
            _("Số phiếu theo ngày"),
            None,
            day["day"],
            hidden if day["withheld"] else day["count"],
            None,
        ]


def as_csv(results: dict[str, Any]) -> bytes:
    """UTF-8 with a mark at the start, so that Excel reads the Vietnamese letters."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in table(results):
        writer.writerow([safe(cell) if isinstance(cell, str) else cell for cell in row])
    return b"\xef\xbb\xbf" + out.getvalue().encode("utf-8", "replace")


def as_xlsx(results: dict[str, Any]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet(_("Kết quả"))
    for letter, width in zip("ABCDEF", (6, 60, 30, 40, 20, 10), strict=True):
        sheet.column_dimensions[letter].width = width
    for n, row in enumerate(table(results)):
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value=safe(value)[:32000] if isinstance(value, str) else value)
            if isinstance(value, str):
                cell.data_type = "s"
            if n == 0:
                cell.font = Font(bold=True)
            cells.append(cell)
        sheet.append(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
