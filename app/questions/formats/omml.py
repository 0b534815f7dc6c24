"""Equations of Word (OMML, ECMA-376 part 1, 22.1) into LaTeX that KaTeX draws. Never raises: what is not known
stays as its text, and its name is told.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from app.questions.formats.signs import LATEX, WORDS, plain_letter
from app.questions.formats.xml import Element, child, children, local

M = "http://schemas.openxmlformats.org/officeDocument/2006/math"
W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
LONGEST = 8_000
DEEPEST = 60

_BIG = {
    "∑": r"\sum", "∏": r"\prod", "∐": r"\coprod", "∫": r"\int", "∬": r"\iint", "∭": r"\iiint", "∮": r"\oint",
    "⋃": r"\bigcup", "⋂": r"\bigcap", "⋁": r"\bigvee", "⋀": r"\bigwedge", "⨁": r"\bigoplus", "⨂": r"\bigotimes",
}  # fmt: skip
_ACCENTS = {
    "\u0302": ("hat", "widehat"), "^": ("hat", "widehat"), "\u02c6": ("hat", "widehat"),
    "\u0303": ("tilde", "widetilde"), "~": ("tilde", "widetilde"), "\u02dc": ("tilde", "widetilde"),
    "\u0304": ("bar", "overline"), "\u0305": ("overline", "overline"), "\u00af": ("bar", "overline"), "\u203e": ("bar", "overline"),
    "\u02c9": ("bar", "overline"), "\u033f": ("overline", "overline"), "\u0332": ("underline", "underline"),
    "\u0307": ("dot", "dot"), "\u02d9": ("dot", "dot"), "\u0308": ("ddot", "ddot"), "\u00a8": ("ddot", "ddot"),
    "\u20db": ("dddot", "dddot"), "\u0306": ("breve", "breve"), "\u02d8": ("breve", "breve"),
    "\u030c": ("check", "widecheck"), "\u0301": ("acute", "acute"), "\u0300": ("grave", "grave"),
    "\u20d7": ("vec", "overrightarrow"), "\u2192": ("vec", "overrightarrow"), "\u20d1": ("vec", "overrightarrow"),
    "\u20d6": ("overleftarrow", "overleftarrow"), "\u2190": ("overleftarrow", "overleftarrow"),
    "\u20e1": ("overleftrightarrow", "overleftrightarrow"), "\u23de": ("overbrace", "overbrace"),
    "\u2322": ("overset{\\frown}", "overset{\\frown}"), "\u2312": ("overset{\\frown}", "overset{\\frown}"),
    "\u0311": ("overset{\\frown}", "overset{\\frown}"),
}  # fmt: skip
_FENCES = {
    "(": "(", ")": ")", "[": "[", "]": "]", "{": r"\{", "}": r"\}", "|": "|", "∣": "|", "‖": r"\|", "∥": r"\|",
    "⟨": r"\langle", "⟩": r"\rangle", "〈": r"\langle", "〉": r"\rangle", "<": r"\langle", ">": r"\rangle",
    "⌊": r"\lfloor", "⌋": r"\rfloor", "⌈": r"\lceil", "⌉": r"\rceil", "/": "/", "": ".",
}  # fmt: skip
_ARROWS = {
    "→": "xrightarrow", "⟶": "xrightarrow", "←": "xleftarrow", "⟵": "xleftarrow", "↔": "xleftrightarrow",
    "⇒": "xRightarrow", "⇐": "xLeftarrow", "⇔": "xLeftrightarrow", "⇌": "xrightleftharpoons",
    "⇄": "xrightleftarrows", "⟹": "xRightarrow",
}  # fmt: skip
_MATRICES = {("(", ")"): "pmatrix", ("[", "]"): "bmatrix", ("|", "|"): "vmatrix", ("‖", "‖"): "Vmatrix"}
_SCRIPTS = {"double-struck": "mathbb", "script": "mathcal", "fraktur": "mathfrak", "sans-serif": "mathsf",
            "monospace": "mathtt"}  # fmt: skip
_TALL = re.compile(r"\\(?:frac|dfrac|binom|sum|prod|int|iint|iiint|oint|begin|sqrt|underset|overset|lim|left|over|xr)")
_GLUE = frozenset("khi nếu với và hay hoặc thì là mà tại trên dưới trong mọi if when and or for with where".split())
_PIECES = re.compile(
    r"(?P<space>[ \t\n]+)|(?P<number>\d+(?:[.,]\d+)*)|(?P<latin>[A-Za-z]+)|(?P<letters>[^\W\d_]+)|(?P<sign>.)",
    re.DOTALL,
)


@dataclass(frozen=True)
class Formula:
    latex: str
    lost: tuple[str, ...] = ()


@dataclass(frozen=True)
class _Style:
    text: bool = False
    upright: bool = False
    command: str = ""


@dataclass
class _State:
    lost: list[str] = field(default_factory=list)
    depth: int = 0


def to_latex(math: Element) -> Formula:
    """LaTeX of an `m:oMath` (or an `m:oMathPara`, its lines under each other), and names of what was left out."""
    state = _State()
    if local(math) == "oMathPara":
        lines = [line for line in (_row(m, state) for m in children(math, "oMath")) if line]
        made = lines[0] if len(lines) == 1 else _environment("gathered", lines) if lines else ""
    else:
        made = _row(math, state)
    made = re.sub(r" {2,}", " ", made).strip()
    made = re.sub(r"(?:\\ )+$", "", made).strip()
    made = re.sub(r"(?<=\d),(?=\d)", "{,}", made)
    if len(made) > LONGEST:
        return Formula(made[:0], ("formula too long",))
    return Formula(made, tuple(dict.fromkeys(state.lost)))


# ---------------------------------------------------------------- rows and runs


def _kids(element: Element) -> Iterator[Element]:
    """Children as the reader of the accepted document sees them: insertions opened, deletions left out."""
    for found in element:
        if not isinstance(found.tag, str):
            continue
        name = local(found)
        if found.tag.startswith(f"{{{W}}}"):
            if name in ("ins", "moveTo", "smartTag", "sdt", "sdtContent", "hyperlink", "r", "fldSimple"):
                yield from [found] if name == "r" else _kids(found)
            continue
        yield found


def _row(element: Element | None, state: _State) -> str:
    if element is None:
        return ""
    state.depth += 1
    if state.depth > DEEPEST:
        state.depth -= 1
        state.lost.append("depth")
        return ""
    parts: list[str] = []
    text, style = "", _Style()
    for found in _kids(element):
        if local(found) == "r":
            said, its = _said(found), _style(found)
            if its != style and text:
                parts.append(_text(text, style))
                text = ""
            text, style = text + said, its
            continue
        if text:
            parts.append(_text(text, style))
            text = ""
        parts.append(_one(found, state))
    if text:
        parts.append(_text(text, style))
    state.depth -= 1
    return joined(parts)


def joined(parts: list[str]) -> str:
    """Parts side by side; a blank keeps a command from swallowing a letter."""
    out = ""
    for part in parts:
        if not part:
            continue
        if out and re.search(r"\\[A-Za-z]+$", out) and part[0].isalpha():
            out += " "
        elif out and out[-1] == "^" and part[0] == "{":
            out += ""
        out += part
    return out


def _one(element: Element, state: _State) -> str:
    name = local(element)
    if name in _SILENT or name.endswith("Pr"):
        return ""
    found = _ELEMENTS.get(name)
    if found is None:
        state.lost.append(name)
        return _text("".join(t.text or "" for t in element.iter(f"{{{M}}}t")), _Style())
    return found(element, state)


def _said(run: Element) -> str:
    parts = []
    for found in run:
        if not isinstance(found.tag, str):
            continue
        name = local(found)
        if name in ("t", "delText"):
            parts.append(found.text or "" if name == "t" else "")
        elif name in ("br", "cr", "tab"):
            parts.append(" ")
    return "".join(parts)


def _value(element: Element | None, name: str) -> str | None:
    """The value of a property: None when it is absent, "on" when it stands without a value."""
    found = child(element, name) if element is not None else None
    if found is None:
        return None
    return found.get(f"{{{M}}}val", "on")


def _is_on(element: Element | None, name: str) -> bool:
    return _value(element, name) not in (None, "0", "off", "false")


def _style(run: Element) -> _Style:
    said = next((p for p in run if isinstance(p.tag, str) and p.tag == f"{{{M}}}rPr"), None)
    if said is None:
        return _Style()
    if _is_on(said, "nor"):
        return _Style(text=True)
    style = _value(said, "sty")
    command = _SCRIPTS.get(_value(said, "scr") or "", "")
    if not command and style in ("b", "bi"):
        command = "mathbf" if style == "b" else "boldsymbol"
    return _Style(upright=style == "p", command=command)


def _text(text: str, style: _Style) -> str:
    text = unicodedata.normalize("NFC", text)
    if style.text and any(c.isalpha() for c in text):
        return _literal(text)
    pieces = [(m.lastgroup or "", m.group()) for m in _PIECES.finditer(text)]
    parts: list[str] = []
    at = 0
    while at < len(pieces):
        kind, said = pieces[at]
        prose = _prose(pieces, at)
        if prose:
            words = "".join(p for _k, p in pieces[at : at + prose])
            before = " " if at and pieces[at - 1][0] == "space" else ""
            after = " " if at + prose < len(pieces) and pieces[at + prose][0] == "space" else ""
            if before and parts and parts[-1] == r"\ ":
                parts.pop()
            parts.append(_literal(before + words + after))
            at += prose + bool(after)
            continue
        if kind == "space":
            beside = parts[-1][-1:].isalnum() if parts else False
            if beside and at + 1 < len(pieces) and pieces[at + 1][0] in ("number", "latin", "letters"):
                parts.append(r"\ ")
        elif kind == "number":
            parts.append(said)
        elif kind == "latin":
            parts.append(_letters(said, style))
        elif said in "^_" and 0 < at < len(pieces) - 1 and pieces[at + 1][0] in ("number", "latin"):
            follower = pieces[at + 1][1]  # typed x^2, never built up: it means a power
            parts.append(f"{said}{{{follower if pieces[at + 1][0] == 'number' else follower[0]}}}")
            rest = follower[1:] if pieces[at + 1][0] == "latin" else ""
            pieces[at + 1] = ("latin" if rest else "done", rest)
        else:
            parts.extend(_sign(c, style) for c in said)
        at += 1
    return joined(parts)


def _sign(sign: str, style: _Style) -> str:
    letter = plain_letter(sign)
    if letter is not None:
        plain, command = letter
        plain = LATEX.get(plain, plain)
        return f"\\{command}{{{plain}}}" if command else plain
    made = LATEX.get(sign, sign)
    if style.command in ("mathbf", "boldsymbol") and (made.startswith("\\") or made.isalpha()) and sign.isalpha():
        return f"\\boldsymbol{{{made}}}"
    return made


def _prose(pieces: list[tuple[str, str]], at: int) -> int:
    """How many pieces from here are words of a language, not letters of a formula."""

    def is_word(n: int) -> bool:
        kind, said = pieces[n]
        if kind == "latin":
            return said in _GLUE
        return kind == "letters" and any(c > "\x7f" and unicodedata.name(c, "").startswith("LATIN") for c in said)

    def may_be(n: int) -> bool:
        kind, said = pieces[n]
        return is_word(n) or (kind == "latin" and len(said) > 1 and said.lower() not in WORDS)

    # Letters and the accents after them come apart: "phân" is latin "ph", letters "ân".
    spans: list[tuple[int, int, bool]] = []
    n = at
    while n < len(pieces):
        end = n
        while end < len(pieces) and pieces[end][0] in ("latin", "letters"):
            end += 1
        if end == n:
            break
        many = end - n > 1
        sure = any(is_word(k) for k in range(n, end))
        if not (sure or may_be(n)):
            break
        spans.append((n, end, sure or many))
        if end + 1 < len(pieces) and pieces[end] == ("space", " "):
            n = end + 1
        else:
            break
    while spans and not spans[-1][2]:
        spans.pop()
    return spans[-1][1] - at if spans else 0


def _literal(text: str) -> str:
    text = re.sub(r"\s+", " ", text.replace("\u00a0", " "))
    text = re.sub(r"([%$#&_{}])", r"\\\1", text.replace("\\", "").replace("^", "").replace("~", " "))
    return f"\\text{{{text}}}"


def _letters(said: str, style: _Style) -> str:
    if style.command:
        return f"\\{style.command}{{{said}}}"
    if said in WORDS:
        return f"\\{said}"
    named = re.fullmatch(r"([A-Za-z]?)(arcsin|arccos|arctan|sin|cos|tan|cot|log|ln)([A-Za-z]?)", said)
    if named and not style.upright:
        return f"{named[1]}\\{named[2]}" + (f" {named[3]}" if named[3] else "")
    return f"\\mathrm{{{said}}}" if style.upright else said


# ---------------------------------------------------------------- built-up parts


def _arg(element: Element, name: str, state: _State) -> str:
    return _row(child(element, name), state).strip()


def braced(text: str) -> str:
    """What may carry a script without braces stays bare."""
    return text if len(text) == 1 or re.fullmatch(r"\\[A-Za-z]+|\\mathrm\{[A-Za-z]\}|\d", text) else f"{{{text}}}"


def _carrier(text: str) -> str:
    """The base of a script: nothing at all needs braces too; a name like \\sin or a fence does not."""
    if not text:
        return "{}"
    if re.fullmatch(r"\\(?:mathrm|mathbf|mathbb|mathcal|text|operatorname|boldsymbol|overline|vec)\{[^{}]*\}", text):
        return text
    if re.fullmatch(r"\([^()]*\)|\\left\([^()]*\\right\)|\d+", text):
        return text
    return braced(text)


def _power(text: str) -> str:
    if re.fullmatch(r"'+", text):
        return text
    if text in (r"^{\circ}", r"\circ", "o", "0") and text != "0":
        return r"^{\circ}" if text != "o" else "^{o}"
    return f"^{{{text}}}"


def _sup(element: Element, state: _State) -> str:
    return _carrier(_arg(element, "e", state)) + _power(_arg(element, "sup", state))


def _sub(element: Element, state: _State) -> str:
    return f"{_carrier(_arg(element, 'e', state))}_{{{_arg(element, 'sub', state)}}}"


def _sub_sup(element: Element, state: _State) -> str:
    base, under, over = (_arg(element, name, state) for name in ("e", "sub", "sup"))
    power = _power(over)
    return f"{_carrier(base)}{power}_{{{under}}}" if power[0] == "'" else f"{_carrier(base)}_{{{under}}}{power}"


def _pre(element: Element, state: _State) -> str:
    base, under, over = (_arg(element, name, state) for name in ("e", "sub", "sup"))
    return f"{{}}_{{{under}}}^{{{over}}}{braced(base) if base else ''}"


def _fraction(element: Element, state: _State) -> str:
    over, under = _arg(element, "num", state), _arg(element, "den", state)
    kind = _value(child(element, "fPr"), "type")
    if kind in ("lin", "skw"):
        return f"{braced(over)}/{braced(under)}"
    if kind == "noBar":
        return f"\\genfrac{{}}{{}}{{0pt}}{{}}{{{over}}}{{{under}}}"
    return f"\\frac{{{over}}}{{{under}}}"


def _radical(element: Element, state: _State) -> str:
    degree = "" if _is_on(child(element, "radPr"), "degHide") else _arg(element, "deg", state)
    index = f"[{braced(degree) if ']' in degree else degree}]" if degree else ""
    return f"\\sqrt{index}{{{_arg(element, 'e', state)}}}"


def _nary(element: Element, state: _State) -> str:
    said = child(element, "naryPr")
    sign = _value(said, "chr")
    made = _BIG.get("∫" if sign is None else sign) or LATEX.get(sign or "", sign or "")
    under = "" if _is_on(said, "subHide") else _arg(element, "sub", state)
    over = "" if _is_on(said, "supHide") else _arg(element, "sup", state)
    place = _value(said, "limLoc")
    if under or over:
        if place == "undOvr" and "int" in made:
            made += r"\limits"
        elif place == "subSup" and made in (r"\sum", r"\prod"):
            made += r"\nolimits"
    made += (f"_{{{under}}}" if under else "") + (f"^{{{over}}}" if over else "")
    inner = _arg(element, "e", state)
    return f"{made} {inner}" if inner else made


def _delimited(element: Element, state: _State) -> str:
    said = child(element, "dPr")
    left, right, sign = (_value(said, name) for name in ("begChr", "endChr", "sepChr"))
    left = "(" if left is None else left.replace("on", "")
    right = ")" if right is None else right.replace("on", "")
    parts = [e for e in children(element, "e")]
    if len(parts) == 1:
        only = _only(parts[0])
        if only is not None and local(only) == "m" and (left, right) in _MATRICES:
            return _environment(_MATRICES[(left, right)], _matrix_rows(only, state))
        if only is not None and local(only) in ("eqArr", "m") and not right:
            lines = _lines(only, state) if local(only) == "eqArr" else _matrix_rows(only, state)
            if left == "{":
                return _environment("cases", lines)
            if left:
                wide = max((line.count("&") for line in lines), default=0) + 1
                return f"\\left{_fence(left)}\\begin{{array}}{{{'l' * wide}}}{_stacked(lines)}\\end{{array}}\\right."
        if only is not None and local(only) == "f" and _value(child(only, "fPr"), "type") == "noBar":
            if (left, right) == ("(", ")"):
                return f"\\binom{{{_arg(only, 'num', state)}}}{{{_arg(only, 'den', state)}}}"
    inner = [_row(p, state).strip() for p in parts]
    tall = any(_TALL.search(i) for i in inner) or not left or not right
    between = "|" if sign is None else sign.replace("on", "")
    if tall:
        middle = (
            f" \\middle{_fence(between)} " if between in ("|", "∣", "‖", "/") else LATEX.get(between, between) + " "
        )
        return f"\\left{_fence(left)}{_parted(left)}{middle.join(inner)}\\right{_fence(right)}"
    middle = r" \mid " if between in ("|", "∣") else LATEX.get(between, between)
    return joined([_fence(left), _parted(left), middle.join(inner), _fence(right)])


def _parted(sign: str) -> str:
    return " " if _fence(sign)[-1:].isalpha() else ""


def _fence(sign: str) -> str:
    return _FENCES.get(sign) or LATEX.get(sign) or (sign if len(sign) == 1 and not sign.isalnum() else ".")


def _only(element: Element) -> Element | None:
    """The one thing an argument holds, blank runs aside."""
    found = [k for k in _kids(element) if not local(k).endswith("Pr")]
    found = [k for k in found if local(k) != "r" or _said(k).strip()]
    return found[0] if len(found) == 1 else None


def _stacked(lines: list[str]) -> str:
    return " " + r" \\ ".join(lines) + " "


def _environment(name: str, lines: list[str]) -> str:
    return f"\\begin{{{name}}}{_stacked(lines)}\\end{{{name}}}"


def _lines(element: Element, state: _State) -> list[str]:
    """Lines of an equation array; `&` in Word's text marks where they align."""
    found = []
    for part in children(element, "e"):
        line = _row(part, state).replace(r"\&", "&").strip()
        # Odd marks align, even ones only keep apart.
        pieces = line.split("&")
        found.append("&".join(pieces[:2]) + " ".join(pieces[2:]))
    aligned = all("&" in line for line in found)
    return found if aligned else [line.replace("&", "") for line in found]


