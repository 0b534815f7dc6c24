"""Statistics as pages: of a quiz for its teacher, of a question for its editors."""

from __future__ import annotations

import uuid

from flask import render_template

from app.core.access import STAFF, allow, viewer
from app.core.http import page_blueprint
from app.insights import queries, statistics
from app.insights.shown import remark
from app.quizzes import service as quizzes

bp = page_blueprint("insights", __name__)


@bp.get("/quizzes/<uuid:quiz_id>/statistics")
@allow(*STAFF)
def quiz_page(quiz_id: uuid.UUID) -> str:
    quizzes.finish_all_expired(viewer(), quiz_id)
    return render_template(
        "insights/quiz.html",
        found=queries.of_quiz(viewer(), quiz_id),
        remark=remark,
        enough=statistics.ENOUGH,
        fewest=statistics.FEWEST,
        fitted=statistics.FITTED,
    )


@bp.get("/questions/<uuid:question_id>/statistics")
@allow(*STAFF)
def question_page(question_id: uuid.UUID) -> str:
    return render_template(
        "insights/question.html",
        found=queries.of_question(viewer(), question_id),
        remark=remark,
        enough=statistics.ENOUGH,
    )
