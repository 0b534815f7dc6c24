"""Approved questions of the four kinds, whose keys and explanations bear a mark to look for."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import queries as accounts
from app.core import db
from app.questions import queries
from app.questions.models import AnswerKey, Question, QuestionVersion

EXPLANATION = "LOIGIAI-BIMAT-7731"
CHOICES = [{"id": name, "text": f"Phương án ${name}$"} for name in "ABCD"]
STATEMENTS = [{"id": name, "text": f"Khẳng định {name}"} for name in "abcd"]
CONTENTS: list[tuple[str, list[dict[str, str]], Any]] = [
    ("single_choice", CHOICES, ["B"]),
    ("multiple_choice", CHOICES, ["A", "C"]),
    ("true_false_group", STATEMENTS, {"a": True, "b": False, "c": True, "d": False}),
    ("short_answer", [], "0,92"),
]


def add_question(
    owner: str, kind: str, choices: list[dict[str, str]], answer: Any, state: str = "approved", **more: Any
) -> uuid.UUID:
    user = accounts.user_by_login(owner)
    assert user is not None
    question_id, version_id = db.new_id(), db.new_id()
    with db.transaction() as unit:
        moment = db.now()
        unit.add(
            Question(
                id=question_id,
                state=state,
                revision=1,
                owner_id=user.id,
                current_version_id=version_id,
                approved_version_id=version_id if state == "approved" else None,
                created_at=moment,
                updated_at=moment,
            )
        )
        unit.flush()
        values = {"subject": "TOAN", "grade": 12, "level": "HIEU", "topic": None, **more}
        unit.add(
            QuestionVersion(
                id=version_id,
                question_id=question_id,
                number=1,
                kind=kind,
                stem=f"Đề bài $x^2$ của câu {kind}",
                choices=choices,
                explanation=EXPLANATION,
                tags=[],
                language="vi",
                folded="de bai",
                fingerprint=queries.fingerprint(str(question_id), choices),
                author_id=user.id,
                created_at=moment,
                **values,
            )
        )
        unit.flush()
        unit.add(AnswerKey(version_id=version_id, answer=answer))
    return question_id


@pytest.fixture
def bank(app: Flask) -> list[str]:
    """Ids of one approved question of each kind, by giaovien."""
    with app.app_context():
        return [str(add_question("giaovien", *content)) for content in CONTENTS]


@pytest.fixture
def made_quiz(as_user: Callable[[str], FlaskClient], bank: list[str]) -> Callable[..., dict[str, Any]]:
    """A published quiz by giaovien over the bank."""

    def make(**fields: Any) -> dict[str, Any]:
        teacher = as_user("giaovien")
        body = {"title": "Ôn tập đạo hàm", "mode": "test", "sections": [{"questions": bank}], **fields}
        made = teacher.post("/api/v1/quizzes", json=body)
        assert made.status_code == 201, made.text
        published = teacher.post(f"/api/v1/quizzes/{made.json['id']}/publish")
        assert published.status_code == 200, published.text
        return dict(published.json)

    return make


@pytest.fixture
def shift_clock(app: Flask) -> Callable[[str, int], None]:
    """Move an attempt's deadline, so that the database's clock finds it over."""
    from datetime import timedelta

    import sqlalchemy as sa

    from app.quizzes.models import Attempt

    def move(attempt_id: str, seconds: int) -> None:
        with app.app_context(), db.transaction() as unit:
            unit.execute(
                sa.update(Attempt)
                .where(Attempt.id == uuid.UUID(attempt_id))
                .values(deadline=db.now() + timedelta(seconds=seconds))
            )

    return move
