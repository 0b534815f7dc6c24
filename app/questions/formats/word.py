"""A Word document as lines of text with their looks: containers, lists, tracked changes, pictures, equations.

Only parts of the package that hold text are parsed; nothing outside of it is fetched. What a line cannot hold
is told in `Document.lost` with its paragraph.
"""

from __future__ import annotations

import posixpath
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from app.questions.formats import dollars, mtef, omml, package, signs
from app.questions.formats import xml as safe
from app.questions.formats.html import Writer
from app.questions.formats.model import Picture, Unreadable, tidy
from app.questions.formats.xml import Element, child, children, local

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
STRICT_W = "{http://purl.oclc.org/ooxml/wordprocessingml/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
MAX_PARAGRAPHS = 60_000
OBJECT = "\ufffc"
SOFT, HARD = "\n", "\x1e"
_RASTER = {b"\x89PNG": "png", b"\xff\xd8\xff": "jpg", b"GIF8": "gif", b"BM": "bmp", b"RIFF": "webp"}


@dataclass(frozen=True)
class Look:
    """How a letter looks: colour and mark are "" for the ordinary ones."""

    bold: bool = False
    italic: bool = False
    underline: bool = False
    struck: bool = False
    colour: str = ""
    mark: str = ""
    script: str = ""


PLAIN = Look()


@dataclass(frozen=True)
class Thing:
    """What is no letter: `kind` formula, picture, table or gap (something that could not be read)."""

    kind: str
    markdown: str
    words: str = ""
    rows: tuple[tuple[str, ...], ...] = ()


@dataclass
class Notes:
    """What writing a text down had to do with it."""

    formulas: int = 0


_DISPLAYED = re.compile(r"\$\$.+?\$\$", re.DOTALL)


class Rich:
    """Text in which every letter knows its look; things stand in it as `OBJECT`, paragraphs end with `HARD`."""

    __slots__ = ("looks", "text", "things")

    def __init__(self, text: str = "", looks: list[Look] | None = None, things: dict[int, Thing] | None = None) -> None:
        self.text = text
        self.looks = [PLAIN] * len(text) if looks is None else looks
        self.things = things or {}

    def __len__(self) -> int:
        return len(self.text)

    def __bool__(self) -> bool:
        return bool(self.text.strip(" \t\n\x1e\u00a0"))

    def __getitem__(self, part: slice) -> Rich:
        start, stop, _step = part.indices(len(self.text))
        if stop - start < len(self.things):
            kept = {at - start: self.things[at] for at in range(start, stop) if at in self.things}
        else:
            kept = {at - start: held for at, held in self.things.items() if start <= at < stop}
        return Rich(self.text[start:stop], self.looks[start:stop], kept)

    def __add__(self, other: Rich) -> Rich:
        size = len(self.text)
        things = {**self.things, **{at + size: thing for at, thing in other.things.items()}}
        return Rich(self.text + other.text, self.looks + other.looks, things)

    def strip(self) -> Rich:
        blanks = " \t\n\x1e\u00a0"
        start = len(self.text) - len(self.text.lstrip(blanks))
        return self[start : max(start, len(self.text.rstrip(blanks)))]

    def runs(self) -> Iterator[tuple[str, Look, Thing | None]]:
        """Stretches of one look; each thing by itself."""
        at = 0
        while at < len(self.text):
            if at in self.things:
                yield OBJECT, self.looks[at], self.things[at]
                at += 1
                continue
            end = at + 1
            while end < len(self.text) and end not in self.things and self.looks[end] == self.looks[at]:
                end += 1
            yield self.text[at:end], self.looks[at], None
            at = end

    def words(self) -> str:
        """The text to be read by people: what a thing says in its place."""
        parts = [t.words or t.markdown if t is not None else said for said, _look, t in self.runs()]
        return "".join(parts).replace(HARD, "\n").replace("\u00a0", " ")

    def markdown(self, plain: bool = False, notes: Notes | None = None) -> str:
        """Markdown of the text. With `plain` neither bold nor italic nor underline is kept where all of it is so.

        LaTeX that was typed without dollars gets them, which `notes` counts.
        """
        letters = [look for c, look in zip(self.text, self.looks, strict=True) if c.isalnum()]
        bold = plain and all(look.bold for look in letters)
        italic = plain and all(look.italic for look in letters)
        underline = plain and all(look.underline for look in letters)
        writer = Writer()
        for said, look, thing in self.runs():
            if thing is not None:
                _put(writer, thing)
                continue
            tags = [
                tag
                for tag, wanted in (
                    ("b", look.bold and not bold),
                    ("i", look.italic and not italic),
                    ("s", look.struck),
                    ("u", look.underline and not underline),
                    (look.script, bool(look.script)),
                )
                if wanted and said.strip()
            ]
            said, count = dollars.added(_DISPLAYED.sub(lambda m: re.sub(r"[\n\x1e]", " ", m.group()), said))
            if notes is not None:
                notes.formulas += count
            for n, piece in enumerate(re.split("([\n\x1e])", said)):
                if n % 2:
                    writer.start("br", {}) if piece == SOFT else writer.paragraph()
                    continue
                for tag in tags:
                    writer.start(tag, {})
                writer.data(re.sub("\t+", "\u2003", piece) if piece.strip() else re.sub("\t+", " ", piece))
                for tag in reversed(tags):
                    writer.end(tag)
        return tidy(writer.done().text)


