"""Toán: questions whose numbers and keys are computed together, so that a key cannot be wrong by a slip."""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

from app.demo.questions.model import DemoQuestion, at, frac, group, linear, short, signed, single, tex, vn


def questions() -> Iterator[DemoQuestion]:
    for part in (_functions, _integrals, _space, _chance, _grade_11, _grade_10, _grade_9, _lower, _primary):
        yield from part()


def _functions() -> Iterator[DemoQuestion]:
    for a, b in ((1, 2), (2, -1), (3, 5)):
        top, bottom = b + 2 * a**3, b - 2 * a**3
        cubic = f"x^3 - {3 * a * a}x{signed(b)}"
        yield single(
            at("TOAN", 12, 1, "HIEU"),
            f"Giá trị cực đại của hàm số $y = {cubic}$ bằng",
            [f"${top}$", f"${bottom}$", f"${-a}$", f"${a}$" if a not in (top, bottom) else f"${2 * a}$"],
            f"$y' = 3x^2 - {3 * a * a} = 0 \\Leftrightarrow x = \\pm {a}$. Đạo hàm đổi dấu từ dương sang âm khi qua "
            f"$x = -{a}$ nên hàm số đạt cực đại tại đó và $y_{{\\text{{CĐ}}}} = y(-{a}) = {top}$.",
            ("cực trị",),
        )
    for a, b in ((1, 3), (2, 1)):
        cubic = f"x^3 - {3 * a * a}x{signed(b)}"
        yield group(
            at("TOAN", 12, 1, "HIEU"),
            f"Cho hàm số $y = f(x) = {cubic}$.",
            [
                (f"Đạo hàm của hàm số là $f'(x) = 3x^2 - {3 * a * a}$.", True),
                (f"Hàm số đồng biến trên khoảng $(-{a}; {a})$.", False),
                (f"Hàm số đạt cực tiểu tại $x = {a}$.", True),
                (f"Giá trị lớn nhất của hàm số trên đoạn $[-{a}; {a}]$ bằng ${b + 2 * a**3}$.", True),
            ],
            f"Trên $(-{a}; {a})$ có $f'(x) < 0$ nên hàm số nghịch biến: ý b sai. Vì nghịch biến trên $[-{a}; {a}]$, "
            f"giá trị lớn nhất là $f(-{a}) = {b + 2 * a**3}$ và cực tiểu đạt tại $x = {a}$.",
            ("khảo sát hàm số",),
        )
    for a, b, c, d in ((2, 1, 1, -3), (3, -2, 1, 1), (4, 5, 2, -6)):
        yield single(
            at("TOAN", 12, 1, "BIET"),
            f"Tiệm cận ngang của đồ thị hàm số $y = \\dfrac{{{linear(a, b)}}}{{{linear(c, d)}}}$ là đường thẳng",
            [
                f"$y = {frac(Fraction(a, c))}$",
                f"$x = {frac(Fraction(a, c))}$",
                f"$y = {frac(Fraction(-d, c))}$",
                f"$x = {frac(Fraction(-d, c))}$",
            ],
            f"$\\displaystyle\\lim_{{x \\to \\pm\\infty}} y = \\frac{{{a}}}{{{c}}}$ nên tiệm cận ngang là "
            f"$y = {frac(Fraction(a, c))}$. Đường thẳng $x = {frac(Fraction(-d, c))}$ là tiệm cận đứng.",
            ("tiệm cận",),
        )
    for c, end in ((5, 4), (2, 5)):
        value = max(t**3 - 3 * t**2 + c for t in (0, 2, end))
        yield short(
            at("TOAN", 12, 1, "HIEU"),
            f"Tìm giá trị lớn nhất của hàm số $y = x^3 - 3x^2 + {c}$ trên đoạn $[0; {end}]$.",
            value,
            f"$y' = 3x^2 - 6x = 0 \\Leftrightarrow x = 0$ hoặc $x = 2$. So sánh $y(0) = {c}$, $y(2) = {c - 4}$, "
            f"$y({end}) = {end**3 - 3 * end**2 + c}$, giá trị lớn nhất bằng ${value}$.",
            ("giá trị lớn nhất",),
        )
    for side in (12, 18, 24):
        volume = Fraction(2 * side**3, 27)
        yield short(
            at("TOAN", 12, 1, "VANDUNG"),
            f"Từ một tấm bìa hình vuông cạnh ${side}$ cm, bạn An cắt bỏ ở bốn góc bốn hình vuông bằng nhau rồi gập "
            "lên thành một chiếc hộp không nắp. Thể tích lớn nhất của chiếc hộp là bao nhiêu xăng-ti-mét khối?",
            volume,
            f"Gọi $x$ (cm) là cạnh hình vuông bị cắt, $0 < x < {side // 2}$. Khi đó $V(x) = x({side} - 2x)^2$ và "
            f"$V'(x) = ({side} - 2x)({side} - 6x)$. $V$ lớn nhất tại $x = {side // 6}$, bằng ${volume}$ "
            "$\\mathrm{cm^3}$.",
            ("tối ưu", "thực tế"),
        )


