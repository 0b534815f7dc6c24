"""LaTeX of ex_test: blocks as maths teachers write them, ID6 codes, hostile input."""

from __future__ import annotations

import time

import pytest

from app.questions.formats import detect, extest
from app.questions.formats.model import Draft, Row
from app.questions.formats.package import packed

PNG = b"\x89PNG\r\n\x1a\nrest"


def one(tex: str) -> Row:
    rows = detect.read(tex.encode(), "auto", "de.tex").rows
    assert len(rows) == 1
    return rows[0]


def draft_of(tex: str) -> Draft:
    draft = one(tex).draft
    assert draft is not None
    return draft


def said(row: Row) -> str:
    return " ".join(m.text % m.values for m in row.messages)


def test_a_choice() -> None:
    draft = draft_of(
        r"""\begin{ex}%[2D1N1-1]%[Nguồn: đề thi thử]
        Cho hàm số $y=\dfrac{1}{2}x$ có \textbf{đồ thị}~đẹp. Giá trị $50\%$ của $x$ là % chú thích
        \choice[2]
        {$\heva{&x=1\\&y=2}$}
        {\True $\vv{AB}$ và \underline{gạch}}
        {$3{,}5$ \% a\_b}
        {Không có.}
        \loigiai{Ta có \[x=1.\] Do đó:
        \begin{itemize}
          \item một
          \item hai
        \end{itemize}}
        \end{ex}"""
    )
    assert draft.kind == "single_choice" and draft.answer == ["B"]
    assert draft.stem == "Cho hàm số $y=\\dfrac{1}{2}x$ có **đồ thị** đẹp. Giá trị $50\\%$ của $x$ là"
    assert [c["text"] for c in draft.choices] == [
        "$\\left\\{\\begin{aligned}&x=1\\\\&y=2\\end{aligned}\\right.$",
        "$\\overrightarrow{AB}$ và $\\underline{\\text{gạch}}$",
        "$3{,}5$ % a\\_b",
        "Không có.",
    ]
    assert draft.explanation == "Ta có $$x=1.$$ Do đó:\n\n- một\n- hai"
    assert (draft.grade, draft.subject, draft.level) == (12, "TOAN", "BIET")
    assert draft.external_id == "2D1N1-1" and draft.tags == ["2D1N1-1"]


def test_a_group_beside_a_figure() -> None:
    row = one(
        r"""\begin{ex}%[1H5C1-5]%[1H5V1-4]
        \immini[thm]{Cho hình hộp.
        \choiceTF[t]
        {\True Ý một}{Ý hai}
        {\True Ý ba}{Ý bốn}}
        {\begin{tikzpicture}[scale=0.7]\draw (0,0)--(1,1);\end{tikzpicture}}
        \loigiai{\begin{itemchoice}\itemch Đúng. \itemch Sai.\end{itemchoice}}
        \end{ex}"""
    )
    draft = row.draft
    assert draft is not None and draft.kind == "true_false_group"
    assert draft.answer == {"a": True, "b": False, "c": True, "d": False}
    assert draft.stem.startswith("Cho hình hộp.\n\n```tikz\n\\begin{tikzpicture}")
    assert draft.explanation == "- Đúng.\n- Sai."
    assert (draft.grade, draft.level, draft.tags) == (11, "VANDUNG", ["1H5C1-5", "1H5V1-4"])
    assert "TikZ" in said(row) and "2 mã ID6" in said(row)


@pytest.mark.parametrize(
    ("written", "kind", "answer"),
    [
        ("$12$", "short_answer", "12"),
        ("'2,5'", "short_answer", "2,5"),
        ("$-0{,}5$", "short_answer", "-0,5"),
        ("0.75", "short_answer", "0,75"),
        ("$\\dfrac{1}{2}$", "text", ["$\\dfrac{1}{2}$"]),
        ("", "short_answer", None),
    ],
)
def test_short_answers(written: str, kind: str, answer: object) -> None:
    draft = draft_of(f"\\begin{{ex}} Tính. \\shortans[oly]{{{written}}}\\loigiai{{}}\\end{{ex}}")
    assert (draft.kind, draft.answer) == (kind, answer)


@pytest.mark.parametrize(
    ("code", "grade", "level", "kept"),
    [
        ("[2D1N1-1]", 12, "BIET", "2D1N1-1"),
        ("[0H3H2-10]", 10, "HIEU", "0H3H2-10"),
        ("[9D2VA-3]", 9, "VANDUNG", "9D2VA-3"),
        ("[1D7C1-2]", 11, "VANDUNG", "1D7C1-2"),
        ("[D12_C4_B1_27]-M1", 12, "BIET", "D12_C4_B1_27-M1"),
        ("[?]", None, None, ""),
    ],
)
def test_codes(code: str, grade: int | None, level: str | None, kept: str) -> None:
    draft = draft_of(f"\\begin{{ex}}%{code}\nHỏi \\choice{{\\True a}}{{b}}\\end{{ex}}")
    assert (draft.grade, draft.level, draft.external_id) == (grade, level, kept)


