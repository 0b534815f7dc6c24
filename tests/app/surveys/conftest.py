"""A survey and a crowd that answers it."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import queries as accounts
from app.accounts import service as people_service
from app.core import db
from app.core.access import Viewer
from app.surveys import service

QUESTIONS: list[dict[str, Any]] = [
    {"kind": "single", "text": "Mượn sách có dễ không?", "options": ["Dễ", "Vừa", "Khó"], "required": True},
    {"kind": "multiple", "text": "Em đến thư viện lúc nào?", "options": ["Ra chơi", "Sau giờ học"]},
    {"kind": "scale", "text": "Sách đủ không?", "labels": ["Rất thiếu", "Thiếu", "Vừa", "Đủ", "Rất đủ"]},
    {"kind": "matrix", "text": "Em thấy thế nào?", "rows": ["Ghế", "Đèn"], "options": ["Tốt", "Kém"]},
    {"kind": "text", "text": "Em muốn thêm gì?"},
]


@pytest.fixture
def make(as_user: Callable[[str], FlaskClient]) -> Callable[..., str]:
    """Make and open a survey of `giaovien`; returns its id."""

    def run(publish: bool = True, **values: Any) -> str:
        teacher = as_user("giaovien")
        document = {"title": "Thư viện trường em", "questions": QUESTIONS, **values}
        answer = teacher.post("/api/v1/surveys", json=document)
        assert answer.status_code == 201, answer.text
        assert answer.json["state"] == "draft"
        made: str = answer.json["id"]
        if publish:
            assert teacher.post(f"/api/v1/surveys/{made}/publish").status_code == 200
        return made

    return run


@pytest.fixture
def crowd(app: Flask) -> Callable[[int], list[Viewer]]:
    """New students of the school of `giaovien`."""
    numbers = itertools.count()

    def run(count: int) -> list[Viewer]:
        with app.app_context():
            teacher = accounts.user_by_login("giaovien")
            assert teacher is not None
            (school,) = accounts.viewer_of(teacher).unit_ids
            with db.transaction():
                made = [
                    people_service.add_user(f"em{n}", f"Em {n}", "mat-khau-dai-2026", [("student", school)])
                    for n in itertools.islice(numbers, count)
                ]
            return [accounts.viewer_of(user) for user in made]

    return run


@pytest.fixture
def answered(app: Flask, crowd: Callable[[int], list[Viewer]]) -> Callable[..., list[Viewer]]:
    """Have one new student hand in each of the sheets."""

    def run(survey_id: str, sheets: list[dict[str, Any]]) -> list[Viewer]:
        students = crowd(len(sheets))
        with app.app_context():
            for student, sheet in zip(students, sheets, strict=True):
                service.respond(student, uuid.UUID(survey_id), sheet)
        return students

    return run
