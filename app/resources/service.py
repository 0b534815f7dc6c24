"""Verbs on lessons: create, edit, files, submit, review, withdraw, delete, report."""

from __future__ import annotations

import unicodedata
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, BinaryIO

import sqlalchemy as sa

from app.accounts import queries as accounts
from app.core import outbox
from app.core.access import Viewer
from app.core.db import new_id, now, session, transaction
from app.core.errors import Conflict, Forbidden, Invalid, NotFound, Stale
from app.core.i18n import gettext as _
from app.files import service as files
from app.files import uploads
from app.files.models import File
from app.resources import policy, queries
from app.resources.models import (
    DRAFT,
    FIELDS,
    PUBLISHED,
    STEPS,
    SUBMITTED,
    WITHDRAWN,
    Report,
    Resource,
    ResourceVersion,
    Review,
    ReviewPath,
    VersionFile,
    described,
)
from app.vocabularies import queries as vocabularies

MAX_FILES = 50
REPORT_REASONS = ("copyright", "wrong", "harmful", "other")
OUTCOMES = ("kept", "mended", "withdrawn")


# ---- describing ---------------------------------------------------------------------------------


def create(viewer: Viewer, **fields: Any) -> queries.Shown:
    """A draft owned by the viewer, in the viewer's unit (or `unit_id`, one of theirs)."""
    if not policy.may_create(viewer) or viewer.id is None:
        raise Forbidden(_("Bạn chưa có quyền đưa học liệu vào kho."))
    wanted = fields.pop("unit_id", None)
    unit_id = _unit_of(viewer, wanted)
    values = _checked(fields)
    if not values.get("title"):
        raise _invalid("title", _("Hãy đặt tên cho học liệu."))
    with transaction():
        moment = now()
        row = Resource(
            id=new_id(),
            state=DRAFT,
            draft_state=DRAFT,
            revision=1,
            step=0,
            owner_id=viewer.id,
            unit_id=unit_id,
            origin_province=_province_of(unit_id),
            created_at=moment,
            changed_at=moment,
        )
        version = ResourceVersion(id=new_id(), resource_id=row.id, number=1, created_at=moment, **values)
        _place(row, version)
    return queries.resource(viewer, row.id)


def _place(row: Resource, version: ResourceVersion) -> None:
    """Rows that point at each other: the lesson first, then its version, then the pointer."""
    unit = session()
    row.draft_state, row.draft_version_id = None, None
    unit.add(row)
    unit.flush()
    unit.add(version)
    unit.flush()
    row.draft_state, row.draft_version_id = DRAFT, version.id
    unit.flush()


def edit(viewer: Viewer, resource_id: uuid.UUID, revision: int | None = None, **fields: Any) -> queries.Shown:
    """Change what is told of a lesson; on a published one this begins (or goes on with) its next version."""
    with transaction():
        row = _editable(viewer, resource_id, revision)
        values = _checked(fields)
        if "title" in values and not values["title"]:
            raise _invalid("title", _("Hãy đặt tên cho học liệu."))
        version = _working_version(row)
        for name, value in values.items():
            setattr(version, name, value)
        _touch(row)
    return queries.resource(viewer, resource_id)


def add_file(
    viewer: Viewer, resource_id: uuid.UUID, stream: BinaryIO, filename: str, revision: int | None = None
) -> File:
    """Receive bytes, then put them last among the files of the version in work."""
    _editable(viewer, resource_id, revision, lock=False)
    received = files.receive(viewer, stream, filename)
    with transaction() as unit:
        row = _editable(viewer, resource_id, None)
        version = _working_version(row)
        present = queries.files_of(version.id)
        for known in present:
            if known.sha256 == received.sha256 and known.name == received.name:
                return known
        if len(present) >= MAX_FILES:
            raise _invalid("file", _("Mỗi học liệu chứa tối đa %(count)s tệp.", count=MAX_FILES))
        file = files.keep(received)
        position = unit.scalar(sa.select(sa.func.max(VersionFile.position)).where(VersionFile.version_id == version.id))
        unit.add(VersionFile(version_id=version.id, file_id=file.id, position=(position or 0) + 1))
        _touch(row)
    return file


