"""Lessons through the JSON door, as the people who use it."""

from __future__ import annotations

import hashlib
import io
import threading
import uuid
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.core import db, outbox
from app.core.access import Viewer
from app.files import queries as file_queries
from app.files.models import Blob, BlobText
from app.resources import queries, service

AsUser = Callable[[str], FlaskClient]
URL = "/api/v1/resources"
LESSON: dict[str, Any] = {
    "title": "Khảo sát sự biến thiên của hàm số",
    "description": "Bài giảng về **đồng biến, nghịch biến**.",
    "subject": "TOAN",
    "grades": [12],
    "resource_type": "BGDT",
    "language": "vi",
    "licence": "CC BY-SA",
    "authors": ["Đỗ Ngọc Ánh"],
    "keywords": ["hàm số", "đạo hàm"],
}


def made(client: FlaskClient, **changes: Any) -> dict[str, Any]:
    answer = client.post(URL, json={**LESSON, **changes})
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = answer.get_json()
    return document


def sent(client: FlaskClient, lesson_id: str, data: bytes, name: str) -> Any:
    return client.post(f"{URL}/{lesson_id}/files", data={"file": (io.BytesIO(data), name)})


def published(as_user: AsUser, **changes: Any) -> dict[str, Any]:
    lesson = made(as_user("giaovien"), **changes)
    assert as_user("giaovien").post(f"{URL}/{lesson['id']}/submit").status_code == 200
    answer = as_user("totruong").post(f"{URL}/{lesson['id']}/reviews", json={"decision": "approve"})
    assert answer.status_code == 201, answer.text
    document: dict[str, Any] = as_user("giaovien").get(f"{URL}/{lesson['id']}").get_json()
    assert document["state"] == "published"
    return document


def test_a_draft_is_made_and_hidden(as_user: AsUser, client: FlaskClient) -> None:
    lesson = made(as_user("giaovien"), title="  Ba\u0300i   một ")
    assert lesson["title"] == "Bài một"
    assert (lesson["state"], lesson["revision"], lesson["version"]) == ("draft", 1, 1)
    assert lesson["url"] == f"/lessons/{lesson['id']}"
    assert lesson["origin_province"] == "79"
    assert lesson["grades"] == [12]
    mine = as_user("giaovien").get(f"{URL}/{lesson['id']}")
    assert mine.status_code == 200
    assert mine.headers["ETag"] == '"1"'
    for other in (client, as_user("hocsinh"), as_user("giaovien2"), as_user("totruong")):
        assert other.get(f"{URL}/{lesson['id']}").status_code == 404


@pytest.mark.parametrize("login", ["hocsinh", "doitac"])
def test_students_and_partners_make_no_lessons(as_user: AsUser, login: str) -> None:
    assert as_user(login).post(URL, json=LESSON).status_code == 403


def test_guests_are_asked_to_sign_in(client: FlaskClient) -> None:
    assert client.post(URL, json=LESSON).status_code == 401


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": ""}, "title"),
        ({"title": "a" * 301}, "title"),
        ({"title": None}, "title"),
        ({"title": 5}, "title"),
        ({"subject": "TOANHOC"}, "subject"),
        ({"grades": [0]}, "grades"),
        ({"grades": [13]}, "grades"),
        ({"grades": "12"}, "grades"),
        ({"grades": ["x"]}, "grades"),
        ({"resource_type": "x"}, "resource_type"),
        ({"licence": "GPL"}, "licence"),
        ({"language": "xx"}, "language"),
        ({"topics": ["x"]}, "topics"),
        ({"textbook_series": "x"}, "textbook_series"),
        ({"authors": ["a" * 201]}, "authors"),
        ({"nothing": 1}, "nothing"),
    ],
)
def test_wrong_fields_are_named(as_user: AsUser, change: dict[str, Any], field: str) -> None:
    answer = as_user("giaovien").post(URL, json={**LESSON, **change})
    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert any(name.split(".")[0] == field for name in answer.get_json()["errors"]), answer.text


def test_stale_edits_are_refused_with_the_current_revision(as_user: AsUser) -> None:
    client = as_user("giaovien")
    lesson = made(client)
    url = f"{URL}/{lesson['id']}"
    first = client.patch(url, json={"title": "Tên hai"}, headers={"If-Match": '"1"'})
    assert (first.status_code, first.headers["ETag"]) == (200, '"2"')
    late = client.patch(url, json={"title": "Tên ba"}, headers={"If-Match": '"1"'})
    assert late.status_code == 412
    assert late.get_json()["current"] == 2
    assert client.patch(url, json={"title": "Tên ba", "revision": 1}).status_code in (409, 412)
    assert client.get(url).get_json()["title"] == "Tên hai"
    assert client.patch(url, json={"title": "Tên ba"}, headers={"If-Match": '"2"'}).status_code == 200


