"""From a matrix to printed forms: what they hold, what they hide, and that their keys are true."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import openpyxl
import pypdfium2
import pytest
from flask.testing import FlaskClient

from app.papers.printing import content, sheet
from app.papers.printing.sheet import Question, Sheet
from tests.app.papers.conftest import SECRET

AsUser = Callable[[str], FlaskClient]
COUNTS = (("single_choice", 12, "0.25"), ("true_false_group", 4, "1"), ("short_answer", 6, "0.5"))


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    try:
        return "\n".join(page.get_textpage().get_text_range() for page in document)
    finally:
        document.close()


@pytest.fixture
def blueprint(as_user: AsUser, maths: int) -> str:
    made = as_user("giaovien").post(
        "/api/v1/blueprints",
        json={
            "title": "Thi thử",
            "subject": "TOAN",
            "grade": 12,
            "minutes": 90,
            "parts": [{"kind": kind, "points": points} for kind, _n, points in COUNTS],
            "cells": [{"kind": kind, "count": n} for kind, n, _points in COUNTS],
        },
    )
    assert made.status_code == 201, made.text
    return str(made.json["id"])


def test_forms_are_printed_with_head_parts_foot_and_end(as_user: AsUser, blueprint: str) -> None:
    teacher = as_user("giaovien")
    heading = {"department": "Sở GDĐT Hà Nội", "school": "Trường THPT Thử", "exam": "Kì thi thử"}
    ask = {"blueprint": blueprint, "forms": 24, "digits": 4, "seed": 5, "heading": heading}
    made = teacher.post("/api/v1/papers", json=ask)
    assert made.status_code == 201, made.text
    assert [form["code"] for form in made.json["forms"]] == [f"{n:04d}" for n in range(101, 125)]
    answer = teacher.get(made.json["forms"][0]["pdf"])
    assert answer.status_code == 200 and answer.mimetype == "application/pdf"
    text = text_of(answer.data)
    for said in (
        "TRƯỜNG THPT THỬ",
        "KÌ THI THỬ",
        "Môn: TOÁN",
        "90 phút",
        "Mã đề: 0101",
        "Mã đề 0101",
        "HẾT",
        "PHẦN II.",
    ):
        assert said in text, said
    assert re.search(r"Trang 1/\d", text)
    assert len(re.findall(r"Câu \d+\.", text)) == 22
    assert SECRET not in text and b"LOIGIAI" not in answer.data
    packed = zipfile.ZipFile(io.BytesIO(teacher.get(made.json["zip"]).data))
    assert len(packed.namelist()) == 24
    assert len({text_of(packed.read(name)).partition("PHẦN I.")[2] for name in packed.namelist()}) == 24


def test_keys_of_the_workbook_are_true_to_the_print(as_user: AsUser, blueprint: str) -> None:
    """Read the printed form back: the option under the key's letter is the one the bank calls right."""
    teacher = as_user("giaovien")
    made = teacher.post("/api/v1/papers", json={"blueprint": blueprint, "forms": 3, "bases": 1, "seed": 9}).json
    book = openpyxl.load_workbook(io.BytesIO(teacher.get(made["keys"]).data))
    table = book["Đáp án"]
    codes = [table.cell(3, c).value for c in range(3, 6)]
    assert codes == ["101", "102", "103"]
    rows = [[cell.value for cell in row] for row in table.iter_rows(min_row=4)]
    assert len(rows) == 22
    assert all(re.fullmatch("[A-D]", key) for row in rows[:12] for key in row[2:])
    assert all(re.fullmatch("[ĐS]{4}", key) for row in rows[12:16] for key in row[2:])
    lines = [[cell.value for cell in row] for row in book["Theo mã đề"].iter_rows(min_row=2)]
    assert len(lines) == 66
    short = {(line[5], line[3]) for line in lines if line[1] == "III"}
    assert len(short) == 6, "a short answer is the same on every form"
    balance = [[cell.value for cell in row] for row in book["Phân bố đáp án"].iter_rows(min_row=2)]
    assert all(sum(row[1:5]) == 12 and max(row[1:5]) <= 5 for row in balance)


def test_the_right_option_stands_under_its_letter(as_user: AsUser, put_questions: Callable[..., None]) -> None:
    put_questions(
        [
            {
                "kind": "single_choice", "stem": f"Chọn số {n}", "subject": "TOAN", "grade": 11, "level": "BIET",
                "topic": None, "tags": [], "answer": ["C"],
                "choices": [{"id": c, "text": f"sai{n}{c}" if c != "C" else f"dung{n}"} for c in "ABCD"],
            }
            for n in range(10, 18)
        ]
    )  # fmt: skip
    teacher = as_user("giaovien")
    matrix = {
        "title": "x", "subject": "TOAN", "grade": 11, "minutes": 15,
        "parts": [{"kind": "single_choice", "points": "1"}], "cells": [{"kind": "single_choice", "count": 8}],
    }  # fmt: skip
    plan = teacher.post("/api/v1/blueprints", json=matrix).json["id"]
    made = teacher.post("/api/v1/papers", json={"blueprint": plan, "forms": 4, "seed": 1}).json
    book = openpyxl.load_workbook(io.BytesIO(teacher.get(made["keys"]).data))
    keys: dict[str, list[str]] = {}
    for line in book["Theo mã đề"].iter_rows(min_row=2, values_only=True):
        keys.setdefault(str(line[0]), []).append(str(line[3]))
    for form in made["forms"]:
        text = text_of(teacher.get(form["pdf"]).data)
        printed = [
            letter for letter, option in re.findall(r"([A-D])\.\s*(dung\d+|sai\d+[A-D])", text) if "dung" in option
        ]
        assert printed == keys[form["code"]]