def _array(element: Element, state: _State) -> str:
    lines = _lines(element, state)
    if len(lines) == 1:
        return lines[0].replace("&", "")
    if any("&" in line for line in lines):
        return _environment("aligned", lines)
    return f"\\begin{{array}}{{l}}{_stacked(lines)}\\end{{array}}"


def _matrix_rows(element: Element, state: _State) -> list[str]:
    return [" & ".join(_row(e, state).strip() for e in children(r, "e")) for r in children(element, "mr")]


def _matrix(element: Element, state: _State) -> str:
    return _environment("matrix", _matrix_rows(element, state))


def _function(element: Element, state: _State) -> str:
    held = child(element, "fName")
    name = _row(held, state).strip()
    inner = _arg(element, "e", state)
    bare = re.fullmatch(r"(?:\\mathrm\{([A-Za-z]+)\}|([A-Za-z]{2,}))(.*)", name, re.DOTALL)
    if bare and (bare[1] or bare[2]) not in WORDS:
        name = f"\\operatorname{{{bare[1] or bare[2]}}}{bare[3]}"
    return f"{name} {inner}" if re.search(r"[A-Za-z]$", name) and inner[:1].isalnum() else joined([name, inner])


def _limit_below(element: Element, state: _State) -> str:
    return _limit(element, state, "_", "underset")


