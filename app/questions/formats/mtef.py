"""Equations of MathType (MTEF version 5, in its OLE objects) into LaTeX that KaTeX draws.

Records as MathType's own description of the format has them, with two corrections that real files ask for: limits
of big operators are bits 0x10 (lower) and 0x20 (upper), and the lower slot stands before the upper one. What is not
known is left out and its name is told; a file that does not hold together raises `Unread`.
"""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

import olefile

from app.questions.formats.omml import Formula
from app.questions.formats.signs import LATEX, WORDS

LARGEST = 1_000_000
DEEPEST = 60
MOST_RECORDS = 20_000
LONGEST = 8_000

END, LINE, CHAR, TMPL, PILE, MATRIX, EMBELL, RULER, FONT_STYLE_DEF, SIZE = range(10)
COLOR, COLOR_DEF, FONT_DEF, EQN_PREFS, ENCODING_DEF, FUTURE = 15, 16, 17, 18, 19, 100
NUDGE = 0x08
TEXT, FUNCTION, VECTOR, TEXT_ASIAN, SPACE = 1, 2, 7, 12, 24
BRACE, BRACKET, INTERVAL, ROOT, FRACTION, UNDERBAR, OVERBAR, ARROW, INTEGRAL = 2, 3, 9, 10, 11, 12, 13, 14, 15
OWN_INTEGRAL, OWN_SUM, LIMIT, OVERBRACE, SUB, SUP, SUBSUP, DIRAC, VEC = 21, 22, 23, 24, 27, 28, 29, 30, 31
LOWER, UPPER, BESIDE_NOT = 0x10, 0x20, 0x40

_FENCES = {
    0: (r"\langle", r"\rangle"), 1: ("(", ")"), 2: (r"\{", r"\}"), 3: ("[", "]"), 4: ("|", "|"), 5: (r"\|", r"\|"),
    6: (r"\lfloor", r"\rfloor"), 7: (r"\lceil", r"\rceil"), 8: ("[", "]"),
}  # fmt: skip
_BIG = {16: r"\sum", 17: r"\prod", 18: r"\coprod", 19: r"\bigcup", 20: r"\bigcap"}
_OVER = {32: r"\widetilde", 33: r"\widehat", 34: r"\overset{\frown}", 37: r"\boxed", 36: r"\cancel"}
_ACCENTS = {
    2: r"\dot", 3: r"\ddot", 4: r"\dddot", 8: r"\tilde", 9: r"\hat", 11: r"\vec", 12: r"\overleftarrow",
    13: r"\overleftrightarrow", 14: r"\vec", 15: r"\overleftarrow", 17: r"\bar", 19: r"\overset{\frown}",
}  # fmt: skip
_PRIMES = {5: "'", 6: "''", 18: "'''"}
_SPACES = {0xEF02: r"\,", 0xEF03: r"\:", 0xEF04: r"\;", 0xEF05: r"\quad", 0xEF06: r"\qquad", 0xEF08: r"\ "}
_MATRICES = {1: "pmatrix", 3: "bmatrix", 4: "vmatrix", 5: "Vmatrix"}
_TALL = re.compile(r"\\(?:frac|sum|prod|int|iint|iiint|oint|begin|sqrt|underset|overset|lim|left|over|x)|\^\{.*\^")
_SLASHED = {"=": r"\neq", "∈": r"\notin", "<": r"\nless", ">": r"\ngtr", "≡": r"\not\equiv", "⊂": r"\not\subset"}


class Unread(ValueError):
    """No equation of MathType that this reader knows."""


@dataclass(frozen=True)
class Char:
    sign: str
    face: int
    marks: tuple[int, ...] = ()


@dataclass(frozen=True)
class Line:
    nodes: tuple[Node, ...] = ()


@dataclass(frozen=True)
class Pile:
    lines: tuple[Node, ...]


@dataclass(frozen=True)
class Matrix:
    columns: int
    cells: tuple[Node, ...]


