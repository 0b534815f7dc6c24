"""Import and export of many questions, each with a report that accounts for every one of them."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import sqlalchemy as sa

from app.core import db
from app.core.access import Viewer
from app.core.errors import Forbidden, Invalid, NotFound, TooLarge
from app.core.i18n import gettext as _
from app.questions import kinds, policy, queries
from app.questions.formats import detect, pictures, table
from app.questions.formats.model import (
    DROPPED,
    MAX_BYTES,
    Draft,
    Message,
    Reading,
    Row,
    Unreadable,
    Writing,
    decimal_text,
    fold,
)
from app.questions.formats.report import ImportReport, ReportRow
from app.questions.kinds.short_answer import CELLS, cells, number
from app.questions.models import QuestionImport
from app.questions.service.drafting import checked, told, unit_for, written
from app.questions.service.media import keep_all, pictures_lost
from app.vocabularies import queries as vocabularies

MAX_EXPORT = 10_000
MENDABLE = ("answer", "skip", "stem", "choices", "explanation")
_LATER = {
    "essay": "Câu tự luận chưa có trong ngân hàng nên không nhập.",
    "matching": "Câu ghép đôi chưa có trong ngân hàng nên không nhập.",
    "ordering": "Câu sắp xếp thứ tự chưa có trong ngân hàng nên không nhập.",
    "text": "Câu trả lời bằng chữ chưa có trong ngân hàng nên không nhập.",
}
_LEVELS = {
    "nb": "BIET",
    "nhan biet": "BIET",
    "n": "BIET",
    "easy": "BIET",
    "de": "BIET",
    "1": "BIET",
    "th": "HIEU",
    "thong hieu": "HIEU",
    "h": "HIEU",
    "medium": "HIEU",
    "trung binh": "HIEU",
    "2": "HIEU",
    "vd": "VANDUNG",
    "v": "VANDUNG",
    "vdc": "VANDUNG",
    "van dung cao": "VANDUNG",
    "hard": "VANDUNG",
    "kho": "VANDUNG",
    "3": "VANDUNG",
    "4": "VANDUNG",
}


def import_file(
    viewer: Viewer,
    filename: str,
    data: bytes,
    format: str = "auto",
    dry_run: bool = True,
    defaults: Mapping[str, Any] | None = None,
) -> ImportReport:
    """Read a file of questions; without `dry_run` everything readable becomes a draft, in one commit.

    `defaults` (subject, grade, level) fill what the file leaves open. Raises Invalid for a file that cannot
    be read at all, TooLarge, Forbidden.
    """
    reading = _read(viewer, filename, data, format)
    kept, lost = ({}, pictures_lost(reading.pictures)) if dry_run else keep_all(viewer, reading.pictures)
    return _imported(viewer, reading, _bare(filename), dry_run, _given(defaults), kept, lost, {})


def _read(viewer: Viewer, filename: str, data: bytes, format: str) -> Reading:
    if viewer.id is None or not policy.may_write(viewer):
        raise Forbidden(_("Tài khoản này không nhập câu hỏi."))
    if len(data) > MAX_BYTES:
        raise TooLarge(_("Tệp quá lớn (tối đa %(max)s MB).", max=MAX_BYTES // 1024 // 1024))
    try:
        return detect.read(data, format, filename)
    except Unreadable as error:
        said = _say(error.message)
        raise Invalid(said, errors={"file": [said]}) from None


def _bare(filename: str) -> str:
    return filename.replace("\\", "/").rsplit("/", 1)[-1][:120]


def _given(defaults: Mapping[str, Any] | None) -> dict[str, Any]:
    return {k: v for k, v in (defaults or {}).items() if v not in (None, "")}


def _imported(
    viewer: Viewer,
    reading: Reading,
    name: str,
    dry_run: bool,
    given: Mapping[str, Any],
    kept: Mapping[str, uuid.UUID],
    lost: Mapping[str, Message],
    mended: Mapping[str, Any],
) -> ImportReport:
    """The report of a reading; without `dry_run` its questions are written, in one commit."""
    for row in reading.rows:
        _show_pictures(row, kept, lost)
    _name_strange_pictures(reading.rows)
    contents = [_settled(row, given, name, mended.get(str(row.n), {})) for row in reading.rows]
    _name_twins(viewer, reading.rows, contents)
    report = ImportReport(reading.format, name, messages=[_say(m) for m in reading.messages], dry_run=dry_run)
    for row, content in zip(reading.rows, contents, strict=True):
        report.rows.append(_reported(row, content, mended.get(str(row.n), {})))
    if dry_run:
        held = [row for row in report.rows if row.content is not None]
        likes = queries.alike_many(
            viewer, [(row.content["stem"], row.content["choices"]) for row in held if row.content]
        )
        for reported, found in zip(held, likes, strict=True):
            reported.alike = list(found)
    if not report.rows:
        report.messages.append(_("Tệp không có câu hỏi nào."))
    if not dry_run:
        unit_id = unit_for(viewer)
        with db.transaction():
            for reported in report.rows:
                if reported.content is not None:
                    reported.id = written(viewer, unit_id, reported.content).id
    return report


def stage(
    viewer: Viewer, filename: str, data: bytes, format: str = "auto", defaults: Mapping[str, Any] | None = None
) -> uuid.UUID:
    """Keep a readable file until its owner has looked at the report; older ones of a day ago go."""
    reading = _read(viewer, filename, data, format)
    kept, _lost = keep_all(viewer, reading.pictures)
    with db.transaction() as unit:
        moment = db.now()
        unit.execute(
            sa.delete(QuestionImport).where(
                QuestionImport.owner_id == viewer.id, QuestionImport.created_at < moment - timedelta(days=1)
            )
        )
        row = QuestionImport(
            id=db.new_id(),
            owner_id=viewer.id,
            filename=_bare(filename),
            format=reading.format,
            data=data,
            defaults=_given(defaults),
            pictures={key: str(media_id) for key, media_id in kept.items()},
            mended={},
            created_at=moment,
        )
        unit.add(row)
        return row.id


def _staged(viewer: Viewer, import_id: uuid.UUID) -> QuestionImport:
    row = db.session().get(QuestionImport, import_id)
    if row is None or row.owner_id != viewer.id:
        raise _gone()
    return row


def _gone() -> NotFound:
    return NotFound(_("Tệp này đã được lưu hoặc không còn giữ. Thầy cô chọn lại tệp."))


def staged_report(viewer: Viewer, import_id: uuid.UUID) -> ImportReport:
    return _of_staged(viewer, _staged(viewer, import_id), True)


def _of_staged(viewer: Viewer, row: QuestionImport, dry_run: bool) -> ImportReport:
    reading = _read(viewer, row.filename, row.data, row.format)
    kept = {key: uuid.UUID(media_id) for key, media_id in row.pictures.items()}
    lost = pictures_lost({key: p for key, p in reading.pictures.items() if key not in kept})
    return _imported(viewer, reading, row.filename, dry_run, row.defaults, kept, lost, row.mended)


def mend_staged(viewer: Viewer, import_id: uuid.UUID, changes: Mapping[int, Mapping[str, Any]]) -> None:
    """What the teacher changes on the report, by question number: `answer`, `skip`, `stem`, `choices`, `explanation`.

    None takes a change back. Nothing is checked here: the report tells what a change lacks.
    """
    with db.transaction() as unit:
        row = unit.get(QuestionImport, import_id, with_for_update=True, populate_existing=True)
        if row is None or row.owner_id != viewer.id:
            raise _gone()
        mended = {key: dict(value) for key, value in row.mended.items()}
        for n, change in changes.items():
            known = mended.setdefault(str(n), {})
            for name, value in change.items():
                if name not in MENDABLE:
                    raise ValueError(name)
                if value is None:
                    known.pop(name, None)
                else:
                    known[name] = value
        row.mended = {key: value for key, value in mended.items() if value}


def save_staged(viewer: Viewer, import_id: uuid.UUID) -> ImportReport:
    """Everything readable of a staged file becomes drafts; the file itself goes, in the same commit."""
    with db.transaction() as unit:
        row = _staged(viewer, import_id)
        report = _of_staged(viewer, row, False)
        unit.delete(row)
        return report


def discard_staged(viewer: Viewer, import_id: uuid.UUID) -> None:
    with db.transaction() as unit:
        unit.delete(_staged(viewer, import_id))


def _say(message: Message) -> str:
    values = {name: _say(v) if isinstance(v, Message) else v for name, v in message.values.items()}
    return _(message.text, **values)


def _reported(row: Row, content: dict[str, Any] | None, mended: Mapping[str, Any]) -> ReportRow:
    draft = row.draft
    kind = content["kind"] if content else (draft.kind or None) if draft else None
    answer = content["answer"] if content else _plain(draft.answer) if draft else None
    messages = list(dict.fromkeys(_say(m) for m in row.messages))
    return ReportRow(row.n, row.status, kind, answer, messages, row.source, row.place, None, content, dict(mended))


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return decimal_text(value)
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list):
        return [_plain(v) for v in value]
    return value


def _name_twins(viewer: Viewer, rows: Sequence[Row], contents: Sequence[dict[str, Any] | None]) -> None:
    """Say which questions the bank, or an earlier row of the same file, already has word for word."""
    prints = [queries.fingerprint(c["stem"], c["choices"]) if c else "" for c in contents]
    known = queries.twins(viewer, sorted({p for p in prints if p}))
    seen: dict[str, int] = {}
    for row, mark in zip(rows, prints, strict=True):
        if not mark:
            continue
        if mark in seen:
            row.tell("Trùng với câu %(n)s của cùng tệp.", n=seen[mark])
        elif mark in known:
            row.tell("Ngân hàng đã có câu giống hệt.")
        seen.setdefault(mark, row.n)


# ---------------------------------------------------------------- pictures

_HELD = re.compile(r"!\[([^\[\]]*)\]\(picture:([^)\s]+)\)")


def _each_text(draft: Draft, change: Callable[[str], str]) -> None:
    draft.stem, draft.explanation = change(draft.stem), change(draft.explanation)
    draft.choices = [{**c, "text": change(c["text"])} for c in draft.choices]


def _show_pictures(row: Row, kept: Mapping[str, uuid.UUID], lost: Mapping[str, Message]) -> None:
    """Pictures of the file by their address in the bank; those that could not be kept are told and leave their words."""
    if row.draft is None:
        return
    said: set[str] = set()

    def put(match: re.Match[str]) -> str:
        words, key = match.groups()
        if key in kept:
            return f"![{words}]({queries.MEDIA}{kept[key]})"
        if key in lost and key not in said:
            said.add(key)
            row.guess("Hình %(name)s không nhập được: %(reason)s", name=key, reason=lost[key])
        return words if key in lost else match.group()

    _each_text(row.draft, lambda text: _HELD.sub(put, text))


def _name_strange_pictures(rows: Sequence[Row]) -> None:
    """Pictures at addresses outside of the bank are not shown to anybody: say so."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        texts = (
            []
            if row.draft is None
            else [row.draft.stem, row.draft.explanation, *(c["text"] for c in row.draft.choices)]
        )
        for address in dict.fromkeys(m["address"] for t in texts if "![" in t for m in pictures.REFERENCE.finditer(t)):
            if not address.startswith("picture:"):
                found.setdefault(address, []).append(row)
    known = queries.known_media(queries.media_ids(found))
    for address, holders in found.items():
        ids = queries.media_ids([address]) if address.startswith(queries.MEDIA) else set()
        if not ids or not ids <= known:
            for row in holders:
                row.guess("Hình ở địa chỉ %(address)s không nằm trong kho nên không hiện được.", address=address[:80])


