"""Rows into index documents. Only what is published or approved becomes one; keys and explanations never do."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from typing import Any

from app.accounts import queries as accounts
from app.core.markup import plain
from app.files import queries as files
from app.files.models import File
from app.questions import queries as questions
from app.questions.kinds import kind as question_kind
from app.resources import queries as resources
from app.vocabularies import queries as vocabularies
from search.port import PUBLIC, STAFF, Document

LONGEST_FILE_TEXT = 100_000
LONGEST_BODY = 300_000
LONGEST_TITLE = 160
OLD_SERIES = ("GDPT2006",)
FACETS = (
    "type", "subject", "grade", "resource_type", "form", "level", "licence", "province", "language",
    "textbook_series", "topic",
)  # fmt: skip


def document(kind: str, item_id: uuid.UUID) -> Document | None:
    """The document of a row as it is now; None when nobody may find it."""
    return {"resource": resource, "question": question}[kind](item_id)


def resource(resource_id: uuid.UUID) -> Document | None:
    """A published lesson with the text of its files, for everybody."""
    found = resources.public_resource(resource_id)
    if found is None:
        return None
    row, version, held = found
    unit = accounts.unit(row.unit_id)
    body = "\n".join(filter(None, (plain(version.description), _texts(held))))
    return Document(
        kind="resource",
        id=str(row.id),
        revision=row.revision,
        title=version.title,
        body=body[:LONGEST_BODY],
        facet_words=_joined(
            _words("subject", version.subject),
            _grades(version.grades),
            _words("resource_type", version.resource_type),
            _words("textbook_series", version.textbook_series),
            _places(row.origin_province),
            *(_words("topic", topic) for topic in version.topics),
            *version.keywords,
            *version.authors,
            _names(held),
            _origin_words(row.origin) if row.origin else unit.name if unit else "",
        ),
        facets=_facets(
            type=["resource"],
            subject=[version.subject],
            grade=version.grades,
            resource_type=[version.resource_type],
            licence=[version.licence],
            province=provinces(row.origin_province),
            language=[version.language],
            textbook_series=[version.textbook_series],
            topic=version.topics,
        ),
        audience=frozenset({PUBLIC}),
        sort_at=version.published_at or row.published_at,
        url=f"/lessons/{row.id}",
        demoted=version.textbook_series in OLD_SERIES,
    )


def question(question_id: uuid.UUID) -> Document | None:
    """An approved question, for staff only: stem and choices, as a student would see them."""
    found = questions.approved_for_index(question_id)
    if found is None:
        return None
    row, version = found.question, found.version
    stem = plain(version.stem)
    choices = " ".join(plain(str(choice.get("text", ""))) for choice in version.choices or ())
    grades = [version.grade] if version.grade else []
    return Document(
        kind="question",
        id=str(row.id),
        revision=row.revision,
        title=shortened(stem),
        body=f"{stem}\n{choices}"[:LONGEST_BODY],
        facet_words=_joined(
            _words("subject", version.subject),
            _grades(grades),
            _words("topic", version.topic),
            _words("level", version.level),
            question_kind(version.kind).short_vi,
            _places(row.origin_province),
            "câu hỏi",
            *version.tags,
        ),
        facets=_facets(
            type=["question"],
            subject=[version.subject],
            grade=grades,
            form=[version.kind],
            level=[version.level],
            province=provinces(row.origin_province),
            language=[version.language],
            topic=[version.topic],
        ),
        audience=frozenset({STAFF}),
        sort_at=found.sort_at,
        suggest=False,
        url=f"/questions/{row.id}",
    )


def shortened(text: str, length: int = LONGEST_TITLE) -> str:
    """The text cut at a word, with an ellipsis when something was cut."""
    if len(text) <= length:
        return text
    cut = text[:length].rsplit(" ", 1)[0] or text[:length]
    return cut.rstrip(" ,;:.") + "…"


def provinces(origin: str | None) -> list[str]:
    """The province of origin, and the present one that it was merged into."""
    if not origin:
        return []
    found = vocabularies.province(origin)
    successor = found.data.get("successor") if found else None
    return [origin, str(successor)] if successor and successor != origin else [origin]


def _texts(held: Iterable[File]) -> str:
    texts = (files.text_of(file.sha256) or "" for file in held)
    return "\n".join(text[:LONGEST_FILE_TEXT] for text in texts if text)


def _names(held: Iterable[File]) -> str:
    """Names of files without their endings: found by, but never shown as a piece of the text."""
    return _joined(*dict.fromkeys(file.name.rsplit(".", 1)[0] for file in held))


def _origin_words(origin: Mapping[str, Any]) -> str:
    """A harvested lesson is found by the names of its source and publisher, not by those of our unit."""
    return _joined(str(origin.get("source") or ""), str(origin.get("publisher") or ""))


def _words(vocabulary: str, code: str | None) -> str:
    return str(vocabularies.label(vocabulary, code, "vi")) if code else ""


def _grades(grades: Iterable[int]) -> str:
    """`lớp 12`, and the school level in words, once."""
    held = sorted(set(grades))
    levels = dict.fromkeys(vocabularies.grade_level(grade) for grade in held)
    return _joined(*(f"lớp {grade}" for grade in held), *(_words("school_level", level) for level in levels))


def _places(origin: str | None) -> str:
    """Names people type for a place: the old ones too, and those of provinces merged into it."""
    codes = provinces(origin)
    before = [term.vi for term in vocabularies.predecessors(codes[-1])] if codes else []
    return _joined(*dict.fromkeys([*(_words("province", code) for code in codes), *before[:6]]))


def _joined(*parts: str) -> str:
    return " · ".join(part for part in parts if part)


def _facets(**held: Iterable[object]) -> dict[str, tuple[str, ...]]:
    found = {name: tuple(str(value) for value in values if value) for name, values in held.items()}
    return {name: values for name, values in found.items() if values}