@dataclass(frozen=True)
class Template:
    selector: int
    variation: int
    nodes: tuple[Node, ...]


Node = Char | Line | Pile | Matrix | Template


def of_object(data: bytes) -> Formula:
    """LaTeX of the equation in an OLE object. Raises Unread."""
    if len(data) > LARGEST:
        raise Unread("too large")
    try:
        with olefile.OleFileIO(io.BytesIO(data)) as ole:
            stream = ole.openstream("Equation Native").read(LARGEST)
    except Exception as error:  # olefile raises whatever a damaged file makes it meet
        raise Unread(str(error)) from None
    if len(stream) < 28 or stream[:2] != b"\x1c\x00":
        raise Unread("no equation header")
    return to_latex(stream[28:])


def to_latex(data: bytes) -> Formula:
    """LaTeX of an MTEF stream. Raises Unread."""
    try:
        nodes = _Reader(data).equation()
    except (IndexError, RecursionError):
        raise Unread("the equation ends too early") from None
    writer = _Writer()
    latex = writer.row(nodes)
    if len(latex) > LONGEST:
        raise Unread("too long")
    return Formula(latex, tuple(dict.fromkeys(writer.lost)))


class _Reader:
    def __init__(self, data: bytes) -> None:
        self._data, self._at, self._records = data, 0, 0

    def equation(self) -> tuple[Node, ...]:
        version = self._byte()
        if version != 5:
            raise Unread(f"version {version}")
        self._at += 4
        self._text()
        self._byte()
        return self._nodes(0, at_end=True)

    def _pass(self, count: int) -> None:
        self._at += count

    def _byte(self) -> int:
        value = self._data[self._at]
        self._at += 1
        return value

    def _word(self) -> int:
        return self._byte() | self._byte() << 8

    def _number(self) -> int:
        value = self._byte()
        return self._word() if value == 255 else value

    def _text(self) -> None:
        while self._byte():
            pass

    def _nudge(self, options: int) -> None:
        if options & NUDGE and (self._byte(), self._byte()) == (128, 128):
            self._at += 4

    def _nodes(self, depth: int, at_end: bool = False) -> tuple[Node, ...]:
        """Records up to END (or, outside, up to the end of the data)."""
        if depth > DEEPEST:
            raise Unread("too deep")
        found: list[Node] = []
        while not (at_end and self._at >= len(self._data)):
            self._records += 1
            if self._records > MOST_RECORDS:
                raise Unread("too many records")
            kind = self._byte()
            if kind == END:
                break
            node = self._record(kind, depth)
            if node is not None:
                found.append(node)
        return tuple(found)

    def _record(self, kind: int, depth: int) -> Node | None:
        if kind == LINE:
            options = self._byte()
            self._nudge(options)
            if options & 0x04:
                self._word()
            if options & 0x02:
                self._ruler()
            return Line() if options & 0x01 else Line(self._nodes(depth + 1))
        if kind == CHAR:
            return self._char(depth)
        if kind == TMPL:
            options = self._byte()
            self._nudge(options)
            selector, variation = self._byte(), self._byte()
            if variation & 0x80:
                variation = variation & 0x7F | self._byte() << 8
            self._byte()
            return Template(selector, variation, self._nodes(depth + 1))
        if kind == PILE:
            options = self._byte()
            self._nudge(options)
            self._at += 2
            if options & 0x02:
                self._ruler()
            return Pile(self._nodes(depth + 1))
        if kind == MATRIX:
            self._nudge(self._byte())
            self._at += 3
            rows, columns = self._byte(), self._byte()
            self._at += (rows + 4) // 4 + (columns + 4) // 4
            return Matrix(max(1, columns), self._nodes(depth + 1))
        self._skip(kind)
        return None

    def _char(self, depth: int) -> Char:
        options = self._byte()
        self._nudge(options)
        face = self._byte() - 128
        code = 0
        if not options & 0x20:
            code = self._word()
        if options & 0x04:
            small = self._byte()
            code = code or small
        if options & 0x10:
            self._word()
        marks: list[int] = []
        if options & 0x01:
            while (kind := self._byte()) != END:
                if kind != EMBELL:
                    raise Unread("an embellishment was expected")
                self._nudge(self._byte())
                marks.append(self._byte())
        return Char(chr(code) if code and not 0xD800 <= code <= 0xDFFF else "\ufffd", face, tuple(marks))

    def _ruler(self) -> None:
        if self._byte() != RULER:
            raise Unread("a ruler was expected")
        self._skip(RULER)

    def _skip(self, kind: int) -> None:
        if kind == RULER:
            self._pass(3 * self._byte())
        elif kind == FONT_STYLE_DEF:
            self._number()
            self._byte()
        elif kind == SIZE:
            first = self._byte()
            self._at += {101: 2, 100: 3}.get(first, 1)
        elif kind == EMBELL:
            self._nudge(self._byte())
            self._byte()
        elif kind == COLOR:
            self._number()
        elif kind == COLOR_DEF:
            options = self._byte()
            self._at += 8 if options & 0x01 else 6
            if options & 0x04:
                self._text()
        elif kind == FONT_DEF:
            self._number()
            self._text()
        elif kind == EQN_PREFS:
            self._byte()
            self._lengths()
            self._lengths()
            for _style in range(self._byte()):
                if self._number():
                    self._byte()
        elif kind == ENCODING_DEF:
            self._text()
        elif kind >= FUTURE:
            self._pass(self._number())
        elif not 10 <= kind <= 14:
            raise Unread(f"record {kind}")

    def _lengths(self) -> None:
        """An array of lengths: half-bytes, 15 ends a length; the array ends with a whole byte."""
        left = self._byte()
        while left > 0:
            pair = self._byte()
            left -= [pair >> 4, pair & 15].count(15)


