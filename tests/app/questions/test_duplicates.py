"""Duplicates in the bank: found on entry, on import and as pairs; merging keeps history."""

from __future__ import annotations

import io
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command
from flask import Flask
from flask.testing import FlaskClient

from app.core import db
from app.core.cli import alembic_config
from app.questions.models import QuestionPair, QuestionSketch, QuestionVersion

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


def test_entering_a_question_shows_what_is_like_it(as_user: Client, signed_in: Client) -> None:
    first = add(as_user("giaovien"), STEM)
    teacher = signed_in("giaovien")
    form = {"kind": "single_choice", "stem": TWIN, **{f"choice_{n}": text for n, text in zip("ABCD", TEXTS)}}
    form |= {"choice": list(TEXTS)}
    page = teacher.post("/questions/preview", data={**form, "question_id": ""}).text
    assert f"/questions/{first}" in page
    assert f"/questions/{first}" not in teacher.post("/questions/preview", data={**form, "question_id": first}).text
    assert f"/questions/{first}" not in signed_in("giaovien2").post("/questions/preview", data=form).text  # a draft


def test_levels_over_the_api(as_user: Client) -> None:
    teacher = as_user("giaovien")
    first, turned = add(teacher, STEM), add(teacher, TWIN, texts=TEXTS[::-1])
    near, other = add(teacher, REWORDED), add(teacher, NUMBER)
    add(teacher, "Ai là tác giả của bản Tuyên ngôn Độc lập năm 1945?", texts=("1", "2", "3", "4"))
    found = {one["id"]: one for one in teacher.get(f"/api/v1/questions/{first}/duplicates").json["items"]}
    assert [found[one]["level"] for one in (turned, near, other)] == ["same", "twin", "similar"]
    assert found[other]["differences"] == ["numbers"] and len(found) == 3
    assert as_user("hocsinh").get(f"/api/v1/questions/{first}/duplicates").status_code == 403
    assert as_user("giaovien2").get(f"/api/v1/questions/{first}/duplicates").status_code == 404


def test_an_import_shows_what_the_bank_has_before_anything_is_stored(as_user: Client, signed_in: Client) -> None:
    first = add(as_user("giaovien"), STEM)
    gift = "".join(
        f"::{n}::{stem} {{ {' '.join(('=' if text == TEXTS[0] else '~') + text for text in TEXTS[::-1])} }}\n\n"
        for n, stem in enumerate((TWIN, NUMBER, "Câu hoàn toàn mới về lịch sử thế giới cận đại?"))
    )
    report = as_user("giaovien").post(
        "/api/v1/questions/import?dry_run=true", data={"file": (io.BytesIO(gift.encode()), "de.gift")}
    )
    rows = report.json["questions"]
    assert [[(like["id"], like["level"]) for like in row["alike"]] for row in rows] == [
        [(first, "same")],
        [(first, "similar")],
        [],
    ]
    teacher = signed_in("giaovien")
    staged = teacher.post("/questions/import", data={"file": (io.BytesIO(gift.encode()), "de.gift")})
    place = staged.headers["Location"]
    page = teacher.get(place).text
    assert (
        f"/questions/{first}" in page and "Không nhập các câu đã có" in page and "Ngân hàng có câu gần giống." in page
    )
    fields = {"seen": re.findall(r'name="seen" value="([^"]+)"', page)}
    assert teacher.post(place, data={**fields, "do": "skip-known"}).status_code == 303
    assert "Không nhập các câu đã có" not in teacher.get(place).text
    teacher.post(place, data={"do": "save"})
    stems = [one["stem"] for one in as_user("giaovien").get("/api/v1/questions?mine=true").json["items"]]
    assert len(stems) == 3 and not any(normalised(stem) == normalised(TWIN) for stem in stems if stem != STEM)


def normalised(stem: str) -> str:
    return " ".join(stem.split())


def test_two_questions_side_by_side_are_merged_and_history_stays(
    app: Flask, as_user: Client, signed_in: Client
) -> None:
    teacher = as_user("giaovien")
    first, second = add(teacher, STEM), add(teacher, REWORDED, answer="B")
    approve(as_user, first)
    quiz = teacher.post("/api/v1/quizzes", json={"title": "Ôn", "sections": [{"questions": [first, second]}]}).json
    assert teacher.post(f"/api/v1/quizzes/{quiz['id']}/publish").status_code == 200
    browser = signed_in("giaovien")
    listed = browser.get("/questions/duplicates").text
    low, high = sorted((first, second), key=uuid.UUID)
    here = f"/questions/duplicates/{low}/{high}"
    assert here in listed and "Trùng, chỉ khác cách viết" in listed
    page = browser.get(here).text
    assert "Chỗ khác:" in page and f"keep:{first}" in page and f"keep:{second}" in page
    assert f"/questions/duplicates/{first}/{second}" in browser.get(f"/questions/{first}").text

    # The approved one is not given up for a draft.
    assert "Thầy cô giữ câu đã duyệt." in browser.post(here, data={"do": f"keep:{second}"}, follow_redirects=True).text
    done = browser.post(here, data={"do": f"keep:{first}"})
    assert done.headers["Location"].endswith(f"/questions/{first}")
    gone = teacher.get(f"/api/v1/questions/{second}").json
    assert gone["state"] == "retired" and gone["answer"] == ["B"]
    assert len(teacher.get(f"/api/v1/questions/{second}/versions").json["items"]) == 1
    assert teacher.get(f"/api/v1/questions/{second}/duplicates").json["merged_into"] == first
    assert teacher.get(f"/api/v1/questions/{first}/duplicates").json["merged"] == [second]
    assert f"/questions/{first}" in browser.get(f"/questions/{second}").text
    assert "Đã gộp vào câu này" in browser.get(f"/questions/{first}").text
    assert here not in browser.get("/questions/duplicates").text
    begun = as_user("hocsinh").post(f"/api/v1/quizzes/{quiz['id']}/attempts")
    assert {item["stem"] for item in begun.json["items"]} == {STEM, REWORDED}
    with app.app_context():
        row = db.session().scalars(sa.select(QuestionPair)).one()
        assert (row.decision, str(row.kept_id)) == ("merged", first)


