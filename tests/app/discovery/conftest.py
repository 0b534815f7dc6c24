"""A shelf of lessons and questions made by the rooms' own verbs."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.core.access import Viewer
from app.questions import service as questions
from app.resources import service as resources

MakeLesson = Callable[..., uuid.UUID]
MakeQuestion = Callable[..., uuid.UUID]
KEY_MARK = "KHOADAPAN7391"
EXPLAINED = "LOIGIAIKIN5520"


@pytest.fixture
def lesson(app: Flask, viewer_for: Callable[[str], Viewer], drain: Callable[[], None]) -> MakeLesson:
    """Make a lesson, published unless told otherwise; returns its id."""

    def make(title: str, publish: bool = True, by: str = "giaovien", **fields: Any) -> uuid.UUID:
        files = fields.pop("files", {})
        values: dict[str, Any] = {
            "description": "Tài liệu của tổ chuyên môn.", "subject": "TOAN", "grades": [12],
            "resource_type": "KHBD", "language": "vi", "licence": "CC BY-SA", "authors": ["Đỗ Ngọc Ánh"],
            **fields,
        }  # fmt: skip
        reviewer = {"giaovien": "totruong", "giaovien2": "totruong2"}[by]
        teacher, judge = viewer_for(by), viewer_for(reviewer)
        with app.app_context():
            made = resources.create(teacher, title=title, **values).resource.id
            for name, data in files.items():
                resources.add_file(teacher, made, io.BytesIO(data), name)
            if publish:
                resources.submit(teacher, made)
                resources.review(judge, made, "approve")
        drain()
        drain()  # reading the text of a file notes the lesson once more
        return made

    return make


@pytest.fixture
def question(app: Flask, viewer_for: Callable[[str], Viewer], drain: Callable[[], None]) -> MakeQuestion:
    """Make a single-choice question, approved unless told otherwise; returns its id."""

    def make(stem: str, approve: bool = True, **fields: Any) -> uuid.UUID:
        values: dict[str, Any] = {
            "kind": "single_choice", "stem": stem,
            "choices": [{"id": c, "text": f"Phương án {c}"} for c in "ABCD"],
            "answer": ["B"], "explanation": f"Vì {EXPLAINED}", "subject": "TOAN", "grade": 12, "level": "HIEU",
            **fields,
        }  # fmt: skip
        with app.app_context():
            made = questions.create(viewer_for("giaovien"), values).id
            if approve:
                questions.submit(viewer_for("giaovien"), made)
                questions.review(viewer_for("totruong"), made, "approve")
        drain()
        return made

    return make
