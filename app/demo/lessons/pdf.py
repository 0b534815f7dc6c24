"""A PDF of an outline with text that can be selected and searched.

The project's own font is drawn by Pillow into a Type 3 font of glyph masks with a ToUnicode map
(ISO 32000-1, 9.6.5 and 9.10.3), so that no PDF library and no font of the system is needed.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
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
    procedures, images, widths, known = [], [], [], []
    for character, code in face.codes.items():
        advance = face.font.getlength(character)
        left, top, right, bottom = (int(edge) for edge in face.font.getbbox(character, anchor="ls"))
        wide, high = right - left, bottom - top
        body = f"{advance:.1f} 0 {left} {-bottom} {right} {-top} d1"
        if wide > 0 and high > 0:
            glyph = Image.new("L", (wide, high), 255)
            ImageDraw.Draw(glyph).text((-left, -top), character, font=face.font, fill=0, anchor="ls")
            mask = glyph.point(lambda shade: 255 if shade > 127 else 0).convert("1")
            told = f"/Type /XObject /Subtype /Image /ImageMask true /Width {wide} /Height {high} /BitsPerComponent 1"
            images.append(f"/i{code} {add(_stream(mask.tobytes(), told))} 0 R")
            body += f"\nq {wide} 0 0 {high} {left} {-bottom} cm /i{code} Do Q"
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
            f"/Resources << /XObject << {' '.join(images)} >> >> >>".encode()
        )
    )


def _pages(made: Outline, faces: dict[str, _Face]) -> Iterator[str]:
    """Content streams, one for each page."""
    lines: list[str] = []
    y = float(HEIGHT)

    def write(x: float, at: float, text: str, face: str, size: float, colour: str) -> None:
        code = faces[face].encoded(text)
        lines.append(f"BT {colour} rg /{face} {size} Tf {x:.1f} {at:.1f} Td <{code}> Tj ET")

    title = _wrapped(made.title, faces["B"], 20, WIDTH - 2 * MARGIN)
    band = 46 + 26 * len(title)
    lines.append(f"{INK} rg 0 {HEIGHT - band} {WIDTH} {band} re f")
    for at, text in enumerate(title):
        write(MARGIN, HEIGHT - 44 - 26 * at, text, "B", 20, "1 1 1")
    y = HEIGHT - band - 34
    for size, face, colour, indent, gap, text in _set(made):
        for at, part in enumerate(_wrapped(text, faces[face], size, WIDTH - 2 * MARGIN - indent)):
            if y < MARGIN + 14:
                yield "\n".join(lines)
                lines.clear()
                y = HEIGHT - MARGIN
            if indent and at == 0:
                write(MARGIN, y, "•", face, size, colour)
            write(MARGIN + indent, y, part, face, size, colour)
            y -= size * 1.5
        y -= gap
    if lines:
        yield "\n".join(lines)


def _set(made: Outline) -> Iterator[tuple[float, str, str, float, float, str]]:
    for block in made.blocks:
        match block:
            case Heading(text):
                yield 14, "B", INK, 0, 4, text
            case Paragraph(text):
                yield 11, "R", "0.1 0.1 0.15", 0, 8, text
            case Items(texts):
                for text in texts:
                    yield 11, "R", "0.1 0.1 0.15", 14, 2, text
            case Table(rows):
                for at, row in enumerate(rows):
                    yield 11, "B" if at == 0 else "R", "0.1 0.1 0.15", 0, 2, "   |   ".join(row)


def _wrapped(text: str, face: _Face, size: float, room: float) -> list[str]:
    lines = [""]
    for word in text.split():
        wider = f"{lines[-1]} {word}".strip()
        if face.width(wider, size) > room and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = wider
    return lines
