"""Dealing and marking. Pure: compiled quizzes, keys and responses in; layouts and results out."""

from __future__ import annotations

import hashlib
import hmac
import json
import random
import re
from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.questions.kinds import kind

# Points of the 2025 graduation exam (Quyết định 764/QĐ-BGDĐT); short answers count double in Toán.
POINTS = {"single_choice": "0.25", "multiple_choice": "0.25", "true_false_group": "1", "short_answer": "0.25"}
# Choices that speak of other choices by letter or place must stay where they are.
FIXED = re.compile(
    r"(tất cả|đều đúng|đều sai|\bcả\s+(A|B|C|hai|ba)\b|không có (đáp án|phương án)|(A|B|C) và (B|C|D)\b"
    r"|all of the above|none of the above)",
    re.IGNORECASE,
)


def points_of(code: str, subject: str | None) -> str:
    return "0.5" if code == "short_answer" and subject == "TOAN" else POINTS.get(code, "0.25")


def deal(compiled: Mapping[str, Any], questions: bool, choices: bool, seed: int) -> list[dict[str, Any]]:
    """The order of one attempt: `i` is the place in the compiled quiz. Questions stay within their section.

    Statements of a true/false group are never moved: their letters belong to them.
    """
    rng = random.Random(seed)
    sections: dict[int, list[int]] = {}
    for place, item in enumerate(compiled["items"]):
        sections.setdefault(item["section"], []).append(place)
    layout = []
    for places in sections.values():
        if questions:
            rng.shuffle(places)
        for place in places:
            item = compiled["items"][place]
            ids = [choice["id"] for choice in item["choices"]]
            movable = item["kind"] in ("single_choice", "multiple_choice")
            if choices and movable and not any(FIXED.search(choice["text"]) for choice in item["choices"]):
                rng.shuffle(ids)
            layout.append({"i": place, "choices": ids})
    return layout


def dealt(compiled: Mapping[str, Any], layout: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the student sees, in the order dealt; holds no key."""
    shown = []
    for n, place in enumerate(layout, 1):
        item = compiled["items"][place["i"]]
        texts = {choice["id"]: choice["text"] for choice in item["choices"]}
        choices = [{"id": name, "text": texts[name]} for name in place["choices"]]
        shown.append({"n": n, "kind": item["kind"], "stem": item["stem"], "choices": choices})
    return shown


def is_blank(response: Any) -> bool:
    if isinstance(response, Mapping):
        return all(value is None for value in response.values())
    return response is None or response == [] or (isinstance(response, str) and not response.strip())


def is_complete(item: Mapping[str, Any], response: Any) -> bool:
    """Whether a response can be judged now: every statement of a group is answered."""
    if is_blank(response):
        return False
    if item["kind"] == "true_false_group":
        return all(isinstance(response.get(choice["id"]), bool) for choice in item["choices"])
    return True


def mark_one(full: Mapping[str, Any], response: Any) -> dict[str, Any]:
    """{"score": share 0..1 as text, "correct": bool, "blank": bool} against the version dealt."""
    if is_blank(response):
        return {"score": "0", "correct": False, "blank": True, "detail": None}
    found = kind(full["kind"]).mark(full, response)
    return {"score": str(found.score), "correct": found.correct, "blank": False, "detail": found.detail}


def mark_all(
    compiled: Mapping[str, Any],
    layout: list[dict[str, Any]],
    full: Mapping[str, Mapping[str, Any]],
    responses: Mapping[int, Any],
) -> dict[str, Any]:
    """The result of an attempt; `full` maps version ids to content with the key. Score out of 10, exact."""
    got, most, items = Decimal(0), Decimal(0), []
    for n, place in enumerate(layout, 1):
        item = compiled["items"][place["i"]]
        mark = mark_one(full[item["version_id"]], responses.get(n))
        points = Decimal(item["points"])
        got += points * Decimal(mark["score"])
        most += points
        items.append({"n": n, "max": item["points"], "points": str(points * Decimal(mark["score"])), **mark})
    score = (got * 10 / most).quantize(Decimal("0.01"), ROUND_HALF_UP) if most else Decimal(0)
    return {
        "score": str(score),
        "max_score": "10",
        "points": str(got),
        "max_points": str(most),
        "correct": sum(1 for item in items if item["correct"]),
        "answered": sum(1 for item in items if not item["blank"]),
        "count": len(items),
        "items": items,
    }


def receipt(secret: str, *parts: Any) -> str:
    """What the student keeps: a fingerprint of what was stored, signed with the installation's secret.

    Anyone can hash, only the installation can sign (HMAC, RFC 2104), so a receipt shown later proves that
    these very answers were received at that moment. The same parts give the same receipt.
    """
    text = json.dumps(parts, ensure_ascii=False, sort_keys=True, default=str)
    return hmac.new(f"receipt\0{secret}".encode(), text.encode(), hashlib.sha256).hexdigest()[:32]
