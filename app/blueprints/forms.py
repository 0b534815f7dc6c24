"""The matrix as a form: what a browser posts, as the data of a blueprint and back."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from typing import Any

from werkzeug.datastructures import MultiDict

from app.blueprints import layouts
from app.blueprints.models import Blueprint
from app.core.errors import Invalid
from app.core.i18n import gettext as _

LEVELS = layouts.LEVELS
MOST = 200


def shown(found: Blueprint) -> dict[str, Any]:
    """A blueprint as the values of the form: `n` maps (topic, kind, level) to a count, None written as ""."""
    return {
        "title": found.title,
        "subject": found.subject,
        "grade": found.grade,
        "minutes": found.minutes,
        "points": {part["kind"]: part["points"] for part in found.parts},
        "n": {(cell["topic"] or "", cell["kind"], cell["level"] or ""): cell["count"] for cell in found.cells},
    }


def posted(form: MultiDict[str, str]) -> dict[str, Any]:
    """What was typed, as it was typed."""
    counts: dict[tuple[str, str, str], str] = {}
    points: dict[str, str] = {}
    for name, value in form.items():
        pieces = name.split("|")
        if pieces[0] == "n" and len(pieces) == 4 and value.strip():
            counts[pieces[1], pieces[2], pieces[3]] = value.strip()
        elif pieces[0] == "points" and len(pieces) == 2:
            points[pieces[1]] = value.strip()
    grade = form.get("grade", "")
    return {
        "title": form.get("title", "").strip(),
        "subject": form.get("subject", ""),
        "grade": int(grade) if grade.isdigit() else None,
        "minutes": form.get("minutes", "").strip(),
        "points": points,
        "n": counts,
    }


def data(values: dict[str, Any]) -> dict[str, Any]:
    """Values of the form as the verbs take them; raises Invalid where a number is none."""
    wrong: dict[str, list[str]] = {}
    cells = []
    for (topic, kind, level), count in values["n"].items():
        if not f"{count}".isdigit() or int(count) > MOST:
            wrong["cells"] = [_("Số câu trong ma trận là số nguyên từ 0 đến 200.")]
        elif int(count):
            cells.append({"topic": topic or None, "kind": kind, "level": level or None, "count": int(count)})
    used = {cell["kind"] for cell in cells}
    parts = []
    for kind, text in values["points"].items():
        if kind not in used:
            continue
        try:
            worth = Decimal(text.replace(",", "."))
            if not 0 < worth <= 100:
                raise InvalidOperation
            parts.append({"kind": kind, "points": f"{worth.normalize():f}"})
        except InvalidOperation:
            wrong["parts"] = [_("Điểm mỗi câu là một số lớn hơn 0, ví dụ 0,25.")]
    minutes = f"{values['minutes']}"
    if not minutes.isdigit() or not 1 <= int(minutes) <= 600:
        wrong["minutes"] = [_("Thời gian từ 1 đến 600 phút.")]
    if wrong:
        raise Invalid(_("Ma trận chưa lưu được. Xem các ô báo lỗi."), errors=wrong)
    return {
        "title": values["title"],
        "subject": values["subject"],
        "grade": values["grade"],
        "minutes": int(minutes),
        "parts": parts,
        "cells": cells,
    }


def sums(values: dict[str, Any]) -> dict[str, Any]:
    """Counts by kind, by topic and by level, points of the whole; what is not a number counts nothing."""
    found: dict[str, Any] = {"kind": {}, "topic": {}, "level": {}, "column": {}, "count": 0, "points": Decimal(0)}
    for (topic, kind, level), count in values["n"].items():
        number = int(count) if f"{count}".isdigit() else 0
        for name, key in (("kind", kind), ("topic", topic), ("level", level), ("column", (kind, level))):
            found[name][key] = found[name].get(key, 0) + number
        found["count"] += number
        try:
            found["points"] += number * Decimal(f"{values['points'].get(kind, 0)}".replace(",", ".") or 0)
        except InvalidOperation:
            continue
    return found
