"""MathML into LaTeX and back. A TeX annotation, where a formula carries one, is taken as it is."""

from __future__ import annotations

import re
from collections.abc import Callable

from lxml import etree

from app.questions.formats.xml import Element, child, children, entity, local, namespace

MATHML = "http://www.w3.org/1998/Math/MathML"

_SIGNS = {
    "×": r"\times", "⋅": r"\cdot", "·": r"\cdot", "÷": r"\div", "±": r"\pm", "∓": r"\mp", "≤": r"\le", "≥": r"\ge",
    "≠": r"\neq", "≈": r"\approx", "≡": r"\equiv", "∼": r"\sim", "≅": r"\cong", "∝": r"\propto", "∞": r"\infty",
    "→": r"\to", "←": r"\leftarrow", "↔": r"\leftrightarrow", "⇒": r"\Rightarrow", "⇐": r"\Leftarrow",
    "⇔": r"\Leftrightarrow", "↦": r"\mapsto", "↑": r"\uparrow", "↓": r"\downarrow", "∈": r"\in", "∉": r"\notin",
    "∋": r"\ni", "⊂": r"\subset", "⊃": r"\supset", "⊆": r"\subseteq", "⊇": r"\supseteq", "∪": r"\cup",
    "∩": r"\cap", "∅": r"\emptyset", "∖": r"\setminus", "⧵": r"\setminus", "∀": r"\forall", "∃": r"\exists", "¬": r"\neg",
    "∧": r"\wedge", "∨": r"\vee", "∂": r"\partial", "∇": r"\nabla", "∑": r"\sum", "∏": r"\prod", "∫": r"\int",
    "∬": r"\iint", "∭": r"\iiint", "∮": r"\oint", "√": r"\surd", "∠": r"\angle", "⊥": r"\perp", "∥": r"\parallel",
    "△": r"\triangle", "°": r"^\circ", "′": "'", "″": "''", "…": r"\ldots", "⋯": r"\cdots", "⋮": r"\vdots",
    "⋱": r"\ddots", "∘": r"\circ", "⊕": r"\oplus", "⊗": r"\otimes", "∴": r"\therefore", "∵": r"\because",
    "ℝ": r"\mathbb{R}", "ℕ": r"\mathbb{N}", "ℤ": r"\mathbb{Z}", "ℚ": r"\mathbb{Q}", "ℂ": r"\mathbb{C}",
    "ℓ": r"\ell", "ℏ": r"\hbar", "⟨": r"\langle", "⟩": r"\rangle", "⌊": r"\lfloor", "⌋": r"\rfloor",
    "⌈": r"\lceil", "⌉": r"\rceil", "‖": r"\|", "−": "-", "∣": r"\mid", "⇌": r"\rightleftharpoons",
    "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon", "ϵ": r"\epsilon",
    "ζ": r"\zeta", "η": r"\eta", "θ": r"\theta", "ϑ": r"\vartheta", "ι": r"\iota", "κ": r"\kappa", "λ": r"\lambda",
    "μ": r"\mu", "µ": r"\mu", "ν": r"\nu", "ξ": r"\xi", "π": r"\pi", "ρ": r"\rho", "ς": r"\varsigma",
    "σ": r"\sigma", "τ": r"\tau", "υ": r"\upsilon", "φ": r"\varphi", "ϕ": r"\phi", "χ": r"\chi", "ψ": r"\psi",
    "ω": r"\omega", "Γ": r"\Gamma", "Δ": r"\Delta", "Θ": r"\Theta", "Λ": r"\Lambda", "Ξ": r"\Xi", "Π": r"\Pi",
    "Σ": r"\Sigma", "Φ": r"\Phi", "Ψ": r"\Psi", "Ω": r"\Omega", "∆": r"\Delta",
    "{": r"\{", "}": r"\}", "%": r"\%", "$": r"\$", "#": r"\#", "&": r"\&", "_": r"\_", "~": r"\sim",
    "\\": r"\backslash", "\u2061": "", "\u2062": "", "\u2063": "", "\u2064": "", "\u200b": "", "\u00a0": r"\ ",
    "\u2009": r"\,", "\u2003": r"\quad", "\u2002": r"\ ",
}  # fmt: skip
_WORDS = {
    "sin", "cos", "tan", "cot", "sec", "csc", "arcsin", "arccos", "arctan", "sinh", "cosh", "tanh", "log", "ln", "lg",
    "exp", "lim", "max", "min", "sup", "inf", "det", "dim", "gcd", "deg", "arg", "ker", "hom",
}  # fmt: skip
_OVER = {
    "¯": "overline", "‾": "overline", "_": "underline", "→": "vec", "⃗": "vec", "^": "hat", "ˆ": "hat", "~": "tilde",
    "˜": "tilde", "˙": "dot", "¨": "ddot", "⏞": "overbrace", "⏟": "underbrace", "⌒": "overset{\\frown}",
}  # fmt: skip
_VARIANTS = {
    "double-struck": "mathbb", "bold": "mathbf", "script": "mathcal", "fraktur": "mathfrak", "sans-serif": "mathsf",
    "monospace": "mathtt", "bold-italic": "boldsymbol",
}  # fmt: skip
_FENCES = {"{": r"\{", "}": r"\}", "⟨": r"\langle", "⟩": r"\rangle", "‖": r"\|", "": "."}
_BIG = ("∑", "∏", "∫", "lim", "max", "min", "⋃", "⋂", "∬", "∮")


