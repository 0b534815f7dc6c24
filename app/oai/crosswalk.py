"""A lesson as oai_dc (simple Dublin Core). Pure: no database, no request, no clock.

Rules: the landing page is the first dc:identifier; dc:rights holds the licence's URI before its name;
bytes are linked by dc:relation under stable addresses, never signed ones. Terms stand in Vietnamese.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from lxml import etree

from app.oai.xml import legal, utc
from app.vocabularies import queries as vocabularies

VERSION = "1"
"""Changes with every change of what the crosswalk writes: all records are then rendered and dated anew."""

DC = "http://purl.org/dc/elements/1.1/"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XML = "http://www.w3.org/XML/1998/namespace"


@dataclass(frozen=True)
class Format:
    prefix: str
    schema: str
    namespace: str
    write: Callable[[Lesson], str]


@dataclass(frozen=True)
class LessonFile:
    url: str
    media_type: str


@dataclass(frozen=True)
class Lesson:
    """All that the formats may say of a lesson; `description` is plain text."""

    url: str
    title: str
    description: str
    subject: str | None
    grades: tuple[int, ...]
    resource_type: str | None
    language: str
    licence: str | None
    authors: tuple[str, ...]
    keywords: tuple[str, ...]
    topics: tuple[str, ...]
    textbook_series: str | None
    publishers: tuple[str, ...]
    published_at: datetime | None
    files: tuple[LessonFile, ...]


def _name(kind: str, code: object) -> str:
    return vocabularies.label(kind, code, "vi")


def _dc(fields: Iterable[tuple[str, str | None, str | None]]) -> str:
    """The oai_dc element of fields (element, text, language); empty and repeated ones are left out."""
    root = etree.Element(f"{{{OAI_DC}}}dc", nsmap={"oai_dc": OAI_DC, "dc": DC, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", f"{OAI_DC} http://www.openarchives.org/OAI/2.0/oai_dc.xsd")
    seen: set[tuple[str, str]] = set()
    for name, text, language in fields:
        text = legal(text or "").strip()
        if not text or (name, text) in seen:
            continue
        seen.add((name, text))
        made = etree.SubElement(root, f"{{{DC}}}{name}")
        made.text = text
        if language:
            made.set(f"{{{XML}}}lang", language)
    return etree.tostring(root, encoding="unicode")


def oai_dc(lesson: Lesson) -> str:
    licence = vocabularies.licence(lesson.licence) if lesson.licence else None
    language = lesson.language if lesson.language != "mul" else None
    fields: list[tuple[str, str | None, str | None]] = [
        ("identifier", lesson.url, None),
        ("title", lesson.title, language),
        *(("creator", author, None) for author in lesson.authors),
        ("subject", _name("subject", lesson.subject) if lesson.subject else None, "vi"),
        *(("subject", _name("grade", grade), "vi") for grade in lesson.grades),
        *(("subject", _name("topic", topic), "vi") for topic in lesson.topics),
        *(("subject", keyword, language) for keyword in lesson.keywords),
        ("description", lesson.description, language),
        *(("publisher", publisher, "vi") for publisher in lesson.publishers),
        ("date", utc(lesson.published_at)[:10] if lesson.published_at else None, None),
        ("type", _name("resource_type", lesson.resource_type) if lesson.resource_type else None, "vi"),
        *(("format", file.media_type, None) for file in lesson.files),
        (
            "source",
            _name("textbook_series", lesson.textbook_series) if lesson.textbook_series else None,
            "vi",
        ),
        ("language", lesson.language, None),
        *(("relation", file.url, None) for file in lesson.files),
        ("rights", licence.data.get("url") if licence else None, None),
        ("rights", licence.vi if licence else lesson.licence, "vi"),
    ]
    return _dc(fields)


def least(url: str, title: str) -> str:
    """What is said of a lesson that its crosswalk fails on: the page must not fail with it."""
    return _dc([("identifier", url, None), ("title", title or url, None)])


FORMATS: dict[str, Format] = {
    "oai_dc": Format("oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc.xsd", OAI_DC, oai_dc),
}
