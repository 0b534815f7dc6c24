"""Who may do what with a lesson. Pure but for the question which department a unit belongs to."""

from __future__ import annotations

import uuid

from app.accounts import queries as accounts
from app.core.access import Viewer
from app.resources.models import PUBLISHED, SUBMITTED, WITHDRAWN, Resource

MAKERS = ("teacher", "reviewer", "librarian", "department", "administrator")
JUDGES = ("reviewer", "librarian", "department")
KEEPERS = ("librarian", "department")


def may_create(viewer: Viewer) -> bool:
    """Whoever works at a school or a department; not students, partners or guests."""
    return viewer.has(*MAKERS)


def _department(unit_id: uuid.UUID) -> uuid.UUID:
    return accounts.department_of(unit_id).id


def keeps(viewer: Viewer, resource: Resource) -> bool:
    """Librarians and departments look after the lessons of their unit and of those below it."""
    if viewer.has("administrator"):
        return True
    units = viewer.units(*KEEPERS)
    return resource.unit_id in units or (bool(units) and _department(resource.unit_id) in units)


def may_edit(viewer: Viewer, resource: Resource) -> bool:
    """The owner, and those who look after it; a withdrawn lesson rests, a harvested one is its source's."""
    if viewer.is_guest or resource.origin is not None or resource.state == WITHDRAWN or not may_create(viewer):
        return False
    return viewer.id == resource.owner_id or keeps(viewer, resource)


def may_withdraw(viewer: Viewer, resource: Resource) -> bool:
    """The owner, and those who look after it; of a harvested lesson the latter only."""
    if viewer.is_guest or resource.state != PUBLISHED:
        return False
    if resource.origin is not None:
        return keeps(viewer, resource)
    return (viewer.id == resource.owner_id and may_create(viewer)) or keeps(viewer, resource)


def judges(viewer: Viewer, resource: Resource) -> bool:
    """Whether the viewer reviews lessons of this unit at any step (own lessons too: then reading only)."""
    if viewer.has("administrator"):
        return True
    units = viewer.units(*JUDGES)
    return bool(units) and (resource.unit_id in units or _department(resource.unit_id) in units)


def may_review(viewer: Viewer, resource: Resource) -> bool:
    """Whether the viewer may decide the step the lesson waits at. Nobody decides on an own lesson."""
    if viewer.is_guest or viewer.id == resource.owner_id or not is_submitted(resource):
        return False
    if viewer.has("administrator"):
        return True
    units = viewer.units(*JUDGES)
    if not units:
        return False
    department = _department(resource.unit_id)
    if waiting_step(resource) == "school":
        return resource.unit_id in units or department in viewer.units("department")
    return department in units


def may_settle(viewer: Viewer, resource: Resource) -> bool:
    """Whether the viewer settles reports on this lesson. Nobody does on an own one."""
    if viewer.is_guest or (viewer.id == resource.owner_id and not viewer.has("administrator")):
        return False
    return judges(viewer, resource)


def may_see(viewer: Viewer, resource: Resource) -> bool:
    """Published: everybody. Unpublished: owner, keepers, and judges once it was submitted."""
    if resource.state == PUBLISHED:
        return True
    return sees_work(viewer, resource)


def sees_work(viewer: Viewer, resource: Resource) -> bool:
    """Whether the viewer sees the version being worked on, and a withdrawn lesson's content."""
    if viewer.is_guest:
        return False
    if viewer.id == resource.owner_id or keeps(viewer, resource):
        return True
    return (is_submitted(resource) or resource.state == WITHDRAWN) and judges(viewer, resource)


def is_submitted(resource: Resource) -> bool:
    """Whether a version waits for a decision."""
    return resource.draft_state == SUBMITTED


def waiting_step(resource: Resource) -> str | None:
    """The step the lesson waits at: `school`, `department`, or None."""
    steps = resource.steps or []
    return steps[resource.step] if is_submitted(resource) and resource.step < len(steps) else None
