"""LaTeX that teachers typed without its dollars, and dollars that hold no LaTeX."""

from __future__ import annotations

import re

_COMMANDS = frozenset(
    "frac dfrac tfrac sqrt binom vec overline overrightarrow underline widehat hat bar dot cdot times div pm mp le leq ge "
    "geq ne neq approx equiv sim infty to rightarrow leftarrow Rightarrow Leftrightarrow leftrightarrow rightleftharpoons "
    "xrightarrow in notin subset cup cap emptyset varnothing setminus mathbb mathrm mathbf text left right begin end sin "
    "cos tan cot log ln lim int iint sum prod angle circ degree perp parallel triangle Delta Omega Phi Psi Sigma Gamma Lambda "
    "alpha beta gamma delta epsilon varepsilon zeta eta theta lambda mu nu xi pi rho sigma tau varphi phi chi psi omega "
    "partial nabla forall exists ldots cdots dots quad limits prime displaystyle operatorname max min".split()
)
_HELD = re.compile(r"\$\$.+?\$\$|\$(?:\\.|[^$\\\n])+\$|\\\(.+?\\\)|\\\[.+?\\\]|!\[[^\]]*\]\([^)]*\)|`[^`]*`", re.DOTALL)
_TOKEN = re.compile(
    r"(?P<command>\\[A-Za-z]+)|(?P<escape>\\[{}%$#&_,;:! ])|(?P<word>[^\W\d_]+)|(?P<number>\d+(?:[.,]\d+)*)"
    r"|(?P<sign>[-+*/=<>^_|()\[\]{}'’.,;:!−×·≤≥≠±→∞])|(?P<space>[ \u00a0]+)|(?P<other>.)",
    re.DOTALL,
)
_PLAIN = re.compile(r"\\underline\{([^{}\\$]{1,60})\}")


def balanced(latex: str) -> bool:
    """Do braces, \\left and \\right, and environments match?"""
    depth = 0
    for sign in re.sub(r"\\[\\{}]", "", latex):
        depth += (sign == "{") - (sign == "}")
        if depth < 0:
            return False
    if depth:
        return False
    if len(re.findall(r"\\left\b", latex)) != len(re.findall(r"\\right\b", latex)):
        return False
    return sorted(re.findall(r"\\begin\{(\w+\*?)\}", latex)) == sorted(re.findall(r"\\end\{(\w+\*?)\}", latex))


def spans(markdown: str) -> list[str]:
    """The formulas that stand between dollars."""
    return [m.group().strip("$") for m in _HELD.finditer(markdown) if m.group().startswith("$")]


def added(markdown: str) -> tuple[str, int]:
    """The same text with dollars around bare LaTeX, and how many formulas that were."""
    if "\\" not in markdown:
        return markdown, 0
    out: list[str] = []
    count = at = 0
    for held in _HELD.finditer(markdown):
        piece, n = _wrapped(markdown[at : held.start()])
        out += [piece, held.group()]
        count += n
        at = held.end()
    piece, n = _wrapped(markdown[at:])
    return "".join([*out, piece]), count + n


def _wrapped(text: str) -> tuple[str, int]:
    if not re.search(r"\\[A-Za-z]", text):
        return text, 0
    count = 0

    def underlined(match: re.Match[str]) -> str:
        nonlocal count
        count += 1
        return f"$\\underline{{\\text{{{match[1]}}}}}$"

    text = _PLAIN.sub(underlined, text)
    out: list[str] = []
    for part in re.split(r"(\$[^$]*\$|\n)", text):
        if part.startswith("$") or part == "\n":
            out.append(part)
            continue
        made, n = _line(part)
        out.append(made)
        count += n
    return "".join(out), count


def _line(text: str) -> tuple[str, int]:
    tokens = [(m.lastgroup or "", m.group()) for m in _TOKEN.finditer(text)]
    fits = [_is_math(tokens, n) for n in range(len(tokens))]
    out: list[str] = []
    count = n = 0
    while n < len(tokens):
        if not fits[n]:
            out.append(tokens[n][1])
            n += 1
            continue
        end = n
        depth = 0
        while end < len(tokens) and (fits[end] or depth > 0):
            depth += (tokens[end][1] == "{") - (tokens[end][1] == "}")
            end += 1
        made, used = _segment("".join(said for _kind, said in tokens[n:end]))
        out.append(made)
        count += used
        n = end
    return "".join(out), count


def _is_math(tokens: list[tuple[str, str]], n: int) -> bool:
    kind, said = tokens[n]
    if kind == "command":
        return said[1:] in _COMMANDS
    if kind in ("number", "sign", "space", "escape"):
        return True
    if kind != "word" or not said.isascii():
        return False
    before = tokens[n - 1][1] if n else " "
    after = tokens[n + 1][1] if n + 1 < len(tokens) else " "
    if len(said) == 1:
        return True
    beside = before[-1:] in "^_{}\\" or after[:1] in "^_{}\\"
    return beside or (said.isupper() and len(said) <= 4 and (before[-1:] in "=+-(/|" or after[:1] in "=+-)/|"))


def _segment(text: str) -> tuple[str, int]:
    """A stretch of signs: its formula between dollars, the blanks and stops around it outside."""
    if not re.search(r"\\[A-Za-z]", text):
        return text, 0
    first = re.search(r"\\[A-Za-z]", text)
    assert first is not None
    start = len(text) - len(text.lstrip(" \u00a0.,;:!)]'’-"))
    start = min(start, first.start())
    # An opening label or number that has nothing to do with the formula stays outside: "1) \frac".
    lead = re.match(r"\s*(?:\(?[A-Ha-h0-9]{1,2}[.):]\s+)", text[: first.start()])
    if lead:
        start = max(start, lead.end())
    end = len(text.rstrip(" \u00a0.,;:!"))
    body = text[start:end]
    for _n in range(40):
        if not body or _closed(body):
            break
        cut = max(body.rfind("("), body.rfind("["), body.rfind(" "))
        if cut <= 0 or not re.search(r"\\[A-Za-z]", body[:cut]):
            return text, 0
        body = body[:cut].rstrip(" \u00a0.,;:!")
    if (
        not body
        or not _closed(body)
        or not re.search(r"\\[A-Za-z]", body)
        or body[-1] in "^_"
        or text[start + len(body) :].lstrip()[:1] in ("^", "_")
    ):
        return text, 0
    return f"{text[:start]}${body.strip()}${text[start + len(body) :]}", 1


def _closed(text: str) -> bool:
    if not balanced(text):
        return False
    bare = re.sub(r"\\left\s*.|\\right\s*.|\\[{}]", "", text)
    return bare.count("(") == bare.count(")") and bare.count("[") == bare.count("]") or _interval(bare)


def _interval(text: str) -> bool:
    """Half-open intervals: as many brackets open as close, whichever they are."""
    return sum(text.count(c) for c in "([") == sum(text.count(c) for c in ")]")