# ---------------------------------------------------------------- a draft of a format becomes a draft of the bank


def _settled(row: Row, defaults: Mapping[str, Any], filename: str, mended: Mapping[str, Any]) -> dict[str, Any] | None:
    """The fields of a question, or None when the row is dropped; says on the row what was guessed."""
    draft = row.draft
    if draft is None or row.status == DROPPED:
        return None
    _into_our_kinds(row, draft)
    if row.status == DROPPED:
        return None
    _codes(row, draft, defaults)
    where = _("%(file)s, câu %(n)s", file=filename, n=row.n)
    data = {
        "kind": draft.kind,
        "stem": draft.stem,
        "choices": draft.choices,
        "scoring": draft.scoring,
        "answer": draft.answer,
        "explanation": draft.explanation,
        "subject": draft.subject,
        "grade": draft.grade,
        "topic": draft.topic,
        "level": draft.level,
        "tags": [t[:60] for t in draft.tags[:30]],
        "language": draft.language if vocabularies.valid("language", draft.language or "") else "vi",
        "source": f"{where}: {draft.title}" if draft.title else where,
    }
    _mend(row, data, mended)
    if row.status == DROPPED:
        return None
    problems = kinds.kind(draft.kind).check(data, complete=False)
    if problems and all(p.field == "answer" for p in problems):
        for text in told(problems)["answer"]:
            row.guess("%(reason)s Câu được nhập không kèm đáp án.", reason=text)
        data["answer"] = None
    try:
        return checked(data)
    except Invalid as error:
        for texts in error.errors.values():
            for text in texts:
                row.drop("%(reason)s", reason=text)
        return None


