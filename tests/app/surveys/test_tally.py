"""Withholding of small groups and the question types, without a database."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.errors import Invalid
from app.surveys import tally

COUNTS = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 40), min_size=2, max_size=8)


@given(COUNTS)
def test_no_small_cell_is_shown(cells: dict[str, int]) -> None:
    hidden = tally.hidden_cells(cells)
    assert all(count == 0 or count >= tally.K for name, count in cells.items() if name not in hidden)


@given(COUNTS)
def test_no_hidden_cell_follows_from_the_total(cells: dict[str, int]) -> None:
    hidden = tally.hidden_cells(cells)
    if not hidden:
        return
    rest = sum(cells.values()) - sum(count for name, count in cells.items() if name not in hidden)
    if hidden == set(cells):
        return  # nothing at all is told of this question
    # Knowing that hidden cells are not empty, each may still hold anything from 1 to at least k.
    assert len(hidden) >= 2
    assert rest - (len(hidden) - 1) >= tally.K


def test_nothing_is_hidden_without_need() -> None:
    assert tally.hidden_cells({"a": 6, "b": 0, "c": 12}) == frozenset()


def test_a_second_group_goes_with_a_small_one() -> None:
    assert tally.hidden_cells({"a": 30, "b": 9, "c": 2}) == {"b", "c"}
    assert tally.hidden_cells({"a": 9, "b": 1}) == {"a", "b"}


def _items() -> list[tally.Item]:
    return tally.clean_items(
        [
            {"kind": "single", "text": "Một", "options": ["Có", "Không"], "required": True},
            {"kind": "multiple", "text": "Nhiều", "options": ["A", "B", "C"]},
            {"kind": "scale", "text": "Thang"},
            {"kind": "matrix", "text": "Bảng", "rows": ["Sách", "Ghế"], "columns": ["Tốt", "Kém"]},
            {"kind": "text", "text": "Viết", "max_length": 20},
        ]
    )


def test_answers_of_every_type_are_read() -> None:
    given = {"q1": ["1"], "q2": ["3", "1"], "q3": 4, "q4": {"r1": "2"}, "q5": " thêm sách "}
    assert tally.clean_answers(_items(), given) == {
        "q1": "1",
        "q2": ["1", "3"],
        "q3": "4",
        "q4": {"r1": "2"},
        "q5": "thêm sách",
    }


@pytest.mark.parametrize(
    "answers, field",
    [
        ({}, "q1"),
        ({"q1": "9"}, "q1"),
        ({"q1": True}, "q1"),
        ({"q1": "1", "q2": "1"}, "q2"),
        ({"q1": "1", "q2": [["1"]]}, "q2"),
        ({"q1": "1", "q3": 6}, "q3"),
        ({"q1": "1", "q4": {"r9": "1"}}, "q4"),
        ({"q1": "1", "q4": ["1"]}, "q4"),
        ({"q1": "1", "q5": "x" * 21}, "q5"),
        ({"q1": "1", "q5": 5}, "q5"),
        ({"q1": "1", "zz": "1"}, "zz"),
        ("nothing", "answers"),
        ([1], "answers"),
    ],
)
def test_bad_answers_name_their_question(answers: object, field: str) -> None:
    with pytest.raises(Invalid) as caught:
        tally.clean_answers(_items(), answers)
    assert list(caught.value.errors) == [field]


@pytest.mark.parametrize(
    "question",
    [
        None,
        {"kind": "essay", "text": "?"},
        {"kind": ["single"], "text": "?"},
        {"kind": "single", "text": "?", "options": ["A"]},
        {"kind": "single", "text": "?", "options": ["A", "A"]},
        {"kind": "single", "text": "?", "options": [{"id": True, "text": "A"}, "B"]},
        {"kind": "single", "text": " ", "options": ["A", "B"]},
        {"kind": "single", "text": "?", "options": ["A", "B"], "required": "yes"},
        {"kind": "single", "text": "?", "options": ["A", "B"], "colour": "red"},
        {"kind": "scale", "text": "?", "max": 99},
        {"kind": "scale", "text": "?", "labels": 5},
        {"kind": "matrix", "text": "?", "options": ["A", "B"]},
        {"kind": "text", "text": "?", "max_length": 0},
    ],
)
def test_bad_questions_are_named(question: object) -> None:
    with pytest.raises(Invalid) as caught:
        tally.clean_items([question])
    assert list(caught.value.errors) == ["questions.0"]


def _show(sheets: list[dict[str, object]], words: bool = True) -> dict[str, object]:
    items = _items()
    figures = tally.count(items, [(sheet, "2026-11-20") for sheet in sheets])
    return tally.show(items, len(sheets), figures, words=words)


def test_under_five_sheets_nothing_is_told_not_even_the_number() -> None:
    shown = _show([{"q1": "1"}] * 4)
    assert shown["total"] is None
    assert shown["days"] == []
    assert all(set(question) == {"n", "id", "kind", "text", "withheld"} for question in shown["questions"])


def test_skipping_is_a_group_too() -> None:
    """12 answered Có and one skipped: showing 12 of 13 would tell that one skipped."""
    shown = _show([{"q1": "1", "q3": "5"}] * 12 + [{"q1": "1"}])
    scale = shown["questions"][2]
    assert scale["answered"] is None
    assert scale["mean"] is None
    assert [option["count"] for option in scale["options"]] == [0, 0, 0, 0, None]


def test_of_many_choices_those_who_did_not_choose_are_a_group() -> None:
    shown = _show([{"q1": "1", "q2": ["1", "2"]}] * 9 + [{"q1": "1", "q2": ["2"]}] * 2)
    counts = [option["count"] for option in shown["questions"][1]["options"]]
    assert counts == [None, 11, 0]


def test_free_text_needs_five_and_a_keeper() -> None:
    sheets: list[dict[str, object]] = [{"q1": "1", "q5": f"ý {n}"} for n in range(5)]
    assert sorted(_show(sheets)["questions"][4]["texts"]) == [f"ý {n}" for n in range(5)]
    assert _show(sheets, words=False)["questions"][4]["texts"] == []
    assert _show([*sheets[:4], {"q1": "1"}])["questions"][4]["texts"] == []


def test_mean_and_matrix_of_large_groups() -> None:
    sheet = {"q1": "1", "q3": "5", "q4": {"r1": "1", "r2": "2"}}
    shown = _show([sheet] * 6 + [{**sheet, "q3": "2"}] * 6)
    assert shown["questions"][2]["mean"] == 3.5
    assert [option["count"] for option in shown["questions"][3]["rows"][1]["options"]] == [0, 12]


def test_random_sheets_never_show_one_to_four() -> None:
    dice = random.Random(5)
    for _n in range(200):
        sheets: list[dict[str, object]] = [
            {
                "q1": dice.choice("12"),
                "q2": [o for o in "123" if dice.random() < 0.3] or None,
                "q3": dice.choice([None, "1", "2", "3"]),
                "q4": {"r1": dice.choice("12")},
            }
            for _m in range(dice.randrange(1, 30))
        ]
        for question in _show(sheets)["questions"]:
            for row in question.get("rows", [question]):
                assert row.get("answered") is None or row["answered"] == 0 or row["answered"] >= 5
                for option in row.get("options", []):
                    assert option["count"] is None or option["count"] == 0 or option["count"] >= 5
