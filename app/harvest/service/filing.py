"""Files of harvested lessons: fetched in advance or when somebody asks, checked, counted against a quota."""

from __future__ import annotations

import os
import re
import tempfile
import uuid
from collections.abc import Mapping
from datetime import timedelta
from email.message import Message
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from app.core import db, ports
from app.core.access import Viewer
from app.core.db import now, transaction
from app.core.errors import Conflict, Forbidden, KhoError, NotFound
from app.core.i18n import gettext as _
from app.files import service as files
from app.files.inspection import EXTENSIONS
from app.harvest.client import Client, Final, Temporary, Trouble
from app.harvest.models import KEPT, LINKED, REFUSED, WANTED, HarvestedFile, HarvestSource
from app.harvest.service.taking import file_ids, keeper, may_copy
from app.resources import queries as lessons
from app.resources import service as resources

log = structlog.get_logger()
TRIES = 5
PAUSE_S = 60.0
AT_ONCE = 5


def want(viewer: Viewer, resource_id: uuid.UUID) -> int:
    """Let the worker fetch the files of a lesson that are only linked so far; for staff, where the source's
    settings and the licence allow it. Returns how many."""
    if not viewer.is_staff:
        raise Forbidden(_("Hãy đăng nhập bằng tài khoản giáo viên để lấy tệp về kho."))
    found = lessons.public_resource(resource_id)
    if found is None or found[0].origin is None:
        raise NotFound(_("Không tìm thấy học liệu này."))
    if not may_copy(found[1].licence):
        raise Conflict(_("Giấy phép của học liệu không cho chép tệp sang kho khác."))
    with transaction() as unit:
        query = sa.select(HarvestedFile).where(
            HarvestedFile.resource_id == resource_id, HarvestedFile.state.in_((LINKED, REFUSED))
        )
        rows = list(unit.scalars(query.with_for_update()))
        for row in rows:
            if unit.get_one(HarvestSource, row.source_id).files == "none":
                raise Conflict(_("Nguồn này chỉ chia sẻ liên kết; hãy tải tệp tại kho nguồn."))
            row.state, row.due_at, row.tries, row.reason = WANTED, now(), 0, None
    return len(rows)


def fetch_some() -> int:
    """Fetch a few of the files that are wanted and due; returns how many were tried."""
    query = (
        sa.select(HarvestedFile.id)
        .where(HarvestedFile.state == WANTED, HarvestedFile.due_at <= now())
        .order_by(HarvestedFile.due_at)
        .limit(AT_ONCE)
    )
    ids = list(db.session().scalars(query))
    db.session().rollback()
    for file_id in ids:
        _fetch(file_id)
    return len(ids)


def _fetch(file_id: uuid.UUID) -> None:
    db.close_session()
    with transaction() as unit:
        row = unit.get(HarvestedFile, file_id, with_for_update=True, populate_existing=True)
        if row is None or row.state != WANTED or row.due_at is None or row.due_at > now():
            return
        source = unit.get_one(HarvestSource, row.source_id)
        # Nobody else takes it up meanwhile; after a crash it falls due again.
        row.due_at = now() + timedelta(hours=1)
        row.tries += 1
    url, expected, kind, tries = row.url, row.sha256, row.media_type, row.tries
    viewer = keeper(source)
    db.close_session()
    try:
        received = _received(source, viewer, url, expected, kind)
    except Trouble as trouble:
        pause = PAUSE_S * 2**tries if isinstance(trouble, Temporary) and tries < TRIES else None
        _settle(file_id, {"code": trouble.code, **trouble.detail}, trouble, pause)
        return
    except KhoError as error:
        _settle(file_id, {"code": "inspection", "said": error.message}, None, None)
        return
    with transaction() as unit:
        row = unit.get(HarvestedFile, file_id, with_for_update=True, populate_existing=True)
        if row is None:
            return
        kept = files.keep(received)
        row.state, row.file_id, row.sha256, row.reason, row.due_at = KEPT, kept.id, received.sha256, None, None
        unit.flush()
        _add_up(unit, source.id, received.size)
        resources.hold_files(viewer, row.resource_id, file_ids(unit, row.resource_id))


def _received(
    source: HarvestSource, viewer: Viewer, url: str, expected: str | None, kind: str | None
) -> files.ReceivedFile:
    settings = ports.settings()
    left = min(settings.max_upload_bytes, source.quota_bytes - source.used_bytes)
    if left <= 0:
        raise Final("quota")
    staging = settings.data_dir / "staging"
    staging.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=staging)
    path = Path(name)
    try:
        with os.fdopen(handle, "wb") as out:
            agent = f"KhoChung/1 (+{settings.public_url}/partners)"
            with Client(
                source.base_url, agent, settings.admin_email, source.token, private_allowed=settings.harvest_private
            ) as client:
                headers = client.download(url, out.write, left)
        expected = expected or _etag_digest(url, headers)
        if expected and _digest(path) != expected:
            raise Temporary("checksum")
        with path.open("rb") as stream:
            return files.receive(viewer, stream, _name(url, headers, kind))
    finally:
        path.unlink(missing_ok=True)


def _digest(path: Path) -> str:
    import hashlib

    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _etag_digest(url: str, headers: Mapping[str, str]) -> str | None:
    """Repositories like this one give the SHA-256 of the bytes as the ETag of a file's stable address."""
    match = re.fullmatch(r'"([0-9a-f]{64})"', headers.get("etag", "").strip())
    return match.group(1) if match and re.search(r"/files/[^/]+/content$", urlsplit(url).path) else None


def _name(url: str, headers: Mapping[str, str], kind: str | None) -> str:
    """A file name: the one the source sends, else the end of the address, with an ending that fits the type."""
    said = Message()
    said["Content-Disposition"] = headers.get("content-disposition", "")
    name = said.get_filename() or PurePosixPath(unquote(urlsplit(url).path)).name
    name = re.sub(r"[\\/\x00-\x1f]", "_", name).strip(". ")[-200:] or "tep"
    if not PurePosixPath(name).suffix:
        media = (headers.get("content-type") or kind or "").split(";")[0].strip()
        ending = next(iter(EXTENSIONS.get(media, ())), None)
        name = f"{name}.{ending}" if ending else name
    return name


def _settle(file_id: uuid.UUID, reason: dict[str, object], trouble: Trouble | None, pause: float | None) -> None:
    log.info("file not fetched", file=str(file_id), reason=reason.get("code"))
    db.close_session()
    with transaction() as unit:
        row = unit.get(HarvestedFile, file_id, with_for_update=True)
        if row is None:
            return
        if pause is not None and isinstance(trouble, Temporary):
            row.due_at = now() + timedelta(seconds=trouble.pause_s or pause)
            row.reason = reason
        else:
            row.state, row.reason, row.due_at = REFUSED, reason, None


def _add_up(unit: Session, source_id: uuid.UUID, size: int) -> None:
    unit.execute(
        sa.update(HarvestSource)
        .where(HarvestSource.id == source_id)
        .values(used_bytes=HarvestSource.used_bytes + size)
        .execution_options(synchronize_session=False)
    )