def _mend(row: Row, data: dict[str, Any], mended: Mapping[str, Any]) -> None:
    """What the teacher changed on the report takes the place of what was read."""
    if mended.get("skip"):
        row.drop("Thầy cô chọn không nhập câu này.")
        return
    for name in ("stem", "explanation"):
        if isinstance(mended.get(name), str):
            data[name] = mended[name]
    texts = mended.get("choices")
    if isinstance(texts, Mapping):
        data["choices"] = [{**c, "text": str(texts.get(c["id"], c["text"]))} for c in data["choices"]]
    if "answer" in mended:
        data["answer"] = mended["answer"]
        row.tell("Đáp án do thầy cô chọn ở trang này.")
    if texts is not None or "stem" in mended or "explanation" in mended:
        row.tell("Lời văn do thầy cô sửa ở trang này.")


def _into_our_kinds(row: Row, draft: Draft) -> None:
    if draft.kind == "true_false":
        draft.kind = "single_choice"
        draft.choices = [{"id": "A", "text": "Đúng"}, {"id": "B", "text": "Sai"}]
        draft.answer = None if draft.answer is None else ["A" if draft.answer else "B"]
        row.tell("Câu đúng/sai một ý được nhập thành câu chọn Đúng hoặc Sai.")
    elif draft.kind == "numerical":
        _from_numbers(row, draft)
    elif draft.kind == "text" and draft.answer:
        values = {number(a) for a in draft.answer}
        if len(values) == 1 and None not in values:
            draft.kind, draft.answer = "short_answer", cells(draft.answer[0])
    if draft.kind == "short_answer" and isinstance(draft.answer, str):
        draft.answer = cells(draft.answer)
        if number(draft.answer) is not None and len(draft.answer) > CELLS:
            row.drop("Đáp án %(value)s không vừa bốn ô.", value=draft.answer[:30])
    if draft.kind not in kinds.registry:
        row.drop(_LATER.get(draft.kind, "Dạng câu này chưa có trong ngân hàng nên không nhập."))


