"""Starting, answering and handing in, through the JSON door."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from app.core import db
from app.quizzes.models import Answer, AnswerEvent, Attempt
from tests.app.quizzes.conftest import EXPLANATION

AsUser = Callable[[str], FlaskClient]
MadeQuiz = Callable[..., dict[str, Any]]


def begin(client: FlaskClient, quiz: dict[str, Any]) -> dict[str, Any]:
    answer = client.post(f"/api/v1/quizzes/{quiz['id']}/attempts")
    assert answer.status_code in (200, 201), answer.text
    return dict(answer.json)


def save(client: FlaskClient, attempt: dict[str, Any], n: int, response: Any, revision: int = 0) -> Any:
    body = {"response": response, "revision": revision}
    return client.put(f"/api/v1/attempts/{attempt['id']}/answers/{n}", json=body)


def test_second_start_gets_the_same_attempt(as_user: AsUser, made_quiz: MadeQuiz) -> None:
    quiz, student = made_quiz(), as_user("hocsinh")
    first = student.post(f"/api/v1/quizzes/{quiz['id']}/attempts")
    second = student.post(f"/api/v1/quizzes/{quiz['id']}/attempts")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json["id"] == second.json["id"] and first.json["items"] == second.json["items"]


def test_starts_at_once_make_one_attempt(app: Flask, as_user: AsUser, made_quiz: MadeQuiz) -> None:
    quiz = made_quiz()
    clients = [as_user("hocsinh") for _n in range(6)]
    found: list[tuple[int, str]] = []
    gate = threading.Barrier(len(clients))

    def go(client: FlaskClient) -> None:
        gate.wait()
        answer = client.post(f"/api/v1/quizzes/{quiz['id']}/attempts")
        found.append((answer.status_code, answer.json["id"]))

    threads = [threading.Thread(target=go, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(status for status, _id in found) == [200] * 5 + [201]
    assert len({attempt_id for _status, attempt_id in found}) == 1
    with app.app_context():
        assert db.session().scalar(sa.select(sa.func.count()).select_from(Attempt)) == 1


def test_stale_tab_is_told_and_nothing_is_lost(app: Flask, as_user: AsUser, made_quiz: MadeQuiz) -> None:
    student = as_user("hocsinh")
    attempt = begin(student, made_quiz())
    assert save(student, attempt, 1, ["A"]).json["revision"] == 1
    assert save(student, attempt, 1, ["C"], 1).json["revision"] == 2
    stale = save(student, attempt, 1, ["D"], 1)
    assert stale.status_code == 409
    assert (stale.json["current"]["response"], stale.json["current"]["revision"]) == (["C"], 2)
    assert save(student, attempt, 2, ["A"]).status_code == 200
    with app.app_context():
        events = db.session().execute(sa.select(AnswerEvent.response, AnswerEvent.outcome)).all()
        assert sorted((tuple(r), o) for r, o in events) == sorted(
            [(("A",), "saved"), (("C",), "saved"), (("D",), "stale"), (("A",), "saved")]
        )


def test_a_repeated_save_is_no_conflict(as_user: AsUser, made_quiz: MadeQuiz) -> None:
    student = as_user("hocsinh")
    attempt = begin(student, made_quiz())
    first, again = save(student, attempt, 1, ["A"]), save(student, attempt, 1, ["A"])
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json["revision"] == again.json["revision"] == 1


@pytest.mark.parametrize(
    ("n", "response"),
    [(1, ["Z"]), (1, "B"), (1, ["A", "B"]), (1, {"a": True}), (3, {"a": "x"}), (3, ["a"]), (4, "12345"), (4, 7)],
)
def test_a_wrong_shape_is_refused(as_user: AsUser, made_quiz: MadeQuiz, n: int, response: Any) -> None:
    student = as_user("hocsinh")
    refused = save(student, begin(student, made_quiz()), n, response)
    assert refused.status_code == 422 and refused.json["errors"]["response"]


def test_submit_twice_gives_one_result_with_the_stepped_score(as_user: AsUser, made_quiz: MadeQuiz) -> None:
    student = as_user("hocsinh")
    attempt = begin(student, made_quiz())
    save(student, attempt, 1, ["B"])
    save(student, attempt, 2, ["A"])
    save(student, attempt, 3, {"a": True, "b": False, "c": True, "d": True})
    save(student, attempt, 4, "0.92")
    first = student.post(f"/api/v1/attempts/{attempt['id']}/submit")
    second = student.post(f"/api/v1/attempts/{attempt['id']}/submit")
    assert first.status_code == second.status_code == 200 and first.json == second.json
    # 0.25 + 0 + three of four statements 0.5 + a short answer of Toán 0.5, out of 2.
    assert [item["points"] for item in first.json["items"]] == [0.25, 0, 0.5, 0.5]
    assert (first.json["points"], first.json["max_points"], first.json["score"]) == (1.25, 2.0, 6.25)
    refused = save(student, attempt, 1, ["A"], 1)
    assert refused.status_code == 409 and refused.json["current"]["response"] == ["B"]


def test_resume_keeps_answers_and_order(as_user: AsUser, made_quiz: MadeQuiz) -> None:
    student = as_user("hocsinh")
    quiz = made_quiz(shuffle_questions=True, shuffle_choices=True)
    attempt = begin(student, quiz)
    n = next(item["n"] for item in attempt["items"] if item["kind"] == "single_choice")
    save(student, attempt, n, ["B"])
    again = begin(as_user("hocsinh"), quiz)
    assert again["items"] == attempt["items"]
    assert again["answers"][str(n)]["response"] == ["B"] and again["answers"][str(n)]["revision"] == 1


def test_keys_stay_hidden_until_released(
    as_user: AsUser, signed_in: AsUser, made_quiz: MadeQuiz, bank: list[str]
) -> None:
    quiz = made_quiz(feedback="after_close", closes_at="2099-01-01T00:00:00+07:00")
    student, browser = as_user("hocsinh"), signed_in("hocsinh")
    attempt = begin(student, quiz)
    seen = [student.get(f"/api/v1/quizzes/{quiz['id']}").text]
    seen += [student.get(f"/api/v1/attempts/{attempt['id']}").text, save(student, attempt, 1, ["B"]).text]
    seen += [browser.get(f"/quizzes/{quiz['id']}").text, browser.get(f"/attempts/{attempt['id']}").text]
    seen += [student.post(f"/api/v1/attempts/{attempt['id']}/submit").text]
    seen += [student.get(f"/api/v1/attempts/{attempt['id']}/result").text]
    seen += [browser.get(f"/attempts/{attempt['id']}/result").text]
    for text in seen:
        assert EXPLANATION not in text and "0,92" not in text and '"answer":' not in text
    assert "score" not in student.get(f"/api/v1/attempts/{attempt['id']}/result").json
    as_user("giaovien").post(f"/api/v1/quizzes/{quiz['id']}/close")
    released = student.get(f"/api/v1/attempts/{attempt['id']}/result")
    assert released.json["released"] and EXPLANATION in released.text
    assert EXPLANATION in browser.get(f"/attempts/{attempt['id']}/result").text


def test_a_late_answer_counts_within_the_window(
    app: Flask, as_user: AsUser, made_quiz: MadeQuiz, shift_clock: Callable[[str, int], None]
) -> None:
    student = as_user("hocsinh")
    attempt = begin(student, made_quiz(time_limit_s=600))
    assert 590_000 < attempt["remaining_ms"] <= 600_000
    shift_clock(attempt["id"], -5)
    late = save(student, attempt, 1, ["B"])
    assert late.status_code == 200 and late.json["late"] and late.json["remaining_ms"] == 0
    with app.app_context():
        assert db.session().scalars(sa.select(Answer.late)).one() is True


def test_an_expired_attempt_is_handed_in_with_what_it_holds(
    app: Flask, as_user: AsUser, made_quiz: MadeQuiz, shift_clock: Callable[[str, int], None]
) -> None:
    student = as_user("hocsinh")
    quiz = made_quiz(time_limit_s=600, attempts_allowed=2)
    attempt = begin(student, quiz)
    save(student, attempt, 1, ["B"])
    shift_clock(attempt["id"], -31)
    assert save(student, attempt, 2, ["A", "C"]).status_code == 409
    result = student.get(f"/api/v1/attempts/{attempt['id']}/result").json
    assert result["state"] == "submitted" and result["auto_submitted"]
    assert (result["correct"], result["answered"]) == (1, 1)
    with app.app_context():
        found = db.session().get_one(Attempt, uuid.UUID(attempt["id"]))
        assert found.submitted_at == found.deadline
    assert student.post(f"/api/v1/quizzes/{quiz['id']}/attempts").status_code == 201


@pytest.mark.parametrize(
    ("fields", "second"),
    [({}, 409), ({"attempts_allowed": None}, 201), ({"attempts_allowed": 2}, 201), ({"mode": "practice"}, 201)],
)
def test_a_test_is_taken_once_unless_said_otherwise(
    as_user: AsUser, made_quiz: MadeQuiz, fields: dict[str, Any], second: int
) -> None:
    student, quiz = as_user("hocsinh"), made_quiz(**fields)
    attempt = begin(student, quiz)
    student.post(f"/api/v1/attempts/{attempt['id']}/submit")
    assert student.post(f"/api/v1/quizzes/{quiz['id']}/attempts").status_code == second


def test_practice_turned_into_a_test_is_taken_once(as_user: AsUser, bank: list[str], client: FlaskClient) -> None:
    teacher = as_user("giaovien")
    made = teacher.post(
        "/api/v1/quizzes", json={"title": "x", "feedback": "after_submit", "sections": [{"questions": bank}]}
    ).json
    assert made["attempts_allowed"] is None
    assert teacher.patch(f"/api/v1/quizzes/{made['id']}", json={"mode": "test"}).json["attempts_allowed"] == 1
    told = client.get("/api/v1/openapi.json").json["components"]["schemas"]["QuizIn"]["properties"]
    assert "a test allows 1 attempt" in told["attempts_allowed"]["description"]


@pytest.mark.parametrize("door", ["table", "page", "worker", "csv"])
def test_no_table_shows_an_expired_attempt_as_open(
    app: Flask,
    as_user: AsUser,
    signed_in: AsUser,
    made_quiz: MadeQuiz,
    shift_clock: Callable[[str, int], None],
    door: str,
) -> None:
    quiz = made_quiz(time_limit_s=600)
    attempt = begin(as_user("hocsinh"), quiz)
    save(as_user("hocsinh"), attempt, 1, ["B"])
    shift_clock(attempt["id"], -5)
    table = f"/api/v1/quizzes/{quiz['id']}/results"
    assert as_user("giaovien").get(table).json["items"][0]["state"] == "over"
    page = signed_in("giaovien").get(f"/quizzes/{quiz['id']}/results").text
    assert "Hết giờ" in page and "Đang làm" not in page
    assert "Làm tiếp" not in signed_in("hocsinh").get(f"/quizzes/{quiz['id']}").text

    shift_clock(attempt["id"], -31)
    if door == "table":
        (row,) = as_user("giaovien").get(table).json["items"]
        assert (row["state"], row["auto_submitted"], row["correct"]) == ("submitted", True, 1)
    elif door == "page":
        assert "Lượt 1" in signed_in("hocsinh").get(f"/quizzes/{quiz['id']}").text
    elif door == "csv":
        assert "Đã nộp" in as_user("giaovien").get(f"{table}.csv").text
    else:
        with app.app_context():
            app.extensions["kho"].worker.do_chores()
    with app.app_context():
        found = db.session().get_one(Attempt, uuid.UUID(attempt["id"]))
        assert (found.state, found.auto_submitted, found.submitted_at) == ("submitted", True, found.deadline)


def test_the_worker_hands_in_when_the_quiz_closes(app: Flask, as_user: AsUser, made_quiz: MadeQuiz) -> None:
    from datetime import timedelta

    from app.quizzes.models import Quiz

    quiz = made_quiz()
    attempt = begin(as_user("hocsinh"), quiz)
    worker = app.extensions["kho"].worker
    with app.app_context():
        worker.do_chores()
        assert db.session().get_one(Attempt, uuid.UUID(attempt["id"])).state == "open"
        db.close_session()
        with db.transaction() as unit:
            unit.get_one(Quiz, uuid.UUID(quiz["id"])).closes_at = db.now() - timedelta(seconds=31)
        worker.do_chores()
        assert db.session().get_one(Attempt, uuid.UUID(attempt["id"])).state == "submitted"


def test_receipts_are_signed_and_can_be_checked(
    app: Flask, as_user: AsUser, signed_in: AsUser, client: FlaskClient, made_quiz: MadeQuiz
) -> None:
    student, teacher = as_user("hocsinh"), as_user("giaovien")
    attempt = begin(student, made_quiz())
    first = save(student, attempt, 1, ["A"]).json
    second = save(student, attempt, 1, ["B"], 1).json
    assert first["receipt"] != second["receipt"]
    url = f"/api/v1/attempts/{attempt['id']}"
    whole = student.post(f"{url}/submit").json["receipt"]
    proof = student.get(f"{url}/receipts/{first['receipt']}").json
    assert (proof["of"], proof["n"], proof["response"], proof["saved_at"]) == ("answer", 1, ["A"], first["saved_at"])
    assert teacher.get(f"{url}/receipts/{second['receipt']}").json["response"] == ["B"]
    assert teacher.get(f"{url}/receipts/{whole}").json["of"] == "attempt"
    assert teacher.get(f"{url}/receipts/{'0' * 32}").status_code == 404
    assert teacher.get(f"{url}/receipts/giấy").status_code == 404
    assert client.get(f"{url}/receipts/{whole}").status_code == 404
    page = f"/attempts/{attempt['id']}/result"
    assert "Đúng là biên nhận của câu 1" in signed_in("giaovien").get(f"{page}?receipt={first['receipt']}").text
    assert "Kho không cấp" in signed_in("hocsinh").get(f"{page}?receipt=123").text
    # Whoever changes what is stored cannot sign it: the old receipt no longer fits.
    with app.app_context(), db.transaction() as unit:
        unit.execute(sa.update(Answer).values(response=["D"]))
    assert teacher.get(f"{url}/receipts/{whole}").status_code == 404


def test_a_receipt_needs_the_secret() -> None:
    from app.quizzes import marking

    assert marking.receipt("a", 1) == marking.receipt("a", 1) != marking.receipt("b", 1)
    assert len(marking.receipt("a", 1)) == 32


def test_practice_tells_at_once(as_user: AsUser, made_quiz: MadeQuiz) -> None:
    student = as_user("hocsinh")
    attempt = begin(student, made_quiz(mode="practice", feedback="immediate"))
    told = save(student, attempt, 1, ["A"]).json["feedback"]
    assert (told["correct"], told["answer"]) == (False, ["B"]) and EXPLANATION in told["explanation_html"]
    half = save(student, attempt, 3, {"a": True}).json
    assert "feedback" not in half


def test_a_guest_practises_with_a_token(client: FlaskClient, app: Flask, made_quiz: MadeQuiz) -> None:
    quiz = made_quiz(mode="practice", feedback="after_submit", audience="public")
    attempt = begin(client, quiz)
    other = app.test_client()
    assert save(other, attempt, 1, ["B"]).status_code == 404
    other.environ_base["HTTP_X_ATTEMPT_TOKEN"] = attempt["token"]
    assert save(other, attempt, 1, ["B"]).status_code == 200
    assert begin(other, quiz)["id"] == attempt["id"]
    assert other.post(f"/api/v1/attempts/{attempt['id']}/submit").json["correct"] == 1


def test_others_do_not_learn_of_an_attempt(
    as_user: AsUser, client: FlaskClient, made_quiz: MadeQuiz, unknown_id: uuid.UUID
) -> None:
    attempt = begin(as_user("hocsinh"), made_quiz())
    for other in (client, as_user("giaovien2")):
        assert other.get(f"/api/v1/attempts/{attempt['id']}").status_code == 404
        assert save(other, attempt, 1, ["A"]).status_code == 404
    assert client.get(f"/api/v1/attempts/{unknown_id}").status_code == 404


def test_a_bank_edit_does_not_touch_a_running_attempt(
    app: Flask, as_user: AsUser, made_quiz: MadeQuiz, bank: list[str]
) -> None:
    from app.questions.models import Question

    student = as_user("hocsinh")
    attempt = begin(student, made_quiz())
    with app.app_context(), db.transaction() as unit:
        unit.execute(sa.update(Question).values(state="retired"))
    assert begin(student, {"id": attempt["quiz_id"]})["items"] == attempt["items"]
    save(student, attempt, 1, ["B"])
    assert student.post(f"/api/v1/attempts/{attempt['id']}/submit").json["correct"] == 1
