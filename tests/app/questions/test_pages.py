"""The bank's pages as people use them."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

SignedIn = Callable[[str], FlaskClient]

FORM: dict[str, Any] = {
    "kind": "true_false_group",
    "stem": "Cho hàm số $f(x)=x^3-3x^2+1$. Xét tính đúng, sai của các khẳng định sau.",
    "statement_a": "$f'(x)=3x^2-6x$.",
    "statement_b": "Hàm số nghịch biến trên $(0;2)$.",
    "statement_c": "Hàm số đạt cực đại tại $x=2$.",
    "statement_d": "$f(x)=m$ có ba nghiệm khi $-3<m<1$.",
    "key_a": "true",
    "key_b": "true",
    "key_c": "false",
    "key_d": "true",
    "explanation": "$f'(x)=3x(x-2)$",
    "subject": "TOAN",
    "grade": "12",
    "level": "VANDUNG",
    "tags": "ôn thi, hàm số",
    "do": "submit",
}


def test_a_teacher_writes_and_a_colleague_approves(signed_in: SignedIn) -> None:
    teacher = signed_in("giaovien")
    assert teacher.get("/questions").status_code == 200
    assert "Soạn câu hỏi" in teacher.get("/questions/new").text
    saved = teacher.post("/questions/new", data=FORM)
    assert saved.status_code == 303, saved.text
    place = saved.headers["Location"]
    page = teacher.get(place)
    assert "Đang thẩm định" in page.text and "katex" in page.text
    reviewer = signed_in("totruong")
    revision = re.search(r'name="revision" value="(\d+)"', reviewer.get(place).text)
    assert revision
    assert "Cho hàm số" in reviewer.get("/questions?tab=waiting").text
    back = reviewer.post(f"{place}/review", data={"decision": "return", "comment": "", "revision": revision[1]})
    assert back.status_code == 303 and "Ghi rõ" in reviewer.get(place).text
    done = reviewer.post(f"{place}/review", data={"decision": "approve", "revision": revision[1]})
    assert done.status_code == 303
    assert "Đã duyệt" in teacher.get(place).text
    assert "Cho hàm số" in teacher.get("/questions?q=ham+so").text
    assert "Không có câu nào khớp" in teacher.get("/questions?q=khongcogi").text


def test_what_is_missing_is_told_and_nothing_typed_is_lost(signed_in: SignedIn) -> None:
    teacher = signed_in("giaovien")
    wrong = teacher.post("/questions/new", data={**FORM, "stem": "", "explanation": "Lời giải riêng"})
    assert wrong.status_code == 422
    assert "Câu hỏi chưa có đề bài." in wrong.text and "Lời giải riêng" in wrong.text
    unfinished = {key: value for key, value in FORM.items() if not key.startswith("key_")}
    kept = teacher.post("/questions/new", data=unfinished)
    assert kept.status_code == 422 and "Câu hỏi chưa có đáp án đúng." in kept.text
    assert "Nội dung đã lưu thành bản nháp" in kept.text


def test_a_stale_edit_is_refused_and_kept_on_screen(signed_in: SignedIn) -> None:
    teacher = signed_in("giaovien")
    place = teacher.post("/questions/new", data={**FORM, "do": "save"}).headers["Location"]
    first = teacher.post(f"{place}/edit", data={**FORM, "do": "save", "stem": "Sửa một.", "revision": "1"})
    assert first.status_code == 303
    second = teacher.post(f"{place}/edit", data={**FORM, "do": "save", "stem": "Sửa hai.", "revision": "1"})
    assert second.status_code == 412 and "Sửa hai." in second.text
    assert "Sửa một." in teacher.get(place).text


def test_preview_shows_formulas_and_no_key(signed_in: SignedIn) -> None:
    teacher = signed_in("giaovien")
    shown = teacher.post("/questions/preview", data={**FORM, "stem": "Tính $x^2$ <script>alert(1)</script>"})
    assert shown.status_code == 200 and "katex" in shown.text and "<script>" not in shown.text
    assert "checked" not in shown.text
    assert teacher.post("/questions/preview", data={}).status_code == 200
    assert signed_in("hocsinh").post("/questions/preview", data=FORM).status_code == 403


def test_an_import_is_looked_at_before_it_is_saved(signed_in: SignedIn) -> None:
    teacher = signed_in("giaovien")
    gift = "Thủ đô {~Huế =Hà Nội}\n\nThiếu đáp án {~A ~B}\n\nGhép {=a -> b =c -> d =e -> f}\n"
    sent = teacher.post("/questions/import", data={"file": (io.BytesIO(gift.encode()), "de.gift"), "grade": "5"})
    assert sent.status_code == 303, sent.text
    place = sent.headers["Location"]
    report = teacher.get(place).text
    assert "Đã đọc 3 câu từ de.gift" in report and "Câu ghép đôi chưa có" in report and "Cần xem 2" in report
    assert "Hà Nội" in teacher.get(place + "?show=all").text
    assert signed_in("totruong").get(place).status_code == 404
    assert "Hà Nội" not in teacher.get("/questions?tab=mine").text
    assert teacher.post(place, data={"do": "save"}).status_code == 303
    mine = teacher.get("/questions?tab=mine").text
    assert "Thủ đô" in mine and "Thiếu đáp án" in mine and "Ghép" not in mine
    assert teacher.post(place, data={"do": "save"}).status_code == 404
    assert teacher.post("/questions/import", data={"file": (io.BytesIO(b""), "a.csv")}).status_code == 422
    assert teacher.post("/questions/import", data={}).status_code == 422


def test_a_draft_is_deleted_and_an_approved_question_is_retired(signed_in: SignedIn) -> None:
    teacher, reviewer = signed_in("giaovien"), signed_in("totruong")
    draft = teacher.post("/questions/new", data={**FORM, "do": "save"}).headers["Location"]
    assert teacher.post(f"{draft}/delete", data={"revision": "1"}).status_code == 303
    assert teacher.get(draft).status_code == 404
    kept = teacher.post("/questions/new", data=FORM).headers["Location"]
    reviewer.post(f"{kept}/review", data={"decision": "approve"})
    assert teacher.post(f"{kept}/retire", data={"reason": "Sai số liệu"}).status_code == 303
    assert "Câu hỏi đã ngừng dùng" in teacher.get(kept).text
    assert signed_in("giaovien2").get(kept).status_code == 404


def test_pages_speak_english(signed_in: SignedIn) -> None:
    teacher = signed_in("giaovien")
    teacher.post("/preferences", data={"locale": "en", "next": "/"})
    assert "Question bank" in teacher.get("/questions").text
    assert "Import questions from a file" in teacher.get("/questions/import").text