def to_latex(math: Element) -> str:
    """LaTeX of a `<math>`; never raises: what it does not know stays as its text."""
    annotated = _annotation(math)
    if annotated is not None:
        return annotated
    made = _row(math)
    made = re.sub(r"[ \t\n]+", " ", made).strip()
    return re.sub(r" ([_^,;)\]])", r"\1", made)


def _annotation(math: Element) -> str | None:
    semantics = child(math, "semantics")
    if semantics is None:
        return None
    for note in children(semantics, "annotation"):
        if (note.get("encoding") or "").lower() in ("application/x-tex", "latex", "tex", "application/x-latex"):
            text = (note.text or "").strip()
            return text or None
    return None


def _row(element: Element) -> str:
    parts = [_one(c) for c in children(element)]
    if not parts:
        return _token(element)
    return _joined(parts)


def _joined(parts: list[str]) -> str:
    """Parts side by side; a blank parts a command from a letter."""
    out = ""
    for part in parts:
        if out and part and re.search(r"\\[A-Za-z]+$", out) and part[:1].isalpha():
            out += " "
        out += part
    return out


def _token(element: Element) -> str:
    pieces = [element.text or ""]
    for below in element:
        if below.tag is etree.Entity:
            pieces.append(entity(below))
        pieces.append(below.tail or "")
    return re.sub(r"\s+", " ", "".join(pieces)).strip()


def _signs(text: str) -> str:
    return _joined([_SIGNS.get(c, c) for c in text])


def _one(element: Element) -> str:
    made = _ELEMENTS.get(local(element), _row)(element)
    return made


def _mi(element: Element) -> str:
    text = _token(element)
    if text in _WORDS:
        return f"\\{text} "
    style = _VARIANTS.get(element.get("mathvariant") or "")
    if style:
        return f"\\{style}{{{_signs(text)}}}"
    if len(text) > 1 and text.isalpha() and not any(c in _SIGNS for c in text):
        return f"\\mathrm{{{text}}}"
    return _signs(text)


def _mn(element: Element) -> str:
    return _signs(_token(element)).replace(",", "{,}") if "," in _token(element) else _signs(_token(element))


def _mo(element: Element) -> str:
    text = _token(element)
    if text in _WORDS:
        return f"\\{text} "
    made = _signs(text)
    return f"{made} " if re.fullmatch(r"\\[A-Za-z]+", made) else made


