"""What the answers say, for those who may see keys. Reads only first attempts, against the versions dealt."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import aliased

from app.core import db
from app.core.access import Viewer
from app.core.errors import NotFound
from app.core.i18n import gettext as _
from app.insights import statistics
from app.questions import policy as questions_policy
from app.questions import queries as bank
from app.questions.models import Question, QuestionVersion
from app.quizzes import policy as quizzes_policy
from app.quizzes import queries as quizzes
from app.quizzes.models import Answer, Attempt, Quiz, QuizItem

MOST = 20_000  # first attempts read of one quiz
MOST_FITTED = 5_000  # of them for the 2PL, whose errors are small by then


@dataclass(frozen=True)
class Line:
    """One question of a quiz, or one version over all its quizzes."""

    position: int
    version: QuestionVersion
    item: statistics.Item
    alpha_without: float | None = None
    a: float | None = None
    a_se: float | None = None
    b: float | None = None
    b_se: float | None = None


@dataclass(frozen=True)
class QuizFigures:
    """A quiz: the whole (scores out of 10) and its questions in their order."""

    quiz: Quiz
    test: statistics.Test
    lines: list[Line]
    fitted: bool
    cut: bool


@dataclass(frozen=True)
class QuestionFigures:
    """A question: its versions that were dealt, newest first, pooled over quizzes."""

    question: Question
    lines: list[Line]
    quizzes: dict[uuid.UUID, int]


@dataclass(frozen=True)
class _Sat:
    """First attempts of a quiz, in one order; matrices are persons x items of the compiled quiz."""

    ids: list[uuid.UUID]
    places: list[list[int]]
    points: statistics.Floats
    shares: statistics.Floats
    right: statistics.Floats
    cut: bool


def of_quiz(viewer: Viewer, quiz_id: uuid.UUID) -> QuizFigures:
    """Only for who manages the quiz; NotFound otherwise."""
    found = quizzes.quiz(viewer, quiz_id)
    if not quizzes_policy.may_manage(viewer, found):
        raise NotFound(_("Không tìm thấy bài này."))
    items = (found.compiled or {}).get("items", [])
    sat = _sat(found, items)
    versions = bank.versions(uuid.UUID(item["version_id"]) for item in items)
    most = float(sum(Decimal(item["points"]) for item in items)) or 1.0
    scores = sat.points * (10 / most)
    whole = statistics.reliability(scores)
    if len(sat.ids) < statistics.FEWEST:
        whole = statistics.Test(whole.n, whole.items, None, None, None, None, (None,) * len(items))
    fit = None
    if len(sat.ids) >= statistics.FITTED:
        fit = statistics.two_parameter(sat.right[:MOST_FITTED])
        fit = fit if fit.converged else None
    responses = _responses(sat, range(len(items)))
    totals = scores.sum(axis=1)
    lines = []
    for place, item in enumerate(items):
        full = versions[uuid.UUID(item["version_id"])]
        figures = statistics.item(
            item["kind"],
            [choice["id"] for choice in item["choices"]],
            full.answer,
            sat.shares[:, place],
            totals - scores[:, place],
            totals,
            responses[place],
        )
        values = [None] * 4 if fit is None else [_known(column[place]) for column in (fit.a, fit.a_se, fit.b, fit.b_se)]
        lines.append(Line(place + 1, full.version, figures, whole.dropped[place], *values))
    return QuizFigures(found, whole, lines, fit is not None, sat.cut)


def of_question(viewer: Viewer, question_id: uuid.UUID) -> QuestionFigures:
    """For those who may edit or review the question; NotFound otherwise.

    Totals of different quizzes are put on one scale (z within each quiz) before they are pooled.
    """
    row = db.session().get(Question, question_id)
    if row is None or not questions_policy.may_see_key(viewer, row):
        raise NotFound(_("Không tìm thấy câu hỏi này."))
    used = db.session().execute(
        sa.select(QuizItem.version_id, Quiz)
        .join(Quiz, Quiz.id == QuizItem.quiz_id)
        .join(QuestionVersion, QuestionVersion.id == QuizItem.version_id)
        .where(QuestionVersion.question_id == question_id)
        .order_by(QuestionVersion.number.desc(), Quiz.id)
    )
    parts: dict[uuid.UUID, list[Quiz]] = {}
    for version_id, quiz in used:
        parts.setdefault(version_id, []).append(quiz)
    versions = bank.versions(parts)
    lines = [
        Line(full.version.number, full.version, _pooled(full, parts[version_id]))
        for version_id, full in ((version_id, versions[version_id]) for version_id in parts)
    ]
    return QuestionFigures(row, lines, {version_id: len(found) for version_id, found in parts.items()})


def _pooled(full: bank.FullVersion, used: list[Quiz]) -> statistics.Item:
    shares, rests, totals, responses = [], [], [], []
    for quiz in used:
        items = (quiz.compiled or {}).get("items", [])
        place = next(n for n, item in enumerate(items) if item["version_id"] == str(full.version.id))
        sat = _sat(quiz, items)
        if not sat.ids:
            continue
        whole = sat.points.sum(axis=1)
        shares.append(sat.shares[:, place])
        rests.append(_standard(whole - sat.points[:, place]))
        totals.append(_standard(whole))
        responses += _responses(sat, [place])[place]
    nothing = np.zeros(0)
    return statistics.item(
        full.version.kind,
        [choice["id"] for choice in full.version.choices],
        full.answer,
        np.concatenate([nothing, *shares]),
        np.concatenate([nothing, *rests]),
        np.concatenate([nothing, *totals]),
        responses,
    )


def _standard(values: statistics.Floats) -> statistics.Floats:
    sd = float(values.std())
    return (values - values.mean()) / sd if sd > 1e-12 else values * 0.0


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _sat(quiz: Quiz, items: list[dict[str, Any]]) -> _Sat:
    """Submitted first attempts with at least one answer; the teacher's own trials do not count."""
    other = aliased(Attempt)
    first = (
        sa.select(sa.func.min(other.number))
        .where(other.quiz_id == quiz.id, other.state == "submitted", other.user_id == Attempt.user_id)
        .correlate(Attempt)
        .scalar_subquery()
    )
    query = (
        sa.select(Attempt.id, Attempt.layout, Attempt.result)
        .where(
            Attempt.quiz_id == quiz.id,
            Attempt.state == "submitted",
            sa.or_(Attempt.user_id.is_(None), sa.and_(Attempt.user_id != quiz.owner_id, Attempt.number == first)),
        )
        .order_by(Attempt.id)
        .limit(MOST + 1)
    )
    ids: list[uuid.UUID] = []
    places: list[list[int]] = []
    marks: list[list[dict[str, Any]]] = []
    cut = False
    for attempt_id, layout, result in db.session().execute(query):
        if len(ids) == MOST:
            cut = True
            break
        if result and result["answered"]:
            ids.append(attempt_id)
            places.append([place["i"] for place in layout])
            marks.append(result["items"])
    points, shares, right = (np.zeros((len(ids), len(items))) for _matrix in range(3))
    for row, (order, found) in enumerate(zip(places, marks, strict=True)):
        for place, mark in zip(order, found, strict=True):
            points[row, place] = float(mark["points"])
            shares[row, place] = float(mark["score"])
            right[row, place] = bool(mark["correct"])
    return _Sat(ids, places, points, shares, right, cut)


def _responses(sat: _Sat, wanted: Iterable[int]) -> dict[int, list[Any]]:
    """The stored answers to some places of the compiled quiz, by person in the order of `sat`."""
    asked = set(wanted)
    found: dict[int, list[Any]] = {place: [None] * len(sat.ids) for place in asked}
    rows = {attempt_id: row for row, attempt_id in enumerate(sat.ids)}
    numbers = sorted({n for order in sat.places for n, place in enumerate(order, 1) if place in asked})
    for part in _parts(sat.ids):
        query = sa.select(Answer.attempt_id, Answer.n, Answer.response).where(
            Answer.attempt_id.in_(part), Answer.n.in_(numbers)
        )
        for attempt_id, n, response in db.session().execute(query):
            row = rows[attempt_id]
            place = sat.places[row][n - 1]
            if place in asked:
                found[place][row] = response
    return found


def _parts(ids: list[uuid.UUID], size: int = 500) -> Iterator[list[uuid.UUID]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]
