"""Subject, grade, topic and level inside formats that know only tags: `mon:TOAN`, `lop:10`, `muc:HIEU`."""

from __future__ import annotations

import re

from app.questions.formats.model import Draft, tidy


def as_tags(draft: Draft) -> list[str]:
    """The draft's codes and then its own tags."""
    named = (
        ("mon", draft.subject),
        ("lop", draft.grade),
        ("chude", draft.topic),
        ("muc", draft.level),
        ("thang", draft.scoring if draft.scoring == "linear" else None),
    )
    return [f"{name}:{value}" for name, value in named if value] + [t for t in draft.tags if t.strip()]


def take_tag(draft: Draft, value: str) -> None:
    """A tag of a file into the field that it names, or among the tags."""
    value = tidy(value)
    name, _colon, code = value.partition(":")
    if name == "mon" and code:
        draft.subject = code
    elif name == "lop" and code.isdigit() and 1 <= int(code) <= 12:
        draft.grade = int(code)
    elif name == "muc" and code:
        draft.level = code
    elif name == "chude" and code:
        draft.topic = code
    elif name == "thang" and code == "linear":
        draft.scoring = code
    elif value and value not in draft.tags:
        draft.tags.append(value)


def add_notes(draft: Draft, notes: list[tuple[str, str]]) -> None:
    """What is said about single answers joins the explanation, so that it is not lost."""
    lines = [f"- {name}: {note}" if name else f"- {note}" for name, note in notes if note]
    if lines:
        draft.explanation = "\n\n".join(p for p in (draft.explanation, "\n".join(lines)) if p)


def first_words(stem: str, most: int = 80) -> str:
    """A title for lists of other systems, where a question has none of its own."""
    words = " ".join(re.sub(r"!\[[^\]]*\]\([^)]*\)", "", stem).split())
    return words if len(words) <= most else words[: most - 1].rsplit(" ", 1)[0] + "…"


def drop_made_title(draft: Draft) -> None:
    """A title that only repeats the stem says nothing."""
    if draft.title and draft.title == first_words(draft.stem):
        draft.title = ""
