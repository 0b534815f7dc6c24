"""Word papers: the corpora row by row, every local convention on papers made here, hostile packages."""

from __future__ import annotations

import csv
import io
import time
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import pytest
from PIL import Image

from app.questions.formats import detect, docx
from app.questions.formats.model import Reading, Row, Unreadable

W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
M = "http://schemas.openxmlformats.org/officeDocument/2006/math"
R = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
TYPES = (
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" '
    'ContentType="application/xml"/></Types>'
)
RELS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="r1" '
    'Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" '
    'Target="word/document.xml"/></Relationships>'
)


# ---------------------------------------------------------------- papers made here
# `_A._` underlined, `*B*` bold, `{C}` red, `\t` a tab, `\n` a soft break; XML starting with `<` as it is.

SHOWN = {"_": "<w:u w:val='single'/>", "*": "<w:b/>", "{": "<w:color w:val='FF0000'/>", "~": "<w:highlight w:val='yellow'/>",
         "^": "<w:vertAlign w:val='superscript'/>", "/": "<w:i/>"}  # fmt: skip
CLOSED = {"_": "_", "*": "*", "{": "}", "~": "~", "^": "^", "/": "/"}


def run(text: str, look: str = "") -> str:
    made = ""
    for n, piece in enumerate(text.replace("\t", "\0\t\0").replace("\n", "\0\n\0").split("\0")):
        del n
        if piece == "\t":
            made += "<w:tab/>"
        elif piece == "\n":
            made += "<w:br/>"
        elif piece:
            made += f"<w:t xml:space='preserve'>{escape(piece)}</w:t>"
    return f"<w:r><w:rPr>{SHOWN.get(look, '')}</w:rPr>{made}</w:r>"


def para(text: str, properties: str = "", marks: str = "_*{~") -> str:
    if text.startswith("<"):
        return text
    parts, plain, at = [], "", 0
    while at < len(text):
        sign = text[at]
        end = text.find(CLOSED[sign], at + 1) if sign in marks and sign in CLOSED else -1
        if end > at + 1:
            parts.append(run(plain))
            parts.append(run(text[at + 1 : end], sign))
            plain, at = "", end + 1
        else:
            plain, at = plain + sign, at + 1
    return f"<w:p>{properties}{''.join(parts)}{run(plain) if plain else ''}</w:p>"


def table(*rows: list[str]) -> str:
    made = "".join(
        "<w:tr>" + "".join(f"<w:tc>{''.join(para(p) for p in cell.split('¶'))}</w:tc>" for cell in row) + "</w:tr>"
        for row in rows
    )
    return f"<w:tbl>{made}</w:tbl>"