def _mtext(element: Element) -> str:
    text = "".join(element.itertext()).replace("\u00a0", " ")
    if not text.strip():
        return r"\ " if text else ""
    return "\\text{" + re.sub(r"([%$#&_{}])", r"\\\1", re.sub(r"\s+", " ", text)) + "}"


def _args(element: Element, n: int) -> list[str]:
    found = [_one(c).strip() for c in children(element)][:n]
    return found + [""] * (n - len(found))


def _base(text: str) -> str:
    """What may carry a script without braces."""
    return text if len(text) == 1 or re.fullmatch(r"\\[A-Za-z]+", text) else f"{{{text}}}"


def _frac(element: Element) -> str:
    over, under = _args(element, 2)
    if element.get("linethickness") in ("0", "0px", "0pt"):
        return f"\\binom{{{over}}}{{{under}}}"
    return f"\\frac{{{over}}}{{{under}}}"


def _root(element: Element) -> str:
    base, index = _args(element, 2)
    return f"\\sqrt[{index}]{{{base}}}"


def _scripts(below: bool, above: bool) -> Callable[[Element], str]:
    def made(element: Element) -> str:
        parts = _args(element, 1 + below + above)
        out = _base(parts[0])
        if below:
            out += f"_{{{parts[1]}}}"
        if above:
            power = parts[-1]
            out += power if re.fullmatch("'+", power) else f"^{{{power.removeprefix('^')}}}"
        return out

    return made


def _over(element: Element) -> str:
    base, sign = _args(element, 2)
    kids = children(element)
    mark = _token(kids[1]) if len(kids) > 1 else ""
    if mark in _OVER:
        name = _OVER[mark]
        if name == "vec" and len(re.sub(r"\\[a-z]+|[{}]", "", base)) > 1:
            name = "overrightarrow"
        if name == "hat" and len(base) > 1:
            name = "widehat"
        return f"\\{name}{{{base}}}"
    return f"{base}^{{{sign}}}" if _is_big(element) else f"\\overset{{{sign}}}{{{base}}}"


def _under(element: Element) -> str:
    base, sign = _args(element, 2)
    kids = children(element)
    mark = _token(kids[1]) if len(kids) > 1 else ""
    if mark in ("_", "̲", "\u0332", "¯", "‾"):
        return f"\\underline{{{base}}}"
    if mark == "⏟":
        return f"\\underbrace{{{base}}}"
    return f"{base}_{{{sign}}}" if _is_big(element) else f"\\underset{{{sign}}}{{{base}}}"


def _is_big(element: Element) -> bool:
    kids = children(element)
    return bool(kids) and "".join(kids[0].itertext()).strip().startswith(_BIG)


def _under_over(element: Element) -> str:
    base, under, over = _args(element, 3)
    return f"{base}_{{{under}}}^{{{over}}}"


def _multi(element: Element) -> str:
    """`mmultiscripts`: scripts after the base, then those before it."""
    kids = children(element)
    if not kids:
        return ""
    before: list[Element] = []
    after: list[Element] = []
    into = after
    for kid in kids[1:]:
        if local(kid) == "mprescripts":
            into = before
        else:
            into.append(kid)

    def pair(found: list[Element]) -> str:
        texts = ["" if local(f) == "none" else _one(f).strip() for f in found[:2]] + ["", ""]
        return (f"_{{{texts[0]}}}" if texts[0] else "") + (f"^{{{texts[1]}}}" if texts[1] else "")

    return (f"{{}}{pair(before)}" if before else "") + _base(_one(kids[0]).strip()) + pair(after)


def _table(element: Element) -> str:
    rows = []
    for row in children(element, "mtr", "mlabeledtr"):
        rows.append(" & ".join(_row(cell).strip() for cell in children(row, "mtd")))
    return "\\begin{matrix}" + r" \\ ".join(rows) + "\\end{matrix}"


