"""Metadata of other repositories into our fields and vocabularies. Pure but for the vocabularies.

Each format is first read into the same plain lists of words (`Words`), then mapped once. What our
vocabularies do not know is named in `unmapped`, for a librarian to decide; it keeps nothing from coming in.
"""

from __future__ import annotations

import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import nh3

from app.harvest.reading import XML_LANG, local
from app.harvest.reading import moment as full_moment
from app.vocabularies import queries as vocabularies
from search.folding import bare, exact, words

VERSION = 1
"""Changes with what the mapping makes of the same record: `kho harvest remap` then goes over all of them."""

LONGEST_TITLE, LONGEST_DESCRIPTION, LONGEST_WORD, MOST_WORDS = 300, 20_000, 200, 50
MOST_FILES, LONGEST_URL = 50, 1000

OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
FILE_ENDINGS = frozenset(
    [
        "pdf",
        "doc",
        "docx",
        "ppt",
        "pptx",
        "ppsx",
        "xls",
        "xlsx",
        "odt",
        "odp",
        "ods",
        "epub",
        "zip",
        "h5p",
        "ggb",
        "png",
        "jpg",
        "jpeg",
        "gif",
        "webp",
        "svg",
        "mp3",
        "m4a",
        "wav",
        "ogg",
        "mp4",
        "m4v",
        "webm",
        "mov",
        "txt",
        "csv",
        "html",
        "htm",
    ]
)


@dataclass
class Words:
    """What a record says, before it is understood; `files` are (address, media type, sha256)."""

    titles: list[tuple[str, str]] = field(default_factory=list)
    descriptions: list[str] = field(default_factory=list)
    authors: list[str] = field(default_factory=list)
    subjects: list[str] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    languages: list[str] = field(default_factory=list)
    rights: list[str] = field(default_factory=list)
    dates: list[str] = field(default_factory=list)
    places: list[str] = field(default_factory=list)
    publishers: list[str] = field(default_factory=list)
    series: list[str] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    files: list[tuple[str, str | None, str | None]] = field(default_factory=list)


@dataclass(frozen=True)
class Link:
    """A file at the source."""

    url: str
    media_type: str | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class Mapped:
    """A lesson as we would describe it; `unmapped` holds (field, text)."""

    fields: dict[str, Any]
    url: str | None
    province: str | None
    publisher: str | None
    published_at: datetime | None
    files: tuple[Link, ...]
    unmapped: tuple[tuple[str, str], ...]


Decisions = Mapping[tuple[str, str], str | None]
"""What librarians decided: (field, folded text) to a code, or to None for a word to pass over."""


def folded(text: str) -> str:
    """How words of a vocabulary are compared: case, tone placement, i/y and punctuation do not count."""
    return " ".join(words(exact(text)))[:LONGEST_WORD]


def readable(metadata: Any) -> bool:
    return metadata is not None and _reader(metadata) is not None


def mapped(
    metadata: Any, sets: Sequence[str], decisions: Decisions, identifier: str, latest: datetime
) -> Mapped | None:
    """None for a format that is not understood. `latest` bounds the date of publication."""
    read = _reader(metadata)
    if read is None:
        return None
    said = read(metadata)
    unmapped: list[tuple[str, str]] = []
    by_set = _of_sets(sets)
    subject, keywords, grades = _subject(said, by_set.get("subject"), decisions, unmapped)
    topics, keywords = _topics(subject, grades, keywords)
    language = _first("language", said.languages, _language, decisions, unmapped, by_set.get("language")) or "vi"
    title = _title(said, language) or _shortened(" ".join(said.descriptions), 120) or identifier
    resource_type = _first("resource_type", said.types, _type, decisions, unmapped, by_set.get("type"))
    licence = _first("licence", said.rights, _licence, decisions, unmapped, by_set.get("licence"))
    fields: dict[str, Any] = {
        "title": title,
        "description": "\n\n".join(dict.fromkeys(said.descriptions))[:LONGEST_DESCRIPTION],
        "subject": subject,
        "grades": grades,
        "resource_type": resource_type,
        "language": language,
        "licence": licence,
        "authors": _listed(said.authors),
        "keywords": _listed(keywords),
        "topics": topics,
        "textbook_series": next((code for text in said.series if (code := _known("textbook_series", text))), None),
    }
    links = [link for link in said.links if _is_web(link)]
    pages = [link for link in links if not _is_file(link)]
    listed = [(url, kind, sha) for url, kind, sha in said.files if _is_web(url)]
    listed += [(link, None, None) for link in links if _is_file(link)]
    files = {url: Link(url, kind, sha) for url, kind, sha in reversed(listed)}
    return Mapped(
        fields=fields,
        url=next(iter([*pages, *links]), None),
        province=by_set.get("province") or next((code for text in said.places if (code := _province(text))), None),
        publisher=next(iter(_listed(said.publishers)), None),
        published_at=min((d for text in said.dates if (d := _date(text)) and d <= latest), default=None),
        files=tuple(files[url] for url in dict.fromkeys(url for url, _kind, _sha in listed))[:MOST_FILES],
        unmapped=tuple(dict.fromkeys(unmapped)),
    )


