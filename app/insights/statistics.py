"""Item statistics. Pure: responses in, figures and flags out; no database, no words for people.

Classical figures follow `psych::alpha` (sample variances, item against the rest of the test), the 2PL is
P = 1/(1+exp(-a(theta-b))) with theta standard normal, fitted by marginal maximum likelihood
(Bock and Aitkin 1981: EM over Gauss-Hermite nodes).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

FEWEST = 5  # attempts below which no figure is shown
ENOUGH = 30  # attempts below which figures are a hint only
FLAGGED = 10  # attempts from which flags are raised
FITTED = 200  # attempts from which a 2PL is fitted
GROUP = 0.27  # Kelley 1939: the share of the upper and of the lower group
RARE = 0.05
BLANK = ""  # stands for no answer in tables of options


# ---------------------------------------------------------------- a test


@dataclass(frozen=True)
class Test:
    """A quiz as a whole. Scores are in points; `alpha` is KR-20 where every item is right or wrong."""

    n: int
    items: int
    mean: float | None
    sd: float | None
    alpha: float | None
    sem: float | None
    dropped: tuple[float | None, ...] = ()


def reliability(scores: Floats) -> Test:
    """Cronbach's alpha and the standard error of measurement of a persons x items matrix.

    NaN stands for an item a person was not given: covariances are then taken pairwise, mean and standard
    deviation of the total from those who were given everything.
    """
    n, k = scores.shape
    totals = scores.sum(axis=1)
    totals = totals[np.isfinite(totals)]
    mean = float(totals.mean()) if len(totals) and k else None
    if len(totals) < 2 or k < 1:
        return Test(n, k, mean, None, None, None, (None,) * k)
    covariance = covariances(scores)
    sd = float(totals.std(ddof=1))
    alpha = _alpha(covariance)
    sem = sd * math.sqrt(max(0.0, 1 - alpha)) if alpha is not None else None
    dropped = []
    for each in range(k):
        rest = np.delete(np.delete(covariance, each, axis=0), each, axis=1)
        dropped.append(_alpha(rest))
    return Test(n, k, mean, sd, alpha, sem, tuple(dropped))


def covariances(scores: Floats) -> Floats:
    """Sample covariances of the items, each pair from the persons who were given both."""
    given = np.isfinite(scores).astype(float)
    values = np.where(given > 0, scores, 0.0)
    both = given.T @ given
    with np.errstate(divide="ignore", invalid="ignore"):
        left = values.T @ given / both  # mean of the row's item among those who were given the column's
        found = (values.T @ values - both * left * left.T) / (both - 1)
    return np.where(both > 1, found, 0.0)


def rest_correlations(scores: Floats) -> list[float | None]:
    """Each item with the sum of the others (the corrected item-total correlation)."""
    covariance = covariances(scores)
    sums, own, whole = covariance.sum(axis=1), np.diag(covariance), float(covariance.sum())
    found: list[float | None] = []
    for with_all, variance in zip(sums, own, strict=True):
        size = math.sqrt(max(0.0, float(variance * (whole - 2 * with_all + variance))))
        found.append(float(with_all - variance) / size if size > 1e-12 else None)
    return found


def _alpha(covariance: Floats) -> float | None:
    k, whole = covariance.shape[0], float(covariance.sum())
    if k < 2 or whole <= 1e-12:
        return None
    return k / (k - 1) * (1 - float(np.trace(covariance)) / whole)


def correlation(left: Floats, right: Floats) -> float | None:
    """Pearson's r; None where one side does not vary."""
    a, b = left - left.mean(), right - right.mean()
    size = math.sqrt(float(a @ a) * float(b @ b))
    return float(a @ b) / size if size > 1e-12 else None


def groups(totals: Floats, share: float = GROUP) -> tuple[Floats, Floats]:
    """Weights of each person in the upper and in the lower group.

    Persons with equal totals at the border share the places left, so that the order of rows does not matter.
    """
    places = share * len(totals)

    def top(values: Floats) -> Floats:
        weights = np.zeros(len(values))
        left = places
        for value in np.unique(values)[::-1]:
            same = values == value
            weights[same] = min(1.0, left / int(same.sum()))
            left -= float(weights[same].sum())
            if left <= 1e-9:
                break
        return weights

    return top(totals), top(-totals)


# ---------------------------------------------------------------- one question