def add_upload(viewer: Viewer, resource_id: uuid.UUID, upload_id: uuid.UUID, revision: int | None = None) -> File:
    """Put a whole upload last among the files of the version in work; its pieces are no longer needed then."""
    whole = uploads.whole(viewer, upload_id)
    file = add_file(viewer, resource_id, whole, whole.filename, revision)
    uploads.drop(viewer, upload_id)
    return file


def remove_file(
    viewer: Viewer, resource_id: uuid.UUID, file_id: uuid.UUID, revision: int | None = None
) -> queries.Shown:
    """Take a file out of the version in work; published versions keep theirs."""
    with transaction() as unit:
        row = _editable(viewer, resource_id, revision)
        version = _working_version(row)
        link = unit.get(VersionFile, (version.id, file_id))
        if link is None:
            raise NotFound(_("Không tìm thấy tệp này."))
        unit.delete(link)
        unit.flush()
        _drop_unused([file_id])
        _touch(row)
    return queries.resource(viewer, resource_id)


def delete(viewer: Viewer, resource_id: uuid.UUID, revision: int | None = None) -> None:
    """Forget a lesson that was never published."""
    with transaction() as unit:
        row = _editable(viewer, resource_id, revision, submitted_too=True)
        if row.current_version_id is not None:
            raise Conflict(_("Học liệu đã công bố không xoá được; hãy rút khỏi kho kèm lí do."))
        version_ids = sa.select(ResourceVersion.id).where(ResourceVersion.resource_id == resource_id)
        file_ids = list(unit.scalars(sa.select(VersionFile.file_id).where(VersionFile.version_id.in_(version_ids))))
        row.draft_state, row.draft_version_id = None, None
        unit.flush()
        unit.execute(sa.delete(Review).where(Review.resource_id == resource_id))
        unit.execute(sa.delete(VersionFile).where(VersionFile.version_id.in_(version_ids)))
        unit.execute(sa.delete(ResourceVersion).where(ResourceVersion.resource_id == resource_id))
        unit.delete(row)
        unit.flush()
        _drop_unused(file_ids)


# ---- reviewing ----------------------------------------------------------------------------------


def submit(viewer: Viewer, resource_id: uuid.UUID, revision: int | None = None) -> queries.Shown:
    """Hand the version in work to its review path; with no step it is published at once."""
    with transaction() as unit:
        row = _editable(viewer, resource_id, revision, submitted_too=True)
        if policy.is_submitted(row):
            raise Conflict(_("Học liệu đang chờ duyệt."), current=row.revision)
        version = unit.get(ResourceVersion, row.draft_version_id) if row.draft_version_id else None
        if version is None:
            raise Conflict(_("Không có thay đổi nào để gửi duyệt."), current=row.revision)
        _check_complete(version)
        row.steps, row.step = queries.review_path(row.unit_id), 0
        if row.steps:
            row.draft_state, row.submitted_at = SUBMITTED, now()
            if row.state == DRAFT:
                row.state = SUBMITTED
        else:
            _publish(row, version)
        _touch(row)
    return queries.resource(viewer, resource_id)


def recall(viewer: Viewer, resource_id: uuid.UUID, revision: int | None = None) -> queries.Shown:
    """Take a submitted version back to work on it."""
    with transaction():
        row = _editable(viewer, resource_id, revision, submitted_too=True)
        if not policy.is_submitted(row):
            raise Conflict(_("Học liệu không ở trạng thái chờ duyệt."), current=row.revision)
        _back_to_draft(row)
        _touch(row)
    return queries.resource(viewer, resource_id)


