"""Figures against published and reference values, and against cases small enough to do by hand."""

from __future__ import annotations

import csv
import json
import math
from pathlib import Path

import numpy as np
import pytest

from app.insights import statistics
from app.insights.statistics import Floats

SETS = {
    "lsat6": "lsat6.csv",
    "ability": "ability_sapa_1525x16.csv",
    "verbal_aggression": "verbal_aggression_resp2_316x24.csv",
}


def matrix(corpora: Path, name: str) -> Floats:
    with (corpora / "statistics" / name / SETS[name]).open() as source:
        rows = list(csv.reader(source))[1:]
    return np.array([[math.nan if cell == "NA" else float(cell) for cell in row] for row in rows])


def published(corpora: Path) -> dict[str, dict[str, object]]:
    found: dict[str, dict[str, object]] = json.loads((corpora / "statistics" / "published.json").read_text())
    return found


@pytest.mark.parametrize("name", SETS)
def test_classical_values_are_those_of_psych(corpora: Path, name: str) -> None:
    scores = matrix(corpora, name)
    with (corpora / "statistics" / name / f"{name}_ctt_psych.csv").open() as source:
        wanted = [[float(cell) for cell in row[1:]] for row in list(csv.reader(source))[1:]]
    found = statistics.reliability(scores)
    assert len(wanted) == found.items > 4
    for item, (p, _uncorrected, r, dropped) in enumerate(wanted):
        assert np.nanmean(scores[:, item]) == pytest.approx(p, abs=1e-6)
        assert statistics.rest_correlations(scores)[item] == pytest.approx(r, abs=1e-6)
        assert found.dropped[item] == pytest.approx(dropped, abs=1e-6)


def test_alpha_mean_and_standard_error(corpora: Path) -> None:
    told = published(corpora)
    ability = statistics.reliability(matrix(corpora, "ability"))
    for name, value in (
        ("alpha", ability.alpha),
        ("mean_total", ability.mean),
        ("sd", ability.sd),
        ("SEM", ability.sem),
    ):
        assert value == pytest.approx(told["ability_sapa"][name], abs=1e-6)
    verbal = statistics.reliability(matrix(corpora, "verbal_aggression"))
    assert verbal.alpha == pytest.approx(told["verbal_aggression"]["alpha"], abs=1e-6)
    lsat = statistics.reliability(matrix(corpora, "lsat6"))
    assert lsat.alpha == pytest.approx(told["lsat6"]["checked_here"]["psych_alpha"], abs=1e-6)  # type: ignore[index]


def test_2pl_of_lsat6_is_the_published_one(corpora: Path) -> None:
    fit = statistics.two_parameter(matrix(corpora, "lsat6"))
    ltm = published(corpora)["lsat6"]["published"]["ltm_2pl_logistic_D1"]  # type: ignore[index]
    assert fit.converged and fit.n == 1000
    assert np.abs(fit.a - ltm["Dscrmn"]).max() < 0.005
    assert np.abs(fit.b - ltm["Dffclt"]).max() < 0.005
    assert fit.loglik == pytest.approx(ltm["logLik"], abs=0.01)
    # Standard errors of the same fit in Rizopoulos 2006, JSS 17(5).
    assert fit.a_se == pytest.approx([0.2581, 0.1867, 0.2326, 0.1852, 0.2100], abs=0.005)
    assert fit.b_se == pytest.approx([0.8669, 0.3073, 0.0997, 0.4341, 0.8700], abs=0.005)


def simulated(n: int, k: int, seed: int = 5) -> tuple[Floats, Floats, Floats]:
    rng = np.random.default_rng(seed)
    a, b = rng.uniform(0.6, 1.8, k), rng.normal(0, 0.8, k)
    theta = rng.normal(size=(n, 1))
    return (rng.random((n, k)) < 1 / (1 + np.exp(-a * (theta - b)))).astype(float), a, b


def test_2pl_finds_what_made_the_answers() -> None:
    right, a, b = simulated(3000, 12)
    fit = statistics.two_parameter(right)
    assert fit.converged
    # Estimates lie about their standard errors from the truth: their z-values look like a standard normal's.
    z = np.concatenate([(fit.a - a) / fit.a_se, (fit.b - b) / fit.b_se])
    assert np.abs(z).max() < 4 and 0.5 < float((z**2).mean()) < 2


