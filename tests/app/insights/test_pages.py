"""Statistics of a played quiz: pages and API, for the teacher and nobody below."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

Client = Callable[[str], FlaskClient]
SHAPES = [
    ("single_choice", "Thủ đô của nước ta là thành phố nào?", ["Huế", "Hà Nội", "Đà Nẵng", "Cần Thơ"], ["B"]),
    ("single_choice", "Kết quả của phép nhân 6 với 7 là", ["36", "42", "48", "49"], ["B"]),
    ("multiple_choice", "Số nào là số nguyên tố?", ["2", "4", "5", "9"], ["A", "C"]),
    ("short_answer", "Tính một nửa của 1.", [], "0,5"),
]


@pytest.fixture
def quiz(as_user: Client) -> dict[str, Any]:
    """A public practice of four questions, options shuffled for each student."""
    teacher, ids = as_user("giaovien"), []
    for kind, stem, texts, answer in SHAPES:
        choices = [{"id": name, "text": text} for name, text in zip("ABCD", texts, strict=False)]
        body = {"kind": kind, "stem": stem, "choices": choices, "answer": answer, "subject": "TOAN", "grade": 6}
        ids.append(teacher.post("/api/v1/questions", json=body).json["id"])
    made = teacher.post(
        "/api/v1/quizzes",
        json={
            "title": "Ôn đầu năm", "mode": "practice", "audience": "public", "feedback": "after_submit",
            "shuffle_choices": True, "shuffle_questions": True, "sections": [{"questions": ids}],
        },
    )  # fmt: skip
    assert teacher.post(f"/api/v1/quizzes/{made.json['id']}/publish").status_code == 200
    return {"id": made.json["id"], "questions": ids}


@pytest.fixture
def sit(app: Flask, quiz: dict[str, Any]) -> Callable[..., None]:
    """Hand in one guest's answers, given by stem."""

    def one(answers: dict[str, Any], who: FlaskClient | None = None) -> None:
        guest = who or app.test_client()
        begun = guest.post(f"/api/v1/quizzes/{quiz['id']}/attempts")
        assert begun.status_code == 201, begun.text
        headers = {"X-Attempt-Token": begun.json.get("token") or ""}
        for item in begun.json["items"]:
            if item["stem"] in answers:
                body = {"response": answers[item["stem"]], "revision": 0}
                url = f"/api/v1/attempts/{begun.json['id']}/answers/{item['n']}"
                assert guest.put(url, json=body, headers=headers).status_code == 200
        assert guest.post(f"/api/v1/attempts/{begun.json['id']}/submit", headers=headers).status_code == 200

    return one


def answers(first: str, second: str, third: list[str], fourth: str) -> dict[str, Any]:
    return {SHAPES[0][1]: [first], SHAPES[1][1]: [second], SHAPES[2][1]: third, SHAPES[3][1]: fourth}


def play(sit: Callable[..., None]) -> None:
    """Twelve students: the six strong ones fall for option C of the first question, the weak ones for nothing else."""
    for n in range(6):
        sit(answers("C", "B", ["A", "C"], "0.5"))
        sit(answers("B", "A" if n % 2 else "D", ["B"], "2" if n else "0,50"))


def test_the_teacher_reads_what_the_answers_say(
    as_user: Client, signed_in: Client, quiz: dict[str, Any], sit: Callable[..., None]
) -> None:
    teacher = as_user("giaovien")
    play(sit)
    sit({})  # a blank sheet tells nothing
    sit(answers("B", "B", ["A", "C"], "0,5"), teacher)  # nor does the author's own trial
    found = teacher.get(f"/api/v1/quizzes/{quiz['id']}/statistics").json
    assert found["attempts"] == 12 and found["enough"] and found["sem"] > 0
    first = found["items"][0]
    assert first["difficulty"] == 0.5 and first["discrimination"] < -0.9
    assert {option["id"]: option["count"] for option in first["options"]} == {"A": 0, "B": 6, "C": 6, "D": 0}
    assert {"draws_strong", "reversed"} <= {flag["code"] for flag in first["flags"]}
    assert "Phương án C hút học sinh giỏi." in [flag["text"] for flag in first["flags"]]
    assert found["items"][1]["difficulty"] == 0.5 and found["items"][1]["discrimination"] > 0
    assert {option["id"]: option["count"] for option in found["items"][3]["options"]} == {"0,5": 7, "2": 5}
    assert found["items"][0]["irt"] is None

    page = signed_in("giaovien").get(f"/quizzes/{quiz['id']}/statistics").text
    assert "Phương án C hút học sinh giỏi." in page and "Đà Nẵng" in page and "Mới có 12 bài." in page
    assert f"/quizzes/{quiz['id']}/statistics" in signed_in("giaovien").get(f"/quizzes/{quiz['id']}").text