def review(
    viewer: Viewer, resource_id: uuid.UUID, decision: str, comment: str = "", revision: int | None = None
) -> tuple[Review, Resource]:
    """Decide the step a lesson waits at: `approve` moves it on (the last publishes), `return` gives back."""
    with transaction() as unit:
        row = queries.row(viewer, resource_id, lock=True)
        if viewer.id is not None and viewer.id == row.owner_id and policy.is_submitted(row):
            raise Forbidden(_("Không ai tự duyệt học liệu của mình; việc này dành cho đồng nghiệp."))
        if not policy.is_submitted(row):
            raise Conflict(_("Học liệu không ở trạng thái chờ duyệt."), current=row.revision)
        if not policy.may_review(viewer, row) or viewer.id is None:
            raise Forbidden(_("Bước duyệt này không thuộc quyền của bạn."))
        _check_revision(row, revision)
        comment = _text(comment)
        if decision not in ("approve", "return"):
            raise _invalid("decision", _("Hãy chọn duyệt hoặc trả lại."))
        if decision == "return" and not comment:
            raise _invalid("comment", _("Hãy viết nhận xét để tác giả biết cần sửa gì."))
        version = unit.get(ResourceVersion, row.draft_version_id)
        if version is None:
            raise NotFound(_("Không tìm thấy phiên bản này."))
        made = Review(
            id=new_id(),
            resource_id=row.id,
            version_id=version.id,
            reviewer_id=viewer.id,
            step=policy.waiting_step(row) or STEPS[0],
            decision=decision,
            comment=comment,
            created_at=now(),
        )
        unit.add(made)
        if decision == "return":
            _back_to_draft(row)
        elif row.step + 1 < len(row.steps or []):
            row.step += 1
        else:
            _publish(row, version)
        _touch(row)
    return made, row


def set_review_path(viewer: Viewer, unit_id: uuid.UUID, steps: list[str]) -> list[str]:
    """A department's path: no step, `school`, `department`, or both in that order."""
    if accounts.unit(unit_id) is None:
        raise NotFound(_("Không tìm thấy đơn vị này."))
    department = accounts.department_of(unit_id)
    allowed = viewer.has("administrator") or unit_id in viewer.units("department")
    if not allowed or department.id != unit_id:
        raise Forbidden(_("Chỉ sở chủ quản được đặt các bước duyệt."))
    if [step for step in STEPS if step in steps] != steps:
        raise _invalid("steps", _("Các bước duyệt chỉ gồm trường, rồi đến sở."))
    with transaction() as unit:
        unit.merge(ReviewPath(unit_id=unit_id, steps=steps))
    return steps


def withdraw(viewer: Viewer, resource_id: uuid.UUID, reason: str, revision: int | None = None) -> Resource:
    """Take a published lesson out of public view; its address keeps telling that it was there, and why."""
    with transaction():
        row = queries.row(viewer, resource_id, lock=True)
        if row.state != PUBLISHED:
            raise Conflict(_("Chỉ học liệu đã công bố mới rút được."), current=row.revision)
        if not policy.may_withdraw(viewer, row):
            raise Forbidden(_("Bạn không có quyền rút học liệu này."))
        _check_revision(row, revision)
        reason = _text(reason)
        if not reason:
            raise _invalid("reason", _("Hãy ghi lí do rút để người tìm đến hiểu vì sao."))
        if len(reason) > 2000:
            raise _invalid("reason", _("Lí do dài quá 2000 chữ."))
        row.state, row.withdraw_reason, row.withdrawn_at = WITHDRAWN, reason, now()
        if policy.is_submitted(row):
            row.draft_state = DRAFT
        _touch(row)
        outbox.note("resource", row.id)
    return row


