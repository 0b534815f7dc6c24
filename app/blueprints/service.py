"""The verbs of blueprints: make, change, delete, and draw sets of questions."""

from __future__ import annotations

import uuid
from decimal import Decimal
from typing import Any

from app.blueprints import layouts, policy, queries, solver
from app.blueprints.models import Blueprint
from app.blueprints.queries import Drawn, Lack
from app.core import db
from app.core.access import Viewer
from app.core.errors import Forbidden, Invalid, NotFound, Stale
from app.core.i18n import gettext as _
from app.questions import kinds
from app.vocabularies import queries as vocabularies

FIELDS = ("title", "subject", "grade", "minutes", "parts", "cells")
MOST_QUESTIONS = 200


def create(viewer: Viewer, data: dict[str, Any]) -> Blueprint:
    """A blueprint; without cells it starts from the subject's national layout."""
    if not policy.may_create(viewer):
        raise Forbidden(_("Thầy cô cần tài khoản giáo viên để lập ma trận đề."))
    data = {**data}
    if not data.get("cells"):
        data = {**(started(data.get("subject"), data.get("grade")) or {}), **_given(data)}
    _check(data)
    moment = db.now()
    with db.transaction() as unit:
        made = Blueprint(
            owner_id=viewer.id,
            unit_id=next(iter(sorted(viewer.units(*policy.MAKERS))), None),
            revision=1,
            created_at=moment,
            updated_at=moment,
            **{name: data.get(name) for name in FIELDS},
        )
        unit.add(made)
        unit.flush()
    return made


def started(subject: str | None, grade: int | None) -> dict[str, Any] | None:
    """Parts, cells and minutes to start from, spread over the topics of the grade."""
    topics = [term.code for term in vocabularies.topics(subject, grade)] if subject and grade else []
    return layouts.national(subject or "", topics)


def _given(data: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in data.items() if value not in (None, [])}


def edit(viewer: Viewer, blueprint_id: uuid.UUID, data: dict[str, Any], revision: int | None) -> Blueprint:
    with db.transaction():
        found = _owned(viewer, blueprint_id)
        _expect(found, revision)
        _check({**{name: getattr(found, name) for name in FIELDS}, **data})
        for name in FIELDS:
            if name in data:
                setattr(found, name, data[name])
        found.revision += 1
        found.updated_at = db.now()
    return found


def delete(viewer: Viewer, blueprint_id: uuid.UUID, revision: int | None = None) -> None:
    """Delete a blueprint; papers made from it stay."""
    with db.transaction() as unit:
        found = _owned(viewer, blueprint_id)
        _expect(found, revision)
        unit.delete(found)


def _owned(viewer: Viewer, blueprint_id: uuid.UUID) -> Blueprint:
    found = db.session().get(Blueprint, blueprint_id, with_for_update=True, populate_existing=True)
    if found is None or not policy.may_see(viewer, found):
        raise NotFound(_("Không tìm thấy ma trận này."))
    if not policy.may_edit(viewer, found):
        raise Forbidden(_("Chỉ người lập ma trận mới được sửa."))
    return found


def _expect(found: Blueprint, revision: int | None) -> None:
    if revision is not None and revision != found.revision:
        raise Stale(_("Ma trận vừa được sửa ở nơi khác. Tải lại trang để xem bản mới."), current=found.revision)


