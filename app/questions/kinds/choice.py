"""Choice kinds: one right option (Phần I of the 2025 exam) and several right options, all or nothing."""

from __future__ import annotations

from typing import Any

from app.questions.kinds.base import (
    ONE,
    ZERO,
    Content,
    Kind,
    Mark,
    Problem,
    well_formed_choices,
)

MIN_CHOICES, MAX_CHOICES = 2, 10


class _Choice(Kind):
    def check_choices(self, content: Content) -> list[Problem]:
        choices = content.get("choices")
        found = well_formed_choices(choices)
        if isinstance(choices, list) and not MIN_CHOICES <= len(choices) <= MAX_CHOICES:
            found.append(
                Problem(
                    "choices",
                    "Cần từ %(min)s đến %(max)s phương án.",
                    {"min": MIN_CHOICES, "max": MAX_CHOICES},
                )
            )
        return found

    def check_answer(self, content: Content, answer: Any) -> list[Problem]:
        if not isinstance(answer, list) or not all(isinstance(a, str) for a in answer):
            return [Problem("answer", 'Đáp án là danh sách mã phương án, ví dụ ["B"].')]
        choices = content.get("choices")
        ids = [c.get("id") for c in choices if isinstance(c, dict)] if isinstance(choices, list) else []
        found = [
            Problem("answer", "Đáp án %(id)s không có trong các phương án.", {"id": a[:20]})
            for a in answer
            if a not in ids
        ]
        if len(set(answer)) != len(answer):
            found.append(Problem("answer", "Đáp án lặp lại một phương án."))
        return found

    def check_response(self, response: Any, content: Content | None = None) -> list[Problem]:
        if response is None or response == []:
            return []
        if not isinstance(response, list) or not all(isinstance(r, str) and len(r) <= 8 for r in response):
            return [Problem("response", 'Câu trả lời là danh sách mã phương án, ví dụ ["B"].')]
        if len(set(response)) != len(response):
            return [Problem("response", "Một phương án được chọn hai lần.")]
        if content is not None:
            ids = {c["id"] for c in content.get("choices") or []}
            if not set(response) <= ids:
                return [Problem("response", "Phương án được chọn không có trong câu hỏi.")]
        return []

    def mark(self, content: Content, response: Any) -> Mark:
        if not response or not isinstance(response, list):
            return Mark(ZERO, None)
        right = bool(content.get("answer")) and sorted(response) == sorted(content["answer"])
        return Mark(ONE if right else ZERO, right)


class SingleChoice(_Choice):
    code = "single_choice"
    vi = "Trắc nghiệm nhiều phương án lựa chọn"
    en = "Single choice"
    short_vi = "Nhiều lựa chọn"

    def check_answer(self, content: Content, answer: Any) -> list[Problem]:
        found = super().check_answer(content, answer)
        if not found and len(answer) != 1:
            found.append(Problem("answer", "Câu này chỉ có một đáp án đúng."))
        return found

    def check_response(self, response: Any, content: Content | None = None) -> list[Problem]:
        found = super().check_response(response, content)
        if not found and response and len(response) > 1:
            found.append(Problem("response", "Chỉ chọn một phương án."))
        return found


class MultipleChoice(_Choice):
    code = "multiple_choice"
    vi = "Trắc nghiệm nhiều đáp án đúng"
    en = "Multiple choice"
    short_vi = "Nhiều đáp án"
