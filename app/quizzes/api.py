"""Quizzes over JSON."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, jsonify, request, session

from app.core import db
from app.core.access import ANYONE, SIGNED_IN, allow, viewer
from app.core.errors import Conflict
from app.core.http import after_args, api_blueprint, etag_of, expected_revision
from app.core.i18n import gettext as _
from app.core.markup import render
from app.quizzes import export, policy, queries, service
from app.quizzes.models import Quiz
from app.quizzes.schemas import (
    AnswerIn,
    QuizIn,
    QuizPatch,
    attempt_out,
    quiz_out,
    result_out,
    row_out,
)

bp = api_blueprint("quizzes_api", __name__, url_prefix="/api/v1")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _token(attempt_id: uuid.UUID | None = None) -> str | None:
    """A guest's attempt token: the header, or what the browser's session keeps for the attempt."""
    return request.headers.get("X-Attempt-Token") or session.get("attempts", {}).get(str(attempt_id))


def _quiz(quiz: Quiz, status: int = 200) -> Response:
    answer = jsonify(quiz_out(quiz, policy.may_manage(viewer(), quiz), f"/quizzes/{quiz.id}"))
    answer.status_code = status
    answer.headers["ETag"] = etag_of(quiz.revision)
    if status == 201:
        answer.headers["Location"] = f"/api/v1/quizzes/{quiz.id}"
    return answer


@bp.get("/quizzes")
@allow(ANYONE)
def listed() -> Response:
    limit, after = after_args()
    found = queries.listed(viewer(), after, limit + 1)
    items = [quiz_out(each, policy.may_manage(viewer(), each), f"/quizzes/{each.id}") for each in found[:limit]]
    return jsonify({"items": items, "next": str(found[limit - 1].id) if len(found) > limit else None})


@bp.post("/quizzes")
@bp.arguments(QuizIn)
@allow(*policy.MAKERS)
def create(data: dict[str, Any]) -> Response:
    return _quiz(service.create(viewer(), data), 201)


@bp.get("/quizzes/<uuid:quiz_id>")
@allow(ANYONE)
def get(quiz_id: uuid.UUID) -> Response:
    return _quiz(queries.quiz(viewer(), quiz_id))


@bp.patch("/quizzes/<uuid:quiz_id>")
@bp.arguments(QuizPatch)
@allow(SIGNED_IN)
def edit(data: dict[str, Any], quiz_id: uuid.UUID) -> Response:
    return _quiz(service.edit(viewer(), quiz_id, data, expected_revision()))


@bp.delete("/quizzes/<uuid:quiz_id>")
@bp.response(204)
@allow(SIGNED_IN)
def delete(quiz_id: uuid.UUID) -> None:
    """Delete a draft."""
    service.delete(viewer(), quiz_id, expected_revision())


@bp.post("/quizzes/<uuid:quiz_id>/publish")
@allow(SIGNED_IN)
def publish(quiz_id: uuid.UUID) -> Response:
    return _quiz(service.publish(viewer(), quiz_id, expected_revision()))


@bp.post("/quizzes/<uuid:quiz_id>/close")
@allow(SIGNED_IN)
def close(quiz_id: uuid.UUID) -> Response:
    return _quiz(service.close(viewer(), quiz_id, expected_revision()))


@bp.post("/quizzes/<uuid:quiz_id>/attempts")
@allow(ANYONE)
def start(quiz_id: uuid.UUID) -> Response:
    begun = service.start(viewer(), quiz_id, _token())
    shown = service.shown(viewer(), begun.attempt.id, begun.token)
    answer = jsonify(attempt_out(shown, begun.token))
    answer.status_code = 201 if begun.fresh else 200
    answer.headers["Location"] = f"/api/v1/attempts/{begun.attempt.id}"
    return answer


@bp.get("/quizzes/<uuid:quiz_id>/results")
@allow(SIGNED_IN)
def results(quiz_id: uuid.UUID) -> Response:
    service.finish_all_expired(viewer(), quiz_id)
    quiz, moment = queries.quiz(viewer(), quiz_id), db.now()
    items = [
        row_out(
            attempt,
            user.name if user else _("Khách"),
            user.login if user else "",
            answered,
            policy.state_of(attempt, quiz, moment),
        )
        for attempt, user, answered in queries.table(viewer(), quiz_id)
    ]
    return jsonify({"items": items, "next": None})


@bp.get("/quizzes/<uuid:quiz_id>/results.csv")
@allow(SIGNED_IN)
def results_csv(quiz_id: uuid.UUID) -> Response:
    return _download(quiz_id, "csv")


@bp.get("/quizzes/<uuid:quiz_id>/results.xlsx")
@allow(SIGNED_IN)
def results_xlsx(quiz_id: uuid.UUID) -> Response:
    return _download(quiz_id, "xlsx")


def _download(quiz_id: uuid.UUID, kind: str) -> Response:
    service.finish_all_expired(viewer(), quiz_id)
    table = export.rows(queries.quiz(viewer(), quiz_id), queries.table(viewer(), quiz_id), db.now())
    body, media = (export.as_csv(table), "text/csv; charset=utf-8") if kind == "csv" else (export.as_xlsx(table), XLSX)
    headers = {"Content-Disposition": f'attachment; filename="ket-qua-{quiz_id}.{kind}"'}
    return Response(body, content_type=media, headers=headers)


@bp.get("/attempts/<uuid:attempt_id>")
@allow(ANYONE)
def attempt(attempt_id: uuid.UUID) -> Response:
    return jsonify(attempt_out(service.shown(viewer(), attempt_id, _token(attempt_id))))


@bp.put("/attempts/<uuid:attempt_id>/answers/<int:n>")
@bp.arguments(AnswerIn)
@allow(ANYONE)
def answer(data: dict[str, Any], attempt_id: uuid.UUID, n: int) -> Response:
    saved = service.answer(
        viewer(), attempt_id, n, data["response"], data["revision"], _token(attempt_id), data["check"]
    )
    reply: dict[str, Any] = {
        "revision": saved.revision,
        "saved_at": saved.saved_at,
        "remaining_ms": saved.remaining_ms,
        "receipt": saved.receipt,
        "late": saved.late,
    }
    if saved.feedback is not None:
        text = saved.feedback["explanation"] or ""
        reply["feedback"] = {**saved.feedback, "explanation_html": str(render(text)) if text else ""}
    return jsonify(reply)


@bp.post("/attempts/<uuid:attempt_id>/submit")
@allow(ANYONE)
def submit(attempt_id: uuid.UUID) -> Response:
    return jsonify(result_out(service.submit(viewer(), attempt_id, _token(attempt_id))))


@bp.get("/attempts/<uuid:attempt_id>/receipts/<receipt>")
@allow(ANYONE)
def verify(attempt_id: uuid.UUID, receipt: str) -> Response:
    """What a receipt proves: the answer, or the whole sheet, that was received, and when."""
    return jsonify(service.verify(viewer(), attempt_id, receipt, _token(attempt_id)))


@bp.get("/attempts/<uuid:attempt_id>/result")
@allow(ANYONE)
def result(attempt_id: uuid.UUID) -> Response:
    shown = service.shown(viewer(), attempt_id, _token(attempt_id))
    if shown.attempt.state != "submitted":
        raise Conflict(_("Bài chưa nộp nên chưa có kết quả."))
    return jsonify(result_out(shown))