def _put(writer: Writer, thing: Thing) -> None:
    if thing.kind == "formula":
        writer.formula(thing.markdown)
    elif thing.kind == "table":
        writer.start("table", {})
        for row in thing.rows:
            writer.start("tr", {})
            for cell in row:
                writer.start("td", {})
                writer.raw(cell)
                writer.end("td")
            writer.end("tr")
        writer.end("table")
    else:
        writer.raw(thing.markdown)


def thing(what: Thing) -> Rich:
    return Rich(OBJECT, None, {0: what})


@dataclass(frozen=True)
class Line:
    """One visible line of a paragraph. `label` is the length of a list label that Word wrote before the text."""

    rich: Rich
    paragraph: int
    begins: bool = True
    label: int = 0
    bullet: bool = False
    cell: tuple[int, int, int] | None = None

    @property
    def text(self) -> str:
        return self.rich.text


@dataclass(frozen=True)
class Table:
    """Rows of cells; a cell holds lines and tables."""

    number: int
    rows: tuple[tuple[tuple[Block, ...], ...], ...]
    paragraph: int

    def lines(self) -> Iterator[Line]:
        for r, row in enumerate(self.rows):
            for c, cell in enumerate(row):
                for block in cell:
                    if isinstance(block, Line):
                        yield replace(block, cell=(self.number, r, c))
                    else:
                        yield from block.lines()


Block = Line | Table


@dataclass(frozen=True)
class Loss:
    """Something in a paragraph that could not be read: a Vietnamese sentence about it with its values."""

    paragraph: int
    text: str
    values: tuple[tuple[str, object], ...] = ()


@dataclass
class Document:
    blocks: list[Block]
    pictures: dict[str, Picture]
    lost: list[Loss] = field(default_factory=list)


def read(data: bytes) -> Document:
    """Raises Unreadable for what is no Word document, or is not safe to read."""
    return _Reader(package.opened(data)).document()


# ---------------------------------------------------------------- looks


@dataclass
class _Style:
    parent: str
    look: dict[str, object]
    number: tuple[str, int] | None = None


def _on(element: Element | None) -> bool | None:
    if element is None:
        return None
    return (_val(element) or "true").lower() not in ("0", "false", "off", "none")


def _val(element: Element | None) -> str | None:
    if element is None:
        return None
    found = element.get(f"{W}val")
    return found if found is not None else element.get(f"{STRICT_W}val")


def _attribute(element: Element, name: str) -> str:
    return element.get(f"{W}{name}") or element.get(f"{STRICT_W}{name}") or ""


