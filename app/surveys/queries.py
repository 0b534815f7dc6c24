"""Reads of surveys. Figures leave this room only through `results`, which withholds small groups."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.accounts import queries as accounts
from app.accounts.models import ClassMember, Classroom, Unit, User
from app.core import db
from app.core.access import Viewer
from app.core.errors import Conflict, Forbidden, NotFound
from app.core.i18n import gettext as _
from app.surveys import policy, tally
from app.surveys.models import NamedResponse, Participation, Release, Response, Survey


@dataclass(frozen=True)
class Seen:
    """A survey as this viewer meets it."""

    survey: Survey
    state: str
    keeps: bool
    asked: bool
    answered: bool
    sees_results: bool


def places_of(viewer: Viewer) -> frozenset[uuid.UUID]:
    """Units the viewer belongs to, the units above those, and the viewer's classes."""
    if viewer.id is None:
        return frozenset()
    found = set(viewer.unit_ids)
    rising = set(found)
    while rising:
        parents = db.session().scalars(sa.select(Unit.parent_id).where(Unit.id.in_(rising)))
        rising = {parent for parent in parents if parent is not None} - found
        found |= rising
    classes = db.session().scalars(sa.select(ClassMember.class_id).where(ClassMember.user_id == viewer.id))
    return frozenset(found | set(classes))


@dataclass(frozen=True)
class Askable:
    """Whom a survey may be put to on the builder's page: (id, name) of each, and the roles."""

    units: list[tuple[str, str]]
    classes: list[tuple[str, str]]


def askable(viewer: Viewer, audience: dict[str, list[str]]) -> Askable:
    """The viewer's units, those below and their classes, with whatever the survey already names."""
    reach = accounts.unit_and_below(viewer.unit_ids)
    units = {unit.id: unit for unit in accounts.units() if unit.id in reach}
    rooms = {room.id: room for room in accounts.classrooms_in(reach)} if reach else {}
    for named in db.session().scalars(sa.select(Unit).where(Unit.id.in_(_ids(audience, "units")))):
        units.setdefault(named.id, named)
    for room in db.session().scalars(sa.select(Classroom).where(Classroom.id.in_(_ids(audience, "classes")))):
        rooms.setdefault(room.id, room)
    schools = {unit.id: unit.name for unit in accounts.units()} if len(units) > 1 else {}
    return Askable(
        [(str(key), unit.name) for key, unit in units.items()],
        [
            (str(key), f"{room.name}, {schools[room.unit_id]}" if room.unit_id in schools else room.name)
            for key, room in rooms.items()
        ],
    )


def _ids(audience: dict[str, list[str]], name: str) -> list[uuid.UUID]:
    return [uuid.UUID(one) for one in audience.get(name, [])]


def has_answered(viewer: Viewer, survey_id: uuid.UUID) -> bool:
    if viewer.id is None:
        return False
    where = (Participation.survey_id == survey_id, Participation.user_id == viewer.id)
    return db.session().scalar(sa.select(sa.exists().where(*where))) or False


def _seen(viewer: Viewer, survey: Survey, places: frozenset[uuid.UUID]) -> Seen:
    asked = policy.is_asked(viewer, survey, places)
    return Seen(
        survey=survey,
        state=policy.state(survey, db.now()),
        keeps=policy.may_keep(viewer, survey),
        asked=asked,
        answered=has_answered(viewer, survey.id),
        sees_results=policy.may_see_results(viewer, survey, asked),
    )


def survey(viewer: Viewer, survey_id: uuid.UUID) -> Seen:
    """Raises NotFound for whom the survey is neither put to nor kept by."""
    found = db.session().get(Survey, survey_id)
    if found is not None:
        seen = _seen(viewer, found, places_of(viewer))
        if seen.keeps or seen.asked:
            return seen
    raise NotFound(_("Không tìm thấy phiếu khảo sát này."))


def listed(viewer: Viewer, limit: int = 50, after: uuid.UUID | None = None) -> tuple[list[Seen], uuid.UUID | None]:
    """Surveys the viewer keeps or is asked, newest first, and the id to go on after."""
    places = places_of(viewer)
    found: list[Seen] = []
    while True:
        query = sa.select(Survey).order_by(Survey.id.desc()).limit(200)
        if after is not None:
            query = query.where(Survey.id < after)
        batch = list(db.session().scalars(query))
        for one in batch:
            seen = _seen(viewer, one, places)
            if seen.keeps or seen.asked:
                if len(found) == limit:
                    return found, found[-1].survey.id
                found.append(seen)
        if len(batch) < 200:
            return found, None
        after = batch[-1].id


def sheets(survey: Survey) -> Iterator[tuple[dict[str, Any], str]]:
    """All answered sheets as (answers, ISO day), for counting only."""
    table = Response if survey.anonymous else NamedResponse
    query = sa.select(table.answers, table.day).where(table.survey_id == survey.id)
    for answers, day in db.session().execute(query):
        yield answers, day.isoformat()


def received(survey: Survey) -> int:
    table = Response if survey.anonymous else NamedResponse
    return db.session().scalar(sa.select(sa.func.count()).where(table.survey_id == survey.id)) or 0


def release_due(survey: Survey) -> bool:
    """Whether at least k sheets have come since the figures last shown (see models.Release)."""
    last = db.session().scalar(sa.select(Release.counted).where(Release.survey_id == survey.id)) or 0
    return received(survey) - last >= survey.k


def results(viewer: Viewer, survey_id: uuid.UUID) -> dict[str, Any]:
    """The released figures with small groups withheld; raises NotFound or Forbidden."""
    seen = survey(viewer, survey_id)
    if not seen.sees_results:
        raise Forbidden(_("Kết quả của phiếu này chỉ dành cho người lập phiếu."))
    kept = seen.survey
    release = db.session().get(Release, survey_id)
    shown = tally.show(
        kept.items,
        release.counted if release else 0,
        release.figures if release else None,
        k=kept.k,
        words=seen.keeps,
    )
    return {"id": kept.id, "title": kept.title, "anonymous": kept.anonymous, "state": seen.state, **shown}


def named_responses(
    viewer: Viewer, survey_id: uuid.UUID, limit: int, after: uuid.UUID | None
) -> tuple[list[dict[str, Any]], uuid.UUID | None]:
    """Sheets with names, for the keepers of a survey that announced names; Conflict for an anonymous one."""
    seen = survey(viewer, survey_id)
    if not seen.keeps:
        raise Forbidden(_("Kết quả của phiếu này chỉ dành cho người lập phiếu."))
    if seen.survey.anonymous:
        raise Conflict(_("Khảo sát ẩn danh không có phiếu của từng người."))
    query = (
        sa.select(NamedResponse.user_id, User.name, NamedResponse.answers, NamedResponse.day)
        .join(User, User.id == NamedResponse.user_id)
        .where(NamedResponse.survey_id == survey_id)
        .order_by(NamedResponse.user_id)
        .limit(limit + 1)
    )
    if after is not None:
        query = query.where(NamedResponse.user_id > after)
    rows = [row._asdict() for row in db.session().execute(query)]
    return rows[:limit], rows[limit - 1]["user_id"] if len(rows) > limit else None
