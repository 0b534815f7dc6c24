"""Equations of MathType: a real file, built streams for each shape, and anything at all."""

from __future__ import annotations

import struct
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.markup import render
from app.questions.formats import docx, mtef

HEAD = bytes([5, 1, 0, 6, 9]) + b"DSMT6\0" + bytes([0])
END = b"\0"
VARIABLE, NUMBER, SYMBOL = 3, 8, 6


def char(sign: str, face: int = VARIABLE, *marks: int) -> bytes:
    shown = b"".join(bytes([6, 0, mark]) for mark in marks) + (END if marks else b"")
    return bytes([2, 1 if marks else 0, face + 128]) + struct.pack("<H", ord(sign)) + shown


def chars(text: str, face: int = VARIABLE) -> bytes:
    return b"".join(char(sign, face) for sign in text)


def line(*inside: bytes) -> bytes:
    return bytes([1, 0]) + b"".join(inside) + END


EMPTY = bytes([1, 1])


def made(selector: int, variation: int, *inside: bytes) -> bytes:
    how = bytes([variation]) if variation < 128 else bytes([variation & 127 | 128, variation >> 8])
    return bytes([3, 0, selector]) + how + bytes([0]) + b"".join(inside) + END


def pile(*lines: bytes) -> bytes:
    return bytes([4, 0, 1, 0]) + b"".join(lines) + END


def latex(*inside: bytes) -> str:
    found = mtef.to_latex(HEAD + bytes([10]) + line(*inside) + END)
    assert found.lost == ()
    return found.latex


X, Y, ONE, TWO = char("x"), char("y"), char("1", NUMBER), char("2", NUMBER)
SHAPES = {
    r"\frac{x}{2}": made(11, 0, line(X), line(TWO)),
    r"\sqrt{x}": made(10, 0, line(X), EMPTY),
    r"\sqrt[2]{x}": made(10, 1, line(X), line(TWO)),
    "x^{2}": X + made(28, 0, EMPTY, bytes([11]), line(TWO)),
    "x_{1}^{2}": X + made(29, 0, line(ONE), line(TWO)),
    "{}_{1}x": made(27, 1, line(ONE), EMPTY) + X,
    "(x)": made(1, 3, line(X), char("(", 22), char(")", 22)),
    r"\left(\frac{x}{2}\right)": made(1, 3, line(made(11, 0, line(X), line(TWO)))),
    "[1;2)": made(9, 0x12, line(chars("1;2", NUMBER))),
    r"\begin{cases}x=1\\ y=2\end{cases}": made(2, 1, line(pile(line(X, char("=", SYMBOL), ONE),
                                                            line(Y, char("=", SYMBOL), TWO)))),
    r"\left[\begin{aligned}&x\\ &y\end{aligned}\right.": made(3, 1, line(pile(line(X), line(Y)))),
    r"\begin{pmatrix}x & y\\ 1 & 2\end{pmatrix}": made(1, 3, line(bytes([5, 0, 0, 0, 0, 2, 2, 0, 0])
                                                           + line(X) + line(Y) + line(ONE) + line(TWO) + END)),
    r"\int_{1}^{2}xdx": made(15, 0x31, line(chars("xdx")), line(ONE), line(TWO), char("∫", 22)),
    r"\sum\limits_{1}^{2}x": made(16, 0x70, line(X), line(ONE), line(TWO), char("∑", 22)),
    r"\lim_{x\to1}y": made(23, 0x10, line(chars("lim", 2)), line(X, char("→", SYMBOL), ONE), EMPTY) + Y,
    r"\overrightarrow{AB}": made(31, 2, line(chars("AB"))),
    r"\overline{x}": made(13, 0, line(X)),
    r"\widehat{ABC}": made(33, 0, line(chars("ABC"))),
    r"\sin x": chars("sin", 2) + X,
    "0{,}25": chars("0,25", NUMBER),
    r"y'": char("y", VARIABLE, 5),
    r"\vec{x}": char("x", VARIABLE, 11),
    r"x\notin y": X + char("∈", SYMBOL, 10) + Y,
    r"x\text{ nếu }y": X + chars(" nếu ", 1) + Y,
    r"\mathbf{x}": char("x", 7),
    r"\xrightarrow[y]{x}": made(14, 0x2C, line(X), line(Y)),
    r"\overbrace{x}^{y}": made(24, 1, line(X), line(Y)),
}  # fmt: skip


@pytest.mark.parametrize("wanted", SHAPES)
def test_shapes(wanted: str) -> None:
    said = latex(SHAPES[wanted])
    assert said == wanted
    assert "katex" in render(f"${said}$") and "katex-error" not in render(f"${said}$")


def test_definitions_and_preferences_are_passed_over() -> None:
    preferences = bytes([18, 0, 2, 0x12, 0xF1, 0x5F, 1, 0x2F, 2, 0, 1, 0])
    fonts = bytes([19]) + b"WinAll\0" + bytes([17, 1]) + b"Times\0" + bytes([8, 1, 0, 9, 101, 240, 0, 15, 0])
    future = bytes([100, 3, 1, 2, 3])
    moved = bytes([2, 8, 128, 128, 1, 0, 2, 0, VARIABLE + 128]) + struct.pack("<H", ord("z"))
    assert mtef.to_latex(HEAD + fonts + preferences + future + line(X, moved) + END).latex == "xz"


def test_what_is_left_out_is_named() -> None:
    found = mtef.to_latex(HEAD + line(made(26, 0, line(X), line(Y)), char("\ue123")) + END)
    assert found.latex == "x" and len(found.lost) == 2


@pytest.mark.parametrize(
    "data", [b"", b"\x03\x01", HEAD + line(X)[:-3], HEAD + bytes([77]), HEAD + made(11, 0) * 1 + bytes([1, 0]) * 5000]
)
def test_what_does_not_hold_together(data: bytes) -> None:
    with pytest.raises(mtef.Unread):
        mtef.to_latex(data)
    with pytest.raises(mtef.Unread):
        mtef.of_object(data)


@given(st.binary(max_size=300))
def test_anything_at_all(data: bytes) -> None:
    for stream in (data, HEAD + data):
        with suppress(mtef.Unread):
            mtef.to_latex(stream)


def test_a_real_paper(corpora: Path) -> None:
    path = corpora / "questions/bank_question_cloud/template/DeThiMau/DeThiMau/ToanA3_2.docx"
    with zipfile.ZipFile(path) as packed:
        names = [name for name in packed.namelist() if "oleObject" in name]
        found = [mtef.of_object(packed.read(name)) for name in names]
    assert len(found) == 12 and not any(one.lost for one in found)
    assert r"I=\iint\limits_{D}\sqrt{x^{2}+y^{2}}dxdy," in {one.latex for one in found}
    drafts = [row.draft for row in docx.read(path.read_bytes()).rows]
    assert [len(draft.choices) for draft in drafts if draft] == [4, 4]
    assert drafts[0] and r"$\iint" not in drafts[0].stem and r"\iint\limits_{D}" in drafts[0].stem
    assert drafts[0].choices[0]["text"] == r"$I=\frac{8\pi}{3}.$"
