"""MathML as KaTeX writes it into typst's maths. Every sign is escaped, so that no text of a question becomes code."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

# An empty argument.
EMPTY = '""'
APPLY = "\u2061"
SEPARATOR = "\u2063"
PRIMES = {"′": 1, "″": 2, "‴": 3, "'": 1}
SPACES = {"\u2009": "thin", "\u2005": "med", "\u205f": "med", "\u2004": "thick", "\u2003": "quad", "\xa0": "space"}
# Signs that a mover or munder sets over or under its base.
OVER = {
    "→": "arrow", "⃗": "arrow", "←": "arrow.l", "^": "hat", "ˆ": "hat", "̂": "hat", "¯": "overline", "‾": "overline",
    "ˉ": "overline", "_": "overline", "~": "tilde", "˜": "tilde", "˙": "dot", "¨": "dot.double", "ˇ": "caron",
    "⏞": "overbrace", "⌢": "overparen", "⏜": "overparen", "´": "acute", "`": "grave", "˚": "circle",
}  # fmt: skip
UNDER = {"‾": "underline", "_": "underline", "⏟": "underbrace", "¯": "underline", "ˉ": "underline"}
VARIANTS = {
    "double-struck": "bb", "script": "cal", "fraktur": "frak", "sans-serif": "sans", "monospace": "mono",
    "bold-italic": "bold",
}  # fmt: skip


def typst(element: Any) -> str:
    """The inside of `$…$` for a `math` element (lxml)."""
    return _one(element).strip() or '""'


def quoted(text: str) -> str:
    """A string of typst's."""
    return '"' + re.sub(r'[\\"]', r"\\\g<0>", text).replace("\n", " ").replace("\r", " ").replace("\t", " ") + '"'


