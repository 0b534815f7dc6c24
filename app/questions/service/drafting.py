"""Writing questions. Every change makes a new version; a version that exists never changes."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.accounts import queries as accounts
from app.core import db, outbox
from app.core.access import Viewer
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from app.core.i18n import gettext as _
from app.questions import kinds, likeness, policy, queries
from app.questions.models import AnswerKey, Question, QuestionSketch, QuestionVersion
from app.questions.service.media import note_uses
from app.vocabularies import queries as vocabularies

FIELDS = (
    "kind",
    "stem",
    "choices",
    "scoring",
    "answer",
    "explanation",
    "subject",
    "grade",
    "topic",
    "level",
    "tags",
    "language",
    "source",
)
MAX_EXPLANATION = 20_000


def create(viewer: Viewer, data: Mapping[str, Any]) -> Question:
    """A draft owned by the viewer; raises Invalid, Forbidden. `data` may lack its key until it is submitted."""
    if viewer.id is None or not policy.may_write(viewer):
        raise Forbidden(_("Tài khoản này không soạn câu hỏi."))
    values = checked(data)
    unit_id = unit_for(viewer, data.get("unit_id"))
    with db.transaction():
        return written(viewer, unit_id, values)


def written(viewer: Viewer, unit_id: uuid.UUID | None, values: Mapping[str, Any]) -> Question:
    """Rows of a new draft, inside a running unit; `values` have been checked."""
    unit = db.session()
    place = accounts.unit(unit_id) if unit_id else None
    moment = db.now()
    row = Question(
        id=db.new_id(),
        state="draft",
        revision=1,
        owner_id=viewer.id,
        unit_id=unit_id,
        origin_province=place.province_code if place else None,
        created_at=moment,
        updated_at=moment,
    )
    unit.add(row)
    unit.flush()
    _add_version(viewer, row, 1, values)
    return row


def edit(viewer: Viewer, question_id: uuid.UUID, data: Mapping[str, Any], revision: int | None = None) -> Question:
    """A new version with the fields of `data` changed. The approved version stays in the bank meanwhile."""
    with db.transaction():
        row = editable(viewer, question_id, revision)
        if row.state == "retired":
            raise Conflict(_("Câu hỏi này đã ngừng dùng nên không sửa được."), current=row.revision)
        last = db.session().get_one(QuestionVersion, row.current_version_id)
        key = db.session().get(AnswerKey, last.id)
        before = {name: getattr(last, name) for name in FIELDS if name != "answer"}
        before["answer"] = key.answer if key else None
        values = checked({**before, **{k: v for k, v in data.items() if k in FIELDS}})
        if values == {name: before[name] for name in values}:
            return row
        _add_version(viewer, row, last.number + 1, values)
        row.state = "draft"
        touch(row)
        outbox.note("question", row.id)
        return row


def remove(viewer: Viewer, question_id: uuid.UUID, revision: int | None = None) -> None:
    """A draft that nobody uses goes away; anything that was approved or dealt is retired instead."""
    try:
        with db.transaction() as unit:
            row = editable(viewer, question_id, revision)
            if row.approved_version_id is None and row.state != "retired":
                unit.execute(sa.delete(Question).where(Question.id == row.id))
                unit.expunge(row)
                outbox.note("question", question_id)
                return
    except IntegrityError:
        pass
    retire(viewer, question_id, "", revision)


def retire(viewer: Viewer, question_id: uuid.UUID, reason: str, revision: int | None = None) -> Question:
    """Out of the bank: no longer found or drawn; quizzes that dealt it keep their versions."""
    with db.transaction():
        row = located(viewer, question_id)
        if not policy.may_see_key(viewer, row):
            raise Forbidden(_("Chỉ người soạn hoặc người thẩm định mới cho câu hỏi ngừng dùng được."))
        fresh(row, revision)
        if row.state == "retired":
            return row
        row.state, row.retired_reason = "retired", reason.strip()[:2000] or None
        touch(row)
        outbox.note("question", row.id)
        return row


def preview(data: Mapping[str, Any]) -> tuple[dict[str, Any], list[kinds.Problem]]:
    """What students would see of an unfinished question, and what it still lacks; writes nothing."""
    code = data.get("kind")
    found = kinds.kind(str(code) if code in kinds.registry else "single_choice")
    shown = {**data, "choices": [c for c in data.get("choices") or [] if c.get("text")]}
    return found.strip(shown), found.check(data)


# ---------------------------------------------------------------- shared by the verbs


def located(viewer: Viewer, question_id: uuid.UUID) -> Question:
    """The row, locked; NotFound when the viewer may not know of it."""
    row = db.session().get(Question, question_id, with_for_update=True, populate_existing=True)
    if row is None or not policy.may_see(viewer, row):
        raise NotFound(_("Không tìm thấy câu hỏi này."))
    return row


def editable(viewer: Viewer, question_id: uuid.UUID, revision: int | None) -> Question:
    row = located(viewer, question_id)
    if not policy.may_edit(viewer, row):
        raise Forbidden(_("Chỉ người soạn mới sửa được câu hỏi này."))
    fresh(row, revision)
    return row


def fresh(row: Question, revision: int | None) -> None:
    if revision is not None and revision != row.revision:
        raise Stale(_("Câu hỏi đã được sửa ở nơi khác. Thầy cô tải lại trang rồi sửa tiếp."), current=row.revision)


def touch(row: Question) -> None:
    row.revision += 1
    row.updated_at = db.now()


def unit_for(viewer: Viewer, wanted: Any = None) -> uuid.UUID | None:
    """The unit a new question belongs to: the one wanted, or the first in which the viewer writes."""
    units = sorted(viewer.units(*policy.WRITERS))
    if wanted is not None:
        if wanted not in units:
            raise Invalid(_("Dữ liệu gửi lên chưa hợp lệ."), errors={"unit_id": [_("Thầy cô không thuộc đơn vị này.")]})
        return uuid.UUID(str(wanted))
    return units[0] if units else None


def told(problems: list[kinds.Problem]) -> dict[str, list[str]]:
    """Problems of a kind, by field, in the reader's language."""
    found: dict[str, list[str]] = {}
    for problem in problems:
        text = _(problem.text, **problem.values)
        if text not in found.setdefault(problem.field, []):
            found[problem.field].append(text)
    return found


