"""HTML that other systems put into questions, turned into the bank's Markdown. Nothing of it is kept as HTML.

The writer takes events, so that loose HTML (`to_markdown`) and XML trees (`tree_to_markdown`) go one way.
Signs that Markdown would take for marks are escaped; formulas are not touched.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from html import unescape
from typing import NamedTuple

from lxml import etree

from app.questions.formats import mathml
from app.questions.formats.xml import Element, entity, local

# A closed element or a lone break or picture: "<b>" by itself may be mathematics.
_TAG = re.compile(
    r"</(?:p|b|i|u|em|strong|span|div|sub|sup|ul|ol|li|a|table|font|code|pre|h[1-6])\s*>|<(?:br|img)\b[^<>]*>", re.I
)
_BLOCKS = {
    "p", "div", "ul", "ol", "table", "tr", "pre", "blockquote", "h1", "h2", "h3", "h4", "h5", "h6", "section",
    "article", "header", "footer", "figure", "figcaption", "dl", "dt", "dd", "fieldset", "address", "center",
    "rubricBlock", "feedbackBlock", "prompt", "qti-prompt", "qti-rubric-block",
}  # fmt: skip
_MARKS = {"b": "**", "strong": "**", "i": "*", "em": "*", "s": "~~", "strike": "~~", "del": "~~"}
_HEADINGS = {"h1": "##", "h2": "##", "h3": "###", "h4": "####", "h5": "####", "h6": "####"}
_MUTE = {"script", "style", "head", "title", "iframe", "object", "noscript", "template", "svg", "rp"}
_MEDIA = {"audio", "video", "embed", "object", "iframe", "svg", "applet", "canvas"}
_KNOWN = {
    "html", "body", "head", "title", "span", "font", "a", "br", "hr", "img", "td", "th", "tbody", "thead", "tfoot",
    "caption", "col", "colgroup", "label", "input", "button", "form", "big", "small", "tt", "kbd", "samp", "var", "q",
    "cite", "abbr", "acronym", "mark", "ins", "bdo", "bdi", "ruby", "rt", "rb", "wbr", "o:p", "picture", "source",
    "track", "param", "link", "meta", "main", "nav", "aside", "details", "summary", "math", "semantics", "annotation",
    "annotation-xml", "path", "g", "mprescripts", "none", "select", "option", "textarea", "li", "sub", "sup", "u", "code",
    "time", "data", "base",
    *_BLOCKS, *_MARKS, *_MUTE, *_MEDIA,
}  # fmt: skip
_ANGLE = re.compile(r"""<(?!!--)(/?([A-Za-z][A-Za-z0-9:-]*)((?:[\s/](?:[^<>"']|"[^"]*"|'[^']*')*)?)>)?""")
MAX_OPEN = 100
MAX_NESTED = 8
_NESTING = {"ul", "ol", "blockquote", "table"}

_OPENERS = re.compile(r"\\\(|\\\[|\$\$|\$(?=[^\s$])")
_CLOSERS = {"\\(": "\\)", "\\[": "\\]", "$$": "$$"}
_INLINE = re.compile(r"\$(?=[^\s$])(?:\\.|[^$\\\n])+?(?<!\s)\$(?!\d)")
_BREAK, _PARAGRAPH = "\x01", "\x02"

Picture = Callable[[str, str], str | None]
"""(address, other text) -> Markdown for it, or None where the picture cannot be carried over."""


class Converted(NamedTuple):
    text: str
    pictures_lost: int
    others_lost: frozenset[str]


def looks_like_html(text: str) -> bool:
    return _TAG.search(text) is not None


def to_markdown(html: str) -> tuple[str, int]:
    """Markdown and the number of pictures that could not be carried over."""
    found = converted(html)
    return found.text, found.pictures_lost


def converted(html: str, picture: Picture | None = None) -> Converted:
    """Markdown of loose HTML; what nests beyond all sense is taken as bare text."""
    writer = Writer(picture)
    if "<" not in html and "&" not in html:
        writer.data(html)
        return writer.done()
    source = _ANGLE.sub(_tag_or_sign, html.replace("\0", ""))
    parser = etree.HTMLParser(encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True, huge_tree=False)
    try:
        root = etree.fromstring(f"<body>{source}</body>".encode("utf-8", "replace"), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None or any("depth" in e.message or "limit" in e.message for e in parser.error_log):
        writer.data(unescape(re.sub(r"<[^<>]*>", " ", source)))
    else:
        feed(writer, root)
    return writer.done()


def text_to_markdown(text: str) -> str:
    """Plain text as Markdown that shows it, line by line."""
    writer = Writer()
    for n, line in enumerate(text.replace("\r\n", "\n").replace("\r", "\n").strip("\n").split("\n")):
        if n:
            writer.line_break()
        writer.data(line)
    return writer.done().text


def _tag_or_sign(found: re.Match[str]) -> str:
    """A "<" that begins no tag is a sign of a formula or of a comparison, as in "a<b and c>d"."""
    name, rest = (found[2] or "").lower(), (found[3] or "").strip(" /\n\t")
    known = name in _KNOWN or re.fullmatch(r"m[a-z]+", name)
    return found.group() if known and (not rest or "=" in rest) else "&lt;" + found.group()[1:]


def tree_to_markdown(
    element: Element, picture: Picture | None = None, special: Callable[[Element, Writer], bool] | None = None
) -> Converted:
    """Markdown of an XML element's content. `special` may write an element by itself and then says so."""
    writer = Writer(picture)
    feed(writer, element, special)
    return writer.done()


def feed(writer: Writer, element: Element, special: Callable[[Element, Writer], bool] | None = None) -> None:
    """The content of `element` into a writer; trees are as deep as `xml.MAX_DEPTH` at most."""
    if element.text:
        writer.data(element.text)
    for below in element:
        if below.tag is etree.Entity:
            writer.data(entity(below))
        elif isinstance(below.tag, str):
            name = local(below)
            if special is not None and special(below, writer):
                pass
            elif name == "math":
                writer.formula(mathml.to_latex(below), below.get("display") == "block")
            else:
                writer.start(name, {str(k).rsplit("}", 1)[-1]: str(v) for k, v in below.attrib.items()})
                if name not in _MUTE:
                    feed(writer, below, special)
                writer.end(name)
        if below.tail:
            writer.data(below.tail)


class _Frame:
    """An open element whose content is wrapped when it closes."""

    def __init__(self, tag: str, value: str = "") -> None:
        self.tag = tag
        self.value = value
        self.parts: list[str] = []
        self.rows: list[list[str]] = []
        self.count = 0


class Writer:
    """Takes starts, ends and characters of HTML; `done` gives Markdown."""

    def __init__(self, picture: Picture | None = None) -> None:
        self._picture = picture
        self._frames = [_Frame("")]
        self._mute = 0
        self._lost = 0
        self._others: set[str] = set()

    @property
    def _top(self) -> _Frame:
        return self._frames[-1]

    def raw(self, markdown: str) -> None:
        """Markdown as it is."""
        if not self._mute:
            self._top.parts.append(markdown)

    def paragraph(self) -> None:
        self.raw(_PARAGRAPH)

    def line_break(self) -> None:
        self.raw(_BREAK)

    def formula(self, latex: str, display: bool = False) -> None:
        latex = re.sub(r"\s*\n\s*", " ", latex.strip())
        if latex and not self._mute:
            self._top.parts.append(f"$${latex}$$" if display else _inline(latex))

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        if tag in _MEDIA and not self._mute:
            self._medium(tag, attrs)
        if tag in _MUTE:
            self._mute += 1
        if self._mute:
            return
        if tag == "br":
            self._top.parts.append(_BREAK)
        elif tag == "img":
            self._image(attrs.get("src", ""), attrs.get("alt", ""), attrs)
        elif tag == "hr":
            self._top.parts.append(f"{_PARAGRAPH}---{_PARAGRAPH}")
        elif tag in _MARKS or tag in ("sub", "sup", "u", "code", "a", "blockquote", "td", "th", "li"):
            self._open(tag, attrs.get("href", "") if tag == "a" else "")
        elif tag in ("ul", "ol"):
            self._open(tag, attrs.get("start", ""))
        elif tag in ("table", "tr", "pre") or tag in _HEADINGS:
            self._open(tag)
        elif tag in _BLOCKS:
            self._top.parts.append(_PARAGRAPH)

    def end(self, tag: str) -> None:
        if tag in _MUTE:
            self._mute = max(0, self._mute - 1)
            return
        if self._mute:
            return
        if any(f.tag == tag for f in self._frames[1:]):
            while self._frames[-1].tag != tag:
                self._close()
            self._close()
        elif tag in _BLOCKS:
            self._top.parts.append(_PARAGRAPH)

    def data(self, text: str) -> None:
        if self._mute or not text:
            return
        text = text.replace(_BREAK, "").replace(_PARAGRAPH, "")
        if self._within("pre", "code"):
            self._top.parts.append(text)
            return
        made = _escape(text, self._at_line_start(), self._before())
        if made:
            self._top.parts.append(made)

    def done(self) -> Converted:
        while len(self._frames) > 1:
            self._close()
        text = _laid_out("".join(self._frames[0].parts))
        text = re.sub(r"\$([_^])\{\\text\{([^{}$]*)\}\}\$(?=\d)", r"\\(\1{\\text{\2}}\\)", text)
        return Converted(text, self._lost, frozenset(self._others))

    # ------------------------------------------------------------ inside

    def _within(self, *tags: str) -> bool:
        return any(f.tag in tags for f in self._frames)

    def _at_line_start(self) -> bool:
        for part in reversed(self._top.parts):
            if part.strip(" \t\n"):
                return part[-1] in (_BREAK, _PARAGRAPH)
        return self._top.tag not in _MARKS and self._top.tag not in ("sub", "sup", "u", "a")

    def _before(self) -> str:
        """The sign that stands before what comes next; a blank where a line begins."""
        for frame in reversed(self._frames):
            for part in reversed(frame.parts):
                if part:
                    return part[-1]
        return " "

    def _open(self, tag: str, value: str = "") -> None:
        if tag in ("li", "td", "th", "tr"):
            self._close_to(tag)
        if tag in _MARKS and self._has_mark(_MARKS[tag]):
            return
        if tag in _NESTING and sum(f.tag in _NESTING for f in self._frames) >= MAX_NESTED:
            self._top.parts.append(_PARAGRAPH)
            return
        if len(self._frames) < MAX_OPEN:
            self._frames.append(_Frame(tag, value))

    def _has_mark(self, mark: str) -> bool:
        return any(_MARKS.get(f.tag) == mark for f in self._frames)

    def _close_to(self, tag: str) -> None:
        """An item, cell or row that was left open ends where the next begins."""
        holders = {"li": ("ul", "ol"), "td": ("tr",), "th": ("tr",), "tr": ("table",)}[tag]
        ends = ("td", "th") if tag in ("td", "th") else (tag,)
        for at in range(len(self._frames) - 1, 0, -1):
            if self._frames[at].tag in ends:
                while len(self._frames) > at:
                    self._close()
                return
            if self._frames[at].tag in holders or self._frames[at].tag in ("table", "ul", "ol"):
                return

    def _close(self) -> None:
        frame = self._frames.pop()
        made = "".join(frame.parts)
        into = self._top
        if frame.tag in _MARKS:
            into.parts.append(_marked(made, _MARKS[frame.tag]))
        elif frame.tag in ("sub", "sup", "u"):
            into.parts.append(_scripted(frame.tag, made))
        elif frame.tag == "code":
            into.parts.append(made if self._within("pre") else _code(made))
        elif frame.tag == "pre":
            fence = "```" if "```" not in made else "~~~~"
            body = made.strip("\n").replace("\n", _BREAK)
            into.parts.append(f"{_PARAGRAPH}{fence}{_BREAK}{body}{_BREAK}{fence}{_PARAGRAPH}" if body.strip() else "")
        elif frame.tag == "a":
            link = re.fullmatch(r"(?:https?|mailto):[^\s()<>]+", frame.value.strip())
            text = made.strip(" \n\t" + _BREAK + _PARAGRAPH)
            if link and text and "![" not in text and _PARAGRAPH not in text:
                into.parts.append(f"[{text}]({frame.value.strip()})")
            else:
                into.parts.append(made)
        elif frame.tag == "blockquote":
            body = _laid_out(made)
            quoted = _BREAK.join(f"> {line}".rstrip() for line in body.split("\n"))
            into.parts.append(f"{_PARAGRAPH}{quoted}{_PARAGRAPH}" if body else "")
        elif frame.tag in _HEADINGS:
            body = _laid_out(made).replace("\n", " ")
            into.parts.append(f"{_PARAGRAPH}{_HEADINGS[frame.tag]} {body}{_PARAGRAPH}" if body else "")
        elif frame.tag in ("ul", "ol"):
            around = _BREAK if into.tag == "li" else _PARAGRAPH
            into.parts.append(around + made.strip(" " + _BREAK + _PARAGRAPH) + around)
        elif frame.tag == "li":
            self._item(frame, made)
        elif frame.tag in ("td", "th"):
            cell = re.sub(r"\s*\n\s*", " ", _laid_out(made)).replace("|", "\\|")
            (into if into.tag == "tr" else frame).rows.append([cell])
            if into.tag != "tr":
                into.parts.append(f" {cell} ")
        elif frame.tag == "tr":
            cells = [row[0] for row in frame.rows]
            if into.tag == "table":
                into.rows.append(cells)
            else:
                into.parts.append(f"{_PARAGRAPH}{' '.join(cells)}{_PARAGRAPH}")
        elif frame.tag == "table":
            into.parts.append(self._table(frame, made))

    def _item(self, frame: _Frame, made: str) -> None:
        holder = next((f for f in reversed(self._frames) if f.tag in ("ul", "ol")), None)
        sign = "- "
        if holder is not None and holder.tag == "ol":
            first = int(holder.value) if holder.value.isdigit() and len(holder.value) < 9 else 1
            sign = f"{first + holder.count}. "
            holder.count += 1
        body = _laid_out(made).split("\n")
        lines = [sign + body[0], *(" " * len(sign) + line if line else "" for line in body[1:])]
        self._top.parts.append(_BREAK + _BREAK.join(lines))

    def _table(self, frame: _Frame, loose: str) -> str:
        rows = [r for r in frame.rows if any(c.strip() for c in r)]
        width = max((len(r) for r in rows), default=0)
        before = _laid_out(loose).replace("\n", _BREAK)
        if self._within("td", "th") or width < 2 or not rows:
            body = _PARAGRAPH.join(" ".join(c for c in r if c.strip()) for r in rows).replace("\\|", "|")
            return _PARAGRAPH + before + _PARAGRAPH + body + _PARAGRAPH
        full = [r + [""] * (width - len(r)) for r in rows]
        lines = ["| " + " | ".join(r) + " |" for r in full]
        lines.insert(1, "|" + " --- |" * width)
        return _PARAGRAPH + before + _PARAGRAPH + _BREAK.join(lines) + _PARAGRAPH

    def _image(self, src: str, alt: str, attrs: dict[str, str]) -> None:
        equation = attrs.get("data-equation-content", "")
        if equation.strip():
            self.formula(equation)
            return
        made = self._picture(src, alt) if self._picture is not None and len(src) < 30_000_000 else None
        if made is None:
            self._lost += 1
        else:
            self._top.parts.append(made)

    def _medium(self, tag: str, attrs: dict[str, str]) -> None:
        """An object may be a picture, as in QTI; other media are told."""
        address = attrs.get("data", "") or attrs.get("src", "")
        kind = attrs.get("type", "")
        if tag in ("object", "embed") and (kind.startswith("image/") or _is_picture(address)):
            self._image(address, attrs.get("alt", "") or attrs.get("aria-label", ""), {})
        elif tag == "svg":
            self._lost += 1
        else:
            self._others.add(tag)


def _is_picture(address: str) -> bool:
    return re.search(r"\.(png|jpe?g|gif|svg|webp|bmp)$", address.split("?")[0], re.IGNORECASE) is not None


def _inline(latex: str) -> str:
    """`$…$`, or `\\(…\\)` where a dollar inside would end it early."""
    return f"\\({latex}\\)" if "$" in re.sub(r"\\.", "", latex) else f"${latex}$"


def _marked(made: str, mark: str) -> str:
    """Marks around each run of text; blanks and breaks stay outside of them."""
    runs = re.split(f"([{_BREAK}{_PARAGRAPH}]+)", made)
    out = []
    for run in runs:
        inner = run.strip()
        if not inner or run[0] in (_BREAK, _PARAGRAPH):
            out.append(run)
            continue
        head, tail = run[: len(run) - len(run.lstrip())], run[len(run.rstrip()) :]
        out.append(f"{head}{mark}{inner}{mark}{tail}")
    return "".join(out)


def _scripted(tag: str, made: str) -> str:
    """Sub, sup and underline exist in the bank as formulas."""
    if not made.strip() or any(s in made for s in (_BREAK, _PARAGRAPH, "![")):
        return made
    text = re.sub(r"\*+|~~", "", made)
    lead, tail = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    text = text.strip()
    command = {"sub": "_", "sup": "^", "u": "\\underline"}[tag]
    if "$" in text:
        bits = re.split(r"(\$[^$]+\$)", text)
        inner = "".join(b[1:-1] if b[:1] == "$" and len(b) > 2 else f"\\text{{{b}}}" for b in bits if b)
    else:
        plain = re.sub(r"\\([^\w\s])", r"\1", text)
        plain = re.sub(r"([%#&_{}$])", r"\\\1", plain.replace("\\", ""))
        inner = f"\\text{{{plain}}}"
    return f"{lead}${command}{{{inner}}}${tail}"


def _code(made: str) -> str:
    text = re.sub(r"\s+", " ", made)
    if not text.strip():
        return text
    ticks = "`" * (max((len(r) for r in re.findall(r"`+", text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{ticks}{pad}{text}{pad}{ticks}"


def _laid_out(text: str) -> str:
    """Breaks and paragraphs into line ends, with no blanks around them."""
    text = re.sub(rf"(?<![ \t])[ \t]+(?=[{_BREAK}{_PARAGRAPH}])", "", text)
    text = re.sub(rf"({_PARAGRAPH})[ \t]+", r"\1", text)
    text = re.sub(rf"[{_BREAK}]*{_PARAGRAPH}[{_BREAK}{_PARAGRAPH}]*", "\n\n", text)
    text = re.sub(rf"{_BREAK}{{2,}}", "\n\n", text)
    return text.replace(_BREAK, "\n").strip(" \t\n")


def _escape(text: str, at_start: bool, before: str) -> str:
    """Characters of HTML as Markdown that shows them; formulas stay, in the bank's own marks."""
    text = re.sub(r"[ \t\r\n]+", " ", text)
    if at_start:
        text = text.lstrip(" ")
    out: list[str] = []
    at = 0
    for start, end, made in _formulas(text):
        out.append(_escape_words(text[at:start], at_start and at == 0, before if at == 0 else "$"))
        out.append(made)
        at = end
    out.append(_escape_words(text[at:], at_start and at == 0, before if at == 0 else "$"))
    return "".join(out)


def _formulas(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, the same in the bank's marks) of each formula; an opener that nothing closes is none."""
    at = 0
    hopeless: set[str] = set()
    while found := _OPENERS.search(text, at):
        start, opener = found.start(), found.group()
        at = found.end()
        if opener == "$":
            if inline := _INLINE.match(text, start):
                at = inline.end()
                yield start, at, inline.group()
            continue
        if opener in hopeless:
            continue
        end = text.find(_CLOSERS[opener], at)
        if end < 0:
            hopeless.add(opener)
            continue
        inner = text[at:end].strip()
        at = end + 2
        if opener == "\\(":
            yield start, at, _inline(inner) if inner else ""
        elif inner:
            yield start, at, f"$${inner}$$"


_START = re.compile(r"(#{1,6}(?=\s|$)|>|[-+](?=\s|$)|=+(?=\s*$)|~~~)|(\d{1,9})([.)](?=\s|$))")
_SIGN = re.compile(
    r"\\(?=[!-/:-@\[-`{-~])|\*+|_+|`|~~|<(?=[A-Za-z][A-Za-z0-9+.-]{1,31}:|[^\s<>@]{1,60}@)|&(?=#?\w{1,40};)|\](?=\()",
    re.ASCII,
)


def _escape_words(text: str, at_start: bool, before: str) -> str:
    if not text:
        return ""
    found = _START.match(text) if at_start else None
    head = ""
    if found:
        head = "\\" + found[1] if found[1] else f"{found[2]}\\{found[3]}"
        text, before = text[found.end() :], "x"

    def one(match: re.Match[str]) -> str:
        sign = match.group()
        last = text[match.start() - 1] if match.start() else before
        after = text[match.end()] if match.end() < len(text) else " "
        if sign[0] == "_":
            # Only a run that could close emphasis matters, and one within a word is none.
            inert = last.isspace() or last in (_BREAK, _PARAGRAPH) or (last.isalnum() and after.isalnum())
            return sign if inert else "\\_" * len(sign)
        if sign[0] == "*":
            inert = (last.isspace() and after.isspace()) and match.start() > 0
            return sign if inert else "\\*" * len(sign)
        return "\\~\\~" if sign == "~~" else "\\" + sign

    return head + _SIGN.sub(one, text)
