"""The verbs of surveys: create, edit, delete, publish, close, respond, release."""

from __future__ import annotations

import hashlib
import random
import uuid
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from app.accounts.models import Classroom, Unit
from app.core import db
from app.core.access import ROLES, Viewer
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from app.core.i18n import VIETNAM
from app.core.i18n import gettext as _
from app.surveys import policy, queries, tally
from app.surveys.models import NamedResponse, Participation, Release, Response, Survey


def create(viewer: Viewer, values: dict[str, Any]) -> Survey:
    """A draft. `values`: the fields of `schemas.SurveyIn`; raises Forbidden, Invalid."""
    if not policy.may_make(viewer) or viewer.id is None:
        raise Forbidden(_("Tài khoản này không lập được phiếu khảo sát."))
    with db.transaction() as unit:
        made = Survey(
            owner_id=viewer.id,
            unit_id=min(viewer.units(*policy.MAKERS), default=None),
            revision=1,
            created_at=db.now(),
            **_checked(unit, values),
        )
        unit.add(made)
        unit.flush()
    return made


def edit(viewer: Viewer, survey_id: uuid.UUID, values: dict[str, Any], seen: int | None) -> Survey:
    """Change a draft; once published only the closing time and the sharing of results may change."""
    with db.transaction() as unit:
        survey = _kept(unit, viewer, survey_id)
        _fresh(survey, seen)
        frozen = set(values) - {"closes_at", "share_results"}
        if survey.published_at is not None and frozen:
            raise Conflict(_("Phiếu đã mở: chỉ còn đổi được thời điểm đóng và việc chia sẻ kết quả."))
        for name, value in _checked(unit, values, survey).items():
            setattr(survey, name, value)
        survey.revision += 1
    return survey


def delete(viewer: Viewer, survey_id: uuid.UUID, seen: int | None = None) -> None:
    """Delete a draft; a survey that was opened stays, for people have answered it."""
    with db.transaction() as unit:
        survey = _kept(unit, viewer, survey_id)
        _fresh(survey, seen)
        if survey.published_at is not None:
            raise Conflict(_("Phiếu đã mở nên không xóa được, chỉ đóng được."))
        unit.delete(survey)


def publish(viewer: Viewer, survey_id: uuid.UUID) -> Survey:
    """Open a draft to those it is put to; publishing again changes nothing."""
    with db.transaction() as unit:
        survey = _kept(unit, viewer, survey_id)
        if survey.published_at is None:
            moment = db.now()
            if survey.closes_at is not None and survey.closes_at <= moment:
                raise Invalid(_("Thời điểm đóng đã qua."), errors={"closes_at": [_("Chọn một thời điểm sau bây giờ.")]})
            survey.published_at = moment
            survey.revision += 1
    return survey


def close(viewer: Viewer, survey_id: uuid.UUID) -> Survey:
    """Take no more answers; closing again changes nothing, a draft cannot be closed."""
    with db.transaction() as unit:
        survey = _kept(unit, viewer, survey_id)
        if survey.published_at is None:
            raise Conflict(_("Phiếu này chưa mở."))
        if survey.closed_at is None:
            survey.closed_at = db.now()
            survey.revision += 1
            if survey.anonymous:
                _mix(unit, survey.id)
    return survey


def respond(viewer: Viewer, survey_id: uuid.UUID, raw: Any, once: str | None = None) -> None:
    """Hand in one sheet. Sent again with the same random key `once` it counts once and succeeds again;
    with another key, or none, Conflict. Returns nothing, so that no reply can name the sheet."""
    queries.survey(viewer, survey_id)
    token = hashlib.sha256(once.encode()).hexdigest() if once else None
    with db.transaction() as unit:
        survey = _locked(unit, survey_id)
        if viewer.id is None or not policy.is_asked(viewer, survey, queries.places_of(viewer)):
            raise Forbidden(_("Phiếu này không dành cho tài khoản của bạn."))
        found = unit.execute(
            sa.select(Participation.once).where(
                Participation.survey_id == survey_id, Participation.user_id == viewer.id
            )
        ).first()
        if found is not None:
            if token is not None and found.once == token:
                return
            raise Conflict(_("Em đã trả lời phiếu này rồi. Mỗi người gửi một phiếu."))
        moment = db.now()
        state = policy.state(survey, moment)
        if state != "open":
            raise Conflict(
                _("Phiếu này đã đóng, không nhận thêm câu trả lời.") if state == "closed" else _("Phiếu này chưa mở.")
            )
        answers = tally.clean_answers(survey.items, raw)
        day = moment.astimezone(VIETNAM).date()
        unit.execute(sa.insert(Participation).values(survey_id=survey_id, user_id=viewer.id, once=token))
        if survey.anonymous:
            unit.execute(
                sa.insert(Response).values(
                    id=uuid.uuid4(), survey_id=survey_id, anonymous=True, answers=answers, day=day
                )
            )
            arrived = queries.received(survey)
            if arrived <= 50 or arrived % 50 == 0:
                _mix(unit, survey_id)
        else:
            unit.execute(
                sa.insert(NamedResponse).values(
                    survey_id=survey_id, user_id=viewer.id, anonymous=False, answers=answers, day=day
                )
            )


