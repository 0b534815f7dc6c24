"""Mathematical signs: Unicode to LaTeX, and the letters of the Symbol and Wingdings fonts to Unicode."""

from __future__ import annotations

import unicodedata

LATEX: dict[str, str] = {
    "×": r"\times", "⋅": r"\cdot", "·": r"\cdot", "∙": r"\cdot", "•": r"\bullet", "÷": r"\div", "±": r"\pm",
    "∓": r"\mp", "∗": "*", "≤": r"\le", "≥": r"\ge", "≦": r"\leqq", "≧": r"\geqq", "⩽": r"\leqslant",
    "⩾": r"\geqslant", "≪": r"\ll", "≫": r"\gg", "≠": r"\neq", "≈": r"\approx", "≃": r"\simeq", "≡": r"\equiv",
    "∼": r"\sim", "≅": r"\cong", "∝": r"\propto", "∞": r"\infty", "≜": r"\triangleq", "≮": r"\nless", "≯": r"\ngtr",
    "→": r"\to", "⟶": r"\longrightarrow", "←": r"\leftarrow", "⟵": r"\longleftarrow", "↔": r"\leftrightarrow",
    "⟷": r"\longleftrightarrow", "⇒": r"\Rightarrow", "⟹": r"\Longrightarrow", "⇐": r"\Leftarrow",
    "⇔": r"\Leftrightarrow", "⟺": r"\Longleftrightarrow", "↦": r"\mapsto", "↑": r"\uparrow", "↓": r"\downarrow",
    "↕": r"\updownarrow", "⇑": r"\Uparrow", "⇓": r"\Downarrow", "↗": r"\nearrow", "↘": r"\searrow",
    "↙": r"\swarrow", "↖": r"\nwarrow", "⇌": r"\rightleftharpoons", "⇋": r"\leftrightharpoons", "⇄": r"\rightleftarrows",
    "∈": r"\in", "∉": r"\notin", "∋": r"\ni", "⊂": r"\subset", "⊃": r"\supset", "⊆": r"\subseteq",
    "⊇": r"\supseteq", "⊄": r"\not\subset", "⊅": r"\not\supset", "⊊": r"\subsetneq", "∪": r"\cup", "∩": r"\cap",
    "∅": r"\emptyset", "∖": r"\setminus", "⧵": r"\setminus", "∀": r"\forall", "∃": r"\exists", "∄": r"\nexists",
    "¬": r"\neg", "∧": r"\wedge", "∨": r"\vee", "⊢": r"\vdash", "⊨": r"\models", "⊤": r"\top",
    "∂": r"\partial", "∇": r"\nabla", "∑": r"\sum", "∏": r"\prod", "∐": r"\coprod", "∫": r"\int", "∬": r"\iint",
    "∭": r"\iiint", "∮": r"\oint", "⋃": r"\bigcup", "⋂": r"\bigcap", "⋁": r"\bigvee", "⋀": r"\bigwedge",
    "⨁": r"\bigoplus", "⨂": r"\bigotimes", "√": r"\surd", "∠": r"\angle", "∡": r"\measuredangle", "⊥": r"\perp",
    "⟂": r"\perp", "∥": r"\parallel", "⫽": r"\parallel", "∦": r"\nparallel", "△": r"\triangle", "▵": r"\triangle",
    "□": r"\square", "◻": r"\square", "⌢": r"\frown", "∟": r"\angle", "⋮": r"\vdots", "⋱": r"\ddots",
    "…": r"\ldots", "⋯": r"\cdots", "∘": r"\circ", "○": r"\bigcirc", "⊕": r"\oplus", "⊖": r"\ominus", "⊗": r"\otimes",
    "⊙": r"\odot", "⋆": r"\star", "★": r"\bigstar", "∴": r"\therefore", "∵": r"\because", "†": r"\dagger",
    "‡": r"\ddagger", "ℓ": r"\ell", "ℏ": r"\hbar", "ℜ": r"\Re", "ℑ": r"\Im", "℘": r"\wp", "ℵ": r"\aleph",
    "⟨": r"\langle", "⟩": r"\rangle", "〈": r"\langle", "〉": r"\rangle", "⌊": r"\lfloor", "⌋": r"\rfloor",
    "⌈": r"\lceil", "⌉": r"\rceil", "‖": r"\|", "∣": r"\mid", "−": "-", "–": "-", "‐": "-", "′": "'", "″": "''",
    "‴": "'''", "’": "'", "∶": ":", "≔": ":=", "°": r"^{\circ}", "ı": r"\imath", "ȷ": r"\jmath",
    "α": r"\alpha", "β": r"\beta", "γ": r"\gamma", "δ": r"\delta", "ε": r"\varepsilon", "ϵ": r"\epsilon",
    "ζ": r"\zeta", "η": r"\eta", "θ": r"\theta", "ϑ": r"\vartheta", "ι": r"\iota", "κ": r"\kappa", "λ": r"\lambda",
    "μ": r"\mu", "µ": r"\mu", "ν": r"\nu", "ξ": r"\xi", "ο": "o", "π": r"\pi", "ϖ": r"\varpi", "ρ": r"\rho",
    "ϱ": r"\varrho", "ς": r"\varsigma", "σ": r"\sigma", "τ": r"\tau", "υ": r"\upsilon", "φ": r"\varphi",
    "ϕ": r"\phi", "χ": r"\chi", "ψ": r"\psi", "ω": r"\omega", "Γ": r"\Gamma", "Δ": r"\Delta", "∆": r"\Delta",
    "Θ": r"\Theta", "Λ": r"\Lambda", "Ξ": r"\Xi", "Π": r"\Pi", "Σ": r"\Sigma", "Υ": r"\Upsilon", "Φ": r"\Phi",
    "Ψ": r"\Psi", "Ω": r"\Omega", "\u2126": r"\Omega", "Α": r"\mathrm{A}", "Β": r"\mathrm{B}",
    "ℝ": r"\mathbb{R}", "ℕ": r"\mathbb{N}", "ℤ": r"\mathbb{Z}", "ℚ": r"\mathbb{Q}", "ℂ": r"\mathbb{C}",
    "ℙ": r"\mathbb{P}", "ℍ": r"\mathbb{H}", "ℒ": r"\mathcal{L}", "ℋ": r"\mathcal{H}", "ℱ": r"\mathcal{F}",
    "ℰ": r"\mathcal{E}", "ℳ": r"\mathcal{M}", "ℬ": r"\mathcal{B}", "ℛ": r"\mathcal{R}", "ℊ": r"\mathcal{g}",
    "½": r"\frac{1}{2}", "¼": r"\frac{1}{4}", "¾": r"\frac{3}{4}", "⅓": r"\frac{1}{3}", "⅔": r"\frac{2}{3}",
    "{": r"\{", "}": r"\}", "%": r"\%", "$": r"\$", "#": r"\#", "&": r"\&", "_": r"\_", "~": r"\sim",
    "\\": r"\backslash", "^": r"\text{\textasciicircum}",
    "\u2061": "", "\u2062": "", "\u2063": "", "\u2064": "", "\u200b": "", "\u2060": "", "\ufeff": "",
    "\u00a0": r"\ ", "\u2009": r"\,", "\u200a": r"\,", "\u2005": r"\:", "\u205f": r"\:", "\u2004": r"\;",
    "\u2002": r"\enspace ", "\u2003": r"\quad", "\u3000": r"\quad",
    "\u2070": "^{0}", "\u00b9": "^{1}", "\u00b2": "^{2}", "\u00b3": "^{3}", "\u2074": "^{4}", "\u2075": "^{5}",
    "\u2076": "^{6}", "\u2077": "^{7}", "\u2078": "^{8}", "\u2079": "^{9}", "\u207a": "^{+}", "\u207b": "^{-}",
    "\u207f": "^{n}", "\u2080": "_{0}", "\u2081": "_{1}", "\u2082": "_{2}", "\u2083": "_{3}", "\u2084": "_{4}",
    "\u2085": "_{5}", "\u2086": "_{6}", "\u2087": "_{7}", "\u2088": "_{8}", "\u2089": "_{9}", "\u2099": "_{n}",
}  # fmt: skip