def test_merging_over_the_api_and_what_it_refuses(as_user: Client, unknown_id: uuid.UUID) -> None:
    teacher = as_user("giaovien")
    first, second, third = add(teacher, STEM), add(teacher, TWIN), add(teacher, NUMBER)
    url = f"/api/v1/questions/{second}/merge"
    assert teacher.post(url, json={"into": second}).status_code == 422
    assert teacher.post(url, json={"into": str(unknown_id)}).status_code == 404
    assert teacher.post(url, json={"into": first, "revision": 7}).status_code in (409, 412)
    assert as_user("giaovien2").post(url, json={"into": first}).status_code == 404
    assert as_user("hocsinh").post(url, json={"into": first}).status_code == 403
    kept = teacher.post(url, json={"into": first, "revision": 1})
    assert kept.status_code == 200 and kept.json["id"] == first
    assert teacher.post(url, json={"into": first}).status_code == 409
    assert teacher.post(f"/api/v1/questions/{third}/merge", json={"into": second}).status_code == 409


def test_a_colleague_may_not_retire_what_is_not_theirs(as_user: Client, signed_in: Client) -> None:
    """Seen by both, owned by one: only the copy of one's own may be given up."""
    first = add(as_user("giaovien"), STEM)
    approve(as_user, first)
    own = add(as_user("giaovien2"), TWIN)
    assert as_user("giaovien2").post(f"/api/v1/questions/{first}/merge", json={"into": own}).status_code == 403
    page = signed_in("giaovien2").get(f"/questions/duplicates/{first}/{own}").text
    assert f"keep:{first}" in page and f"keep:{own}" not in page
    answer = as_user("giaovien").get(f"/api/v1/questions/{first}").json["answer"]
    assert answer == ["A"] and page.count("Đáp án<") <= 1  # the key of the other's question is not shown
    merged = as_user("giaovien2").post(f"/api/v1/questions/{own}/merge", json={"into": first})
    assert merged.status_code == 200 and "answer" not in merged.json


def test_what_was_said_to_differ_is_not_asked_again(signed_in: Client, as_user: Client) -> None:
    first, other = add(as_user("giaovien"), STEM), add(as_user("giaovien"), NUMBER)
    low, high = sorted((first, other), key=uuid.UUID)
    teacher, here = signed_in("giaovien"), f"/questions/duplicates/{low}/{high}"
    assert here in teacher.get("/questions/duplicates").text and "con số" in teacher.get(here).text
    assert teacher.post(here, data={"do": "apart"}).status_code == 303
    assert here not in teacher.get("/questions/duplicates").text
    assert teacher.get(here).status_code == 200  # still to be looked at, and merged after all
    assert teacher.post(here, data={"do": f"keep:{first}"}).headers["Location"].endswith(first)


@pytest.mark.parametrize("login", ["hocsinh", "doitac"])
def test_students_and_partners_see_no_pairs(signed_in: Client, as_user: Client, login: str) -> None:
    first, other = add(as_user("giaovien"), STEM), add(as_user("giaovien"), TWIN)
    assert signed_in(login).get("/questions/duplicates").status_code == 403
    assert signed_in(login).get(f"/questions/duplicates/{first}/{other}").status_code == 403
    assert signed_in("giaovien").get(f"/questions/duplicates/{first}/{first}").status_code == 404


@pytest.mark.parametrize("login", ["totruong", "sogd", "quantri", "giaovien2"])
def test_each_sees_the_pairs_they_may_decide(as_user: Client, signed_in: Client, login: str) -> None:
    first, other = add(as_user("giaovien"), STEM), add(as_user("giaovien"), TWIN)
    for question_id in (first, other):
        assert as_user("giaovien").post(f"/api/v1/questions/{question_id}/submit").status_code == 200
    low, high = sorted((first, other), key=uuid.UUID)
    page = signed_in(login).get("/questions/duplicates")
    assert page.status_code == 200
    assert (f"/questions/duplicates/{low}/{high}" in page.text) == (login != "giaovien2")