def test_a_question_gathers_its_quizzes_by_version(
    as_user: Client, signed_in: Client, quiz: dict[str, Any], sit: Callable[..., None]
) -> None:
    teacher, question = as_user("giaovien"), quiz["questions"][0]
    play(sit)
    teacher.patch(f"/api/v1/questions/{question}", json={"stem": "Thủ đô nước ta ở đâu?"})
    again = teacher.post("/api/v1/quizzes", json={"title": "Lần hai", "sections": [{"questions": [question]}]}).json
    teacher.post(f"/api/v1/quizzes/{again['id']}/publish")
    newer, older = teacher.get(f"/api/v1/questions/{question}/statistics").json["versions"]
    assert (newer["number"], newer["attempts"], newer["enough"], newer["difficulty"]) == (2, 0, False, None)
    assert (older["number"], older["attempts"], older["difficulty"]) == (1, 12, 0.5)
    assert older["discrimination"] < -0.9
    page = signed_in("giaovien").get(f"/questions/{question}/statistics").text
    assert "Chưa đủ bài làm" in page and "Phương án C hút học sinh giỏi." in page
    assert f"/questions/{question}/statistics" in signed_in("giaovien").get(f"/questions/{question}").text


def test_four_attempts_are_too_few(
    as_user: Client, signed_in: Client, quiz: dict[str, Any], sit: Callable[..., None]
) -> None:
    for _student in range(4):
        sit(answers("A", "B", ["A"], "1"))
    found = as_user("giaovien").get(f"/api/v1/quizzes/{quiz['id']}/statistics").json
    assert found["attempts"] == 4 and not found["enough"] and found["mean"] is None and found["alpha"] is None
    assert all(item["difficulty"] is None and item["options"] == [] for item in found["items"])
    assert "Chưa đủ bài làm" in signed_in("giaovien").get(f"/quizzes/{quiz['id']}/statistics").text


def test_only_a_first_attempt_counts(as_user: Client, quiz: dict[str, Any], sit: Callable[..., None]) -> None:
    student = as_user("hocsinh")
    sit(answers("B", "B", ["A", "C"], "0,5"), student)
    sit(answers("A", "A", ["B"], "9"), student)
    assert as_user("giaovien").get(f"/api/v1/quizzes/{quiz['id']}/statistics").json["attempts"] == 1


@pytest.mark.parametrize("login", ["hocsinh", "doitac", "thuvien", "giaovien2"])
def test_others_do_not_see_them(as_user: Client, signed_in: Client, quiz: dict[str, Any], login: str) -> None:
    for path in (f"/quizzes/{quiz['id']}/statistics", f"/questions/{quiz['questions'][0]}/statistics"):
        assert as_user(login).get(f"/api/v1{path}").status_code in (403, 404)
        assert signed_in(login).get(path).status_code in (403, 404)


def test_guests_and_unknown_ids(client: FlaskClient, as_user: Client, unknown_id: uuid.UUID) -> None:
    assert client.get(f"/api/v1/quizzes/{unknown_id}/statistics").status_code == 401
    assert as_user("giaovien").get(f"/api/v1/quizzes/{unknown_id}/statistics").status_code == 404
    assert as_user("giaovien").get(f"/api/v1/questions/{unknown_id}/statistics").status_code == 404
