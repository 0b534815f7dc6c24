"""From a colleague's desk into the bank: submit, approve, send back."""

from __future__ import annotations

import uuid

from app.core import db, outbox
from app.core.access import Viewer
from app.core.errors import Conflict, Forbidden, Invalid
from app.core.i18n import gettext as _
from app.questions import kinds, policy, queries
from app.questions.models import Question, QuestionReview
from app.questions.service.drafting import editable, fresh, located, told, touch


def submit(viewer: Viewer, question_id: uuid.UUID, revision: int | None = None) -> Question:
    """Hand a draft to the reviewers; raises Invalid while something is missing."""
    with db.transaction():
        row = editable(viewer, question_id, revision)
        if row.state != "draft" or row.current_version_id is None:
            raise Conflict(_("Chỉ bản nháp mới gửi thẩm định được."), current=row.state)
        full = queries.versions([row.current_version_id])[row.current_version_id]
        faults = told(kinds.kind(full.version.kind).check(full.content()))
        if faults:
            raise Invalid(_("Câu hỏi chưa đủ để gửi thẩm định."), errors=faults)
        row.state = "submitted"
        touch(row)
        outbox.note("question", row.id)
        return row


def review(
    viewer: Viewer, question_id: uuid.UUID, decision: str, comment: str = "", revision: int | None = None
) -> Question:
    """Approve the version that was submitted, or return it with a comment."""
    with db.transaction() as unit:
        row = located(viewer, question_id)
        if not policy.may_review(viewer, row):
            raise Forbidden(_("Tài khoản này không thẩm định câu hỏi của đơn vị đó."))
        if not policy.may_decide(viewer, row):
            raise Forbidden(_("Câu hỏi của mình thì nhờ đồng nghiệp thẩm định."))
        fresh(row, revision)
        if row.state != "submitted":
            raise Conflict(_("Câu hỏi này không chờ thẩm định."), current=row.state)
        if decision not in ("approve", "return"):
            raise Invalid(_("Dữ liệu gửi lên chưa hợp lệ."), errors={"decision": [_("Chọn approve hoặc return.")]})
        comment = comment.strip()[:5000]
        if decision == "return" and not comment:
            raise Invalid(
                _("Dữ liệu gửi lên chưa hợp lệ."), errors={"comment": [_("Ghi rõ chỗ cần sửa cho người soạn.")]}
            )
        unit.add(
            QuestionReview(
                id=db.new_id(),
                question_id=row.id,
                version_id=row.current_version_id,
                reviewer_id=viewer.id,
                decision=decision,
                comment=comment,
                created_at=db.now(),
            )
        )
        if decision == "approve":
            row.approved_version_id = row.current_version_id
            row.state = "approved"
        else:
            row.state = "draft"
        touch(row)
        outbox.note("question", row.id)
        return row