# ---------------------------------------------------------------- words of the vocabularies


_MORE: dict[str, dict[str, tuple[str, ...]]] = {
    "subject": {
        "TOAN": ("toán học", "mathematics education", "math", "maths", "mathématiques"),
        "NGUVAN": ("văn học", "văn", "literature", "vietnamese literature"),
        "TIENGANH": ("anh văn", "english", "english language", "english language teaching"),
        "TINHOC": ("công nghệ thông tin", "computer science", "informatics", "ict", "computing"),
        "LICHSU": ("history",),
        "DIALI": ("geography",),
        "KHTN": ("science", "natural sciences"),
        "SINHHOC": ("life sciences",),
        "GDTC": ("thể dục", "physical education", "sport"),
        "CONGNGHE": ("technology",),
        "AMNHAC": ("music",),
        "MITHUAT": ("arts", "fine arts"),
    },
    "resource_type": {
        "VIDEO": ("movingimage", "moving image", "video lecture", "recorded lecture"),
        "HINHANH": ("image", "stillimage", "still image", "photo", "illustration", "diagram", "mind map"),
        "AMTHANH": ("sound", "recording", "podcast"),
        "BGDT": ("interactiveresource", "interactive resource", "lecture", "learning module", "e learning"),
        "TRINHCHIEU": ("presentation", "slideshow", "slide show", "slides"),
        "KHBD": ("lesson plan", "lessonplan", "kế hoạch bài dạy", "teaching plan"),
        "PHIEU": ("worksheet", "exercise", "bài tập", "activity"),
        "DE": ("exam", "examination", "test", "assessment", "đề thi", "quiz"),
        "BOCAUHOI": ("assessment item", "question set", "problem set"),
        "MOPHONG": ("simulation", "experiment", "virtual lab"),
        "SACH": ("book", "textbook", "book chapter", "reference", "sách"),
        "KHOAHOC": ("course", "online course", "open course"),
        "TROCHOI": ("game", "educational game"),
        "DECUONG": ("study guide", "lecture notes", "notes"),
        "SKKN": ("report", "technical report", "working paper"),
    },
}
_VAGUE = {
    "resource_type": frozenset(
        ("text", "learning object", "learning resource", "learningresource", "resource", "other", "collection",
         "dataset", "software", "website", "event", "service", "physicalobject", "document", "file")
    ),
    "licence": frozenset(("openaccess", "open access", "restrictedaccess", "embargoedaccess", "closedaccess")),
    "language": frozenset(("und", "zxx", "other", "none", "n a")),
}  # fmt: skip
_LANGUAGES = {
    "vie": "vi", "eng": "en", "fra": "fr", "fre": "fr", "zho": "zh", "chi": "zh", "cmn": "zh", "jpn": "ja",
    "kor": "ko", "deu": "de", "ger": "de", "rus": "ru", "khm": "km", "vietnamese": "vi", "english": "en",
    "tieng viet": "vi", "tieng anh": "en", "francais": "fr", "french": "fr",
}  # fmt: skip


