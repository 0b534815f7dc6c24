"""The bank's Markdown with LaTeX as XHTML for other systems; formulas and pictures as each format wants them."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import escape

from markdown_it import MarkdownIt

# As in app.core.markup: code first, so that a dollar in code stays a dollar.
_PARTS = re.compile(
    r"(?P<code>^```.*?^```[^\S\n]*$|(?<!`)(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))"
    r"|(?P<escaped>\\[\\$])"
    r"|\$\$(?P<display>.+?)\$\$"
    r"|\\\[(?P<display2>.+?)\\\]"
    r"|\\\((?P<inline2>.+?)\\\)"
    r"|\$(?=[^\s$])(?P<inline>(?:\\.|[^$\\\n]|\n(?!\s*\n))+?)(?<!\s)\$(?!\d)",
    re.DOTALL | re.MULTILINE,
)
_OPEN, _CLOSE = "\ue000", "\ue001"
_PLACE = re.compile(f"{_OPEN}(\\d+){_CLOSE}")
_SCRIPT = re.compile(r"(?:([_^])|\\underline)\{\\text\{((?:[^{}\\]|\\[%$#&_{}])*)\}\}")
_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True, "xhtmlOut": True}).enable(
    ["table", "strikethrough"]
)

Formula = Callable[[str, bool], str]
"""(LaTeX, on a line of its own) -> XHTML."""
Image = Callable[[str, str], str]
"""(address, other text) -> XHTML."""


def tex(latex: str, display: bool) -> str:
    """A formula in the marks that MathJax looks for."""
    return escape(f"\\[{latex}\\]" if display else f"\\({latex}\\)", quote=False)


def to_html(text: str, formula: Formula = tex, image: Image | None = None) -> str:
    """XHTML of a text; a single paragraph without its tags."""
    if not text:
        return ""
    lifted, found = _lift(text)
    made = _markdown.render(lifted).strip()
    if made.startswith("<p>") and made.endswith("</p>") and made.count("<p>") == 1:
        made = made[3:-4]
    made = made.replace("<br />\n", "<br />")

    def put(match: re.Match[str]) -> str:
        n = int(match[1])
        if n >= len(found):
            return ""
        script = _SCRIPT.fullmatch(found[n][0])
        if script and not found[n][1]:
            tag = {"_": "sub", "^": "sup", None: "u"}[script[1]]
            words = re.sub(r"\\([%$#&_{}])", r"\1", script[2])
            return f"<{tag}>{escape(words, quote=False)}</{tag}>"
        return formula(*found[n])

    if image is not None:
        made = re.sub(
            r'<img src="([^"]*)" alt="([^"]*)"[^>]*/>', lambda m: image(_unquoted(m[1]), _unquoted(m[2])), made
        )
    return _PLACE.sub(put, made)


def _unquoted(text: str) -> str:
    return _PLACE.sub("", text.replace("&quot;", '"').replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&"))


BLOCK_NAMES = {"p", "ul", "ol", "table", "pre", "blockquote", "h2", "h3", "h4", "hr", "div"}


def legal(text: str) -> str:
    """The text without the signs that XML forbids."""
    return re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]", "", text)


def _lift(text: str) -> tuple[str, list[tuple[str, bool]]]:
    """Formulas out, numbered marks in their place that Markdown does not touch."""
    text = text.replace(_OPEN, "").replace(_CLOSE, "").replace("\r\n", "\n")
    found: list[tuple[str, bool]] = []

    def hold(match: re.Match[str]) -> str:
        if match["code"] or match["escaped"]:
            return match[0]
        display = match["display"] or match["display2"]
        latex = str(display or match["inline"] or match["inline2"]).strip()
        found.append((re.sub(r"\s*\n\s*", " ", latex), bool(display)))
        return f"{_OPEN}{len(found) - 1}{_CLOSE}"

    return _PARTS.sub(hold, text), found
