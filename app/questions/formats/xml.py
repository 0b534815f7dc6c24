"""The one way in for XML by others. No entity, no network, no DTD, no huge trees; every refusal has a reason.

The bytes are decoded here and handed to libxml2 as UTF-8, so that no exotic encoding can hide a declaration
from the check of the prolog.
"""

from __future__ import annotations

import codecs
import html
import re
from collections.abc import Iterator
from typing import TypeAlias

from lxml import etree

from app.questions.formats.model import MAX_BYTES, Message, Unreadable, decoded

Element: TypeAlias = etree._Element

MAX_DEPTH = 100
MAX_ELEMENTS = 1_000_000
XML = "http://www.w3.org/XML/1998/namespace"

_DECLARATION = re.compile(r"\s*<\?xml\b[^>]*\?>")
_ENCODING = re.compile(rb"""^\s*<\?xml\b[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_PROLOG = re.compile(r"\s+|<!--.*?-->|<\?.*?\?>", re.DOTALL)
_DOCTYPE = re.compile(r"""<!DOCTYPE\s+[^\s\[>"']+(?:\s+(?:SYSTEM|PUBLIC)(?:\s*(?:"[^"]*"|'[^']*')){1,2})?\s*>""", re.I)
_SINGLE_BYTE = re.compile(r"(us-?ascii|iso-?8859-?\d{1,2}|latin-?\d|windows-?125\d|cp125\d)", re.IGNORECASE)
_TOO_DEEP = f"boolean({'/*' * (MAX_DEPTH + 1)})"


def parse(data: bytes) -> tuple[Element, list[Message]]:
    """The root of a document, and what was odd about its encoding; raises Unreadable."""
    text, messages = _decoded(data)
    if declaration := _DECLARATION.match(text):
        text = "\n" * declaration.group().count("\n") + text[declaration.end() :]
    _check_prolog(text)
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        attribute_defaults=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(text.encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError as error:
        raise _refusal(error) from None
    if root.xpath(_TOO_DEEP):
        raise Unreadable("Tệp XML lồng quá %(max)s tầng nên không nhận.", max=MAX_DEPTH)
    if root.xpath("count(//*)") > MAX_ELEMENTS:
        raise Unreadable("Tệp XML có quá nhiều phần tử nên không nhận.")
    return root, messages


def _decoded(data: bytes) -> tuple[str, list[Message]]:
    if len(data) > MAX_BYTES:
        raise Unreadable("Tệp quá lớn (tối đa %(max)s MB).", max=MAX_BYTES // 1024 // 1024)
    named = _ENCODING.match(data[:200])
    name = named.group(1).decode("ascii") if named else ""
    if _SINGLE_BYTE.fullmatch(name) and b"\0" not in data[:200]:
        try:
            return data.decode(codecs.lookup(name).name), []
        except (LookupError, UnicodeDecodeError):
            pass
    return decoded(data)


def _check_prolog(text: str) -> None:
    """Only blanks, comments and a bare DOCTYPE may stand before the root."""
    at = 1 if text[:1] == "\ufeff" else 0
    while found := _PROLOG.match(text, at):
        at = found.end()
    if text[at : at + 9].upper() == "<!DOCTYPE":
        if not _DOCTYPE.match(text, at):
            raise Unreadable("Tệp XML tự khai báo thực thể (DTD) nên không nhận.")
    elif text[at : at + 1] != "<":
        raise Unreadable("Tệp XML hỏng ở dòng %(line)s.", line=text.count("\n", 0, at) + 1)


def _refusal(error: etree.XMLSyntaxError) -> Unreadable:
    said = str(error.msg or "")
    if "Excessive depth" in said:
        return Unreadable("Tệp XML lồng quá %(max)s tầng nên không nhận.", max=MAX_DEPTH)
    if "Resource limit" in said or "too long" in said or "XML_PARSE_HUGE" in said:
        return Unreadable("Tệp XML có phần quá lớn nên không nhận.")
    return Unreadable("Tệp XML hỏng ở dòng %(line)s.", line=error.lineno or 1)


def local(element: Element) -> str:
    """The name without its namespace; "" for what is no element."""
    tag = element.tag
    return tag.rsplit("}", 1)[-1] if isinstance(tag, str) else ""


def namespace(element: Element) -> str:
    tag = element.tag
    return tag[1:].split("}", 1)[0] if isinstance(tag, str) and tag.startswith("{") else ""


def children(element: Element | None, *names: str) -> list[Element]:
    """Child elements with these local names, or all; none of None."""
    if element is None:
        return []
    return [c for c in element if isinstance(c.tag, str) and (not names or local(c) in names)]


def child(element: Element | None, name: str) -> Element | None:
    for found in element if element is not None else ():
        if isinstance(found.tag, str) and local(found) == name:
            return found
    return None


def descendants(element: Element, *names: str) -> Iterator[Element]:
    """Elements below with these local names, in document order."""
    for found in element.iterdescendants():
        if isinstance(found.tag, str) and local(found) in names:
            yield found


def text_of(element: Element | None) -> str:
    """All characters below, entities by their HTML names."""
    if element is None:
        return ""
    parts = [element.text or ""]
    for below in element.iterdescendants():
        if below.tag is etree.Entity:
            parts.append(entity(below))
        elif isinstance(below.tag, str):
            parts.append(below.text or "")
        parts.append(below.tail or "")
    return "".join(parts)


def entity(node: Element) -> str:
    """What a named entity that the document does not declare means in HTML; nothing when it means nothing."""
    said = str(node.text or "")
    known = html.unescape(said)
    return known if known != said else ""


def source_of(element: Element) -> str:
    return etree.tostring(element, encoding="unicode", with_tail=False)
