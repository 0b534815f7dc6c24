"""Aiken, the plainest format of Moodle: a stem, options `A)` or `A.` on lines of their own, `ANSWER: B`.

It holds questions of one right answer and nothing else: no explanation, no tag, no picture.
"""

from __future__ import annotations

import re

from app.questions.formats import loss
from app.questions.formats.model import (
    MAX_QUESTIONS,
    MAX_SOURCE,
    READ,
    Draft,
    Reading,
    Row,
    Unreadable,
    Writing,
    decoded,
    tidy,
)

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_OPTION = re.compile(r"\s*([A-Za-z])[).]\s+(\S.*)")
_ANSWER = re.compile(r"\s*(?:ANSWER|Answer|ĐÁP ÁN|Đáp án)\s*:\s*(.*)")
_SINGLE = re.compile(r"[A-Za-z]\b\.?")


def looks_like(text: str) -> bool:
    """Does some `ANSWER:` line follow an option line, and no braces of GIFT?"""
    lines = [line for line in text[:200_000].splitlines() if line.strip()]
    return any(_ANSWER.match(line) and _OPTION.match(before) for before, line in zip(lines, lines[1:], strict=False))


def read(data: bytes) -> Reading:
    """Every question of an Aiken file in one row; raises Unreadable."""
    text, messages = decoded(data)
    found = Reading("aiken", messages=messages)
    lines: list[str] = []
    start = 1
    for number, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").split("\n"), 1):
        if not line.strip():
            # A question that has options but no ANSWER ends at the empty line.
            if any(_OPTION.match(one) for one in lines):
                _add(found, lines, None, start)
                lines = []
            continue
        if not lines:
            start = number
        answer = _ANSWER.match(line)
        if answer is None:
            lines.append(line)
            continue
        _add(found, lines, answer[1].strip(), start)
        lines = []
    if lines:
        _add(found, lines, None, start)
    return found


def _add(found: Reading, lines: list[str], key: str | None, place: int) -> None:
    if len(found.rows) >= MAX_QUESTIONS:
        raise Unreadable("Tệp có quá %(max)s câu hỏi. Thầy cô chia thành nhiều tệp.", max=MAX_QUESTIONS)
    shown = [*lines, *([] if key is None else [f"ANSWER: {key}"])]
    row = Row(len(found.rows) + 1, READ, None, source="\n".join(shown)[:MAX_SOURCE], place=str(place))
    found.rows.append(row)
    stem: list[str] = []
    options: list[list[str]] = []
    labels: list[str] = []
    for line in lines:
        option = _OPTION.match(line)
        if option and option[1].upper() == LETTERS[min(len(labels), 25)]:
            labels.append(option[1].upper())
            options.append([option[2]])
        elif options:
            options[-1].append(line.strip())
        else:
            stem.append(line.strip())
    if not options:
        row.drop("Câu hỏi không có phương án nào.")
        return
    if any(len(option) > 1 for option in options):
        row.guess("Có dòng không bắt đầu bằng chữ cái phương án; dòng ấy được nối vào phương án đứng trước.")
    draft = Draft(
        "single_choice",
        tidy("\n".join(stem)),
        [{"id": label, "text": tidy("\n".join(option))} for label, option in zip(labels, options, strict=True)],
    )
    row.draft = draft
    _key(row, draft, key)


def _key(row: Row, draft: Draft, key: str | None) -> None:
    if not key:
        row.guess("Câu hỏi chưa có đáp án đúng.")
        return
    letters = [k.upper() for k in re.findall(r"[A-Za-z]", key)]
    if not _SINGLE.fullmatch(key):
        if len(letters) > 1 and re.fullmatch(r"[A-Za-z](?:[\s,;]+[A-Za-z])*", key):
            row.guess("Aiken chỉ có một đáp án đúng; câu ghi đáp án %(value)s nên thầy cô chọn lại.", value=key[:40])
        else:
            row.guess("Không hiểu đáp án %(value)s.", value=key[:40])
        return
    if letters[0] not in [c["id"] for c in draft.choices]:
        row.guess("Đáp án %(id)s không có trong các phương án.", id=letters[0])
        return
    draft.answer = [letters[0]]


def write(drafts: list[Draft]) -> Writing:
    """An Aiken file in UTF-8. Rows tell what Aiken could not carry."""
    rows: list[Row] = []
    parts: list[str] = []
    for n, draft in enumerate(drafts, 1):
        row = Row(n, READ, draft)
        rows.append(row)
        if draft.kind != "single_choice":
            row.drop("Aiken chỉ ghi được câu nhiều lựa chọn có một đáp án đúng.")
            continue
        if not draft.answer:
            row.drop("%(format)s không ghi được câu thiếu đáp án.", format="Aiken")
            continue
        loss.tell(row, draft, "Aiken", ())
        ids = [c["id"] for c in draft.choices]
        lines = [_flat(draft.stem)]
        lines += [f"{letter}) {_flat(c['text'])}" for letter, c in zip(LETTERS, draft.choices, strict=False)]
        lines.append(f"ANSWER: {LETTERS[ids.index(draft.answer[0])]}")
        parts.append("\n".join(lines) + "\n")
    return Writing("aiken", "\n".join(parts).encode(), "text/plain; charset=utf-8", "txt", rows)


def _flat(text: str) -> str:
    """On one line; a stem that looks like an option or a key would be read as one."""
    flat = " ".join(text.split())
    return f"– {flat}" if _OPTION.match(flat) or _ANSWER.match(flat) else flat
