"""Short answer: a number in at most four cells (Phần III of the 2025 exam).

Minus sign and decimal comma take a cell each; `0,92` and `0.92` are the same number, and numbers are
compared, never strings.
"""

from __future__ import annotations

import re
from decimal import Decimal
from typing import Any

from app.questions.kinds.base import ONE, ZERO, Content, Kind, Mark, Problem

CELLS = 4
_NUMBER = re.compile(r"-?[0-9]+(,[0-9]+)?")
_TYPING = re.compile(r"[-0-9,]*")


def cells(text: str) -> str:
    """The text as it stands in the cells: decimal comma, plain minus, no blanks."""
    return text.strip().replace("−", "-").replace("–", "-").replace(".", ",").replace(" ", "")


def number(text: object) -> Decimal | None:
    """The number written in the cells, or None when it is not one."""
    if not isinstance(text, str) or not _NUMBER.fullmatch(cells(text)):
        return None
    return Decimal(cells(text).replace(",", "."))


class ShortAnswer(Kind):
    code = "short_answer"
    vi = "Trắc nghiệm trả lời ngắn"
    en = "Short answer"
    short_vi = "Trả lời ngắn"

    def check_choices(self, content: Content) -> list[Problem]:
        if content.get("choices"):
            return [Problem("choices", "Câu trả lời ngắn không có phương án.")]
        return []

    def check_answer(self, content: Content, answer: Any) -> list[Problem]:
        if number(answer) is None:
            return [Problem("answer", "Đáp án là một số, ví dụ 0,92.")]
        if len(cells(answer)) > CELLS:
            return [
                Problem(
                    "answer",
                    "Đáp án %(value)s không vừa bốn ô.",
                    {"value": answer[:30]},
                )
            ]
        return []

    def check_response(self, response: Any, content: Content | None = None) -> list[Problem]:
        if response is None or response == "":
            return []
        if not isinstance(response, str) or not _TYPING.fullmatch(cells(response)):
            return [Problem("response", "Câu trả lời chỉ gồm chữ số, dấu trừ và dấu phẩy.")]
        if len(cells(response)) > CELLS:
            return [Problem("response", "Câu trả lời có nhiều nhất bốn ô.")]
        return []

    def mark(self, content: Content, response: Any) -> Mark:
        if not isinstance(response, str) or not response.strip():
            return Mark(ZERO, None)
        key, given = number(content.get("answer")), number(response)
        right = key is not None and given is not None and key == given
        return Mark(ONE if right else ZERO, right)
