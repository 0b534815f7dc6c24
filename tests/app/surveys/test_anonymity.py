"""Who took part and what was answered cannot be joined, by key, order, time, row place or stored reply."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from app.core import db
from app.core.http import Replay
from app.surveys.models import NamedResponse, Participation, Response, Survey

SHEETS = [{"q1": "1", "q5": f"dấu {n}"} for n in range(30)]


def test_the_two_tables_share_nothing_but_the_survey() -> None:
    responses, people = Response.__table__.columns, Participation.__table__.columns
    assert set(responses.keys()) & set(people.keys()) == {"survey_id"}
    assert {key.column.table.name for column in responses for key in column.foreign_keys} == {"survey"}


def test_no_column_is_finer_than_a_day_or_counts_up() -> None:
    for table in (Response.__table__, Participation.__table__):
        for column in table.columns:
            assert not isinstance(column.type, sa.Integer | sa.DateTime), column
            assert column.type.__class__.__name__ != "UTCDateTime", column
    assert isinstance(Response.__table__.columns["day"].type, sa.Date)


def test_ids_are_random_and_stored_order_tells_nothing(
    app: Flask, make: Callable[..., str], answered: Callable[..., Any]
) -> None:
    survey_id = make()
    students = answered(survey_id, SHEETS)
    with app.app_context():
        unit = db.session()
        responses = unit.execute(sa.text("SELECT id, answers FROM survey_response")).all()
        people = unit.execute(sa.text("SELECT user_id FROM survey_participation")).all()
        ids = list(unit.scalars(sa.select(Response.id)))
    assert len(responses) == len(people) == len(students) == 30
    assert {one.version for one in ids} == {4}
    arrival = {f"dấu {n}": n for n in range(30)}
    order = [arrival[(json.loads(a) if isinstance(a, str) else a)["q5"]] for _id, a in responses]
    assert order != sorted(order)
    assert order != sorted(order, reverse=True)


def test_rows_have_no_hidden_number_or_transaction(
    app: Flask, make: Callable[..., str], answered: Callable[..., Any]
) -> None:
    survey_id = make()
    answered(survey_id, SHEETS)
    with app.app_context():
        unit = db.session()
        if db.engine().dialect.name == "sqlite":
            for table in ("survey_response", "survey_participation"):
                with pytest.raises(sa.exc.OperationalError):
                    unit.execute(sa.text(f"SELECT rowid FROM {table}"))
                unit.rollback()
            return
        for table in ("survey_response", "survey_participation"):
            marks = unit.scalars(sa.text(f"SELECT DISTINCT xmin::text FROM {table}")).all()
            assert len(marks) == 1
        places = unit.scalars(sa.text("SELECT answers->>'q5' FROM survey_response ORDER BY ctid")).all()
        assert places != [sheet["q5"] for sheet in SHEETS]


def test_the_database_refuses_a_name_in_an_anonymous_survey(
    app: Flask, make: Callable[..., str], crowd: Callable[[int], Any]
) -> None:
    survey_id = uuid.UUID(make())
    (student,) = crowd(1)
    row = {"survey_id": survey_id, "user_id": student.id, "answers": {}, "day": date(2026, 1, 1)}
    for flag in (True, False):
        with app.app_context(), pytest.raises(sa.exc.IntegrityError):
            with db.transaction() as unit:
                unit.execute(sa.insert(NamedResponse).values(**row, anonymous=flag))


def test_the_database_refuses_to_turn_an_answered_survey_into_a_named_one(
    app: Flask, make: Callable[..., str], answered: Callable[..., Any]
) -> None:
    survey_id = make()
    answered(survey_id, SHEETS[:1])
    with app.app_context(), pytest.raises(sa.exc.IntegrityError):
        with db.transaction() as unit:
            unit.execute(sa.update(Survey).where(Survey.id == uuid.UUID(survey_id)).values(anonymous=False))


def test_no_stored_reply_keeps_a_trace_of_the_answers(
    app: Flask, make: Callable[..., str], as_user: Callable[[str], FlaskClient]
) -> None:
    survey_id = make()
    student = as_user("hocsinh")
    said: list[str] = []
    sa.event.listen(app.extensions["kho"].engine, "before_cursor_execute", lambda *call: said.append(call[2]))
    for _again in range(2):
        answer = student.post(
            f"/api/v1/surveys/{survey_id}/responses",
            json={"answers": {"q1": "1"}},
            headers={"Idempotency-Key": "khoa-ngau-nhien"},
        )
        assert answer.status_code == 201
        assert answer.json == {"received": True}
    # Not even for a moment: a row written and deleted stays in the journal.
    assert any("survey_response" in one for one in said)
    assert not any(Replay.__tablename__ in one for one in said)


def test_anonymous_sheets_cannot_be_listed(
    make: Callable[..., str], answered: Callable[..., Any], as_user: Callable[[str], FlaskClient]
) -> None:
    survey_id = make()
    answered(survey_id, SHEETS[:6])
    assert as_user("giaovien").get(f"/api/v1/surveys/{survey_id}/responses").status_code == 409
    assert as_user("quantri").get(f"/api/v1/surveys/{survey_id}/responses").status_code == 409


def test_a_named_survey_keeps_names_for_its_keeper_only(
    make: Callable[..., str], as_user: Callable[[str], FlaskClient]
) -> None:
    survey_id = make(anonymous=False)
    path = f"/api/v1/surveys/{survey_id}/responses"
    assert as_user("hocsinh").post(path, json={"answers": {"q1": "2"}}).status_code == 201
    (row,) = as_user("giaovien").get(path).json["items"]
    assert row["answers"] == {"q1": "2"}
    assert as_user("giaovien2").get(path).status_code == 403
    assert as_user("hocsinh").get(path).status_code == 403
