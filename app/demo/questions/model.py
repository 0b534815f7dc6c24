"""What a demo question is, and the three ways to write one down."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from typing import Any

LETTERS = "ABCD"


@dataclass(frozen=True)
class Where:
    """Subject, grade, topic and level of a question."""

    subject: str
    grade: int
    topic: str | None
    level: str


@dataclass(frozen=True)
class DemoQuestion:
    kind: str
    where: Where
    stem: str
    answer: Any
    explanation: str
    choices: list[dict[str, str]] = field(default_factory=list)
    tags: tuple[str, ...] = ()

    def fields(self) -> dict[str, Any]:
        """As the verbs of the bank take it."""
        return {
            "kind": self.kind,
            "stem": self.stem,
            "choices": self.choices,
            "answer": self.answer,
            "explanation": self.explanation,
            "subject": self.where.subject,
            "grade": self.where.grade,
            "topic": self.where.topic,
            "level": self.where.level,
            "tags": list(self.tags),
            "language": "en" if self.where.subject == "TIENGANH" else "vi",
        }


def at(subject: str, grade: int, topic: str | int | None, level: str) -> Where:
    """`topic` is the last part of its code: 3 stands for TOAN-12-03; some subjects have none."""
    if topic is None:
        return Where(subject, grade, None, level)
    tail = f"{topic:02d}" if isinstance(topic, int) else topic
    return Where(subject, grade, f"{subject}-{grade:02d}-{tail}", level)


def single(
    where: Where, stem: str, options: Sequence[str], explanation: str, tags: tuple[str, ...] = ()
) -> DemoQuestion:
    """The right option comes first here; where it stands on paper is drawn from the stem."""
    if len(options) != 4 or len(set(options)) != 4:
        raise ValueError(f"four different options needed: {stem[:60]} {options}")
    place = sum(map(ord, stem)) % 4
    ordered = list(options[1:])
    ordered.insert(place, options[0])
    choices = [{"id": letter, "text": text} for letter, text in zip(LETTERS, ordered, strict=True)]
    return DemoQuestion("single_choice", where, stem, [LETTERS[place]], explanation, choices, tags)


def group(
    where: Where, stem: str, statements: Sequence[tuple[str, bool]], explanation: str, tags: tuple[str, ...] = ()
) -> DemoQuestion:
    """Four statements over one stem, each with its truth."""
    if len(statements) != 4:
        raise ValueError(f"four statements needed: {stem[:60]}")
    choices = [{"id": name, "text": text} for name, (text, _true) in zip("abcd", statements, strict=True)]
    answer = {name: true for name, (_text, true) in zip("abcd", statements, strict=True)}
    return DemoQuestion("true_false_group", where, stem, answer, explanation, choices, tags)


def short(
    where: Where, stem: str, answer: int | float | Fraction | Decimal | str, explanation: str,
    tags: tuple[str, ...] = (),
) -> DemoQuestion:  # fmt: skip
    """A number that fits the four cells of the answer sheet."""
    written = answer if isinstance(answer, str) else vn(answer)
    if len(written) > 4:
        raise ValueError(f"{written} does not fit four cells: {stem[:60]}")
    return DemoQuestion("short_answer", where, stem, written, explanation, [], tags)


def vn(value: int | float | Fraction | Decimal, digits: int = 6) -> str:
    """A number as it is written in Vietnam: decimal comma, no needless zeros."""
    text = f"{float(value):.{digits}f}".rstrip("0").rstrip(".")
    return ("0" if text in ("", "-0") else text).replace(".", ",")


def tex(value: int | float | Fraction | Decimal, digits: int = 6) -> str:
    """The same inside a formula, where a bare comma would leave a gap."""
    return vn(value, digits).replace(",", "{,}")


def frac(value: Fraction) -> str:
    """A fraction as a formula, a whole number as it is."""
    if value.denominator == 1:
        return str(value.numerator)
    sign = "-" if value < 0 else ""
    return rf"{sign}\frac{{{abs(value.numerator)}}}{{{value.denominator}}}"


def linear(a: int, b: int, name: str = "x") -> str:
    """`ax + b` as a formula, without needless ones and zeros."""
    head = {1: name, -1: f"-{name}", 0: ""}.get(a, f"{a}{name}")
    if b == 0:
        return head or "0"
    if not head:
        return str(b)
    return f"{head} {'+' if b > 0 else '-'} {abs(b)}"


def signed(value: int) -> str:
    """` + 3` or ` - 3`, nothing for zero."""
    return "" if value == 0 else f" {'+' if value > 0 else '-'} {abs(value)}"