def test_2pl_curvature_is_that_of_the_likelihood() -> None:
    right, _a, _b = simulated(300, 4)
    patterns, counts = np.unique(right, axis=0, return_counts=True)
    model = statistics._Model(patterns, counts.astype(float), 31)
    at = np.array([0.9, 1.1, 1.3, 0.7, 0.2, -0.3, 0.1, 0.5])
    exact, step = model.hessian(at), 1e-4
    for each in range(8):
        moved = np.zeros(8)
        moved[each] = step
        near = (model.gradient(at + moved) - model.gradient(at - moved)) / (2 * step)
        assert exact[each] == pytest.approx(near, abs=1e-3)
        slope = (model.loglik(at + moved) - model.loglik(at - moved)) / (2 * step)
        assert model.gradient(at)[each] == pytest.approx(slope, abs=1e-3)


def test_2pl_leaves_out_what_everybody_solved_and_says_when_it_cannot() -> None:
    right, _a, _b = simulated(400, 5)
    right[:, 2] = 1
    fit = statistics.two_parameter(right)
    assert np.isnan(fit.a[2]) and np.isfinite(np.delete(fit.a, 2)).all()
    assert not statistics.two_parameter(right[:, :2]).converged
    assert not statistics.two_parameter(np.zeros((0, 4))).converged


def test_groups_share_the_border_whatever_the_order() -> None:
    totals = np.array([9.0, 7, 7, 7, 5, 5, 3, 2, 2, 1])
    upper, lower = statistics.groups(totals)
    assert upper.sum() == pytest.approx(2.7) and lower.sum() == pytest.approx(2.7)
    assert upper[0] == 1 and upper[1:4] == pytest.approx([1.7 / 3] * 3) and upper[4:].sum() == 0
    again, _lower = statistics.groups(totals[::-1])
    assert again[::-1] == pytest.approx(upper)


def asked(chosen: str, key: str = "B") -> statistics.Item:
    """Twenty students from the weakest to the strongest, each with a letter ('-': blank)."""
    totals = np.arange(20.0)
    shares = np.array([float(one == key) for one in chosen])
    responses = [None if one == "-" else [one] for one in chosen]
    return statistics.item("single_choice", list("ABCD"), [key], shares, totals, totals + shares, responses)


def test_a_table_of_options() -> None:
    found = asked("AAAADDDD-BBBBBBBBBBB")
    options = {option.id: option for option in found.options}
    assert found.n == 20 and found.blank == 1 and found.p == pytest.approx(11 / 20)
    assert options["B"].is_key and options["B"].upper == 1 and options["B"].lower == 0
    assert options["A"].count == 4 and options["A"].lower == pytest.approx(4 / 5.4) and options["A"].r < 0  # type: ignore[operator]
    assert options[statistics.BLANK].count == 1
    assert found.index == pytest.approx(1) and found.r is not None and found.r > 0.8
    assert found.flags == ()


def test_flags_say_what_is_odd() -> None:
    draws = asked("BBBBBBAAABBADDBACCCC")
    assert statistics.Flag("draws_strong", "C") in draws.flags
    assert statistics.Flag("reversed") in draws.flags
    assert statistics.Flag("easy") in asked("B" * 20).flags
    assert statistics.Flag("hard") in asked("ACDA" * 5).flags
    assert statistics.Flag("blank") in asked("------BBBBBBBBBBBBBB").flags


def test_a_handful_of_attempts_says_nothing() -> None:
    few = statistics.item("single_choice", ["A", "B"], ["A"], np.ones(4), np.ones(4), np.ones(4), [["A"]] * 4)
    assert not few.told and few.p is None and few.options == () and few.flags == ()
    some = statistics.item("single_choice", ["A", "B"], ["A"], np.zeros(5), np.arange(5.0), np.arange(5.0), [["B"]] * 5)
    assert some.told and some.p == 0 and some.r is None and some.flags == ()


def test_statements_and_numbers_are_told_by_content() -> None:
    totals = np.arange(10.0)
    key = {"a": True, "b": False, "c": True, "d": False}
    strong_miss_b = [{**key, "b": n >= 5, "c": None if n == 0 else True} for n in range(10)]
    group = statistics.item("true_false_group", list("abcd"), key, np.full(10, 0.5), totals, totals, strong_miss_b)
    by_id = {option.id: option for option in group.options}
    assert by_id["a"].share == 1 and by_id["b"].share == 0.5 and by_id["c"].share == 0.9
    assert statistics.Flag("statement_reversed", "b") in group.flags
    written = ["0,50", "0.5", ",5", "0,5", "2", "2", "2", "2", "7", None]
    short = statistics.item("short_answer", [], "0,5", np.zeros(10), totals, totals, written)
    assert [(o.id, o.count, o.is_key) for o in short.options if o.id] == [
        ("0,5", 4, True),
        ("2", 4, False),
        ("7", 1, False),
    ]
