"""The verbs of quizzes: making (create, edit, publish, close) and sitting (start, answer, submit)."""

from app.quizzes.service.making import close, create, edit, publish
from app.quizzes.service.sitting import (
    answer,
    finish_all_expired,
    finish_expired,
    shown,
    start,
    submit,
)

__all__ = [
    "answer",
    "close",
    "create",
    "edit",
    "finish_all_expired",
    "finish_expired",
    "publish",
    "shown",
    "start",
    "submit",
]
