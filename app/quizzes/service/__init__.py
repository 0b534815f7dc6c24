"""The verbs of quizzes: making (create, edit, publish, close) and sitting (start, answer, submit)."""

from app.quizzes.service.making import close, create, delete, edit, publish
from app.quizzes.service.sitting import (
    answer,
    finish_all_expired,
    finish_expired,
    finish_overdue,
    shown,
    start,
    submit,
    verify,
)

__all__ = [
    "answer",
    "close",
    "create",
    "delete",
    "edit",
    "finish_all_expired",
    "finish_expired",
    "finish_overdue",
    "publish",
    "shown",
    "start",
    "submit",
    "verify",
]
