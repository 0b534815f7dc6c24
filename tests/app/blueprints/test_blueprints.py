"""Blueprints by API and page: the national layout, the matrix, sets of questions or a writing order."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.blueprints import layouts
from tests.app.quizzes.conftest import CONTENTS, add_question

AsUser = Callable[[str], FlaskClient]
SINGLE = CONTENTS[0]


def cell(level: str | None = "HIEU", count: int = 2, topic: str | None = "TOAN-12-01") -> dict[str, Any]:
    return {"topic": topic, "kind": "single_choice", "level": level, "count": count}


def body(*cells: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "title": "Kiểm tra giữa kì",
        "subject": "TOAN",
        "grade": 12,
        "minutes": 45,
        "parts": [{"kind": "single_choice", "points": "0.25"}],
        "cells": list(cells),
        **more,
    }


@pytest.mark.parametrize(
    ("subject", "questions", "minutes"),
    [("TOAN", 22, 90), ("VATLI", 28, 50), ("DIALI", 28, 50), ("LICHSU", 28, 50), ("TIENGANH", 40, 50)],
)
def test_a_matrix_starts_from_the_national_layout(as_user: AsUser, subject: str, questions: int, minutes: int) -> None:
    made = as_user("giaovien").post("/api/v1/blueprints", json={"title": "Đề thử", "subject": subject, "grade": 12})
    assert made.status_code == 201, made.text
    assert Decimal(made.json["points"]) == 10
    assert made.json["questions"] == questions and made.json["minutes"] == minutes
    assert {each["level"] for each in made.json["cells"]} == {"BIET", "HIEU", "VANDUNG"}


def test_no_layout_is_said_not_guessed(as_user: AsUser) -> None:
    refused = as_user("giaovien").post("/api/v1/blueprints", json={"title": "Văn", "subject": "NGUVAN", "grade": 12})
    assert refused.status_code == 422 and "cells" in refused.json["errors"]


def test_shares_add_up() -> None:
    for total in range(60):
        assert sum(layouts.split(total, (4, 3, 3))) == total
    assert layouts.split(12, (4, 3, 3)) == [5, 4, 3] and layouts.split(40, (4, 3, 3)) == [16, 12, 12]


def test_sets_share_no_question_and_repeat_by_seed(app: Flask, as_user: AsUser) -> None:
    with app.app_context():
        for _n in range(9):
            add_question("giaovien", *SINGLE, topic="TOAN-12-01")
        add_question("giaovien", *SINGLE, topic="TOAN-12-02")
        add_question("giaovien", *SINGLE, state="draft", topic="TOAN-12-01")
    teacher = as_user("giaovien2")
    made = teacher.post("/api/v1/blueprints", json=body(cell())).json
    url = f"/api/v1/blueprints/{made['id']}/assemble"
    first = teacher.post(url, json={"forms": 4, "seed": 5}).json
    assert first["feasible"] and len(first["forms"]) == 4
    ids = [each["question_id"] for form in first["forms"] for each in form["questions"]]
    assert len(ids) == len(set(ids)) == 8
    assert teacher.post(url, json={"forms": 4, "seed": 5}).json == first
    assert teacher.post(url, json={"forms": 4, "seed": 6}).json["forms"] != first["forms"]
    avoided = teacher.post(url, json={"forms": 1, "seed": 5, "avoid": ids[:7]}).json
    assert not {each["question_id"] for each in avoided["forms"][0]["questions"]} & set(ids[:7])


def test_what_lacks_is_a_writing_order(app: Flask, as_user: AsUser) -> None:
    with app.app_context():
        for _n in range(3):
            add_question("giaovien", *SINGLE, topic="TOAN-12-01")
        add_question("giaovien", *SINGLE, state="draft", topic="TOAN-12-01")
    teacher = as_user("giaovien")
    made = teacher.post("/api/v1/blueprints", json=body(cell(), cell("VANDUNG", 1))).json
    url = f"/api/v1/blueprints/{made['id']}/assemble"
    found = teacher.post(url, json={"forms": 2}).json
    assert not found["feasible"] and found["forms"] == []
    assert [(each["level"], each["needed"], each["available"], each["missing"]) for each in found["lacking"]] == [
        ("HIEU", 4, 3, 1),
        ("VANDUNG", 2, 0, 2),
    ]
    assert (
        found["lacking"][0]["text"].startswith("Thiếu 1 câu: ")
        and "nhiều lựa chọn, hiểu" in found["lacking"][0]["text"]
    )
    # One's own draft with a key may be used when asked for.
    own = teacher.post(url, json={"forms": 2, "own_drafts": True}).json
    assert [each["level"] for each in own["lacking"]] == ["VANDUNG"]
    colleague = as_user("quantri").post(url, json={"forms": 2, "own_drafts": True}).json
    assert [each["level"] for each in colleague["lacking"]] == ["HIEU", "VANDUNG"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"subject": "XYZ"}, "subject"),
        ({"title": ""}, "title"),
        ({"cells": [cell(count=201)]}, "cells.0.count"),
        ({"cells": [cell(topic="VATLI-12-01")]}, "cells"),
        ({"cells": [cell(level="CAO")]}, "cells"),
        ({"parts": [{"kind": "short_answer", "points": "0.5"}]}, "cells"),
        ({"parts": [{"kind": "single_choice", "points": "-1"}]}, "parts.0.points"),
    ],
)
def test_bad_input_names_the_field(as_user: AsUser, change: dict[str, Any], field: str) -> None:
    refused = as_user("giaovien").post("/api/v1/blueprints", json={**body(cell()), **change})
    assert refused.status_code == 422 and field in refused.json["errors"], refused.text


def test_a_matrix_is_for_its_unit_and_changed_by_its_maker(as_user: AsUser, client: FlaskClient) -> None:
    made = as_user("giaovien").post("/api/v1/blueprints", json=body(cell()))
    url = f"/api/v1/blueprints/{made.json['id']}"
    assert client.get(url).status_code == 401
    assert as_user("hocsinh").get(url).status_code == 403
    stale = as_user("giaovien").patch(url, json={"minutes": 60}, headers={"If-Match": '"9"'})
    assert stale.status_code == 412
    changed = as_user("giaovien").patch(url, json={"minutes": 60}, headers={"If-Match": made.headers["ETag"]})
    assert changed.json["minutes"] == 60 and changed.json["revision"] == 2
    assert as_user("giaovien").delete(url).status_code == 204
    assert as_user("giaovien").get(url).status_code == 404


def test_the_editor_shows_sums_and_saves(signed_in: AsUser) -> None:
    browser = signed_in("giaovien")
    page = browser.get("/blueprints/new").text
    values = {name: value for name, value in re.findall(r'name="([^"]*\|[^"]*)" value="([^"]*)"', page) if value}
    assert "Cả đề: 22 câu, 10 điểm." in page
    assert sum(int(value) for name, value in values.items() if name.startswith("n|")) == 22
    form = {**values, "title": "Thi thử lần 1", "subject": "TOAN", "grade": "12", "minutes": "90", "do": "save"}
    saved = browser.post("/blueprints/new", data=form, follow_redirects=True)
    assert saved.status_code == 200 and "Thi thử lần 1" in saved.text and "Tạo đề từ ma trận này" in saved.text
    assert "Thi thử lần 1" in browser.get("/blueprints").text
    other = browser.post("/blueprints/new", data={**form, "subject": "VATLI", "do": "layout"}).text
    assert "Cả đề: 28 câu, 10 điểm." in other and "n|VATLI-12-" in other
    wrong = browser.post("/blueprints/new", data={**form, "n|TOAN-12-01|single_choice|BIET": "nhiều"})
    assert wrong.status_code == 422 and "số nguyên từ 0 đến 200" in wrong.text and 'value="nhiều"' in wrong.text