def _from_numbers(row: Row, draft: Draft) -> None:
    """A number with tolerance becomes a short answer of four cells where it fits."""
    answers: list[dict[str, Decimal]] = draft.answer or []
    if not answers:
        draft.kind, draft.answer = "short_answer", None
        return
    best = max(answers, key=lambda a: (a["weight"], -a["tolerance"]))
    value = decimal_text(best["value"])
    if len(value) > CELLS or number(value) is None:
        row.drop("Đáp án %(value)s không vừa bốn ô.", value=value[:30])
        return
    if len(answers) > 1:
        row.guess("Chỉ giữ đáp án %(value)s; các đáp án được điểm một phần không giữ.", value=value)
    if best["tolerance"]:
        row.guess("Sai số ±%(value)s không được giữ: chỉ đúng khi bằng nhau.", value=decimal_text(best["tolerance"]))
    draft.kind, draft.answer = "short_answer", value


@cache
def _named(kind: str) -> dict[str, str]:
    """Codes of a vocabulary by what people write for them."""
    found: dict[str, str] = {}
    for term in vocabularies.terms(kind):
        names = [term.code, term.vi, term.en, term.data.get("short_vi"), *(term.data.get("search_aliases") or [])]
        for name in names:
            if name:
                found.setdefault(fold(str(name)), term.code)
    return found