def checked(data: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a version, cleaned; raises Invalid with messages per field."""
    values = {name: data.get(name) for name in FIELDS}
    faults: dict[str, list[str]] = {}
    code = values["kind"]
    if code not in kinds.registry:
        raise Invalid(
            _("Câu hỏi chưa hợp lệ."),
            errors={"kind": [_("Dạng câu hỏi phải là một trong: %(kinds)s.", kinds=", ".join(kinds.codes()))]},
        )
    kind = kinds.kind(str(code))
    values["stem"] = _clean(values["stem"])
    values["explanation"] = _clean(values["explanation"])
    choices = values["choices"] if values["choices"] is not None else []
    if isinstance(choices, list):
        choices = [
            {**c, "text": _clean(c["text"])} if isinstance(c, Mapping) and isinstance(c.get("text"), str) else c
            for c in choices
        ]
    values["choices"] = choices
    values["scoring"] = (values["scoring"] or "stepped") if kind.code == "true_false_group" else None
    faults |= told(kind.check(values, complete=False))
    if isinstance(values["explanation"], str) and len(values["explanation"]) > MAX_EXPLANATION:
        faults["explanation"] = [_("Lời giải dài quá %(max)s kí tự.", max=MAX_EXPLANATION)]
    for name, text in (
        ("subject", "Không có môn học mang mã này."),
        ("grade", "Lớp là số từ 1 đến 12."),
        ("topic", "Không có chủ đề mang mã này."),
        ("level", "Mức độ là BIET, HIEU hoặc VANDUNG."),
    ):
        values[name] = values[name] if values[name] != "" else None
        if values[name] is not None and not vocabularies.valid(name, values[name]):
            faults[name] = [_(text)]
    values["language"] = values["language"] or "vi"
    if not vocabularies.valid("language", values["language"]):
        faults["language"] = [_("Không có ngôn ngữ mang mã này.")]
    tags = values["tags"] or []
    if not isinstance(tags, list) or len(tags) > 30 or not all(isinstance(t, str) and len(t) <= 60 for t in tags):
        faults["tags"] = [_("Nhiều nhất 30 thẻ, mỗi thẻ không quá 60 kí tự.")]
    else:
        values["tags"] = list(dict.fromkeys(t for t in (_clean(t) for t in tags) if t))
    values["source"] = _clean(values["source"] or "")[:300] or None
    if values["answer"] in ([], {}, ""):
        values["answer"] = None
    if faults:
        raise Invalid(_("Câu hỏi chưa hợp lệ."), errors=faults)
    return values


def _clean(text: Any) -> Any:
    if text is None:
        return ""
    if not isinstance(text, str):
        return text
    text = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\r", "\n"))
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")).strip()


def _add_version(viewer: Viewer, row: Question, number: int, values: Mapping[str, Any]) -> None:
    unit = db.session()
    version = QuestionVersion(
        id=db.new_id(),
        question_id=row.id,
        number=number,
        author_id=viewer.id,
        created_at=db.now(),
        folded=queries.fold(" ".join([values["stem"], *(c["text"] for c in values["choices"])])),
        fingerprint=likeness.fingerprint(values["stem"], values["choices"]),
        **{name: values[name] for name in FIELDS if name != "answer"},
    )
    unit.add(version)
    unit.flush()
    bands = [
        {"version_id": version.id, "band": band, "value": value}
        for band, value in enumerate(likeness.sketch(values["stem"], values["choices"]))
    ]
    if bands:
        unit.execute(sa.insert(QuestionSketch), bands)
    if values["answer"] is not None:
        unit.add(AnswerKey(version_id=version.id, answer=values["answer"]))
    note_uses(version.id, [values["stem"], values["explanation"], *(c["text"] for c in values["choices"])])
    row.current_version_id = version.id
    unit.flush()