def _integrals() -> Iterator[DemoQuestion]:
    for a, b in ((2, 3), (3, -1), (5, 4)):
        half = frac(Fraction(a, 2))
        head = "x^2" if a == 2 else f"{half}x^2"
        yield single(
            at("TOAN", 12, 2, "BIET"),
            f"Họ tất cả các nguyên hàm của hàm số $f(x) = {linear(a, b)}$ là",
            [
                f"${head}{_term(b, 'x')} + C$",
                f"${a}x^2{_term(b, 'x')} + C$",
                f"${a} + C$",
                f"${head} + C$",
            ],
            f"$\\displaystyle\\int ({linear(a, b)})\\,dx = {head}{_term(b, 'x')} + C$.",
            ("nguyên hàm",),
        )
    for n, b in ((3, 4), (5, -2), (4, 1)):
        value = n * n + b * n
        yield short(
            at("TOAN", 12, 2, "HIEU"),
            f"Tính tích phân $\\displaystyle\\int_0^{{{n}}} ({linear(2, b)})\\,dx$.",
            value,
            f"$\\displaystyle\\int_0^{{{n}}} ({linear(2, b)})\\,dx = \\left.(x^2{_term(b, 'x')})\\right|_0^{{{n}}} "
            f"= {value}$.",
            ("tích phân",),
        )
    for k in (3, 6):
        area = Fraction(k**3, 6)
        yield short(
            at("TOAN", 12, 2, "HIEU"),
            f"Tính diện tích hình phẳng giới hạn bởi parabol $y = x^2$ và đường thẳng $y = {k}x$.",
            area,
            f"Hai đồ thị cắt nhau tại $x = 0$ và $x = {k}$. $S = \\displaystyle\\int_0^{{{k}}} ({k}x - x^2)\\,dx "
            f"= \\frac{{{k}^3}}{{6}} = {tex(area)}$.",
            ("diện tích hình phẳng",),
        )
    for v0, slow in ((20, 5), (15, 3)):
        stop = Fraction(v0, slow)
        way = Fraction(v0 * v0, 2 * slow)
        yield group(
            at("TOAN", 12, 2, "VANDUNG"),
            f"Một ô tô đang chạy với vận tốc ${v0}$ m/s thì người lái đạp phanh; từ đó ô tô chuyển động chậm dần đều "
            f"với vận tốc $v(t) = {v0} - {slow}t$ (m/s), $t$ là thời gian tính bằng giây kể từ lúc đạp phanh.",
            [
                (f"Lúc bắt đầu đạp phanh, vận tốc của ô tô là ${v0}$ m/s.", True),
                (f"Ô tô dừng hẳn sau ${tex(stop)}$ giây kể từ lúc đạp phanh.", True),
                (
                    f"Quãng đường ô tô đi được từ lúc đạp phanh đến khi dừng là "
                    f"$\\displaystyle\\int_0^{{{tex(stop)}}} ({v0} + {slow}t)\\,dt$.",
                    False,
                ),
                (f"Từ lúc đạp phanh đến khi dừng, ô tô đi được ${tex(way)}$ mét.", True),
            ],
            f"$v(t) = 0 \\Leftrightarrow t = {tex(stop)}$. Quãng đường là $\\displaystyle\\int_0^{{{tex(stop)}}} "
            f"({v0} - {slow}t)\\,dt = {tex(way)}$ m; ý c viết sai dấu trước ${slow}t$.",
            ("ứng dụng tích phân", "thực tế"),
        )