def test_submitting_needs_the_required_fields(as_user: AsUser) -> None:
    client = as_user("giaovien")
    lesson = client.post(URL, json={"title": "Chỉ có tên"}).get_json()
    answer = client.post(f"{URL}/{lesson['id']}/submit")
    assert answer.status_code == 422
    assert {"subject", "grades", "resource_type", "licence", "authors", "files"} <= set(answer.get_json()["errors"])


def test_review_publishes_and_everyone_sees(as_user: AsUser, client: FlaskClient) -> None:
    lesson = made(as_user("giaovien"))
    url = f"{URL}/{lesson['id']}"
    submitted = as_user("giaovien").post(f"{url}/submit").get_json()
    assert (submitted["state"], submitted["step"]) == ("submitted", "school")
    assert client.get(url).status_code == 404
    waiting = as_user("totruong").get(f"{URL}/waiting").get_json()["items"]
    assert [item["id"] for item in waiting] == [lesson["id"]]
    assert as_user("totruong").get(url).get_json()["may"]["review"]
    approved = as_user("totruong").post(f"{url}/reviews", json={"decision": "approve", "comment": "Tốt"})
    assert (approved.status_code, approved.get_json()["state"]) == (201, "published")
    seen = client.get(url).get_json()
    assert (seen["state"], seen["title"], seen["version"]) == ("published", LESSON["title"], 1)
    assert [item["id"] for item in client.get(URL).get_json()["items"]] == [lesson["id"]]
    assert as_user("totruong").get(f"{URL}/waiting").get_json()["items"] == []


def test_nobody_reviews_an_own_lesson(as_user: AsUser) -> None:
    for login in ("totruong", "quantri"):
        lesson = made(as_user(login))
        as_user(login).post(f"{URL}/{lesson['id']}/submit")
        answer = as_user(login).post(f"{URL}/{lesson['id']}/reviews", json={"decision": "approve"})
        assert answer.status_code == 403


def test_reviewers_of_another_school_know_nothing_of_it(as_user: AsUser) -> None:
    lesson = made(as_user("giaovien"))
    as_user("giaovien").post(f"{URL}/{lesson['id']}/submit")
    for login in ("totruong2", "giaovien2", "hocsinh"):
        answer = as_user(login).post(f"{URL}/{lesson['id']}/reviews", json={"decision": "approve"})
        assert answer.status_code == 404, login


def test_a_returned_lesson_carries_its_comment(as_user: AsUser) -> None:
    lesson = made(as_user("giaovien"))
    url = f"{URL}/{lesson['id']}"
    as_user("giaovien").post(f"{url}/submit")
    mute = as_user("totruong").post(f"{url}/reviews", json={"decision": "return"})
    assert (mute.status_code, list(mute.get_json()["errors"])) == (422, ["comment"])
    back = as_user("totruong").post(f"{url}/reviews", json={"decision": "return", "comment": "Thiếu ví dụ"})
    assert (back.status_code, back.get_json()["state"]) == (201, "draft")
    told = as_user("giaovien").get(f"{url}/reviews").get_json()
    assert [(r["decision"], r["comment"], r["reviewer"]) for r in told] == [("return", "Thiếu ví dụ", "Phạm Văn Lộc")]
    assert as_user("giaovien").patch(url, json={"title": "Đã sửa"}).status_code == 200


def test_a_submitted_lesson_is_not_edited_but_can_be_recalled(as_user: AsUser) -> None:
    client = as_user("giaovien")
    url = f"{URL}/{made(client)['id']}"
    client.post(f"{url}/submit")
    assert client.patch(url, json={"title": "x"}).status_code == 409
    assert client.post(f"{url}/submit").status_code == 409
    assert client.post(f"{url}/recall").get_json()["state"] == "draft"
    assert client.patch(url, json={"title": "x"}).status_code == 200
    assert as_user("totruong").post(f"{url}/reviews", json={"decision": "approve"}).status_code == 404


