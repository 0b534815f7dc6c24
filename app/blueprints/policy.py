"""Who may make, see and change a blueprint. Pure."""

from __future__ import annotations

from app.blueprints.models import Blueprint
from app.core.access import Viewer

MAKERS = ("teacher", "reviewer", "department", "administrator")


def may_create(viewer: Viewer) -> bool:
    return viewer.has(*MAKERS)


def may_edit(viewer: Viewer, found: Blueprint) -> bool:
    return may_create(viewer) and (viewer.id == found.owner_id or viewer.has("administrator"))


def may_see(viewer: Viewer, found: Blueprint) -> bool:
    """The owner, administrators, and colleagues of the owner's unit."""
    return may_edit(viewer, found) or (may_create(viewer) and found.unit_id in viewer.units(*MAKERS))
