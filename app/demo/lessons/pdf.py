"""A PDF of an outline with text that can be selected and searched.

The project's own font is drawn by Pillow and becomes a Type 3 font of small rectangles with a ToUnicode map
(ISO 32000-1, 9.6.5 and 9.10.3), so that no PDF library and no font of the system is needed.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from app.demo.lessons.outline import Heading, Items, Outline, Paragraph, Table

FONTS = Path(__file__).parent.parent.parent / "static" / "fonts"
EM = 160
WIDTH, HEIGHT, MARGIN = 595, 842, 62
INK = "0.278 0.227 0.549"


@cache
def _font(weight: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / f"be-vietnam-pro-{weight}.woff2", EM)


class _Face:
    """One weight of the font; characters get their codes as they come."""

    def __init__(self, weight: int) -> None:
        self.font = _font(weight)
        self.codes: dict[str, int] = {}

    def encoded(self, text: str) -> str:
        for character in text:
            if not character.isspace() and self.font.getmask(character).getbbox() is None:
                raise ValueError(f"the font has no {character!r}")
            self.codes.setdefault(character, len(self.codes) + 1)
        if len(self.codes) > 255:
            raise ValueError("more different characters than one font of a PDF holds")
        return "".join(f"{self.codes[character]:02x}" for character in text)

    def width(self, text: str, size: float) -> float:
        # Characters are placed one by one, without kerning.
        return sum(self.font.getlength(character) for character in text) * size / EM


def pdf(made: Outline) -> bytes:
    faces = {"R": _Face(400), "B": _Face(600)}
    pages = list(_pages(made, faces))
    objects: list[bytes] = [b"", b""]

    def add(body: bytes) -> int:
        objects.append(body)
        return len(objects)

    fonts = " ".join(f"/{name} {_font_object(face, add)} 0 R" for name, face in faces.items())
    kids = []
    for content in pages:
        number = add(_stream(content.encode("ascii")))
        kids.append(
            add(
                f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 {WIDTH} {HEIGHT}] /Contents {number} 0 R "
                f"/Resources << /Font << {fonts} >> >> >>".encode()
            )
        )
    objects[0] = b"<< /Type /Catalog /Pages 2 0 R /Lang (vi) >>"
    listed = " ".join(f"{kid} 0 R" for kid in kids)
    objects[1] = f"<< /Type /Pages /Count {len(kids)} /Kids [{listed}] >>".encode()
    told = "feff" + made.title.encode("utf-16-be").hex()
    info = add(f"<< /Title <{told}> /Creator (Kho Chung) >>".encode())
    out = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + body + b"\nendobj\n"
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    out += b"".join(f"{place:010d} 00000 n \n".encode() for place in places)
    out += f"trailer << /Size {len(objects) + 1} /Root 1 0 R /Info {info} 0 R >>\nstartxref\n{table}\n%%EOF\n".encode()
    return bytes(out)


def _stream(data: bytes, more: str = "") -> bytes:
    packed = zlib.compress(data, 9)
    return f"<< /Length {len(packed)} /Filter /FlateDecode {more} >>\nstream\n".encode() + packed + b"\nendstream"


def _font_object(face: _Face, add) -> int:  # type: ignore[no-untyped-def]
    procedures, widths, known = [], [], []
    for character, code in face.codes.items():
        advance = face.font.getlength(character)
        left, top, right, bottom = (int(edge) for edge in face.font.getbbox(character, anchor="ls"))
        wide, high = right - left, bottom - top
        body = f"{advance:.1f} 0 {left} {-bottom} {right} {-top} d1"
        if wide > 0 and high > 0:
            glyph = Image.new("L", (wide, high), 0)
            ImageDraw.Draw(glyph).text((-left, -top), character, font=face.font, fill=255, anchor="ls")
            body += (
                "\n"
                + "\n".join(
                    f"{left + x} {-top - y - deep} {across} {deep} re" for x, y, across, deep in _rectangles(glyph)
                )
                + "\nf"
            )
        procedures.append(f"/g{code} {add(_stream(body.encode()))} 0 R")
        widths.append(f"{advance:.1f}")
        known.append(f"<{code:02x}> <{character.encode('utf-16-be').hex()}>")
    lists = [known[at : at + 100] for at in range(0, len(known), 100)]
    lines = "\n".join(f"{len(part)} beginbfchar\n" + "\n".join(part) + "\nendbfchar" for part in lists)
    unicode_map = add(
        _stream(
            "/CIDInit /ProcSet findresource begin 12 dict begin begincmap /CMapName /Kho def /CMapType 2 def\n"
            f"1 begincodespacerange <00> <ff> endcodespacerange\n{lines}\nendcmap end end".encode()
        )
    )
    names = " ".join(f"/g{code}" for code in face.codes.values())
    return int(
        add(
            f"<< /Type /Font /Subtype /Type3 /FontBBox [0 {-EM} {EM * 2} {EM * 2}] /FontMatrix [{1 / EM} 0 0 {1 / EM} 0 0] "
            f"/CharProcs << {' '.join(procedures)} >> /Encoding << /Type /Encoding /Differences [1 {names}] >> "
            f"/FirstChar 1 /LastChar {len(face.codes)} /Widths [{' '.join(widths)}] /ToUnicode {unicode_map} 0 R "
            "/Resources << >> >>".encode()
        )
    )


def _rectangles(glyph: Image.Image) -> Iterator[tuple[int, int, int, int]]:
    """The dark part of a glyph as rectangles (left, top, width, height): runs of a row, joined downwards."""
    wide, high = glyph.size
    shades = glyph.tobytes()
    open_ones: dict[tuple[int, int], int] = {}
    for y in range(high + 1):
        row = bytes(255 if shade > 127 else 0 for shade in shades[y * wide : (y + 1) * wide])
        runs = set()
        start = row.find(255)
        while start >= 0:
            end = row.find(0, start)
            end = wide if end < 0 else end
            runs.add((start, end))
            start = row.find(255, end)
        for run in [run for run in open_ones if run not in runs]:
            top = open_ones.pop(run)
            yield run[0], top, run[1] - run[0], y - top
        for run in runs:
            open_ones.setdefault(run, y)


@dataclass(frozen=True)
class _Line:
    """Cells side by side, set alike; `mark` stands before the first, `rule` below the last line."""

    cells: tuple[str, ...]
    size: float = 11.5
    face: str = "R"
    colour: str = "0.1 0.1 0.15"
    before: float = 0
    after: float = 6
    mark: str = ""
    rule: bool = False


def _pages(made: Outline, faces: dict[str, _Face]) -> Iterator[str]:
    """Content streams, one for each page."""
    drawn: list[str] = []

    def write(x: float, y: float, text: str, face: str, size: float, colour: str) -> None:
        code = faces[face].encoded(text)
        drawn.append(f"BT {colour} rg /{face} {size} Tf {x:.1f} {y:.1f} Td <{code}> Tj ET")

    title = _wrapped(made.title, faces["B"], 20, WIDTH - 2 * MARGIN)
    band = 46 + 26 * len(title)
    drawn.append(f"{INK} rg 0 {HEIGHT - band} {WIDTH} {band} re f")
    for at, text in enumerate(title):
        write(MARGIN, HEIGHT - 44 - 26 * at, text, "B", 20, "1 1 1")
    y = HEIGHT - band - 36.0
    for line in _lines(made):
        indent = 15 if line.mark else 0
        room = (WIDTH - 2 * MARGIN - indent) / len(line.cells)
        cells = [_wrapped(cell, faces[line.face], line.size, room - (8 if line.rule else 0)) for cell in line.cells]
        y -= line.before
        for at in range(max(map(len, cells))):
            if y < MARGIN + 14:
                yield "\n".join(drawn)
                drawn.clear()
                y = HEIGHT - MARGIN
            if at == 0 and line.mark:
                write(MARGIN, y, line.mark, line.face, line.size, line.colour)
            for column, cell in enumerate(cells):
                if at < len(cell) and cell[at]:
                    write(MARGIN + indent + column * room, y, cell[at], line.face, line.size, line.colour)
            y -= line.size * 1.5
        if line.rule:
            drawn.append(f"0.8 G 0.6 w {MARGIN} {y + 10:.1f} m {WIDTH - MARGIN} {y + 10:.1f} l S")
        y -= line.after
    yield "\n".join(drawn)


def _lines(made: Outline) -> Iterator[_Line]:
    for block in made.blocks:
        match block:
            case Heading(text):
                yield _Line((text,), 14.5, "B", INK, before=10)
            case Paragraph(text):
                yield _Line((text,))
            case Items(texts):
                for text in texts:
                    yield _Line((text,), after=3, mark="•")
            case Table(rows):
                for at, row in enumerate(rows):
                    yield _Line(row, face="B" if at == 0 else "R", after=2, rule=True)


def _wrapped(text: str, face: _Face, size: float, room: float) -> list[str]:
    lines = [""]
    for word in text.split():
        wider = f"{lines[-1]} {word}".strip()
        if face.width(wider, size) > room and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = wider
    return lines
