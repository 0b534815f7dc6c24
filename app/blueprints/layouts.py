"""National layouts of the 2025 exam (QĐ 764/QĐ-BGDĐT) as data, and their spread over topics and levels. Pure.

Counts of Lịch sử, GDKT&PL, Tin học and Công nghệ are not confirmed by the text itself; a department may change all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

KINDS = ("single_choice", "true_false_group", "short_answer")
LEVELS = ("BIET", "HIEU", "VANDUNG")
# Shares of the three levels that CV 7991/BGDĐT-GDTrH is usually read to ask for.
SHARES = (4, 3, 3)
# As many forms as a class room can take; the national exam has 24 codes to a room.
MOST_FORMS = 24


@dataclass(frozen=True)
class Layout:
    """Number of questions of each kind, minutes, and points of one short answer."""

    counts: tuple[int, int, int]
    minutes: int
    short_points: str = "0.25"


_SCIENCES = Layout((18, 4, 6), 50)
_SOCIETY = Layout((24, 4, 0), 50)
_LANGUAGE = Layout((40, 0, 0), 50)
NATIONAL = {
    "TOAN": Layout((12, 4, 6), 90, "0.5"),
    **dict.fromkeys(("VATLI", "HOAHOC", "SINHHOC", "DIALI"), _SCIENCES),
    **dict.fromkeys(("LICHSU", "GDKTPL", "TINHOC", "CONGNGHE"), _SOCIETY),
    **dict.fromkeys(("TIENGANH", "NGOAINGU1", "NGOAINGU2", "NN1", "NN2"), _LANGUAGE),
}
POINTS = {"single_choice": "0.25", "true_false_group": "1", "multiple_choice": "0.25", "short_answer": "0.25"}


def national(subject: str, topics: Sequence[str]) -> dict[str, Any] | None:
    """`{"parts", "cells", "minutes"}` of a subject over its topics; None where the exam has no such paper (Ngữ văn)."""
    layout = NATIONAL.get(subject)
    if layout is None:
        return None
    points = {**POINTS, "short_answer": layout.short_points}
    parts = [{"kind": kind, "points": points[kind]} for kind, n in zip(KINDS, layout.counts, strict=True) if n]
    cells: list[dict[str, Any]] = []
    turn = 0
    for kind, total in zip(KINDS, layout.counts, strict=True):
        for level, count in zip(LEVELS, split(total, SHARES), strict=True):
            taken: dict[str | None, int] = {}
            for _n in range(count):
                topic = topics[turn % len(topics)] if topics else None
                taken[topic] = taken.get(topic, 0) + 1
                turn += 1
            cells += [{"topic": t, "kind": kind, "level": level, "count": n} for t, n in taken.items()]
    return {"parts": parts, "cells": cells, "minutes": layout.minutes}


def split(total: int, shares: Sequence[int]) -> list[int]:
    """Whole numbers in the given proportion that add up to `total` (largest remainder)."""
    whole = sum(shares)
    found = [total * share // whole for share in shares]
    left = sorted(range(len(shares)), key=lambda n: (-(total * shares[n] % whole), n))
    for n in left[: total - sum(found)]:
        found[n] += 1
    return found


def points_total(parts: Sequence[dict[str, Any]], cells: Sequence[dict[str, Any]]) -> Decimal:
    """Points of the whole paper, exact."""
    worth = {part["kind"]: Decimal(part["points"]) for part in parts}
    return sum((worth.get(cell["kind"], Decimal(0)) * cell["count"] for cell in cells), Decimal(0))