def paper(*paragraphs: str, parts: dict[str, bytes | str] | None = None, rels: str = "", marks: str = "_*{~") -> bytes:
    body = "".join(para(p, marks=marks) for p in paragraphs)
    document = (
        f"<w:document xmlns:w='{W}' xmlns:m='{M}' xmlns:r='{R}' "
        "xmlns:a='http://schemas.openxmlformats.org/drawingml/2006/main' "
        "xmlns:wp='http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing' "
        "xmlns:v='urn:schemas-microsoft-com:vml' xmlns:o='urn:schemas-microsoft-com:office:office' "
        "xmlns:mc='http://schemas.openxmlformats.org/markup-compatibility/2006'>"
        f"<w:body>{body}</w:body></w:document>"
    )
    held: dict[str, bytes | str] = {
        "[Content_Types].xml": TYPES,
        "_rels/.rels": RELS,
        "word/document.xml": document,
        "word/_rels/document.xml.rels": (
            f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{rels}</Relationships>'
        ),
        **(parts or {}),
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in held.items():
            archive.writestr(name, data)
    return out.getvalue()


def read(*paragraphs: str, **more: Any) -> Reading:
    return detect.read(paper(*paragraphs, **more), "auto", "de.docx")


def keys(reading: Reading) -> list[Any]:
    return [row.draft.answer if row.draft else None for row in reading.rows]


def said(row: Row) -> str:
    def text(message: Any) -> str:
        values = {k: text(v) if hasattr(v, "values") and hasattr(v, "text") else v for k, v in message.values.items()}
        return str(message.text % values)

    return " ".join(text(m) for m in row.messages)


def one(*paragraphs: str, **more: Any) -> Row:
    reading = read(*paragraphs, **more)
    assert len(reading.rows) == 1, [r.source for r in reading.rows]
    return reading.rows[0]


# ---------------------------------------------------------------- the corpora


def corpus_rows(corpora: Path) -> list[dict[str, str]]:
    with (corpora / "questions" / "truth.tsv").open(encoding="utf-8") as source:
        lines = csv.DictReader(source, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [line for line in lines if line["format"] == "docx"]


def key_of(row: Row) -> str:
    answer = row.draft.answer if row.draft else None
    return "".join(answer) if answer else "none"


def test_every_word_file_has_its_true_count_and_keys(corpora: Path) -> None:
    passed = questions = 0
    for line in corpus_rows(corpora):
        reading = detect.read((corpora / "questions" / line["path"]).read_bytes(), "auto", line["path"])
        assert reading.format == "docx"
        assert len(reading.rows) == int(line["questions"]), line["path"]
        wanted = [key.strip() for key in line["keys"].split("|")] if reading.rows else []
        assert [row.n for row in reading.rows] == list(range(1, len(reading.rows) + 1))
        for row, key in zip(reading.rows, wanted, strict=False):
            if key == "…":
                break
            assert key_of(row) == ("none" if key == "?" else key), (line["path"], row.n, row.source)
            if key in ("none", "?") and row.draft and row.draft.kind != "essay":
                assert row.status != "read" and row.messages, (line["path"], row.n)
        if line["verdict"] == "part":
            can = int(line["note"].rsplit("can=", 1)[1].split(";")[0])
            assert sum(row.status != "dropped" for row in reading.rows) == can, line["path"]
        passed += 1
        questions += len(reading.rows)
    assert passed >= 49 and questions >= 1_690


def test_pictures_of_exam_papers_come_along(corpora: Path) -> None:
    seen = 0
    for line in corpus_rows(corpora):
        if line["images"] not in ("", "0") and "vnhsge" in line["path"]:
            reading = detect.read((corpora / "questions" / line["path"]).read_bytes(), "docx")
            assert len(reading.pictures) == int(line["images"]), line["path"]
            seen += len(reading.pictures)
    assert seen >= 60


# ---------------------------------------------------------------- questions, parts, options


def test_the_paper_of_2025() -> None:
    reading = read(
        "*SỞ GIÁO DỤC VÀ ĐÀO TẠO*",
        "*PHẦN I. Câu trắc nghiệm nhiều phương án lựa chọn.* Thí sinh trả lời từ câu 1 đến câu 2.",
        "*Câu 1.* Thủ đô của nước ta là",
        "A. Huế.\t_B._ Hà Nội.\tC. Đà Nẵng.\tD. Cần Thơ.",
        "*Câu 2.* (NB) Số nguyên tố là",
        "A. 4.\tB. 6.",
        "C. 8.\t_D_. 7.",
        "*PHẦN II. Câu trắc nghiệm đúng sai.* Thí sinh trả lời từ câu 1 đến câu 1.",
        "*Câu 1.* Cho tam giác ABC vuông tại A.",
        "_a)_ Góc A bằng 90 độ.",
        "b) AB lớn hơn BC.",
        "_c)_ BC là cạnh huyền.",
        "d) AC bằng BC.",
        "*PHẦN III. Câu trắc nghiệm trả lời ngắn.*",
        "*Câu 1.* Tính 1 : 8.",
        "Đáp án: 0,125",
        "*Câu 2.* Tính 2 - 4,5.",
        "_A. -2,5_",
        "------ HẾT ------",
    )
    assert [row.draft.kind for row in reading.rows if row.draft] == [
        "single_choice", "single_choice", "true_false_group", "short_answer", "short_answer",
    ]  # fmt: skip
    assert keys(reading) == [["B"], ["D"], {"a": True, "b": False, "c": True, "d": False}, "0,125", "-2,5"]
    first, second, third, fourth, _fifth = [row.draft for row in reading.rows]
    assert first and [c["text"] for c in first.choices] == ["Huế.", "Hà Nội.", "Đà Nẵng.", "Cần Thơ."]
    assert second and second.level == "NB" and second.stem == "Số nguyên tố là"
    assert third and third.stem == "Cho tam giác ABC vuông tại A." and third.choices[0]["text"] == "Góc A bằng 90 độ."
    assert fourth and fourth.stem == "Tính 1 : 8." and fourth.choices == []
    assert all(row.status == "read" for row in reading.rows), [said(r) for r in reading.rows]
    assert reading.rows[0].place == "3–4"


@pytest.mark.parametrize(
    "start",
    [
        "Câu 1. Hỏi", "Câu 1: Hỏi", "CÂU 1) Hỏi", "Câu 1 : Hỏi", "Câu hỏi 1. Hỏi", "Question 1. Hỏi", "(NB) Câu 1. Hỏi",
        "(CLO2) Câu 1. Hỏi", "Câu 1 (0,25 điểm). Hỏi", "Câu 1 [TH]: Hỏi", "Câu 1.\tHỏi", "Câu 1\tHỏi", "*Câu 1* Hỏi",
        "1. Hỏi", "1) Hỏi", "Bài 1. Hỏi", "Câu\u00a01. Hỏi", "Ca\u0302u 1. Hỏi",
    ],
)  # fmt: skip
def test_how_questions_begin(start: str) -> None:
    row = one(start, "A. một", "_B._ hai", "C. ba", "D. bốn")
    assert row.draft and row.draft.answer == ["B"] and row.draft.stem == "Hỏi", row.draft


@pytest.mark.parametrize(
    "options",
    [
        ["A. một\tB. hai\tC. ba\tD. bốn"],
        ["A. một\tB. hai", "C. ba\tD. bốn"],
        ["A. một\nB. hai\nC. ba\nD. bốn"],
        ["A) một", "B) hai", "C) ba", "D) bốn"],
        ["A: một", "B: hai", "C: ba", "D: bốn"],
        ["A.một", "B.hai", "C.ba", "D.bốn"],
        ["A. một   B. hai   C. ba   D. bốn"],
        ["A. một B. hai C. ba D. bốn"],
        ["A. một B. hai", "C. ba D. bốn"],
        ["\tA. một", "\tB. hai", "\tC. ba", "\tD. bốn"],
        [table(["A. một", "B. hai", "C. ba", "D. bốn"])],
        [table(["A. một", "B. hai"], ["C. ba", "D. bốn"])],
        [table(["A. một", "C. ba"], ["B. hai", "D. bốn"])],
        [table(["A. một¶B. hai", "C. ba¶D. bốn"])],
    ],
)  # fmt: skip
def test_how_options_stand(options: list[str]) -> None:
    row = one("Câu 1. Hỏi", *options, "Câu trả lời ở dòng dưới.", "Đáp án: C")
    assert row.draft and [c["text"] for c in row.draft.choices] == ["một", "hai", "ba", "bốn"], row.draft
    assert row.draft.answer == ["C"]
    assert "Câu trả lời ở dòng dưới" in said(row)  # what belongs to nothing is told


def test_options_on_the_question_line_and_with_formulas() -> None:
    row = one("Câu 1. Anh A. và anh B. cùng đi. Hỏi ai? A. x\tB. y\tC. z\tD. t", "Đáp án: A")
    assert row.draft and [c["text"] for c in row.draft.choices] == ["x", "y", "z", "t"]
    assert row.draft.stem == "Anh A. và anh B. cùng đi. Hỏi ai?"


def test_bare_numbers_count_only_where_they_run_on() -> None:
    reading = read(
        "1. Mở đầu", "2. Câu một hỏi gì?", "A. a", "B. b",
        "1. Hỏi một", "A. a", "_B._ b", "2. Hỏi hai", "1. ý trong đề", "A. a", "_B._ b", "3. Hỏi ba", "_A._ a", "B. b",
    )  # fmt: skip
    assert keys(reading)[-3:] == [["B"], ["B"], ["A"]]
    assert reading.rows[-2].draft and "ý trong đề" in reading.rows[-2].draft.stem


NUMBERING = f"""<w:numbering xmlns:w='{W}'>
<w:abstractNum w:abstractNumId='0'><w:lvl w:ilvl='0'><w:start w:val='1'/><w:numFmt w:val='decimal'/><w:lvlText w:val='Câu %1.'/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId='1'><w:lvl w:ilvl='0'><w:start w:val='1'/><w:numFmt w:val='upperLetter'/><w:lvlText w:val='%1.'/></w:lvl></w:abstractNum>
<w:abstractNum w:abstractNumId='2'><w:lvl w:ilvl='0'><w:start w:val='1'/><w:numFmt w:val='lowerLetter'/><w:lvlText w:val='%1)'/></w:lvl></w:abstractNum>
<w:num w:numId='1'><w:abstractNumId w:val='0'/></w:num><w:num w:numId='2'><w:abstractNumId w:val='1'/></w:num>
<w:num w:numId='3'><w:abstractNumId w:val='1'/><w:lvlOverride w:ilvl='0'><w:startOverride w:val='1'/></w:lvlOverride></w:num>
<w:num w:numId='4'><w:abstractNumId w:val='2'/></w:num></w:numbering>"""
NUMBERING_REL = (
    '<Relationship Id="n" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering" '
    'Target="numbering.xml"/>'
)


def listed(text: str, number: int, underlined: bool = False) -> str:
    mark = "<w:rPr><w:u w:val='single'/></w:rPr>" if underlined else ""
    return para(text, f"<w:pPr><w:numPr><w:ilvl w:val='0'/><w:numId w:val='{number}'/></w:numPr>{mark}</w:pPr>")


def test_labels_that_word_writes_itself() -> None:
    reading = read(
        listed("Hỏi một", 1), listed("a", 2), listed("b", 2, True), listed("c", 2), listed("d", 2),
        listed("Hỏi hai", 1), listed("a", 3), listed("b", 3), listed("_c_", 3), listed("d", 3),
        "PHẦN II", listed("Xét các ý", 1), listed("ý a", 4, True), listed("ý b", 4), listed("ý c", 4), listed("ý d", 4),
        parts={"word/numbering.xml": NUMBERING}, rels=NUMBERING_REL,
    )  # fmt: skip
    assert keys(reading) == [["B"], ["C"], {"a": True, "b": False, "c": False, "d": False}]
    assert [row.draft.stem for row in reading.rows if row.draft] == ["Hỏi một", "Hỏi hai", "Xét các ý"]


# ---------------------------------------------------------------- keys


FOUR = ["A. một", "B. hai", "C. ba", "D. bốn"]


@pytest.mark.parametrize(
    ("options", "way"),
    [
        (["A. một", "_B._ hai", "C. ba", "D. bốn"], "label underlined"),
        (["A. một", "_B_. hai", "C. ba", "D. bốn"], "letter underlined"),
        (["A. một", "_B. hai_", "C. ba", "D. bốn"], "whole option underlined"),
        (["A. một", "B. _hai_", "C. ba", "D. bốn"], "text underlined"),
        (["A. một", "{B.} hai", "C. ba", "D. bốn"], "label red"),
        (["A. một", "{B. hai}", "C. ba", "D. bốn"], "option red"),
        (["A. một", "B. ~hai~", "C. ba", "D. bốn"], "highlighted"),
        (["A. một", "*B. hai*", "C. ba", "D. bốn"], "bold"),
        (["*A.* một", "*B.* *hai*", "*C.* ba", "*D.* bốn"], "text bold, labels too"),
        (["A. một", "*B. hai", "C. ba", "D. bốn"], "star"),
        (["A. một", "* B. hai", "C. ba", "D. bốn"], "star and blank"),
        (["A. một", "B. hai (đúng)", "C. ba", "D. bốn"], "word"),
        (["A. một", "#$B. hai", "#!C. ba", "D. bốn"], "fixed place"),
        ([*FOUR, "Đáp án: B"], "line"),
        ([*FOUR, "Đáp án đúng là: B."], "line in words"),
        ([*FOUR, "Answer: B"], "English line"),
        ([*FOUR, "Chọn B"], "chosen"),
        ([*FOUR, "Lời giải", "Vì một cộng một.", "Chọn B."], "at the end of the solution"),
        ([*FOUR, "HẾT", "BẢNG ĐÁP ÁN", "1-B"], "line after the end"),
        ([*FOUR, "HẾT", table(["Câu", "1", "2"], ["Đáp án", "B", "C"])], "table across"),
        ([*FOUR, "HẾT", table(["Câu", "Đáp án"], ["1", "B"], ["2", "A"])], "table down"),
        ([*FOUR, "HẾT", table(["1.B", "2.C"], ["3.D", "4.A"])], "table of pairs"),
        ([*FOUR, "HẾT", "Câu 1. Chọn B. Vì một cộng một bằng hai."], "solution after the end"),
    ],
)  # fmt: skip
def test_how_keys_are_shown(options: list[str], way: str) -> None:
    marks = "_{~" if way.startswith("star") else "_*{~"
    row = one("Câu 1. Hỏi", *options, marks=marks)
    assert row.draft and row.draft.answer == ["B"], (way, row.draft, said(row))
    assert [c["text"] for c in row.draft.choices] == ["một", "hai", "ba", "bốn"], way


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (FOUR, "no mark"),
        (["*A.* một", "*B.* hai", "*C.* ba", "*D.* bốn"], "all labels bold"),
        (["*A. một*", "*B. hai*", "*C. ba*", "*D. bốn*"], "all options bold"),
        (["_A. một_", "_B. hai_", "_C. ba_", "_D. bốn_"], "all underlined"),
        (["A. m_ộ_t", "B. h_a_i", "C. b_a_", "D. b_ố_n"], "letters underlined"),
        (["A. m_ộ_t", "B. _hai_", "C. b_a_", "D. b_ố_n"], "letters and a whole one underlined"),
        (["A. một", "B. h*a*i", "C. ba", "D. bốn"], "a bold letter"),
        (["_A._ một", "_B._ hai", "C. ba", "D. bốn"], "two underlined"),
        ([*FOUR, "Đáp án: B", "Đáp án: C"], "two lines"),
        (["A. một", "_B._ hai", "C. ba", "D. bốn", "Đáp án: C"], "underline and line differ"),
        (["A. một", "_B._ hai", "C. ba", "D. bốn", "HẾT", "1-C"], "underline and table differ"),
        ([*FOUR, "Đáp án: E"], "points to nothing"),
        (["A. một", "B. hai", "C. ba", "C. bốn", "Đáp án: C"], "two options C"),
        ([*FOUR, "HẾT", table(["Câu", "1", "2"], ["Mã 101", "B", "C"], ["Mã 102", "C", "A"])], "two papers' keys"),
    ],
)  # fmt: skip
def test_no_key_is_guessed(options: list[str], why: str) -> None:
    row = one("Câu 1. Hỏi", *options)
    assert row.draft and row.draft.answer is None, (why, row.draft.answer if row.draft else None)
    assert row.status == "guessed" and row.messages, why
    assert len(row.draft.choices) == 4


