"""A question's Markdown as typst markup. Text goes over as strings, so that nothing in it is read as code."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from lxml import html

from app.core.markup import render
from app.papers.printing import mathml

# Widest picture in a stem and in an option, in points.
WIDEST, WIDEST_OPTION = 300, 110


class Writer:
    """`pictures` maps the addresses in the text to (name of the file beside the paper, width in pixels)."""

    def __init__(self, pictures: Mapping[str, tuple[str, int]], widest: int) -> None:
        self.pictures = pictures
        self.widest = widest

    def inside(self, element: Any) -> str:
        made = [_string(element.text)]
        for child in element:
            made += [self.one(child), _string(child.tail)]
        return "".join(made)

    def one(self, element: Any) -> str:
        if not isinstance(element.tag, str):
            return ""
        if "katex" in (element.get("class") or "").split() or "katex-display" in (element.get("class") or "").split():
            found = element.find(".//{*}math")
            if found is None:
                found = element.find(".//math")
            display = "katex-display" in (element.get("class") or "")
            return _formula(found, display) if found is not None else ""
        match element.tag.rpartition("}")[2]:
            case "math":
                return _formula(element, element.get("display") == "block")
            case "em":
                return f"#emph[{self.inside(element)}];"
            case "strong" | "h2" | "h3" | "h4":
                return f"#strong[{self.inside(element)}];"
            case "s":
                return f"#strike[{self.inside(element)}];"
            case "sub":
                return f"#sub[{self.inside(element)}];"
            case "sup":
                return f"#super[{self.inside(element)}];"
            case "br":
                return "#linebreak();"
            case "p" | "div" | "blockquote":
                return f"{self.inside(element)}#parbreak();"
            case "ul" | "ol":
                items = "".join(f"[{self.inside(item)}]," for item in element if item.tag == "li")
                return f"#{'list' if element.tag == 'ul' else 'enum'}({items});"
            case "table":
                return self.table(element)
            case "pre" | "code":
                return f"#raw({mathml.quoted(''.join(element.itertext()))});"
            case "img":
                return self.picture(element.get("src") or "")
            case _:
                return self.inside(element)

    def picture(self, source: str) -> str:
        if source not in self.pictures:
            return "#emph[" + _string("(thiếu hình)") + "];"
        name, pixels = self.pictures[source]
        return f"#picture({mathml.quoted(name)}, {min(self.widest, round(pixels * 0.75))}pt);"

    def table(self, element: Any) -> str:
        rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in element.iter("tr")]
        columns = max((len(row) for row in rows), default=0)
        if not columns:
            return ""
        cells = "".join(f"[{self.inside(row[n]) if n < len(row) else ''}]," for row in rows for n in range(columns))
        return f"#align(center, table(columns: {columns}, inset: 4pt, stroke: 0.5pt, {cells}));"


def _string(text: str | None) -> str:
    flat = re.sub(r"\s+", " ", text or "")
    return f"#{mathml.quoted(flat)};" if flat else ""


def _formula(element: Any, display: bool) -> str:
    made = mathml.typst(element)
    return f"$ {made} $" if display else f"${made}$"


def typst(text: str, pictures: Mapping[str, tuple[str, int]], option: bool = False) -> str:
    """Markdown with `$LaTeX$` as typst markup; a single paragraph comes without a break behind it."""
    made = Writer(pictures, WIDEST_OPTION if option else WIDEST).inside(_tree(text))
    return made.strip().removesuffix("#parbreak();")


@lru_cache(maxsize=2048)
def _tree(text: str) -> Any:
    return html.fragment_fromstring(str(render(text)), create_parent="div")


def plain(text: str) -> str:
    """The source itself, for a text that would not set."""
    return f"#raw({mathml.quoted(text)});"
