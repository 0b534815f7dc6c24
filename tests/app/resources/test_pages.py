"""Pages of lessons: home, writing, review, reading, withdrawing."""

from __future__ import annotations

import io
import json
import re
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060"
    "00000005000167a0a9d40000000049454e44ae426082"
)
FORM: dict[str, Any] = {
    "title": "Đồ thị hàm số bậc ba",
    "description": r"Xét hàm số $y=\dfrac{2x-1}{x+1}$ <script>alert(1)</script>",
    "subject": "TOAN",
    "grades": ["12"],
    "resource_type": "TRINHCHIEU",
    "licence": "CC BY-SA",
    "language": "vi",
    "authors": "Đỗ Ngọc Ánh, Tổ Toán",
    "keywords": "hàm số, đồ thị",
}
SignedIn = Callable[[str], FlaskClient]


@pytest.fixture
def drafted(signed_in: SignedIn) -> tuple[FlaskClient, uuid.UUID]:
    """A teacher's browser and the draft with one picture it made."""
    teacher = signed_in("giaovien")
    answer = teacher.post("/lessons/new", data=FORM)
    assert answer.status_code == 303, answer.text
    found = re.search(r"/lessons/([0-9a-f-]{36})/edit", answer.location)
    assert found
    answer = teacher.post(
        f"/lessons/{found[1]}/files",
        data={"file": (io.BytesIO(PNG), "Hình vẽ bảng.png")},
    )
    assert answer.status_code == 303, answer.text
    return teacher, uuid.UUID(found[1])


@pytest.fixture
def published(drafted: tuple[FlaskClient, uuid.UUID], signed_in: SignedIn) -> uuid.UUID:
    teacher, lesson = drafted
    assert teacher.post(f"/lessons/{lesson}/submit").status_code == 303
    answer = signed_in("totruong").post(f"/lessons/{lesson}/review", data={"decision": "approve"})
    assert answer.status_code == 303
    return lesson


def test_home_of_an_empty_repository(client: FlaskClient) -> None:
    answer = client.get("/")
    assert answer.status_code == 200
    assert "Tìm bài giảng, câu hỏi cho tiết học ngày mai" in answer.text
    assert "Chưa có học liệu nào ở đây" in answer.text
    assert answer.text.count("<h1") == 1
    assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*ld\+json)", answer.text)
    assert " onclick=" not in answer.text


def test_home_shows_what_was_published(client: FlaskClient, published: uuid.UUID) -> None:
    page = client.get("/").text
    assert f'href="/lessons/{published}"' in page
    assert "Đồ thị hàm số bậc ba" in page
    assert "Xem tất cả 1 học liệu" in page
    assert "Thành phố Hồ Chí Minh" in page or "TP. Hồ Chí Minh" in page or "Hồ Chí Minh" in page
    assert f"/lessons/{published}" in client.get("/?grade=12-12").text
    assert f"/lessons/{published}" not in client.get("/?grade=1-5").text


def test_home_in_english(client: FlaskClient) -> None:
    page = client.get("/", headers={"Accept-Language": "en"}).text
    assert '<html lang="en"' in page
    assert "Find lessons and questions for tomorrow" in page


def test_theme_comes_from_the_cookie(client: FlaskClient) -> None:
    client.set_cookie("theme", "dark")
    assert 'data-bs-theme="dark"' in client.get("/").text
    client.set_cookie("theme", '"><b>')
    assert 'data-theme="auto"' in client.get("/").text


def test_a_draft_is_its_owner_s(client: FlaskClient, drafted: tuple[FlaskClient, uuid.UUID]) -> None:
    teacher, lesson = drafted
    assert client.get(f"/lessons/{lesson}").status_code == 404
    page = teacher.get(f"/lessons/{lesson}").text
    assert "Bản này chưa xuất bản" in page
    assert "Sửa học liệu" in page


