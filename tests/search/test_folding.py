"""Folding keeps every letter's place and makes equal what Vietnamese writers hold equal."""

from __future__ import annotations

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.folding import exact, fold, forms, nfc, sort_key, words


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Đường tròn", "duong tron"),
        ("ĐẠI SỐ VÀ GIẢI TÍCH", "dai so va giai tich"),
        ("Ðề kiểm tra", "de kiem tra"),
        ("Ɖịa lí", "dia li"),
        ("Vật lý", "vat li"),
        ("kỹ năng mỹ thuật, học kỳ, tỷ lệ, sỹ số", "ki nang mi thuat, hoc ki, ti le, si so"),
        ("ly ky", "li ki"),
        ("quy tắc", "quy tac"),
        ("thủy lợi, hay tay", "thuy loi, hay tay"),
        ("mây hỷ lydia", "may hi lydia"),
        ("x + y = 2my", "x + y = 2my"),
    ],
)
def test_fold(text: str, folded: str) -> None:
    assert fold(text) == folded


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("hòa bình", "hoà bình"),
        ("Hóa học", "HOÁ HỌC"),
        ("thủy", "thuỷ"),
        ("khỏe", "khoẻ"),
        ("Vật lý", "vật lí"),
        ("học kỳ", "Học kì"),
        ("đề thi", "\u00d0ề thi"),
    ],
)
def test_two_careful_writings_are_exactly_one(one: str, other: str) -> None:
    assert exact(one) == exact(other)


@pytest.mark.parametrize(
    ("one", "other"), [("đường", "duong"), ("quỳ", "quì"), ("hoài", "hòai"), ("tay", "tai"), ("túi", "túy")]
)
def test_different_words_stay_different(one: str, other: str) -> None:
    assert exact(one) != exact(other)


def test_decomposed_text_is_the_same() -> None:
    text = "Nguyễn Thị Hoà, tổ trưởng Vật lý"
    assert fold(unicodedata.normalize("NFD", text)) == fold(text)
    assert exact(unicodedata.normalize("NFD", text)) == exact(text)


def test_every_code_point_keeps_its_length() -> None:
    for code in range(sys.maxunicode + 1):
        if 0xD800 <= code < 0xE000:
            continue
        composed = nfc(chr(code))
        assert len(exact(composed)) == len(composed), hex(code)
        assert len(fold(composed)) == len(composed), hex(code)


@given(st.text(alphabet="aàáảãạăằoòóỏõọeèuùúyỳýiđĐÐhklmstqHKQ \u0301\u0300\u0323-.", max_size=30))
def test_any_vietnamese_like_text_keeps_its_length_and_folds_once(text: str) -> None:
    composed = nfc(text)
    assert len(exact(text)) == len(composed)
    assert len(fold(text)) == len(composed)
    assert fold(exact(text)) == fold(text)
    if not any(map(unicodedata.combining, composed)):
        assert fold(fold(text)) == fold(text)


def test_words_of_mathematics() -> None:
    assert words(fold("Hàm số y = (2x−1)/(x+1), lớp_12")) == [
        "ham",
        "so",
        "y",
        "2x",
        "1",
        "x",
        "1",
        "lop",
        "12",
    ]


def test_dictionary_order() -> None:
    right = ["an", "ăn", "ân", "ba", "da", "đa", "hoa", "hòa", "hỏa", "hóa", "họa", "tư"]
    assert sorted(reversed(right), key=sort_key) == right


@given(st.text(alphabet="aàảãâoòóeèuùúyỳýiđĐÐhklmstqHKQΣİ9² .,_-&", max_size=40))
def test_forms_are_the_words_of_the_text(text: str) -> None:
    apart = text.replace("_", " ")
    assert forms(text) == (" ".join(words(exact(apart))), " ".join(words(fold(apart))))
