"""True/false group: four statements over one stem (Phần II of the 2025 exam, QĐ 764/QĐ-BGDĐT).

The question is scored as a whole by how many statements are right: 0, 0.1, 0.25, 0.5, 1.
A school may choose `scoring="linear"`: a quarter for each statement.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from app.questions.kinds.base import (
    ZERO,
    Content,
    Kind,
    Mark,
    Problem,
    well_formed_choices,
)

STATEMENTS = ("a", "b", "c", "d")
STEPS = (Decimal(0), Decimal("0.1"), Decimal("0.25"), Decimal("0.5"), Decimal(1))
LINEAR = (Decimal(0), Decimal("0.25"), Decimal("0.5"), Decimal("0.75"), Decimal(1))
SCORINGS = {"stepped": STEPS, "linear": LINEAR}


class TrueFalseGroup(Kind):
    code = "true_false_group"
    vi = "Trắc nghiệm đúng/sai, 4 ý"
    en = "True/false, four statements"
    short_vi = "Đúng/sai, 4 ý"

    def check_choices(self, content: Content) -> list[Problem]:
        found = well_formed_choices(content.get("choices"), STATEMENTS)
        if (content.get("scoring") or "stepped") not in SCORINGS:
            found.append(Problem("scoring", "Cách tính điểm là stepped hoặc linear."))
        return found

    def check_answer(self, content: Content, answer: Any) -> list[Problem]:
        if (
            not isinstance(answer, Mapping)
            or not set(answer) <= set(STATEMENTS)
            or not all(isinstance(v, bool) for v in answer.values())
        ):
            return [Problem("answer", "Đáp án ghi Đúng hoặc Sai cho từng ý a, b, c, d.")]
        return [Problem("answer", "Ý %(id)s chưa chọn Đúng hay Sai.", {"id": s}) for s in STATEMENTS if s not in answer]

    def check_response(self, response: Any, content: Content | None = None) -> list[Problem]:
        if response is None or response == {}:
            return []
        if (
            not isinstance(response, Mapping)
            or not set(response) <= set(STATEMENTS)
            or not all(v is None or isinstance(v, bool) for v in response.values())
        ):
            return [Problem("response", "Câu trả lời ghi Đúng hoặc Sai cho từng ý a, b, c, d.")]
        return []

    def mark(self, content: Content, response: Any) -> Mark:
        key = content.get("answer") or {}
        given = response if isinstance(response, Mapping) else {}
        answered = {s: given[s] for s in STATEMENTS if isinstance(given.get(s), bool)}
        if not answered:
            return Mark(ZERO, None)
        statements = {s: s in key and answered.get(s) == key[s] for s in STATEMENTS}
        right = sum(statements.values())
        steps = SCORINGS.get(content.get("scoring") or "stepped", STEPS)
        return Mark(
            steps[right],
            right == len(STATEMENTS),
            {"statements": statements, "right": right},
        )