def test_two_keys_are_no_key_and_none_is_a_warning() -> None:
    row = one(r"\begin{ex}Hỏi \choice{\True a}{\True b}{c}{d}\end{ex}")
    assert row.status == "guessed" and row.draft is not None and row.draft.answer is None
    assert "2 phương án" in said(row)
    row = one(r"\begin{ex}Hỏi \choice{a}{b}{c}{d}\end{ex}")
    assert row.status == "guessed" and row.draft is not None and row.draft.answer is None
    row = one(r"\begin{ex}Xét \choiceTF{a}{b}{c}{d}\end{ex}")
    assert row.status == "guessed" and row.draft is not None and row.draft.answer is None


def test_tables_and_formulas_on_lines_of_their_own() -> None:
    draft = draft_of(
        r"""\begin{bt} Bảng
        \begin{center}\begin{tabular}{|c|c|}\hline A & B \\ \hline $1$ & \textbf{2} \\ \hline\end{tabular}\end{center}
        \begin{align*}a&=b\\c&=d\end{align*}
        \end{bt}"""
    )
    assert draft.kind == "essay"
    assert "| A | B |\n| --- | --- |\n| $1$ | **2** |" in draft.stem
    assert "$$\\begin{aligned}a&=b\\\\c&=d\\end{aligned}$$" in draft.stem


def test_a_broken_block_does_not_take_its_neighbours() -> None:
    tex = r"""\begin{ex} Một \choice{\True a}{b}\end{ex}
    %\begin{ex} tắt \end{ex}
    \begin{ex} Hỏng {\choice{a}{b}
    \end{ex}
    \begin{ex} Không đóng
    \begin{ex} Bốn \choice{a}{\True b}\end{ex}"""
    rows = detect.read(tex.encode(), "auto").rows
    assert [row.status for row in rows] == ["read", "dropped", "dropped", "read"]
    assert [row.place for row in rows] == ["1", "3", "5", "6"]
    assert all(row.messages for row in rows if row.status == "dropped")


def test_words_between_the_questions_are_told() -> None:
    tex = r"\begin{document}Đọc đoạn văn sau rồi trả lời các câu hỏi từ 1 đến 3.\begin{ex} A \end{ex}\end{document}"
    reading = detect.read(tex.encode(), "auto")
    assert "Đọc đoạn văn sau" in " ".join(m.text % m.values for m in reading.messages)


def test_pictures_of_an_archive() -> None:
    tex = rb"\begin{ex} Xem \includegraphics[width=3cm,alt={h}]{hinh/a} \includegraphics{b.pdf} \choice{\True a}{b}\end{ex}"
    reading = detect.read(packed({"de/de.tex": tex, "de/hinh/a.png": PNG}), "auto")
    row = reading.rows[0]
    assert row.draft is not None and row.draft.stem == "Xem ![h](picture:1)"
    assert reading.pictures["1"].data == PNG and "b.pdf" in said(row)


def test_a_group_of_four_wrong_statements_keeps_its_key() -> None:
    statements = [{"id": i, "text": i} for i in "abcd"]
    draft = Draft("true_false_group", "Xét", statements, dict.fromkeys("abcd", False))
    again = extest.read(extest.write([draft]).data).rows[0].draft
    assert again is not None and again.answer == draft.answer
    again = extest.read(extest.write([Draft("true_false_group", "Xét", statements)]).data).rows[0].draft
    assert again is not None and again.answer is None


BEGIN, END = "\\begin{ex}", "\\end{ex}"


@pytest.mark.parametrize(
    "text",
    [
        BEGIN + "{" * 50_000 + END,
        BEGIN + "\\textbf{" * 9_000 + "}" * 9_000 + END,
        BEGIN + "\\choice" + "{a}" * 20_000 + END,
        BEGIN * 9_000,
        BEGIN + "$" * 50_001 + END,
        BEGIN + "\\begin{center}" * 3_000 + "\\end{center}" * 3_000 + END,
        BEGIN + "$" + "\\heva{" * 9_000 + "}" * 9_000 + "$" + END,
        BEGIN + "\\begin{tabular}" * 5_000 + END,
        "%" * 90_000 + "\n" + BEGIN + END,
        "\\" * 90_001 + BEGIN + END,
        BEGIN + "\\\\" * 45_000 + END,
        BEGIN + "\\(" * 45_000 + END,
        BEGIN + "\\item " * 15_000 + END,
        (BEGIN + "x" + END) * 10_000,
        BEGIN + "[x]" * 30_000 + END,
        BEGIN + "\\input{/etc/passwd}\\write18{rm -rf /}\\includegraphics{/etc/passwd}" + END,
    ],
)
def test_hostile_latex_ends_quickly(text: str) -> None:
    began = time.monotonic()
    reading = extest.read(text.encode())
    assert all(row.status in ("read", "guessed", "dropped") for row in reading.rows)
    assert not reading.pictures
    assert time.monotonic() - began < 5