def test_two_marks_are_an_error_unless_many_are_asked_for() -> None:
    row = one("PHẦN I", "Câu 1. Những số nào là số chẵn?", "_A._ 2", "_B._ 4", "C. 5", "D. 7")
    assert row.draft and row.draft.answer is None and "(A, B)" in said(row)
    row = one("Câu 1. Những số nào là số chẵn?", "_A._ 2", "_B._ 4", "C. 5", "D. 7")
    assert row.draft and (row.draft.kind, row.draft.answer) == ("multiple_choice", ["A", "B"])


def test_a_paper_keeps_to_one_way_of_marking() -> None:
    reading = read(
        "Câu 1. x", "_A._ a", "B. b", "Câu 2. x", "_A._ a", "B. b", "Câu 3. x", "A. a", "*B. b*",
    )  # fmt: skip
    assert keys(reading) == [["A"], ["A"], None]
    assert "in đậm" in said(reading.rows[2]) and "gạch chân" in said(reading.rows[2])


def test_underlined_letters_stay_where_the_key_is_elsewhere() -> None:
    row = one(
        "Mark the letter A, B, C or D to indicate the word whose underlined part differs.",
        "Question 1.", "A. l_au_ghed\tB. w_a_shed\tC. h_e_lped\tD. w_a_nted", "Đáp án: D",
    )  # fmt: skip
    assert row.draft and row.draft.answer == ["D"]
    assert row.draft.choices[0]["text"] == "l$\\underline{\\text{au}}$ghed"
    assert row.draft.stem.startswith("Mark the letter")


