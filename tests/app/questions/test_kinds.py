"""Marking: exact scores, the stepped table, shapes of responses."""

from __future__ import annotations

import itertools
from decimal import Decimal
from typing import Any

import pytest

from app.questions.kinds import Registry, codes, kind
from app.questions.kinds.choice import SingleChoice

STEPS = [Decimal(0), Decimal("0.1"), Decimal("0.25"), Decimal("0.5"), Decimal(1)]
PATTERNS = [dict(zip("abcd", p, strict=True)) for p in itertools.product((True, False), repeat=4)]


def content(code: str, answer: Any, **more: Any) -> dict[str, Any]:
    ids = {"true_false_group": "abcd", "short_answer": ""}.get(code, "ABCD")
    return {"kind": code, "stem": "Đề", "choices": [{"id": i, "text": i} for i in ids], "answer": answer, **more}


def test_the_four_kinds_and_no_other() -> None:
    assert codes() == ("single_choice", "multiple_choice", "true_false_group", "short_answer")


def test_a_code_is_taken_once() -> None:
    made = Registry()
    made.add(SingleChoice())
    with pytest.raises(ValueError, match="single_choice"):
        made.add(SingleChoice())


def test_stepped_score_over_all_keys_and_all_answers() -> None:
    marker = kind("true_false_group")
    for key in PATTERNS:
        for given in PATTERNS:
            right = sum(key[s] == given[s] for s in "abcd")
            mark = marker.mark(content("true_false_group", key), given)
            assert mark.score == STEPS[right] and isinstance(mark.score, Decimal)
            assert mark.correct is (right == 4)
            assert mark.detail["right"] == right


@pytest.mark.parametrize(
    ("given", "score", "correct"),
    [
        ({}, "0", None),
        (None, "0", None),
        ({"a": True}, "0.1", False),
        ({"a": True, "b": False}, "0.25", False),
        ({"a": None, "b": False, "c": True, "d": False}, "0.5", False),
    ],
)
def test_unanswered_statements_count_as_wrong(given: Any, score: str, correct: bool | None) -> None:
    key = {"a": True, "b": False, "c": True, "d": False}
    mark = kind("true_false_group").mark(content("true_false_group", key), given)
    assert (mark.score, mark.correct) == (Decimal(score), correct)


def test_a_school_may_score_linearly() -> None:
    key = dict.fromkeys("abcd", True)
    mark = kind("true_false_group").mark(
        content("true_false_group", key, scoring="linear"), {"a": True, "b": True, "c": True, "d": False}
    )
    assert mark.score == Decimal("0.75")


@pytest.mark.parametrize(
    ("key", "given", "correct"),
    [
        ("0,92", "0.92", True),
        ("0,92", "0,92", True),
        ("0,92", " ,92", False),
        ("0,5", "0,50", True),
        ("-3", "−3", True),
        ("-3", "3", False),
        ("12", "12,0", True),
        ("1822", "1822", True),
        ("1", "", None),
        ("1", None, None),
        ("1", "1,", False),
        ("1", "--", False),
    ],
)
def test_short_answers_compare_numbers(key: str, given: Any, correct: bool | None) -> None:
    mark = kind("short_answer").mark(content("short_answer", key), given)
    assert mark.correct is correct
    assert mark.score == (1 if correct else 0)


@pytest.mark.parametrize("key", ["12345", "0,925", "-1,25", "một", "1/2", "", "1,2,3", 5, ["1"]])
def test_a_key_must_be_a_number_in_four_cells(key: Any) -> None:
    assert kind("short_answer").check(content("short_answer", key))


@pytest.mark.parametrize(
    ("code", "response"),
    [
        ("single_choice", "B"),
        ("single_choice", ["A", "B"]),
        ("single_choice", ["Z"]),
        ("single_choice", [1]),
        ("single_choice", {"A": True}),
        ("multiple_choice", ["A", "A"]),
        ("true_false_group", {"e": True}),
        ("true_false_group", {"a": "true"}),
        ("true_false_group", [True]),
        ("short_answer", 5),
        ("short_answer", "12345"),
        ("short_answer", "1e5"),
        ("short_answer", "x"),
    ],
)
def test_malformed_responses_are_refused(code: str, response: Any) -> None:
    assert kind(code).check_response(response, content(code, None))


@pytest.mark.parametrize(
    ("code", "response"),
    [
        ("single_choice", ["B"]),
        ("single_choice", []),
        ("multiple_choice", ["A", "C"]),
        ("true_false_group", {"a": True, "b": None}),
        ("short_answer", "-0,5"),
        ("short_answer", "0,"),
        ("short_answer", None),
    ],
)
def test_well_formed_responses_pass(code: str, response: Any) -> None:
    assert kind(code).check_response(response, content(code, None)) == []


def test_choices_are_all_or_nothing() -> None:
    both = content("multiple_choice", ["A", "C"])
    assert kind("multiple_choice").mark(both, ["C", "A"]).score == 1
    assert kind("multiple_choice").mark(both, ["A"]).score == 0
    assert kind("multiple_choice").mark(both, ["A", "B", "C"]).score == 0
    assert kind("single_choice").mark(content("single_choice", None), ["A"]).score == 0


@pytest.mark.parametrize(
    ("code", "changed", "field"),
    [
        ("single_choice", {"answer": ["A", "B"]}, "answer"),
        ("single_choice", {"answer": ["E"]}, "answer"),
        ("single_choice", {"answer": None}, "answer"),
        ("single_choice", {"choices": [{"id": "A", "text": "x"}]}, "choices"),
        ("single_choice", {"choices": [{"id": "A", "text": "x"}, {"id": "A", "text": "y"}]}, "choices"),
        ("single_choice", {"choices": [{"id": "A", "text": " "}, {"id": "B", "text": "y"}]}, "choices"),
        ("single_choice", {"choices": "ABCD"}, "choices"),
        ("single_choice", {"choices": [1, 2]}, "choices"),
        ("single_choice", {"stem": "  "}, "stem"),
        ("single_choice", {"stem": None}, "stem"),
        ("single_choice", {"stem": "x" * 20_001}, "stem"),
        ("true_false_group", {"answer": {"a": True}}, "answer"),
        ("true_false_group", {"answer": {"a": 1, "b": 0, "c": 1, "d": 0}}, "answer"),
        ("true_false_group", {"choices": [{"id": "a", "text": "x"}]}, "choices"),
        ("true_false_group", {"scoring": "own"}, "scoring"),
    ],
)
def test_faults_name_their_field(code: str, changed: dict[str, Any], field: str) -> None:
    whole = content(code, dict.fromkeys("abcd", True) if code == "true_false_group" else ["A"])
    assert kind(code).check(whole) == []
    assert field in {p.field for p in kind(code).check({**whole, **changed})}


def test_a_draft_may_lack_its_key() -> None:
    assert kind("single_choice").check(content("single_choice", None), complete=False) == []


def test_students_see_no_key() -> None:
    whole = content("single_choice", ["A"], explanation="vì thế")
    assert set(kind("single_choice").strip(whole)) == {"kind", "stem", "choices"}
