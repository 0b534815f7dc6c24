"""Duplicates in the bank: found on entry, on import and as pairs; merging keeps history."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import command
from flask import Flask
from flask.testing import FlaskClient

from app.core import db
from app.core.cli import alembic_config
from app.questions.models import QuestionSketch, QuestionVersion

Client = Callable[[str], FlaskClient]
STEM = "Biện pháp nào sau đây giúp xử lí nước thải hoá học ở các khu công nghiệp nước ta năm 2020?"
TWIN = "Biện pháp nào sau đây giúp xử lý nước  thải hóa học ở các khu công nghiệp nước ta năm 2020"
REWORDED = "Biện pháp nào giúp xử lí nước thải hoá học ở các khu công nghiệp của nước ta năm 2020 là"
NUMBER = STEM.replace("2020", "2021")
TEXTS = ("Kĩ thuật lắng", "Trung hoà", "Thuỷ phân", "Đốt")


def body(stem: str, texts: tuple[str, ...] = TEXTS, answer: str = "A") -> dict[str, Any]:
    choices = [{"id": name, "text": text} for name, text in zip("ABCD", texts, strict=True)]
    more = {"subject": "HOAHOC", "grade": 12, "topic": "HOAHOC-12-01", "level": "BIET"}
    return {"kind": "single_choice", "stem": stem, "choices": choices, "answer": [answer], **more}


def add(client: FlaskClient, stem: str, **more: Any) -> str:
    made = client.post("/api/v1/questions", json=body(stem, **more))
    assert made.status_code == 201, made.text
    return str(made.json["id"])


def approve(as_user: Client, question_id: str) -> None:
    assert as_user("giaovien").post(f"/api/v1/questions/{question_id}/submit").status_code == 200
    decided = as_user("totruong").post(f"/api/v1/questions/{question_id}/reviews", json={"decision": "approve"})
    assert decided.status_code == 200, decided.text


def test_every_version_has_its_sketch_and_old_rows_get_one(app: Flask, as_user: Client) -> None:
    teacher = as_user("giaovien")
    first = add(teacher, STEM)
    add(teacher, TWIN)
    teacher.patch(f"/api/v1/questions/{first}", json={"stem": NUMBER})
    with app.app_context():
        right = db.session().execute(sa.select(QuestionVersion.id, QuestionVersion.fingerprint)).all()
        sketched = db.session().execute(sa.select(QuestionSketch.version_id, QuestionSketch.value)).all()
        assert {row.version_id for row in sketched} == {row.id for row in right} and len(right) == 3
        with db.transaction() as unit:
            unit.execute(sa.update(QuestionVersion).values(fingerprint="0" * 64))
        db.close_session()
        with db.engine().begin() as connection:
            config = alembic_config(connection)
            command.downgrade(config, "0004")
            command.upgrade(config, "head")
        assert set(db.session().execute(sa.select(QuestionVersion.id, QuestionVersion.fingerprint)).all()) == set(right)
        again = db.session().execute(sa.select(QuestionSketch.version_id, QuestionSketch.value)).all()
        assert sorted(map(tuple, again)) == sorted(map(tuple, sketched))