def test_the_review_path_is_data(as_user: AsUser, viewer_for: Callable[[str], Viewer]) -> None:
    department = as_user("sogd").get(f"{URL}/review-path").get_json()["items"][0]
    assert department["steps"] == ["school"]
    path = f"{URL}/review-path/{department['unit_id']}"
    assert as_user("giaovien").put(path, json={"steps": []}).status_code == 403
    assert as_user("sogd").put(path, json={"steps": ["department", "school"]}).status_code == 422
    assert as_user("sogd").put(path, json={"steps": ["school", "department"]}).status_code == 200
    url = f"{URL}/{made(as_user('giaovien'))['id']}"
    as_user("giaovien").post(f"{url}/submit")
    first = as_user("totruong").post(f"{url}/reviews", json={"decision": "approve"}).get_json()
    assert (first["step"], first["state"]) == ("school", "submitted")
    again = as_user("totruong").post(f"{url}/reviews", json={"decision": "approve"})
    assert again.status_code == 403
    last = as_user("sogd").post(f"{url}/reviews", json={"decision": "approve"}).get_json()
    assert (last["step"], last["state"]) == ("department", "published")
    as_user("sogd").put(path, json={"steps": []})
    straight = f"{URL}/{made(as_user('giaovien'))['id']}"
    assert as_user("giaovien").post(f"{straight}/submit").get_json()["state"] == "published"


def test_an_approved_edit_is_a_new_version(as_user: AsUser, client: FlaskClient) -> None:
    lesson = published(as_user)
    url = f"{URL}/{lesson['id']}"
    edited = as_user("giaovien").patch(url, json={"title": "Tên mới"}).get_json()
    assert (edited["state"], edited["version"], edited["draft_state"]) == ("published", 2, "draft")
    assert client.get(url).get_json()["title"] == LESSON["title"]
    assert client.get(f"{url}?version=2").status_code == 404
    assert [v["number"] for v in client.get(f"{url}/versions").get_json()] == [1]
    as_user("giaovien").post(f"{url}/submit")
    assert client.get(url).get_json()["title"] == LESSON["title"]
    as_user("totruong").post(f"{url}/reviews", json={"decision": "approve"})
    assert client.get(url).get_json()["title"] == "Tên mới"
    assert client.get(f"{url}?version=1").get_json()["title"] == LESSON["title"]
    assert [v["number"] for v in client.get(f"{url}/versions").get_json()] == [2, 1]


def test_withdrawing_leaves_a_tombstone(as_user: AsUser, client: FlaskClient) -> None:
    lesson = published(as_user)
    url = f"{URL}/{lesson['id']}"
    assert as_user("giaovien2").post(f"{url}/withdraw", json={"reason": "x"}).status_code == 403
    assert as_user("giaovien").post(f"{url}/withdraw", json={"reason": "  "}).status_code == 422
    gone = as_user("giaovien").post(f"{url}/withdraw", json={"reason": "Vi phạm bản quyền ảnh"})
    assert (gone.status_code, gone.get_json()["state"]) == (200, "withdrawn")
    seen = client.get(url)
    assert seen.status_code == 410
    assert "Vi phạm bản quyền ảnh" in seen.get_json()["detail"]
    assert client.get(URL).get_json()["items"] == []
    assert as_user("giaovien").patch(url, json={"title": "x"}).status_code == 409
    assert as_user("giaovien").post(f"{url}/withdraw", json={"reason": "x"}).status_code == 409


def test_only_what_was_never_published_is_deleted(as_user: AsUser, app: Flask) -> None:
    client = as_user("giaovien")
    url = f"{URL}/{made(client)['id']}"
    sent(client, url.rsplit("/", 1)[1], b"ghi", "a.txt")
    assert as_user("giaovien2").delete(url).status_code == 404
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404
    assert client.delete(f"{URL}/{published(as_user)['id']}").status_code == 409