def _look_of(properties: Element | None) -> dict[str, object]:
    """What the properties of a run say about its look, and nothing of what they leave open."""
    found: dict[str, object] = {}
    if properties is None:
        return found
    for said in properties:
        if not isinstance(said.tag, str):
            continue
        name = local(said)
        if name in ("b", "i", "strike"):
            found[{"b": "bold", "i": "italic", "strike": "struck"}[name]] = bool(_on(said))
        elif name == "dstrike" and _on(said):
            found["struck"] = True
        elif name == "u":
            found["underline"] = (_val(said) or "single").lower() not in ("none", "0")
        elif name == "color":
            value = (_val(said) or "").upper()
            found["colour"] = "" if value in ("AUTO", "000000", "") else value
        elif name == "highlight":
            value = (_val(said) or "").lower()
            found["mark"] = "" if value in ("none", "white") else value
        elif name == "shd":
            fill = _attribute(said, "fill").upper()
            if fill not in ("", "AUTO", "FFFFFF"):
                found["mark"] = fill
        elif name == "vertAlign":
            value = _val(said) or ""
            found["script"] = {"superscript": "sup", "subscript": "sub"}.get(value, "")
        elif name in ("vanish", "webHidden"):
            found["hidden"] = bool(_on(said))
        elif name == "position":
            value = _val(said) or "0"
            if re.fullmatch(r"-?\d{1,3}", value) and abs(int(value)) >= 5 and "script" not in found:
                found["script"] = "sup" if int(value) > 0 else "sub"
    return found


# ---------------------------------------------------------------- list numbers


@dataclass
class _Level:
    start: int
    format: str
    text: str
    look: dict[str, object]


class _Lists:
    """Numbers that Word writes before paragraphs (numbering.xml)."""

    def __init__(self, root: Element | None) -> None:
        self._levels: dict[str, dict[int, _Level]] = {}
        self._abstract: dict[str, str] = {}
        self._overrides: dict[str, dict[int, _Level | int]] = {}
        self._counts: dict[str, dict[int, int]] = {}
        self._begun: set[tuple[str, int]] = set()
        if root is None:
            return
        for found in children(root, "abstractNum"):
            levels = {}
            for level in children(found, "lvl"):
                number = _attribute(level, "ilvl")
                if number.isdigit():
                    levels[int(number)] = self._level(level)
            self._levels[_attribute(found, "abstractNumId")] = levels
        for found in children(root, "num"):
            number = _attribute(found, "numId")
            self._abstract[number] = _val(child(found, "abstractNumId")) or ""
            for said in children(found, "lvlOverride"):
                at = _attribute(said, "ilvl")
                if not at.isdigit():
                    continue
                own, start = child(said, "lvl"), _val(child(said, "startOverride"))
                if own is not None:
                    self._overrides.setdefault(number, {})[int(at)] = self._level(own)
                elif start is not None and start.isdigit():
                    self._overrides.setdefault(number, {})[int(at)] = int(start)

    @staticmethod
    def _level(level: Element) -> _Level:
        start = _val(child(level, "start")) or "1"
        return _Level(
            int(start) if re.fullmatch(r"\d{1,6}", start) else 1,
            _val(child(level, "numFmt")) or "decimal",
            (_val(child(level, "lvlText")) or "")[:60],
            _look_of(child(level, "rPr")),
        )

    def next(self, number: str, at: int) -> tuple[str, dict[str, object], bool] | None:
        """The label of the next paragraph of this list: text, look, and whether it is a mere bullet."""
        abstract = self._abstract.get(number)
        if abstract is None:
            return None
        levels = dict(self._levels.get(abstract, {}))
        for n, own in self._overrides.get(number, {}).items():
            if isinstance(own, _Level):
                levels[n] = own
        level = levels.get(at)
        if level is None:
            return None
        counts = self._counts.setdefault(abstract, {})
        override = self._overrides.get(number, {}).get(at)
        if override is not None and (number, at) not in self._begun:
            counts[at] = override if isinstance(override, int) else level.start
        else:
            counts[at] = counts[at] + 1 if at in counts else level.start
        self._begun.add((number, at))
        for deeper in [n for n in counts if n > at]:
            del counts[deeper]
        if level.format == "bullet":
            return "–", level.look, True
        if level.format == "none":
            return None

        def one(match: re.Match[str]) -> str:
            n = int(match[1]) - 1
            held = levels.get(n)
            return _numeral(counts.get(n, held.start if held else 1), held.format if held else "decimal")

        text = re.sub(r"%([1-9])", one, level.text)
        return (text, level.look, False) if text.strip() else None


