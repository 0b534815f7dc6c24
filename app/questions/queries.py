"""Reads of the bank. The viewer comes first, except in the internal reads that deal questions to quizzes."""

from __future__ import annotations

import itertools
import random
import re
import unicodedata
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from app.accounts.models import Unit
from app.core import db
from app.core.access import Viewer
from app.core.errors import NotFound
from app.core.i18n import gettext as _
from app.files import queries as files
from app.files.models import File
from app.questions import likeness, policy
from app.questions.likeness import fingerprint as fingerprint
from app.questions.models import (
    AnswerKey,
    Question,
    QuestionMedia,
    QuestionPair,
    QuestionReview,
    QuestionSketch,
    QuestionVersion,
)

MEDIA = "/questions/media/"
_MEDIA_ID = re.compile(re.escape(MEDIA) + r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})(?![0-9a-f-])")


def fold(text: str) -> str:
    """Lower case without diacritics, for the bank's own filter box."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).split())


@dataclass(frozen=True)
class FullVersion:
    """A version with its key: for marking, editing and review only, never to be sent on as it is."""

    version: QuestionVersion
    answer: Any = field(default=None, repr=False)

    def content(self) -> dict[str, Any]:
        """The content as `kinds` reads it, key included."""
        return {
            "kind": self.version.kind,
            "stem": self.version.stem,
            "choices": self.version.choices,
            "scoring": self.version.scoring,
            "answer": self.answer,
        }


@dataclass(frozen=True)
class Shown:
    """A question as one viewer may see it: `answer` is None and `explanation` empty without the right to the key."""

    question: Question
    version: QuestionVersion
    answer: Any
    explanation: str
    sees_key: bool
    may_edit: bool
    may_review: bool


@dataclass(frozen=True)
class Item:
    """One line of the bank's list; holds no key."""

    question: Question
    version: QuestionVersion
    returned: bool


def question(viewer: Viewer, question_id: uuid.UUID) -> Shown:
    """A question for this viewer; NotFound when it is not theirs to know of."""
    row = db.session().get(Question, question_id)
    if row is None or not policy.may_see(viewer, row):
        raise NotFound(_("Không tìm thấy câu hỏi này."))
    return shown_of(viewer, row)


def shown_of(viewer: Viewer, row: Question) -> Shown:
    """A row the viewer has just worked on (a reviewer no longer sees what went back to its author)."""
    edits, reviews = policy.may_edit(viewer, row), policy.may_review(viewer, row)
    version_id = row.current_version_id if edits or reviews else row.approved_version_id
    version = db.session().get(QuestionVersion, version_id) if version_id else None
    if version is None:
        raise NotFound(_("Không tìm thấy câu hỏi này."))
    sees = edits or reviews
    key = db.session().get(AnswerKey, version.id) if sees else None
    return Shown(
        row,
        version,
        key.answer if key is not None else None,
        version.explanation if sees else "",
        sees,
        edits,
        reviews,
    )


def history(viewer: Viewer, question_id: uuid.UUID) -> list[QuestionVersion]:
    """All versions, newest first; only for those who may edit or review."""
    row = db.session().get(Question, question_id)
    if row is None or not policy.may_see_key(viewer, row):
        return []
    found = sa.select(QuestionVersion).where(QuestionVersion.question_id == question_id)
    return list(db.session().scalars(found.order_by(QuestionVersion.number.desc())))


def reviews(viewer: Viewer, question_id: uuid.UUID) -> list[QuestionReview]:
    """Decisions with their comments, newest first; only for those who may edit or review."""
    row = db.session().get(Question, question_id)
    if row is None or not policy.may_see_key(viewer, row):
        return []
    found = sa.select(QuestionReview).where(QuestionReview.question_id == question_id)
    return list(db.session().scalars(found.order_by(QuestionReview.id.desc())))


def _returned() -> sa.ColumnElement[bool]:
    last = (
        sa.select(QuestionReview.decision)
        .where(QuestionReview.question_id == Question.id)
        .order_by(QuestionReview.id.desc())
        .limit(1)
        .correlate(Question)
        .scalar_subquery()
    )
    return sa.and_(Question.state == "draft", sa.func.coalesce(last, "") == "return")