@dataclass(frozen=True)
class Option:
    """How one option's content drew students: shares of all, of the upper and of the lower 27 %.

    `r` is the point-biserial of choosing it with the rest of the test.
    """

    id: str
    count: int
    share: float
    upper: float
    lower: float
    r: float | None
    is_key: bool


@dataclass(frozen=True)
class Flag:
    """A remark by code; `option` names the option it speaks of."""

    code: str
    option: str = ""


@dataclass(frozen=True)
class Item:
    """Figures of one version. `p` is the mean share of the points, `r` corrected for the item itself."""

    n: int
    blank: int = 0
    p: float | None = None
    p_se: float | None = None
    r: float | None = None
    r_se: float | None = None
    index: float | None = None
    options: tuple[Option, ...] = ()
    flags: tuple[Flag, ...] = field(default_factory=tuple)

    @property
    def told(self) -> bool:
        return self.n >= FEWEST


def item(
    kind: str,
    ids: Sequence[str],
    key: Any,
    shares: Floats,
    rests: Floats,
    totals: Floats,
    responses: Sequence[Any],
) -> Item:
    """One question over its attempts.

    `shares` are parts of its points (0..1), `rests` the points of everything else in the same test, `totals`
    the whole; `responses` as stored, by the ids of the version, never by the letter a student saw.
    """
    n = len(responses)
    blank = sum(1 for one in responses if is_blank(one))
    if n < FEWEST:
        return Item(n, blank)
    p = float(shares.mean())
    p_se = float(shares.std(ddof=1)) / math.sqrt(n)
    r = correlation(shares, rests)
    r_se = (1 - r * r) / math.sqrt(n - 1) if r is not None else None
    upper, lower = groups(totals)
    index = float(shares @ upper / upper.sum() - shares @ lower / lower.sum())
    options = tuple(
        _option(name, chosen, is_key, rests, upper, lower)
        for name, chosen, is_key in _chosen(kind, ids, key, responses)
    )
    found = Item(n, blank, p, p_se, r, r_se, index, options)
    return Item(n, blank, p, p_se, r, r_se, index, options, tuple(_flags(kind, found)))


def is_blank(response: Any) -> bool:
    if isinstance(response, Mapping):
        return all(value is None for value in response.values())
    return response is None or response == [] or (isinstance(response, str) and not response.strip())


def _chosen(kind: str, ids: Sequence[str], key: Any, responses: Sequence[Any]) -> list[tuple[str, Floats, bool]]:
    """(option, 0/1 by person, whether it is right): options, statements called true, or numbers written."""
    found: list[tuple[str, Floats, bool]] = []
    if kind == "true_false_group":
        right = key if isinstance(key, Mapping) else {}
        for name in ids:
            # A statement is told by how many judged it rightly; `is_key` says whether it is true.
            hits = [isinstance(one, Mapping) and name in right and one.get(name) is right[name] for one in responses]
            found.append((name, np.array(hits, dtype=float), bool(right.get(name))))
    elif kind == "short_answer":
        written = [_number(one) for one in responses]
        for name, _count in sorted(Counter(one for one in written if one).most_common(6), key=lambda c: (-c[1], c[0])):
            found.append((name, np.array([one == name for one in written], dtype=float), name == _number(key)))
    else:
        for name in ids:
            hits = [isinstance(one, Sequence) and not isinstance(one, str) and name in one for one in responses]
            found.append((name, np.array(hits, dtype=float), isinstance(key, Sequence) and name in key))
    missing = np.array([is_blank(one) for one in responses], dtype=float)
    if missing.any():
        found.append((BLANK, missing, False))
    return found


def _number(text: Any) -> str:
    """A short answer with one spelling for each value: 0,50 and 0.5 are the same."""
    if not isinstance(text, str) or not text.strip():
        return ""
    plain = text.strip().replace("−", "-").replace(" ", "").replace(",", ".")
    try:
        value = float(plain)
    except ValueError:
        return plain
    return f"{value:g}".replace(".", ",") if math.isfinite(value) else plain


def _option(name: str, chosen: Floats, is_key: bool, rests: Floats, upper: Floats, lower: Floats) -> Option:
    return Option(
        name,
        int(chosen.sum()),
        float(chosen.mean()),
        float(chosen @ upper / upper.sum()),
        float(chosen @ lower / lower.sum()),
        correlation(chosen, rests),
        is_key,
    )