@pytest.mark.parametrize(
    ("lines", "answer"),
    [
        (["a) một", "_b)_ hai", "c) ba", "_d)_ bốn"], "SĐSĐ"),
        (["_a)_ một", "_b)_ hai", "_c)_ ba", "_d)_ bốn"], "ĐĐĐĐ"),
        (["a) một (Đ)", "b) hai (S)", "c) ba (S)", "d) bốn (Đ)"], "ĐSSĐ"),
        (["a) một - Đúng", "b) hai - Sai", "c) ba - Sai", "d) bốn - Đúng"], "ĐSSĐ"),
        (["a) một", "b) hai", "c) ba", "d) bốn", "Đáp án: ĐSSĐ"], "ĐSSĐ"),
        (["a) một", "b) hai", "c) ba", "d) bốn", "Đáp án: a) Đúng b) Sai c) Sai d) Đúng"], "ĐSSĐ"),
        (["a) một\tb) hai\tc) ba\td) bốn", "Đáp án: Đ S S Đ"], "ĐSSĐ"),
        (["a) một", "b) hai", "c) ba", "d) bốn", "HẾT", "PHẦN II", table(["Câu", "1", "2"], ["a)", "Đ", "S"], ["b)", "S", "S"], ["c)", "S", "S"], ["d)", "Đ", "S"])], "ĐSSĐ"),
        (["a) một", "b) hai", "c) ba", "d) bốn"], None),
        (["a) một", "_b)_ hai", "c) ba", "d) bốn", "Đáp án: ĐSSĐ"], None),
    ],
)  # fmt: skip
def test_keys_of_four_statements(lines: list[str], answer: str | None) -> None:
    row = one("PHẦN II", "Câu 1. Xét", *lines)
    assert row.draft and row.draft.kind == "true_false_group"
    wanted = {letter: sign == "Đ" for letter, sign in zip("abcd", answer, strict=True)} if answer else None
    assert row.draft.answer == wanted, said(row)
    assert [c["text"] for c in row.draft.choices] == ["một", "hai", "ba", "bốn"]
    assert wanted is not None or row.status == "guessed"