def report(viewer: Viewer, resource_id: uuid.UUID, reason: str, comment: str = "") -> Report:
    """Anybody may say that something is wrong with a published lesson."""
    with transaction() as unit:
        row = queries.row(viewer, resource_id)
        if row.state != PUBLISHED:
            raise NotFound(_("Không tìm thấy học liệu này."))
        if reason not in REPORT_REASONS:
            raise _invalid("reason", _("Hãy chọn một lí do báo cáo."))
        made = Report(
            id=new_id(),
            resource_id=row.id,
            reporter_id=viewer.id,
            reason=reason,
            comment=_text(comment)[:4000],
            created_at=now(),
        )
        unit.add(made)
    return made


def settle(viewer: Viewer, report_id: uuid.UUID, outcome: str, answer: str = "") -> Report:
    """A reviewer looked at a report: the lesson stays as it is, was mended, or is withdrawn with a reason.

    Withdrawing settles every open report on the lesson.
    """
    answer = _text(answer)[:2000]
    with transaction() as unit:
        made = unit.get(Report, report_id, with_for_update=True, populate_existing=True)
        row = unit.get(Resource, made.resource_id) if made else None
        if made is None or row is None or not policy.may_settle(viewer, row):
            raise NotFound(_("Không tìm thấy báo cáo này."))
        if outcome not in OUTCOMES:
            raise _invalid("outcome", _("Hãy chọn cách xử lí báo cáo."))
        if made.settled_at is not None:
            raise Conflict(_("Báo cáo này đã được xử lí."))
        settled = [made]
        if outcome == "withdrawn":
            withdraw(viewer, row.id, answer)
            settled = list(
                unit.scalars(sa.select(Report).where(Report.resource_id == row.id, Report.settled_at.is_(None)))
            )
        moment = now()
        for one in settled:
            one.settled_at, one.settled_by, one.outcome, one.answer = moment, viewer.id, outcome, answer
    return made


def handle_blob(kind: str, blob_id: uuid.UUID) -> None:
    """Outbox lane "text": let `files` read the bytes, then tell the index of every lesson that shows them."""
    sha256 = files.handle(kind, blob_id)
    if sha256 is None:
        return
    with transaction():
        for resource_id in queries.published_with_bytes(sha256):
            outbox.note("resource", resource_id)


# ---- from other repositories ---------------------------------------------------------------------


@dataclass(frozen=True)
class Foreign:
    """A lesson of another repository as it is now; `resource_id` is None for one that comes for the first time."""

    origin: dict[str, Any]
    province: str | None
    published_at: datetime
    fields: dict[str, Any] = field(hash=False)
    resource_id: uuid.UUID | None = None
    file_ids: tuple[uuid.UUID, ...] = ()


def take_in(viewer: Viewer, unit_id: uuid.UUID, lessons: Sequence[Foreign]) -> list[uuid.UUID]:
    """Show lessons of other repositories here, without review: published at once, found in search, kept out
    of our own feed. Returns their ids in order. What a person withdrew here stays withdrawn.
    """
    if viewer.id is None or not policy.may_create(viewer):
        raise Forbidden(_("Bạn chưa có quyền đưa học liệu vào kho."))
    with transaction():
        known = _foreign_rows([one.resource_id for one in lessons if one.resource_id])
        changed = [
            one.resource_id for one in lessons if one.resource_id in known and _renew(known[one.resource_id], one)
        ]
        fresh = [(one, new_id()) for one in lessons if one.resource_id not in known]
        _insert_foreign(viewer.id, unit_id, fresh)
        outbox.notes("resource", [*(row_id for row_id in changed if row_id), *(row_id for _one, row_id in fresh)])
    made = {id(one): row_id for one, row_id in fresh}
    return [made.get(id(one)) or one.resource_id for one in lessons]  # type: ignore[misc]


