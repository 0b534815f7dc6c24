"""HTML that other systems put into questions, turned into the bank's Markdown. Nothing of it is kept as HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser

# A closed element or a lone break or picture: "<b>" by itself may be mathematics.
_TAG = re.compile(
    r"</(?:p|b|i|u|em|strong|span|div|sub|sup|ul|ol|li|a|table|font|code|pre|h[1-6])\s*>|<(?:br|img)\b[^<>]*>", re.I
)
_BLOCKS = {
    "p",
    "div",
    "ul",
    "ol",
    "table",
    "tr",
    "pre",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "blockquote",
}
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*"}
_MUTE = {"script", "style", "head", "title", "iframe", "object", "noscript"}


def looks_like_html(text: str) -> bool:
    return _TAG.search(text) is not None


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self.images = 0
        self.others: set[str] = set()
        self._mute = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _MUTE:
            self._mute += 1
        elif tag == "br":
            self.parts.append("\n")
        elif tag == "li":
            self.parts.append("\n- ")
        elif tag in _BLOCKS:
            self.parts.append("\n\n")
        elif tag in _MARKS:
            self.parts.append(_MARKS[tag])
        elif tag in ("sub", "sup"):
            self.parts.append("$_{\\text{" if tag == "sub" else "$^{\\text{")
        elif tag in ("td", "th"):
            self.parts.append(" ")
        elif tag == "img":
            self.images += 1
        elif tag in ("audio", "video", "embed"):
            self.others.add(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _MUTE:
            self._mute = max(0, self._mute - 1)
        elif tag in _BLOCKS:
            self.parts.append("\n\n")
        elif tag in _MARKS:
            self.parts.append(_MARKS[tag])
        elif tag in ("sub", "sup"):
            self.parts.append("}}$")

    def handle_data(self, data: str) -> None:
        if not self._mute:
            self.parts.append(data)


def to_markdown(html: str) -> tuple[str, int]:
    """Markdown and the number of pictures that could not be carried over."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    text = "".join(reader.parts)
    text = re.sub(r"\*{4,}", "", text)
    text = re.sub(r"[ \t]+", " ", text)
    text = re.sub(r" ?\n ?", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip(), reader.images