def test_the_editor_keeps_what_was_typed(signed_in: SignedIn) -> None:
    answer = signed_in("giaovien").post("/lessons/new", data={**FORM, "title": "", "keywords": "giữ lại"})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.text
    assert "giữ lại" in answer.text


def test_the_editor_tells_limits_before_the_upload(drafted: tuple[FlaskClient, uuid.UUID]) -> None:
    teacher, lesson = drafted
    page = teacher.get(f"/lessons/{lesson}/edit").text
    assert "Mỗi tệp tối đa" in page
    assert "data-limit=" in page
    assert "Hình vẽ bảng.png" in page


def test_an_upload_that_is_refused_says_why(drafted: tuple[FlaskClient, uuid.UUID]) -> None:
    teacher, lesson = drafted
    answer = teacher.post(
        f"/lessons/{lesson}/files",
        data={"file": (io.BytesIO(b"MZ\x90\x00" + b"\0" * 300), "bai-giang.pdf")},
        follow_redirects=True,
    )
    assert "bai-giang.pdf: " in answer.text


def test_a_stale_save_is_refused(drafted: tuple[FlaskClient, uuid.UUID]) -> None:
    teacher, lesson = drafted
    answer = teacher.post(f"/lessons/{lesson}/edit", data={**FORM, "revision": "1"})
    assert answer.status_code == 412


def test_review_returns_with_a_comment(drafted: tuple[FlaskClient, uuid.UUID], signed_in: SignedIn) -> None:
    teacher, lesson = drafted
    assert teacher.post(f"/lessons/{lesson}/edit", data={**FORM, "then": "submit"}).status_code == 303
    head = signed_in("totruong")
    assert str(lesson) in head.get("/review").text
    assert "Duyệt" in head.get(f"/lessons/{lesson}?draft=1").text
    answer = head.post(f"/lessons/{lesson}/review", data={"decision": "return", "comment": ""}, follow_redirects=True)
    assert "Hãy viết nhận xét" in answer.text
    head.post(f"/lessons/{lesson}/review", data={"decision": "return", "comment": "Sửa trang 3 giúp tôi"})
    assert "Sửa trang 3 giúp tôi" in teacher.get("/my").text
    assert "Sửa trang 3 giúp tôi" in teacher.get(f"/lessons/{lesson}/edit").text
    assert str(lesson) not in head.get("/review").text


def test_a_colleague_elsewhere_does_not_review(drafted: tuple[FlaskClient, uuid.UUID], signed_in: SignedIn) -> None:
    teacher, lesson = drafted
    teacher.post(f"/lessons/{lesson}/submit")
    other = signed_in("totruong2")
    assert str(lesson) not in other.get("/review").text
    assert other.post(f"/lessons/{lesson}/review", data={"decision": "approve"}).status_code in (403, 404)
    assert signed_in("hocsinh").get("/review").status_code == 403


def test_recall(drafted: tuple[FlaskClient, uuid.UUID]) -> None:
    teacher, lesson = drafted
    teacher.post(f"/lessons/{lesson}/submit")
    assert "Thu hồi" in teacher.get(f"/lessons/{lesson}/edit").text
    assert teacher.post(f"/lessons/{lesson}/recall").status_code == 303
    assert "Lưu và gửi thẩm định" in teacher.get(f"/lessons/{lesson}/edit").text


def test_a_published_lesson(client: FlaskClient, published: uuid.UUID) -> None:
    page = client.get(f"/lessons/{published}").text
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert 'class="katex"' in page
    assert "CC BY-SA" in page
    assert "Đỗ Ngọc Ánh, Tổ Toán (20" in page
    found = re.search(r'<script type="application/ld\+json">(.+?)</script>', page, re.DOTALL)
    assert found
    document = json.loads(found[1])
    assert document["@type"] == "LearningResource"
    assert document["license"].startswith("https://creativecommons.org/")
    assert document["encoding"][0]["name"] == "Hình vẽ bảng.png"
    assert "Sửa học liệu" not in page