@cache
def _names(kind: str) -> dict[str, str]:
    """Folded words to codes: codes and names first, then what people also say, then all of it without accents."""
    found: dict[str, str] = {}
    terms = vocabularies.terms(kind)
    for term in terms:
        for text in (term.code, term.vi, term.en):
            found.setdefault(folded(text), term.code)
    for term in terms:
        short = [part for name in (term.vi, term.en) for part in (re.sub(r"\s*\(.*?\)", "", name),)]
        for text in (*short, str(term.data.get("spdx") or ""), *term.data.get("search_aliases", ())):
            found.setdefault(folded(text), term.code)
    for code, more in _MORE.get(kind, {}).items():
        for text in more:
            found.setdefault(folded(text), code)
    for text, code in list(found.items()):
        found.setdefault(bare(text), code)
    found.pop("", None)
    return found


def _known(kind: str, text: str) -> str | None:
    key = folded(text)
    names = _names(kind)
    return names.get(key) or (names.get(bare(key)) if key.isascii() else None)


def _first(
    kind: str,
    texts: Iterable[str],
    find: Callable[[str], str | None],
    decisions: Decisions,
    unmapped: list[tuple[str, str]],
    by_set: str | None,
) -> str | None:
    """The first of the texts that means a code. When none does, all that say something are unmapped."""
    if by_set:
        return by_set
    waiting: list[tuple[str, str]] = []
    for text in texts:
        key = (kind, folded(text))
        if key in decisions:
            code = decisions[key]
            if code:
                return code
            continue
        code = find(text)
        if code:
            return code
        if key[1] and key[1] not in _VAGUE.get(kind, frozenset()):
            waiting.append((kind, text.strip()[:LONGEST_WORD]))
    unmapped += waiting
    return None


_GRADE = re.compile(r"(?:lop|khoi|grade|class|khoi lop)s? (\d{1,2})(?: (?:den|to|-|–)? ?(\d{1,2}))?")
_PATH = re.compile(r"\s*(?:::|>|\||»|/)\s*")


def _subject(
    said: Words, by_set: str | None, decisions: Decisions, unmapped: list[tuple[str, str]]
) -> tuple[str | None, list[str], list[int]]:
    """Subject, the words left as keywords, and grades."""
    grades: set[int] = set()
    keywords: list[str] = []
    subject = by_set
    waiting: list[tuple[str, str]] = []
    for text in said.subjects:
        parts = [text, *reversed(_PATH.split(text))] if _PATH.search(text) else [text]
        held = [_grades(part) for part in parts]
        grades.update(grade for found in held for grade in found)
        key = ("subject", folded(text))
        code = decisions.get(key) or next((c for part in parts if (c := _known("subject", part))), None)
        if code:
            subject = subject or code
            if _known("subject", text) or key in decisions:
                continue
        if any(held) and len(parts) == 1:
            continue
        if folded(text) in _school_levels():
            continue
        keywords.append(text)
        if key not in decisions and key[1]:
            waiting.append(("subject", text.strip()[:LONGEST_WORD]))
    if subject is None:
        unmapped += waiting[:20]
    return subject, keywords, sorted(grades)


@cache
def _school_levels() -> frozenset[str]:
    return frozenset(folded(name) for term in vocabularies.terms("school_level") for name in (term.code, term.vi))


def _grades(text: str) -> list[int]:
    match = _GRADE.fullmatch(bare(folded(text)))
    if match is None:
        return []
    first, last = int(match[1]), int(match[2] or match[1])
    return [grade for grade in range(first, last + 1) if 1 <= grade <= 12] if first <= last else []


def _topics(subject: str | None, grades: Sequence[int], keywords: list[str]) -> tuple[list[str], list[str]]:
    """Keywords that name a topic of this subject and these grades become topics."""
    if subject is None or not grades:
        return [], keywords
    names: dict[str, list[str]] = {}
    for grade in grades:
        for term in vocabularies.topics(subject, grade):
            names.setdefault(folded(term.vi), []).append(term.code)
    topics: list[str] = []
    left: list[str] = []
    for text in keywords:
        found = names.get(folded(text))
        if found:
            topics += found
        else:
            left.append(text)
    return list(dict.fromkeys(topics))[:MOST_WORDS], left


def _type(text: str) -> str | None:
    text = re.sub(r"^(?:info:eu-repo/semantics/|https?://purl\.org/dc/dcmitype/)", "", text.strip())
    return _known("resource_type", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)) or _known("resource_type", text)