def _reviewable(viewer: Viewer) -> sa.ColumnElement[bool]:
    if viewer.has("administrator"):
        return sa.true()
    if not viewer.has("reviewer", "department"):
        return sa.false()
    units = list(viewer.units("reviewer", "department"))
    below = sa.select(Unit.id).where(Unit.parent_id.in_(units), Unit.parent_id.is_not(None))
    return sa.or_(Question.unit_id.in_(units), Question.unit_id.in_(below))


def _visible(viewer: Viewer) -> sa.Select[Question, QuestionVersion]:
    """Rows with the version this viewer sees: the newest for editors and reviewers, else the approved one."""
    own: sa.ColumnElement[bool]
    reviewable: sa.ColumnElement[bool]
    public: sa.ColumnElement[bool]
    if not policy.may_browse(viewer) or viewer.id is None:
        own = reviewable = public = sa.false()
    else:
        own = sa.true() if viewer.has("administrator") else Question.owner_id == viewer.id
        if not policy.may_write(viewer):
            own = sa.false()
        reviewable = _reviewable(viewer)
        public = sa.and_(Question.approved_version_id.is_not(None), Question.state != "retired")
    version_id = sa.case(
        (sa.or_(own, reviewable), Question.current_version_id),
        else_=Question.approved_version_id,
    )
    return (
        sa.select(Question, QuestionVersion)
        .select_from(Question)
        .join(QuestionVersion, QuestionVersion.id == version_id)
        .where(
            sa.or_(
                own,
                public,
                sa.and_(reviewable, Question.state.in_(("submitted", "retired"))),
            )
        )
    )


def _filtered(
    viewer: Viewer,
    q: str = "",
    subject: str = "",
    grade: int | None = None,
    topic: str = "",
    level: str = "",
    kind: str = "",
    state: str = "",
    tab: str = "",
    tag: str = "",
) -> sa.Select[Question, QuestionVersion]:
    query = _visible(viewer)
    for word in fold(q).split()[:12]:
        query = query.where(QuestionVersion.folded.contains(word, autoescape=True))
    for column, value in (
        (QuestionVersion.subject, subject),
        (QuestionVersion.grade, grade),
        (QuestionVersion.topic, topic),
        (QuestionVersion.level, level),
        (QuestionVersion.kind, kind),
        (Question.state, state),
    ):
        if value:
            query = query.where(column == value)
    if not state and tab != "retired":
        query = query.where(Question.state != "retired")
    if tab == "mine":
        query = query.where(Question.owner_id == viewer.id)
    elif tab == "waiting":
        query = query.where(
            Question.state == "submitted",
            sa.or_(_reviewable(viewer), Question.owner_id == viewer.id),
        )
    elif tab == "returned":
        query = query.where(Question.owner_id == viewer.id, _returned())
    elif tab == "retired":
        query = query.where(Question.state == "retired")
    if tag:
        query = query.where(sa.cast(QuestionVersion.tags, sa.Text).contains(tag, autoescape=True))
    return query


def listed(
    viewer: Viewer, *, after: uuid.UUID | None = None, limit: int = 20, **filters: Any
) -> tuple[list[Item], uuid.UUID | None]:
    """Newest first, with the id to go on after. Filters: q subject grade topic level kind state tab tag."""
    query = _filtered(viewer, **filters)
    if after is not None:
        query = query.where(Question.id < after)
    query = query.add_columns(_returned().label("returned")).order_by(Question.id.desc()).limit(limit + 1)
    rows = [Item(q, v, bool(r)) for q, v, r in db.session().execute(query)]
    more = rows[limit - 1].question.id if len(rows) > limit else None
    return rows[:limit], more


def counted(viewer: Viewer, **filters: Any) -> int:
    query = _filtered(viewer, **filters).with_only_columns(sa.func.count())
    return db.session().scalar(query) or 0


