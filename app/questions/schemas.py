"""What comes in and goes out of the JSON door. Written out by hand; a key leaves only through `question_out`."""

from __future__ import annotations

from typing import Any

from marshmallow import fields, validate

from app.core.http import Schema
from app.questions import kinds
from app.questions.formats.report import ImportReport
from app.questions.queries import Item, Like, Shown


class QuestionChoiceIn(Schema):
    id = fields.String(required=True, validate=validate.Length(1, 8))
    text = fields.String(required=True)


class _Fields(Schema):
    stem = fields.String()
    choices = fields.List(fields.Nested(QuestionChoiceIn), allow_none=True)
    answer = fields.Raw(allow_none=True)
    explanation = fields.String(allow_none=True)
    subject = fields.String(allow_none=True)
    grade = fields.Integer(strict=True, allow_none=True)
    topic = fields.String(allow_none=True)
    level = fields.String(allow_none=True)
    tags = fields.List(fields.String(), allow_none=True)
    language = fields.String(allow_none=True)
    scoring = fields.String(allow_none=True)
    source = fields.String(allow_none=True)


class QuestionIn(_Fields):
    kind = fields.String(required=True, validate=validate.OneOf(kinds.codes()))
    stem = fields.String(required=True)
    unit_id = fields.UUID(allow_none=True)


class QuestionPatch(_Fields):
    kind = fields.String(validate=validate.OneOf(kinds.codes()))
    revision = fields.Integer(strict=True)


class QuestionReviewIn(Schema):
    decision = fields.String(required=True, validate=validate.OneOf(("approve", "return")))
    comment = fields.String(load_default="", allow_none=True)
    revision = fields.Integer(strict=True)


class QuestionRetireIn(Schema):
    reason = fields.String(load_default="", allow_none=True)
    revision = fields.Integer(strict=True)


class QuestionMergeIn(Schema):
    into = fields.UUID(required=True)
    revision = fields.Integer(strict=True)


class _Filters(Schema):
    q = fields.String(load_default="", validate=validate.Length(max=200))
    subject = fields.String(load_default="")
    grade = fields.Integer(load_default=None, allow_none=True)
    topic = fields.String(load_default="")
    level = fields.String(load_default="")
    kind = fields.String(load_default="")
    state = fields.String(load_default="")
    tab = fields.String(load_default="", validate=validate.OneOf(("", "mine", "waiting", "returned", "retired")))
    tag = fields.String(load_default="")


FILTERS = tuple(_Filters().fields)


class QuestionListArgs(_Filters):
    mine = fields.Boolean(load_default=False)
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 100))
    after = fields.UUID(load_default=None, allow_none=True)


class QuestionExportArgs(_Filters):
    format = fields.String(load_default="xlsx")
    ids = fields.String(load_default=None, allow_none=True)


class QuestionImportArgs(Schema):
    format = fields.String(load_default="auto")
    dry_run = fields.Boolean(load_default=False)
    subject = fields.String(load_default="")
    grade = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(1, 12))
    level = fields.String(load_default="")
    topic = fields.String(load_default="")


def question_out(shown: Shown) -> dict[str, Any]:
    """A question; `answer` and `explanation` only for those who may edit or review it."""
    row, version = shown.question, shown.version
    found: dict[str, Any] = {
        "id": row.id,
        "state": row.state,
        "revision": row.revision,
        "version": version.number,
        "version_id": version.id,
        "url": f"/questions/{row.id}",
        "kind": version.kind,
        "stem": version.stem,
        "choices": version.choices,
        "scoring": version.scoring,
        "subject": version.subject,
        "grade": version.grade,
        "topic": version.topic,
        "level": version.level,
        "tags": version.tags or [],
        "language": version.language,
        "province": row.origin_province,
        "created_at": row.created_at,
        "updated_at": row.updated_at,
        "in_bank": row.approved_version_id is not None and row.state != "retired",
    }
    if shown.sees_key:
        found |= {
            "answer": shown.answer,
            "explanation": shown.explanation,
            "source": version.source,
            "owner_id": row.owner_id,
            "unit_id": row.unit_id,
            "retired_reason": row.retired_reason,
        }
    return found


def item_out(item: Item) -> dict[str, Any]:
    """A line of the list: never a key."""
    row, version = item.question, item.version
    return {
        "id": row.id,
        "state": row.state,
        "returned": item.returned,
        "revision": row.revision,
        "version": version.number,
        "url": f"/questions/{row.id}",
        "kind": version.kind,
        "stem": version.stem,
        "choices": version.choices,
        "subject": version.subject,
        "grade": version.grade,
        "topic": version.topic,
        "level": version.level,
        "tags": version.tags or [],
        "language": version.language,
    }


def like_out(like: Like) -> dict[str, Any]:
    """A question of the bank that says the same (`same`, `twin`) or nearly so, and what keeps it apart."""
    return {
        "id": like.question.id,
        "url": f"/questions/{like.question.id}",
        "state": like.question.state,
        "stem": like.version.stem,
        "level": like.verdict.level,
        "likeness": round(like.verdict.likeness, 3),
        "differences": list(like.verdict.differences),
    }


def report_out(report: ImportReport) -> dict[str, Any]:
    """Every question of the file in exactly one row; for the person who brought the file."""
    return {
        "format": report.format,
        "dry_run": report.dry_run,
        "counts": report.counts,
        "questions": [
            {
                "n": row.n,
                "status": row.status,
                "kind": row.kind,
                "id": row.id,
                "answer": row.answer,
                "messages": row.messages,
                "source": row.source,
                "place": row.place,
                "alike": [like_out(like) for like in row.alike],
            }
            for row in report.rows
        ],
        "messages": report.messages,
    }
