"""Orders on a form: what may not move stays, keys follow their content and lie evenly."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from app.papers.printing import order
from app.papers.printing.order import Item


def options(*texts: str) -> list[dict[str, str]]:
    return [{"id": name, "text": text} for name, text in zip("ABCD", texts, strict=False)]


@pytest.mark.parametrize(
    "text",
    [
        "Tất cả các phương án trên", "Tất cả các đáp án trên.", "Cả ba phương án trên", "Cả 3 ý trên đều đúng",
        "Không có đáp án nào", "Không có phương án nào đúng", "Không đáp án nào đúng", "Tất cả đều đúng",
        "Một đáp án khác", "All of the above", "None of the above", "Cả ba câu trên đều sai",
    ],
)  # fmt: skip
def test_options_about_all_others_keep_their_place(text: str) -> None:
    choices = options("một", "hai", "ba", text)
    seen = {tuple(order.choice_order(choices, random.Random(n))) for n in range(40)}
    assert {each[3] for each in seen} == {"D"}
    assert len(seen) == 6, "the others move freely"


@pytest.mark.parametrize(
    "text",
    ["Cả A và B", "Cả A, B và C", "A và C đúng", "Cả a và b đều đúng", "A hoặc B", "Both A and B", "Đáp án A và B"],
)
def test_options_that_name_letters_lock_the_question(text: str) -> None:
    if text == "A và C đúng":
        text = "Phương án A và C đúng"
    choices = options("một", "hai", "ba", text)
    assert all(order.choice_order(choices, random.Random(n)) == ["A", "B", "C", "D"] for n in range(20))


@pytest.mark.parametrize(
    "text",
    [
        "Tất cả học sinh lớp 12A",
        "Không có nghiệm",
        "Cả nước",
        "a và b là hai số nguyên tố cùng nhau",
        "3 và 5",
        "Vitamin A",
    ],
)
def test_common_options_are_free(text: str) -> None:
    choices = options("một", "hai", "ba", text)
    assert len({tuple(order.choice_order(choices, random.Random(n))) for n in range(60)}) > 6


def base() -> list[Item]:
    single = [Item(0, "single_choice", options("p", "q", "r", "s"), [["A", "B", "C", "D"][n % 2]]) for n in range(12)]
    groups = [
        Item(
            1,
            "true_false_group",
            [{"id": c, "text": c} for c in "abcd"],
            {"a": True, "b": False, "c": False, "d": True},
        )
        for _n in range(4)
    ]
    return [*single, *groups, *(Item(2, "short_answer", [], "1.5") for _n in range(6))]


def test_a_form_keeps_parts_together_and_is_repeatable() -> None:
    items = base()
    made = order.form(items, "seed/101")
    assert made == order.form(items, "seed/101") != order.form(items, "seed/102")
    assert [items[place["i"]].part for place in made] == [0] * 12 + [1] * 4 + [2] * 6
    assert sorted(place["i"] for place in made) == list(range(22))


def test_keys_follow_the_content_and_are_even() -> None:
    items = base()
    everything: Counter[str] = Counter()
    for n in range(24):
        made = order.form(items, f"s/{n}")
        keys = order.letters(items, made)
        assert order.longest_run(keys) <= 3
        assert all(2 <= keys.count(letter) <= 4 for letter in "ABCD"), keys
        everything.update(keys)
        for place in made:
            item, key = items[place["i"]], order.key_of(items[place["i"]], place)
            if item.kind == "single_choice":
                assert place["order"]["ABCD".index(key)] == item.answer[0]
            elif item.kind == "true_false_group":
                assert [item.answer[c] for c in place["order"]] == [mark == "Đ" for mark in key]
            else:
                assert key == "1,5"
    assert max(everything.values()) < 2 * min(everything.values())


def test_a_pattern_is_seen() -> None:
    assert order.unevenness(list("ABCDABCDABCD")) > 0
    assert order.unevenness(list("AAAABBBCCCDD")) > 0
    assert order.unevenness(list("ACBDDACBBDCA")) == 0


def test_codes_are_text_of_three_or_four_digits() -> None:
    assert order.codes(3, 3) == ["101", "102", "103"]
    assert order.codes(2, 4) == ["0101", "0102"]
    assert order.codes(2, 4, 1101) == ["1101", "1102"]
    with pytest.raises(ValueError):
        order.codes(24, 3, 990)
