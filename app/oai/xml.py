"""Small rules of XML and of URIs that every answer of the feed keeps."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import quote

_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_URI = re.compile(r"[A-Za-z][A-Za-z0-9+.\-]*:[A-Za-z0-9\-._~/?@!$&'()*+,;=:%]*")
_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
GRANULARITY = "YYYY-MM-DDThh:mm:ssZ"


def legal(text: str) -> str:
    """Without the characters that XML 1.0 forbids (production 2), lone surrogates included."""
    return _ILLEGAL.sub("", text)


def escaped(text: str) -> str:
    """For text and for attribute values in double quotes."""
    text = legal(text).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    return text.replace("\r", "&#13;").replace("\n", "&#10;").replace("\t", "&#9;")


def as_uri(text: str) -> str:
    """What a caller sent as an identifier, as a valid xs:anyURI to echo."""
    text = _BAD_PERCENT.sub("%25", legal(text))
    text = quote(text, safe="-._~/?@!$&'()*+,;=:%")
    return text if _URI.fullmatch(text) else text.replace(":", "%3A")


def utc(moment: datetime) -> str:
    """Whole seconds, UTC, four digits for the year."""
    if moment.tzinfo is not UTC:
        moment = moment.astimezone(UTC)
    return f"{moment.isoformat()[:19]}Z"
