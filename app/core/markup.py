"""Markdown with LaTeX into safe HTML, and into plain text for the index.

Raw HTML in the source is shown as text. Formulas are drawn here, on the server, by KaTeX;
what KaTeX cannot read becomes MathML, and what that cannot read stays as its source.
"""

from __future__ import annotations

import html
import re
import threading
from functools import lru_cache
from pathlib import Path
from typing import Any

import nh3
import structlog
from markdown_it import MarkdownIt
from markupsafe import Markup

log = structlog.get_logger()
LONGEST_FORMULA = 2000
MOST_FORMULAS = 400
KATEX = Path(__file__).parent.parent / "static" / "vendor" / "katex" / "katex.min.js"

TAGS = {
    "p", "br", "em", "strong", "s", "code", "pre", "blockquote", "ul", "ol", "li", "a", "img", "hr",
    "h2", "h3", "h4", "table", "thead", "tbody", "tr", "th", "td", "sub", "sup",
}  # fmt: skip
ATTRIBUTES = {"a": {"href"}, "img": {"src", "alt"}, "ol": {"start"}}

# Code comes first, so that a dollar in code stays a dollar.
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
_HELD = re.compile(rf'(?P<tag><(?:[^">]|"[^"]*")*>)|{_OPEN}(?P<n>\d+){_CLOSE}')
_PLACE = re.compile(rf"{_OPEN}(\d+){_CLOSE}")

_markdown = MarkdownIt("commonmark", {"html": False, "linkify": False, "breaks": True}).enable(
    ["table", "strikethrough"]
)


class _Katex:
    """One JavaScript context for the process; V8 takes one caller at a time."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._context: Any = None
        self._dead = False

    def draw(self, source: str, display: bool) -> str | None:
        """The formula as HTML with MathML inside, or None when KaTeX cannot draw it."""
        options = {
            "displayMode": display, "throwOnError": True, "trust": False, "strict": "ignore",
            "maxExpand": 300, "maxSize": 20, "output": "htmlAndMathml",
        }  # fmt: skip
        with self._lock:
            if self._dead:
                return None
            try:
                if self._context is None:
                    self._context = self._open()
                drawn: str = self._context.call("draw", source, options, timeout_sec=2)
            except (ImportError, OSError) as error:
                log.warning("formulas are drawn as plain MathML", error=repr(error))
                self._dead = True
                return None
            except Exception as error:
                if type(error).__name__ in ("JSTimeoutException", "JSOOMException"):
                    self._context = None
                return None
        return drawn or None

    @staticmethod
    def _open() -> Any:
        from py_mini_racer import MiniRacer

        context = MiniRacer()
        context.eval(KATEX.read_text(encoding="utf-8"))
        context.eval(
            "function draw(source, options) {"
            " try { return katex.renderToString(source, options); } catch (error) { return ''; } }"
        )
        return context


_katex = _Katex()


@lru_cache(maxsize=4096)
def formula(source: str, display: bool = False) -> Markup:
    """One LaTeX formula as HTML. Never raises: at worst the source itself, escaped."""
    if len(source) <= LONGEST_FORMULA:
        drawn = _katex.draw(source, display) or _mathml(source, display)
        if drawn:
            return Markup(drawn)
    return Markup('<code class="kc-math-source">{}</code>').format(source)


def _mathml(source: str, display: bool) -> str | None:
    try:
        from latex2mathml.converter import convert

        drawn: str = convert(source, display="block" if display else "inline")
    except Exception:
        return None
    return nh3.clean(drawn, tags=_MATHML, attributes=_MATHML_ATTRIBUTES, link_rel=None) or None


_MATHML = {
    "math", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "msup", "msub", "msubsup", "mfrac", "msqrt",
    "mroot", "mover", "munder", "munderover", "mtable", "mtr", "mtd", "mstyle", "mpadded", "mphantom",
}  # fmt: skip
_MATHML_ATTRIBUTES = {
    "math": {"display", "xmlns"}, "mo": {"stretchy", "fence", "form"}, "mi": {"mathvariant"},
    "mstyle": {"displaystyle", "scriptlevel"}, "mtable": {"columnalign", "rowspacing"},
    "mspace": {"width"}, "mfrac": {"linethickness"},
}  # fmt: skip


def _lift(text: str) -> tuple[str, list[tuple[str, bool]]]:
    """Take the formulas out, leaving numbered marks that Markdown does not touch."""
    text = text.replace(_OPEN, "").replace(_CLOSE, "").replace("\r\n", "\n")
    found: list[tuple[str, bool]] = []

    def hold(match: re.Match[str]) -> str:
        if match["code"] or match["escaped"] or len(found) >= MOST_FORMULAS:
            return match[0]
        display = match["display"] or match["display2"]
        found.append(((display or match["inline"] or match["inline2"]).strip(), bool(display)))
        return f"{_OPEN}{len(found) - 1}{_CLOSE}"

    return _PARTS.sub(hold, text), found


def _source(found: list[tuple[str, bool]], n: str) -> str:
    return found[int(n)][0] if int(n) < len(found) else ""


@lru_cache(maxsize=1024)
def render(text: str) -> Markup:
    """Safe HTML of Markdown in which `$…$`, `$$…$$`, `\\(…\\)` and `\\[…\\]` hold LaTeX."""
    if not text:
        return Markup("")
    lifted, found = _lift(text)
    made = _markdown.render(lifted).replace("<h1>", "<h2>").replace("</h1>", "</h2>")
    clean = nh3.clean(
        made,
        tags=TAGS,
        attributes=ATTRIBUTES,
        url_schemes={"http", "https", "mailto"},
        link_rel="noopener nofollow",
    )

    def put(match: re.Match[str]) -> str:
        if match["tag"]:  # inside an attribute a formula stays text
            return _PLACE.sub(lambda held: html.escape(_source(found, held[1])), match["tag"])
        n = int(match["n"])
        return str(formula(*found[n])) if n < len(found) else ""

    return Markup(_HELD.sub(put, clean).strip())


def inline(text: str) -> Markup:
    """As `render`, without the paragraph around a single one: for choices and table cells."""
    made = str(render(text or ""))
    if made.startswith("<p>") and made.endswith("</p>") and made.count("<p>") == 1:
        made = made[3:-4]
    return Markup(made)


def plain(text: str) -> str:
    """The words of the same source, for the index: no marks, of formulas their letters and figures."""
    if not text:
        return ""
    lifted, found = _lift(text)
    words = html.unescape(nh3.clean(_markdown.render(lifted), tags=set()))
    words = _PLACE.sub(lambda held: " " + re.sub(r"\\[A-Za-z]+|[{}\\&^_]", " ", _source(found, held[1])) + " ", words)
    return re.sub(r"\s+", " ", words).strip()