def let_go(viewer: Viewer, resource_ids: Sequence[uuid.UUID]) -> list[uuid.UUID]:
    """The other repository no longer shares these: withdrawn here too, until it shares them again.

    Returns the ids of those that were public until now.
    """
    if viewer.is_guest:
        raise Forbidden(_("Bạn không có quyền rút học liệu này."))
    with transaction():
        gone = [row for row in _foreign_rows(resource_ids).values() if row.state == PUBLISHED]
        for row in gone:
            row.state, row.withdrawn_at = WITHDRAWN, now()
            row.withdraw_reason = _("Kho nguồn đã ngừng chia sẻ học liệu này.")
            row.origin = {**(row.origin or {}), "gone": True}
            _touch(row)
        outbox.notes("resource", [row.id for row in gone])
    return [row.id for row in gone]


def hold_files(viewer: Viewer, resource_id: uuid.UUID, file_ids: Sequence[uuid.UUID]) -> None:
    """These files, in this order, are what is kept here of a harvested lesson's files."""
    if viewer.is_guest:
        raise Forbidden(_("Bạn không có quyền sửa học liệu này."))
    with transaction():
        row = _foreign_rows([resource_id]).get(resource_id)
        if row is None:
            raise NotFound(_("Không tìm thấy học liệu này."))
        if _place_files(row.current_version_id, file_ids):
            _touch(row)
            outbox.note("resource", row.id)


def _place_files(version_id: uuid.UUID | None, file_ids: Sequence[uuid.UUID]) -> bool:
    """Whether anything changed."""
    if version_id is None or [file.id for file in queries.files_of(version_id)] == list(file_ids):
        return False
    session().execute(sa.delete(VersionFile).where(VersionFile.version_id == version_id))
    session().add_all(
        VersionFile(version_id=version_id, file_id=file_id, position=position)
        for position, file_id in enumerate(file_ids, 1)
    )
    session().flush()
    return True


def _foreign_rows(ids: Sequence[uuid.UUID]) -> dict[uuid.UUID | None, Resource]:
    if not ids:
        return {}
    query = sa.select(Resource).where(Resource.id.in_(ids), Resource.origin.is_not(None)).with_for_update()
    found = session().scalars(query.execution_options(populate_existing=True))
    return {row.id: row for row in found}


def _renew(row: Resource, lesson: Foreign) -> bool:
    """Bring a harvested lesson up to date; says whether anything changed that people see."""
    if row.state == WITHDRAWN and not (row.origin or {}).get("gone"):
        return False
    unit = session()
    values = _checked(lesson.fields)
    current = unit.get_one(ResourceVersion, row.current_version_id)
    same = described(current) == {**described(current), **values}
    held = [file.id for file in queries.files_of(current.id)]
    shown = (row.state, row.origin, row.origin_province, held)
    if same and shown == (PUBLISHED, lesson.origin, lesson.province, list(lesson.file_ids)):
        return False
    if not same:
        number = unit.scalar(
            sa.select(sa.func.max(ResourceVersion.number)).where(ResourceVersion.resource_id == row.id)
        )
        current = ResourceVersion(
            id=new_id(),
            resource_id=row.id,
            number=(number or 0) + 1,
            created_at=now(),
            published_at=lesson.published_at,
            **{**described(current), **values},
        )
        unit.add(current)
        unit.flush()
    _place_files(current.id, lesson.file_ids)
    row.state, row.withdrawn_at, row.withdraw_reason = PUBLISHED, None, None
    row.origin, row.origin_province, row.current_version_id = lesson.origin, lesson.province, current.id
    _touch(row)
    unit.flush()
    return True


