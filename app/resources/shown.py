"""Reads that only the pages of lessons need: shelves, figures, versions, queues."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa

from app.core.db import session
from app.resources.models import PUBLISHED, Resource, ResourceVersion, Review


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


def published_versions(resource_id: uuid.UUID) -> list[ResourceVersion]:
    """Every version that was ever published, the newest first."""
    return list(
        session().scalars(
            sa.select(ResourceVersion)
            .where(ResourceVersion.resource_id == resource_id, ResourceVersion.published_at.is_not(None))
            .order_by(ResourceVersion.number.desc())
        )
    )


def last_reviews(resource_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Review]:
    """The last decision about each of these lessons."""
    found: dict[uuid.UUID, Review] = {}
    rows = session().scalars(
        sa.select(Review).where(Review.resource_id.in_(list(resource_ids))).order_by(Review.created_at, Review.id)
    )
    for review in rows:
        found[review.resource_id] = review
    return found
