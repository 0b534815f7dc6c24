"""Reads that only the pages of lessons need: shelves, figures, versions, queues."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from app.core.access import Viewer
from app.core.db import session
from app.files.models import File
from app.resources.models import PUBLISHED, Resource, ResourceVersion, Review, VersionFile


@dataclass(frozen=True)
class Shelved:
    """A lesson with the version to show of it."""

    resource: Resource
    version: ResourceVersion


def published_count() -> int:
    return session().scalar(sa.select(sa.func.count()).where(Resource.state == PUBLISHED)) or 0


def published_by_province() -> dict[str, int]:
    """How many published lessons come from each province, most first."""
    count = sa.func.count().label("n")
    rows = session().execute(
        sa.select(Resource.origin_province, count)
        .where(Resource.state == PUBLISHED, Resource.origin_province.is_not(None))
        .group_by(Resource.origin_province)
        .order_by(count.desc(), Resource.origin_province)
    )
    return {str(code): int(n) for code, n in rows}


def newest(limit: int = 6, grades: Iterable[int] = ()) -> list[Shelved]:
    """The lessons published last; with grades, those for any of them."""
    wanted = frozenset(grades)
    rows = session().execute(
        sa.select(Resource, ResourceVersion)
        .join(ResourceVersion, ResourceVersion.id == Resource.current_version_id)
        .where(Resource.state == PUBLISHED)
        .order_by(Resource.published_at.desc(), Resource.id.desc())
        .limit(limit if not wanted else 400)
    )
    found = (Shelved(resource, version) for resource, version in rows)
    return [one for one in found if not wanted or wanted & set(one.version.grades)][:limit]


def related(version: ResourceVersion, limit: int = 3) -> list[Shelved]:
    """Other published lessons of the same subject, the newest first."""
    rows = session().execute(
        sa.select(Resource, ResourceVersion)
        .join(ResourceVersion, ResourceVersion.id == Resource.current_version_id)
        .where(
            Resource.state == PUBLISHED,
            Resource.id != version.resource_id,
            ResourceVersion.subject == version.subject,
        )
        .order_by(Resource.published_at.desc(), Resource.id.desc())
        .limit(limit)
    )
    return [Shelved(resource, found) for resource, found in rows]


def version(version_id: uuid.UUID | None) -> ResourceVersion | None:
    return session().get(ResourceVersion, version_id) if version_id else None


def numbered(resource_id: uuid.UUID, number: int) -> ResourceVersion | None:
    """A published version by its number."""
    return session().scalar(
        sa.select(ResourceVersion).where(
            ResourceVersion.resource_id == resource_id,
            ResourceVersion.number == number,
            ResourceVersion.published_at.is_not(None),
        )
    )


def published_versions(resource_id: uuid.UUID) -> list[ResourceVersion]:
    """Every version that was ever published, the newest first."""
    return list(
        session().scalars(
            sa.select(ResourceVersion)
            .where(ResourceVersion.resource_id == resource_id, ResourceVersion.published_at.is_not(None))
            .order_by(ResourceVersion.number.desc())
        )
    )


def files_of(version_id: uuid.UUID) -> list[File]:
    """The files of a version in their order."""
    return list(
        session().scalars(
            sa.select(File)
            .join(VersionFile, VersionFile.file_id == File.id)
            .where(VersionFile.version_id == version_id)
            .order_by(VersionFile.position, File.id)
        )
    )


def holds(version_ids: Iterable[uuid.UUID], file_id: uuid.UUID) -> File | None:
    """The file, when one of these versions holds it."""
    return session().scalar(
        sa.select(File)
        .join(VersionFile, VersionFile.file_id == File.id)
        .where(File.id == file_id, VersionFile.version_id.in_(list(version_ids)))
        .limit(1)
    )


def owned(viewer: Viewer) -> list[Shelved]:
    """The viewer's own lessons, the last changed first, each with the version being worked on."""
    rows = session().execute(
        sa.select(Resource, ResourceVersion)
        .join(
            ResourceVersion,
            ResourceVersion.id == sa.func.coalesce(Resource.draft_version_id, Resource.current_version_id),
        )
        .where(Resource.owner_id == viewer.id)
        .order_by(Resource.changed_at.desc(), Resource.id.desc())
        .limit(200)
    )
    return [Shelved(resource, found) for resource, found in rows]


def last_reviews(resource_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Review]:
    """The last decision about each of these lessons."""
    found: dict[uuid.UUID, Review] = {}
    rows = session().scalars(
        sa.select(Review)
        .where(Review.resource_id.in_(list(resource_ids)))
        .order_by(Review.created_at, Review.id)
    )
    for review in rows:
        found[review.resource_id] = review
    return found


def reviews_of(resource_id: uuid.UUID) -> list[Review]:
    return list(
        session().scalars(
            sa.select(Review).where(Review.resource_id == resource_id).order_by(Review.created_at, Review.id)
        )
    )


def submitted() -> list[Shelved]:
    """What waits for review anywhere, the longest waiting first; policy says who may decide which."""
    rows = session().execute(
        sa.select(Resource, ResourceVersion)
        .join(ResourceVersion, ResourceVersion.id == Resource.draft_version_id)
        .where(Resource.draft_state == "submitted")
        .order_by(Resource.submitted_at, Resource.id)
        .limit(500)
    )
    return [Shelved(resource, found) for resource, found in rows]
