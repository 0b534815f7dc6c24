"""Sets of questions for a matrix: complete, disjoint, balanced, repeatable, and a true count of what lacks."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from app.blueprints.solver import Candidate, assemble, faults


def bank(per_cell: int, cells: int, seed: int = 1) -> list[Candidate]:
    rng = random.Random(seed)
    return [
        Candidate(f"q{c}-{n}", frozenset({c}), round(rng.uniform(0.1, 0.9), 3))
        for c in range(cells)
        for n in range(per_cell)
    ]


def test_disjoint_forms_are_complete_balanced_and_repeatable() -> None:
    needs, pool = [2, 1, 2, 1, 1, 2], bank(30, 6)
    made = assemble(needs, pool, forms=4, seed=7)
    assert not made.lacking and len(made.forms) == 4
    assert faults(made, needs, pool) == []
    assert made.gap < 0.1, "forms of like difficulty"
    assert assemble(needs, pool, forms=4, seed=7).forms == made.forms
    assert assemble(needs, pool, forms=4, seed=8).forms != made.forms


def test_each_cell_that_lacks_is_named_with_its_number() -> None:
    needs = [3, 2, 1]
    pool = [*bank(4, 1), Candidate("only", frozenset({1}))]
    made = assemble(needs, pool, forms=2)
    assert made.forms == []
    assert made.lacking == {0: 2, 1: 3, 2: 2}


def test_enemies_and_twins_never_meet() -> None:
    pool = [Candidate(n, frozenset({0}), twins="same" if n in (1, 2) else None) for n in range(4)]
    for seed in range(8):
        made = assemble([2], pool, enemies=[(0, 3)], seed=seed)
        assert faults(made, [2], pool, [(0, 3)]) == []
    assert assemble([3], pool, enemies=[(0, 3)]).lacking == {0: 1}


def test_a_question_that_fits_two_cells_goes_where_it_is_needed() -> None:
    pool = [Candidate("both", frozenset({0, 1})), Candidate("first", frozenset({0}))]
    made = assemble([1, 1], pool)
    assert made.forms == [[["first"], ["both"]]]


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_whatever_is_made_stands_up_to_a_second_look(data: st.DataObject) -> None:
    cells = data.draw(st.integers(1, 4))
    needs = data.draw(st.lists(st.integers(0, 3), min_size=cells, max_size=cells))
    fits = data.draw(st.lists(st.frozensets(st.integers(0, cells - 1), min_size=1), max_size=14))
    pool = [Candidate(n, each) for n, each in enumerate(fits)]
    forms = data.draw(st.integers(1, 2))
    made = assemble(needs, pool, forms)
    if made.lacking:
        # Hall's condition fails for some set of cells, and the numbers are no larger than they must be.
        short = max(
            sum(needs[c] for c in part) * forms - sum(1 for each in pool if each.fits & set(part))
            for part in ([c for c in range(cells) if bits >> c & 1] for bits in range(1 << cells))
        )
        assert sum(made.lacking.values()) == short
    else:
        assert faults(made, needs, pool) == []


def test_the_second_look_sees_faults() -> None:
    pool = bank(3, 2)
    made = assemble([1, 1], pool)
    made.forms[0][0].append(made.forms[0][1][0])
    found = " ".join(faults(made, [1, 1], pool))
    assert "instead of" in found and "does not fit" in found and "twice" in found


def test_many_forms_from_a_large_bank_in_time() -> None:
    needs, pool = [2] * 16 + [1] * 8, bank(400, 24)
    made = assemble(needs, pool, forms=24, seed=3)
    assert not made.lacking and faults(made, needs, pool) == []
    assert made.gap < 0.25 and made.seconds < 30