def _name(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _row(elements: Iterable[Any]) -> str:
    found = list(elements)
    if found and _name(found[0]) == "mo" and found[0].get("fence") == "true":
        # `\left … \right`: the outer signs grow with what they hold; one of them may be missing.
        closes = len(found) > 1 and _name(found[-1]) == "mo" and found[-1].get("fence") == "true"
        inner = found[1:-1] if closes else found[1:]
        last = _fence(found[-1]) if closes else ""
        return f"lr({_fence(found[0])} {_row(inner)} {last})"
    if len(found) > 1 and _name(found[-1]) == "mo" and found[-1].get("fence") == "true":
        return f"lr({_row(found[:-1])} {_fence(found[-1])})"
    return " ".join(piece for piece in map(_one, found) if piece)


def _fence(element: Any) -> str:
    """A sign of `\\left` and `\\right`; upright bars are left to typst to pair."""
    text = (element.text or "").strip()
    return {"∣": "|", "|": "|", "∥": "‖", "": "", ".": ""}.get(text, _sign(text))


def _argument(element: Any) -> str:
    return _one(element).strip() or '""'


def _one(element: Any) -> str:
    name = _name(element)
    children = [child for child in element if _name(child)]
    text = (element.text or "").strip(" \n") if not children else ""
    match name:
        case "semantics":
            return _one(children[0]) if children else ""
        case "annotation" | "annotation-xml" | "":
            return ""
        case "mi":
            return _letter(text, element.get("mathvariant"))
        case "mn":
            return quoted(text) if element.get("mathvariant") != "bold" else f"bold({quoted(text)})"
        case "mo":
            # The colon of `(P)\colon x = 0` brings its own spaces.
            tight = text == ":" and element.get("lspace") == "0em"
            return 'class("normal", \\:)' if tight else _sign(text)
        case "mtext" | "ms":
            return _text(element.text or "", element.get("mathvariant"))
        case "mspace":
            width = re.fullmatch(r"(-?\d*\.?\d+)em", element.get("width", ""))
            return f"#h({width[1]}em)" if width and float(width[1]) else ""
        case "msup" | "msub" | "msubsup" if len(children) >= 2:
            return _scripts(name, children)
        case "mover" | "munder" if len(children) == 2:
            return _over(name, children[0], children[1], element)
        case "munderover" if len(children) == 3:
            base, below, above = map(_argument, children)
            return f"attach(limits({base}), b: {below}, t: {above})"
        case "mfrac" if len(children) == 2:
            above, below = map(_argument, children)
            if element.get("linethickness", "").startswith("0"):
                return f"mat(delim: #none, {above}; {below})"
            return f"frac({above}, {below})"
        case "msqrt":
            return f"sqrt({_row(children) or EMPTY})"
        case "mroot" if len(children) == 2:
            return f"root({_argument(children[1])}, {_argument(children[0])})"
        case "mtable":
            return _table(element, children)
        case "mstyle" if element.get("displaystyle") == "true":
            return f"display({_row(children) or EMPTY})"
        case "mphantom":
            return f"#hide[${_row(children) or EMPTY}$]"
        case _:
            return _row(children) if children else (_text(text, None) if text else "")


def _letter(text: str, variant: str | None) -> str:
    if not text or text == APPLY:
        return ""
    if text in ("∣", "|"):
        return 'class("normal", |)'
    if len(text) > 1 and variant in (None, "normal"):
        return f"op({quoted(text)})"
    if variant == "normal":
        return f"upright({text})" if text.isalpha() else _sign(text)
    if variant == "bold":
        return f"bold(upright({quoted(text)}))"
    plain = text if len(text) == 1 and (text.isalpha() or ord(text) > 127) else quoted(text)
    return f"{VARIANTS[variant]}({plain})" if variant in VARIANTS else plain


def _sign(text: str) -> str:
    if not text or text == APPLY:
        return ""
    if text == "-":
        return "−"
    if len(text) > 1:
        return f"op({quoted(text)})" if text.isalpha() else " ".join(_sign(char) for char in text)
    if text in PRIMES:
        return f"#h(0.05em) {'′' * PRIMES[text]}"
    return f"\\{text}" if ord(text) < 128 and not text.isalnum() else text


def _text(text: str, variant: str | None) -> str:
    if SEPARATOR in text and not text.replace(SEPARATOR, "").strip():
        return ""
    if text and set(text) <= set(SPACES) | {" "}:
        return " ".join(SPACES.get(char, "space") for char in text)
    made = quoted(text.replace("\xa0", " "))
    return f"bold({made})" if variant == "bold" else made


def _primes(element: Any) -> int:
    """How many primes this is, 0 when it is something else."""
    pieces = list(element.iter()) if _name(element) == "mrow" else [element]
    signs = [(each.text or "").strip() for each in pieces if _name(each) == "mo"]
    other = [each for each in pieces if _name(each) not in ("mo", "mrow")]
    joined = "".join(signs)
    return sum(PRIMES[char] for char in joined) if joined and not other and set(joined) <= set(PRIMES) else 0


def _scripts(name: str, children: list[Any]) -> str:
    base = _argument(children[0])
    below = children[1] if name in ("msub", "msubsup") else None
    above = children[-1] if name in ("msup", "msubsup") else None
    pieces = [base]
    if below is not None:
        pieces.append(f"b: {_argument(below)}")
    if above is not None:
        primes = _primes(above)
        pieces.append(f"t: primes(#{primes})" if primes else f"t: {_argument(above)}")
    return f"attach({', '.join(pieces)})"


def _over(name: str, base: Any, mark: Any, element: Any) -> str:
    sign = (mark.text or "").strip() if _name(mark) == "mo" else ""
    functions = OVER if name == "mover" else UNDER
    accents = element.get("accent") == "true" or element.get("accentunder") == "true" or mark.get("stretchy") == "true"
    if sign in functions and (accents or name == "munder"):
        return f"{functions[sign]}({_argument(base)})"
    place = "t" if name == "mover" else "b"
    below = _argument(base)
    if _name(base) == "mo" and (base.text or "").strip() in "→←⟶⇒⇔↔⟷":
        below = f"stretch({below}, size: #(100% + 0.6em))"
    return f"attach(limits({below}), {place}: {_argument(mark)})"


def _table(element: Any, rows: list[Any]) -> str:
    sides = (element.get("columnalign") or "center").split()
    pairs = sides[:2] == ["right", "left"]
    made = []
    for row in rows:
        cells = [_row(cell) or '""' for cell in row if _name(cell) == "mtd"]
        # The columns of `aligned` stand close together; typst's matrices have a gap.
        made.append(" ".join(cells) if pairs else ", ".join(cells))
    side = "left" if pairs or sides[0] == "left" else "right" if sides[0] == "right" else "center"
    return f"display(mat(delim: #none, align: #{side}, row-gap: #0.45em, column-gap: #0.9em, {'; '.join(made)}))"