WORDS = frozenset(
    "sin cos tan cot sec csc arcsin arccos arctan sinh cosh tanh coth log ln lg exp lim max min sup inf det dim gcd "
    "deg arg ker hom".split()
)

_STYLES = (
    ("BOLD ITALIC", "boldsymbol"), ("BOLD SCRIPT", "mathcal"), ("BOLD FRAKTUR", "mathfrak"),
    ("SANS-SERIF BOLD", "mathbf"), ("DOUBLE-STRUCK", "mathbb"), ("SCRIPT", "mathcal"), ("FRAKTUR", "mathfrak"),
    ("SANS-SERIF", "mathsf"), ("MONOSPACE", "mathtt"), ("BOLD", "mathbf"), ("ITALIC", ""),
)  # fmt: skip


def plain_letter(sign: str) -> tuple[str, str] | None:
    """A letter of the mathematical alphabets (U+1D400 and on) as its plain letter and a LaTeX command for its style."""
    if not 0x1D400 <= ord(sign) <= 0x1D7FF:
        return None
    name = unicodedata.name(sign, "")
    return unicodedata.normalize("NFKC", sign), next((command for part, command in _STYLES if part in name), "")


# Adobe's Symbol encoding, from 0x20 and from 0xA1; "\0" for what it leaves empty.
_LOW = " !∀#∃%&∋()∗+,−./0123456789:;<=>?≅ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_\u203eαβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼"
_HIGH = "ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…\u23d0\u23af↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊⟨®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪\0⟩∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭"
_SYMBOL = {**{0x20 + n: c for n, c in enumerate(_LOW)}, **{0xA1 + n: c for n, c in enumerate(_HIGH) if c != "\0"}}
_WINGDINGS = {
    0x4A: "☺", 0x4C: "☹", 0x6C: "●", 0x6E: "■", 0x6F: "□", 0x71: "❑", 0x72: "❒", 0x74: "⧫", 0x75: "◆", 0x76: "❖",
    0x77: "⬥", 0x9F: "•", 0xA1: "○", 0xA7: "▪", 0xA8: "◻", 0xAB: "★", 0xD8: "➢", 0xDF: "←", 0xE0: "→", 0xE1: "↑",
    0xE2: "↓", 0xE8: "➔", 0xEF: "⇦", 0xF0: "⇨", 0xF3: "⬄", 0xFB: "✗", 0xFC: "✓", 0xFD: "☒", 0xFE: "☑",
    0x80: "⓪", **{0x80 + n: "⓪①②③④⑤⑥⑦⑧⑨⑩"[n] for n in range(1, 11)},
}  # fmt: skip


def of_font(font: str, code: int) -> str | None:
    """The Unicode sign of a letter in a sign font (0x00 to 0xFF, or the same at 0xF000); None when not known."""
    code &= 0xFF
    name = font.casefold()
    if name.startswith("symbol") or "mt extra" in name:
        return _SYMBOL.get(code)
    if name.startswith("wingdings") and name.strip() == "wingdings":
        return _WINGDINGS.get(code)
    return None
