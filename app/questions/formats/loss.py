"""What a format cannot hold of a question, said in the same words for every format."""

from __future__ import annotations

from collections.abc import Container

from app.questions.formats.model import Draft, Row

EXPLANATION, CODES, PICTURES, LINES, SCORING, TITLE = "explanation", "codes", "pictures", "lines", "scoring", "title"

_SAID = {
    EXPLANATION: "%(format)s không mang được lời giải.",
    CODES: "%(format)s không mang được môn, lớp, chủ đề, mức độ và thẻ.",
    PICTURES: "%(format)s không mang được hình; chỉ còn chữ thay hình.",
    LINES: "%(format)s không mang được chỗ xuống dòng.",
    SCORING: "Câu đúng/sai mất thang điểm bậc khi ghi thành %(format)s.",
}


def tell(row: Row, draft: Draft, format: str, kept: Container[str]) -> None:
    """Say on the row which of what the draft has is not kept by a format that keeps `kept`."""
    texts = [draft.stem, *(c["text"] for c in draft.choices)]
    has = {
        EXPLANATION: bool(draft.explanation),
        CODES: bool(draft.subject or draft.grade or draft.topic or draft.level or draft.tags),
        PICTURES: any("![" in text for text in texts),
        LINES: any("\n" in text for text in texts),
        SCORING: draft.kind == "true_false_group" and draft.scoring != "linear",
    }
    for name, present in has.items():
        if present and name not in kept:
            row.guess(_SAID[name], format=format)
