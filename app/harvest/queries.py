"""Reads of the feed in: sources, their runs, words that wait for a decision, records that did not come in."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from app.core.access import Viewer
from app.core.db import now, session
from app.core.errors import Forbidden, NotFound
from app.core.i18n import gettext as _
from app.harvest import policy
from app.harvest.models import (
    LOOP,
    PARTIAL,
    REJECTED,
    RUNNING,
    WAITING,
    HarvestedFile,
    HarvestedRecord,
    HarvestRun,
    HarvestSource,
    HarvestTerm,
    HarvestUse,
)
from app.resources.models import PUBLISHED, Resource, ResourceVersion


def source(viewer: Viewer, source_id: uuid.UUID, lock: bool = False) -> HarvestSource:
    """A source the viewer looks after, or NotFound."""
    found = session().get(HarvestSource, source_id, with_for_update=lock or None, populate_existing=lock)
    if found is None or not policy.may_keep(viewer, found):
        raise NotFound(_("Không tìm thấy nguồn này."))
    return found


def listed(viewer: Viewer, limit: int = 100, after: uuid.UUID | None = None) -> list[HarvestSource]:
    """Sources the viewer looks after, newest first."""
    if not viewer.has(*policy.KEEPERS):
        raise Forbidden(_("Chỉ thủ thư và quản trị viên xem được việc thu."))
    query = sa.select(HarvestSource).order_by(HarvestSource.id.desc()).limit(limit)
    if not viewer.has("administrator"):
        query = query.where(HarvestSource.unit_id.in_(viewer.units("librarian")))
    if after is not None:
        query = query.where(HarvestSource.id < after)
    return list(session().scalars(query))


def runs(viewer: Viewer, source_id: uuid.UUID, limit: int = 50, after: uuid.UUID | None = None) -> list[HarvestRun]:
    """Runs of a source, newest first."""
    source(viewer, source_id)
    query = sa.select(HarvestRun).where(HarvestRun.source_id == source_id).order_by(HarvestRun.id.desc())
    if after is not None:
        query = query.where(HarvestRun.id < after)
    return list(session().scalars(query.limit(limit).execution_options(populate_existing=True)))


def run(viewer: Viewer, source_id: uuid.UUID, run_id: uuid.UUID) -> HarvestRun:
    source(viewer, source_id)
    found = session().get(HarvestRun, run_id, populate_existing=True)
    if found is None or found.source_id != source_id:
        raise NotFound(_("Không tìm thấy lần thu này."))
    return found


def last_run(source_id: uuid.UUID) -> HarvestRun | None:
    query = sa.select(HarvestRun).where(HarvestRun.source_id == source_id).order_by(HarvestRun.id.desc())
    return session().scalar(query.limit(1))


@dataclass(frozen=True)
class Figures:
    """How a source stands: live and deleted records, those that need a look, files, seconds behind."""

    live: int
    deleted: int
    partial: int
    rejected: int
    loops: int
    files_kept: int
    files_waiting: int
    files_refused: int
    lag: timedelta | None


def figures(found: HarvestSource) -> Figures:
    states: dict[tuple[str, bool], int] = {}
    rows = session().execute(
        sa.select(HarvestedRecord.state, HarvestedRecord.deleted, sa.func.count())
        .where(HarvestedRecord.source_id == found.id)
        .group_by(HarvestedRecord.state, HarvestedRecord.deleted)
    )
    for state, gone, count in rows:
        states[state, gone] = count
    by_state = session().execute(
        sa.select(HarvestedFile.state, sa.func.count())
        .where(HarvestedFile.source_id == found.id)
        .group_by(HarvestedFile.state)
    )
    kept = {state: count for state, count in by_state}
    return Figures(
        live=sum(n for (state, gone), n in states.items() if not gone and state not in (LOOP, REJECTED)),
        deleted=sum(n for (_state, gone), n in states.items() if gone),
        partial=states.get((PARTIAL, False), 0),
        rejected=states.get((REJECTED, False), 0),
        loops=states.get((LOOP, False), 0),
        files_kept=kept.get("kept", 0),
        files_waiting=kept.get("wanted", 0),
        files_refused=kept.get("refused", 0),
        lag=now() - found.watermark if found.watermark else None,
    )


def terms(
    viewer: Viewer, source_id: uuid.UUID, state: str = WAITING, limit: int = 200
) -> list[tuple[HarvestTerm, int]]:
    """Words and how many records use them, most used first."""
    source(viewer, source_id)
    count = sa.func.count(HarvestUse.record_id).label("n")
    query = (
        sa.select(HarvestTerm, count)
        .outerjoin(HarvestUse, HarvestUse.term_id == HarvestTerm.id)
        .where(HarvestTerm.source_id == source_id, HarvestTerm.state == state)
        .group_by(HarvestTerm.id)
        .order_by(count.desc(), HarvestTerm.field, HarvestTerm.folded)
        .limit(limit)
    )
    if state == WAITING:
        query = query.having(count > 0)
    return [(term, n) for term, n in session().execute(query)]


def term(viewer: Viewer, term_id: uuid.UUID) -> HarvestTerm:
    found = session().get(HarvestTerm, term_id)
    if found is None:
        raise NotFound(_("Không tìm thấy từ này."))
    source(viewer, found.source_id)
    return found


def rejected(viewer: Viewer, source_id: uuid.UUID, limit: int = 50) -> list[HarvestedRecord]:
    """Records that could not be fetched or read; the next run asks for them again."""
    source(viewer, source_id)
    query = sa.select(HarvestedRecord).where(
        HarvestedRecord.source_id == source_id,
        HarvestedRecord.state == REJECTED,
        HarvestedRecord.deleted.is_(False),
    )
    return list(session().scalars(query.order_by(HarvestedRecord.changed_at.desc()).limit(limit)))


@dataclass(frozen=True)
class Double:
    """A harvested lesson that has the title of one of ours."""

    harvested_id: uuid.UUID
    own_id: uuid.UUID
    title: str


def doubles(viewer: Viewer, source_id: uuid.UUID, limit: int = 50) -> list[Double]:
    """Lessons of this source that may be ours too: the same title, both public."""
    source(viewer, source_id)
    own, own_version = sa.orm.aliased(Resource), sa.orm.aliased(ResourceVersion)
    query = (
        sa.select(Resource.id, own.id, ResourceVersion.title)
        .select_from(HarvestedRecord)
        .join(Resource, Resource.id == HarvestedRecord.resource_id)
        .join(ResourceVersion, ResourceVersion.id == Resource.current_version_id)
        .join(own_version, own_version.title == ResourceVersion.title)
        .join(own, sa.and_(own.current_version_id == own_version.id, own.origin.is_(None)))
        .where(
            HarvestedRecord.source_id == source_id,
            HarvestedRecord.deleted.is_(False),
            Resource.state == PUBLISHED,
            own.state == PUBLISHED,
        )
        .distinct()
        .limit(limit)
    )
    return [Double(*row) for row in session().execute(query)]


def links(resource_id: uuid.UUID) -> list[HarvestedFile]:
    """Files that a harvested lesson links to, in order."""
    query = sa.select(HarvestedFile).where(HarvestedFile.resource_id == resource_id)
    return list(session().scalars(query.order_by(HarvestedFile.position, HarvestedFile.id)))


# ---------------------------------------------------------------- words for people


def words(problem: Mapping[str, Any] | None) -> str:
    """What went wrong, as a sentence for people; what the other side wrote is never part of it."""
    if not problem:
        return ""
    match problem.get("code"):
        case "bad_url":
            return _("Địa chỉ phải bắt đầu bằng http:// hoặc https:// và không chứa tên đăng nhập.")
        case "private_address":
            return _("Địa chỉ này nằm trong mạng nội bộ nên kho không gọi tới.")
        case "no_such_host":
            return _("Không tìm thấy máy chủ nào mang tên %(host)s.", host=problem.get("host", ""))
        case "connect":
            return _("Không kết nối được với máy chủ của nguồn.")
        case "certificate":
            return _("Chứng thư bảo mật của nguồn không hợp lệ.")
        case "slow":
            return _("Nguồn trả lời quá chậm.")
        case "broken_answer":
            return _("Kết nối đứt giữa chừng khi nguồn đang trả lời.")
        case "busy":
            return _("Nguồn đang bận và hẹn lúc khác.")
        case "server_error":
            return _("Máy chủ của nguồn gặp lỗi (mã %(status)s).", status=problem.get("status", 500))
        case "http_status":
            return _("Nguồn trả lời bằng mã %(status)s; địa chỉ có thể không đúng.", status=problem.get("status", ""))
        case "forbidden":
            return _(
                "Nguồn từ chối cho thu (mã %(status)s). Hãy liên hệ với nơi quản lí nguồn.",
                status=problem.get("status", 403),
            )
        case "redirects":
            return _("Nguồn chuyển hướng quá nhiều lần.")
        case "too_large":
            return _("Nguồn gửi một trang hay tệp lớn quá mức cho phép.")
        case "unreadable":
            return _("Câu trả lời của nguồn hỏng, không đọc được.")
        case "not_oai":
            return _("Địa chỉ này là một trang web, không phải cổng OAI-PMH.")
        case "oai_error":
            return _oai_error(str(problem.get("error", "")))
        case "tokens":
            return _("Mã tiếp trang của nguồn hết hạn liên tục nên không thu hết được danh sách.")
        case "going_round":
            return _("Nguồn gửi đi gửi lại cùng một trang.")
        case "short":
            return _(
                "Nguồn báo có %(promised)s bản ghi nhưng chỉ gửi %(got)s.",
                promised=problem.get("promised"),
                got=problem.get("got"),
            )
        case "empty":
            return _("Nguồn không có bản ghi nào.")
        case "many_missing":
            return _(
                "Nguồn không còn nêu %(missing)s trong %(live)s bản ghi. Kho chưa gỡ gì, chờ thủ thư quyết định.",
                missing=problem.get("missing"),
                live=problem.get("live"),
            )
        case "rejects":
            return _("%(count)s bản ghi chưa lấy được; lần sau kho hỏi lại.", count=problem.get("count"))
        case "quota":
            return _("Nguồn đã dùng hết hạn mức dung lượng tệp.")
        case "checksum":
            return _("Tệp nhận được không khớp mã kiểm tra của nguồn.")
        case "inspection":
            return str(problem.get("said") or _("Tệp không qua được kiểm tra an toàn."))
        case "identifier":
            return _("Mã của bản ghi dài quá mức cho phép.")
        case _:
            return _("Có lỗi trong khi thu. Kho đã ghi lại để xem xét.")


def _oai_error(code: str) -> str:
    match code:
        case "cannotDisseminateFormat":
            return _("Nguồn không có định dạng đã chọn.")
        case "noSetHierarchy":
            return _("Nguồn không chia thành tập hợp; hãy để trống mục tập hợp.")
        case "badArgument":
            return _("Nguồn không hiểu yêu cầu; có thể tập hợp đã chọn không tồn tại.")
        case "badVerb":
            return _("Nguồn không hiểu lệnh OAI-PMH.")
        case _:
            return _("Nguồn trả lời bằng một lỗi OAI-PMH.")


def reject_words(why: str) -> str:
    """Why one record did not come in."""
    match why:
        case "empty":
            return _("bản ghi không có phần mô tả")
        case "identifier":
            return _("mã quá dài")
        case "server_error" | "http_status":
            return _("máy chủ của nguồn lỗi khi đưa bản ghi này")
        case "unreadable" | "broken_answer":
            return _("bản ghi hỏng, không đọc được")
        case "slow":
            return _("nguồn trả lời quá chậm")
        case "too_large":
            return _("bản ghi quá lớn")
        case "idDoesNotExist":
            return _("nguồn nêu tên rồi lại nói không có")
        case _:
            return _("nguồn không đưa bản ghi này")


def state_words(found: HarvestRun) -> str:
    if found.state == RUNNING:
        return _("đang thu")
    return _("xong") if found.state == "done" else _("không xong")
