"""Markdown with LaTeX: what is drawn, what is kept out, what is left for the index."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from app.core.markup import LONGEST_FORMULA, formula, inline, plain, render


def test_markdown_becomes_html() -> None:
    made = str(render("Hàm số **đồng biến**\n\n- một\n- hai"))
    assert "<strong>đồng biến</strong>" in made
    assert made.count("<li>") == 2


def test_a_formula_is_drawn_with_mathml_inside() -> None:
    made = str(render(r"Xét $y=\dfrac{2x-1}{x+1}$."))
    assert 'class="katex"' in made
    assert "<mfrac>" in made
    assert "Xét " in made


@pytest.mark.parametrize("source", [r"$$x^2$$", r"\[x^2\]", "$$\nx\n= 2\n$$"])
def test_display_formulas(source: str) -> None:
    assert "katex-display" in str(render(source))


def test_round_brackets_and_vietnamese_text_in_a_formula() -> None:
    assert 'class="katex"' in str(render(r"\(x \text{ khi chẵn}\)"))


def test_prices_are_not_formulas() -> None:
    assert "katex" not in str(render("Giá 5$ một quyển, 6$ hai quyển"))
    assert "katex" not in str(render(r"Giá \$5 đến \$6"))


def test_code_keeps_its_dollars() -> None:
    assert "katex" not in str(render("Gõ `$x$` để viết công thức"))
    assert "katex" not in str(render("```\n$x$\n```"))


@pytest.mark.parametrize(
    "source",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,AAAA)",
        "![x](javascript:alert(1))",
        r"$\href{javascript:alert(1)}{x}$",
        r"$\htmlData{onclick=alert(1)}{x}$",
        r"$\text{<img src=x onerror=alert(1)>}$",
        '![a $" onerror=alert(1) x="$ b](https://a.vn/b.png)',
        '[a](https://a.vn "$<script>alert(1)</script>$")',
        "\ue0000\ue001 $<b onclick=alert(1)>$",
    ],
)
def test_nothing_active_gets_through(source: str) -> None:
    from lxml import html as parser

    made = str(render(source))
    assert "<script" not in made
    for element in parser.fromstring(f"<div>{made}</div>").iter():
        assert not any(str(name).startswith("on") for name in element.attrib), made
        for name in ("href", "src"):
            assert not element.attrib.get(name, "").lower().startswith(("javascript:", "data:")), made


def test_a_formula_that_cannot_be_read_stays_readable() -> None:
    made = str(formula(r"\frac{1"))
    assert made and "<script" not in made
    long = "<" + "x" * LONGEST_FORMULA
    assert str(formula(long)).startswith('<code class="kc-math-source">&lt;xxx')


def test_endless_macros_end() -> None:
    assert str(formula(r"\def\a{\a\a}\a"))


def test_many_threads_draw_at_once() -> None:
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(lambda n: str(formula(f"x_{{{n}}}+{n}")), range(60)))
    assert all("katex" in one for one in made)


def test_inline_has_no_paragraph() -> None:
    assert str(inline("**a**")) == "<strong>a</strong>"


def test_plain_is_for_the_index() -> None:
    assert plain(r"Cho **hàm số** $y=\frac{1}{x}$ & `mã`") == "Cho hàm số y= 1 x & mã"
    assert plain("") == ""