def _fenced(element: Element) -> str:
    left, right = element.get("open", "("), element.get("close", ")")
    signs = element.get("separators", ",")
    kids = [_one(c).strip() for c in children(element)]
    if len(kids) == 1 and kids[0].startswith("\\begin{matrix}") and (left, right) == ("{", ""):
        return "\\begin{cases}" + kids[0][len("\\begin{matrix}") : -len("\\end{matrix}")] + "\\end{cases}"
    inner = kids[0] if kids else ""
    for n, kid in enumerate(kids[1:]):
        inner += (signs[min(n, len(signs) - 1)].strip() if signs.strip() else "") + kid
    return f"\\left{_FENCES.get(left, left)} {inner} \\right{_FENCES.get(right, right)}"


def _enclosed(element: Element) -> str:
    inner = _row(element).strip()
    notation = element.get("notation", "")
    if "radical" in notation:
        return f"\\sqrt{{{inner}}}"
    if "box" in notation:
        return f"\\boxed{{{inner}}}"
    return f"\\overline{{{inner}}}" if "top" in notation else inner


_ELEMENTS: dict[str, Callable[[Element], str]] = {
    "mi": _mi,
    "mn": _mn,
    "mo": _mo,
    "mtext": _mtext,
    "ms": _mtext,
    "mspace": lambda e: r"\ ",
    "mfrac": _frac,
    "msqrt": lambda e: f"\\sqrt{{{_row(e).strip()}}}",
    "mroot": _root,
    "msup": _scripts(False, True),
    "msub": _scripts(True, False),
    "msubsup": _scripts(True, True),
    "mover": _over,
    "munder": _under,
    "munderover": _under_over,
    "mmultiscripts": _multi,
    "mtable": _table,
    "mfenced": _fenced,
    "menclose": _enclosed,
    "semantics": lambda e: _one(children(e)[0]) if children(e) else "",
    "annotation": lambda e: "",
    "annotation-xml": lambda e: "",
    "none": lambda e: "",
    "mphantom": lambda e: "",
}


def from_latex(latex: str, display: bool = False) -> Element:
    """A `<math>` that carries its LaTeX as annotation, so that it comes back as it was written."""
    drawn = _drawn(latex, display)
    math = etree.Element(f"{{{MATHML}}}math", nsmap={"m": MATHML})
    if display:
        math.set("display", "block")
    semantics = etree.SubElement(math, f"{{{MATHML}}}semantics")
    row = etree.SubElement(semantics, f"{{{MATHML}}}mrow")
    if drawn is None:
        etree.SubElement(row, f"{{{MATHML}}}mtext").text = latex
    else:
        for part in drawn:
            row.append(part)
    note = etree.SubElement(semantics, f"{{{MATHML}}}annotation", encoding="application/x-tex")
    note.text = latex
    return math


def _drawn(latex: str, display: bool) -> list[Element] | None:
    """What latex2mathml makes of it; None where braces do not match, which it would take in silence."""
    bare = re.sub(r"\\.", "", latex)
    depth = 0
    for sign in bare:
        depth += (sign == "{") - (sign == "}")
        if depth < 0:
            return None
    if depth or len(latex) > 2_000:
        return None
    try:
        from latex2mathml.converter import convert

        made = convert(latex, display="block" if display else "inline")
        root = etree.fromstring(made, etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True))
    except Exception:  # the converter raises its own errors, and IndexError on some broken formulas
        return None
    if namespace(root) != MATHML:
        return None
    for below in root.iter():
        for name in list(below.attrib):
            if name not in _ATTRIBUTES:
                del below.attrib[name]
    return children(root)


_ATTRIBUTES = {
    "mathvariant", "stretchy", "fence", "form", "separator", "linethickness", "displaystyle", "scriptlevel", "accent",
    "accentunder", "columnalign", "rowspacing", "columnspacing", "width", "notation", "open", "close", "movablelimits",
    "minsize", "maxsize",
}  # fmt: skip
