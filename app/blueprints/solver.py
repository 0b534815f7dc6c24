"""Drawing sets of questions for a matrix, as a mixed integer programme (HiGHS). Pure: cells and candidates in, sets out.

It seeks a set within a tolerance, not the best one. Where the bank is too small it says by how much in which cell.
"""

from __future__ import annotations

import random
import time
from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, field
from typing import Any

import highspy
import numpy as np

LACK = 1000.0
GAP = 0.02
SPARE = 20
# Beyond so many choices forms are dealt by hand: the model would not end in time.
LARGEST = 12_000


@dataclass(frozen=True)
class Candidate:
    """`fits` are the cells it may fill; `difficulty` 0 (easy) to 1, where known; of one `twins` group a form has one."""

    id: Hashable
    fits: frozenset[int]
    difficulty: float = 0.5
    twins: Hashable = None


@dataclass(frozen=True)
class Outcome:
    """`forms[f][c]` are the candidates of form f for cell c; `lacking[c]` how many questions cell c lacks in all.

    `gap` is the difference between the hardest and the easiest form, in sums of difficulty.
    """

    forms: list[list[list[Hashable]]] = field(default_factory=list)
    lacking: dict[int, int] = field(default_factory=dict)
    gap: float = 0.0
    seconds: float = 0.0


def assemble(
    needs: Sequence[int],
    pool: Sequence[Candidate],
    forms: int = 1,
    enemies: Sequence[tuple[Hashable, Hashable]] = (),
    seed: int | str = 0,
    seconds: float = 15.0,
) -> Outcome:
    """`forms` disjoint sets with `needs[c]` questions for each cell c, no two enemies or twins in one set.

    The same input and seed give the same sets as long as the time limit does not strike.
    """
    began = time.monotonic()
    order = list(pool)
    random.Random(f"{seed}").shuffle(order)
    outcome = _drawn(needs, _sample(needs, order, forms), forms, enemies, seconds)
    if outcome.lacking and len(order) > sum(needs):
        # A sample may lack what the whole bank has.
        outcome = _drawn(needs, order, forms, enemies, seconds)
    spent = time.monotonic() - began
    return Outcome([] if outcome.lacking else outcome.forms, outcome.lacking, outcome.gap, spent)


def _drawn(
    needs: Sequence[int],
    pool: Sequence[Candidate],
    forms: int,
    enemies: Sequence[tuple[Hashable, Hashable]],
    seconds: float,
) -> Outcome:
    """First which questions, as one large set, so that what lacks is known exactly; then which form has which."""
    if forms == 1:
        return _solve(needs, pool, 1, enemies, seconds)
    whole = _solve([need * forms for need in needs], pool, 1, (), seconds, twins=forms)
    if whole.lacking:
        return whole
    if sum(len(each.fits) for each in pool) * forms <= LARGEST:
        full = _solve(needs, pool, forms, enemies, seconds)
        if not full.lacking or _apart(pool, enemies):
            return full
    dealt = _deal(needs, pool, whole.forms[0], forms)
    if faults(dealt, needs, pool, enemies):
        chosen = {each for cell in whole.forms[0] for each in cell}
        return _solve(needs, [each for each in pool if each.id in chosen], forms, enemies, seconds)
    return dealt


def _deal(needs: Sequence[int], pool: Sequence[Candidate], chosen: Sequence[Sequence[Hashable]], forms: int) -> Outcome:
    """Deal a large set into forms, the hardest of a round to the form that is the easiest so far."""
    known = {each.id: each for each in pool}
    sets: list[list[list[Hashable]]] = [[[] for _c in needs] for _f in range(forms)]
    sums = [0.0] * forms
    rounds = []
    for c, ids in enumerate(chosen):
        ranked = sorted(ids, key=lambda each: -known[each].difficulty)
        rounds += [(c, ranked[n : n + forms]) for n in range(0, len(ranked), forms)]
    rounds.sort(key=lambda one: known[one[1][-1]].difficulty - known[one[1][0]].difficulty)
    for c, ids in rounds:
        for f, each in zip(sorted(range(forms), key=lambda f: sums[f]), ids, strict=True):
            sets[f][c].append(each)
            sums[f] += known[each].difficulty
    return Outcome(sets, {}, max(sums) - min(sums))


def _sample(needs: Sequence[int], order: Sequence[Candidate], forms: int) -> list[Candidate]:
    """Enough candidates for each cell and some to choose from: a model of ten thousand questions would take too long."""
    room = [need * forms * 2 + SPARE if need else 0 for need in needs]
    chosen = []
    for each in order:
        if any(room[c] > 0 for c in each.fits):
            chosen.append(each)
            for c in each.fits:
                room[c] -= 1
    return chosen


