"""Vật lí: numbers are computed with their keys; constants are those printed on the exam paper."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from app.demo.questions.model import DemoQuestion, at, group, short, single, tex, vn


def questions() -> Iterator[DemoQuestion]:
    for part in (_heat, _gas, _field, _nucleus, _waves, _motion):
        yield from part()


def _heat() -> Iterator[DemoQuestion]:
    for mass, low, high in ((2, 20, 100), (5, 25, 65)):
        energy = Fraction(mass * 4200 * (high - low), 1000)
        yield short(
            at("VATLI", 12, 1, "HIEU"),
            f"Một ấm điện đun nóng ${mass}$ kg nước từ ${low}$ °C đến ${high}$ °C. Nhiệt dung riêng của nước là "
            "$4200$ J/(kg·K). Nhiệt lượng nước nhận được là bao nhiêu ki-lô-jun?",
            energy,
            f"$Q = mc\\Delta t = {mass} \\cdot 4200 \\cdot {high - low} = {tex(energy)}$ kJ.",
            ("nhiệt dung riêng",),
        )
    yield single(
        at("VATLI", 12, 1, "BIET"),
        "Nội năng của một vật là",
        [
            "tổng động năng và thế năng tương tác của các phân tử cấu tạo nên vật.",
            "tổng nhiệt lượng mà vật nhận được trong quá trình truyền nhiệt.",
            "tổng động năng và thế năng của vật trong chuyển động cơ học.",
            "nhiệt lượng cần để làm vật nóng thêm $1$ K.",
        ],
        "Nội năng là tổng động năng của chuyển động nhiệt và thế năng tương tác giữa các phân tử, phụ thuộc nhiệt độ và "
        "thể tích của vật.",
        ("nội năng",),
    )
    yield group(
        at("VATLI", 12, 1, "HIEU"),
        "Người ta thả một viên nước đá ở $0$ °C vào cốc nước ấm cách nhiệt và quan sát đến khi đá tan hết.",
        [
            ("Trong khi đang tan, nhiệt độ của nước đá giữ ở $0$ °C.", True),
            ("Nước ấm truyền nhiệt lượng cho viên đá.", True),
            ("Khi đang tan, viên đá không nhận thêm nhiệt lượng.", False),
            ("Nội năng của phần nước do đá tan ra lớn hơn nội năng của chính lượng đá đó lúc đầu.", True),
        ],
        "Trong quá trình nóng chảy, chất nhận nhiệt lượng $Q = \\lambda m$ để phá vỡ mạng tinh thể mà không tăng nhiệt "
        "độ; thế năng tương tác giữa các phân tử tăng nên nội năng tăng.",
        ("nóng chảy",),
    )
    for celsius in (27, -73):
        yield single(
            at("VATLI", 12, 1, "BIET"),
            f"Nhiệt độ ${celsius}$ °C ứng với bao nhiêu kelvin (lấy $0$ °C $= 273$ K)?",
            [f"${celsius + 273}$ K", f"${273 - celsius}$ K", f"${celsius + 100}$ K", f"${celsius + 373}$ K"],
            f"$T = t + 273 = {celsius} + 273 = {celsius + 273}$ K.",
            ("thang nhiệt độ",),
        )


def _gas() -> Iterator[DemoQuestion]:
    for p1, v1, v2 in ((1, 12, 8), (2, 9, 6), (3, 10, 4)):
        value = Fraction(p1 * v1, v2)
        yield short(
            at("VATLI", 12, 2, "HIEU"),
            f"Một lượng khí lí tưởng có áp suất ${p1}$ atm và thể tích ${v1}$ lít được nén đẳng nhiệt đến thể tích ${v2}$ "
            "lít. Áp suất của khí khi đó là bao nhiêu atm?",
            value,
            f"Định luật Boyle: $p_1V_1 = p_2V_2$ nên $p_2 = \\dfrac{{{p1} \\cdot {v1}}}{{{v2}}} = {tex(value)}$ atm.",
            ("định luật Boyle",),
        )
    for t1, t2, v1 in ((300, 360, 10), (280, 350, 8)):
        yield short(
            at("VATLI", 12, 2, "HIEU"),
            f"Một lượng khí lí tưởng có thể tích ${v1}$ lít ở ${t1}$ K. Đun nóng đẳng áp đến ${t2}$ K thì thể tích khí là "
            "bao nhiêu lít?",
            Fraction(v1 * t2, t1),
            f"Định luật Charles: $\\dfrac{{V_1}}{{T_1}} = \\dfrac{{V_2}}{{T_2}}$ nên $V_2 = {v1} \\cdot "
            f"\\dfrac{{{t2}}}{{{t1}}} = {tex(Fraction(v1 * t2, t1))}$ lít.",
            ("định luật Charles",),
        )
    yield single(
        at("VATLI", 12, 2, "BIET"),
        "Trong hệ toạ độ $(p, V)$, đường đẳng nhiệt của một lượng khí lí tưởng là",
        [
            "một nhánh hypebol.",
            "một đường thẳng qua gốc toạ độ.",
            "một đường thẳng song song trục $OV$.",
            "một parabol.",
        ],
        "Ở nhiệt độ không đổi thì $pV$ là hằng số nên $p$ tỉ lệ nghịch với $V$: đồ thị là một nhánh hypebol.",
        ("đẳng nhiệt",),
    )
    yield group(
        at("VATLI", 12, 2, "VANDUNG"),
        "Một bơm tay hình trụ có nắp kín chứa không khí ở áp suất $1{,}0 \\cdot 10^5$ Pa, thể tích $200\\ \\mathrm{cm^3}$, "
        "nhiệt độ $300$ K. Đẩy chậm pít-tông để thể tích khí còn $50\\ \\mathrm{cm^3}$, nhiệt độ coi như không đổi.",
        [
            ("Quá trình biến đổi của khí là quá trình đẳng nhiệt.", True),
            ("Áp suất của khí sau khi nén là $4{,}0 \\cdot 10^5$ Pa.", True),
            ("Mật độ phân tử khí trong bơm giảm $4$ lần.", False),
            ("Động năng trung bình của mỗi phân tử khí tăng $4$ lần.", False),
        ],
        "Thể tích giảm $4$ lần ở nhiệt độ không đổi nên áp suất và mật độ phân tử tăng $4$ lần; động năng trung bình "
        "$\\overline{E} = \\dfrac{3}{2}kT$ chỉ phụ thuộc nhiệt độ nên không đổi.",
        ("thuyết động học phân tử",),
    )


def _field() -> Iterator[DemoQuestion]:
    for b, current, length in (("0{,}2", 5, 40), ("0{,}5", 2, 30)):
        strength = Fraction(b.replace("{,}", "."))
        force = strength * current * Fraction(length, 100)
        yield short(
            at("VATLI", 12, 3, "HIEU"),
            f"Một đoạn dây dẫn thẳng dài ${length}$ cm mang dòng điện ${current}$ A đặt vuông góc với các đường sức của từ "
            f"trường đều có cảm ứng từ ${b}$ T. Lực từ tác dụng lên đoạn dây có độ lớn bao nhiêu niu-tơn?",
            force,
            f"$F = BIL\\sin 90^\\circ = {b} \\cdot {current} \\cdot {tex(length / 100)} = {tex(force)}$ N.",
            ("lực từ",),
        )
    yield single(
        at("VATLI", 12, 3, "BIET"),
        "Đơn vị của từ thông trong hệ SI là",
        ["vêbe (Wb)", "tesla (T)", "henry (H)", "vôn (V)"],
        "Từ thông $\\Phi = BS\\cos\\alpha$ đo bằng vêbe; $1$ Wb $= 1$ T·m².",
        ("từ thông",),
    )
    yield single(
        at("VATLI", 12, 3, "HIEU"),
        "Dòng điện cảm ứng trong một vòng dây kín xuất hiện khi",
        [
            "từ thông qua vòng dây biến thiên.",
            "vòng dây đứng yên trong từ trường đều không đổi.",
            "vòng dây chuyển động tịnh tiến trong từ trường đều.",
            "mặt phẳng vòng dây vuông góc với đường sức từ.",
        ],
        "Chỉ khi từ thông qua mạch kín biến thiên thì trong mạch mới có dòng điện cảm ứng (hiện tượng cảm ứng điện từ).",
        ("cảm ứng điện từ",),
    )


def _nucleus() -> Iterator[DemoQuestion]:
    for half, days, start in ((8, 24, 80), (5, 20, 96)):
        value = Fraction(start, 2 ** (days // half))
        yield short(
            at("VATLI", 12, 4, "VANDUNG"),
            f"Một mẫu chất phóng xạ có khối lượng ban đầu ${start}$ mg và chu kì bán rã ${half}$ ngày. Sau ${days}$ ngày, "
            "khối lượng chất phóng xạ còn lại là bao nhiêu mi-li-gam?",
            value,
            f"$m = m_0 2^{{-t/T}} = {start} \\cdot 2^{{-{days // half}}} = {tex(value)}$ mg.",
            ("chu kì bán rã",),
        )
    for symbol, a, z in (("U", 235, 92), ("Fe", 56, 26)):
        yield single(
            at("VATLI", 12, 4, "BIET"),
            f"Hạt nhân $^{{{a}}}_{{{z}}}\\mathrm{{{symbol}}}$ có số neutron là",
            [f"${a - z}$", f"${z}$", f"${a}$", f"${a + z}$"],
            f"Số neutron $N = A - Z = {a} - {z} = {a - z}$.",
            ("cấu tạo hạt nhân",),
        )
    yield group(
        at("VATLI", 12, 4, "HIEU"),
        "Iodine-131 là chất phóng xạ $\\beta^-$, được dùng trong chẩn đoán và điều trị bệnh tuyến giáp.",
        [
            ("Trong phân rã $\\beta^-$, hạt nhân con đứng sau hạt nhân mẹ một ô trong bảng tuần hoàn.", True),
            ("Hạt nhân con có số khối nhỏ hơn hạt nhân mẹ $4$ đơn vị.", False),
            ("Đun nóng mẫu chất làm nó phân rã nhanh hơn.", False),
            ("Sau hai chu kì bán rã, số hạt nhân iodine-131 còn lại bằng $25\\%$ số hạt ban đầu.", True),
        ],
        "Phân rã $\\beta^-$ giữ nguyên số khối và làm số proton tăng $1$. Phóng xạ không phụ thuộc nhiệt độ, áp suất. Sau "
        "$2T$ còn $2^{-2} = 25\\%$.",
        ("phóng xạ",),
    )


def _waves() -> Iterator[DemoQuestion]:
    for frequency, speed in ((50, 20), (440, 330)):
        value = Fraction(speed, frequency)
        yield short(
            at("VATLI", 11, 2, "BIET"),
            f"Một sóng có tần số ${frequency}$ Hz truyền với tốc độ ${speed}$ m/s. Bước sóng là bao nhiêu mét?",
            value,
            f"$\\lambda = \\dfrac{{v}}{{f}} = \\dfrac{{{speed}}}{{{frequency}}} = {tex(value)}$ m.",
            ("bước sóng",),
        )
    for amplitude, omega in ((4, "2\\pi"), (6, "5\\pi")):
        turns = {"2\\pi": "1", "5\\pi": "0{,}4"}[omega]
        yield group(
            at("VATLI", 11, 1, "HIEU"),
            f"Một vật dao động điều hoà với phương trình $x = {amplitude}\\cos\\left({omega} t + \\dfrac{{\\pi}}{{3}}\\right)$ "
            "(cm), $t$ tính bằng giây.",
            [
                (f"Biên độ dao động là ${amplitude}$ cm.", True),
                (f"Chu kì dao động là ${turns}$ s.", True),
                (f"Tại $t = 0$, li độ của vật là ${amplitude // 2}$ cm.", True),
                ("Tại $t = 0$, vật đang chuyển động theo chiều dương của trục toạ độ.", False),
            ],
            f"$T = \\dfrac{{2\\pi}}{{\\omega}} = {turns}$ s; $x(0) = {amplitude}\\cos\\dfrac{{\\pi}}{{3}} = {amplitude // 2}$ cm; "
            "$v(0) = -\\omega A\\sin\\dfrac{\\pi}{3} < 0$ nên vật đi theo chiều âm.",
            ("dao động điều hoà",),
        )


def _motion() -> Iterator[DemoQuestion]:
    for mass, force in ((4, 10), (5, 2)):
        value = Fraction(force, mass)
        yield short(
            at("VATLI", 10, 3, "BIET"),
            f"Một vật khối lượng ${mass}$ kg chịu tác dụng của hợp lực có độ lớn ${force}$ N. Gia tốc của vật có độ lớn bao "
            "nhiêu m/s²?",
            value,
            f"Định luật II Newton: $a = \\dfrac{{F}}{{m}} = \\dfrac{{{force}}}{{{mass}}} = {tex(value)}$ m/s².",
            ("định luật II Newton",),
        )
    yield single(
        at("VATLI", 10, 2, "BIET"),
        "Một vật chuyển động thẳng nhanh dần đều thì",
        [
            "gia tốc không đổi và cùng chiều với vận tốc.",
            "gia tốc không đổi và ngược chiều với vận tốc.",
            "vận tốc không đổi theo thời gian.",
            "gia tốc tăng đều theo thời gian.",
        ],
        "Nhanh dần đều: gia tốc là hằng số, $a$ và $v$ cùng dấu.",
        ("chuyển động biến đổi đều",),
    )
    height, speed = 45, 30
    yield single(
        at("VATLI", 10, 2, "HIEU"),
        f"Thả rơi tự do một vật từ độ cao ${height}$ m, lấy $g = 10\\ \\mathrm{{m/s^2}}$. Tốc độ của vật ngay trước khi chạm "
        "đất là",
        [f"${speed}$ m/s", "$45$ m/s", "$90$ m/s", "$15$ m/s"],
        f"$v = \\sqrt{{2gh}} = \\sqrt{{2 \\cdot 10 \\cdot {height}}} = {vn(speed)}$ m/s.",
        ("rơi tự do",),
    )