def release(viewer: Viewer, survey_id: uuid.UUID) -> None:
    """Before results are read: renew the figures when enough new sheets have come (see models.Release)."""
    seen = queries.survey(viewer, survey_id)
    if not seen.sees_results or not queries.release_due(seen.survey):
        return
    with db.transaction() as unit:
        survey = _locked(unit, survey_id)
        if not queries.release_due(survey):
            return
        sheets = list(queries.sheets(survey))
        figures = tally.count(survey.items, sheets)
        last = unit.get(Release, survey_id)
        if last is None:
            unit.add(Release(survey_id=survey_id, counted=len(sheets), figures=figures))
        else:
            last.counted, last.figures = len(sheets), figures


def _mix(unit: Session, survey_id: uuid.UUID) -> None:
    """Write both tables of a survey anew in random order.

    PostgreSQL keeps with each row the transaction that wrote it (xmin) and its place (ctid), by which
    a sheet could be joined to its sender. Afterwards all rows carry one transaction and a random place.
    The survey's row is locked, so nobody else writes these rows meanwhile.
    """
    dice = random.SystemRandom()
    for model in (Participation, Response):
        table = model.__table__
        rows = [dict(row) for row in unit.execute(sa.select(table).where(table.c.survey_id == survey_id)).mappings()]
        dice.shuffle(rows)
        unit.execute(sa.delete(model).where(table.c.survey_id == survey_id))
        if model is Response:
            rows = [{**row, "id": uuid.uuid4()} for row in rows]
        if rows:
            unit.execute(sa.insert(model), rows)


def _locked(unit: Session, survey_id: uuid.UUID) -> Survey:
    query = sa.select(Survey).where(Survey.id == survey_id)
    found = unit.scalar(query.with_for_update().execution_options(populate_existing=True))
    if found is None:
        raise NotFound(_("Không tìm thấy phiếu khảo sát này."))
    return found


def _kept(unit: Session, viewer: Viewer, survey_id: uuid.UUID) -> Survey:
    seen = queries.survey(viewer, survey_id)
    if not seen.keeps:
        raise Forbidden(_("Chỉ người lập phiếu mới đổi được phiếu này."))
    return _locked(unit, survey_id)


def _fresh(survey: Survey, seen: int | None) -> None:
    if seen is not None and seen != survey.revision:
        raise Stale(
            _("Phiếu vừa được sửa ở nơi khác. Hãy tải lại rồi sửa tiếp."),
            current={"revision": survey.revision},
        )


def _checked(unit: Session, values: dict[str, Any], survey: Survey | None = None) -> dict[str, Any]:
    """Fields of a survey from checked input; raises Invalid."""
    made = {name: value for name, value in values.items() if name not in ("questions", "audience")}
    if "questions" in values or survey is None:
        made["items"] = tally.clean_items(values.get("questions"))
    if "audience" in values:
        made["audience"] = _audience(unit, values["audience"])
    opens = made.get("opens_at", survey.opens_at if survey else None)
    closes = made.get("closes_at", survey.closes_at if survey else None)
    if opens is not None and closes is not None and closes <= opens:
        message = _("Thời điểm đóng phải sau thời điểm mở.")
        raise Invalid(message, errors={"closes_at": [message]})
    return made


def _audience(unit: Session, raw: Any) -> dict[str, list[str]]:
    """`{"units": [...], "classes": [...], "roles": [...]}`; nothing means everyone who signs in."""
    if raw in (None, "", "all", "everyone"):
        return {}
    bad = Invalid(_("Đối tượng khảo sát không hợp lệ."), errors={"audience": [_("Đối tượng khảo sát không hợp lệ.")]})
    if not isinstance(raw, dict) or set(raw) - {"units", "classes", "roles"}:
        raise bad
    made: dict[str, list[str]] = {}
    for name, values in raw.items():
        if not isinstance(values, list) or len(values) > 500 or not all(isinstance(v, str | uuid.UUID) for v in values):
            raise bad
        made[name] = sorted({str(value) for value in values})
    if set(made.get("roles", [])) - set(ROLES):
        raise bad
    for name, table in (("units", Unit), ("classes", Classroom)):
        try:
            wanted = {uuid.UUID(value) for value in made.get(name, [])}
        except ValueError:
            raise bad from None
        if wanted and unit.scalar(sa.select(sa.func.count()).where(table.id.in_(wanted))) != len(wanted):
            raise bad
        if wanted:
            made[name] = sorted(str(value) for value in wanted)
    return {name: values for name, values in made.items() if values}
