"""The text of a lesson, written once and turned into every file type.

A line that begins with `# ` is a heading, `- ` an item, `| a | b |` a row of a table; other lines are paragraphs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Heading:
    text: str


@dataclass(frozen=True)
class Paragraph:
    text: str


@dataclass(frozen=True)
class Items:
    texts: tuple[str, ...]


@dataclass(frozen=True)
class Table:
    """The first row names the columns."""

    rows: tuple[tuple[str, ...], ...]


Block = Heading | Paragraph | Items | Table


@dataclass(frozen=True)
class Outline:
    title: str
    blocks: tuple[Block, ...]

    def parts(self) -> Iterator[tuple[str, list[Block]]]:
        """Headings with what stands under them; what comes before the first heading stands under the title."""
        name, under = self.title, list[Block]()
        for block in self.blocks:
            if isinstance(block, Heading):
                if under:
                    yield name, under
                name, under = block.text, []
            else:
                under.append(block)
        if under:
            yield name, under


def outline(title: str, text: str) -> Outline:
    blocks: list[Block] = []
    for line in (" ".join(raw.split()) for raw in text.strip().splitlines()):
        before = blocks[-1] if blocks else None
        if line.startswith("# "):
            blocks.append(Heading(line[2:]))
        elif line.startswith("- "):
            known = blocks.pop().texts if isinstance(before, Items) else ()  # type: ignore[union-attr]
            blocks.append(Items((*known, line[2:])))
        elif line.startswith("|"):
            row = tuple(cell.strip() for cell in line.strip("|").split("|"))
            rows = blocks.pop().rows if isinstance(before, Table) else ()  # type: ignore[union-attr]
            blocks.append(Table((*rows, row)))
        elif line:
            blocks.append(Paragraph(line))
    return Outline(title, tuple(blocks))