def _space() -> Iterator[DemoQuestion]:
    for (a, b, c), d, (x, y, z) in (
        ((1, 2, 2), -3, (4, 1, 0)),
        ((2, -1, 2), 6, (1, 2, 3)),
        ((2, 2, 1), 5, (2, 1, 4)),
    ):
        value = Fraction(abs(a * x + b * y + c * z + d), 3)
        plane = f"{linear(a, 0)}{_term(b, 'y')}{_term(c, 'z')}{signed(d)} = 0"
        yield single(
            at("TOAN", 12, 4, "HIEU"),
            f"Trong không gian $Oxyz$, khoảng cách từ điểm $M({x}; {y}; {z})$ đến mặt phẳng $(P)\\colon {plane}$ bằng",
            [f"${frac(value)}$", f"${frac(value * 3)}$", f"${frac(value + 1)}$", f"${frac(value / 3)}$"],
            f"$d(M, (P)) = \\dfrac{{|{a * x + b * y + c * z + d}|}}{{\\sqrt{{{a}^2 + {_bracket(b)}^2 + {c}^2}}}} = "
            f"{frac(value)}$.",
            ("khoảng cách",),
        )
    for (a, b, c), r in (((1, -2, 3), 5), ((-4, 0, 2), 3), ((2, 5, -1), 4)):
        sphere = f"{_square('x', a)} + {_square('y', b)} + {_square('z', c)} = {r * r}"
        yield single(
            at("TOAN", 12, 4, "BIET"),
            f"Trong không gian $Oxyz$, mặt cầu $(S)\\colon {sphere}$ có tâm $I$ và bán kính $R$ là",
            [
                f"$I({a}; {b}; {c})$, $R = {r}$",
                f"$I({-a}; {-b}; {-c})$, $R = {r}$",
                f"$I({a}; {b}; {c})$, $R = {r * r}$",
                f"$I({-a}; {-b}; {-c})$, $R = {r * r}$",
            ],
            f"Mặt cầu $(x - a)^2 + (y - b)^2 + (z - c)^2 = R^2$ có tâm $I(a; b; c)$, bán kính $R$; ở đây "
            f"$I({a}; {b}; {c})$ và $R = {r}$.",
            ("mặt cầu",),
        )
    for u, v in (((1, 2, -2), (3, 0, 4)), ((2, -1, 2), (4, 4, -2))):
        dot = sum(i * j for i, j in zip(u, v, strict=True))
        length = math.isqrt(sum(i * i for i in u))
        yield group(
            at("TOAN", 12, 3, "HIEU"),
            f"Trong không gian $Oxyz$, cho hai vectơ $\\vec u = {u}$ và $\\vec v = {v}$.".replace(", ", "; ").replace(
                "$Oxyz$; ", "$Oxyz$, "
            ),
            [
                (f"$|\\vec u| = {length}$.", True),
                (f"$\\vec u \\cdot \\vec v = {dot}$.", True),
                (
                    f"$\\vec u + \\vec v = ({'; '.join(str(i + j) for i, j in zip(u, v, strict=True))})$.",
                    True,
                ),
                ("Hai vectơ $\\vec u$ và $\\vec v$ vuông góc với nhau.", dot == 0),
            ],
            f"$\\vec u \\cdot \\vec v = {dot}$ nên hai vectơ {'vuông góc' if dot == 0 else 'không vuông góc'}. "
            f"$|\\vec u| = \\sqrt{{{' + '.join(_bracket(i) + '^2' for i in u)}}} = {length}$.",
            ("vectơ",),
        )
    for (a, b, c), (p, q, r) in (((1, 2, 3), (4, 6, 3)), ((0, -1, 2), (2, 1, 3)), ((5, 1, 1), (1, 1, 4))):
        square = (a - p) ** 2 + (b - q) ** 2 + (c - r) ** 2
        yield short(
            at("TOAN", 12, 3, "BIET"),
            f"Trong không gian $Oxyz$, cho hai điểm $A({a}; {b}; {c})$ và $B({p}; {q}; {r})$. Tính độ dài đoạn thẳng "
            "$AB$.",
            math.isqrt(square),
            f"$AB = \\sqrt{{{(p - a) ** 2} + {(q - b) ** 2} + {(r - c) ** 2}}} = \\sqrt{{{square}}} = {math.isqrt(square)}$.",
            ("độ dài",),
        )


