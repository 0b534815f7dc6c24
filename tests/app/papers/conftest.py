"""The demo's questions, approved and in the bank, straight into the tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from app.accounts import queries as accounts
from app.core import db
from app.demo.questions import every
from app.questions import queries
from app.questions.models import AnswerKey, Question, QuestionVersion

SECRET = "LOIGIAI-KHONG-IN-4471"


def put(rows: list[dict[str, Any]], owner: str = "giaovien2") -> None:
    user = accounts.user_by_login(owner)
    assert user is not None
    with db.transaction() as unit:
        moment = db.now()
        for row in rows:
            question_id, version_id = db.new_id(), db.new_id()
            answer = row.pop("answer")
            unit.add(
                Question(
                    id=question_id, state="approved", revision=1, owner_id=user.id, current_version_id=version_id,
                    approved_version_id=version_id, created_at=moment, updated_at=moment,
                )
            )  # fmt: skip
            unit.flush()
            unit.add(
                QuestionVersion(
                    id=version_id, question_id=question_id, number=1, folded="",
                    fingerprint=queries.fingerprint(row["stem"], row["choices"]), author_id=user.id, created_at=moment,
                    **{**row, "explanation": SECRET},
                )
            )  # fmt: skip
            unit.flush()
            unit.add(AnswerKey(version_id=version_id, answer=answer))


@pytest.fixture
def put_questions(app: Flask) -> Callable[..., None]:
    def make(rows: list[dict[str, Any]], owner: str = "giaovien2") -> None:
        with app.app_context():
            put(rows, owner)

    return make


@pytest.fixture
def maths(put_questions: Callable[..., None]) -> int:
    """Every maths question of the demo, for grade 12; their number."""
    rows = [{**each.fields(), "grade": 12, "topic": None} for each in every() if each.where.subject == "TOAN"]
    put_questions(rows)
    return len(rows)
