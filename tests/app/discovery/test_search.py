"""Searching as guests, students and teachers do, on a real index."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.core import ports
from app.core.access import GUEST, Viewer
from app.discovery import documents, indexer, queries
from app.questions import service as questions
from app.resources import service as resources
from search.port import Document, Query
from tests import engines
from tests.conftest import _close

AsUser = Callable[[str], FlaskClient]
SEARCH = "/api/v1/search"
EXPLAINED = "LOIGIAIKIN5520"


def found(client: FlaskClient, **asked: Any) -> dict[str, Any]:
    answer = client.get(SEARCH, query_string=asked)
    assert answer.status_code == 200, answer.text
    document: dict[str, Any] = answer.get_json()
    return document


def titles(client: FlaskClient, **asked: Any) -> list[str]:
    return [item["title"] for item in found(client, **asked)["items"]]


def test_a_published_lesson_is_found_without_diacritics(client: FlaskClient, lesson: Any) -> None:
    made = lesson("Khảo sát sự biến thiên của hàm số", description="Sơ đồ bốn bước với **hàm số** bậc ba.")
    document = found(client, q="toan 12 ham so")
    assert document["total"] == 1
    assert document["degraded"] is False
    item = document["items"][0]
    assert item["type"] == "resource"
    assert item["id"] == str(made)
    assert item["url"] == f"/lessons/{made}"
    assert "hàm số" in item["snippet"]
    assert {"text": "hàm số", "matched": True} in item["title_marks"]
    assert document["facets"]["subject"] == [{"value": "TOAN", "label": "Toán", "count": 1}]
    assert document["facets"]["grade"] == [{"value": "12", "label": "Lớp 12", "count": 1}]


def test_drafts_are_found_by_nobody(client: FlaskClient, as_user: AsUser, lesson: Any, question: Any) -> None:
    lesson("Bản nháp kín", publish=False)
    question("Câu nháp kín", approve=False)
    for one in (client, as_user("giaovien"), as_user("quantri")):
        assert found(one, q="kín")["total"] == 0


def test_withdrawing_and_retiring_hide_at_once(
    app: Flask, client: FlaskClient, as_user: AsUser, lesson: Any, question: Any, viewer_for: Any, drain: Any
) -> None:
    made, asked = lesson("Bài sẽ rút"), question("Câu sẽ ngừng")
    assert titles(client, q="sẽ rút") == ["Bài sẽ rút"]
    with app.app_context():
        resources.withdraw(viewer_for("giaovien"), made, "Sai nội dung")
        questions.retire(viewer_for("giaovien"), asked, "Trùng")
    # Before the indexer has heard of it the index still holds them: rows decide, nothing leaks.
    assert titles(client, q="sẽ rút") == []
    assert titles(as_user("totruong"), q="sẽ ngừng") == []
    drain()
    with app.app_context():
        assert ports.index().count() == 0


def test_a_new_version_takes_the_place_of_the_old(
    app: Flask, client: FlaskClient, lesson: Any, viewer_for: Any, drain: Any
) -> None:
    made = lesson("Tên thứ nhất")
    with app.app_context():
        resources.edit(viewer_for("giaovien"), made, title="Tên thứ hai")
    drain()
    assert titles(client, q="tên thứ") == ["Tên thứ nhất"]
    with app.app_context():
        resources.submit(viewer_for("giaovien"), made)
        resources.review(viewer_for("totruong"), made, "approve")
    drain()
    assert titles(client, q="tên thứ") == ["Tên thứ hai"]
    assert titles(client, q="nhất") == []


def test_questions_are_for_staff_only(client: FlaskClient, as_user: AsUser, question: Any) -> None:
    made = question(r"Cho hàm số $y=\dfrac{2x-1}{x+1}$. Tâm đối xứng là điểm nào?")
    item = found(as_user("giaovien2"), q="tam doi xung", type="question")["items"][0]
    assert item["id"] == str(made)
    assert item["url"] == f"/questions/{made}"
    assert item["form"] == "single_choice"
    for one in (client, as_user("hocsinh"), as_user("doitac")):
        for asked in ({"q": "tam doi xung"}, {"type": "question"}, {}):
            document = found(one, **asked)
            assert document["total"] == 0
            assert document["items"] == []
            assert all(not one["count"] for counts in document["facets"].values() for one in counts)
    assert client.get("/api/v1/suggest?q=cho+ham").get_json() == {"items": []}
    assert as_user("giaovien").get("/api/v1/suggest?q=cho+ham").get_json() == {"items": []}


def test_neither_key_nor_explanation_reaches_the_index(
    app: Flask, as_user: AsUser, question: Any, settings: Any
) -> None:
    question("Tính giới hạn", kind="short_answer", choices=[], answer="0,92", explanation=f"Lời giải {EXPLAINED}")
    question("Chọn số nguyên tố")
    assert found(as_user("totruong"), q=EXPLAINED)["total"] == 0
    assert found(as_user("totruong"), q="0,92")["total"] == 0
    with app.app_context():
        ports.index().find(Query())
    stored = engines.in_the_index(settings)
    assert b"nguy" in stored
    assert EXPLAINED.encode() not in stored
    assert EXPLAINED.lower().encode() not in stored
    assert b"0,92" not in stored


def test_exact_diacritics_come_first(client: FlaskClient, lesson: Any) -> None:
    lesson("Duong thang song song")
    lesson("Đường thẳng song song")
    lesson("Dưỡng thăng song song")
    assert titles(client, q="đường thẳng")[0] == "Đường thẳng song song"
    assert len(titles(client, q="duong thang")) == 3


def test_short_forms(client: FlaskClient, lesson: Any) -> None:
    lesson("Chứng minh bất đẳng thức")
    assert titles(client, q="BĐT") == ["Chứng minh bất đẳng thức"]
    assert titles(client, q="bdt THPT") == ["Chứng minh bất đẳng thức"]


def test_text_of_files_is_found(client: FlaskClient, lesson: Any) -> None:
    lesson("Bài có tệp", files={"ghi-chu.txt": "Quan sát chim vành khuyên ngoài vườn trường.".encode()})
    item = found(client, q="chim vanh khuyen")["items"][0]
    assert item["title"] == "Bài có tệp"
    assert "chim vành khuyên" in item["snippet"]
    assert item["size"] > 0


def test_filters_and_facets(client: FlaskClient, as_user: AsUser, lesson: Any, question: Any) -> None:
    lesson("Bài một", subject="TOAN", grades=[11, 12], licence="CC BY")
    lesson("Bài hai", subject="NGUVAN", grades=[10])
    lesson("Bài ba", by="giaovien2")
    question("Bài bốn là câu hỏi")
    assert sorted(titles(client, subject="TOAN")) == ["Bài ba", "Bài một"]
    assert sorted(titles(client, subject="TOAN,NGUVAN")) == ["Bài ba", "Bài hai", "Bài một"]
    both = client.get(SEARCH + "?subject=TOAN&subject=NGUVAN&grade=10").get_json()
    assert [item["title"] for item in both["items"]] == ["Bài hai"]
    assert titles(client, licence="CC BY") == ["Bài một"]
    assert titles(client, province="92") == ["Bài ba"]
    assert titles(client, language="en") == []
    document = found(as_user("giaovien"), q="bài", subject="TOAN")
    counts = {one["value"]: one["count"] for one in document["facets"]["subject"]}
    assert counts == {"TOAN": 3, "NGUVAN": 1}
    assert {one["value"]: one["count"] for one in document["facets"]["type"]} == {"resource": 2, "question": 1}
    assert [one["value"] for one in document["facets"]["grade"]] == ["11", "12"]
    assert document["facets"]["form"] == [{"value": "single_choice", "label": "Nhiều lựa chọn", "count": 1}]
    assert titles(as_user("giaovien"), level="HIEU") == ["Bài bốn là câu hỏi"]


def test_order_and_pages(client: FlaskClient, lesson: Any) -> None:
    for title in ("Đa giác", "An toàn", "Ăn uống"):
        lesson(title)
    assert titles(client, sort="title") == ["An toàn", "Ăn uống", "Đa giác"]
    assert titles(client, sort="newest") == ["Ăn uống", "An toàn", "Đa giác"]
    pages = [titles(client, sort="title", per_page=2, page=n) for n in (1, 2, 3)]
    assert pages == [["An toàn", "Ăn uống"], ["Đa giác"], []]
    assert found(client, per_page=2, page=2)["total"] == 3


def test_suggestions(client: FlaskClient, lesson: Any) -> None:
    lesson("Khảo sát hàm số bậc ba")
    lesson("Khảo cổ học", publish=False)
    assert client.get("/api/v1/suggest?q=khao").get_json() == {"items": ["Khảo sát hàm số bậc ba"]}
    assert client.get("/api/v1/suggest").get_json() == {"items": []}


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ("page=0", "page"),
        ("page=-1", "page"),
        ("page=x", "page"),
        ("page=500&per_page=100", "page"),
        ("per_page=0", "per_page"),
        ("per_page=101", "per_page"),
        ("grade=abc", "grade"),
        ("grade=13", "grade"),
        ("grade=²", "grade"),
        ("type=banana", "type"),
        ("sort=random", "sort"),
        ("q=" + "a" * 1001, "q"),
    ],
)
def test_wrong_parameters_are_named(client: FlaskClient, asked: str, field: str) -> None:
    answer = client.get(f"{SEARCH}?{asked}")
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert field in answer.get_json()["errors"]


@pytest.mark.parametrize(
    "words", ['"', "' OR 1=1 --", "a AND NOT (", "NEAR", "*", "%00", "%F0%9F%99%82", "%E2%80%AE", "title_f:x"]
)
def test_strange_words_are_answered(client: FlaskClient, lesson: Any, words: str) -> None:
    lesson("Bài một")
    assert client.get(f"{SEARCH}?q={words}").status_code == 200
    assert client.get(f"/search?q={words}").status_code == 200
    assert client.get(f"/api/v1/suggest?q={words}").status_code == 200


def test_unknown_parameters_and_codes_do_no_harm(client: FlaskClient, lesson: Any) -> None:
    lesson("Bài một")
    assert found(client, utm_source="zalo")["total"] == 1
    assert found(client, subject="KHONGCO")["total"] == 0


def broken(settings: Any) -> None:
    engines.lose_index(settings)
    if not engines.ON_ELASTIC:
        (Path(settings.data_dir) / "search.sqlite3").write_bytes(b"no database " * 400)


def test_while_the_index_is_down_sql_stands_in(
    app: Flask, client: FlaskClient, as_user: AsUser, lesson: Any, question: Any, settings: Any
) -> None:
    lesson("Hàm số bậc hai", grades=[10])
    lesson("Hàm số mũ")
    question("Hàm số nào đồng biến?")
    app.extensions["kho"].index.close()
    broken(settings)
    document = found(client, q="hàm số")
    assert document["degraded"] is True
    assert sorted(item["title"] for item in document["items"]) == ["Hàm số bậc hai", "Hàm số mũ"]
    assert titles(client, q="HÀM", grade="10") == ["Hàm số bậc hai"]
    assert found(as_user("totruong"), q="hàm số")["total"] == 3
    assert client.get("/api/v1/suggest?q=ham").get_json() == {"items": []}
    page = client.get("/search?q=hàm+số")
    assert page.status_code == 200
    assert "Bộ tìm kiếm đang bảo trì" in page.text


def test_a_rebuild_makes_the_same_index(app: Flask, client: FlaskClient, lesson: Any, question: Any) -> None:
    lesson("Bài một")
    question("Câu một")
    with app.app_context():
        ports.index().put([Document("resource", str(uuid.uuid4()), 9, "Bài một ma")])
    runner = app.test_cli_runner()
    answer = runner.invoke(args=["index", "rebuild"])
    assert answer.exit_code == 0, answer.output
    assert "2 documents read, 2 in the index" in answer.output
    assert titles(client, q="bài một") == ["Bài một"]
    assert "question: 1" in runner.invoke(args=["index", "status"]).output


def test_a_lost_index_heals(app: Flask, client: FlaskClient, lesson: Any, settings: Any) -> None:
    lesson("Bài một")
    with app.app_context():
        assert indexer.rebuild_if_empty() is None
        ports.index().close()
    engines.lose_index(settings)
    again = create_app(settings)  # a process that knows nothing of the lost one
    assert titles(again.test_client()) == []
    with again.app_context():
        assert indexer.rebuild_if_empty() == 1
    assert titles(again.test_client()) == ["Bài một"]
    _close(again)


def test_notes_of_unknown_things_are_harmless(app: Flask, unknown_id: uuid.UUID) -> None:
    with app.app_context():
        indexer.handle("resource", unknown_id)
        indexer.handle("question", unknown_id)
        indexer.handle("blob", unknown_id)
        assert ports.index().count() == 0


def test_a_stale_hit_is_left_out_and_not_counted(
    app: Flask, client: FlaskClient, lesson: Any, viewer_for: Callable[[str], Viewer]
) -> None:
    lesson("Bài thật")
    with app.app_context():
        ports.index().put([Document("resource", str(uuid.uuid4()), 1, "Bài ma")])
        results = queries.search(GUEST, "bài")
        assert results.total == 1
        assert [one.title for one in results.items] == [(("Bài", True), (" thật", False))]


def test_places_old_and_new() -> None:
    assert documents.provinces("74") == ["74", "79"]
    assert documents.provinces("79") == ["79"]
    assert "Bình Dương" in documents._places("74")
    assert "Hồ Chí Minh" in documents._places("74")
    assert queries.place("74").startswith("Tỉnh Bình Dương (nay thuộc")