def test_files_come_back_whole_and_in_ranges(as_user: AsUser, client: FlaskClient) -> None:
    teacher = as_user("giaovien")
    lesson = made(teacher)
    data = b"%PDF-1.7\n" + bytes(range(256)) * 2000
    answer = sent(teacher, lesson["id"], data, "Đề cương ôn tập.pdf")
    assert answer.status_code == 201, answer.text
    file = answer.get_json()
    digest = hashlib.sha256(data).hexdigest()
    assert (file["name"], file["size"], file["sha256"], file["media_type"]) == (
        "Đề cương ôn tập.pdf", len(data), digest, "application/pdf",
    )  # fmt: skip
    content = file["url"]
    assert client.get(content).status_code == 404
    teacher.post(f"{URL}/{lesson['id']}/submit")
    as_user("totruong").post(f"{URL}/{lesson['id']}/reviews", json={"decision": "approve"})
    whole = client.get(content)
    assert (whole.status_code, whole.data, whole.headers["ETag"]) == (200, data, f'"{digest}"')
    assert whole.mimetype == "application/pdf"
    part = client.get(content, headers={"Range": "bytes=10-19"})
    assert (part.status_code, part.data) == (206, data[10:20])
    assert part.headers["Content-Range"] == f"bytes 10-19/{len(data)}"
    assert client.get(content, headers={"Range": "bytes=-5"}).data == data[-5:]
    assert client.get(content, headers={"Range": f"bytes={len(data)}-"}).status_code == 416
    assert client.get(content, headers={"If-None-Match": f'"{digest}"'}).status_code == 304
    saved = client.get(f"{content}?download=1").headers["Content-Disposition"]
    assert saved.startswith("attachment") and "%C4%90%E1%BB%81" in saved
    listed = client.get(f"{URL}/{lesson['id']}").get_json()["files"]
    assert [f["id"] for f in listed] == [file["id"]]
    as_user("giaovien").post(f"{URL}/{lesson['id']}/withdraw", json={"reason": "x"})
    assert client.get(content).status_code == 410


@pytest.mark.parametrize(
    ("data", "name", "status"),
    [
        (b"", "a.pdf", 422),
        (b"MZ", "a.exe", 422),
        (b"\x89PNG", "a.pdf", 422),
        (b"PK\x03\x04", "a.docx", 422),
        (b"abc", "", 422),
    ],
)
def test_bad_files_leave_nothing_behind(as_user: AsUser, app: Flask, data: bytes, name: str, status: int) -> None:
    client = as_user("giaovien")
    lesson = made(client)
    answer = sent(client, lesson["id"], data, name)
    assert answer.status_code == status
    assert "file" in answer.get_json()["errors"]
    assert client.get(f"{URL}/{lesson['id']}").get_json()["files"] == []
    staging = app.extensions["kho"].settings.data_dir / "staging"
    assert not staging.exists() or not list(staging.iterdir())
    assert list(app.extensions["kho"].files.keys()) == []


def test_no_file_at_all(as_user: AsUser) -> None:
    client = as_user("giaovien")
    assert client.post(f"{URL}/{made(client)['id']}/files").status_code == 422


def test_html_never_runs_on_our_address(as_user: AsUser) -> None:
    client = as_user("giaovien")
    file = sent(client, made(client)["id"], b"<html><script>alert(1)</script>", "a.html").get_json()
    answer = client.get(file["url"])
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_same_bytes_are_stored_once(as_user: AsUser, app: Flask) -> None:
    client = as_user("giaovien")
    lesson, other = made(client), made(client)
    first = sent(client, lesson["id"], b"noi dung", "a.txt").get_json()
    assert sent(client, lesson["id"], b"noi dung", "a.txt").get_json()["id"] == first["id"]
    second = sent(client, other["id"], b"noi dung", "b.txt").get_json()
    assert second["id"] != first["id"]
    assert len(list(app.extensions["kho"].files.keys())) == 1


def test_removing_a_file_keeps_it_in_published_versions(as_user: AsUser, client: FlaskClient) -> None:
    teacher = as_user("giaovien")
    lesson = made(teacher)
    url = f"{URL}/{lesson['id']}"
    file = sent(teacher, lesson["id"], b"noi dung", "a.txt").get_json()
    teacher.post(f"{url}/submit")
    as_user("totruong").post(f"{url}/reviews", json={"decision": "approve"})
    assert teacher.delete(f"{url}/files/{file['id']}").status_code == 204
    assert teacher.get(url).get_json()["files"] == []
    assert [f["id"] for f in client.get(url).get_json()["files"]] == [file["id"]]
    teacher.post(f"{url}/submit")
    as_user("totruong").post(f"{url}/reviews", json={"decision": "approve"})
    assert client.get(url).get_json()["files"] == []
    assert client.get(file["url"]).data == b"noi dung"


def test_a_new_file_of_the_next_version_stays_hidden(as_user: AsUser, client: FlaskClient) -> None:
    lesson = published(as_user)
    file = sent(as_user("giaovien"), lesson["id"], b"bi mat", "a.txt").get_json()
    assert client.get(file["url"]).status_code == 404
    assert as_user("giaovien2").get(file["url"]).status_code == 404
    assert client.get(f"{URL}/{lesson['id']}").get_json()["files"] == []