def _limit_above(element: Element, state: _State) -> str:
    return _limit(element, state, "^", "overset")


def _limit(element: Element, state: _State, mark: str, command: str) -> str:
    base, limit = _arg(element, "e", state), _arg(element, "lim", state)
    upright = re.fullmatch(r"\\mathrm\{([A-Za-z]+)\}", base)
    if upright and upright[1] in WORDS:
        base = f"\\{upright[1]}"
    held = child(element, "e")
    sign = "".join(t.text or "" for t in held.iter(f"{{{M}}}t")).strip() if held is not None else ""
    if sign in _ARROWS and len(base) < 30:
        return f"\\{_ARROWS[sign]}[{limit}]{{}}" if mark == "_" else f"\\{_ARROWS[sign]}{{{limit}}}"
    if base.startswith(("\\underbrace", "\\overbrace")) or re.fullmatch(
        r"\\(?:lim|max|min|sup|inf|gcd|det|sum|prod|bigcup|bigcap)|\\x(?:right|left)arrow.*", base
    ):
        return f"{base}{mark}{{{limit}}}"
    if sign in WORDS:
        return f"\\operatorname*{{{sign}}}{mark}{{{limit}}}"
    return f"\\{command}{{{limit}}}{{{base}}}"


def _accent(element: Element, state: _State) -> str:
    sign = _value(child(element, "accPr"), "chr")
    inner = _arg(element, "e", state)
    narrow, wide = _ACCENTS.get("\u0302" if sign is None else sign, ("", ""))
    if not narrow:
        if sign and sign != "on":
            return f"\\overset{{{LATEX.get(sign, sign)}}}{{{inner}}}"
        return inner
    letters = re.sub(r"\\[A-Za-z]+|[{}_^\s]", "x" if "\\" in inner else "", inner)
    return f"\\{narrow if len(letters) <= 1 and len(inner) <= 8 else wide}{{{inner}}}"


