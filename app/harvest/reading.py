"""Answers of OAI-PMH providers into records: strictly first, then repaired. Pure: bytes in, values out.

A repaired answer is marked so, and names the records that got lost in it, for them to be asked for one by
one: an XML parser that recovers drops what it cannot place and says nothing.
"""

from __future__ import annotations

import html.entities
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from lxml import etree

XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
DAY = "YYYY-MM-DD"
SECOND = "YYYY-MM-DDThh:mm:ssZ"

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_CHARACTER = re.compile(r"&#(?:x([0-9A-Fa-f]{1,8})|([0-9]{1,9}));")
_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{1,31});")
_BARE_AMPERSAND = re.compile(r"&(?!(?:[A-Za-z_][\w.-]*|#\d+|#x[0-9A-Fa-f]+);)")
_DECLARATION = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_HEADER = re.compile(r"<(?:[\w.-]+:)?header\b[^>]*>(.*?)</(?:[\w.-]+:)?header\s*>", re.DOTALL)
_IDENTIFIER = re.compile(r"<(?:[\w.-]+:)?identifier\b[^>]*>(.*?)</", re.DOTALL)
_OWN_ENTITIES = frozenset(("amp", "lt", "gt", "quot", "apos"))
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d:\d\d)(?:\.\d+)?(Z|[+-]\d\d:?\d\d)?)?")


class Unreadable(Exception):
    """Not an OAI-PMH answer, and no repair makes it one."""


@dataclass(frozen=True)
class Origin:
    """A link of a provenance chain: where a record was before, and how it was called there."""

    base_url: str
    identifier: str
    datestamp: str
    harvested: str
    altered: bool


@dataclass(frozen=True)
class Record:
    """A record as it came; `metadata` is its first element, None for a deleted one or a bare header."""

    identifier: str
    datestamp: datetime | None
    deleted: bool
    sets: tuple[str, ...]
    xml: str = ""
    metadata: Any = field(default=None, repr=False, compare=False)
    chain: tuple[Origin, ...] = ()
    recovered: bool = False


@dataclass(frozen=True)
class Answer:
    """`token` is None without one, "" for the empty one that ends a list; `lost` holds identifiers that
    stand in the text but in no record that could be read."""

    date: datetime | None
    error: tuple[str, str] | None = None
    records: tuple[Record, ...] = ()
    token: str | None = None
    size: int | None = None
    recovered: bool = False
    lost: tuple[str, ...] = ()
    root: Any = field(default=None, repr=False, compare=False)

    def text(self, name: str) -> str | None:
        """The text of the first element of this local name."""
        found = next(_named(self.root, name), None)
        return None if found is None else _text(found)


def read(body: bytes) -> Answer:
    """Raises Unreadable."""
    try:
        return _answer(parsed(body, recover=False), False)
    except (etree.XMLSyntaxError, ValueError):
        pass
    text = repaired(body)
    try:
        return _answer(parsed(text.encode(), recover=False), True)
    except (etree.XMLSyntaxError, ValueError):
        pass
    try:
        answer = _answer(parsed(text.encode(), recover=True), True)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise Unreadable(str(error)[:200]) from None
    known = {record.identifier for record in answer.records}
    lost = tuple(name for name in _identifiers(text) if name not in known)
    return Answer(answer.date, answer.error, answer.records, answer.token, answer.size, True, lost, answer.root)


def repaired(body: bytes) -> str:
    """The text without what XML forbids; entities of HTML become letters, lone ampersands are escaped."""
    declared = _DECLARATION.match(body[:400])
    encoding = declared.group(1).decode("ascii") if declared else "utf-8"
    try:
        text = body.decode("utf-8-sig" if encoding.lower() in ("utf-8", "utf8") else encoding, "replace")
    except LookupError:
        text = body.decode("utf-8", "replace")
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", text)
    text = _ILLEGAL.sub("", text)
    text = _CHARACTER.sub(_legal_character, text)
    text = _NAMED.sub(_entity, text)
    return _BARE_AMPERSAND.sub("&amp;", text)


def _legal_character(match: re.Match[str]) -> str:
    code = int(match.group(1), 16) if match.group(1) else int(match.group(2))
    return "" if code > 0x10FFFF or _ILLEGAL.match(chr(code)) else match.group(0)


def _entity(match: re.Match[str]) -> str:
    name = match.group(1)
    if name in _OWN_ENTITIES:
        return match.group(0)
    code = html.entities.name2codepoint.get(name)
    return chr(code) if code else f"&amp;{name};"


def _identifiers(text: str) -> Iterator[str]:
    for header in _HEADER.finditer(text):
        found = _IDENTIFIER.search(header.group(1))
        if found:
            yield html.unescape(found.group(1)).strip()