def _term(value: int, name: str) -> str:
    size = "" if abs(value) == 1 else str(abs(value))
    return f" {'+' if value > 0 else '-'} {size}{name}"


def _bracket(value: int) -> str:
    return str(value) if value >= 0 else f"({value})"


def _square(name: str, value: int) -> str:
    return f"{name}^2" if value == 0 else f"({name} {'-' if value > 0 else '+'} {abs(value)})^2"


def _chance() -> Iterator[DemoQuestion]:
    for share, first, second in ((60, 2, 5), (70, 4, 6), (40, 1, 3)):
        bad = Fraction(share * first + (100 - share) * second, 10_000)
        back = Fraction(share * first, 10_000) / bad
        yield group(
            at("TOAN", 12, 6, "VANDUNG"),
            f"Một nhà máy có hai dây chuyền. Dây chuyền I làm ra ${share}\\%$ số sản phẩm với tỉ lệ phế phẩm "
            f"${first}\\%$; dây chuyền II làm ra phần còn lại với tỉ lệ phế phẩm ${second}\\%$. Lấy ngẫu nhiên một "
            "sản phẩm của nhà máy.",
            [
                (f"Xác suất sản phẩm do dây chuyền II làm ra là ${tex(1 - share / 100)}$.", True),
                (f"Xác suất sản phẩm là phế phẩm của dây chuyền I là ${tex(Fraction(first, 100))}$.", False),
                (f"Xác suất lấy được phế phẩm là ${tex(bad)}$.", True),
                (
                    "Biết sản phẩm lấy ra là phế phẩm, xác suất nó do dây chuyền I làm ra lớn hơn $0{,}5$.",
                    back > Fraction(1, 2),
                ),
            ],
            f"Xác suất toàn phần: $P = {tex(share / 100)} \\cdot {tex(first / 100)} + {tex(1 - share / 100)} \\cdot "
            f"{tex(second / 100)} = {tex(bad)}$. Ý b nhầm xác suất có điều kiện với xác suất của giao: xác suất của "
            f"giao là ${tex(Fraction(share * first, 10_000))}$. Theo công thức Bayes, xác suất ở ý d xấp xỉ "
            f"${tex(back, 2)}$.",
            ("xác suất có điều kiện", "Bayes"),
        )
    for ill, found, false in ((1, 95, 5), (2, 90, 4), (4, 98, 3)):
        value = Fraction(ill * found, ill * found + (100 - ill) * false)
        yield short(
            at("TOAN", 12, 6, "VANDUNG"),
            f"Tỉ lệ người mắc một bệnh trong cộng đồng là ${ill}\\%$. Một xét nghiệm cho kết quả dương tính với "
            f"${found}\\%$ người mắc bệnh và với ${false}\\%$ người không mắc bệnh. Một người có kết quả dương tính. "
            "Tính xác suất người đó mắc bệnh (làm tròn kết quả đến hàng phần trăm).",
            vn(value, 2),
            f"Theo công thức Bayes: $P = \\dfrac{{{tex(ill / 100)} \\cdot {tex(found / 100)}}}{{{tex(ill / 100)} \\cdot "
            f"{tex(found / 100)} + {tex(1 - ill / 100)} \\cdot {tex(false / 100)}}} \\approx {tex(value, 2)}$.",
            ("Bayes", "thực tế"),
        )
    for low, high, step in ((150, 175, 5), (40, 70, 6)):
        yield single(
            at("TOAN", 12, 5, "BIET"),
            f"Một mẫu số liệu ghép nhóm có nhóm đầu tiên là $[{low}; {low + step})$, nhóm cuối cùng là "
            f"$[{high - step}; {high})$; cả hai nhóm đều có tần số khác $0$. Khoảng biến thiên của mẫu số liệu ghép "
            "nhóm đó bằng",
            [f"${high - low}$", f"${step}$", f"${high - low - step}$", f"${(low + high) // 2}$"],
            f"Khoảng biến thiên $R = {high} - {low} = {high - low}$.",
            ("khoảng biến thiên",),
        )


