"""A Word paper on its way into the bank: the report, what the teacher mends on it, what is saved."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient
from PIL import Image

Client = Callable[[str], FlaskClient]
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"


def line(text: str, underlined: str = "", picture: bool = False) -> str:
    mark = f"<w:r><w:rPr><w:u w:val='single'/></w:rPr><w:t>{underlined}</w:t></w:r>" if underlined else ""
    drawn = "<w:r><w:drawing><a:blip r:embed='p1'/></w:drawing></w:r>" if picture else ""
    return f"<w:p>{mark}<w:r><w:t xml:space='preserve'>{text}</w:t></w:r>{drawn}</w:p>"


def paper(*lines: str, picture: bytes = b"") -> bytes:
    namespaces = (
        f"xmlns:w='{W}' xmlns:a='http://schemas.openxmlformats.org/drawingml/2006/main' "
        "xmlns:r='http://schemas.openxmlformats.org/officeDocument/2006/relationships'"
    )
    rels = (
        "<Relationships xmlns='http://schemas.openxmlformats.org/package/2006/relationships'><Relationship Id='p1' "
        "Type='http://schemas.openxmlformats.org/officeDocument/2006/relationships/image' Target='media/a.png'/></Relationships>"
    )
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(
            "word/document.xml", f"<w:document {namespaces}><w:body>{''.join(lines)}</w:body></w:document>"
        )
        archive.writestr("word/_rels/document.xml.rels", rels)
        archive.writestr("word/media/a.png", picture)
    return out.getvalue()


def png() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(out, "PNG")
    return out.getvalue()


LINES = (
    line("Câu 1. Hình vẽ là gì? ", picture=True), line("A. vuông"), line(" tròn", "B."), line("C. thoi"),
    line("Câu 2. Thiếu đáp án"), line("A. một"), line("B. hai"), line("C. ba"),
    line("PHẦN II"), line("Câu 1. Xét bốn ý"), line("a) một"), line("b) hai"), line("c) ba"), line("d) bốn"),
    line("PHẦN III"), line("Câu 1. Tính 1 chia 4"),
)  # fmt: skip


def staged(client: FlaskClient, data: bytes, name: str = "de thi.docx") -> str:
    sent = client.post("/questions/import", data={"file": (io.BytesIO(data), name), "subject": "TOAN", "grade": "9"})
    assert sent.status_code == 303, sent.text
    return str(sent.headers["Location"])


def saved(client: FlaskClient) -> list[dict[str, Any]]:
    items = client.get("/api/v1/questions?mine=1&limit=100").json["items"]
    return sorted((client.get(f"/api/v1/questions/{i['id']}").json for i in items), key=lambda q: q["source"] or "")


def test_missing_keys_are_chosen_on_the_report(signed_in: Client, client: FlaskClient) -> None:
    teacher = signed_in("giaovien")
    before = {q["id"] for q in saved(teacher)}
    place = staged(teacher, paper(*LINES, picture=png()))
    report = teacher.get(f"{place}?show=all").text
    assert "Đã đọc 4 câu từ de thi.docx" in report and "Tệp gốc, đoạn 5–8" in report
    address = re.search(r'<img src="(/questions/media/[0-9a-f-]+)"', report)
    assert address and client.get(address[1]).status_code == 200
    assert report.count("Chưa có đáp án đúng") >= 3
    form = {
        "seen": ["1:single_choice", "2:single_choice", "3:true_false_group", "4:short_answer"],
        "key-1": "B",
        "key-2": "C",
    }
    form |= {f"key-3-{letter}": value for letter, value in zip("abcd", ("true", "false", "true", "true"), strict=True)}
    kept = teacher.post(place, data={**form, "key-4": "0,25", "do": "keep"})
    assert kept.status_code == 303 and {q["id"] for q in saved(teacher)} == before
    report = teacher.get(place).text
    assert report.count("Thầy cô đã sửa") == 3 and "Đáp án do thầy cô chọn" in report
    assert teacher.post(place, data={"do": "save"}).status_code == 303
    made = [q for q in saved(teacher) if q["id"] not in before]
    assert [q["answer"] for q in made] == [["B"], ["C"], {"a": True, "b": False, "c": True, "d": True}, "0,25"]
    assert made[0]["stem"] == f"Hình vẽ là gì? ![]({address[1]})" and {q["grade"] for q in made} == {9}


def test_a_key_that_does_not_fit_is_told_and_a_question_can_stay_out(signed_in: Client) -> None:
    teacher = signed_in("giaovien")
    before = {q["id"] for q in saved(teacher)}
    place = staged(teacher, paper(*LINES, picture=png()))
    form = {
        "seen": ["2:single_choice", "3:true_false_group", "4:short_answer"],
        "skip-2": "1",
        "key-3-a": "true",
        "key-4": "nhiều",
    }
    teacher.post(place, data={**form, "do": "keep"})
    report = teacher.get(place).text
    assert "Thầy cô chọn không nhập câu này." in report and "Đáp án là một số" in report
    assert "Ý b chưa chọn Đúng hay Sai." in report
    teacher.post(place, data={"seen": ["2:"], "do": "keep"})  # and back in again
    assert "Thầy cô chọn không nhập câu này." not in teacher.get(place).text
    teacher.post(place, data={**form, "do": "save"})
    made = [q for q in saved(teacher) if q["id"] not in before]
    assert [q["answer"] for q in made] == [["B"], None, None]


def test_words_are_mended_on_the_report(signed_in: Client) -> None:
    teacher = signed_in("giaovien")
    before = {q["id"] for q in saved(teacher)}
    place = staged(teacher, paper(*LINES[:8], picture=png()))
    change = {
        "n": "1",
        "stem": "Hình gì?",
        "choice-A": "hình vuông",
        "choice-B": "hình tròn",
        "choice-C": "",
        "explanation": "Nhìn hình.",
    }
    assert teacher.post(place, data={**change, "do": "reword"}).headers["Location"].endswith("#cau-1")
    assert "Phương án C còn để trống." in teacher.get(place).text
    teacher.post(place, data={**change, "choice-C": "thoi", "do": "reword"})
    assert "Lời văn do thầy cô sửa" in teacher.get(place).text
    teacher.post(place, data={"do": "save"})
    made = [q for q in saved(teacher) if q["id"] not in before]
    assert made[0]["stem"] == "Hình gì?" and made[0]["explanation"] == "Nhìn hình." and made[0]["answer"] == ["B"]
    assert [c["text"] for c in made[0]["choices"]] == ["hình vuông", "hình tròn", "thoi"]
    place = staged(teacher, paper(*LINES[:4], picture=png()))
    teacher.post(place, data={**change, "do": "reword"})
    teacher.post(place, data={"n": "1", "do": "back"})
    assert "Hình vẽ là gì?" in teacher.get(f"{place}?show=all").text
    assert signed_in("totruong").post(place, data={"n": "1", "do": "back"}).status_code == 404
    for junk in ({"n": "x", "do": "reword"}, {"seen": ["x", "9", "-1:y", "99999999:z"], "do": "keep"}):
        assert teacher.post(place, data=junk).status_code == 303


def test_the_door_for_programs_takes_word_with_its_pictures(as_user: Client, client: FlaskClient) -> None:
    teacher = as_user("giaovien")
    data = paper(*LINES, picture=png())
    dry = teacher.post("/api/v1/questions/import?dry_run=1", data={"file": (io.BytesIO(data), "de.docx")})
    assert dry.status_code == 200 and dry.json["format"] == "docx"
    assert [q["status"] for q in dry.json["questions"]] == ["read", "guessed", "guessed", "guessed"]
    assert dry.json["questions"][0]["place"] == "1–4" and "Hình vẽ là gì?" in dry.json["questions"][0]["source"]
    real = teacher.post("/api/v1/questions/import", data={"file": (io.BytesIO(data), "de.docx")})
    assert real.status_code == 201
    shown = teacher.get(f"/api/v1/questions/{real.json['questions'][0]['id']}").json
    address = re.search(r"\((/questions/media/[0-9a-f-]+)\)", shown["stem"])
    assert address and client.get(address[1]).status_code == 200
    again = teacher.post("/api/v1/questions/import?dry_run=1", data={"file": (io.BytesIO(data), "de.docx")})
    assert again.status_code == 200


def test_broken_pictures_and_strange_addresses_are_told(as_user: Client) -> None:
    teacher = as_user("giaovien")
    data = paper(*LINES[:4], picture=b"\x89PNG\r\n\x1a\nhong")
    for dry in ("1", "0"):
        answer = teacher.post(
            f"/api/v1/questions/import?dry_run={dry}", data={"file": (io.BytesIO(data), "de.docx")}
        ).json
        assert answer["questions"][0]["status"] == "guessed"
        assert "Hình a.png không nhập được: Hình bị hỏng" in " ".join(answer["questions"][0]["messages"])
    text = "Xem ![x](https://example.org/a.png) {~a =b}".replace(":", "\\:")
    answer = teacher.post(
        "/api/v1/questions/import?dry_run=1", data={"file": (io.BytesIO(text.encode()), "a.gift")}
    ).json
    assert "không nằm trong kho" in " ".join(answer["questions"][0]["messages"])


def test_old_word_files_are_refused_with_what_to_do(as_user: Client) -> None:
    data = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
    answer = as_user("giaovien").post("/api/v1/questions/import", data={"file": (io.BytesIO(data), "de.doc")})
    assert answer.status_code == 422 and ".docx" in answer.json["detail"]
