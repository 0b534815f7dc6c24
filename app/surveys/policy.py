"""Who may do what with a survey. Answers yes or no; raises nothing, reads nothing."""

from __future__ import annotations

import uuid
from datetime import datetime

from app.core.access import Viewer
from app.surveys.models import Survey

MAKERS = ("teacher", "reviewer", "librarian", "department", "administrator")


def state(survey: Survey, moment: datetime) -> str:
    """draft, scheduled, open or closed at a moment of the database's clock."""
    if survey.published_at is None:
        return "draft"
    if survey.closed_at is not None or (survey.closes_at is not None and moment >= survey.closes_at):
        return "closed"
    if survey.opens_at is not None and moment < survey.opens_at:
        return "scheduled"
    return "open"


def may_make(viewer: Viewer) -> bool:
    return viewer.has(*MAKERS)


def may_keep(viewer: Viewer, survey: Survey) -> bool:
    """The owner, an administrator, and the department the survey was made in."""
    if viewer.is_guest:
        return False
    if viewer.id == survey.owner_id or viewer.has("administrator"):
        return True
    return survey.unit_id is not None and survey.unit_id in viewer.units("department")


def is_asked(viewer: Viewer, survey: Survey, places: frozenset[uuid.UUID]) -> bool:
    """Whether a published survey is put to this person. `places`: their units and classes."""
    if viewer.is_guest or survey.published_at is None:
        return False
    roles = survey.audience.get("roles") or []
    targets = {*(survey.audience.get("units") or []), *(survey.audience.get("classes") or [])}
    if roles and not viewer.has(*roles):
        return False
    return not targets or bool(targets & {str(place) for place in places})


def may_see_results(viewer: Viewer, survey: Survey, asked: bool) -> bool:
    return may_keep(viewer, survey) or (asked and survey.share_results)