def _grade_11() -> Iterator[DemoQuestion]:
    for u1, d, n in ((3, 4, 10), (-2, 5, 12), (7, -3, 8)):
        value = u1 + (n - 1) * d
        yield single(
            at("TOAN", 11, 2, "BIET"),
            f"Cho cấp số cộng $(u_n)$ có $u_1 = {u1}$ và công sai $d = {d}$. Số hạng $u_{{{n}}}$ bằng",
            [f"${value}$", f"${u1 + n * d}$", f"${value - 2 * d}$", f"${u1 * d}$"],
            f"$u_{{{n}}} = u_1 + {n - 1}d = {u1} + {n - 1} \\cdot {_paren(d)} = {value}$.",
            ("cấp số cộng",),
        )
    for u1, q, n in ((2, 3, 5), (5, 2, 6)):
        yield short(
            at("TOAN", 11, 2, "HIEU"),
            f"Cho cấp số nhân $(u_n)$ có $u_1 = {u1}$ và công bội $q = {q}$. Tính $u_{{{n}}}$.",
            u1 * q ** (n - 1),
            f"$u_{{{n}}} = u_1 q^{{{n - 1}}} = {u1} \\cdot {q}^{{{n - 1}}} = {u1 * q ** (n - 1)}$.",
            ("cấp số nhân",),
        )
    for base, power in ((2, 5), (3, 4), (5, 3)):
        yield single(
            at("TOAN", 11, 4, "BIET"),
            f"Nghiệm của phương trình $\\log_{{{base}}} x = {power}$ là",
            [f"$x = {base**power}$", f"$x = {base * power}$", f"$x = {power**base}$", f"$x = {base + power}$"],
            f"$\\log_{{{base}}} x = {power} \\Leftrightarrow x = {base}^{power} = {base**power}$.",
            ("lôgarit",),
        )
    for a, n in ((3, 2), (2, 4)):
        yield single(
            at("TOAN", 11, 5, "BIET"),
            f"Đạo hàm của hàm số $y = {a}x^{n} - 5x + 1$ là",
            [
                f"$y' = {a * n}{'x' if n == 2 else f'x^{n - 1}'} - 5$",
                f"$y' = {a}{'x' if n == 2 else f'x^{n - 1}'} - 5$",
                f"$y' = {a * n}x^{n} - 5$",
                f"$y' = {a * n}{'x' if n == 2 else f'x^{n - 1}'} - 4$",
            ],
            f"$({a}x^{n})' = {a * n}{'x' if n == 2 else f'x^{n - 1}'}$, $(-5x)' = -5$, $(1)' = 0$.",
            ("đạo hàm",),
        )
    yield single(
        at("TOAN", 11, 1, "BIET"),
        "Chu kì tuần hoàn của hàm số $y = \\sin x$ là",
        ["$2\\pi$", "$\\pi$", "$\\dfrac{\\pi}{2}$", "$4\\pi$"],
        "$\\sin(x + 2\\pi) = \\sin x$ với mọi $x$ và $2\\pi$ là số dương nhỏ nhất có tính chất đó.",
        ("lượng giác",),
    )
    yield group(
        at("TOAN", 11, 3, "HIEU"),
        "Cho hàm số $f(x) = \\dfrac{x^2 - 4}{x - 2}$ với $x \\ne 2$ và $f(2) = 3$.",
        [
            ("$\\displaystyle\\lim_{x \\to 2} f(x) = 4$.", True),
            ("Hàm số liên tục tại $x = 2$.", False),
            ("Với mọi $x \\ne 2$ ta có $f(x) = x + 2$.", True),
            ("Hàm số liên tục trên khoảng $(2; +\\infty)$.", True),
        ],
        "Với $x \\ne 2$: $f(x) = x + 2$, nên giới hạn tại $2$ bằng $4 \\ne f(2) = 3$; hàm số gián đoạn tại $x = 2$ và "
        "liên tục trên mỗi khoảng không chứa $2$.",
        ("giới hạn", "liên tục"),
    )
    for money, rate, years in ((100, 6, 2), (50, 8, 2)):
        grown = money * (1 + rate / 100) ** years
        yield short(
            at("TOAN", 11, 4, "VANDUNG"),
            f"Bác Hoà gửi ${money}$ triệu đồng vào ngân hàng với lãi suất ${rate}\\%$/năm theo thể thức lãi kép, kì hạn "
            f"một năm. Sau ${years}$ năm bác nhận được cả gốc lẫn lãi bao nhiêu triệu đồng (làm tròn đến hàng đơn vị)?",
            vn(grown, 0),
            f"$T = {money}(1 + {rate}\\%)^{years} = {tex(grown, 2)}$ (triệu đồng).",
            ("lãi kép", "thực tế"),
        )


