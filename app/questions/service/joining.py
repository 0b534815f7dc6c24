"""Questions that say the same: merge two into one, or say that they are to stand apart."""

from __future__ import annotations

import uuid

from app.core import db
from app.core.access import Viewer
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.i18n import gettext as _
from app.questions import policy
from app.questions.models import Question, QuestionPair
from app.questions.service.drafting import located, retire


def merge(viewer: Viewer, loser_id: uuid.UUID, winner_id: uuid.UUID, revision: int | None = None) -> Question:
    """Retire one of two questions in favour of the other, which is returned.

    Nothing is rewritten: versions, reviews and the quizzes that dealt the loser keep it, and it points to the
    winner. The right to retire the loser is enough; the winner is only seen.
    """
    with db.transaction():
        loser, winner = _both(viewer, loser_id, winner_id)
        if not policy.may_see_key(viewer, loser):
            raise Forbidden(_("Chỉ người soạn hoặc người thẩm định mới cho câu hỏi ngừng dùng được."))
        if winner.state == "retired" or loser.state == "retired":
            raise Conflict(_("Một trong hai câu đã ngừng dùng."), current=winner.state)
        if loser.approved_version_id is not None and winner.approved_version_id is None:
            raise Conflict(_("Câu giữ lại chưa được duyệt, còn câu kia đã duyệt. Thầy cô giữ câu đã duyệt."))
        retire(viewer, loser_id, "", revision)
        _decide(viewer, loser_id, winner_id, "merged", winner_id)
        return winner


def set_apart(viewer: Viewer, first_id: uuid.UUID, second_id: uuid.UUID) -> None:
    """Remember that two questions alike are different, so that nobody is asked again."""
    with db.transaction():
        first, second = _both(viewer, first_id, second_id)
        if not (policy.may_see_key(viewer, first) or policy.may_see_key(viewer, second)):
            raise Forbidden(_("Chỉ người soạn hoặc người thẩm định mới quyết định được."))
        _decide(viewer, first_id, second_id, "apart", None)


def _both(viewer: Viewer, first_id: uuid.UUID, second_id: uuid.UUID) -> tuple[Question, Question]:
    """Both rows, locked in one order so that two people who decide at once do not wait for each other."""
    if first_id == second_id:
        raise Invalid(_("Dữ liệu gửi lên chưa hợp lệ."), errors={"into": [_("Chọn hai câu khác nhau.")]})
    rows = {each: located(viewer, each) for each in sorted((first_id, second_id))}
    return rows[first_id], rows[second_id]


def _decide(
    viewer: Viewer, first_id: uuid.UUID, second_id: uuid.UUID, decision: str, kept_id: uuid.UUID | None
) -> None:
    low, high = sorted((first_id, second_id))
    unit, moment = db.session(), db.now()
    row = unit.get(QuestionPair, (low, high))
    if row is not None and row.decision == "merged":
        raise Conflict(_("Hai câu này đã được gộp."))
    assert viewer.id is not None
    values = {"decision": decision, "kept_id": kept_id, "decided_by": viewer.id, "decided_at": moment}
    if row is None:
        unit.add(QuestionPair(low_id=low, high_id=high, **values))
    else:
        row.decision, row.kept_id, row.decided_by, row.decided_at = decision, kept_id, viewer.id, moment
    unit.flush()