def exported(viewer: Viewer, ids: Sequence[uuid.UUID] | None, limit: int, **filters: Any) -> list[Shown]:
    """Questions to write out, oldest first; without the right to its key a question comes without key."""
    query = _filtered(viewer, **filters) if ids is None else _visible(viewer).where(Question.id.in_(ids))
    rows = db.session().execute(query.order_by(Question.id).limit(limit)).all()
    keys = _keys(v.id for _q, v in rows)
    found = []
    for row, version in rows:
        edits, reviews_ = policy.may_edit(viewer, row), policy.may_review(viewer, row)
        sees = edits or reviews_
        found.append(
            Shown(
                row,
                version,
                keys.get(version.id) if sees else None,
                version.explanation if sees else "",
                sees,
                edits,
                reviews_,
            )
        )
    if ids is not None:
        order = {question_id: n for n, question_id in enumerate(ids)}
        found.sort(key=lambda shown: order[shown.question.id])
    return found


def _keys(version_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Any]:
    found: dict[uuid.UUID, Any] = {}
    for part in _parts(list(version_ids)):
        rows = db.session().scalars(sa.select(AnswerKey).where(AnswerKey.version_id.in_(part)))
        found.update({row.version_id: row.answer for row in rows})
    return found


def _parts(ids: list[uuid.UUID], size: int = 500) -> Iterator[list[uuid.UUID]]:
    for start in range(0, len(ids), size):
        yield ids[start : start + size]


def versions(version_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, FullVersion]:
    """Versions with their keys, by id. Internal: for quizzes that deal and mark."""
    wanted = list(version_ids)
    keys = _keys(wanted)
    found: dict[uuid.UUID, FullVersion] = {}
    for part in _parts(wanted):
        for row in db.session().scalars(sa.select(QuestionVersion).where(QuestionVersion.id.in_(part))):
            found[row.id] = FullVersion(row, keys.get(row.id))
    return found


def current(viewer: Viewer, question_ids: Sequence[uuid.UUID]) -> dict[uuid.UUID, uuid.UUID]:
    """Question id to the version this viewer may put into a quiz; ids the viewer may not see are absent.

    Only complete versions count: approved ones, and the viewer's own drafts that have a key.
    """
    found: dict[uuid.UUID, uuid.UUID] = {}
    for part in _parts(list(question_ids)):
        query = _visible(viewer).where(Question.id.in_(part), Question.state != "retired")
        for row, _version in db.session().execute(query):
            version_id = row.approved_version_id or row.current_version_id
            if version_id is not None:
                found[row.id] = version_id
    keyed = _keys(found.values())
    return {question_id: version for question_id, version in found.items() if version in keyed}


def draw(
    subject: str | None = None,
    grade: int | None = None,
    topic: str | None = None,
    level: str | None = None,
    kind: str | None = None,
    count: int = 10,
    seed: int | str = 0,
) -> list[uuid.UUID]:
    """Version ids drawn from approved questions; the same seed draws the same; fewer when the bank has fewer."""
    query = sa.select(QuestionVersion.id).where(*_drawable(subject, grade, topic, level, kind))
    pool = list(db.session().scalars(query.order_by(QuestionVersion.id)))
    return random.Random(f"{seed}").sample(pool, min(count, len(pool)))


def drawable(
    subject: str | None = None,
    grade: int | None = None,
    topic: str | None = None,
    level: str | None = None,
    kind: str | None = None,
) -> int:
    """How many questions `draw` can choose from."""
    query = sa.select(sa.func.count()).select_from(QuestionVersion)
    return db.session().scalar(query.where(*_drawable(subject, grade, topic, level, kind))) or 0


def _drawable(
    subject: str | None, grade: int | None, topic: str | None, level: str | None, kind: str | None
) -> list[sa.ColumnElement[bool]]:
    approved = sa.select(Question.approved_version_id).where(
        Question.state != "retired", Question.approved_version_id.is_not(None)
    )
    wanted = (
        (QuestionVersion.subject, subject),
        (QuestionVersion.grade, grade),
        (QuestionVersion.topic, topic),
        (QuestionVersion.level, level),
        (QuestionVersion.kind, kind),
    )
    return [QuestionVersion.id.in_(approved), *(column == value for column, value in wanted if value)]


def twins(viewer: Viewer, fingerprints: Sequence[str], but: uuid.UUID | None = None) -> dict[str, uuid.UUID]:
    """Questions this viewer sees that say the same, by fingerprint."""
    found: dict[str, uuid.UUID] = {}
    for start in range(0, len(fingerprints), 500):
        part = fingerprints[start : start + 500]
        query = _visible(viewer).where(QuestionVersion.fingerprint.in_(part), Question.state != "retired")
        for row, version in db.session().execute(query):
            if row.id != but:
                found.setdefault(version.fingerprint, row.id)
    return found