def _solve(
    needs: Sequence[int],
    pool: Sequence[Candidate],
    forms: int,
    enemies: Sequence[tuple[Hashable, Hashable]],
    seconds: float,
    twins: int = 1,
) -> Outcome:
    """The model itself; of a group of twins or enemies at most `twins` stand in one set."""
    cells = [c for c, need in enumerate(needs) if need]
    variables = [(f, c, i) for f in range(forms) for i, each in enumerate(pool) for c in sorted(each.fits) if needs[c]]
    slack = {(f, c): len(variables) + n for n, (f, c) in enumerate((f, c) for f in range(forms) for c in cells)}
    weighed = forms > 1 and len({each.difficulty for each in pool}) > 1
    hardest = len(variables) + len(slack)
    columns = hardest + (2 if weighed else 0)
    rows: list[tuple[float, float, list[int], list[float]]] = []

    of_cell: dict[tuple[int, int], list[int]] = {key: [place] for key, place in slack.items()}
    of_item: dict[int, list[int]] = {}
    of_form: dict[tuple[int, int], list[int]] = {}
    for n, (f, c, i) in enumerate(variables):
        of_cell[f, c].append(n)
        of_item.setdefault(i, []).append(n)
        of_form.setdefault((f, i), []).append(n)
    for (_f, c), members in of_cell.items():
        rows.append((needs[c], needs[c], members, [1.0] * len(members)))
    for members in of_item.values():
        if len(members) > 1:
            rows.append((-np.inf, 1.0, members, [1.0] * len(members)))
    for group in _apart(pool, enemies):
        for f in range(forms):
            members = [n for i in group for n in of_form.get((f, i), ())]
            if len(members) > twins:
                rows.append((-np.inf, float(twins), members, [1.0] * len(members)))
    if weighed:
        for f in range(forms):
            members = [n for n, (g, _c, _i) in enumerate(variables) if g == f]
            hard = [pool[variables[n][2]].difficulty for n in members]
            rows.append((-np.inf, 0.0, [*members, hardest], [*hard, -1.0]))
            rows.append((0.0, np.inf, [*members, hardest + 1], [*hard, -1.0]))

    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = columns, len(rows)
    cost, upper = np.zeros(columns), np.ones(columns)
    whole = [highspy.HighsVarType.kInteger] * columns
    for (_f, c), place in slack.items():
        cost[place], upper[place] = LACK, needs[c]
    if weighed:
        cost[hardest], cost[hardest + 1] = 1.0, -1.0
        upper[hardest:] = sum(needs)
        whole[hardest] = whole[hardest + 1] = highspy.HighsVarType.kContinuous
    lp.col_cost_, lp.col_lower_, lp.col_upper_, lp.integrality_ = cost, np.zeros(columns), upper, whole
    lp.row_lower_ = np.array([row[0] for row in rows], dtype=float)
    lp.row_upper_ = np.array([row[1] for row in rows], dtype=float)
    lp.a_matrix_.format_ = highspy.MatrixFormat.kRowwise
    lp.a_matrix_.start_ = np.cumsum([0, *(len(row[2]) for row in rows)]).astype(np.int32)
    lp.a_matrix_.index_ = np.array([n for row in rows for n in row[2]], dtype=np.int32)
    lp.a_matrix_.value_ = np.array([v for row in rows for v in row[3]], dtype=float)
    values = _run(lp, seconds)

    sets: list[list[list[Hashable]]] = [[[] for _c in needs] for _f in range(forms)]
    for n, (f, c, i) in enumerate(variables):
        if values[n] > 0.5:
            sets[f][c].append(pool[i].id)
    lacking: Counter[int] = Counter()
    for f in range(forms):
        for c in cells:
            lacking[c] += needs[c] - len(sets[f][c])
    by_id = {each.id: each.difficulty for each in pool}
    sums = [sum(by_id[each] for cell in form for each in cell) for form in sets]
    return Outcome(sets, {c: n for c, n in sorted(lacking.items()) if n}, max(sums) - min(sums))


def _run(lp: Any, seconds: float) -> Any:
    """Values of the columns: the best found in time; all zero when there was none."""
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("log_to_console", False)
    solver.setOptionValue("threads", 1)
    solver.setOptionValue("random_seed", 1)
    solver.setOptionValue("time_limit", float(seconds))
    solver.setOptionValue("mip_abs_gap", GAP)
    solver.setOptionValue("mip_rel_gap", 0.0)
    solver.passModel(lp)
    solver.run()
    values = solver.getSolution().col_value
    return values if len(values) == lp.num_col_ else [0.0] * lp.num_col_


def _apart(pool: Sequence[Candidate], enemies: Sequence[tuple[Hashable, Hashable]]) -> list[list[int]]:
    places = {each.id: i for i, each in enumerate(pool)}
    twins: dict[Hashable, list[int]] = {}
    for i, each in enumerate(pool):
        if each.twins is not None:
            twins.setdefault(each.twins, []).append(i)
    pairs = [[places[a], places[b]] for a, b in enemies if a in places and b in places and a != b]
    return [group for group in twins.values() if len(group) > 1] + pairs


def faults(
    outcome: Outcome,
    needs: Sequence[int],
    pool: Sequence[Candidate],
    enemies: Sequence[tuple[Hashable, Hashable]] = (),
) -> list[str]:
    """What is wrong with sets, looked at afresh and without the model that made them."""
    known = {each.id: each for each in pool}
    found, seen = [], set()
    for f, form in enumerate(outcome.forms):
        inside = [each for cell in form for each in cell]
        for c, need in enumerate(needs):
            if len(form[c]) != need:
                found.append(f"form {f}, cell {c}: {len(form[c])} instead of {need}")
            found += [f"form {f}: {each} does not fit cell {c}" for each in form[c] if c not in known[each].fits]
        found += [f"{each} stands twice" for each in inside if each in seen or inside.count(each) > 1]
        seen.update(inside)
        twins = Counter(known[each].twins for each in inside if known[each].twins is not None)
        found += [f"form {f}: twins {group}" for group, n in twins.items() if n > 1]
        found += [f"form {f}: enemies {a}, {b}" for a, b in enemies if a != b and a in inside and b in inside]
    return found