def _check(data: dict[str, Any]) -> None:
    wrong: dict[str, list[str]] = {}
    if not (data.get("title") or "").strip():
        wrong["title"] = [_("Nhập tên ma trận.")]
    if not vocabularies.valid("subject", data.get("subject")):
        wrong["subject"] = [_("Không có môn này trong danh mục.")]
    if not data.get("minutes"):
        wrong["minutes"] = [_("Nhập thời gian làm bài.")]
    parts, cells = data.get("parts") or [], data.get("cells") or []
    names = [part["kind"] for part in parts]
    if not parts or len(set(names)) != len(names) or not set(names) <= set(kinds.codes()):
        wrong["parts"] = [_("Đề cần ít nhất một phần, mỗi phần một dạng câu hỏi.")]
    if any(Decimal(part["points"]) <= 0 for part in parts):
        wrong["parts"] = [_("Điểm mỗi câu phải lớn hơn 0.")]
    total = sum(cell["count"] for cell in cells)
    if not total:
        wrong["cells"] = [_("Ma trận chưa có câu nào.")]
    elif total > MOST_QUESTIONS:
        wrong["cells"] = [_("Tối đa %(n)s câu.", n=MOST_QUESTIONS)]
    for cell in cells:
        topic = vocabularies.term("topic", cell["topic"]) if cell["topic"] else None
        said = None
        if cell["kind"] not in names:
            said = _("Có ô thuộc dạng câu hỏi không có trong đề.")
        elif cell["level"] and not vocabularies.valid("level", cell["level"]):
            said = _("Không có mức độ này trong danh mục.")
        elif cell["topic"] and topic is None:
            said = _("Không có chủ đề này trong danh mục.")
        elif topic is not None and (
            topic.data["subject"] != data.get("subject") or data.get("grade") not in (None, topic.data["grade"])
        ):
            said = _("Chủ đề không thuộc môn và lớp đã chọn.")
        if said and said not in wrong.get("cells", []):
            wrong.setdefault("cells", []).append(said)
    if wrong:
        raise Invalid(_("Ma trận chưa lưu được. Xem các ô báo lỗi."), errors=wrong)


def assemble(
    viewer: Viewer,
    blueprint_id: uuid.UUID,
    forms: int = 1,
    seed: int = 0,
    own_drafts: bool = False,
    avoid: frozenset[uuid.UUID] = frozenset(),
    enemies: tuple[tuple[uuid.UUID, uuid.UUID], ...] = (),
) -> Drawn:
    """`forms` sets that share no question. `avoid` and `enemies` name questions; nothing is stored."""
    found = queries.blueprint(viewer, blueprint_id)
    cells = [cell for cell in found.cells if cell["count"]]
    places = {part["kind"]: n for n, part in enumerate(found.parts)}
    pool = [
        each
        for each in queries.usable(viewer, found.subject, found.grade, list(places), own_drafts)
        if each.question_id not in avoid
    ]
    fits: dict[uuid.UUID, frozenset[int]] = {
        each.version_id: frozenset(
            c
            for c, cell in enumerate(cells)
            if cell["kind"] == each.kind and cell["topic"] in (None, each.topic) and cell["level"] in (None, each.level)
        )
        for each in pool
    }
    version_of = {each.question_id: each.version_id for each in pool}
    apart = [(version_of[a], version_of[b]) for a, b in enemies if a in version_of and b in version_of]
    needs = [cell["count"] for cell in cells]
    candidates = [
        solver.Candidate(each.version_id, fits[each.version_id], twins=each.fingerprint)
        for each in pool
        if fits[each.version_id]
    ]
    outcome = solver.assemble(needs, candidates, forms, apart, seed)
    question_of = {each.version_id: each.question_id for each in pool}
    lacking = [
        _lack(cells[c], cells[c]["count"] * forms, missing, sum(1 for each in candidates if c in each.fits))
        for c, missing in outcome.lacking.items()
    ]
    sets = []
    for form in outcome.forms:
        chosen = [
            (places[cells[c]["kind"]], version, question_of[version])  # type: ignore[index]
            for c, ids in enumerate(form)
            for version in ids
        ]
        sets.append(sorted(chosen, key=lambda one: one[0]))
    return Drawn(sets, lacking, seed, outcome.seconds)  # type: ignore[arg-type]


def _lack(cell: dict[str, Any], needed: int, missing: int, available: int) -> Lack:
    topic = vocabularies.label("topic", cell["topic"]) if cell["topic"] else _("chủ đề bất kì")
    level = vocabularies.label("level", cell["level"]) if cell["level"] else _("mức bất kì")
    kind = kinds.kind(cell["kind"]).short_vi
    text = _(
        "Thiếu %(missing)s câu: %(topic)s, %(kind)s, %(level)s (cần %(needed)s, ngân hàng có %(available)s).",
        missing=missing,
        topic=topic,
        kind=_(kind).lower(),
        level=level.lower(),
        needed=needed,
        available=available,
    )
    return Lack(cell["topic"], cell["kind"], cell["level"], needed, available, missing, text)
