"""A lesson as oai_dc (simple Dublin Core), LOM, AMB and MARC 21, all from one description. Pure: no database,
no request, no clock.

Rules: the landing page is the first identifier; the licence's URI comes before its name; bytes are linked
under stable addresses, never signed ones. Terms stand in Vietnamese, as labels that any partner can read.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from lxml import etree

from app.oai.xml import legal, utc
from app.vocabularies import queries as vocabularies

VERSION = "2"
"""Changes with every change of what the crosswalk writes: all records are then rendered and dated anew."""

DC = "http://purl.org/dc/elements/1.1/"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XML = "http://www.w3.org/XML/1998/namespace"
LOM = "http://ltsc.ieee.org/xsd/LOM"
MARC = "http://www.loc.gov/MARC21/slim"
JSON_LD = "https://kho-chung.edu.vn/ns/oai/json-ld/"
"""Of the element that wraps JSON-LD text; what the text says is the profile AMB (https://w3id.org/kim/amb/)."""
MARC_LANGUAGES = {
    "vi": "vie", "en": "eng", "fr": "fre", "zh": "chi", "ja": "jpn", "ko": "kor", "de": "ger", "ru": "rus",
    "km": "khm", "cjm": "cjm", "mul": "mul",
}  # fmt: skip


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
    size: int = 0
    sha256: str = ""


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


# ---------------------------------------------------------------- LOM


class _Tree:
    """Elements of one namespace, added by name; empty texts are left out."""

    def __init__(self, namespace: str, root: str, schema: str) -> None:
        self.namespace = namespace
        self.root = etree.Element(f"{{{namespace}}}{root}", nsmap={None: namespace, "xsi": XSI})
        self.root.set(f"{{{XSI}}}schemaLocation", f"{namespace} {schema}")

    def add(self, parent: Any, name: str, text: str | None = None, **attributes: str) -> Any:
        made = etree.SubElement(parent, f"{{{self.namespace}}}{name}", attributes)
        if text is not None:
            made.text = legal(text).strip()
        return made

    def written(self) -> str:
        return etree.tostring(self.root, encoding="unicode")


def _title(lesson: Lesson) -> str:
    return legal(lesson.title).strip() or lesson.url


def _language(lesson: Lesson) -> str:
    return lesson.language if lesson.language != "mul" else "vi"


def _ages(grades: Sequence[int]) -> str:
    """Grades as ages: a year of school begins at one birthday and ends at the next."""
    ages = [int(term.data["typical_age"]) for term in vocabularies.terms("grade") if int(term.code) in grades]
    return f"{min(ages)}-{max(ages) + 1}" if ages else ""


def _kind(lesson: Lesson) -> dict[str, Any]:
    term = vocabularies.term("resource_type", lesson.resource_type) if lesson.resource_type else None
    return dict(term.data) if term else {}


def lom(lesson: Lesson) -> str:
    """IEEE 1484.12.1 in the binding 1484.12.3. Every word of a vocabulary stands with its source."""
    tree = _Tree(LOM, "lom", "http://ltsc.ieee.org/xsd/lomv1.0/lom.xsd")
    add, language = tree.add, _language(lesson)

    def worded(parent: Any, name: str, text: str, tongue: str = "vi") -> None:
        if legal(text).strip():
            add(add(parent, name), "string", text, language=tongue)

    def coded(parent: Any, name: str, value: str, source: str = "LOMv1.0") -> None:
        made = add(parent, name)
        add(made, "source", source)
        add(made, "value", value)

    general = add(tree.root, "general")
    identifier = add(general, "identifier")
    add(identifier, "catalog", "URI")
    add(identifier, "entry", lesson.url)
    worded(general, "title", _title(lesson), language)
    add(general, "language", lesson.language)
    worded(general, "description", lesson.description, language)
    for keyword in lesson.keywords:
        worded(general, "keyword", keyword, language)
    contributors = [("author", name) for name in lesson.authors] + [("publisher", name) for name in lesson.publishers]
    if contributors:
        cycle = add(tree.root, "lifeCycle")
        for role, name in contributors:
            contribute = add(cycle, "contribute")
            coded(contribute, "role", role)
            add(contribute, "entity", _vcard(name, role == "publisher"))
            if role == "publisher" and lesson.published_at:
                add(add(contribute, "date"), "dateTime", utc(lesson.published_at))
    add(add(tree.root, "metaMetadata"), "metadataSchema", "LOMv1.0")
    if lesson.files:
        technical = add(tree.root, "technical")
        for file in lesson.files:
            add(technical, "format", file.media_type)
        add(technical, "size", str(sum(file.size for file in lesson.files)))
        for file in lesson.files:
            add(technical, "location", file.url)
    educational = add(tree.root, "educational")
    if lesson.resource_type:
        coded(educational, "learningResourceType", _name("resource_type", lesson.resource_type), "Kho Chung")
    for word, role in (("học sinh", "learner"), ("giáo viên", "teacher")):
        if word in str(_kind(lesson).get("audience", "")):
            coded(educational, "intendedEndUserRole", role)
    coded(educational, "context", "school")
    if ages := _ages(lesson.grades):
        worded(educational, "typicalAgeRange", ages)
    licence = vocabularies.licence(lesson.licence) if lesson.licence else None
    if lesson.licence:
        rights = add(tree.root, "rights")
        coded(rights, "cost", "no")
        coded(rights, "copyrightAndOtherRestrictions", "no" if lesson.licence in ("CC0", "PD-GOV") else "yes")
        worded(rights, "description", (licence.data.get("url") or licence.vi) if licence else lesson.licence)
    paths: list[tuple[str, str, str, Sequence[object]]] = [
        ("discipline", "Môn học", "subject", [lesson.subject] if lesson.subject else []),
        ("educational level", "Lớp", "grade", list(lesson.grades)),
        ("educational objective", "Chủ đề", "topic", list(lesson.topics)),
    ]
    for purpose, source, kind, codes in paths:
        for code in codes:
            made = add(tree.root, "classification")
            coded(made, "purpose", purpose)
            path = add(made, "taxonPath")
            worded(path, "source", source)
            taxon = add(path, "taxon")
            add(taxon, "id", str(code))
            worded(taxon, "entry", _name(kind, code))
    return tree.written()


def _vcard(name: str, organisation: bool) -> str:
    """RFC 2426; a comma or semicolon in a name is not a separator."""
    escaped = legal(name).strip()
    for sign in ("\\", ",", ";"):
        escaped = escaped.replace(sign, f"\\{sign}")
    held = f"ORG:{escaped}" if organisation else f"N:{escaped}"
    return f"BEGIN:VCARD\nVERSION:3.0\nFN:{escaped}\n{held}\nEND:VCARD"


# ---------------------------------------------------------------- AMB


def amb(lesson: Lesson) -> str:
    """JSON-LD by the profile AMB, as the text of one element."""
    kind, licence = _kind(lesson), vocabularies.licence(lesson.licence) if lesson.licence else None
    base = lesson.url.partition("/lessons/")[0]

    def concept(scheme: str, code: object) -> dict[str, Any]:
        return {
            "id": f"{base}/search?{scheme}={code}",
            "type": "Concept",
            "prefLabel": {"vi": _name(scheme, code)},
        }

    said: dict[str, Any] = {
        "@context": ["https://w3id.org/kim/amb/context.jsonld", {"@language": _language(lesson)}],
        "id": lesson.url,
        "type": ["LearningResource"],
        "name": _title(lesson),
        "description": lesson.description,
        "inLanguage": [lesson.language],
        "creator": [{"type": "Person", "name": name} for name in lesson.authors],
        "publisher": [{"type": "Organization", "name": name} for name in lesson.publishers],
        "datePublished": utc(lesson.published_at)[:10] if lesson.published_at else "",
        "keywords": list(lesson.keywords),
        "about": [concept("subject", lesson.subject)] if lesson.subject else [],
        "teaches": [concept("topic", topic) for topic in lesson.topics],
        "educationalLevel": [concept("grade", grade) for grade in lesson.grades],
        "learningResourceType": [concept("resource_type", lesson.resource_type)] if lesson.resource_type else [],
        "audience": [
            {
                "id": f"http://purl.org/dcx/lrmi-vocabs/educationalAudienceRole/{role}",
                "type": "Concept",
                "prefLabel": {"vi": word},
            }
            for word, role in (("học sinh", "student"), ("giáo viên", "teacher"))
            if word in str(kind.get("audience", ""))
        ],
        "license": {"id": licence.data["url"]} if licence and licence.data.get("url") else None,
        "conditionsOfAccess": licence.vi if licence and not licence.data.get("url") else "",
        "isAccessibleForFree": True,
        "encoding": [
            {
                "type": "MediaObject",
                "contentUrl": file.url,
                "encodingFormat": file.media_type,
                **({"contentSize": str(file.size)} if file.size else {}),
                **({"sha256": file.sha256} if file.sha256 else {}),
            }
            for file in lesson.files
        ],
        "mainEntityOfPage": [{"id": lesson.url, "provider": {"type": "Service", "name": "Kho Chung"}}],
    }
    kept = {name: value for name, value in said.items() if value not in (None, "", [])}
    root = etree.Element(f"{{{JSON_LD}}}json-ld", nsmap={None: JSON_LD}, profile="https://w3id.org/kim/amb/")
    root.text = legal(json.dumps(kept, ensure_ascii=False, separators=(",", ":")))
    return etree.tostring(root, encoding="unicode")


# ---------------------------------------------------------------- MARC 21


def marc21(lesson: Lesson) -> str:
    """MARC 21 bibliographic, as MARCXML slim."""
    tree = _Tree(MARC, "record", "http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd")
    tongue = MARC_LANGUAGES.get(lesson.language, "und")
    moment = utc(lesson.published_at) if lesson.published_at else ""
    entered = f"{moment[2:4]}{moment[5:7]}{moment[8:10]}" or "      "
    dated = f"s{moment[:4]}" if moment else "n    "
    tree.add(tree.root, "leader").text = "     nam a22     3u 4500"
    control = {
        "001": lesson.url.rpartition("/")[2],
        "003": "KhoChung",
        "007": "cr |||||||||||",
        "008": f"{entered}{dated}    vm |||||o|||||||||||{tongue} d"[:40],
    }
    for tag, text in control.items():
        tree.add(tree.root, "controlfield", tag=tag).text = legal(text)

    def field(tag: str, indicators: str, *parts: tuple[str, str | None]) -> None:
        kept = [(code, text) for code, raw in parts if (text := legal(raw or "").strip())]
        if kept:
            made = tree.add(tree.root, "datafield", tag=tag, ind1=indicators[0], ind2=indicators[1])
            for code, text in kept:
                tree.add(made, "subfield", text, code=code)

    field("041", "0 ", ("a", tongue))
    for author in lesson.authors[:1]:
        field("100", "0 ", ("a", author), ("e", "tác giả"))
    field("245", "10" if lesson.authors else "00", ("a", _title(lesson)))
    field("264", " 1", *(("b", name) for name in lesson.publishers), ("c", moment[:4]))
    field("336", "  ", ("a", _name("resource_type", lesson.resource_type) if lesson.resource_type else None))
    field("490", "0 ", ("a", _name("textbook_series", lesson.textbook_series) if lesson.textbook_series else None))
    field("520", "  ", ("a", lesson.description))
    for grade in lesson.grades:
        field("521", "  ", ("a", _name("grade", grade)))
    licence = vocabularies.licence(lesson.licence) if lesson.licence else None
    field(
        "540",
        "  ",
        ("a", licence.vi if licence else lesson.licence),
        ("u", licence.data.get("url") if licence else None),
    )
    field("650", " 4", ("a", _name("subject", lesson.subject) if lesson.subject else None))
    for keyword in lesson.keywords:
        field("653", "  ", ("a", keyword))
    field("655", " 4", ("a", _name("resource_type", lesson.resource_type) if lesson.resource_type else None))
    for topic in lesson.topics:
        field("658", "  ", ("a", _name("topic", topic)))
    for author in lesson.authors[1:]:
        field("700", "0 ", ("a", author), ("e", "tác giả"))
    field("856", "42", ("u", lesson.url))
    for file in lesson.files:
        field("856", "40", ("u", file.url), ("q", file.media_type), ("s", f"{file.size} bytes" if file.size else None))
    return tree.written()


_WRITERS: dict[str, Callable[[Lesson], str]] = {"oai_dc": oai_dc, "lom": lom, "amb": amb, "marc21": marc21}


def least(prefix: str, url: str, title: str) -> str:
    """What is said of a lesson that its crosswalk fails on: the page must not fail with it."""
    return _WRITERS[prefix](
        Lesson(
            url=url,
            title=title or url,
            description="",
            subject=None,
            grades=(),
            resource_type=None,
            language="vi",
            licence=None,
            authors=(),
            keywords=(),
            topics=(),
            textbook_series=None,
            publishers=(),
            published_at=None,
            files=(),
        )
    )


FORMATS: dict[str, Format] = {
    "oai_dc": Format("oai_dc", "http://www.openarchives.org/OAI/2.0/oai_dc.xsd", OAI_DC, oai_dc),
    "lom": Format("lom", "http://ltsc.ieee.org/xsd/lomv1.0/lom.xsd", LOM, lom),
    "amb": Format("amb", "/oai/schemas/json-ld.xsd", JSON_LD, amb),
    "marc21": Format("marc21", "http://www.loc.gov/standards/marcxml/schema/MARC21slim.xsd", MARC, marc21),
}
"""A schema that begins with a slash is served here."""