MOST_ALIKE = 200  # candidates looked at for one question
MOST_PAIRS = 4_000  # and for a page of pairs
CLOSE = 0.85  # likeness from which a similar pair is put before a person unasked
COMMON = 40  # a band that more versions share tells nothing: "Chọn câu trả lời đúng"
_RANK = {"same": 0, "twin": 1, "similar": 2}


@dataclass(frozen=True)
class Like:
    """A question the viewer sees, and how alike it is to the one asked about."""

    question: Question
    version: QuestionVersion
    verdict: likeness.Verdict


@dataclass(frozen=True)
class Pair:
    left: tuple[Question, QuestionVersion]
    right: tuple[Question, QuestionVersion]
    verdict: likeness.Verdict


def alike(
    viewer: Viewer,
    stem: str,
    choices: Sequence[dict[str, Any]],
    but: uuid.UUID | None = None,
    limit: int = 5,
) -> list[Like]:
    """Questions of the bank that say the same or nearly so, the nearest first; only what the viewer sees."""
    return alike_many(viewer, [(stem, choices)], but, limit)[0]


def alike_many(
    viewer: Viewer,
    contents: Sequence[tuple[str, Sequence[dict[str, Any]]]],
    but: uuid.UUID | None = None,
    limit: int = 3,
) -> list[list[Like]]:
    """The same for many (stem, choices) at once."""
    sketches = [likeness.sketch(stem, choices) for stem, choices in contents]
    sharing: dict[int, list[tuple[Question, QuestionVersion]]] = {}
    values = sorted({value for sketch in sketches for value in sketch})
    for start in range(0, len(values), 500):
        query = (
            _visible(viewer)
            .where(QuestionSketch.version_id == QuestionVersion.id)
            .where(QuestionSketch.value.in_(values[start : start + 500]), Question.state != "retired")
            .add_columns(QuestionSketch.value)
            .limit(MOST_ALIKE * 100)
        )
        for row, version, value in db.session().execute(query):
            if row.id != but:
                sharing.setdefault(value, []).append((row, version))
    found = []
    for (stem, choices), sketch in zip(contents, sketches, strict=True):
        near = {version.id: (row, version) for value in sketch for row, version in sharing.get(value, [])}
        likes = [
            Like(row, version, likeness.compare(stem, choices, version.stem, version.choices))
            for row, version in itertools.islice(near.values(), MOST_ALIKE)
        ]
        likes = [like for like in likes if like.verdict.level in _RANK]
        likes.sort(key=lambda like: (_RANK[like.verdict.level], -like.verdict.likeness))
        found.append(likes[:limit])
    return found


def pairs(viewer: Viewer, limit: int = 50) -> list[Pair]:
    """Pairs alike, of which the viewer may edit or review one, on which nobody has decided yet."""
    visible = _visible(viewer).where(Question.state != "retired")
    own = visible.where(sa.or_(Question.owner_id == viewer.id, _reviewable(viewer)))
    mine = sa.select(QuestionSketch.value).where(
        QuestionSketch.version_id.in_(own.with_only_columns(QuestionVersion.id))
    )
    shared = (
        sa.select(QuestionSketch.value)
        .where(
            QuestionSketch.value.in_(mine),
            QuestionSketch.version_id.in_(visible.with_only_columns(QuestionVersion.id)),
        )
        .group_by(QuestionSketch.value)
        .having(sa.func.count().between(2, COMMON))
        .limit(MOST_PAIRS)
    )
    holders: dict[int, list[tuple[Question, QuestionVersion]]] = {}
    query = visible.where(QuestionSketch.version_id == QuestionVersion.id)
    query = query.where(QuestionSketch.value.in_(shared)).add_columns(QuestionSketch.value)
    for row, version, value in db.session().execute(query):
        holders.setdefault(value, []).append((row, version))
    met: dict[tuple[uuid.UUID, uuid.UUID], Pair] = {}
    decided = _decided()
    for found in holders.values():
        for left, right in itertools.combinations(sorted(found, key=lambda held: held[0].id), 2):
            ids = (left[0].id, right[0].id)
            if ids in met or ids in decided or len(met) >= MOST_PAIRS:
                continue
            met[ids] = Pair(left, right, _verdict(left[1], right[1]))
    told = [
        pair
        for pair in met.values()
        if (
            pair.verdict.level in ("same", "twin")
            or (pair.verdict.level == "similar" and pair.verdict.likeness >= CLOSE)
        )
        and (policy.may_see_key(viewer, pair.left[0]) or policy.may_see_key(viewer, pair.right[0]))
    ]
    told.sort(key=lambda pair: (_RANK[pair.verdict.level], -pair.verdict.likeness, pair.left[0].id))
    return told[:limit]


