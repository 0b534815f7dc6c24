"""Reads of lessons. The viewer comes first; `public_…` reads are for the index and the feed."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from app.accounts import queries as accounts
from app.accounts.models import User
from app.core.access import Viewer
from app.core.db import session
from app.core.errors import Gone, NotFound
from app.core.i18n import gettext as _
from app.files.models import File
from app.resources import policy
from app.resources.models import (
    PUBLISHED,
    SUBMITTED,
    WITHDRAWN,
    Report,
    Resource,
    ResourceVersion,
    Review,
    ReviewPath,
    VersionFile,
)

DEFAULT_PATH = ("school",)


@dataclass(frozen=True)
class Shown:
    """A lesson as one viewer sees it: the version picked for them, its files in order, what they may do."""

    resource: Resource
    version: ResourceVersion
    files: tuple[File, ...]
    published_number: int | None
    may_edit: bool
    may_review: bool
    may_withdraw: bool
    sees_work: bool

    @property
    def step(self) -> str | None:
        """The review step it waits at, or None."""
        return policy.waiting_step(self.resource)


def row(viewer: Viewer, resource_id: uuid.UUID, lock: bool = False) -> Resource:
    """The row, or NotFound when the viewer may not know of it (withdrawn ones are known to everybody)."""
    found = session().get(Resource, resource_id, with_for_update=lock or None, populate_existing=lock)
    if found is None or not (policy.may_see(viewer, found) or found.state == WITHDRAWN):
        raise NotFound(_("Không tìm thấy học liệu này."))
    return found


def resource(viewer: Viewer, resource_id: uuid.UUID, number: int | None = None) -> Shown:
    """A lesson. Without `number`: the version in work for those who see it, else the published one.

    Raises NotFound, and Gone with the reason for a withdrawn lesson (see `tombstone`).
    """
    found = row(viewer, resource_id)
    sees_work = policy.sees_work(viewer, found)
    if found.state == WITHDRAWN and not sees_work:
        raise Gone(
            _("Học liệu này đã được rút khỏi kho. Lí do: %(reason)s", reason=found.withdraw_reason or ""),
            current={"state": WITHDRAWN, "withdrawn_at": found.withdrawn_at, "reason": found.withdraw_reason},
        )
    version: ResourceVersion | None
    if number is not None:
        version = session().scalar(
            sa.select(ResourceVersion).where(
                ResourceVersion.resource_id == resource_id, ResourceVersion.number == number
            )
        )
        if version is not None and version.published_at is None and not sees_work:
            version = None
    else:
        version_id = (found.draft_version_id if sees_work else None) or found.current_version_id
        version = session().get(ResourceVersion, version_id) if version_id else None
    if version is None:
        raise NotFound(_("Không tìm thấy phiên bản này."))
    current = session().get(ResourceVersion, found.current_version_id) if found.current_version_id else None
    return Shown(
        resource=found,
        version=version,
        files=files_of(version.id),
        published_number=current.number if current else None,
        may_edit=policy.may_edit(viewer, found),
        may_review=policy.may_review(viewer, found),
        may_withdraw=policy.may_withdraw(viewer, found),
        sees_work=sees_work,
    )


def tombstone(resource_id: uuid.UUID) -> tuple[Resource, ResourceVersion] | None:
    """A withdrawn lesson with its last published version, for the page that says so."""
    found = session().get(Resource, resource_id)
    if found is None or found.state != WITHDRAWN or found.current_version_id is None:
        return None
    version = session().get(ResourceVersion, found.current_version_id)
    return (found, version) if version is not None else None


def public_resource(resource_id: uuid.UUID) -> tuple[Resource, ResourceVersion, tuple[File, ...]] | None:
    """The published lesson with its current version and files; None when it is not public (now)."""
    found = session().get(Resource, resource_id, populate_existing=True)
    if found is None or found.state != PUBLISHED or found.current_version_id is None:
        return None
    version = session().get(ResourceVersion, found.current_version_id)
    return None if version is None else (found, version, files_of(version.id))


def files_of(version_id: uuid.UUID) -> tuple[File, ...]:
    """Files of a version in order."""
    query = (
        sa.select(File)
        .join(VersionFile, VersionFile.file_id == File.id)
        .where(VersionFile.version_id == version_id)
        .order_by(VersionFile.position, File.id)
    )
    return tuple(session().scalars(query))


def file_of(viewer: Viewer, resource_id: uuid.UUID, file_id: uuid.UUID) -> File:
    """A file of a version the viewer may read: any published version of a public lesson, or one in work."""
    found = row(viewer, resource_id)
    sees_work = policy.sees_work(viewer, found)
    if found.state == WITHDRAWN and not sees_work:
        raise Gone(_("Học liệu này đã được rút khỏi kho nên không còn tệp để tải."))
    query = (
        sa.select(File)
        .join(VersionFile, VersionFile.file_id == File.id)
        .join(ResourceVersion, ResourceVersion.id == VersionFile.version_id)
        .where(ResourceVersion.resource_id == resource_id, File.id == file_id)
    )
    if not sees_work:
        query = query.where(ResourceVersion.published_at.is_not(None))
    file = session().scalars(query).first()
    if file is None:
        raise NotFound(_("Không tìm thấy tệp này."))
    return file


def versions(viewer: Viewer, resource_id: uuid.UUID) -> list[ResourceVersion]:
    """Versions the viewer may read, newest first."""
    shown = resource(viewer, resource_id)
    query = sa.select(ResourceVersion).where(ResourceVersion.resource_id == resource_id)
    if not shown.sees_work:
        query = query.where(ResourceVersion.published_at.is_not(None))
    return list(session().scalars(query.order_by(ResourceVersion.number.desc())))


def reviews(viewer: Viewer, resource_id: uuid.UUID) -> list[Review]:
    """Decisions on a lesson, newest first: for its owner, keepers and judges only."""
    found = row(viewer, resource_id)
    if not (policy.sees_work(viewer, found) or policy.judges(viewer, found)):
        return []
    query = sa.select(Review).where(Review.resource_id == resource_id)
    return list(session().scalars(query.order_by(Review.created_at.desc(), Review.id.desc())))


def mine(
    viewer: Viewer, state: str | None = None, limit: int = 50, after: uuid.UUID | None = None
) -> list[tuple[Resource, ResourceVersion]]:
    """The viewer's own lessons, version in work before the published one, newest first by id."""
    if viewer.is_guest:
        return []
    query = _with_version(sa.func.coalesce(Resource.draft_version_id, Resource.current_version_id))
    query = query.where(Resource.owner_id == viewer.id, Resource.origin.is_(None))
    if state:
        query = query.where(Resource.state == state)
    return _page(query, limit, after)


