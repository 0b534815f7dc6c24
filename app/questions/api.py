"""The JSON door of the question bank: /api/v1/questions."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from flask import Response, jsonify, request

from app.core.access import allow, viewer
from app.core.errors import Invalid, TooLarge
from app.core.http import api_blueprint, etag_of, expected_revision
from app.core.i18n import gettext as _
from app.questions import policy, queries, service
from app.questions.formats.model import MAX_BYTES
from app.questions.schemas import (
    FILTERS,
    QuestionExportArgs,
    QuestionImportArgs,
    QuestionIn,
    QuestionListArgs,
    QuestionMergeIn,
    QuestionPatch,
    QuestionRetireIn,
    QuestionReviewIn,
    item_out,
    like_out,
    question_out,
    report_out,
)

bp = api_blueprint("questions_api", __name__, url_prefix="/api/v1/questions")


def _question(question_id: uuid.UUID, status: int = 200) -> Response:
    return _answer(queries.question(viewer(), question_id), status)


def _answer(shown: queries.Shown, status: int = 200) -> Response:
    answer = jsonify(question_out(shown))
    answer.status_code = status
    answer.headers["ETag"] = etag_of(shown.question.revision)
    if status == 201:
        answer.headers["Location"] = f"/api/v1/questions/{shown.question.id}"
    return answer


@bp.get("")
@bp.arguments(QuestionListArgs, location="query")
@allow(*policy.STAFF)
def listed(args: dict[str, Any]) -> Response:
    """The bank as the caller sees it, newest first; lines carry no key."""
    filters = {name: args[name] for name in FILTERS}
    if args["mine"]:
        filters["tab"] = "mine"
    items, more = queries.listed(viewer(), after=args["after"], limit=args["limit"], **filters)
    return jsonify({"items": [item_out(i) for i in items], "next": str(more) if more else None})


@bp.post("")
@bp.arguments(QuestionIn)
@allow(*policy.WRITERS)
def create(data: dict[str, Any]) -> Response:
    """A draft."""
    return _question(service.create(viewer(), data).id, 201)


@bp.get("/<uuid:question_id>")
@allow(*policy.STAFF)
def read(question_id: uuid.UUID) -> Response:
    """One question; its key only for those who may edit or review it."""
    return _question(question_id)


@bp.patch("/<uuid:question_id>")
@bp.arguments(QuestionPatch)
@allow(*policy.WRITERS)
def edit(data: dict[str, Any], question_id: uuid.UUID) -> Response:
    """A new version with these fields changed."""
    data.pop("revision", None)
    service.edit(viewer(), question_id, data, expected_revision())
    return _question(question_id)


@bp.delete("/<uuid:question_id>")
@allow(*policy.WRITERS)
def delete(question_id: uuid.UUID) -> Response:
    """A draft goes away, an approved question is retired."""
    service.remove(viewer(), question_id, expected_revision())
    return Response(status=204)


@bp.post("/<uuid:question_id>/submit")
@allow(*policy.WRITERS)
def submit(question_id: uuid.UUID) -> Response:
    """Hand a complete draft to the reviewers."""
    service.submit(viewer(), question_id, expected_revision())
    return _question(question_id)


@bp.post("/<uuid:question_id>/reviews")
@bp.arguments(QuestionReviewIn)
@allow("reviewer", "department", "administrator")
def review(data: dict[str, Any], question_id: uuid.UUID) -> Response:
    """Approve what was submitted, or return it with a comment."""
    row = service.review(viewer(), question_id, data["decision"], data["comment"] or "", expected_revision())
    return _answer(queries.shown_of(viewer(), row))


@bp.post("/<uuid:question_id>/retire")
@bp.arguments(QuestionRetireIn)
@allow(*policy.WRITERS)
def retire(data: dict[str, Any], question_id: uuid.UUID) -> Response:
    """Take a question out of the bank; quizzes that dealt it keep their version."""
    service.retire(viewer(), question_id, data["reason"] or "", expected_revision())
    return _question(question_id)


@bp.get("/<uuid:question_id>/versions")
@allow(*policy.STAFF)
def versions(question_id: uuid.UUID) -> Response:
    """All versions, newest first, without keys; only for those who may edit or review."""
    queries.question(viewer(), question_id)
    found = queries.history(viewer(), question_id)
    return jsonify(
        {
            "items": [
                {
                    "id": v.id,
                    "number": v.number,
                    "kind": v.kind,
                    "stem": v.stem,
                    "choices": v.choices,
                    "created_at": v.created_at,
                }
                for v in found
            ],
            "next": None,
        }
    )


@bp.get("/<uuid:question_id>/duplicates")
@allow(*policy.STAFF)
def duplicates(question_id: uuid.UUID) -> Response:
    """Questions of the bank alike, the nearest first; the one it was merged into, and those merged into it."""
    shown = queries.question(viewer(), question_id)
    found = queries.alike(viewer(), shown.version.stem, shown.version.choices, question_id, 20)
    into = queries.merged_into(question_id)
    merged = [str(each) for each in queries.merged_from(question_id)]
    return jsonify({"items": [like_out(like) for like in found], "next": None, "merged_into": into, "merged": merged})


@bp.post("/<uuid:question_id>/merge")
@bp.arguments(QuestionMergeIn)
@allow(*policy.WRITERS)
def merge(data: dict[str, Any], question_id: uuid.UUID) -> Response:
    """Retire this question in favour of the one named by `into`; answers with the one that stays."""
    kept = service.merge(viewer(), question_id, data["into"], expected_revision())
    return _question(kept.id)


# ---------------------------------------------------------------- files


def _given_file() -> tuple[str, bytes]:
    held = request.files.get("file")
    if held is None:
        raise Invalid(_("Thiếu tệp."), errors={"file": [_("Gửi tệp trong mục file của biểu mẫu.")]})
    data = held.stream.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise TooLarge(_("Tệp quá lớn (tối đa %(max)s MB).", max=MAX_BYTES // 1024 // 1024))
    return held.filename or "", data


@bp.post("/import")
@bp.arguments(QuestionImportArgs, location="query")
@allow(*policy.WRITERS)
def import_file(args: dict[str, Any]) -> Response:
    """Read a file of questions and report on each; 201 with ids, 200 on a dry run."""
    name, data = _given_file()
    defaults = {key: args[key] for key in ("subject", "grade", "level", "topic")}
    report = service.import_file(viewer(), name, data, args["format"], args["dry_run"], defaults)
    answer = jsonify(report_out(report))
    made = any(row.id for row in report.rows)
    answer.status_code = 201 if made else 200
    return answer


def _chosen(args: Mapping[str, Any]) -> tuple[list[uuid.UUID] | None, dict[str, Any]]:
    filters = {name: args[name] for name in FILTERS}
    given = [part for value in request.args.getlist("ids") for part in value.split(",") if part.strip()]
    if "ids" not in request.args:
        return None, filters
    try:
        return list(dict.fromkeys(uuid.UUID(part.strip()) for part in given)), filters
    except ValueError:
        raise Invalid(_("Mã câu hỏi không đúng dạng."), errors={"ids": [_("Mã câu hỏi không đúng dạng.")]}) from None


@bp.post("/media")
@allow(*policy.WRITERS)
def add_picture() -> Response:
    """Keep a picture for questions (PNG, JPEG, GIF, WebP); `markdown` goes into a stem, a choice, an explanation."""
    _name, data = _given_file()
    kept = service.add_picture(viewer(), data)
    shown = {
        "id": kept.id,
        "url": kept.url,
        "markdown": f"![]({kept.url})",
        "width": kept.width,
        "height": kept.height,
        "messages": list(kept.notes),
    }
    answer = jsonify(shown)
    answer.status_code = 201
    answer.headers["Location"] = kept.url
    return answer


@bp.get("/export")
@bp.arguments(QuestionExportArgs, location="query")
@allow(*policy.STAFF)
def export(args: dict[str, Any]) -> Response:
    """A file of the questions named by `ids`, or of what the filters find."""
    ids, filters = _chosen(args)
    made = service.export(viewer(), args["format"], ids, filters)
    headers = {
        "Content-Disposition": f"attachment; filename*=UTF-8''{quote(made.name)}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, no-store",
    }
    return Response(made.data, headers=headers, content_type=made.media_type)


@bp.get("/export/report")
@bp.arguments(QuestionExportArgs, location="query")
@allow(*policy.STAFF)
def export_report(args: dict[str, Any]) -> Response:
    """What the same export would lose, question by question."""
    ids, filters = _chosen(args)
    return jsonify(report_out(service.export_report(viewer(), args["format"], ids, filters)))


@bp.get("/import/template.<string:ending>")
@allow(*policy.WRITERS)
def template(ending: str) -> Response:
    """An example file to fill in: xlsx, csv or gift."""
    made = service.template_file(ending)
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''mau-cau-hoi.{made.extension}"}
    return Response(made.data, headers=headers, content_type=made.media_type)
