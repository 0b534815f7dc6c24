"""What a format cannot hold of a question, said in the same words for every format."""

from __future__ import annotations

from collections.abc import Container

from app.questions.formats.model import Draft, Row

EXPLANATION, CODES, PICTURES, LINES = "explanation", "codes", "pictures", "lines"


def tell(row: Row, draft: Draft, format: str, kept: Container[str] = ()) -> None:
    """Say on the row which of what the draft has is not kept by a format that keeps `kept`."""
    texts = [draft.stem, *(c["text"] for c in draft.choices)]
    if EXPLANATION not in kept and draft.explanation:
        row.guess("%(format)s không mang được lời giải.", format=format)
    if CODES not in kept and (draft.subject or draft.grade or draft.topic or draft.level or draft.tags):
        row.guess("%(format)s không mang được môn, lớp, chủ đề, mức độ và thẻ.", format=format)
    if PICTURES not in kept and any("![" in text for text in texts):
        row.guess("%(format)s không mang được hình; chỉ còn chữ thay hình.", format=format)
    if LINES not in kept and any("\n" in text for text in texts):
        row.guess("%(format)s không mang được chỗ xuống dòng.", format=format)


def tell_missing(row: Row, count: int) -> None:
    """Pictures whose bytes the writer was not given."""
    if count:
        row.guess("%(count)s hình của câu không có trong tệp xuất ra.", count=count)
