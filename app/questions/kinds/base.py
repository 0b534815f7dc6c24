"""What every question kind offers, and the registry that refuses two kinds with one code."""

from __future__ import annotations

import dataclasses
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

Content = Mapping[str, Any]

MAX_STEM = 20_000
MAX_CHOICE = 5_000
ZERO = Decimal(0)
ONE = Decimal(1)


@dataclass(frozen=True)
class Problem:
    """A fault in a content or a response: the field, a Vietnamese sentence and its values."""

    field: str
    text: str
    values: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclass(frozen=True)
class Mark:
    """`score` is an exact share of the question's points, 0 to 1; `correct` is None when nothing was answered."""

    score: Decimal
    correct: bool | None
    detail: Mapping[str, Any] = dataclasses.field(default_factory=dict)


class Kind(ABC):
    code: str
    vi: str
    en: str
    short_vi: str

    def check(self, content: Content, complete: bool = True) -> list[Problem]:
        """Faults of a content; with `complete=False` a draft may still lack its key."""
        found: list[Problem] = []
        stem = content.get("stem")
        if not isinstance(stem, str) or not stem.strip():
            found.append(Problem("stem", "Câu hỏi chưa có đề bài."))
        elif len(stem) > MAX_STEM:
            found.append(Problem("stem", "Đề bài dài quá %(max)s kí tự.", {"max": MAX_STEM}))
        found += self.check_choices(content)
        answer = content.get("answer")
        if answer is None or answer == [] or answer == {} or answer == "":
            if complete:
                found.append(Problem("answer", "Câu hỏi chưa có đáp án đúng."))
        else:
            found += self.check_answer(content, answer)
        return found

    @abstractmethod
    def check_choices(self, content: Content) -> list[Problem]: ...

    @abstractmethod
    def check_answer(self, content: Content, answer: Any) -> list[Problem]: ...

    @abstractmethod
    def check_response(self, response: Any, content: Content | None = None) -> list[Problem]:
        """Faults in the shape of a response; an empty one clears an answer and is allowed."""

    @abstractmethod
    def mark(self, content: Content, response: Any) -> Mark:
        """Mark a response against a content that holds its key."""

    def strip(self, content: Content) -> dict[str, Any]:
        """What a student sees: never the key, never the explanation."""
        return {
            "kind": self.code,
            "stem": content.get("stem", ""),
            "choices": [{"id": c["id"], "text": c["text"]} for c in content.get("choices") or []],
        }


def well_formed_choices(choices: Any, ids: Sequence[str] | None = None) -> list[Problem]:
    """Shape of `choices`: a list of {"id", "text"} with different ids and some text in each."""
    if not isinstance(choices, list) or not all(
        isinstance(c, Mapping) and set(c) == {"id", "text"} and isinstance(c["id"], str) and isinstance(c["text"], str)
        for c in choices
    ):
        return [Problem("choices", "Các phương án phải là danh sách gồm mã và nội dung.")]
    found: list[Problem] = []
    given = [c["id"] for c in choices]
    if len(set(given)) != len(given):
        found.append(Problem("choices", "Hai phương án trùng mã."))
    for choice in choices:
        if not 0 < len(choice["id"]) <= 8:
            found.append(Problem("choices", "Mã phương án dài từ 1 đến 8 kí tự."))
        if not choice["text"].strip():
            found.append(Problem("choices", "Phương án %(id)s còn để trống.", {"id": choice["id"]}))
        elif len(choice["text"]) > MAX_CHOICE:
            found.append(
                Problem(
                    "choices",
                    "Phương án %(id)s dài quá %(max)s kí tự.",
                    {"id": choice["id"], "max": MAX_CHOICE},
                )
            )
    if ids is not None and given != list(ids):
        found.append(Problem("choices", "Câu đúng/sai phải có đúng bốn ý a, b, c, d."))
    return found


class Registry:
    def __init__(self) -> None:
        self._kinds: dict[str, Kind] = {}

    def add(self, kind: Kind) -> None:
        """Register a kind; raises ValueError when its code is taken."""
        if kind.code in self._kinds:
            raise ValueError(f"two question kinds called {kind.code!r}")
        self._kinds[kind.code] = kind

    def __getitem__(self, code: str) -> Kind:
        return self._kinds[code]

    def __contains__(self, code: object) -> bool:
        return code in self._kinds

    def codes(self) -> tuple[str, ...]:
        return tuple(self._kinds)

    def all(self) -> tuple[Kind, ...]:
        return tuple(self._kinds.values())
