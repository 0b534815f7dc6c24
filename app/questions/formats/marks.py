"""From shares of points, as other systems give them to options, to the bank's one key."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from app.questions.formats.model import Draft, Row

FULL = Decimal(100)


def choose(row: Row, draft: Draft, shares: Mapping[str, Decimal], several: bool) -> None:
    """Kind and answer of a choice from the percentage of each option; what is not kept is told."""
    positive = [i for i, share in shares.items() if share > 0]
    full = [i for i, share in shares.items() if share >= FULL]
    if several:
        draft.kind, draft.answer = "multiple_choice", positive or None
        if not positive:
            row.guess("Câu hỏi chưa có đáp án đúng.")
        elif len({shares[i] for i in positive}) > 1:
            row.guess("Trọng số khác nhau của các phương án đúng không được giữ.")
        else:
            row.tell("Câu nhiều đáp án đúng được tính điểm khi chọn đủ và đúng mọi phương án.")
        return
    draft.kind, draft.answer = "single_choice", full or None
    if len(full) > 1:
        draft.kind = "multiple_choice"
        row.guess("Câu có nhiều phương án đúng hoàn toàn nên được nhập thành câu nhiều đáp án đúng.")
    elif not full:
        row.guess("Câu hỏi chưa có đáp án đúng.")
    partial = [i for i in positive if i not in full]
    if partial:
        row.guess("Điểm một phần của phương án %(ids)s không được giữ.", ids=", ".join(partial))