def _language(text: str) -> str | None:
    key = bare(folded(text))
    start = re.split(r"[-_]", text.strip().lower())[0]
    for found in (start, _LANGUAGES.get(start), _LANGUAGES.get(key), _known("language", text)):
        if found and vocabularies.valid("language", found):
            return found
    return None


_CC = re.compile(r"creativecommons\.org/licen[cs]es/(by(?:-nc)?(?:-sa|-nd)?)\b", re.IGNORECASE)
_CC_WORDS = re.compile(r"\bcc[ -]?(by(?:[ -]nc)?(?:[ -](?:sa|nd))?)\b(?:[ -]?v?[1-4]\.\d)?", re.IGNORECASE)


def _licence(text: str) -> str | None:
    text = re.sub(r"^info:eu-repo/semantics/", "", text.strip())
    if "creativecommons.org/publicdomain/zero" in text.lower():
        return "CC0"
    match = _CC.search(text) or _CC_WORDS.search(text)
    if match:
        code = "CC " + match.group(1).upper().replace(" ", "-")
        return code if vocabularies.valid("licence", code) else None
    if folded(text) in ("all rights reserved", "bảo lưu mọi quyền"):
        return "ARR"
    return _known("licence", text)


@cache
def _provinces() -> dict[str, str]:
    found: dict[str, str] = {}
    for term in [*vocabularies.provinces(), *vocabularies.terms("province")]:
        for text in (term.vi, re.sub(r"^(?:Tỉnh|Thành phố)\s+", "", term.vi)):
            found.setdefault(folded(text), term.code)
    return found


def _province(text: str) -> str | None:
    return _provinces().get(folded(text))


_SETS = {"subject": "subject", "province": "province", "type": "resource_type", "licence": "licence"}


@cache
def _set_codes(kind: str) -> dict[str, str]:
    return {re.sub(r"[^A-Za-z0-9_.!~*()-]", "-", term.code): term.code for term in vocabularies.terms(kind)}


def _of_sets(sets: Iterable[str]) -> dict[str, str]:
    """Codes in setSpecs of repositories that share our vocabularies (`subject:TOAN`, `province:79`)."""
    found: dict[str, str] = {}
    for spec in sets:
        root, _colon, code = spec.partition(":")
        if root in _SETS and (held := _set_codes(_SETS[root]).get(code)):
            found.setdefault(root, held)
    return found


# ---------------------------------------------------------------- plain values


def clean(text: str | None) -> str:
    """Plain text of what may be HTML: NFC, no control characters, no tags, single spaces within lines."""
    text = text or ""
    if re.search(r"<[a-zA-Z/!]", text):
        text = re.sub(r"(?i)<(?:br|/p|/li|/div|/h[1-6])\b[^>]*>", "\n", text)
        text = html.unescape(nh3.clean(text, tags=set(), clean_content_tags={"script", "style"}))
    elif re.search(r"&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+);", text):
        text = html.unescape(text)
    text = "".join(c for c in unicodedata.normalize("NFC", text) if c in "\n\t" or unicodedata.category(c)[0] != "C")
    lines = (" ".join(line.split()) for line in text.splitlines())
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip()