def listed(
    viewer: Viewer,
    subject: str | None = None,
    resource_type: str | None = None,
    limit: int = 50,
    after: uuid.UUID | None = None,
) -> list[tuple[Resource, ResourceVersion]]:
    """Published lessons, newest first by id."""
    query = _with_version(Resource.current_version_id).where(Resource.state == PUBLISHED)
    if subject:
        query = query.where(ResourceVersion.subject == subject)
    if resource_type:
        query = query.where(ResourceVersion.resource_type == resource_type)
    return _page(query, limit, after)


def recent(limit: int = 12) -> list[tuple[Resource, ResourceVersion]]:
    """The lessons published last."""
    query = _with_version(Resource.current_version_id).where(Resource.state == PUBLISHED)
    query = query.order_by(Resource.published_at.desc(), Resource.id.desc()).limit(limit)
    return [(found, version) for found, version in session().execute(query)]


def waiting_for(viewer: Viewer, limit: int = 100) -> list[tuple[Resource, ResourceVersion]]:
    """Lessons that wait for a decision of this viewer, longest waiting first."""
    if not viewer.has(*policy.JUDGES, "administrator"):
        return []
    query = _with_version(Resource.draft_version_id).where(
        Resource.draft_state == SUBMITTED, Resource.owner_id != viewer.id
    )
    query = query.order_by(Resource.submitted_at, Resource.id)
    found = ((row_, version) for row_, version in session().execute(query))
    return [pair for pair in found if policy.may_review(viewer, pair[0])][:limit]


def published_ids(after: uuid.UUID | None = None, limit: int = 500) -> list[uuid.UUID]:
    """Ids of published lessons in ascending order, after one: for rebuilding the index."""
    query = sa.select(Resource.id).where(Resource.state == PUBLISHED).order_by(Resource.id).limit(limit)
    if after is not None:
        query = query.where(Resource.id > after)
    return list(session().scalars(query))


def changed_since(moment: datetime | None, after: uuid.UUID | None = None, limit: int = 500) -> list[Resource]:
    """Lessons that are or were public, by (changed_at, id), from `moment` on: for the feed."""
    query = sa.select(Resource).where(Resource.state.in_((PUBLISHED, WITHDRAWN)))
    if moment is not None and after is not None:
        query = query.where(
            sa.or_(Resource.changed_at > moment, sa.and_(Resource.changed_at == moment, Resource.id > after))
        )
    elif moment is not None:
        query = query.where(Resource.changed_at >= moment)
    return list(session().scalars(query.order_by(Resource.changed_at, Resource.id).limit(limit)))