def _codes(row: Row, draft: Draft, defaults: Mapping[str, Any]) -> None:
    if draft.subject and not vocabularies.valid("subject", draft.subject):
        code = _named("subject").get(fold(draft.subject))
        if code is None:
            row.guess("Không có môn học tên %(value)s.", value=draft.subject[:60])
        draft.subject = code
    if draft.level and not vocabularies.valid("level", draft.level):
        code = _named("level").get(fold(draft.level)) or _LEVELS.get(fold(draft.level))
        if code is None:
            row.guess("Không hiểu mức độ %(value)s.", value=draft.level[:60])
        draft.level = code
    draft.subject = draft.subject or defaults.get("subject")
    draft.grade = draft.grade or defaults.get("grade")
    draft.level = draft.level or defaults.get("level")
    if draft.topic and not vocabularies.valid("topic", draft.topic):
        wanted = fold(draft.topic)
        near = [t for t in vocabularies.topics(draft.subject, draft.grade) if fold(t.vi) == wanted]
        if len({t.code for t in near}) != 1:
            row.guess("Không có chủ đề tên %(value)s trong chương trình.", value=draft.topic[:60])
        draft.topic = near[0].code if len({t.code for t in near}) == 1 else None
    draft.topic = draft.topic or defaults.get("topic")


# ---------------------------------------------------------------- export


@dataclass(frozen=True)
class ExportFile:
    name: str
    media_type: str
    data: bytes
    report: ImportReport


def export(
    viewer: Viewer, format: str, ids: Sequence[uuid.UUID] | None = None, filters: Mapping[str, Any] | None = None
) -> ExportFile:
    """A file of the questions named, or of those that the filters find; keys only where the viewer may see them."""
    if not policy.may_browse(viewer):
        raise Forbidden(_("Tài khoản này không xuất câu hỏi."))
    if format not in detect.WRITERS:
        names = ", ".join(detect.WRITERS)
        raise Invalid(
            _("Kho chưa ghi được định dạng này."), errors={"format": [_("Chọn một trong: %(names)s.", names=names)]}
        )
    found = queries.exported(viewer, ids, MAX_EXPORT + 1, **(filters or {}))
    if len(found) > MAX_EXPORT:
        raise Invalid(_("Mỗi lần xuất nhiều nhất %(max)s câu. Thầy cô lọc bớt rồi xuất.", max=MAX_EXPORT))
    drafts = [_draft_of(shown) for shown in found]
    writing = detect.WRITERS[format](drafts)
    report = ImportReport(format, f"cau-hoi.{writing.extension}", dry_run=False)
    for row, shown in zip(writing.rows, found, strict=True):
        messages = [_say(m) for m in row.messages]
        answer = shown.answer if shown.sees_key else None
        report.rows.append(ReportRow(row.n, row.status, shown.version.kind, answer, messages, "", id=shown.question.id))
    stepped = sum(
        1
        for shown in found
        if format == "gift" and shown.version.kind == "true_false_group" and shown.version.scoring != "linear"
    )
    if stepped:
        report.messages.append(_("%(count)s câu đúng/sai mất thang điểm bậc khi xuất GIFT.", count=stepped))
    hidden = sum(1 for shown in found if not shown.sees_key)
    if hidden:
        report.messages.append(_("%(count)s câu của người khác được xuất không kèm đáp án.", count=hidden))
    if ids is not None and len(found) < len(set(ids)):
        report.messages.append(
            _("%(count)s câu không có hoặc không xem được nên không xuất.", count=len(set(ids)) - len(found))
        )
    return ExportFile(report.filename, writing.media_type, writing.data, report)


def export_report(
    viewer: Viewer, format: str, ids: Sequence[uuid.UUID] | None = None, filters: Mapping[str, Any] | None = None
) -> ImportReport:
    return export(viewer, format, ids, filters).report


def _draft_of(shown: queries.Shown) -> Draft:
    version = shown.version
    return Draft(
        version.kind,
        version.stem,
        [dict(c) for c in version.choices],
        shown.answer,
        shown.explanation,
        subject=version.subject,
        grade=version.grade,
        topic=version.topic,
        level=version.level,
        tags=list(version.tags or []),
        scoring="linear" if version.scoring == "linear" else None,
        language=version.language,
        external_id=str(shown.question.id),
    )


def template_file(format: str) -> Writing:
    """An example of each kind in a format, to fill in."""
    return detect.WRITERS[format if format in detect.WRITERS else "xlsx"](table.template())