def _paren(value: int) -> str:
    return str(value) if value >= 0 else f"({value})"


def _grade_10() -> Iterator[DemoQuestion]:
    for b, c in ((4, 1), (6, 2), (2, 5)):
        x, y = b // 2, c - (b // 2) ** 2
        yield single(
            at("TOAN", 10, 3, "BIET"),
            f"Đỉnh của parabol $y = x^2 - {b}x + {c}$ là điểm",
            [f"$I({x}; {y})$", f"$I({-x}; {y})$", f"$I({b}; {c})$", f"$I({x}; {c})$"],
            f"Hoành độ đỉnh $x_I = -\\dfrac{{b}}{{2a}} = {x}$, tung độ $y_I = {x}^2 - {b} \\cdot {x} + {c} = {y}$.",
            ("parabol",),
        )
    for n, k in ((8, 3), (10, 2), (9, 4)):
        yield short(
            at("TOAN", 10, 5, "HIEU"),
            f"Một tổ có ${n}$ học sinh. Có bao nhiêu cách chọn ra ${k}$ bạn đi trực nhật?",
            math.comb(n, k),
            f"Mỗi cách chọn là một tổ hợp chập ${k}$ của ${n}$ phần tử: $C_{{{n}}}^{{{k}}} = {math.comb(n, k)}$.",
            ("tổ hợp",),
        )
    for a, b, r in ((2, -3, 4), (-1, 5, 3)):
        yield single(
            at("TOAN", 10, 8, "BIET"),
            f"Trong mặt phẳng $Oxy$, đường tròn tâm $I({a}; {b})$, bán kính ${r}$ có phương trình là",
            [
                f"${_square('x', a)} + {_square('y', b)} = {r * r}$",
                f"${_square('x', -a)} + {_square('y', -b)} = {r * r}$",
                f"${_square('x', a)} + {_square('y', b)} = {r}$",
                f"${_square('x', -a)} + {_square('y', -b)} = {r}$",
            ],
            f"Phương trình đường tròn tâm $I(a; b)$, bán kính $R$ là $(x - a)^2 + (y - b)^2 = R^2$ với $R^2 = {r * r}$.",
            ("đường tròn",),
        )
    yield group(
        at("TOAN", 10, 11, "HIEU"),
        "Gieo đồng thời hai con xúc xắc cân đối và đồng chất.",
        [
            ("Không gian mẫu có $36$ phần tử.", True),
            ("Xác suất tổng số chấm bằng $7$ là $\\dfrac{1}{6}$.", True),
            ("Xác suất hai con xúc xắc ra cùng số chấm là $\\dfrac{1}{36}$.", False),
            ("Xác suất tổng số chấm lớn hơn $10$ là $\\dfrac{1}{12}$.", True),
        ],
        "Có $6$ cặp cho tổng bằng $7$; có $6$ cặp cùng số chấm nên xác suất là $\\dfrac{6}{36} = \\dfrac{1}{6}$ (ý c "
        "sai); tổng lớn hơn $10$ gồm $(5; 6)$, $(6; 5)$, $(6; 6)$: $\\dfrac{3}{36} = \\dfrac{1}{12}$.",
        ("xác suất",),
    )
    yield single(
        at("TOAN", 10, 1, "BIET"),
        "Mệnh đề phủ định của mệnh đề “$\\forall x \\in \\mathbb{R},\\ x^2 \\ge 0$” là",
        [
            "$\\exists x \\in \\mathbb{R},\\ x^2 < 0$",
            "$\\forall x \\in \\mathbb{R},\\ x^2 < 0$",
            "$\\exists x \\in \\mathbb{R},\\ x^2 \\ge 0$",
            "$\\forall x \\in \\mathbb{R},\\ x^2 \\le 0$",
        ],
        "Phủ định của “với mọi $x$, $P(x)$” là “tồn tại $x$, không $P(x)$”.",
        ("mệnh đề",),
    )