def published_with_bytes(sha256: str) -> list[uuid.UUID]:
    """Published lessons whose current version holds these bytes."""
    query = (
        sa.select(Resource.id)
        .join(VersionFile, VersionFile.version_id == Resource.current_version_id)
        .join(File, File.id == VersionFile.file_id)
        .where(File.sha256 == sha256, Resource.state == PUBLISHED)
        .distinct()
    )
    return list(session().scalars(query))


def same_bytes(viewer: Viewer, sha256s: Iterable[str], besides: uuid.UUID) -> list[uuid.UUID]:
    """Other published lessons that hold one of these files: told to the author, not refused."""
    query = (
        sa.select(Resource.id)
        .join(VersionFile, VersionFile.version_id == Resource.current_version_id)
        .join(File, File.id == VersionFile.file_id)
        .where(File.sha256.in_(list(sha256s)), Resource.state == PUBLISHED, Resource.id != besides)
        .distinct()
    )
    return list(session().scalars(query.limit(10)))


def review_path(unit_id: uuid.UUID) -> list[str]:
    """The steps a lesson of this unit goes through; a lesson of a department skips the school."""
    department = accounts.department_of(unit_id)
    steps = review_path_of(department.id)
    return ["department"] if department.id == unit_id and "school" in steps else steps


def review_path_of(department_id: uuid.UUID) -> list[str]:
    """The steps a department has set for its schools."""
    kept = session().get(ReviewPath, department_id)
    return list(kept.steps if kept is not None else DEFAULT_PATH)


def own_ids(ids: Iterable[uuid.UUID]) -> set[uuid.UUID]:
    """Which of these are lessons of our own, whatever their state: not harvested from elsewhere."""
    query = sa.select(Resource.id).where(Resource.id.in_(list(ids)), Resource.origin.is_(None))
    return set(session().scalars(query))


@dataclass(frozen=True)
class Reported:
    """A report as a reviewer meets it; `reporter` is empty for a guest."""

    report: Report
    resource: Resource
    version: ResourceVersion
    reporter: str
    may_withdraw: bool


def reports(viewer: Viewer, settled: bool = False, limit: int = 100) -> list[Reported]:
    """Reports that this viewer may settle, longest waiting first; settled ones latest first."""
    query = (
        sa.select(Report, Resource, ResourceVersion, User.name)
        .join(Resource, Resource.id == Report.resource_id)
        .join(ResourceVersion, ResourceVersion.id == Resource.current_version_id)
        .outerjoin(User, User.id == Report.reporter_id)
        .where(*_settleable(viewer), Report.settled_at.is_not(None) if settled else Report.settled_at.is_(None))
        .order_by(Report.settled_at.desc() if settled else Report.created_at, Report.id)
        .limit(limit)
    )
    return [
        Reported(report, found, version, name or "", policy.may_withdraw(viewer, found))
        for report, found, version, name in session().execute(query)
    ]


def open_reports(viewer: Viewer) -> int:
    """How many reports wait for this viewer."""
    query = sa.select(sa.func.count()).select_from(Report).join(Resource, Resource.id == Report.resource_id)
    return session().scalar(query.where(*_settleable(viewer), Report.settled_at.is_(None))) or 0


def _settleable(viewer: Viewer) -> list[sa.ColumnElement[bool]]:
    """`policy.may_settle` for many rows."""
    if viewer.has("administrator"):
        return []
    reach = accounts.unit_and_below(viewer.units(*policy.JUDGES))
    return [Resource.unit_id.in_(reach), Resource.owner_id != viewer.id]


def _with_version(
    column: sa.ColumnElement[uuid.UUID | None] | sa.orm.InstrumentedAttribute[uuid.UUID | None],
) -> sa.Select[Resource, ResourceVersion]:
    return sa.select(Resource, ResourceVersion).join(ResourceVersion, ResourceVersion.id == column)


def _page(
    query: sa.Select[Resource, ResourceVersion], limit: int, after: uuid.UUID | None
) -> list[tuple[Resource, ResourceVersion]]:
    if after is not None:
        query = query.where(Resource.id < after)
    rows = session().execute(query.order_by(Resource.id.desc()).limit(limit))
    return [(found, version) for found, version in rows]
