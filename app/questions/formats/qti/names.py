"""QTI 3.0 writes `qti-simple-choice` where 2.x writes `simpleChoice`: one tree for both."""

from __future__ import annotations

import re

from app.questions.formats.xml import Element, local, namespace

V3 = "http://www.imsglobal.org/xsd/imsqtiasi_v3p0"
_V3_SPACE = re.compile(r"imsqti(asi|stim)?_v3p\d")
_OWN_HTML = ("data-", "aria-")


def is_v3(root: Element) -> bool:
    return local(root).startswith("qti-") or _V3_SPACE.search(namespace(root)) is not None


def camel(name: str) -> str:
    head, *rest = name.split("-")
    return head + "".join(part[:1].upper() + part[1:] for part in rest)


def kebab(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])([A-Z])", lambda m: "-" + m[1].lower(), name).lower()


def to_v2(root: Element) -> None:
    """Names of a 3.0 tree as 2.x writes them, in place; its HTML, MathML and data attributes stay."""
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        name, space = local(element), namespace(element)
        if not name.startswith("qti-"):
            continue
        element.tag = f"{{{space}}}{camel(name[4:])}" if space else camel(name[4:])
        for key in list(element.attrib):
            if "-" in key and "{" not in key and not str(key).startswith(_OWN_HTML):
                element.set(camel(str(key)), element.attrib.pop(key))
