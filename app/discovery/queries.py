"""One search over lessons and questions. The index answers with ids; rows and permissions come from SQL.

So an index that lags can hide something for a moment, but never show what the viewer may not read. While the
index is down a plain search in SQL stands in: fewer hits, no facets, `degraded` says so.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa

from app.core import db, ports
from app.core.access import Viewer
from app.core.i18n import gettext as _
from app.core.markup import plain
from app.discovery import words
from app.discovery.documents import FACETS, provinces, shortened
from app.files.models import File
from app.questions import policy as question_policy
from app.questions.kinds import codes as question_codes
from app.questions.kinds import kind as question_kind
from app.questions.models import Question, QuestionVersion
from app.resources import policy as resource_policy
from app.resources.models import PUBLISHED, Resource, ResourceVersion, VersionFile
from app.vocabularies import queries as vocabularies
from search.folding import nfc, sort_key
from search.port import PUBLIC, STAFF, Query, SearchUnavailable, Segments, Sort

TYPES = ("resource", "question")
FILTERS = FACETS
COUNTED = tuple(name for name in FACETS if name != "topic")
DEEPEST = 10_000
"""No page goes beyond this many hits; who wants more narrows the search."""
NEWEST_ROWS = 20_000
MOST_ROWS = 200
"""The plain search looks through the newest rows of each kind and keeps at most MOST_ROWS: it answers in time."""


@dataclass(frozen=True)
class Found:
    """One line of the results, everything in it re-read from SQL but the marks."""

    type: str
    id: uuid.UUID
    url: str
    title: Segments
    snippet: Segments
    subject: str | None
    grades: tuple[int, ...]
    language: str
    province: str | None
    at: datetime | None
    resource_type: str | None = None
    licence: str | None = None
    textbook_series: str | None = None
    size: int = 0
    origin: Mapping[str, str | None] | None = None
    form: str | None = None
    level: str | None = None
    stem: str | None = None


@dataclass(frozen=True)
class Count:
    value: str
    label: str
    count: int


@dataclass(frozen=True)
class Results:
    total: int
    items: tuple[Found, ...]
    facets: Mapping[str, list[Count]] = field(default_factory=dict)
    took_ms: int = 0
    degraded: bool = False


def audience(viewer: Viewer) -> frozenset[str]:
    """Whose documents this viewer may find."""
    return frozenset({PUBLIC, STAFF}) if viewer.is_staff else frozenset({PUBLIC})


def search(
    viewer: Viewer,
    text: str = "",
    filters: Mapping[str, Sequence[str]] | None = None,
    sort: Sort = "relevance",
    page: int = 1,
    per_page: int = 20,
) -> Results:
    """One page of what this viewer may find. `filters` by facet name (`type` among them); see FACETS."""
    began = time.monotonic()
    wanted = {name: tuple(values) for name, values in (filters or {}).items() if values}
    try:
        found = ports.index().find(
            Query(
                text=text,
                filters=wanted,
                audience=audience(viewer),
                sort=sort,
                page=page,
                per_page=per_page,
                facets=COUNTED,
                words=words.entries() if text else (),
            )
        )
    except SearchUnavailable:
        total, items = _plain_search(viewer, text, wanted, sort, page, per_page)
        return Results(total, items, {}, _ms(began), degraded=True)
    marks = {(hit.kind, hit.id): (hit.title, hit.snippet) for hit in found.hits}
    rows = _rows(viewer, marks)
    items = tuple(rows[key] for key in marks if key in rows)
    facets = {name: _labelled(name, counts, wanted.get(name, ())) for name, counts in found.facets.items()}
    return Results(found.total - (len(marks) - len(items)), items, facets, _ms(began))


def suggestions(text: str, limit: int = 8) -> list[str]:
    """Titles of public lessons that go on from what was typed; none while the index is down."""
    try:
        return ports.index().suggest(text[:200], limit)
    except SearchUnavailable:
        return []


def _ms(began: float) -> int:
    return round((time.monotonic() - began) * 1000)


# -- rows ----------------------------------------------------------------------------------------


def _rows(viewer: Viewer, marks: Mapping[tuple[str, str], tuple[Segments, Segments]]) -> dict[tuple[str, str], Found]:
    """The rows of these hits that the viewer may read, by kind and id."""
    resource_ids = [uuid.UUID(id) for kind, id in marks if kind == "resource"]
    question_ids = [uuid.UUID(id) for kind, id in marks if kind == "question"]
    found: dict[tuple[str, str], Found] = {}
    resources = _resources(resource_ids)
    sizes = _sizes(version.id for _row, version in resources)
    for row, version in resources:
        if row.state == PUBLISHED and resource_policy.may_see(viewer, row):
            key = ("resource", str(row.id))
            found[key] = _of_resource(row, version, sizes.get(version.id, 0), *marks[key])
    if question_policy.may_browse(viewer):
        for asked, wording in _questions(question_ids):
            key = ("question", str(asked.id))
            found[key] = _of_question(asked, wording, *marks[key])
    return found


def _resources(ids: Sequence[uuid.UUID]) -> list[tuple[Resource, ResourceVersion]]:
    if not ids:
        return []
    rows = db.session().execute(
        sa.select(Resource, ResourceVersion)
        .join(ResourceVersion, ResourceVersion.id == Resource.current_version_id)
        .where(Resource.id.in_(ids), Resource.state == PUBLISHED)
    )
    return [(row, version) for row, version in rows]


def _questions(ids: Sequence[uuid.UUID]) -> list[tuple[Question, QuestionVersion]]:
    if not ids:
        return []
    rows = db.session().execute(
        sa.select(Question, QuestionVersion)
        .join(QuestionVersion, QuestionVersion.id == Question.approved_version_id)
        .where(Question.id.in_(ids), Question.state != "retired")
    )
    return [(row, version) for row, version in rows]


def _sizes(version_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, int]:
    """Bytes of all files of each version."""
    wanted = list(version_ids)
    if not wanted:
        return {}
    rows = db.session().execute(
        sa.select(VersionFile.version_id, sa.func.sum(File.size))
        .join(File, File.id == VersionFile.file_id)
        .where(VersionFile.version_id.in_(wanted))
        .group_by(VersionFile.version_id)
    )
    return {version_id: int(size or 0) for version_id, size in rows}


def _of_resource(
    row: Resource, version: ResourceVersion, size: int, title: Segments = (), snippet: Segments = ()
) -> Found:
    return Found(
        type="resource",
        id=row.id,
        url=f"/lessons/{row.id}",
        title=_still(title, version.title),
        snippet=snippet or ((shortened(plain(version.description), 240), False),),
        subject=version.subject,
        grades=tuple(sorted(version.grades or ())),
        language=version.language,
        province=row.origin_province,
        at=version.published_at or row.published_at,
        resource_type=version.resource_type,
        licence=version.licence,
        textbook_series=version.textbook_series,
        size=size,
        origin={name: row.origin.get(name) for name in ("source", "url", "identifier")} if row.origin else None,
    )


def _of_question(row: Question, version: QuestionVersion, title: Segments = (), snippet: Segments = ()) -> Found:
    return Found(
        type="question",
        id=row.id,
        url=f"/questions/{row.id}",
        title=_still(title, shortened(plain(version.stem))),
        snippet=snippet,
        subject=version.subject,
        grades=(version.grade,) if version.grade else (),
        language=version.language,
        province=row.origin_province,
        at=version.created_at,
        form=version.kind,
        level=version.level,
        stem=version.stem,
    )


def _still(marked: Segments, present: str) -> Segments:
    """The marked title, unless the row has another one by now."""
    same = "".join(text for text, _matched in marked) == nfc(present)
    return marked if marked and same else ((present, False),)


# -- facets --------------------------------------------------------------------------------------


def label(name: str, value: str) -> str:
    """What a facet's value is called in the reader's language."""
    if name == "type":
        return {"resource": _("Học liệu"), "question": _("Câu hỏi")}.get(value, value)
    if name == "grade":
        return _("Lớp %(grade)s", grade=value)
    if name == "licence":
        return value
    if name == "form":
        return _(question_kind(value).short_vi) if value in question_codes() else value
    if name == "province":
        return place(value)
    return vocabularies.label(name, value)


def place(code: str | None) -> str:
    """A province by the name of its time: `Tỉnh Bình Dương (nay thuộc Thành phố Hồ Chí Minh)`."""
    if not code:
        return ""
    codes = provinces(code)
    name = vocabularies.label("province", code)
    if len(codes) == 1:
        return name
    return _("%(old)s (nay thuộc %(present)s)", old=name, present=vocabularies.label("province", codes[1]))


def _labelled(name: str, counts: Iterable[tuple[str, int]], chosen: Sequence[str]) -> list[Count]:
    """Counts with labels; chosen values stay in the list with 0, grades stand in their order."""
    held = dict(counts)
    found = [Count(value, label(name, value), n) for value, n in held.items()]
    found += [Count(value, label(name, value), 0) for value in dict.fromkeys(chosen) if value not in held]
    if name == "grade":
        found.sort(key=lambda one: (not one.value.isdigit(), int(one.value) if one.value.isdigit() else 0))
    return found


# -- while the index is down -----------------------------------------------------------------------


def _plain_search(
    viewer: Viewer, text: str, filters: Mapping[str, Sequence[str]], sort: Sort, page: int, per_page: int
) -> tuple[int, tuple[Found, ...]]:
    """A search by LIKE in titles, descriptions and stems of the newest, newest first."""
    words = nfc(text).split()[:8]
    types = filters.get("type") or TYPES
    found: list[tuple[Resource, ResourceVersion] | tuple[Question, QuestionVersion]] = []
    if "resource" in types:
        newest = sa.select(Resource.id).where(Resource.state == PUBLISHED)
        newest = newest.order_by(Resource.changed_at.desc(), Resource.id.desc()).limit(NEWEST_ROWS)
        query = (
            sa.select(Resource, ResourceVersion)
            .join(ResourceVersion, ResourceVersion.id == Resource.current_version_id)
            .where(Resource.id.in_(newest), Resource.state == PUBLISHED)
        )
        for word in words:
            query = query.where(_holds(word, ResourceVersion.title, ResourceVersion.description))
        query = query.order_by(Resource.published_at.desc(), Resource.id.desc()).limit(MOST_ROWS)
        found += [(row, version) for row, version in db.session().execute(query)]
    if "question" in types and question_policy.may_browse(viewer):
        latest = sa.select(Question.id).where(Question.approved_version_id.is_not(None), Question.state != "retired")
        latest = latest.order_by(Question.id.desc()).limit(NEWEST_ROWS)
        asked = (
            sa.select(Question, QuestionVersion)
            .join(QuestionVersion, QuestionVersion.id == Question.approved_version_id)
            .where(Question.id.in_(latest), Question.state != "retired")
        )
        for word in words:
            asked = asked.where(_holds(word, QuestionVersion.stem, QuestionVersion.folded))
        asked = asked.order_by(Question.id.desc()).limit(MOST_ROWS)
        found += [(row, version) for row, version in db.session().execute(asked)]
    kept = [(row, version) for row, version in found if _passes(row, version, filters)]
    if sort == "title":
        kept.sort(key=lambda pair: sort_key(_name(pair[1])))
    start = (page - 1) * per_page
    shown = kept[start : start + per_page]
    sizes = _sizes(version.id for _row, version in shown if isinstance(version, ResourceVersion))
    items: list[Found] = []
    for row, version in shown:
        if isinstance(row, Resource) and isinstance(version, ResourceVersion):
            items.append(_of_resource(row, version, sizes.get(version.id, 0)))
        elif isinstance(row, Question) and isinstance(version, QuestionVersion):
            items.append(_of_question(row, version))
    return len(kept), tuple(items)


def _name(version: ResourceVersion | QuestionVersion) -> str:
    return version.title if isinstance(version, ResourceVersion) else version.stem[:200]


def _holds(word: str, *columns: sa.orm.InstrumentedAttribute[str]) -> sa.ColumnElement[bool]:
    """SQLite's LIKE and lower() know ASCII only, so the usual writings of a word are asked for one by one."""
    forms = dict.fromkeys((word, word.lower(), word.capitalize(), word.upper()))
    return sa.or_(*(column.contains(form, autoescape=True) for column in columns for form in forms))


def _passes(
    row: Resource | Question, version: ResourceVersion | QuestionVersion, filters: Mapping[str, Sequence[str]]
) -> bool:
    """Whether a row passes the filters, as in the index."""
    held: dict[str, Iterable[str | None]] = {
        "subject": [version.subject],
        "province": provinces(row.origin_province),
        "language": [version.language],
        **dict.fromkeys(("resource_type", "form", "level", "licence", "textbook_series"), ()),
    }
    if isinstance(version, ResourceVersion):
        held |= {
            "type": ["resource"],
            "grade": map(str, version.grades or ()),
            "resource_type": [version.resource_type],
            "licence": [version.licence],
            "textbook_series": [version.textbook_series],
            "topic": version.topics or [],
        }
    else:
        held |= {
            "type": ["question"],
            "grade": [str(version.grade)],
            "form": [version.kind],
            "level": [version.level],
            "topic": [version.topic],
        }
    return all(set(held[name]) & set(values) for name, values in filters.items() if name in held)