def test_papers_are_secret(as_user: AsUser, client: FlaskClient, blueprint: str) -> None:
    made = as_user("giaovien").post("/api/v1/papers", json={"blueprint": blueprint, "forms": 2}).json
    for url in (f"/api/v1/papers/{made['id']}", made["forms"][0]["pdf"], made["keys"], made["zip"]):
        assert client.get(url).status_code == 401
        assert as_user("hocsinh").get(url).status_code == 403
        assert as_user("giaovien2").get(url).status_code == 404
    assert as_user("giaovien").get(f"/api/v1/papers/{made['id']}/forms/999.pdf").status_code == 404
    assert made["id"] not in as_user("giaovien2").get("/api/v1/papers").text


def test_a_bank_too_small_gives_a_writing_order(as_user: AsUser, blueprint: str) -> None:
    refused = as_user("giaovien").post("/api/v1/papers", json={"blueprint": blueprint, "forms": 24, "bases": 24})
    assert refused.status_code == 422
    assert any(re.match(r"Thiếu \d+ câu: chủ đề bất kì, ", text) for text in refused.json["errors"]["blueprint"])


@pytest.mark.parametrize(
    ("change", "field"),
    [({"forms": 25}, "forms"), ({"bases": 5}, "bases"), ({"digits": 5}, "digits"), ({"first_code": 999}, "first_code")],
)
def test_bad_input_names_the_field(as_user: AsUser, blueprint: str, change: dict[str, Any], field: str) -> None:
    refused = as_user("giaovien").post("/api/v1/papers", json={"blueprint": blueprint, "forms": 4, **change})
    assert refused.status_code == 422 and field in refused.json["errors"], refused.text


def test_pages_lead_from_the_matrix_to_the_files(signed_in: AsUser, as_user: AsUser, blueprint: str) -> None:
    browser = signed_in("giaovien")
    assert "Số đề gốc" in browser.get(f"/papers/new?blueprint={blueprint}").text
    form = {"blueprint": blueprint, "forms": "4", "bases": "1", "digits": "3", "seed": "3", "shuffle_choices": "1"}
    page = browser.post("/papers/new", data=form, follow_redirects=True)
    assert page.status_code == 200 and "keys.xlsx" in page.text and "104" in page.text
    short = browser.post("/papers/new", data={**form, "forms": "24", "bases": "24"})
    assert short.status_code == 422 and "Các câu cần soạn thêm" in short.text
    assert browser.get("/papers/new?blueprint=x").status_code == 404
    assert "Thi thử" in browser.get("/papers").text
    where = re.search(r"/papers/([0-9a-f-]{36})/delete", page.text)
    assert where is not None
    assert browser.post(where[0]).status_code == 303
    assert browser.get(f"/papers/{where[1]}").status_code == 404


HOSTILE = [
    '#import "@preview/x:1.0.0"', "#read(\"/etc/passwd\")", '"; #panic("x")', "]#panic()[", "$#panic()$", "$\\text{#panic()}$",
    "a \\ b \" c ' d `e` <f> @g *h* _i_ ~ -- --- ...", "$x_{\\text{\"]#panic()}}$", "$\\unknown{x}$", "$\\frac{$", "// nhận xét", "/* */ = A",
    "$\\begin{cases} a & b \\\\ c, d; e \\end{cases}$", "| a | b |\n|---|---|\n| $x$ | 2 |", "![x](/questions/media/none)", "$a;b,c(d)[e]\\{f\\}|g|$",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_becomes_code(text: str) -> None:
    questions = [Question(0, "single_choice", text, [text, "hai", "ba", "bốn"])]
    heading = {"school": text, "exam": text}
    made = sheet.pdf(Sheet("101", text, 45, heading, questions))
    assert made.startswith(b"%PDF") and "Câu 1." in text_of(made)


def test_what_cannot_be_set_stands_in_its_source() -> None:
    address = "/questions/media/00000000-0000-7000-8000-000000000000"
    questions = [
        Question(0, "short_answer", f"Tính $x+1$ ![]({address})", []),
        Question(0, "short_answer", "Tính 2", []),
    ]
    made = text_of(sheet.pdf(Sheet("101", "Toán", 45, {}, questions, {address: (b"no picture", "png", 40)})))
    assert "Tính $x+1$" in made and "Tính 2" in made


@pytest.mark.parametrize(
    ("latex", "made"),
    [
        (r"\dfrac{1}{2}", "display(frac("),
        (r"f'(x)", "primes(#1)"),
        (r"\overrightarrow{AB}", "arrow(A B)"),
        (r"\widehat{ABC}", "hat(A B C)"),
        (r"\left(\frac12;3\right)", "lr(\\( "),
        (r"\begin{cases}x\\y\end{cases}", "mat(delim: #none, align: #left"),
        (r"\lim\limits_{x\to 1} x", 'attach(limits(op("lim"))'),
        (r"\mathbb{R}", "bb(R)"),
        (r"\sqrt[3]{x}", 'root("3", x)'),
        (r"1{,}5", '"1,5"'),
        (r"(P)\colon x", 'class("normal", \\:)'),
        (r"|\vec{u}|", 'class("normal", |) arrow(u) class("normal", |)'),
    ],
)
def test_formulas_become_typst(latex: str, made: str) -> None:
    assert made in content.typst(f"${latex}$", {})