def _flags(kind: str, found: Item) -> list[Flag]:
    """What a teacher should look at. Correlations count from one standard error on, so that chance is not flagged."""
    said: list[Flag] = []
    if found.n < FLAGGED or found.p is None:
        return said
    chance = 1 / math.sqrt(found.n - 1)
    if found.p >= 0.95:
        said.append(Flag("easy"))
    elif found.p <= 0.2:
        said.append(Flag("hard"))
    if found.r is not None:
        if found.r < -chance:
            said.append(Flag("reversed"))
        elif found.r < 0.1 and 0.2 < found.p < 0.95:
            said.append(Flag("flat"))
    for option in found.options:
        if option.id == BLANK:
            if option.share > 0.2:
                said.append(Flag("blank"))
            continue
        if kind == "true_false_group":
            if option.r is not None and option.r < -chance:
                said.append(Flag("statement_reversed", option.id))
        elif kind == "short_answer":
            if not option.is_key and option.share >= 0.2 and option.upper > option.lower:
                said.append(Flag("number_draws", option.id))
        elif option.is_key:
            if option.r is not None and option.r < -chance:
                said.append(Flag("key_repels", option.id))
        else:
            if option.r is not None and option.r > chance and option.upper > option.lower and option.share >= RARE:
                said.append(Flag("draws_strong", option.id))
            elif option.share < RARE and found.n >= ENOUGH and found.p < 0.95:
                said.append(Flag("idle", option.id))
    return said


# ---------------------------------------------------------------- 2PL


@dataclass(frozen=True)
class Fit:
    """2PL parameters by item, with standard errors from the observed information (delta method for `b`).

    Items that all or none solved carry no information and stand as NaN.
    """

    a: Floats
    b: Floats
    a_se: Floats
    b_se: Floats
    loglik: float
    converged: bool
    n: int


def two_parameter(right: NDArray[Any], nodes: int = 61, most: int = 2000) -> Fit:
    """Fit a 2PL to a persons x items matrix of 0 and 1."""
    right = np.asarray(right, dtype=np.uint8)
    n, k = right.shape
    varies = (right.min(axis=0) != right.max(axis=0)) if n else np.zeros(k, dtype=bool)
    blank = np.full(k, np.nan)
    if n < 2 or int(varies.sum()) < 3:  # two items leave the slopes undetermined
        return Fit(blank, blank, blank, blank, math.nan, False, n)
    patterns, counts = np.unique(right[:, varies], axis=0, return_counts=True)
    model = _Model(patterns.astype(float), counts.astype(float), nodes)
    values, converged = model.fitted(most)
    slopes, bases = values[: model.k], values[model.k :]
    errors = model.errors(values)
    a, b, a_se, b_se = blank.copy(), blank.copy(), blank.copy(), blank.copy()
    a[varies], b[varies] = slopes, -bases / slopes
    if errors is not None:
        at = np.arange(model.k)
        var_a, var_d, both = errors[at, at], errors[at + model.k, at + model.k], errors[at, at + model.k]
        a_se[varies] = np.sqrt(var_a)
        # b = -d/a: gradient (d/a^2, -1/a).
        da, dd = bases / slopes**2, -1 / slopes
        b_se[varies] = np.sqrt(np.maximum(0.0, da**2 * var_a + dd**2 * var_d + 2 * da * dd * both))
    return Fit(a, b, a_se, b_se, model.loglik(values), converged and errors is not None, n)