def test_a_file_of_one_lesson_is_not_read_through_another(as_user: AsUser, client: FlaskClient) -> None:
    secret = sent(as_user("giaovien"), made(as_user("giaovien"))["id"], b"bi mat", "a.txt").get_json()
    open_lesson = published(as_user)
    assert client.get(f"{URL}/{open_lesson['id']}/files/{secret['id']}/content").status_code == 404


def test_too_large_is_413(as_user: AsUser, app: Flask, viewer_for: Callable[[str], Viewer]) -> None:
    from dataclasses import replace

    kho = app.extensions["kho"]
    kho.settings = replace(kho.settings, max_upload_bytes=1000)
    client = as_user("giaovien")
    answer = sent(client, made(client)["id"], b"a" * 1001, "a.txt")
    assert answer.status_code == 413
    assert list(kho.files.keys()) == []


def test_text_is_read_and_its_lessons_are_noted(as_user: AsUser, app: Flask, corpora: Path) -> None:
    teacher = as_user("giaovien")
    lesson = made(teacher)
    data = (corpora / "resources/vi-d2l-vn/loi-noi-dau.docx").read_bytes()
    file = sent(teacher, lesson["id"], data, "Lời nói đầu.docx").get_json()
    teacher.post(f"{URL}/{lesson['id']}/submit")
    as_user("totruong").post(f"{URL}/{lesson['id']}/reviews", json={"decision": "approve"})
    with app.app_context():
        blob = file_queries.blob_by_hash(file["sha256"])
        assert blob is not None
        with db.transaction() as unit:
            for lane in ("index", "text", "feed"):
                outbox.settle([note.id for note in outbox.take(lane)])
            unit.flush()
        service.handle_blob("blob", blob.id)
        assert "học sâu" in (file_queries.text_of(file["sha256"]) or "")
        with db.transaction():
            noted = [(note.kind, str(note.item_id)) for note in outbox.take("index")]
        assert noted == [("resource", lesson["id"])]
        service.handle_blob("blob", blob.id)
        service.handle_blob("blob", uuid.uuid4())
        assert db.session().query(BlobText).count() == 1
        assert db.session().query(Blob).count() == 1


def test_unknown_ids(client: FlaskClient, as_user: AsUser, unknown_id: uuid.UUID) -> None:
    for path in ("", "/versions", "/files", f"/files/{unknown_id}/content"):
        assert client.get(f"{URL}/{unknown_id}{path}").status_code == 404
    assert as_user("giaovien").post(f"{URL}/{unknown_id}/submit").status_code == 404
    assert client.get(f"{URL}/not-an-id").status_code == 404


def test_reports(client: FlaskClient, as_user: AsUser) -> None:
    lesson = published(as_user)
    url = f"{URL}/{lesson['id']}/reports"
    assert client.post(url, json={"reason": "copyright", "comment": "Ảnh lấy từ sách"}).status_code == 201
    assert client.post(url, json={"reason": "x"}).status_code == 422
    draft = made(as_user("giaovien"))
    assert client.post(f"{URL}/{draft['id']}/reports", json={"reason": "wrong"}).status_code == 404


def test_lists_go_page_by_page(as_user: AsUser) -> None:
    client = as_user("giaovien")
    ids = [made(client, title=f"Bài {n}")["id"] for n in range(5)]
    seen: list[str] = []
    after = ""
    while True:
        page = client.get(f"{URL}?mine=true&limit=2{after}").get_json()
        seen += [item["id"] for item in page["items"]]
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert seen == ids[::-1]
    assert client.get(f"{URL}?limit=0").status_code == 422
    assert client.get(f"{URL}?limit=101").status_code == 422


def test_english_callers_are_answered_in_english(as_user: AsUser) -> None:
    answer = as_user("giaovien").post(URL, json={"title": ""}, headers={"Accept-Language": "en"})
    assert answer.get_json()["errors"]["title"] == ["Give the lesson a title."]


def test_two_editors_at_once_one_is_told(app: Flask, viewer_for: Callable[[str], Viewer]) -> None:
    viewer = viewer_for("giaovien")
    with app.app_context():
        lesson_id = service.create(viewer, **LESSON).resource.id
    outcomes: list[str] = []

    def change(title: str) -> None:
        with app.app_context():
            try:
                service.edit(viewer, lesson_id, 1, title=title)
                outcomes.append("saved")
            except Exception as error:
                outcomes.append(type(error).__name__)

    threads = [threading.Thread(target=change, args=(f"Tên {n}",)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["Stale", "Stale", "Stale", "saved"]
    with app.app_context():
        assert queries.resource(viewer, lesson_id).resource.revision == 2