def _bar(element: Element, state: _State) -> str:
    top = _value(child(element, "barPr"), "pos") == "top"
    return f"\\{'overline' if top else 'underline'}{{{_arg(element, 'e', state)}}}"


def _group(element: Element, state: _State) -> str:
    said = child(element, "groupChrPr")
    sign = _value(said, "chr") or "\u23df"
    top = _value(said, "pos") == "top"
    inner = _arg(element, "e", state)
    if sign in ("\u23df", "\u23de", "on"):
        return f"\\{'overbrace' if top else 'underbrace'}{{{inner}}}"
    if sign in _ARROWS:
        if top and sign in ("→", "←", "↔") and _value(said, "vertJc") is None:
            return f"\\over{'right' if sign == '→' else 'left' if sign == '←' else 'leftright'}arrow{{{inner}}}"
        return f"\\{_ARROWS[sign]}[{inner}]{{}}" if top else f"\\{_ARROWS[sign]}{{{inner}}}"
    mark = LATEX.get(sign, sign)
    return f"\\{'overset' if top else 'underset'}{{{mark}}}{{{inner}}}"


def _boxed(element: Element, state: _State) -> str:
    said = child(element, "borderBoxPr")
    hidden = [side for side in ("hideTop", "hideBot", "hideLeft", "hideRight") if _is_on(said, side)]
    inner = _arg(element, "e", state)
    if any(_is_on(said, name) for name in ("strikeBLTR", "strikeTLBR", "strikeH", "strikeV")):
        return f"\\cancel{{{inner}}}"
    return inner if len(hidden) == 4 else f"\\boxed{{{inner}}}"


def _phantom(element: Element, state: _State) -> str:
    inner = _arg(element, "e", state)
    shown = _value(child(element, "phantPr"), "show")
    return inner if shown is None or shown not in ("0", "off", "false") else f"\\phantom{{{inner}}}"


def _inner(element: Element, state: _State) -> str:
    return _arg(element, "e", state)


_SILENT = frozenset({"t", "bookmarkStart", "bookmarkEnd", "proofErr"})
_ELEMENTS: dict[str, Callable[[Element, _State], str]] = {
    "sSup": _sup,
    "sSub": _sub,
    "sSubSup": _sub_sup,
    "sPre": _pre,
    "f": _fraction,
    "rad": _radical,
    "nary": _nary,
    "d": _delimited,
    "eqArr": _array,
    "m": _matrix,
    "func": _function,
    "limLow": _limit_below,
    "limUpp": _limit_above,
    "acc": _accent,
    "bar": _bar,
    "groupChr": _group,
    "box": _inner,
    "borderBox": _boxed,
    "phant": _phantom,
    "oMath": _row,
    "oMathPara": _row,
    "e": _row,
}