def parsed(body: bytes, recover: bool) -> Any:
    """The root. No entities, no network, no DTD, no huge trees: the answer comes from a stranger."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        recover=recover,
    )
    root = etree.fromstring(body, parser)
    if root is None:
        raise ValueError("empty")
    docinfo = root.getroottree().docinfo
    if docinfo.internalDTD is not None or docinfo.externalDTD is not None:
        raise Unreadable("DOCTYPE")
    if not recover and next(root.iter(etree.Entity), None) is not None:
        raise ValueError("entities")
    return root


# ---------------------------------------------------------------- elements


def local(element: Any) -> str:
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def _named(root: Any, name: str) -> Iterator[Any]:
    return (element for element in root.iter() if local(element) == name)


def _child(parent: Any, name: str) -> Any:
    return next((element for element in parent if local(element) == name), None)


def _text(element: Any) -> str:
    return "".join(element.itertext()).strip()


def moment(text: str | None) -> datetime | None:
    """A UTC date or moment, also in the forms that providers should not use (fractions, offsets, no Z)."""
    match = _MOMENT.fullmatch((text or "").strip())
    if match is None:
        return None
    day, time, zone = match.groups()
    try:
        made = datetime.fromisoformat(f"{day}T{time or '00:00:00'}").replace(tzinfo=UTC)
    except ValueError:
        return None
    if zone and zone != "Z":
        hours, minutes = int(zone[1:3]), int(zone[-2:])
        offset = timedelta(hours=hours, minutes=minutes)
        try:
            made = made - offset if zone[0] == "+" else made + offset
        except OverflowError:
            return None
    return made


def _answer(root: Any, recovered: bool) -> Answer:
    if local(root) != "OAI-PMH":
        raise Unreadable(f"<{local(root)[:40]}>")
    date = _child(root, "responseDate")
    error = _child(root, "error")
    body = next((e for e in root if local(e) in ("ListRecords", "ListIdentifiers", "GetRecord", "ListSets")), None)
    token = size = None
    records: list[Record] = []
    if body is not None:
        for element in body:
            if local(element) == "record":
                made = _record(element, recovered)
            elif local(element) == "header":
                made = _header(element, recovered)
            else:
                continue
            if made is not None:
                records.append(made)
        held = _child(body, "resumptionToken")
        if held is not None:
            token = _text(held)
            listed = (held.get("completeListSize") or "").strip()
            size = int(listed) if listed.isascii() and listed.isdigit() and len(listed) < 10 else None
    return Answer(
        date=moment(_text(date)) if date is not None else None,
        error=((error.get("code") or "").strip(), _text(error)[:500]) if error is not None else None,
        records=tuple(records),
        token=token,
        size=size,
        recovered=recovered,
        root=root,
    )


def _header(element: Any, recovered: bool) -> Record | None:
    found = _child(element, "identifier")
    identifier = _text(found) if found is not None else ""
    if not identifier:
        return None
    date = _child(element, "datestamp")
    return Record(
        identifier=identifier,
        datestamp=moment(_text(date)) if date is not None else None,
        deleted=(element.get("status") or "").strip() == "deleted",
        sets=tuple(dict.fromkeys(_text(one) for one in element if local(one) == "setSpec" and _text(one))),
        recovered=recovered,
    )


def _record(element: Any, recovered: bool) -> Record | None:
    head = _child(element, "header")
    made = _header(head, recovered) if head is not None else None
    if made is None:
        return None
    holder = _child(element, "metadata")
    metadata = next((one for one in holder if isinstance(one.tag, str)), None) if holder is not None else None
    return Record(
        identifier=made.identifier,
        datestamp=made.datestamp,
        deleted=made.deleted,
        sets=made.sets,
        xml=etree.tostring(element, encoding="unicode", with_tail=False),
        metadata=None if made.deleted else metadata,
        chain=tuple(_chain(element)),
        recovered=recovered,
    )


def _chain(element: Any) -> Iterator[Origin]:
    """From the outermost origin to the innermost."""
    for about in (one for one in element if local(one) == "about"):
        for origin in _named(about, "originDescription"):
            parts = {local(one): _text(one) for one in origin if local(one) != "originDescription"}
            yield Origin(
                base_url=parts.get("baseURL", ""),
                identifier=parts.get("identifier", ""),
                datestamp=parts.get("datestamp", ""),
                harvested=origin.get("harvestDate") or "",
                altered=(origin.get("altered") or "").strip() == "true",
            )


def reread(xml: str) -> Record | None:
    """A record from the raw text kept of it; None when it cannot be read."""
    try:
        return _record(parsed(xml.encode(), recover=True), False)
    except (etree.XMLSyntaxError, ValueError, Unreadable):
        return None
