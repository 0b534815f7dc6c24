"""What comes in and goes out of quizzes as JSON. Nothing here holds a key; results add it when released."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from app.core.http import Schema
from app.core.i18n import gettext as _
from app.questions import kinds
from app.quizzes.models import Attempt, Quiz
from app.quizzes.queries import Shown

AUDIENCES = ("public", "signed_in", "unit", "classes")


class DrawIn(Schema):
    subject = fields.String(allow_none=True)
    grade = fields.Integer(allow_none=True, validate=validate.Range(1, 12))
    topic = fields.String(allow_none=True)
    level = fields.String(allow_none=True)
    kind = fields.String(allow_none=True, validate=lambda code: code in kinds.codes())
    count = fields.Integer(required=True, validate=validate.Range(1, 100))
    seed = fields.Integer(allow_none=True)


class SectionIn(Schema):
    title = fields.String(validate=validate.Length(max=200))
    questions = fields.List(fields.UUID(), validate=validate.Length(max=200))
    draw = fields.Nested(DrawIn)
    points = fields.Decimal(as_string=True, validate=validate.Range(min=0, min_inclusive=False, max=100))

    @post_load
    def as_text(self, data: dict[str, Any], **_kw: Any) -> dict[str, Any]:
        """Ids and points as text: a section is kept as JSON."""
        if "questions" in data:
            data["questions"] = [str(each) for each in data["questions"]]
        if "points" in data:
            data["points"] = str(data["points"])
        return data


class QuizFields(Schema):
    description = fields.String(validate=validate.Length(max=5000))
    subject = fields.String(allow_none=True)
    grade = fields.Integer(allow_none=True, validate=validate.Range(1, 12))
    mode = fields.String(validate=validate.OneOf(("practice", "test")))
    sections = fields.List(fields.Nested(SectionIn), validate=validate.Length(max=50))
    time_limit_s = fields.Integer(allow_none=True, validate=validate.Range(1, 86_400))
    shuffle_questions = fields.Boolean()
    shuffle_choices = fields.Boolean()
    feedback = fields.String(validate=validate.OneOf(("immediate", "after_submit", "after_close")))
    attempts_allowed = fields.Integer(
        allow_none=True,
        validate=validate.Range(1, 1000),
        metadata={
            "description": "How often one person may take it; null: as often as they like. "
            "Left out, a test allows 1 attempt and practice any number."
        },
    )
    opens_at = fields.AwareDateTime(allow_none=True)
    closes_at = fields.AwareDateTime(allow_none=True)
    audience = fields.Raw()
    classes = fields.List(fields.UUID())
    revision = fields.Integer(load_only=True)

    @post_load
    def audience_of(self, data: dict[str, Any], **_kw: Any) -> dict[str, Any]:
        """`audience` is a word, or {"classes": [ids]}."""
        data.pop("revision", None)
        found = data.get("audience")
        if isinstance(found, Mapping) and set(found) == {"classes"} and isinstance(found["classes"], list):
            data["audience"], data["classes"] = "classes", found["classes"]
        elif "audience" in data and found not in AUDIENCES:
            raise ValidationError(_("Chọn người được làm bài."), "audience")
        if "classes" in data:
            data["classes"] = [str(each) for each in data["classes"]]
        return data


class QuizIn(QuizFields):
    title = fields.String(required=True, validate=validate.Length(min=1, max=300))


class QuizPatch(QuizFields):
    title = fields.String(validate=validate.Length(min=1, max=300))


class AnswerIn(Schema):
    response = fields.Raw(required=True, allow_none=True)
    revision = fields.Integer(load_default=0, validate=validate.Range(min=0))
    check = fields.Boolean(load_default=True)


def quiz_out(quiz: Quiz, manages: bool, url: str) -> dict[str, Any]:
    items = (quiz.compiled or {}).get("items", [])
    shown: dict[str, Any] = {
        "id": quiz.id,
        "state": quiz.state,
        "revision": quiz.revision,
        "title": quiz.title,
        "description": quiz.description,
        "subject": quiz.subject,
        "grade": quiz.grade,
        "mode": quiz.mode,
        "feedback": quiz.feedback,
        "time_limit_s": quiz.time_limit_s,
        "attempts_allowed": quiz.attempts_allowed,
        "opens_at": quiz.opens_at,
        "closes_at": quiz.closes_at,
        "question_count": len(items),
        "url": url,
    }
    if manages:
        shown |= {
            "sections": quiz.sections,
            "shuffle_questions": quiz.shuffle_questions,
            "shuffle_choices": quiz.shuffle_choices,
            "audience": quiz.audience,
            "classes": quiz.classes,
            "items": [{name: item[name] for name in ("question_id", "version_id", "kind", "points")} for item in items],
        }
    return shown


def attempt_out(shown: Shown, token: str | None = None) -> dict[str, Any]:
    attempt = shown.attempt
    made: dict[str, Any] = {
        "id": attempt.id,
        "quiz_id": attempt.quiz_id,
        "number": attempt.number,
        "state": attempt.state,
        "started_at": attempt.started_at,
        "submitted_at": attempt.submitted_at,
        "deadline": shown.deadline,
        "remaining_ms": shown.remaining_ms,
        "items": [{name: item[name] for name in ("n", "kind", "stem", "choices")} for item in shown.items],
        "answers": {
            str(n): {"response": row.response, "revision": row.revision, "saved_at": row.saved_at}
            for n, row in shown.answers.items()
        },
        "url": f"/attempts/{attempt.id}",
    }
    if token:
        made["token"] = token
    return made


def result_out(shown: Shown) -> dict[str, Any]:
    """The result; marks and keys only when they are released."""
    attempt = shown.attempt
    made: dict[str, Any] = {
        "id": attempt.id,
        "quiz_id": attempt.quiz_id,
        "number": attempt.number,
        "state": attempt.state,
        "started_at": attempt.started_at,
        "submitted_at": attempt.submitted_at,
        "auto_submitted": attempt.auto_submitted,
        "receipt": attempt.receipt,
        "released": shown.key_shown,
        "url": f"/attempts/{attempt.id}/result",
    }
    if shown.key_shown and attempt.result:
        result = attempt.result
        made |= {name: float(result[name]) for name in ("score", "max_score", "points", "max_points")}
        made |= {name: result[name] for name in ("correct", "answered", "count")}
        made["items"] = [
            {
                **{name: item[name] for name in ("n", "kind", "stem", "choices")},
                "response": shown.answers[item["n"]].response if item["n"] in shown.answers else None,
                "score": float(mark["score"]),
                "points": float(mark["points"]),
                "max_points": float(mark["max"]),
                "correct": mark["correct"],
                **shown.keys[item["n"]],
            }
            for item, mark in zip(shown.items, result["items"], strict=True)
        ]
    return made


def row_out(attempt: Attempt, name: str, login: str, answered: int, state: str) -> dict[str, Any]:
    """A row of the teacher's table; `state` is open, over (time is out, late answers still come), submitted."""
    result = attempt.result or {}
    return {
        "attempt_id": attempt.id,
        "name": name,
        "login": login,
        "number": attempt.number,
        "state": state,
        "started_at": attempt.started_at,
        "submitted_at": attempt.submitted_at,
        "auto_submitted": attempt.auto_submitted,
        "answered": answered,
        "score": float(result["score"]) if result else None,
        "correct": result.get("correct"),
    }