def test_files_of_a_published_lesson(client: FlaskClient, published: uuid.UUID) -> None:
    page = client.get(f"/lessons/{published}").text
    found = re.search(rf'href="(/lessons/{published}/files/[0-9a-f-]+)"', page)
    assert found
    whole = client.get(found[1])
    assert whole.data == PNG
    assert whole.headers["Content-Disposition"].startswith("attachment; filename*=UTF-8''H%C3%ACnh")
    assert client.get(found[1] + "?view=1").headers["Content-Disposition"].startswith("inline")
    part = client.get(found[1], headers={"Range": "bytes=1-3"})
    assert part.status_code == 206
    assert part.data == PNG[1:4]
    assert client.get(f"/lessons/{published}/files/{uuid.uuid4()}").status_code == 404


def test_a_new_version_leaves_the_old_one_readable(
    client: FlaskClient, published: uuid.UUID, signed_in: SignedIn
) -> None:
    teacher = signed_in("giaovien")
    teacher.post(f"/lessons/{published}/edit", data={**FORM, "title": "Bản thứ hai", "then": "submit"})
    assert "Bản thứ hai" not in client.get(f"/lessons/{published}").text
    signed_in("totruong").post(f"/lessons/{published}/review", data={"decision": "approve"})
    assert "Bản thứ hai" in client.get(f"/lessons/{published}").text
    old = client.get(f"/lessons/{published}?version=1").text
    assert "Đồ thị hàm số bậc ba" in old
    assert "đã có bản mới hơn" in old
    assert client.get(f"/lessons/{published}?version=9").status_code == 404


def test_withdrawing_leaves_a_tombstone(client: FlaskClient, published: uuid.UUID, signed_in: SignedIn) -> None:
    file_url = re.search(rf"/lessons/{published}/files/[0-9a-f-]+", client.get(f"/lessons/{published}").text)
    assert file_url
    teacher = signed_in("giaovien")
    assert teacher.post(f"/lessons/{published}/withdraw", data={"reason": "Có bản in sai"}).status_code == 303
    answer = client.get(f"/lessons/{published}")
    assert answer.status_code == 410
    assert "Có bản in sai" in answer.text
    assert "Đồ thị hàm số bậc ba" in answer.text
    assert client.get(file_url[0]).status_code == 410
    assert str(published) not in client.get("/").text


def test_a_report_reaches_the_repository(client: FlaskClient, published: uuid.UUID) -> None:
    answer = client.post(
        f"/lessons/{published}/report", data={"reason": "wrong", "comment": "Sai dấu"}, follow_redirects=True
    )
    assert "Đã nhận báo cáo" in answer.text


def _reported(client: FlaskClient, lesson: uuid.UUID, *comments: str) -> None:
    for comment in comments:
        client.post(f"/lessons/{lesson}/report", data={"reason": "wrong", "comment": comment})


def _report_ids(page: str) -> list[str]:
    return re.findall(r'action="/reports/([0-9a-f-]{36})"', page)


def test_reports_are_seen_and_settled_by_reviewers(
    client: FlaskClient, published: uuid.UUID, signed_in: SignedIn
) -> None:
    _reported(client, published, "Sai dấu ở dòng 2 <b>", "Thiếu điều kiện")
    reviewer = signed_in("totruong")
    assert "Báo cáo sai sót 2" in reviewer.get("/review").text
    page = reviewer.get("/reports").text
    assert "Sai dấu ở dòng 2 &lt;b&gt;" in page and "Sai kiến thức" in page and "Khách" in page
    first, second = _report_ids(page)
    assert page.index("Sai dấu") < page.index("Thiếu điều kiện")
    assert reviewer.post(f"/reports/{first}", data={"outcome": "mended", "answer": "Đã sửa dòng 2"}).status_code == 303
    assert _report_ids(reviewer.get("/reports").text) == [second]
    done = reviewer.get("/reports?settled=1").text
    assert "Đã sửa dòng 2" in done and "Sai dấu" in done and not _report_ids(done)
    again = reviewer.post(f"/reports/{first}", data={"outcome": "kept"}, follow_redirects=True)
    assert "đã được xử lí" in again.text
    unclear = reviewer.post(f"/reports/{second}", data={"outcome": "?", "answer": "Đang gõ dở"})
    assert unclear.status_code == 422 and "Đang gõ dở" in unclear.text and 'aria-invalid="true"' in unclear.text