class _Model:
    """Marginal likelihood over response patterns; parameters are slopes, then intercepts d = -ab."""

    def __init__(self, patterns: Floats, counts: Floats, nodes: int) -> None:
        self.x, self.counts = patterns, counts
        self.k = patterns.shape[1]
        points, weights = np.polynomial.hermite_e.hermegauss(nodes)
        self.theta, self.weights = points, weights / weights.sum()

    def _curves(self, values: Floats) -> Floats:
        """Items x nodes: the chance of a right answer."""
        z = values[: self.k, None] * self.theta[None, :] + values[self.k :, None]
        return np.asarray(1 / (1 + np.exp(-np.clip(z, -35, 35))))

    def _posterior(self, values: Floats) -> tuple[Floats, float, Floats]:
        """Where each pattern lies over the nodes, log likelihood, the curves."""
        p = self._curves(values)
        # log p of a pattern = sum of log(1-p) + x (log p - log(1-p)), one product of matrices.
        logs = self.x @ np.log(p / (1 - p)) + np.log1p(-p).sum(axis=0) + np.log(np.maximum(self.weights, 1e-300))
        top = logs.max(axis=1, keepdims=True)
        joint = np.exp(logs - top)
        sums = joint.sum(axis=1, keepdims=True)
        return joint / sums, float(self.counts @ (np.log(sums) + top)[:, 0]), p

    def loglik(self, values: Floats) -> float:
        return self._posterior(values)[1]

    def gradient(self, values: Floats) -> Floats:
        posterior, _loglik, p = self._posterior(values)
        held = posterior * self.counts[:, None]
        over = self.x.T @ held - held.sum(axis=0)[None, :] * p
        return np.concatenate([over @ self.theta, over.sum(axis=1)])

    def hessian(self, values: Floats) -> Floats:
        """Second derivatives of the log likelihood, exact (Louis 1982: complete less missing information)."""
        posterior, _loglik, p = self._posterior(values)
        held = posterior * self.counts[:, None]
        theta, persons, k = self.theta, held.sum(axis=0), self.k
        expected = np.zeros((3, k, k))  # E[s s'] for the powers 0, 1, 2 of theta
        for node, at in enumerate(theta):
            if persons[node] < 1e-12:
                continue
            over = self.x - p[:, node]
            both = (over * held[:, node, None]).T @ over
            expected += both * np.array([1.0, at, at * at])[:, None, None]
        spread = persons * p * (1 - p)
        complete = [np.diag(spread @ theta**power) for power in (0, 1, 2)]
        mean_d = self.x - posterior @ p.T
        mean_a = self.x * (posterior @ theta)[:, None] - posterior @ (p * theta).T
        scores = np.concatenate([mean_a, mean_d], axis=1)
        by_power = [expected[power] - complete[power] for power in (0, 1, 2)]
        found = np.block([[by_power[2], by_power[1]], [by_power[1], by_power[0]]])
        return np.asarray(found - (scores * self.counts[:, None]).T @ scores)

    def fitted(self, most: int) -> tuple[Floats, bool]:
        """EM until it crawls, then Newton's steps on the likelihood itself."""
        share = np.clip((self.counts @ self.x) / self.counts.sum(), 0.01, 0.99)
        values = np.concatenate([np.ones(self.k), np.log(share / (1 - share))])
        for _round in range(most):
            held = self._posterior(values)[0] * self.counts[:, None]
            after = self._maximised(values, self.x.T @ held, held.sum(axis=0))
            moved = float(np.abs(after - values).max())
            values = after
            if moved < 1e-3 or not np.isfinite(values).all():
                break
        for _round in range(8):
            try:
                step = np.linalg.solve(self.hessian(values), self.gradient(values))
            except np.linalg.LinAlgError:
                break
            if (
                not np.isfinite(step).all()
                or np.abs(step).max() > 1
                or self.loglik(values - step) < self.loglik(values) - 1e-6
            ):
                break
            values = values - step
            if np.abs(step).max() < 1e-8:
                return values, True
        return values, bool(np.isfinite(values).all() and np.abs(self.gradient(values)).max() < 0.05)

    def _maximised(self, values: Floats, right: Floats, persons: Floats) -> Floats:
        """The M-step: a logistic regression for each item, all at once, by a few damped Newton steps."""
        a, d = values[: self.k].copy(), values[self.k :].copy()
        for _round in range(4):
            p = self._curves(np.concatenate([a, d]))
            over, w = right - persons * p, persons * p * (1 - p)
            ga, gd = over @ self.theta, over.sum(axis=1)
            haa, had, hdd = w @ self.theta**2 + 1e-9, w @ self.theta, w.sum(axis=1) + 1e-9
            det = np.maximum(haa * hdd - had**2, 1e-12)
            a += np.clip((hdd * ga - had * gd) / det, -0.5, 0.5)
            d += np.clip((haa * gd - had * ga) / det, -1, 1)
        return np.concatenate([a, d])

    def errors(self, values: Floats) -> Floats | None:
        """The inverse of the observed information; None where it is no maximum."""
        try:
            found = np.linalg.inv(-self.hessian(values))
        except np.linalg.LinAlgError:
            return None
        fits = bool(np.isfinite(found).all() and (np.diag(found) > 0).all())
        return np.asarray(found, dtype=np.float64) if fits else None