def test_short_answers_and_parts_that_number_again() -> None:
    reading = read(
        "PHẦN I. TRẮC NGHIỆM NHIỀU PHƯƠNG ÁN LỰA CHỌN", "Câu 1. x", *FOUR, "Câu 2. y", *FOUR,
        "PHẦN II. TRẮC NGHIỆM ĐÚNG SAI", "Câu 1. z", "a) m", "b) n", "c) p", "d) q",
        "PHẦN III. TRẢ LỜI NGẮN", "Câu 1. t", "Câu 2. u", "...........",
        "HẾT", "ĐÁP ÁN", "PHẦN I", "1.A 2.D", "PHẦN II", "Câu 1: ĐĐSS", "PHẦN III",
        table(["Câu", "1", "2"], ["Đáp án", "12", "-0,5"]),
    )  # fmt: skip
    assert keys(reading) == [["A"], ["D"], {"a": True, "b": True, "c": False, "d": False}, "12", "-0,5"]
    assert reading.rows[-1].draft and reading.rows[-1].draft.stem == "u"


def test_answers_in_words_and_written_questions() -> None:
    reading = read(
        "PHẦN III. TRẢ LỜI NGẮN", "Câu 1. Thủ đô?", "Đáp án: Hà Nội", "PHẦN IV. TỰ LUẬN", "Bài 1. Chứng minh rằng 1 > 0.",
        "Lời giải", "Hiển nhiên.",
    )  # fmt: skip
    first, second = [row.draft for row in reading.rows]
    assert first and (first.kind, first.answer) == ("text", ["Hà Nội"])
    assert second and second.kind == "essay" and second.explanation == "Hiển nhiên."


def test_solutions_go_to_the_explanation() -> None:
    row = one(
        "Câu 1. Hỏi", *FOUR, "Lời giải:", "Vì một cộng một là hai.", "Đáp án A loại vì quá nhỏ.", "Chọn B.",
    )  # fmt: skip
    assert row.draft and row.draft.answer == ["B"]
    assert row.draft.explanation == "Vì một cộng một là hai.\n\nĐáp án A loại vì quá nhỏ."


# ---------------------------------------------------------------- groups