def _insert_foreign(owner_id: uuid.UUID, unit_id: uuid.UUID, fresh: Sequence[tuple[Foreign, uuid.UUID]]) -> None:
    """Whole pages of a harvest come at once, so rows are written in bulk."""
    if not fresh:
        return
    unit, moment = session(), now()
    rows, versions, pointers, links = [], [], [], []
    for lesson, row_id in fresh:
        version_id = new_id()
        rows.append(
            {
                "id": row_id, "state": PUBLISHED, "revision": 1, "step": 0, "owner_id": owner_id, "unit_id": unit_id,
                "origin": lesson.origin, "origin_province": lesson.province, "published_at": lesson.published_at,
                "created_at": moment, "changed_at": moment,
            }
        )  # fmt: skip
        blank: dict[str, Any] = {
            name: [] if name in ("grades", "authors", "keywords", "topics") else None for name in FIELDS
        }
        values = {**blank, "description": "", "language": "vi", **_checked(lesson.fields)}
        versions.append(
            {
                "id": version_id, "resource_id": row_id, "number": 1, "created_at": moment,
                "published_at": lesson.published_at, **values,
            }
        )  # fmt: skip
        pointers.append({"id": row_id, "current_version_id": version_id})
        links += [
            {"version_id": version_id, "file_id": file_id, "position": position}
            for position, file_id in enumerate(lesson.file_ids, 1)
        ]
    unit.execute(sa.insert(Resource), rows)
    unit.execute(sa.insert(ResourceVersion), versions)
    unit.execute(sa.update(Resource), pointers)
    if links:
        unit.execute(sa.insert(VersionFile), links)


# ---- inside -------------------------------------------------------------------------------------


def _invalid(field: str, message: str) -> Invalid:
    return Invalid(message, errors={field: [message]})


def _text(value: str) -> str:
    return unicodedata.normalize("NFC", value).replace("\x00", "").strip()


def _unit_of(viewer: Viewer, wanted: uuid.UUID | None) -> uuid.UUID:
    units = viewer.units(*policy.MAKERS)
    if wanted is not None:
        if wanted not in units:
            raise Forbidden(_("Bạn không thuộc đơn vị này."))
        return wanted
    schools = sorted(units, key=lambda unit_id: (getattr(accounts.unit(unit_id), "kind", "") != "school", str(unit_id)))
    return schools[0]


def _province_of(unit_id: uuid.UUID) -> str | None:
    found = accounts.unit(unit_id)
    return found.province_code if found is not None else None


def _editable(
    viewer: Viewer,
    resource_id: uuid.UUID,
    revision: int | None,
    *,
    lock: bool = True,
    submitted_too: bool = False,
) -> Resource:
    row = queries.row(viewer, resource_id, lock=lock)
    if row.state == WITHDRAWN:
        raise Conflict(_("Học liệu này đã được rút khỏi kho."), current=row.revision)
    if not policy.may_edit(viewer, row):
        raise Forbidden(_("Bạn không có quyền sửa học liệu này."))
    _check_revision(row, revision)
    if policy.is_submitted(row) and not submitted_too:
        raise Conflict(
            _("Học liệu đang chờ duyệt nên chưa sửa được. Hãy thu hồi về bản nháp trước."),
            current=row.revision,
        )
    return row


def _check_revision(row: Resource, revision: int | None) -> None:
    if revision is not None and revision != row.revision:
        raise Stale(
            _("Có người vừa lưu một thay đổi khác. Hãy tải lại bản mới nhất rồi sửa tiếp."),
            current=row.revision,
        )


def _touch(row: Resource) -> None:
    row.revision += 1
    row.changed_at = now()


def _back_to_draft(row: Resource) -> None:
    row.draft_state, row.step = DRAFT, 0
    if row.state == SUBMITTED:
        row.state = DRAFT


def _publish(row: Resource, version: ResourceVersion) -> None:
    moment = now()
    version.published_at = moment
    row.current_version_id, row.draft_version_id, row.draft_state = version.id, None, None
    row.state, row.step = PUBLISHED, 0
    row.published_at = row.published_at or moment
    outbox.note("resource", row.id)