def _grade_9() -> Iterator[DemoQuestion]:
    for x1, x2 in ((2, 5), (3, 4), (-1, 6)):
        s, p = x1 + x2, x1 * x2
        yield single(
            at("TOAN", 9, 5, "HIEU"),
            f"Gọi $x_1, x_2$ là hai nghiệm của phương trình $x^2 - {s}x{signed(p)} = 0$. Giá trị của $x_1^2 + x_2^2$ là",
            [f"${s * s - 2 * p}$", f"${s * s}$", f"${s * s + 2 * p}$", f"${s * s - p}$"],
            f"Theo định lí Viète: $x_1 + x_2 = {s}$, $x_1x_2 = {p}$ nên $x_1^2 + x_2^2 = {s}^2 - 2 \\cdot {_paren(p)} = "
            f"{s * s - 2 * p}$.",
            ("Viète",),
        )
    for r, h in ((3, 4), (5, 12)):
        slant = math.isqrt(r * r + h * h)
        yield single(
            at("TOAN", 9, 10, "HIEU"),
            f"Một hình nón có bán kính đáy ${r}$ cm và chiều cao ${h}$ cm. Diện tích xung quanh của hình nón bằng",
            [
                f"${r * slant}\\pi\\ \\mathrm{{cm^2}}$",
                f"${r * h}\\pi\\ \\mathrm{{cm^2}}$",
                f"${2 * r * slant}\\pi\\ \\mathrm{{cm^2}}$",
                f"${r * slant + r * r}\\pi\\ \\mathrm{{cm^2}}$",
            ],
            f"Đường sinh $l = \\sqrt{{{r}^2 + {h}^2}} = {slant}$ cm; $S_{{xq}} = \\pi r l = {r * slant}\\pi$ "
            "$\\mathrm{cm^2}$.",
            ("hình nón",),
        )
    for x, y in ((3, 2), (5, -1)):
        yield short(
            at("TOAN", 9, 1, "HIEU"),
            f"Hệ phương trình $\\begin{{cases}} x + y = {x + y} \\\\ 2x - y = {2 * x - y} \\end{{cases}}$ có nghiệm "
            "$(x; y)$. Tính $x - y$.",
            x - y,
            f"Cộng hai phương trình: $3x = {3 * x}$ nên $x = {x}$, $y = {y}$. Vậy $x - y = {x - y}$.",
            ("hệ phương trình",),
        )
    yield group(
        at("TOAN", 9, 6, "HIEU"),
        "Cho tam giác $ABC$ vuông tại $A$ có $AB = 6$ cm, $AC = 8$ cm.",
        [
            ("$BC = 10$ cm.", True),
            ("$\\sin B = 0{,}6$.", False),
            ("$\\tan C = 0{,}75$.", True),
            ("$\\widehat{B} > \\widehat{C}$.", True),
        ],
        "$BC = \\sqrt{6^2 + 8^2} = 10$ cm; $\\sin B = \\dfrac{AC}{BC} = 0{,}8$; $\\tan C = \\dfrac{AB}{AC} = 0{,}75$. "
        "Vì $AC > AB$ nên $\\widehat{B} > \\widehat{C}$.",
        ("tỉ số lượng giác",),
    )