def test_a_shared_passage_stays_with_its_questions_only() -> None:
    reading = read(
        "Câu 1. trước", "_A._ a", "B. b", "C. c",
        "Đọc đoạn trích sau và trả lời các câu hỏi từ câu 2 đến câu 3:", "Đoạn trích về biển.",
        "Câu 2. hai", "A. a", "_B._ b", "C. c", "Câu 3. ba", "A. a", "_B._ b", "C. c", "Câu 4. bốn", "_A._ a", "B. b", "C. c",
    )  # fmt: skip
    stems = [row.draft.stem for row in reading.rows if row.draft]
    assert [("Đoạn trích về biển." in s) for s in stems] == [False, True, True, False]
    assert stems[1].endswith("\n\nhai") and keys(reading) == [["A"], ["B"], ["B"], ["A"]]


def test_cloze_passages_give_the_stem_of_their_blanks() -> None:
    reading = read(
        "Read the following passage and mark the letter A, B, C or D from 1 to 2.", "She (1) ____ and (2) ____.",
        table(["Question 1.", "A. goes", "B. went"]), table(["Question 2.", "A. sees", "B. saw"]),
    )  # fmt: skip
    assert [row.draft.stem.splitlines()[-1] for row in reading.rows if row.draft] == ["(1)", "(2)"]
    assert [[c["text"] for c in row.draft.choices] for row in reading.rows if row.draft] == [
        ["goes", "went"],
        ["sees", "saw"],
    ]


def test_marks_of_other_programs() -> None:
    reading = read(
        run_line("[<sg>] Đoạn chung có {<1>}____ và {<2>}____ [<egc>]"),
        "(<1>)", "A. a", "_B._ b", "[<br>]", "(<2>) riêng", "_A._ a", "B. b", "[<br>]", "[</sg>]",
        "[<audio>]a.mp3[</audio>]", "Câu lẻ", "_A._ a", "B. b", "[<br>]", marks="_",
    )  # fmt: skip
    assert keys(reading) == [["B"], ["A"], ["A"]]
    stems = [row.draft.stem for row in reading.rows if row.draft]
    assert (
        stems[0] == "Đoạn chung có (1) ____ và (2) ____\n\n(1)" and stems[1].endswith("riêng") and stems[2] == "Câu lẻ"
    )
    assert "a.mp3" in said(reading.rows[2])
    reading = read(
        run_line("<Gr> Chương 1"),
        run_line("<g1#2>"),
        "Câu 1. x",
        "_A._ a",
        "B. b",
        run_line("</CH>"),
        "Câu 2. y",
        "_A._ a",
        "B. b",
    )
    assert keys(reading) == [["A"], ["A"]]
    assert [c["text"] for c in reading.rows[0].draft.choices] == ["a", "b"]  # type: ignore[union-attr]


def run_line(text: str) -> str:
    return f"<w:p>{run(text)}</w:p>"


def test_levels_outcomes_and_codes_of_banks() -> None:
    row = one("Câu 1. [2D1C2-3] Hỏi (CLO3)", "_A._ a", "B. b")
    assert row.draft and (row.draft.grade, row.draft.level) == (12, "VDC") and row.draft.stem == "Hỏi"
    assert row.draft.tags == ["CLO3", "2D1C2-3"]
    row = one("Câu 1 (VDC). Hỏi", "_A._ a", "B. b")
    assert row.draft and row.draft.level == "VDC" and row.draft.tags == ["VDC"]


# ---------------------------------------------------------------- what Word holds


def omath(inner: str) -> str:
    return f"<m:oMath>{inner}</m:oMath>"


def mrun(text: str, style: str = "") -> str:
    return f"<m:r>{style}<m:t>{escape(text)}</m:t></m:r>"


FRACTION = f"<m:f><m:num>{mrun('1')}</m:num><m:den>{mrun('x')}</m:den></m:f>"


def test_equations_become_latex_in_their_place() -> None:
    row = one(
        f"<w:p>{run('Câu 1. Tính ')}{omath(FRACTION)}{run(' khi x = 2.')}</w:p>",
        f"<w:p>{run('A. ', '')}{omath(mrun('2'))}{run(chr(9))}{run('B.', '_')}{omath(FRACTION)}</w:p>",
    )
    assert row.draft and row.draft.stem == "Tính $\\frac{1}{x}$ khi x = 2."
    assert [c["text"] for c in row.draft.choices] == ["$2$", "$\\frac{1}{x}$"] and row.draft.answer == ["B"]
    assert row.status == "read"


def test_accepted_changes_hidden_text_scripts_and_fields() -> None:
    row = one(
        f"<w:p>{run('Câu 1. Nước H')}{run('2', '^')}{run('O ')}<w:del>{run('không ')}</w:del><w:ins>{run('có ')}</w:ins>"
        f"<w:r><w:rPr><w:vanish/></w:rPr><w:t>B</w:t></w:r>"
        "<w:r><w:fldChar w:fldCharType='begin'/></w:r><w:r><w:instrText> PAGE </w:instrText></w:r>"
        f"<w:r><w:fldChar w:fldCharType='separate'/></w:r>{run('vị')}<w:r><w:fldChar w:fldCharType='end'/></w:r></w:p>",
        "_A._ a",
        "B. b",
    )
    assert row.draft and row.draft.stem == "Nước H$^{\\text{2}}$O có vị"
    assert "Chữ ẩn" in said(row)


