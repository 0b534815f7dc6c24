"""Statistics over JSON, for those who see keys."""

from __future__ import annotations

import uuid

from flask import Response, jsonify

from app.core.access import STAFF, allow, viewer
from app.core.http import api_blueprint
from app.insights import queries, shown
from app.quizzes import service as quizzes

bp = api_blueprint("insights_api", __name__, url_prefix="/api/v1")


@bp.get("/quizzes/<uuid:quiz_id>/statistics")
@allow(*STAFF)
def quiz(quiz_id: uuid.UUID) -> Response:
    """Difficulty, discrimination and options of each question; alpha, SEM and 2PL of the whole."""
    quizzes.finish_all_expired(viewer(), quiz_id)
    return jsonify(shown.quiz_out(queries.of_quiz(viewer(), quiz_id)))


@bp.get("/questions/<uuid:question_id>/statistics")
@allow(*STAFF)
def question(question_id: uuid.UUID) -> Response:
    """The same of one question, by version, over all quizzes that dealt it."""
    return jsonify(shown.question_out(queries.of_question(viewer(), question_id)))
