"""The pages, as a browser without script uses them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from tests.app.quizzes.conftest import CHOICES, EXPLANATION, add_question

SignedIn = Callable[[str], FlaskClient]


def test_from_builder_to_result_without_script(signed_in: SignedIn, bank: list[str]) -> None:
    teacher, student = signed_in("giaovien"), signed_in("hocsinh")
    assert teacher.get("/quizzes/new").status_code == 200
    found = teacher.post("/quizzes/new", data={"title": "Ôn tập", "do": "find", "add": bank[:3]})
    assert found.status_code == 200 and all(f'name="chosen" value="{each}"' in found.text for each in bank[:3])
    values = {
        "title": "Ôn tập",
        "chosen": bank,
        "mode": "test",
        "feedback": "after_submit",
        "minutes": "45",
        "audience": "signed_in",
        "do": "publish",
    }
    made = teacher.post("/quizzes/new", data=values)
    assert made.status_code == 302, made.text
    url = made.headers["Location"]
    assert teacher.get(url).status_code == 200 and teacher.get(f"{url}/edit").status_code == 200
    assert "Ôn tập" in student.get("/quizzes").text
    assert student.get(url).status_code == 200
    sitting = student.post(f"{url}/start").headers["Location"]
    page = student.get(sitting)
    assert page.status_code == 200 and EXPLANATION not in page.text
    for n, data in enumerate(
        [{"r": "B"}, {"r": ["A", "C"]}, {"r-a": "1", "r-b": "0", "r-c": "1", "r-d": "0"}, {"r": "0,92"}], 1
    ):
        saved = student.post(f"{sitting}/answers/{n}", data={**data, "revision": "0"})
        assert saved.status_code == 303
    assert "checked" in student.get(sitting).text
    done = student.post(f"{sitting}/submit")
    assert done.status_code == 303
    result = student.get(done.headers["Location"])
    assert "10<span" in result.text and EXPLANATION in result.text
    assert student.get(sitting).status_code == 302


def test_topics_follow_subject_and_grade_without_script(app: Flask, signed_in: SignedIn) -> None:
    with app.app_context():
        for _n in range(3):
            add_question("giaovien", "single_choice", CHOICES, ["A"], topic="TOAN-12-01")
    teacher = signed_in("giaovien")
    assert 'value="TOAN-12-01"' not in teacher.get("/quizzes/new").text
    draw = {"draw-0-subject": "TOAN", "draw-0-grade": "12", "draw-0-count": "5"}
    page = teacher.post("/quizzes/new", data={"title": "Rút", "do": "draws", **draw}).text
    assert 'value="TOAN-12-01"' in page and 'value="TOAN-11-01"' not in page and "<optgroup" not in page
    assert "Ngân hàng có 3 câu phù hợp." in page and "Chưa đủ số câu cần rút." in page
    whole_subject = teacher.post(
        "/quizzes/new", data={"do": "draws", "draw-0-subject": "TOAN", "draw-0-count": ""}
    ).text
    assert '<optgroup label="Lớp 11">' in whole_subject

    more = teacher.post("/quizzes/new", data={"do": "more", **draw, "draw-0-topic": "TOAN-12-01"}).text
    assert 'name="draw-1-subject"' in more and 'value="TOAN-12-01" selected' in more
    rule = {**draw, "draw-0-topic": "TOAN-12-01", "draw-0-count": "2", "mode": "test", "feedback": "after_submit"}
    stale = teacher.post("/quizzes/new", data={"title": "Rút", "do": "save", **rule, "draw-0-grade": "11"})
    assert stale.status_code == 422 and "Chủ đề không thuộc môn và lớp đã chọn." in stale.text
    made = teacher.post("/quizzes/new", data={"title": "Rút", "do": "publish", **rule})
    assert made.status_code == 302, made.text
    shown = teacher.get(made.headers["Location"]).text
    assert "2 câu" in shown and "Được làm 1 lượt." in shown


def test_the_part_of_a_draw_for_script(signed_in: SignedIn) -> None:
    part = signed_in("giaovien").get("/quizzes/draw/2?draw-2-subject=VATLI&draw-2-grade=12&draw-2-topic=TOAN-12-01")
    assert part.status_code == 200 and 'id="draw-2-part"' in part.text and 'value="VATLI-12-01"' in part.text
    assert "TOAN-12-01" not in part.text and "<html" not in part.text
    assert signed_in("hocsinh").get("/quizzes/draw/0").status_code == 403


def test_chosen_questions_change_places(signed_in: SignedIn, bank: list[str]) -> None:
    page = signed_in("giaovien").post("/quizzes/new", data={"chosen": bank, "do": "down:0"}).text
    found = re.findall(r'name="chosen" value="([^"]+)"', page)
    assert found == [bank[1], bank[0], *bank[2:]]


def test_a_faulty_builder_form_keeps_what_was_typed(signed_in: SignedIn) -> None:
    page = signed_in("giaovien").post(
        "/quizzes/new", data={"title": "", "description": "Dặn dò", "minutes": "x", "do": "save"}
    )
    assert page.status_code == 422 and "Dặn dò" in page.text and 'role="alert"' in page.text


def test_guest_practises_from_the_page(client: FlaskClient, made_quiz: Callable[..., dict[str, Any]]) -> None:
    quiz = made_quiz(mode="practice", audience="public", feedback="immediate")
    assert "Ôn tập đạo hàm" in client.get("/quizzes").text
    first = client.post(f"/quizzes/{quiz['id']}/start").headers["Location"]
    again = client.post(f"/quizzes/{quiz['id']}/start").headers["Location"]
    assert first == again
    page = client.get(first)
    assert page.status_code == 200 and EXPLANATION not in page.text
    assert client.post(f"{first}/answers/1", data={"r": "B", "revision": "0"}).status_code == 303
    assert client.post(f"{first}/submit").status_code == 303
    assert EXPLANATION in client.get(f"{first}/result").text