def _numeral(value: int, form: str) -> str:
    if form in ("upperLetter", "lowerLetter"):
        letter = chr(ord("A") + (value - 1) % 26) * (1 + (value - 1) // 26 % 10) if value > 0 else "0"
        return letter if form == "upperLetter" else letter.lower()
    if form in ("upperRoman", "lowerRoman") and 0 < value < 4000:
        made = ""
        for worth, sign in zip(
            (1000, 900, 500, 400, 100, 90, 50, 40, 10, 9, 5, 4, 1),
            ("M", "CM", "D", "CD", "C", "XC", "L", "XL", "X", "IX", "V", "IV", "I"),
            strict=True,
        ):
            made, value = made + sign * (value // worth), value % worth
        return made if form == "upperRoman" else made.lower()
    return f"{value:02d}" if form == "decimalZero" else str(value)


# ---------------------------------------------------------------- the reader


class _Reader:
    def __init__(self, packed: package.Package) -> None:
        self._package = packed
        names = packed.names
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise Unreadable("Tệp có chứa macro. Thầy cô lưu lại dạng .docx không có macro.")
        self._main = self._main_part()
        self._folder = posixpath.dirname(self._main)
        self._targets = self._relationships()
        self._styles: dict[str, _Style] = {}
        self._base: dict[str, object] = {}
        self._paragraph_style = ""
        self._read_styles()
        self._lists = _Lists(self._part("numbering.xml"))
        self._looks: dict[tuple[tuple[str, object], ...], Look] = {}
        self._style_looks: dict[str, dict[str, object]] = {}
        self._count = 0
        self._tables = 0
        self._boxes: list[Element] = []
        self._open_fields: list[str] = []
        self._alone = False
        self.pictures: dict[str, Picture] = {}
        self.lost: list[Loss] = []

    def document(self) -> Document:
        root = self._parsed(self._main)
        body = child(root, "body")
        if local(root) != "document" or body is None:
            raise Unreadable("Tệp không phải là văn bản Word.")
        blocks = list(self._blocks(body))
        return Document(blocks, self.pictures, self.lost)

    # ------------------------------------------------------------ parts

    def _main_part(self) -> str:
        names = self._package.names
        if "_rels/.rels" in names:
            root = self._parsed("_rels/.rels")
            for found in children(root, "Relationship"):
                if (found.get("Type") or "").endswith("/officeDocument"):
                    target = self._package.find((found.get("Target") or "").lstrip("/"))
                    if target and target.endswith(".xml"):
                        return target
        if "word/document.xml" in names:
            return "word/document.xml"
        raise Unreadable("Tệp không phải là văn bản Word.")

    def _parsed(self, name: str) -> Element:
        root, _messages = safe.parse(self._package.read(name))
        return root

    def _part(self, name: str) -> Element | None:
        found = self._package.find(name, self._main)
        return self._parsed(found) if found else None

    def _relationships(self) -> dict[str, str]:
        """Targets inside the package by relationship id; what lies outside is left out."""
        root = self._part(f"_rels/{posixpath.basename(self._main)}.rels")
        found: dict[str, str] = {}
        for one in children(root, "Relationship") if root is not None else []:
            if (one.get("TargetMode") or "") == "External":
                continue
            target = self._package.find(one.get("Target") or "", self._main)
            if target:
                found[one.get("Id") or ""] = target
        return found

    def _read_styles(self) -> None:
        root = self._part("styles.xml")
        if root is None:
            return
        defaults = child(root, "docDefaults")
        held = child(defaults, "rPrDefault") if defaults is not None else None
        self._base = _look_of(child(held, "rPr")) if held is not None else {}
        for style in children(root, "style"):
            name = _attribute(style, "styleId")
            numbers = None
            said = child(style, "pPr")
            if said is not None and (list_ := child(said, "numPr")) is not None:
                number, level = _val(child(list_, "numId")), _val(child(list_, "ilvl")) or "0"
                if number and level.isdigit():
                    numbers = (number, int(level))
            self._styles[name] = _Style(_val(child(style, "basedOn")) or "", _look_of(child(style, "rPr")), numbers)
            if _attribute(style, "type") == "paragraph" and _attribute(style, "default") in ("1", "true"):
                self._paragraph_style = name

    def _style_look(self, name: str) -> dict[str, object]:
        if name not in self._style_looks:
            chain: list[_Style] = []
            at = name
            while at in self._styles and len(chain) < 20:
                chain.append(self._styles[at])
                at = self._styles[at].parent
            made: dict[str, object] = {}
            for style in reversed(chain):
                made |= style.look
            self._style_looks[name] = made
        return self._style_looks[name]

    def _style_number(self, name: str) -> tuple[str, int] | None:
        for _n in range(20):
            style = self._styles.get(name)
            if style is None:
                return None
            if style.number is not None:
                return style.number
            name = style.parent
        return None

    def _look(self, said: dict[str, object]) -> Look:
        key = tuple(sorted(said.items(), key=lambda pair: pair[0]))
        if key not in self._looks:
            self._looks[key] = Look(**{k: v for k, v in said.items() if k != "hidden"})  # type: ignore[arg-type]
        return self._looks[key]

    def _lose(self, text: str, **values: object) -> None:
        self.lost.append(Loss(self._count, text, tuple(values.items())))

    # ------------------------------------------------------------ blocks

    def _blocks(self, holder: Element) -> Iterator[Block]:
        for found in holder:
            if not isinstance(found.tag, str):
                continue
            name = local(found)
            if name == "p":
                yield from self._paragraph(found)
            elif name == "tbl":
                yield self._table(found)
            elif name in ("sdt", "sdtContent", "customXml", "ins", "moveTo", "smartTag"):
                yield from self._blocks(found)
            elif name == "AlternateContent":
                chosen = child(found, "Choice")
                yield from self._blocks(chosen if chosen is not None else found)
            elif name == "altChunk":
                self._lose("Có đoạn được nhúng từ tệp khác nên không đọc được.")

    def _table(self, element: Element) -> Table:
        self._tables += 1
        number, begins = self._tables, self._count + 1
        rows = []
        for row in self._rows(element):
            properties = child(row, "trPr")
            if properties is not None and child(properties, "del") is not None:
                continue
            rows.append(tuple(tuple(self._blocks(cell)) for cell in self._cells(row)))
        return Table(number, tuple(rows), begins)

    def _rows(self, element: Element) -> Iterator[Element]:
        for found in children(element):
            if local(found) == "tr":
                yield found
            elif local(found) in ("sdt", "sdtContent", "customXml", "ins"):
                yield from self._rows(found)

    def _cells(self, row: Element) -> Iterator[Element]:
        for found in children(row):
            if local(found) == "tc":
                yield found
            elif local(found) in ("sdt", "sdtContent", "customXml"):
                yield from self._cells(found)

    def _paragraph(self, element: Element) -> Iterator[Line]:
        self._count += 1
        if self._count > MAX_PARAGRAPHS:
            raise Unreadable("Tệp dài quá %(max)s đoạn văn.", max=MAX_PARAGRAPHS)
        number = self._count
        properties = child(element, "pPr")
        style = (_val(child(properties, "pStyle")) if properties is not None else None) or self._paragraph_style
        base = {**self._base, **self._style_look(style)}
        label = self._label(properties, style, base)
        boxes, self._boxes = self._boxes, []
        words = [c for c in element if isinstance(c.tag, str) and local(c) not in ("pPr", "proofErr")]
        self._alone = len([c for c in words if local(c) in ("oMathPara", "oMath")]) == len(words) == 1
        rich = Rich("")
        parts = list(self._inline(element, base))
        if parts:
            rich = _joined(parts)
        start = 0
        at = [m.start() for m in re.finditer(SOFT, rich.text)] + [len(rich)]
        for n, end in enumerate(at):
            piece = rich[start:end]
            start = end + 1
            if n == 0 and label is not None:
                text, look, bullet = label
                head = Rich(text + "\t", [look] * (len(text) + 1))
                yield Line(head + piece, number, True, len(text) + 1, bullet)
            else:
                yield Line(piece, number, n == 0)
        held, self._boxes = self._boxes, boxes
        for box in held:  # text boxes stand after the paragraph that anchors them
            for block in self._blocks(box):
                yield from block.lines() if isinstance(block, Table) else [block]

    def _label(self, properties: Element | None, style: str, base: dict[str, object]) -> tuple[str, Look, bool] | None:
        said = child(properties, "numPr") if properties is not None else None
        if said is not None:
            number = _val(child(said, "numId"))
            level = _val(child(said, "ilvl")) or "0"
            if number is None:
                inherited = self._style_number(style)
                number = inherited[0] if inherited else None
            wanted = (number, int(level)) if number and level.isdigit() else None
        else:
            wanted = self._style_number(style)
        if wanted is None or wanted[0] in (None, "0"):
            return None
        made = self._lists.next(wanted[0], wanted[1])
        if made is None:
            return None
        text, look, bullet = made
        own = _look_of(child(properties, "rPr")) if properties is not None else {}
        if bullet:
            return text, PLAIN, True
        return text, self._look({**base, **own, **look}), False

    # ------------------------------------------------------------ inside a paragraph

    def _inline(self, holder: Element, base: dict[str, object]) -> Iterator[Rich]:
        for found in holder:
            if not isinstance(found.tag, str):
                continue
            name = local(found)
            if name == "r":
                yield from self._run(found, base)
            elif name in _OPENED:
                yield from self._inline(found, base)
            elif name in ("oMath", "oMathPara"):
                yield from self._equation(found)
            elif name == "AlternateContent":
                yield from self._inline(self._choice(found), base)
            elif name in ("drawing", "pict", "object"):
                yield from self._drawn(found)
            elif name == "sdt":
                content = child(found, "sdtContent")
                if content is not None:
                    yield from self._inline(content, base)

    @staticmethod
    def _choice(element: Element) -> Element:
        """What a modern reader shows: the first choice, or the fallback where there is none."""
        for name in ("Choice", "Fallback"):
            found = child(element, name)
            if found is not None and len(found):
                return found
        return element

    def _run(self, run: Element, base: dict[str, object]) -> Iterator[Rich]:
        properties = child(run, "rPr")
        said = dict(base)
        if properties is not None:
            styled = _val(child(properties, "rStyle"))
            if styled:
                said |= self._style_look(styled)
            said |= _look_of(properties)
        hidden = bool(said.get("hidden"))
        look = self._look(said)
        fonts = child(properties, "rFonts") if properties is not None else None
        font = _attribute(fonts, "ascii") or _attribute(fonts, "hAnsi") if fonts is not None else ""
        for found in run:
            if not isinstance(found.tag, str):
                continue
            name = local(found)
            if name == "fldChar":
                self._field(_attribute(found, "fldCharType"))
                continue
            if self._open_fields and self._open_fields[-1] == "code":
                if name == "instrText" and re.match(r"\s*EQ\s", found.text or "", re.IGNORECASE):
                    self._lose("Công thức kiểu trường EQ chưa đọc được: %(said)s", said=(found.text or "").strip()[:80])
                    yield _gap("[công thức EQ]")
                continue
            text = self._letters(found, name, font)
            if text is not None:
                if hidden and text.strip():
                    self._lose("Chữ ẩn không được đọc: %(said)s", said=text[:80])
                elif text:
                    yield Rich(text, [look] * len(text))
            elif name in ("drawing", "pict", "object"):
                yield from self._drawn(found)
            elif name == "AlternateContent":
                for inner in self._choice(found):
                    if isinstance(inner.tag, str) and local(inner) in ("drawing", "pict", "object"):
                        yield from self._drawn(inner)
                    elif isinstance(inner.tag, str) and local(inner) == "r":
                        yield from self._run(inner, base)
            elif name in ("footnoteReference", "endnoteReference"):
                self._lose("Chú thích cuối trang không được đọc.")
            elif name == "ruby":
                word = child(found, "rubyBase")
                if word is not None:
                    yield from self._inline(word, base)
            elif name in ("oMath", "oMathPara"):
                yield from self._equation(found)

    def _unknown(self, element: Element) -> str:
        self._lose("Kí hiệu của phông %(font)s chưa đọc được.", font=_attribute(element, "font")[:40])
        return "\ufffd"

    def _letters(self, element: Element, name: str, font: str) -> str | None:
        if name == "t":
            text = (
                unicodedata.normalize("NFC", element.text or "")
                .replace("\n", " ")
                .replace(HARD, "")
                .replace(OBJECT, "")
            )
            if font and any(0xF000 <= ord(c) <= 0xF0FF for c in text):
                text = "".join(signs.of_font(font, ord(c)) or c if 0xF000 <= ord(c) <= 0xF0FF else c for c in text)
            elif font.casefold() == "symbol":
                text = "".join(signs.of_font(font, ord(c)) or c if ord(c) < 256 else c for c in text)
            return text
        if name in ("tab", "ptab"):
            return "\t"
        if name in ("br", "cr"):
            return " " if _attribute(element, "type") in ("page", "column") else SOFT
        if name == "noBreakHyphen":
            return "-"
        if name == "softHyphen":
            return ""
        if name == "sym":
            code = _attribute(element, "char")
            if re.fullmatch(r"[0-9A-Fa-f]{1,6}", code):
                return signs.of_font(_attribute(element, "font"), int(code, 16)) or self._unknown(element)
            return ""
        return None

    def _field(self, kind: str) -> None:
        if kind == "begin":
            self._open_fields.append("code")
        elif kind == "separate" and self._open_fields:
            self._open_fields[-1] = "result"
        elif kind == "end" and self._open_fields:
            self._open_fields.pop()

    def _equation(self, element: Element) -> Iterator[Rich]:
        found = omml.to_latex(element)
        if found.lost:
            self._lose("Công thức có phần chưa đọc được (%(names)s).", names=", ".join(found.lost)[:80])
        if found.latex:
            display = self._alone and local(element) == "oMathPara"
            words = found.latex
            if display:
                yield thing(Thing("display", f"$${found.latex}$$", words))
            else:
                yield thing(Thing("formula", found.latex, words))
        elif any((t.text or "").strip() for t in element.iter(f"{{{omml.M}}}t")):
            yield _gap("[công thức]")

    # ------------------------------------------------------------ pictures and objects

    def _drawn(self, element: Element) -> Iterator[Rich]:
        boxes = list(_outermost(element, "txbxContent"))
        within = {id(e) for box in boxes for e in box.iter()}
        own = [e for e in element.iter() if isinstance(e.tag, str) and id(e) not in within]
        ole = next((e for e in own if local(e) == "OLEObject"), None)
        if ole is not None:
            yield from self._object(ole, own)
            return
        words = next((_told(e) for e in own if local(e) == "docPr"), "")
        shown = False
        for one in own:
            name = local(one)
            if name == "blip":
                address = one.get(f"{R}embed") or one.get(f"{R}link") or ""
            elif name == "imagedata":
                address = one.get(f"{R}id") or ""
                words = words or one.get("{urn:schemas-microsoft-com:office:office}title") or ""
            else:
                continue
            shown = True
            yield from self._picture(address, words)
            if name == "blip" and (crop := child(one.getparent(), "srcRect")) is not None:  # type: ignore[arg-type]
                if any((crop.get(side) or "0") not in ("0", "") for side in "lrtb"):
                    self._lose("Hình được cắt trong Word nhưng nhập nguyên cả hình.")
        self._boxes.extend(boxes)
        if any(local(e) == "chart" for e in own):
            self._lose("Biểu đồ vẽ trong Word chưa đọc được. Thầy cô chụp thành hình rồi chèn lại.")
            yield _gap("[biểu đồ]")
        elif any(local(e) == "relIds" for e in own):
            self._lose("Sơ đồ SmartArt chưa đọc được. Thầy cô chụp thành hình rồi chèn lại.")
            yield _gap("[sơ đồ]")
        elif not shown and not boxes and self._is_shape(own):
            self._lose("Hình vẽ bằng công cụ của Word chưa đọc được. Thầy cô chụp thành hình rồi chèn lại.")
            yield _gap("[hình vẽ]")

    @staticmethod
    def _is_shape(own: list[Element]) -> bool:
        """A drawing of shapes; a single line, as letterheads have it, is none."""
        shapes = [e for e in own if local(e) in ("wsp", "shape", "rect", "oval", "polyline", "roundrect")]
        lines = [e for e in own if local(e) in ("line", "cxnSp")]
        straight = [e for e in own if local(e) == "prstGeom" and (e.get("prst") or "").startswith(("line", "straight"))]
        ruler = any(e.get("{urn:schemas-microsoft-com:office:office}hr") for e in own)
        return not ruler and (len(shapes) - len(straight) > 0 or len(lines) > 1)

    def _picture(self, address: str, words: str) -> Iterator[Rich]:
        name = self._targets.get(address)
        if name is None:
            self._lose("Hình nằm ngoài tệp nên không nhập được.")
            yield _gap("[hình]")
            return
        data = self._package.read(name)
        kind = next((k for head, k in _RASTER.items() if data.startswith(head)), None)
        if kind is None:
            ending = name.rsplit(".", 1)[-1][:8].upper()
            self._lose("Hình dạng %(kind)s chưa đọc được. Thầy cô chụp thành hình PNG rồi chèn lại.", kind=ending)
            yield _gap("[hình]")
            return
        key = name.removeprefix(f"{self._folder}/").removeprefix("media/")
        key = re.sub(r"[^A-Za-z0-9._-]", "-", key)[-80:]
        while key in self.pictures and self.pictures[key].name != name:
            key = f"x{key}"
        self.pictures[key] = Picture(data, name)
        words = re.sub(r"[\[\]\\*_`$<>!()]", " ", words)
        words = " ".join(words.split())[:120]
        yield thing(Thing("picture", f"![{words}](picture:{key})", f"[{words or key}]"))

    def _object(self, ole: Element, own: list[Element]) -> Iterator[Rich]:
        program = ole.get("ProgID") or ""
        if program.startswith(("Equation", "MathType")):
            yield from self._mathtype(ole)
            return
        image = next((e for e in own if local(e) == "imagedata"), None)
        self._lose("Đối tượng nhúng (%(kind)s) chỉ nhập được hình xem trước.", kind=program[:40] or "OLE")
        if image is not None:
            yield from self._picture(image.get(f"{R}id") or "", "")
        else:
            yield _gap("[đối tượng]")

    def _mathtype(self, ole: Element) -> Iterator[Rich]:
        name = self._targets.get(ole.get(f"{R}id") or "")
        try:
            if name is None:
                raise mtef.Unread("linked, not embedded")
            found = mtef.of_object(self._package.read(name))
        except mtef.Unread:
            self._lose("Công thức MathType chưa đọc được. Thầy cô đổi sang công thức của Word rồi nhập lại.")
            yield _gap("[công thức MathType]")
            return
        if found.lost:
            self._lose("Công thức có phần chưa đọc được (%(names)s).", names=", ".join(found.lost)[:80])
        if found.latex:
            yield thing(Thing("formula", found.latex, found.latex))


_OPENED = frozenset(
    "hyperlink ins moveTo smartTag sdtContent fldSimple customXml dir bdo rubyBase Choice Fallback".split()
)


def _gap(words: str) -> Rich:
    return thing(Thing("gap", "\\" + words, words))


def _told(properties: Element) -> str:
    """Words about a picture; names that Word made up by itself say nothing."""
    words = " ".join((properties.get("descr") or "").split())
    if re.search(r"[\\/]|\.(png|jpe?g|gif|bmp|wmf|emf)\b|^https?:|AI-generated|Mô tả được tạo tự động", words):
        return ""
    return words


def _outermost(element: Element, name: str) -> Iterator[Element]:
    for found in element:
        if not isinstance(found.tag, str):
            continue
        if local(found) == name:
            yield found
        elif local(found) == "AlternateContent":
            chosen = child(found, "Choice")
            yield from _outermost(chosen if chosen is not None else found, name)
        else:
            yield from _outermost(found, name)


def _joined(parts: list[Rich]) -> Rich:
    text: list[str] = []
    looks: list[Look] = []
    things: dict[int, Thing] = {}
    size = 0
    for part in parts:
        for at, held in part.things.items():
            things[at + size] = held
        text.append(part.text)
        looks += part.looks
        size += len(part)
    return Rich("".join(text), looks, things)


def joined(parts: list[Rich], between: str = HARD) -> Rich:
    """Texts one after the other with a break between them."""
    found: list[Rich] = []
    for n, part in enumerate(parts):
        if n:
            found.append(Rich(between))
        found.append(part)
    return _joined(found)