def png(colour: int = 0) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (8, 6), (colour, 9, 9)).save(out, "PNG")
    return out.getvalue()


def drawing(address: str, words: str = "") -> str:
    return (
        f"<w:r><w:drawing><wp:inline><wp:docPr id='1' name='x' descr='{words}'/><a:graphic><a:graphicData>"
        f"<a:blip r:embed='{address}'/></a:graphicData></a:graphic></wp:inline></w:drawing></w:r>"
    )


IMAGE_REL = (
    '<Relationship Id="{id}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/image" '
    'Target="media/{name}"/>'
)


def test_pictures_stand_where_they_stood() -> None:
    reading = read(
        f"<w:p>{run('Câu 1. Xem ')}{drawing('p1', 'tam giác')}</w:p>",
        f"<w:p>{run('A. ')}{drawing('p2')}</w:p>", f"<w:p>{run('B.', '_')}{run(' không có')}</w:p>",
        parts={"word/media/a.png": png(1), "word/media/b.png": png(2), "word/media/c.png": png(3)},
        rels=IMAGE_REL.format(id="p1", name="a.png") + IMAGE_REL.format(id="p2", name="b.png"),
    )  # fmt: skip
    draft = reading.rows[0].draft
    assert draft and draft.stem == "Xem ![tam giác](picture:a.png)"
    assert [c["text"] for c in draft.choices] == ["![](picture:b.png)", "không có"] and draft.answer == ["B"]
    assert {k: p.data for k, p in reading.pictures.items()} == {"a.png": png(1), "b.png": png(2)}


def test_what_cannot_be_read_is_told_with_its_place() -> None:
    ole = (
        "<w:r><w:object><v:shape><v:imagedata r:id='w'/></v:shape><o:OLEObject ProgID='{}' r:id='o'/></w:object></w:r>"
    )
    row = one(
        "Câu 1. Mở đầu", f"<w:p>{run('Tính ')}{ole.format('Equation.DSMT4')}</w:p>", "_A._ a", "B. b",
        parts={"word/media/w.wmf": b"\xd7\xcd\xc6\x9a"}, rels=IMAGE_REL.format(id="w", name="w.wmf"),
    )  # fmt: skip
    assert row.status == "guessed" and "Đoạn 2: Công thức MathType" in said(row)
    assert row.draft and "công thức MathType" in row.draft.stem
    row = one(f"<w:p>{run('Câu 1. Xem ')}{drawing('w')}</w:p>", "_A._ a", "B. b",
              parts={"word/media/w.emf": b"\x01\0\0\0"}, rels=IMAGE_REL.format(id="w", name="w.emf"))  # fmt: skip
    assert "Hình dạng EMF" in said(row)
    row = one("Câu 1. Cho hình vẽ bên. Hỏi", "_A._ a", "B. b")
    assert "không có hình" in said(row)


def test_text_boxes_and_choices_of_drawings_come_once() -> None:
    box = (
        "<w:p><w:r><mc:AlternateContent><mc:Choice Requires='wps'><w:drawing><wp:anchor><w:txbxContent>{0}</w:txbxContent>"
        "</wp:anchor></w:drawing></mc:Choice><mc:Fallback><w:pict><v:textbox><w:txbxContent>{0}</w:txbxContent></v:textbox>"
        "</w:pict></mc:Fallback></mc:AlternateContent></w:r></w:p>"
    )
    row = one("Câu 1. Hỏi", box.format(para("Trong hộp chữ")), "_A._ a", "B. b")
    assert row.draft and row.draft.stem.count("Trong hộp chữ") == 1


def test_tables_of_data_stay_tables_in_the_stem() -> None:
    row = one(
        "Câu 1. Cho bảng số liệu",
        table(["Năm", "2010", "2020"], ["Dân số", "87", "97"]),
        "Nhận xét nào đúng?",
        *FOUR,
        "Đáp án: A",
    )
    assert row.draft and "| Năm | 2010 | 2020 |\n| --- | --- | --- |\n| Dân số | 87 | 97 |" in row.draft.stem
    assert row.draft.stem.endswith("Nhận xét nào đúng?") and row.draft.answer == ["A"]


def test_latex_without_dollars_and_broken_formulas() -> None:
    row = one("Câu 1. Cho \\frac{1}{2} và $\\{x$", "_A._ \\sqrt{2}", "B. $R\\{0}$", marks="_")
    assert row.draft and row.draft.stem.startswith("Cho $\\frac{1}{2}$ và")
    assert row.draft.choices[0]["text"] == "$\\sqrt{2}$" and "ngoặc không khớp" in said(row)


def test_a_table_with_a_question_in_each_row() -> None:
    head = ["ID", "Image_Question", "Question", "Choice", "Image_Answer", "Explanation"]
    rows = [
        ["x1", "", "Câu 1. Hỏi một\nA. a\nB. b\nC. c\nD. d", "B", "", "Đáp án D loại. Chọn B"],
        ["x2", "", "Câu 2: Hỏi hai\nA. a\nB. b.C. c\nD. d", "", "", "Chọn C"],
        ["x3", "", "Câu 3: Hỏi ba\nA. a\nB. b\nC. c\nD. d", "r", "", ""],
        *([f"y{n}", "", f"Câu {n}. Hỏi {n}\nA. a\nB. b\nC. c\nD. d", "A", "", ""] for n in (4, 5, 6)),
    ]
    for given in (rows, [head, *rows]):
        reading = read(table(*given))
        assert keys(reading) == [["B"], None, None, ["A"], ["A"], ["A"]]
        assert all(len(row.draft.choices) == 4 for row in reading.rows if row.draft)
        assert [row.status for row in reading.rows][:4] == ["read", "guessed", "guessed", "read"]


