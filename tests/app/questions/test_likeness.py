"""When two questions say the same: normal form, near twins, and the guard that keeps traps apart."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from app.questions import likeness
from app.questions.likeness import compare, fingerprint, normal, sketch
from bench import duplicates


def options(*texts: str) -> list[dict[str, str]]:
    return [{"id": name, "text": text} for name, text in zip("ABCDEF", texts, strict=False)]


FOUR = options("Hà Nội", "Huế", "Đà Nẵng", "Cần Thơ")


@pytest.mark.parametrize(
    "one, other",
    [
        ("Biện pháp xử lí nước thải", "Biện pháp xử lý nước thải"),
        ("kĩ thuật, mĩ thuật, tỉ lệ, quí", "kỹ thuật, mỹ thuật, tỷ lệ, quý"),
        ("hoà bình, thuỷ điện, khoẻ, loà", "hòa bình, thủy điện, khỏe, lòa"),
        ("Điện Biên Phủ", unicodedata.normalize("NFD", "Điện Biên Phủ")),
        ("Câu 12: Thủ đô  của\nnước ta là", "thủ đô của nước ta là?"),
        ("CÂU 3. Công thức $x^2 + 1$ là", "Công thức $x^2+1$ là:"),
        ("Giai đoạn 1965 - 1975", "Giai đoạn 1965–1975"),
        ("Điền vào chỗ trống ____ .", "Điền vào chỗ trống ________"),
        ("Nhiệt độ là 0,5 °C", "Nhiệt độ là 0.5 °C"),
    ],
)
def test_spelling_twins_have_one_normal_form(one: str, other: str) -> None:
    assert normal(one) == normal(other)


@pytest.mark.parametrize(
    "one, other",
    [
        ("Khí CO", "Kim loại Co"),
        ("chất CO", "chất Co"),
        ("cơ thể AaBb", "cơ thể aabb"),
        ("cơ thể Aa", "cơ thể AA"),
        ("tập $A$", "tập $a$"),
        ("x = -3", "x = 3"),
        ("tăng", "tặng"),
        ("y tế", "i tế"),
        ("a + b", "a b"),
        ("xem ![](/questions/media/1)", "xem ![](/questions/media/2)"),
    ],
)
def test_what_differs_stays_different(one: str, other: str) -> None:
    assert normal(one) != normal(other)


def test_order_of_options_does_not_matter_but_their_content_does() -> None:
    assert fingerprint("Thủ đô?", FOUR) == fingerprint("thủ đô", options("Cần Thơ", "Huế.", "Đà Nẵng", "Hà Nội"))
    assert fingerprint("Thủ đô?", FOUR) != fingerprint("Thủ đô?", options("Hà Nội", "Huế", "Đà Nẵng", "Vinh"))


@pytest.mark.parametrize(
    "one, other, level, why",
    [
        ("Tỉnh nào có ngành đóng tàu?", "Tỉnh nào KHÔNG có ngành đóng tàu?", "similar", "negations"),
        ("Dân số tỉnh Hà Nam năm 2020 là", "Dân số tỉnh Hà Giang năm 2020 là", "similar", "names"),
        ("Dân số nước ta năm 2020 là", "Dân số nước ta năm 2021 là", "similar", "numbers"),
        ("Tính đạo hàm của hàm số $y=x^2$", "Tính đạo hàm của hàm số $y=x^3$", "similar", "formulas"),
        ("Yếu tố làm tăng tốc độ phản ứng", "Yếu tố làm giảm tốc độ phản ứng", "similar", "words"),
        ("Chó đuổi mèo chạy ngoài sân", "Mèo đuổi chó chạy ngoài sân", "similar", "words"),
        ("Dân số của Hà Nam năm 2020 là bao nhiêu?", "Dân số Hà Nam năm 2020 là", "twin", ""),
        ("Trái Đất quay quanh gì?", "Nước sôi ở nhiệt độ nào?", "different", "names"),
    ],
)
def test_the_guard_names_what_keeps_a_pair_apart(one: str, other: str, level: str, why: str) -> None:
    found = compare(one, FOUR, other, FOUR)
    assert found.level == level
    assert why in found.differences if why else found.differences == ()
    assert compare(other, FOUR, one, FOUR).level == level


def test_the_option_set_must_agree() -> None:
    other = options("Hà Nội", "Huế", "Đà Nẵng", "Vinh")
    assert compare("Thủ đô nước ta?", FOUR, "Thủ đô của nước ta?", other).differences == ("options",)
    assert compare("Thủ đô nước ta?", FOUR, "Thủ đô nước ta?", options("1", "2")).level == "different"


def test_near_twins_meet_in_a_band() -> None:
    one = sketch("Tỉnh nào sau đây của nước ta có ngành công nghiệp đóng tàu phát triển?", FOUR)
    other = sketch("Tỉnh nào của nước ta có ngành công nghiệp đóng tàu phát triển", FOUR)
    far = sketch("Trong các chất sau, chất nào tác dụng được với dung dịch axit clohiđric?", FOUR)
    assert len(one) == likeness.BANDS and set(one) & set(other) and not set(one) & set(far)
    assert sketch("", []) == [] and sketch("Chọn câu đúng", FOUR) != sketch("Chọn câu đúng", options("1", "2"))


def test_marked_shows_the_words_the_other_lacks() -> None:
    pieces = likeness.marked("Dân số Hà Nội năm 2020", "Dân số Hà Nam năm 2020")
    assert "".join(text for text, _odd in pieces) == "Dân số Hà Nội năm 2020"
    assert [text for text, odd in pieces if odd] == ["Nội"]
    assert not any(odd for _text, odd in likeness.marked("xử lý $x^2$", "Xử lí $x^2$."))


def test_precision_and_recall_on_the_known_groups(corpora: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What docs/duplicates.md tells; a smaller sample than there."""
    monkeypatch.setenv("CORPORA_DIR", str(corpora))
    forms = duplicates.forms()
    assert forms["known"] == 35 and forms["same"] == 34
    pool = duplicates.vmlu("valid.jsonl") + duplicates.vmlu("dev.jsonl") + duplicates.vnhsge()
    known = duplicates.repeated(pool)
    assert known["known_pairs"] > 20 and known["found_of_them"] == known["known_pairs"]
    table = duplicates.changed(pool, 300)
    for name in ("number", "province", "negation"):
        assert table[name]["pairs"] > 10 and table[name]["same"] + table[name]["twin"] == 0
    assert table["respelled"]["found"] == table["respelled"]["pairs"] == 300
    assert table["reworded"]["found"] >= 0.95 * table["reworded"]["pairs"]
