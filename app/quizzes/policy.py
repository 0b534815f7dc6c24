"""Who may make, see and take a quiz, and when results show. Pure: rows and times in, a verdict out."""

from __future__ import annotations

from datetime import datetime

from app.core.access import Viewer
from app.quizzes.models import Attempt, Quiz

MAKERS = ("teacher", "reviewer", "librarian", "department", "administrator")


def may_create(viewer: Viewer) -> bool:
    return viewer.has(*MAKERS)


def may_manage(viewer: Viewer, quiz: Quiz) -> bool:
    """The owner, and administrators."""
    return not viewer.is_guest and (viewer.id == quiz.owner_id or viewer.has("administrator"))


def may_take(viewer: Viewer, quiz: Quiz, class_ids: frozenset[str]) -> bool:
    """Whether the quiz is meant for this viewer (not whether it is open now). Guests: public practice only."""
    if quiz.state == "draft":
        return False
    if quiz.audience == "public":
        return not viewer.is_guest or quiz.mode == "practice"
    if viewer.is_guest:
        return False
    if quiz.audience == "unit":
        return quiz.unit_id in viewer.unit_ids
    if quiz.audience == "classes":
        return bool(class_ids & set(quiz.classes))
    return True


def is_open(quiz: Quiz, moment: datetime) -> bool:
    return (
        quiz.state == "published"
        and (quiz.opens_at is None or quiz.opens_at <= moment)
        and (quiz.closes_at is None or moment < quiz.closes_at)
    )


def state_of(attempt: Attempt, quiz: Quiz, moment: datetime) -> str:
    """open, over (time is out but nothing is handed in yet) or submitted."""
    ends = [time for time in (attempt.deadline, quiz.closes_at, quiz.closed_at) if time is not None]
    return "over" if attempt.state == "open" and ends and moment >= min(ends) else attempt.state


def may_see_key(viewer: Viewer, quiz: Quiz, attempt: Attempt, moment: datetime) -> bool:
    """Right answers and explanations of a submitted attempt."""
    if attempt.state != "submitted":
        return False
    if quiz.feedback != "after_close" or may_manage(viewer, quiz):
        return True
    return quiz.state == "closed" or (quiz.closes_at is not None and quiz.closes_at <= moment)