def test_reports_stay_among_those_who_judge_the_lesson(
    client: FlaskClient, published: uuid.UUID, signed_in: SignedIn, as_user: SignedIn
) -> None:
    _reported(client, published, "Sai dấu")
    (report,) = _report_ids(signed_in("totruong").get("/reports").text)
    assert client.get("/reports").status_code == 302
    for login in ("giaovien", "hocsinh", "doitac"):
        assert signed_in(login).get("/reports").status_code == 403
        assert signed_in(login).post(f"/reports/{report}", data={"outcome": "kept"}).status_code == 403
    stranger = signed_in("totruong2")
    assert "Sai dấu" not in stranger.get("/reports").text
    assert stranger.post(f"/reports/{report}", data={"outcome": "kept"}).status_code == 404
    assert as_user("totruong2").get("/api/v1/resources/reports").json["items"] == []
    assert as_user("quantri").get("/api/v1/resources/reports").json["items"][0]["comment"] == "Sai dấu"
    settled = as_user("quantri").post(f"/api/v1/resources/reports/{report}/settle", json={"outcome": "kept"})
    assert settled.json["outcome"] == "kept"
    twice = as_user("quantri").post(f"/api/v1/resources/reports/{report}/settle", json={"outcome": "kept"})
    assert twice.status_code == 409
    assert as_user("quantri").get("/api/v1/resources/reports?settled=1").json["items"][0]["outcome"] == "kept"


def test_withdrawing_by_a_report_closes_all_reports_on_the_lesson(
    client: FlaskClient, published: uuid.UUID, signed_in: SignedIn
) -> None:
    _reported(client, published, "Chép sách", "Chép nguyên trang 12")
    assert "Ngừng chia sẻ</button>" not in signed_in("totruong").get("/reports").text
    keeper = signed_in("thuvien")
    page = keeper.get("/reports").text
    first, second = _report_ids(page)
    assert page.count("Ngừng chia sẻ</button>") == 2
    wordless = keeper.post(f"/reports/{first}", data={"outcome": "withdrawn", "answer": " "})
    assert wordless.status_code == 422 and client.get(f"/lessons/{published}").status_code == 200
    assert keeper.post(f"/reports/{second}", data={"outcome": "withdrawn", "answer": "Vi phạm bản quyền"})
    gone = client.get(f"/lessons/{published}")
    assert gone.status_code == 410 and "Vi phạm bản quyền" in gone.text
    assert _report_ids(keeper.get("/reports").text) == []
    assert keeper.get("/reports?settled=1").text.count("Vi phạm bản quyền") == 2


def test_deleting_a_draft(drafted: tuple[FlaskClient, uuid.UUID]) -> None:
    teacher, lesson = drafted
    assert teacher.post(f"/lessons/{lesson}/delete").status_code == 303
    assert teacher.get(f"/lessons/{lesson}").status_code == 404


def test_nothing_found_offers_the_search(client: FlaskClient, unknown_id: uuid.UUID) -> None:
    answer = client.get(f"/lessons/{unknown_id}")
    assert answer.status_code == 404
    assert 'role="search"' in answer.text


def test_signing_in_by_page(client: FlaskClient) -> None:
    page = client.get("/signin?next=/my").text
    assert 'name="login"' in page and 'name="password"' in page
    answer = client.post("/signin", data={"login": "giaovien", "password": "sai"})
    assert answer.status_code == 401
    assert 'role="alert"' in answer.text


def test_static_files_are_the_vendored_ones(app: Flask) -> None:
    import hashlib
    from pathlib import Path

    folder = Path(app.static_folder or "")
    for line in (folder / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split()
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