@dataclass
class _Writer:
    lost: list[str] = field(default_factory=list)

    def row(self, nodes: Sequence[Node]) -> str:
        parts: list[str] = []
        at = 0
        while at < len(nodes):
            node = nodes[at]
            if isinstance(node, Char):
                end = at
                while end < len(nodes) and isinstance(nodes[end], Char) and _same(node, nodes[end]):
                    end += 1
                parts.append(self._chars([one for one in nodes[at:end] if isinstance(one, Char)]))
                at = end
                continue
            at += 1
            if isinstance(node, Template) and node.selector in (SUB, SUP, SUBSUP):
                script = self._scripts(node)
                if node.variation & 1 or not parts:
                    script = "{}" + script
                parts.append(script)
            else:
                parts.append(self._node(node))
        return _joined(parts)

    def _node(self, node: Node) -> str:
        match node:
            case Char():
                return self._chars([node])
            case Line(nodes):
                return self.row(nodes)
            case Pile(lines):
                rows = [self._node(one) for one in lines]
                return rows[0] if len(rows) == 1 else self._rows("aligned", [["&" + row] for row in rows])
            case Matrix():
                return self._matrix(node, "matrix")
            case Template():
                return self._template(node)

    def _rows(self, kind: str, rows: Sequence[Sequence[str]]) -> str:
        return f"\\begin{{{kind}}}" + r"\\ ".join(" & ".join(row) for row in rows) + f"\\end{{{kind}}}"

    def _matrix(self, node: Matrix, kind: str) -> str:
        cells = [self._node(one) for one in node.cells]
        return self._rows(kind, [cells[at : at + node.columns] for at in range(0, len(cells), node.columns)])

    def _scripts(self, node: Template) -> str:
        below, above = self._slots(node, 2)
        said = f"_{{{below}}}" if below and node.selector != SUP else ""
        return said + (f"^{{{above}}}" if above and node.selector != SUB else "")

    def _slots(self, node: Template, count: int) -> list[str]:
        found = [self._node(one) for one in node.nodes if isinstance(one, (Line, Pile, Matrix))]
        return (found + [""] * count)[:count]

    def _template(self, node: Template) -> str:
        selector, variation = node.selector, node.variation
        if selector in _FENCES:
            return self._fence(node)
        if selector == INTERVAL:
            (inner,) = self._slots(node, 1)
            return "()[]"[variation & 3] + inner + "()[]"[variation >> 4 & 3]
        if selector == ROOT:
            under, index = self._slots(node, 2)
            return f"\\sqrt[{index}]{{{under}}}" if index else f"\\sqrt{{{under}}}"
        if selector == FRACTION:
            above, below = self._slots(node, 2)
            return f"{{{above}}}/{{{below}}}" if variation & 2 else f"\\frac{{{above}}}{{{below}}}"
        if selector in (UNDERBAR, OVERBAR):
            (inner,) = self._slots(node, 1)
            return f"\\{'overline' if selector == OVERBAR else 'underline'}{{{inner}}}"
        if selector == ARROW:
            return self._arrow(node)
        if INTEGRAL <= selector <= OWN_SUM:
            return self._big(node)
        if selector == LIMIT:
            main, below, above = self._slots(node, 3)
            if main in (r"\lim", r"\max", r"\min", r"\sup", r"\inf"):
                return main + (f"_{{{below}}}" if below else "") + (f"^{{{above}}}" if above else "")
            said = f"\\underset{{{below}}}{{{main}}}" if below else main
            return f"\\overset{{{above}}}{{{said}}}" if above else said
        if selector in (OVERBRACE, OVERBRACE + 1):
            main, small = self._slots(node, 2)
            if selector != OVERBRACE:
                self.lost.append("dấu móc ngang")
            over = bool(variation & 1)
            return f"\\{'over' if over else 'under'}brace{{{main}}}" + (
                f"{'^' if over else '_'}{{{small}}}" if small else ""
            )
        if selector == DIRAC:
            left, right = self._slots(node, 2)
            return {1: f"\\langle {left}|", 2: f"|{right}\\rangle"}.get(variation, f"\\langle {left}|{right}\\rangle")
        if selector == VEC:
            (inner,) = self._slots(node, 1)
            way = {1: "left", 2: "right", 3: "leftright"}.get(variation & 3, "right")
            return f"\\{'under' if variation & 4 else 'over'}{way}arrow{{{inner}}}"
        (inner,) = self._slots(node, 1)
        if selector in _OVER:
            return f"{_OVER[selector]}{{{inner}}}"
        self.lost.append(f"mẫu {selector}")
        return inner

    def _fence(self, node: Template) -> str:
        inside = next((one for one in node.nodes if isinstance(one, (Line, Pile))), Line())
        alone = inside.nodes[0] if isinstance(inside, Line) and len(inside.nodes) == 1 else inside
        both = node.variation & 3 == 3
        if isinstance(alone, Matrix) and both and node.selector in _MATRICES:
            return self._matrix(alone, _MATRICES[node.selector])
        if isinstance(alone, Pile) and len(alone.lines) > 1 and node.variation & 3 == 1:
            rows = [[self._node(one)] for one in alone.lines]
            if node.selector == BRACE:
                return self._rows("cases", rows)
            return (
                rf"\left{_FENCES[node.selector][0]}"
                + self._rows("aligned", [["&" + row[0]] for row in rows])
                + r"\right."
            )
        inner = self._node(inside)
        left, right = _FENCES[node.selector]
        left, right = left if node.variation & 1 else ".", right if node.variation & 2 else "."
        if both and not _TALL.search(inner):
            return _joined([left, inner, right])
        return _joined([rf"\left{left}", inner, rf"\right{right}"])

    def _arrow(self, node: Template) -> str:
        above, below = self._slots(node, 2)
        double, harpoon = node.variation & 1, node.variation & 2
        way = {0x10: "left", 0x20: "right"}.get(node.variation & 0x30, "leftright")
        if harpoon or (double and way == "leftright"):
            name = "xrightleftharpoons"
        else:
            name = f"x{way}arrow"
        return f"\\{name}" + (f"[{below}]" if below else "") + f"{{{above}}}"

    def _big(self, node: Template) -> str:
        slots = [one for one in node.nodes if isinstance(one, (Line, Pile, Matrix))]
        texts = ([self._node(one) for one in slots] + [""] * 4)[:4]
        main, below, above, own = texts
        if node.selector == INTEGRAL:
            count, looped = node.variation & 3 or 1, node.variation & 0x0C
            sign = r"\oint" if looped else "\\" + "i" * count + "nt"
        elif node.selector in _BIG:
            sign = _BIG[node.selector]
        else:
            sign = own or r"\int"
        if node.variation & BESIDE_NOT and (below or above):
            sign += r"\limits"
        sign += f"_{{{below}}}" if below and node.variation & LOWER else ""
        sign += f"^{{{above}}}" if above and node.variation & UPPER else ""
        return _joined([sign, main])

    def _chars(self, chars: Sequence[Char]) -> str:
        face = chars[0].face
        if face in (TEXT, TEXT_ASIAN) and any(_letter(one.sign) for one in chars):
            return self._words(chars)
        if face == FUNCTION and all(one.sign.isalpha() and not one.marks for one in chars):
            word = "".join(one.sign for one in chars)
            return f"\\{word}" if word in WORDS else f"\\operatorname{{{word}}}"
        said = _joined([self._sign(one) for one in chars])
        said = re.sub(r"(?<=\d),(?=\d)", "{,}", said)
        return f"\\mathbf{{{said}}}" if face == VECTOR and said.strip() else said

    def _words(self, chars: Sequence[Char]) -> str:
        """Words in an equation; a single unit as `cm` stays upright without being words."""
        text = unicodedata.normalize("NFC", "".join(" " if one.sign in "\u00a0 " else one.sign for one in chars))
        text = re.sub(r"([\\{}$%#&_^~])", "", text)
        return f"\\text{{{text}}}" if text.strip() else (r"\ " if text else "")

    def _sign(self, one: Char) -> str:
        sign = one.sign
        if ord(sign) in _SPACES or 0xEB00 <= ord(sign) <= 0xEFFF or one.face == SPACE:
            return _SPACES.get(ord(sign), "")
        if sign == "\ufffd" or unicodedata.category(sign) in ("Co", "Cc", "Cn"):
            self.lost.append(f"kí hiệu U+{ord(sign):04X}")
            return ""
        if 10 in one.marks:
            said = _SLASHED.get(sign) or rf"\not{LATEX.get(sign, sign)}"
        elif sign in "{}%#&_$":
            said = "\\" + sign
        elif sign == "\\":
            said = r"\setminus"
        elif sign in "−–":
            said = "-"
        elif sign in "\u00a0 ":
            said = r"\ "
        else:
            said = LATEX.get(sign, sign)
        for mark in one.marks:
            if mark in _ACCENTS:
                said = f"{_ACCENTS[mark]}{{{said}}}"
            elif mark in _PRIMES:
                said += _PRIMES[mark]
            elif mark != 10:
                self.lost.append(f"dấu {mark}")
        return said


def _same(first: Char, other: Node) -> bool:
    return isinstance(other, Char) and other.face == first.face


def _letter(sign: str) -> bool:
    return sign.isalpha() or sign in "\u00a0 "


def _joined(parts: Sequence[str]) -> str:
    """Parts side by side; a space only where a command would run into letters."""
    said = ""
    for part in parts:
        if not part:
            continue
        if part[0].isascii() and part[0].isalpha() and re.search(r"\\[A-Za-z]+$", said):
            said += " "
        said += part
    return said
