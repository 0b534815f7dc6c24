"""Who may do what with a question. A key is for those who may edit or review it, and for nobody else."""

from __future__ import annotations

from app.accounts import queries as accounts
from app.core.access import Viewer
from app.questions.models import Question

WRITERS = ("teacher", "reviewer", "department", "administrator")
STAFF = ("teacher", "reviewer", "librarian", "department", "administrator")


def may_write(viewer: Viewer) -> bool:
    return viewer.has(*WRITERS)


def may_browse(viewer: Viewer) -> bool:
    """The bank is for staff; students meet questions in a quiz."""
    return viewer.has(*STAFF)


def may_edit(viewer: Viewer, question: Question) -> bool:
    if viewer.is_guest or not viewer.has(*WRITERS):
        return False
    return question.owner_id == viewer.id or viewer.has("administrator")


def may_review(viewer: Viewer, question: Question) -> bool:
    """Reviewers of the question's own unit, the department above it, administrators."""
    if viewer.has("administrator"):
        return True
    if question.unit_id is None or not viewer.has("reviewer", "department"):
        return False
    units = viewer.units("reviewer", "department")
    if question.unit_id in units:
        return True
    above = accounts.department_of(question.unit_id)
    return above is not None and above.id in units


def may_decide(viewer: Viewer, question: Question) -> bool:
    """Reviewing one's own question is left to a colleague."""
    return may_review(viewer, question) and (question.owner_id != viewer.id or viewer.has("administrator"))


def may_see_key(viewer: Viewer, question: Question) -> bool:
    return may_edit(viewer, question) or may_review(viewer, question)


def may_see(viewer: Viewer, question: Question) -> bool:
    if not may_browse(viewer):
        return False
    if may_edit(viewer, question):
        return True
    if question.approved_version_id is not None and question.state != "retired":
        return True
    return question.state in ("submitted", "retired") and may_review(viewer, question)
