"""Drafting, drawing, publishing, closing, the teacher's table."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.app.quizzes.conftest import CHOICES, add_question

AsUser = Callable[[str], FlaskClient]
MadeQuiz = Callable[..., dict[str, Any]]


def test_a_draft_is_for_its_owner(as_user: AsUser, bank: list[str]) -> None:
    made = as_user("giaovien").post("/api/v1/quizzes", json={"title": "Nháp", "sections": [{"questions": bank}]})
    assert made.status_code == 201 and made.json["state"] == "draft"
    assert as_user("hocsinh").get(f"/api/v1/quizzes/{made.json['id']}").status_code == 404
    assert as_user("giaovien2").patch(f"/api/v1/quizzes/{made.json['id']}", json={"title": "x"}).status_code == 404


def test_students_do_not_make_quizzes(as_user: AsUser, client: FlaskClient) -> None:
    assert as_user("hocsinh").post("/api/v1/quizzes", json={"title": "x"}).status_code == 403
    assert client.post("/api/v1/quizzes", json={"title": "x"}).status_code == 401


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "title"),
        ({"title": "x", "mode": "exam"}, "mode"),
        ({"title": "x", "mode": "test", "feedback": "immediate"}, "feedback"),
        ({"title": "x", "sections": [{}]}, "sections"),
        ({"title": "x", "sections": [{"draw": {"count": 0}}]}, "sections.0.draw.count"),
        ({"title": "x", "sections": [{"questions": ["00000000-0000-7000-8000-000000000000"]}]}, "sections"),
        ({"title": "x", "audience": "moon"}, "audience"),
        ({"title": "x", "time_limit_s": -1}, "time_limit_s"),
        ({"title": "x", "surprise": 1}, "surprise"),
    ],
)
def test_bad_input_names_the_field(as_user: AsUser, body: dict[str, Any], field: str) -> None:
    refused = as_user("giaovien").post("/api/v1/quizzes", json=body)
    assert refused.status_code == 422 and field in refused.json["errors"], refused.text


@pytest.mark.parametrize(
    "draw",
    [
        {"topic": "NOPE", "count": 1},
        {"subject": "NOPE", "count": 1},
        {"level": "NOPE", "count": 1},
        {"subject": "VATLI", "grade": 12, "topic": "TOAN-12-01", "count": 1},
        {"subject": "TOAN", "grade": 11, "topic": "TOAN-12-01", "count": 1},
    ],
)
def test_a_rule_of_drawing_that_fits_nothing_is_refused(as_user: AsUser, draw: dict[str, Any]) -> None:
    refused = as_user("giaovien").post("/api/v1/quizzes", json={"title": "x", "sections": [{"draw": draw}]})
    assert refused.status_code == 422 and "sections" in refused.json["errors"]


def test_a_draft_may_be_empty_but_is_not_published(as_user: AsUser) -> None:
    teacher = as_user("giaovien")
    made = teacher.post("/api/v1/quizzes", json={"title": "Trống"})
    assert made.status_code == 201 and made.json["sections"] == []
    assert teacher.post(f"/api/v1/quizzes/{made.json['id']}/publish").status_code == 422


def test_a_draft_is_deleted_and_a_published_quiz_is_not(
    as_user: AsUser, signed_in: AsUser, bank: list[str], made_quiz: MadeQuiz
) -> None:
    teacher = as_user("giaovien")
    body = {"title": "Nháp", "sections": [{"questions": bank}]}
    first, second = (teacher.post("/api/v1/quizzes", json=body).json["id"] for _n in range(2))
    assert as_user("giaovien2").delete(f"/api/v1/quizzes/{first}").status_code == 404
    assert teacher.delete(f"/api/v1/quizzes/{first}", headers={"If-Match": '"7"'}).status_code == 412
    assert teacher.delete(f"/api/v1/quizzes/{first}").status_code == 204
    assert teacher.get(f"/api/v1/quizzes/{first}").status_code == 404
    browser = signed_in("giaovien")
    assert "Xóa bản nháp" in browser.get(f"/quizzes/{second}/edit").text
    assert browser.post(f"/quizzes/{second}/delete").headers["Location"] == "/quizzes"
    assert browser.get(f"/quizzes/{second}").status_code == 404
    published = made_quiz()
    assert teacher.delete(f"/api/v1/quizzes/{published['id']}").status_code == 409


def test_draw_takes_approved_questions_once(app: Flask, as_user: AsUser) -> None:
    with app.app_context():
        wanted = {str(add_question("giaovien", "single_choice", CHOICES, ["A"], level="BIET")) for _n in range(6)}
        add_question("giaovien", "single_choice", CHOICES, ["A"], state="draft", level="BIET")
    teacher = as_user("giaovien2")
    draw = {"draw": {"subject": "TOAN", "grade": 12, "level": "BIET", "kind": "single_choice", "count": 3}}
    made = teacher.post("/api/v1/quizzes", json={"title": "Rút", "sections": [draw, draw]}).json
    items = teacher.post(f"/api/v1/quizzes/{made['id']}/publish").json["items"]
    assert {item["question_id"] for item in items} == wanted and len(items) == 6
    draw["draw"]["count"] = 4
    short = teacher.post("/api/v1/quizzes", json={"title": "Thiếu", "sections": [draw, draw]}).json
    refused = teacher.post(f"/api/v1/quizzes/{short['id']}/publish")
    assert refused.status_code == 422 and refused.json["errors"]["sections"]


def test_stale_edit_and_published_content(as_user: AsUser, made_quiz: MadeQuiz) -> None:
    teacher, quiz = as_user("giaovien"), made_quiz()
    url = f"/api/v1/quizzes/{quiz['id']}"
    etag = teacher.get(url).headers["ETag"]
    assert teacher.patch(url, json={"title": "Tên mới"}, headers={"If-Match": etag}).status_code == 200
    assert teacher.patch(url, json={"title": "Tên cũ"}, headers={"If-Match": etag}).status_code in (409, 412)
    assert teacher.patch(url, json={"sections": []}).status_code == 409
    assert teacher.post(f"{url}/publish").status_code == 200


def test_the_table_and_its_files(as_user: AsUser, signed_in: AsUser, made_quiz: MadeQuiz) -> None:
    quiz, student, teacher = made_quiz(), as_user("hocsinh"), as_user("giaovien")
    attempt = student.post(f"/api/v1/quizzes/{quiz['id']}/attempts").json
    student.put(f"/api/v1/attempts/{attempt['id']}/answers/1", json={"response": ["B"], "revision": 0})
    student.post(f"/api/v1/attempts/{attempt['id']}/submit")
    url = f"/api/v1/quizzes/{quiz['id']}/results"
    assert student.get(url).status_code == 404
    row = teacher.get(url).json["items"][0]
    assert (row["login"], row["score"], row["correct"]) == ("hocsinh", 1.25, 1)
    text = teacher.get(f"{url}.csv").data.decode("utf-8-sig").splitlines()
    assert len(text) == 2 and text[0].startswith("Họ và tên,")
    sheet = openpyxl.load_workbook(io.BytesIO(teacher.get(f"{url}.xlsx").data)).active
    assert sheet is not None and sheet.max_row == 2 and sheet.cell(2, 9).value == 1.25
    page = signed_in("giaovien").get(f"/quizzes/{quiz['id']}/results")
    assert page.status_code == 200 and "1,25" in page.text


def test_a_dealt_draft_cannot_vanish(app: Flask, as_user: AsUser) -> None:
    with app.app_context():
        question = str(add_question("giaovien", "single_choice", CHOICES, ["A"], state="draft"))
    teacher = as_user("giaovien")
    made = teacher.post("/api/v1/quizzes", json={"title": "x", "sections": [{"questions": [question]}]}).json
    assert teacher.post(f"/api/v1/quizzes/{made['id']}/publish").status_code == 200
    teacher.delete(f"/api/v1/questions/{question}")
    student = as_user("hocsinh")
    attempt = student.post(f"/api/v1/quizzes/{made['id']}/attempts").json
    student.put(f"/api/v1/attempts/{attempt['id']}/answers/1", json={"response": ["A"], "revision": 0})
    assert student.post(f"/api/v1/attempts/{attempt['id']}/submit").json["correct"] == 1