def test_nothing_of_a_page_without_questions() -> None:
    reading = read("Kính gửi thầy cô,", "Thông báo họp.")
    assert reading.rows == []


# ---------------------------------------------------------------- hostile packages


GOOD = paper("Câu 1. x", "_A._ a", "B. b")


def replaced(name: str, data: bytes | str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(GOOD)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for entry in source.infolist():
            target.writestr(entry.filename, data if entry.filename == name else source.read(entry.filename))
        if name not in source.namelist():
            target.writestr(name, data)
    return out.getvalue()


def huge(name: str, size: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", "<x/>")
        with archive.open(name, "w", force_zip64=True) as part:
            for _n in range(size):
                part.write(b" " * 1024 * 1024)
    return out.getvalue()


DOCUMENT = f"<w:document xmlns:w='{W}' xmlns:m='{M}'><w:body>{{}}</w:body></w:document>"
LAUGHS = "<!DOCTYPE x [<!ENTITY a 'aaaa'>" + "".join(
    f"<!ENTITY {chr(98 + n)} '{('&' + chr(97 + n) + ';') * 10}'>" for n in range(9)
) + "]>"  # fmt: skip
HOSTILE: dict[str, Callable[[], bytes]] = {
    "cut": lambda: GOOD[: len(GOOD) // 2],
    "no document": lambda: replaced("word/document.xml", "").replace(b"word/document.xml", b"word/documenx.xml"),
    "empty document": lambda: replaced("word/document.xml", ""),
    "not XML": lambda: replaced("word/document.xml", "hello"),
    "another root": lambda: replaced("word/document.xml", "<x/>"),
    "laughs": lambda: replaced("word/document.xml", LAUGHS + DOCUMENT.format("<w:p>&j;</w:p>")),
    "entity file": lambda: replaced(
        "word/document.xml",
        "<!DOCTYPE x [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>"
        + DOCUMENT.format("<w:p><w:r><w:t>&e;</w:t></w:r></w:p>"),
    ),
    "entity in styles": lambda: replaced(
        "word/styles.xml", "<!DOCTYPE x [<!ENTITY e SYSTEM 'http://127.0.0.1:9/'>]><w:styles xmlns:w='x'>&e;</w:styles>"
    ),
    "deep": lambda: replaced("word/document.xml", DOCUMENT.format("<w:sdt>" * 10_000 + "</w:sdt>" * 10_000)),
    "deep tables": lambda: replaced(
        "word/document.xml", DOCUMENT.format("<w:tbl><w:tr><w:tc>" * 4_000 + "</w:tc></w:tr></w:tbl>" * 4_000)
    ),
    "deep formula": lambda: replaced(
        "word/document.xml", DOCUMENT.format("<w:p><m:oMath>" + "<m:e>" * 5_000 + "</m:e>" * 5_000 + "</m:oMath></w:p>")
    ),
    "bomb": lambda: huge("word/media/a.xml", 260),
    "large part": lambda: huge("word/styles.xml", 40),
    "macros": lambda: replaced("word/vbaProject.bin", b"x"),
    "slip": lambda: replaced("../../etc/passwd", b"x"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_packages_are_refused_with_a_reason(name: str) -> None:
    data = HOSTILE[name]()
    began = time.monotonic()
    with pytest.raises(Unreadable) as refused:
        detect.read(data, "docx", "x.docx")
    assert refused.value.message.text % refused.value.message.values
    assert time.monotonic() - began < 5


def test_many_elements_and_long_texts_end_in_time() -> None:
    began = time.monotonic()
    texts = [
        "A. " * 20_000, "Câu 1. " + "A. B. C. D. " * 5_000, "\t" * 50_000, "a) " * 20_000, "$" * 20_000, "\\frac{" * 5_000,
        "(" * 20_000 + "Câu 1.", "Câu 1" + " " * 20_000, "[<br>]" * 3_000, "1. " * 10_000, "Đáp án: " + "A, " * 10_000,
    ]  # fmt: skip
    for text in texts:
        reading = docx.read(paper(text, "A. a", "B. b", marks=""))
        assert all(row.status in ("read", "guessed", "dropped") for row in reading.rows)
    assert time.monotonic() - began < 30


def test_two_thousand_questions_in_bounded_time() -> None:
    lines = [line for n in range(1, 2001) for line in (f"Câu {n}. Hỏi {n}", "A. a\t_B._ b\tC. c\tD. d")]
    began = time.monotonic()
    reading = docx.read(paper(*lines))
    assert len(reading.rows) == 2000 and keys(reading) == [["B"]] * 2000
    assert time.monotonic() - began < 20
