"""A ma trận of Maths 12 in the national layout, and a paper of four mã đề drawn by it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from app.blueprints import queries as blueprints
from app.blueprints import service as drawing
from app.core import db
from app.core.access import Viewer
from app.papers import service as papers

TITLE = "Kiểm tra cuối học kì I: Toán 12"

# Topic, level and number of questions; the demo bank holds more of each, so forms differ from draw to draw.
CELLS = {
    "single_choice": [
        ("TOAN-12-01", "BIET", 2),
        ("TOAN-12-01", "HIEU", 2),
        ("TOAN-12-02", "BIET", 2),
        ("TOAN-12-04", "BIET", 2),
        ("TOAN-12-04", "HIEU", 2),
        ("TOAN-12-05", "BIET", 2),
    ],
    "true_false_group": [
        ("TOAN-12-01", "HIEU", 1),
        ("TOAN-12-02", "VANDUNG", 1),
        ("TOAN-12-03", "HIEU", 1),
        ("TOAN-12-06", "VANDUNG", 1),
    ],
    "short_answer": [
        ("TOAN-12-01", "VANDUNG", 1),
        ("TOAN-12-02", "HIEU", 2),
        ("TOAN-12-03", "BIET", 1),
        ("TOAN-12-06", "VANDUNG", 2),
    ],
}


def seed(viewer: Callable[[str], Viewer]) -> None:
    """One unit of work; left alone where the ma trận is there."""
    owner = viewer("giaovien")
    if any(known.title == TITLE for known in blueprints.listed(owner)):
        return
    with db.transaction():
        made = drawing.create(owner, _plan())
        heading = {"department": "SỞ GD&ĐT TP. HỒ CHÍ MINH", "school": "TRƯỜNG THPT SÔNG SÀI GÒN", "exam": TITLE}
        papers.create(owner, {"blueprint": made.id, "forms": 4, "first_code": 101, "seed": 12, "heading": heading})


def _plan() -> dict[str, Any]:
    # Parts with their points come from the national layout; only the cells are our own.
    national = drawing.started("TOAN", 12) or {}
    cells = [
        {"topic": topic, "kind": kind, "level": level, "count": count}
        for kind, rows in CELLS.items()
        for topic, level, count in rows
    ]
    return {**national, "title": TITLE, "subject": "TOAN", "grade": 12, "cells": cells}