def _shortened(text: str, length: int) -> str:
    """Cut at a word where one ends near enough, with an ellipsis."""
    text = " ".join(text.split())
    if len(text) <= length:
        return text
    cut = text[: length - 1]
    at_word = cut.rpartition(" ")[0]
    return (at_word if len(at_word) > length * 2 // 3 else cut).rstrip(" ,;:.") + "…"


def _title(said: Words, language: str) -> str:
    named = [title for title, _tongue in said.titles]
    own = [title for title, tongue in said.titles if tongue.split("-")[0] in ("vi", language)]
    return _shortened(next(iter([*own, *named]), ""), LONGEST_TITLE)


def _listed(texts: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(_shortened(text, LONGEST_WORD) for text in texts if text.strip()))[:MOST_WORDS]


def _is_web(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc) and len(text) <= LONGEST_URL


def _is_file(url: str) -> bool:
    path = urlsplit(url).path
    return path.rpartition(".")[2].lower() in FILE_ENDINGS or bool(re.search(r"/files/[^/]+/content$", path))


def _date(text: str) -> datetime | None:
    match = re.match(r"\s*(\d{4})(?:-(\d\d)(?:-(\d\d))?)?", text)
    if match is None:
        return None
    if (exact_one := full_moment(text)) is not None:
        return exact_one
    try:
        return datetime(int(match[1]), int(match[2] or 1), int(match[3] or 1), tzinfo=UTC)
    except ValueError:
        return None


# ---------------------------------------------------------------- formats


def _reader(metadata: Any) -> Callable[[Any], Words] | None:
    if metadata is None:
        return None
    namespace, name = str(metadata.tag).rpartition("}")[0].lstrip("{"), local(metadata)
    if name == "dc" or namespace == OAI_DC:
        return _dublin_core
    if name == "lom":
        return _lom
    if name == "record" and "MARC21" in namespace.upper():
        return _marc
    if len(metadata) == 0 and (metadata.text or "").lstrip().startswith("{"):
        return _json_ld
    return None


_DC_LISTS = {
    "description": "descriptions", "creator": "authors", "subject": "subjects", "type": "types",
    "language": "languages", "rights": "rights", "date": "dates", "coverage": "places",
    "publisher": "publishers", "source": "series", "license": "rights", "educationlevel": "subjects",
}  # fmt: skip


def _dublin_core(metadata: Any) -> Words:
    said = Words()
    formats: list[str] = []
    relations: list[str] = []
    for element in metadata:
        text = clean("".join(element.itertext()))
        if not text:
            continue
        name = local(element).lower()
        if name == "title":
            said.titles.append((text, (element.get(XML_LANG) or "").lower()))
        elif name == "identifier":
            said.links.append(text)
        elif name == "relation":
            relations.append(text)
        elif name == "format":
            formats += [text] if "/" in text else []
        elif name in _DC_LISTS:
            getattr(said, _DC_LISTS[name]).append(text)
    held = [url for url in relations if _is_web(url) and _is_file(url)]
    kinds: Sequence[str | None] = formats if len(formats) == len(held) else [None] * len(held)
    if len(set(formats)) == 1:
        kinds = formats[:1] * len(held)
    said.files = [(url, kind, None) for url, kind in zip(held, kinds, strict=True)]
    return said


def _texts(parent: Any, *path: str) -> Iterator[str]:
    """Texts below a path of local names; of a LOM langstring each string."""
    elements = [parent]
    for name in path:
        elements = [child for element in elements for child in element if local(child) == name]
    for element in elements:
        strings = [one for one in element if local(one) in ("string", "langstring")]
        for one in strings or [element]:
            text = clean("".join(one.itertext()))
            if text:
                yield text


def _lom(metadata: Any) -> Words:
    said = Words()
    for general in (one for one in metadata if local(one) == "general"):
        for title in (one for one in general if local(one) == "title"):
            for string in title:
                text = clean("".join(string.itertext()))
                if text:
                    tongue = string.get("language") or string.get(XML_LANG) or ""
                    said.titles.append((text, tongue.lower()))
    said.descriptions += _texts(metadata, "general", "description")
    said.languages += _texts(metadata, "general", "language")
    said.subjects += _texts(metadata, "general", "keyword")
    said.places += _texts(metadata, "general", "coverage")
    said.links += _texts(metadata, "general", "identifier", "entry")
    for contribute in (c for one in metadata if local(one) == "lifeCycle" for c in one if local(c) == "contribute"):
        role = " ".join(_texts(contribute, "role", "value")).lower()
        names = [name for card in _texts(contribute, "entity") for name in _vcard(card)]
        (said.publishers if role == "publisher" else said.authors).extend(names)
        if role == "publisher":
            said.dates += _texts(contribute, "date", "dateTime")
    for technical in (one for one in metadata if local(one) == "technical"):
        formats = list(_texts(technical, "format"))
        for n, url in enumerate(_texts(technical, "location")):
            kind = formats[min(n, len(formats) - 1)] if formats else None
            if _is_web(url) and _is_file(url):
                said.files.append((url, kind, None))
            else:
                said.links.append(url)
    said.types += _texts(metadata, "educational", "learningResourceType", "value")
    said.rights += _texts(metadata, "rights", "description")
    for classification in (one for one in metadata if local(one) == "classification"):
        said.subjects += _texts(classification, "taxonPath", "taxon", "entry")
        said.subjects += _texts(classification, "keyword")
    return said


def _vcard(text: str) -> Iterator[str]:
    if "VCARD" not in text.upper():
        yield text
        return
    match = re.search(r"(?:^|\n|\s)FN[^:\n]*:([^\n]*?)(?=\s+(?:N|ORG|EMAIL|END|VERSION|UID|URL|TEL)[:;]|\n|$)", text)
    if match and match[1].strip():
        yield match[1].strip()


def _marc(metadata: Any) -> Words:
    said = Words()

    def fields(*tags: str) -> Iterator[Any]:
        return (one for one in metadata if local(one) == "datafield" and one.get("tag") in tags)

    def parts(one: Any, codes: str) -> list[str]:
        held = ((part.get("code"), clean("".join(part.itertext()))) for part in one if local(part) == "subfield")
        return [text for code, text in held if code and code in codes and text]

    for one in fields("245"):
        said.titles.append((" ".join(parts(one, "abnp")).rstrip(" /:;,"), ""))
    said.authors += [" ".join(parts(one, "a")).rstrip(" ,.") for one in fields("100", "110", "700", "710")]
    said.descriptions += [" ".join(parts(one, "ab")) for one in fields("520")]
    said.languages += [text for one in fields("041") for text in parts(one, "a")]
    said.subjects += [text for one in fields("650", "653", "655", "658", "521") for text in parts(one, "ab")]
    said.types += [text for one in fields("655", "336") for text in parts(one, "a")]
    said.rights += [text for one in fields("540", "506") for text in parts(one, "ua")]
    said.publishers += [" ".join(parts(one, "b")).rstrip(" ,:;") for one in fields("260", "264")]
    said.dates += [text.strip("[]c©. ") for one in fields("260", "264") for text in parts(one, "c")]
    for one in fields("856"):
        for url in parts(one, "u"):
            if _is_web(url) and _is_file(url):
                said.files.append((url, next(iter(parts(one, "q")), None), None))
            else:
                said.links.append(url)
    return said


def _json_ld(metadata: Any) -> Words:
    """AMB and other profiles of schema.org's LearningResource."""
    said = Words()
    try:
        held = json.loads(metadata.text or "")
    except (ValueError, RecursionError):
        return said
    if not isinstance(held, dict):
        return said
    said.titles += [(clean(text), "") for text in _strings(held.get("name"))]
    said.descriptions += map(clean, _strings(held.get("description")))
    said.languages += _strings(held.get("inLanguage"))
    said.authors += map(clean, _strings(held.get("creator") or held.get("author")))
    said.publishers += map(clean, _strings(held.get("publisher")))
    said.dates += _strings(held.get("datePublished") or held.get("dateCreated"))
    said.types += map(clean, _strings(held.get("learningResourceType")))
    said.rights += _strings(held.get("license"), ids=True)
    for name in ("about", "educationalLevel", "keywords"):
        said.subjects += map(clean, _strings(held.get(name)))
    said.links += _strings(held.get("id") or held.get("@id") or held.get("url"))
    encodings = held.get("encoding")
    for one in encodings if isinstance(encodings, list) else [encodings]:
        if isinstance(one, dict) and isinstance(one.get("contentUrl"), str):
            kind, sha = one.get("encodingFormat"), one.get("sha256")
            said.files.append(
                (one["contentUrl"], kind if isinstance(kind, str) else None, sha if isinstance(sha, str) else None)
            )
    return said


def _strings(value: Any, ids: bool = False) -> list[str]:
    """Texts of a JSON-LD value: a string, or what an object is called; of lists all of them."""
    if isinstance(value, str):
        return [value]
    if isinstance(value, list):
        return [text for one in value for text in _strings(one, ids)]
    if isinstance(value, dict):
        if ids and isinstance(value.get("id") or value.get("@id"), str):
            return [str(value.get("id") or value.get("@id"))]
        for name in ("name", "prefLabel"):
            label = value.get(name)
            if isinstance(label, dict):
                label = label.get("vi") or next(iter(label.values()), None)
            if isinstance(label, str):
                return [label]
    return []
