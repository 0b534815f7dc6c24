"""Bootstrap's style sheet cut down to what our pages use: `python -m tests.house.bootstrap` writes it anew.

The whole file weighs 30 kB on the wire, what is used of it a fraction. A rule stays when every class it
names is written in a template, a script or a macro; custom properties stay when a rule that stays, or our
own theme, reads them. `test_weight.py` fails when a class in use is missing from the cut file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

APP = Path(__file__).parents[2] / "app"
WHOLE = APP / "static/vendor/bootstrap/bootstrap.min.css"
CUT = APP / "static/bootstrap-used.css"
HEAD = (
    "/* Bootstrap v5.3.8 (MIT, vendor/bootstrap/LICENSE), only the rules our pages use;"
    " written by `python -m tests.house.bootstrap` */\n"
)
CLASS = re.compile(r"\.(-?[A-Za-z_][\w-]*)")


def words_in_use() -> set[str]:
    """Every word that can become a class: class attributes, and string literals of templates and scripts."""
    found: set[str] = set()
    for path in [*(APP / "templates").rglob("*.html"), *(APP / "static/js").glob("*.js"), *APP.rglob("*.py")]:
        text = path.read_text("utf-8")
        spans = re.findall(r'class=\\?"([^"]*)"', text) + re.findall(r"class=\\?'([^']*)'", text)
        if path.suffix == ".html":
            for code in re.findall(r"\{[{%].*?[}%]\}", text, re.S):
                spans += [one or two for one, two in re.findall(r"'([^']*)'|\"([^\"]*)\"", code)]
        elif path.suffix == ".js":
            spans += re.findall(r'"([^"\n]*)"', text)
        for span in spans:
            found.update(re.findall(r"[A-Za-z][\w-]*", span))
    return found


def rules(css: str) -> Iterator[tuple[str, str]]:
    """(prelude, body) of each rule on the first level; the body of an @media holds rules itself."""
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.S)
    start = depth = 0
    opened = 0
    for place, sign in enumerate(css):
        if sign == "{":
            if depth == 0:
                opened = place
            depth += 1
        elif sign == "}":
            depth -= 1
            if depth == 0:
                yield css[start:opened].strip(), css[opened + 1 : place]
                start = place + 1
        elif sign == ";" and depth == 0:
            start = place + 1


def selectors(prelude: str) -> list[str]:
    """The selectors of a rule: split at commas that stand in no bracket."""
    return [one.strip() for one in re.split(r",(?![^()]*\))", prelude)]


def classes(css: str) -> set[str]:
    found: set[str] = set()
    for prelude, body in rules(css):
        found |= classes(body) if prelude.startswith(("@media", "@supports")) else set(CLASS.findall(prelude))
    return found


def _kept(css: str, used: set[str]) -> list[tuple[str, str]]:
    made = []
    for prelude, body in rules(css):
        if prelude.startswith(("@media", "@supports")):
            inner = _kept(body, used)
            if inner:
                made.append((prelude, "".join(f"{a}{{{b}}}" for a, b in inner)))
        elif prelude.startswith("@keyframes"):
            made.append((prelude, body))
        else:
            wanted = [one for one in selectors(prelude) if set(CLASS.findall(one)) <= used]
            if wanted:
                made.append((",".join(wanted), body))
    return made


def _lean(css: str, others: str) -> str:
    """Without custom properties that nobody reads and animations that nobody names."""
    while True:
        read = set(re.findall(r"var\((--[\w-]+)", css + others))
        slim = re.sub(
            r"(--[\w-]+):[^;{}]*(;|(?=\}))", lambda m, read=read: m.group(0) if m.group(1) in read else "", css
        )
        slim = re.sub(r";\}", "}", slim)
        slim = re.sub(r"[^{}]+\{\}", "", slim)
        if slim == css:
            break
        css = slim
    named = set(re.findall(r"animation(?:-name)?:[^;}]*?([a-z-]+)[;}\s]", css))
    return "".join(
        f"{prelude}{{{body}}}"
        for prelude, body in rules(css)
        if not prelude.startswith("@keyframes") or prelude.split()[-1] in named
    )


def cut() -> str:
    others = "".join(
        path.read_text("utf-8") for path in [APP / "static/theme.css", *(APP / "templates").rglob("*.html")]
    )
    kept = _kept(WHOLE.read_text("utf-8"), words_in_use())
    return HEAD + _lean("".join(f"{prelude}{{{body}}}" for prelude, body in kept), others) + "\n"


if __name__ == "__main__":
    CUT.write_text(cut(), "utf-8")
    print(f"{CUT}: {CUT.stat().st_size} bytes")
