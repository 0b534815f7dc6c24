"""The table of results as CSV and XLSX; rows in, bytes out."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from app.core.i18n import format_datetime
from app.core.i18n import gettext as _
from app.quizzes import policy
from app.quizzes.models import Attempt, Quiz

Row = list[str | int | Decimal | None]


def state_names() -> dict[str, str]:
    return {"open": _("Đang làm"), "over": _("Hết giờ"), "submitted": _("Đã nộp")}


def rows(quiz: Quiz, found: Sequence[Any], moment: datetime) -> list[Row]:
    """A heading and a row per attempt; the last columns are points per question in the quiz's own order."""
    items = (quiz.compiled or {}).get("items", [])
    head: Row = [
        _("Họ và tên"), _("Tên đăng nhập"), _("Lượt"), _("Trạng thái"), _("Bắt đầu"), _("Nộp lúc"),
        _("Đã trả lời"), _("Câu đúng"), _("Điểm"), *(_("Câu %(n)s", n=n + 1) for n in range(len(items))),
    ]  # fmt: skip
    made = [head]
    for attempt, user, answered in found:
        result = attempt.result or {}
        made.append(
            [
                user.name if user else _("Khách"),
                user.login if user else "",
                attempt.number,
                state_names()[policy.state_of(attempt, quiz, moment)],
                format_datetime(attempt.started_at),
                format_datetime(attempt.submitted_at),
                answered,
                result.get("correct"),
                Decimal(result["score"]) if result else None,
                *_points(attempt, len(items)),
            ]
        )
    return made


def _points(attempt: Attempt, count: int) -> Row:
    found: Row = [None] * count
    for place, mark in zip(attempt.layout, (attempt.result or {}).get("items", []), strict=False):
        found[place["i"]] = Decimal(mark["points"])
    return found


def as_csv(table: list[Row]) -> bytes:
    """UTF-8 with a byte order mark, as spreadsheets want it; a cell never starts a formula."""
    out = io.StringIO()
    writer = csv.writer(out)
    for row in table:
        writer.writerow(
            [f"'{c}" if isinstance(c, str) and c.startswith(("=", "+", "-", "@", "\t", "\r")) else c for c in row]
        )
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def as_xlsx(table: list[Row]) -> bytes:
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False}) as book:
        sheet = book.add_worksheet(_("Kết quả"))
        bold = book.add_format({"bold": True, "text_wrap": True})
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, 0, 28)
        sheet.set_column(1, 5, 16)
        for r, row in enumerate(table):
            for c, cell in enumerate(row):
                if isinstance(cell, Decimal | int):
                    sheet.write_number(r, c, float(cell))
                elif cell is not None:
                    sheet.write_string(r, c, cell, bold if r == 0 else None)
    return out.getvalue()