def _lower() -> Iterator[DemoQuestion]:
    for a in (3, 5):
        yield single(
            at("TOAN", 8, 2, "BIET"),
            f"Khai triển của $(x - {a})^2$ là",
            [
                f"$x^2 - {2 * a}x + {a * a}$",
                f"$x^2 - {a * a}$",
                f"$x^2 - {a}x + {a * a}$",
                f"$x^2 + {2 * a}x + {a * a}$",
            ],
            f"$(A - B)^2 = A^2 - 2AB + B^2$ với $A = x$, $B = {a}$.",
            ("hằng đẳng thức",),
        )
    for a, b in ((9, 12), (8, 15)):
        yield short(
            at("TOAN", 8, 8, "HIEU"),
            f"Một chiếc thang dựa vào tường, chân thang cách tường ${tex(a / 10)}$ m và đầu thang chạm tường ở độ cao "
            f"${tex(b / 10)}$ m. Chiếc thang dài bao nhiêu mét?",
            Fraction(math.isqrt(a * a + b * b), 10),
            f"Theo định lí Pythagore, độ dài thang là $\\sqrt{{{tex(a / 10)}^2 + {tex(b / 10)}^2}} = "
            f"{tex(math.isqrt(a * a + b * b) / 10)}$ m.",
            ("Pythagore", "thực tế"),
        )
    yield single(
        at("TOAN", 7, 3, "HIEU"),
        "Biết $x$ và $y$ là hai đại lượng tỉ lệ thuận; khi $x = 4$ thì $y = 10$. Khi $x = 6$, giá trị của $y$ là",
        ["$15$", "$12$", "$\\dfrac{20}{3}$", "$2{,}4$"],
        "Hệ số tỉ lệ $k = \\dfrac{10}{4} = 2{,}5$ nên $y = 2{,}5 \\cdot 6 = 15$.",
        ("tỉ lệ thuận",),
    )
    yield single(
        at("TOAN", 7, 6, "BIET"),
        "Một đường thẳng cắt hai đường thẳng song song. Phát biểu nào sau đây **sai**?",
        [
            "Hai góc trong cùng phía bằng nhau.",
            "Hai góc so le trong bằng nhau.",
            "Hai góc đồng vị bằng nhau.",
            "Hai góc trong cùng phía bù nhau.",
        ],
        "Hai góc trong cùng phía bù nhau, chỉ bằng nhau khi cùng bằng $90^\\circ$.",
        ("đường thẳng song song",),
    )
    for a, b in ((24, 36), (45, 60)):
        yield short(
            at("TOAN", 6, 2, "HIEU"),
            f"Cô giáo chia đều ${a}$ quyển vở và ${b}$ chiếc bút vào các phần quà giống nhau. Có thể chia được nhiều "
            "nhất bao nhiêu phần quà?",
            math.gcd(a, b),
            f"Số phần quà nhiều nhất là ƯCLN$({a}, {b}) = {math.gcd(a, b)}$.",
            ("ước chung lớn nhất",),
        )
    yield group(
        at("TOAN", 6, 3, "BIET"),
        "Xét các phát biểu sau về số nguyên.",
        [
            ("Số $0$ không phải số nguyên dương, cũng không phải số nguyên âm.", True),
            ("$-7 > -5$.", False),
            ("Tổng của hai số nguyên âm là một số nguyên âm.", True),
            ("Tích của hai số nguyên âm là một số nguyên âm.", False),
        ],
        "Trên trục số $-7$ nằm bên trái $-5$ nên $-7 < -5$. Tích của hai số nguyên cùng dấu là số dương.",
        ("số nguyên",),
    )


def _primary() -> Iterator[DemoQuestion]:
    for km, hours in ((135, 3), (96, 2)):
        yield short(
            at("TOAN", 5, 7, "HIEU"),
            f"Một ô tô đi ${km}$ km trong ${hours}$ giờ. Trung bình mỗi giờ ô tô đi được bao nhiêu ki-lô-mét?",
            Fraction(km, hours),
            f"Vận tốc của ô tô là ${km} : {hours} = {vn(Fraction(km, hours))}$ (km/giờ).",
            ("vận tốc",),
        )
    yield single(
        at("TOAN", 5, 3, "BIET"),
        "Lớp 5A có $40$ học sinh, trong đó có $18$ học sinh nữ. Tỉ số phần trăm của số học sinh nữ và số học sinh cả "
        "lớp là",
        ["$45\\%$", "$18\\%$", "$55\\%$", "$40\\%$"],
        "$18 : 40 = 0{,}45 = 45\\%$.",
        ("tỉ số phần trăm",),
    )
    yield single(
        at("TOAN", 4, 3, "BIET"),
        "Phân số nào sau đây bằng phân số $\\dfrac{2}{3}$?",
        ["$\\dfrac{8}{12}$", "$\\dfrac{4}{9}$", "$\\dfrac{6}{8}$", "$\\dfrac{3}{2}$"],
        "Nhân cả tử số và mẫu số của $\\dfrac{2}{3}$ với $4$ được $\\dfrac{8}{12}$.",
        ("phân số",),
    )