def _working_version(row: Resource) -> ResourceVersion:
    """The version in work; on a published lesson a copy of the published one begins it."""
    unit = session()
    if row.draft_version_id is not None:
        found = unit.get(ResourceVersion, row.draft_version_id)
        if found is not None:
            return found
    published = unit.get(ResourceVersion, row.current_version_id)
    if published is None:
        raise NotFound(_("Không tìm thấy phiên bản này."))
    number = unit.scalar(sa.select(sa.func.max(ResourceVersion.number)).where(ResourceVersion.resource_id == row.id))
    version = ResourceVersion(
        id=new_id(), resource_id=row.id, number=(number or 0) + 1, created_at=now(), **described(published)
    )
    unit.add(version)
    unit.flush()
    for link in unit.scalars(sa.select(VersionFile).where(VersionFile.version_id == published.id)):
        unit.add(VersionFile(version_id=version.id, file_id=link.file_id, position=link.position))
    row.draft_version_id, row.draft_state = version.id, DRAFT
    unit.flush()
    return version


def _drop_unused(file_ids: list[uuid.UUID]) -> None:
    """Forget names no version uses any more; their bytes stay for whoever else has them."""
    used = sa.select(VersionFile.file_id).where(VersionFile.file_id.in_(file_ids))
    session().execute(sa.delete(File).where(File.id.in_(file_ids), File.id.not_in(used)))


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    """Fields cleaned (NFC, trimmed, doubles out) and checked against the vocabularies."""
    errors: dict[str, list[str]] = {}
    values: dict[str, Any] = {}
    for name, value in fields.items():
        if name not in FIELDS:
            raise _invalid(name, _("Không có mục này."))
        if isinstance(value, str):
            value = _text(value)
        elif isinstance(value, list):
            value = [_text(item) if isinstance(item, str) else item for item in value]
            value = list(dict.fromkeys(item for item in value if item != ""))
        values[name] = value
    if isinstance(values.get("title"), str):
        values["title"] = " ".join(values["title"].split())
        if len(values["title"]) > 300:
            errors["title"] = [_("Tên dài quá 300 chữ.")]
    if len(values.get("description") or "") > 20_000:
        errors["description"] = [_("Mô tả dài quá 20000 chữ.")]
    for name in ("description",):
        if name in values and values[name] is None:
            values[name] = ""
    for name in ("authors", "keywords", "topics", "grades"):
        if name in values and values[name] is None:
            values[name] = []
        if len(values.get(name) or []) > 50 or any(len(str(item)) > 200 for item in values.get(name) or []):
            errors[name] = [_("Danh sách quá dài.")]
    for name in ("subject", "resource_type", "licence", "language", "textbook_series"):
        value = values.get(name)
        if name in values and not value:
            values[name] = "vi" if name == "language" else None
        elif value and not vocabularies.valid(name, value):
            errors[name] = [_("Giá trị này không có trong danh mục.")]
    grades = values.get("grades")
    if grades is not None:
        if any(not isinstance(grade, int) or not 1 <= grade <= 12 for grade in grades):
            errors["grades"] = [_("Lớp là số từ 1 đến 12.")]
        else:
            values["grades"] = sorted(set(grades))
    for topic in values.get("topics") or []:
        if not vocabularies.valid("topic", topic):
            errors["topics"] = [_("Giá trị này không có trong danh mục.")]
    if errors:
        raise Invalid(_("Một vài mục chưa đúng."), errors=errors)
    return values


def _check_complete(version: ResourceVersion) -> None:
    """What a lesson needs before colleagues look at it."""
    errors: dict[str, list[str]] = {}
    for name in ("title", "subject", "grades", "resource_type", "licence", "authors"):
        if not getattr(version, name):
            errors[name] = [_("Cần điền mục này trước khi gửi duyệt.")]
    if not version.description and not queries.files_of(version.id):
        errors["files"] = [_("Cần ít nhất một tệp hoặc phần mô tả trước khi gửi duyệt.")]
    if errors:
        raise Invalid(_("Học liệu chưa đủ thông tin để gửi duyệt."), errors=errors)