def pair(viewer: Viewer, left_id: uuid.UUID, right_id: uuid.UUID) -> tuple[Shown, Shown, likeness.Verdict]:
    """Two questions side by side; NotFound unless the viewer sees both and edits or reviews one."""
    left, right = question(viewer, left_id), question(viewer, right_id)
    if left_id == right_id or not (left.sees_key or right.sees_key):
        raise NotFound(_("Không tìm thấy câu hỏi này."))
    return left, right, _verdict(left.version, right.version)


def _verdict(left: QuestionVersion, right: QuestionVersion) -> likeness.Verdict:
    return likeness.compare(left.stem, left.choices, right.stem, right.choices)


def _decided() -> set[tuple[uuid.UUID, uuid.UUID]]:
    rows = db.session().execute(sa.select(QuestionPair.low_id, QuestionPair.high_id))
    return {(low, high) for low, high in rows}


def merged_into(question_id: uuid.UUID) -> uuid.UUID | None:
    """The question that stands for this one since they were merged."""
    return db.session().scalar(
        sa.select(QuestionPair.kept_id)
        .where(
            sa.or_(QuestionPair.low_id == question_id, QuestionPair.high_id == question_id),
            QuestionPair.decision == "merged",
            QuestionPair.kept_id != question_id,
        )
        .limit(1)
    )


def merged_from(question_id: uuid.UUID) -> list[uuid.UUID]:
    """The questions that this one stands for."""
    rows = db.session().execute(
        sa.select(QuestionPair.low_id, QuestionPair.high_id).where(QuestionPair.kept_id == question_id)
    )
    return [low if high == question_id else high for low, high in rows]


@dataclass(frozen=True)
class Indexed:
    """An approved question as the index may know it: no key, no explanation."""

    question: Question
    version: QuestionVersion
    sort_at: datetime


def approved_for_index(question_id: uuid.UUID) -> Indexed | None:
    row = db.session().get(Question, question_id, populate_existing=True)
    if row is None or row.approved_version_id is None or row.state == "retired":
        return None
    version = db.session().get(QuestionVersion, row.approved_version_id)
    return Indexed(row, version, version.created_at) if version is not None else None


def approved_ids() -> Iterator[uuid.UUID]:
    """Ids of everything the index should hold, for a rebuild."""
    query = sa.select(Question.id).where(Question.approved_version_id.is_not(None), Question.state != "retired")
    yield from db.session().scalars(query.order_by(Question.id))


def revision_of(question_id: uuid.UUID) -> int:
    """The revision a row stands at; 0 when it is gone."""
    return db.session().scalar(sa.select(Question.revision).where(Question.id == question_id)) or 0


def media_ids(texts: Iterable[str]) -> set[uuid.UUID]:
    """Pictures that these texts show, known or not."""
    return {uuid.UUID(found) for text in texts for found in _MEDIA_ID.findall(text)}


def known_media(ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    found: set[uuid.UUID] = set()
    for part in _parts(sorted(ids)):
        found.update(db.session().scalars(sa.select(QuestionMedia.id).where(QuestionMedia.id.in_(part))))
    return found


def media_file(media_id: uuid.UUID) -> File:
    """The stored picture of an address; whoever holds the address may see it."""
    row = db.session().get(QuestionMedia, media_id)
    held = files.file(row.file_id) if row is not None else None
    if held is None:
        raise NotFound(_("Không tìm thấy hình này."))
    return held
