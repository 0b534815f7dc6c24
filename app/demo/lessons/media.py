"""Pictures, sound and video, drawn and computed here.

The video is WebM: Pillow's lossy WebP frames are VP8 key frames (RFC 6386), put into a Matroska container
(RFC 8794, RFC 9559) by hand.
"""

from __future__ import annotations

import io
import math
import struct
import wave
from array import array
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

FONTS = Path(__file__).parent.parent.parent / "static" / "fonts"
INK, PAPER, WATER, LEAF, SUN, RED = "#473a8c", "#fbfaf5", "#2b7bb9", "#3f8f4f", "#e8a33d", "#c0392b"
RATE = 22_050


@cache
def _font(size: int, weight: int = 400) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(FONTS / f"be-vietnam-pro-{weight}.woff2", size)


def _sheet(title: str, wide: int = 1280, high: int = 800) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    image = Image.new("RGB", (wide, high), PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, wide, 90), fill=INK)
    pen.text((40, 45), title, font=_font(38, 600), fill="white", anchor="lm")
    return image, pen


def _png(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


def _arrow(pen: ImageDraw.ImageDraw, start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    pen.line((start, end), fill=colour, width=6)
    angle = math.atan2(end[1] - start[1], end[0] - start[0])
    wings = [(end[0] - 22 * math.cos(angle + turn), end[1] - 22 * math.sin(angle + turn)) for turn in (0.45, -0.45)]
    pen.polygon([end, *wings], fill=colour)


def water_cycle() -> bytes:
    image, pen = _sheet("Vòng tuần hoàn của nước")
    pen.rectangle((0, 620, 1280, 800), fill=WATER)
    pen.polygon([(700, 620), (960, 260), (1280, 620)], fill=LEAF)
    pen.ellipse((80, 130, 220, 270), fill=SUN)
    for x, y in ((520, 190), (600, 160), (680, 190)):
        pen.ellipse((x, y, x + 170, y + 110), fill="#c9d6e2")
    _arrow(pen, (300, 600), (480, 310), RED)
    _arrow(pen, (860, 250), (980, 420), WATER)
    _arrow(pen, (960, 590), (760, 665), "#12476f")
    for text, place, colour in (
        ("1. Nước bay hơi", (230, 470), RED), ("2. Hơi nước ngưng tụ thành mây", (650, 140), INK),
        ("3. Mưa rơi xuống", (1110, 250), WATER), ("4. Nước chảy về sông, biển", (700, 725), "white"),
        ("Mặt Trời", (150, 300), "#7a5210"),
    ):  # fmt: skip
        pen.text(place, text, font=_font(30, 600), fill=colour, anchor="mm")
    return _png(image)


ELEMENTS = (
    "H 1 1", "He 2 18", "Li 3 1", "Be 4 2", "B 5 13", "C 6 14", "N 7 15", "O 8 16", "F 9 17", "Ne 10 18",
    "Na 11 1", "Mg 12 2", "Al 13 13", "Si 14 14", "P 15 15", "S 16 16", "Cl 17 17", "Ar 18 18", "K 19 1", "Ca 20 2",
)  # fmt: skip


def elements() -> bytes:
    image, pen = _sheet("Hai mươi nguyên tố đầu của bảng tuần hoàn")
    columns = {str(group): at for at, group in enumerate((1, 2, 13, 14, 15, 16, 17, 18))}
    for group, at in columns.items():
        pen.text((115 + 140 * at + 65, 130), f"Nhóm {group}", font=_font(24), fill=INK, anchor="mm")
    for told in ELEMENTS:
        symbol, number, group = told.split()
        z = int(number)
        row = 0 if z <= 2 else 1 if z <= 10 else 2 if z <= 18 else 3
        x, y = 115 + 140 * columns[group], 160 + 145 * row
        noble, metal = group == "18", symbol in ("Li", "Be", "Na", "Mg", "Al", "K", "Ca")
        pen.rounded_rectangle(
            (x, y, x + 130, y + 135), 12, fill="#e4e0f3" if noble else "#fdebd2" if metal else "#dff0e3"
        )
        pen.text((x + 12, y + 10), number, font=_font(24), fill="#333333")
        pen.text((x + 65, y + 80), symbol, font=_font(54, 600), fill=INK, anchor="mm")
    pen.text(
        (115, 765), "Cam: kim loại   |   Xanh: phi kim   |   Tím: khí hiếm", font=_font(26), fill="#333333", anchor="lm"
    )
    return _png(image)


def climate(place: str, rain: Sequence[float], heat: Sequence[float]) -> bytes:
    """A climate chart: rain in mm as columns, heat in °C as a line."""
    image, pen = _sheet(f"Biểu đồ nhiệt độ và lượng mưa: {place}")
    left, base, high = 130, 700, 520
    pen.line((left, base, 1180, base), fill="#333333", width=3)
    for step in range(0, 401, 100):
        y = base - high * step / 400
        pen.line((left, y, 1180, y), fill="#d8d5cc", width=1)
        pen.text((left - 14, y), str(step), font=_font(22), fill=WATER, anchor="rm")
        pen.text((1194, y), str(step // 10), font=_font(22), fill=RED, anchor="lm")
    points = []
    for month, (water, warm) in enumerate(zip(rain, heat, strict=True)):
        x = left + 44 + month * 86
        pen.rectangle((x - 26, base - high * water / 400, x + 26, base), fill=WATER)
        points.append((x, base - high * warm / 40))
        pen.text((x, base + 26), str(month + 1), font=_font(24), fill="#333333", anchor="mm")
    pen.line(points, fill=RED, width=5)
    pen.text((left, 130), "mm", font=_font(24, 600), fill=WATER, anchor="mm")
    pen.text((1194, 130), "°C", font=_font(24, 600), fill=RED, anchor="mm")
    pen.text((655, 765), "Tháng", font=_font(26), fill="#333333", anchor="mm")
    return _png(image)


def parabola_svg() -> bytes:
    points = " ".join(f"{x / 10 * 60 + 300:.1f},{420 - (x / 10) ** 2 * 40:.1f}" for x in range(-30, 31))
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 480" role="img" font-family="sans-serif">'
        "<title>Đồ thị hàm số y = x²</title>"
        '<rect width="600" height="480" fill="#fbfaf5"/>'
        '<path d="M40 420H560M300 460V30" stroke="#333" stroke-width="2" fill="none"/>'
        f'<polyline points="{points}" fill="none" stroke="#473a8c" stroke-width="4"/>'
        '<text x="566" y="426" font-size="20">x</text><text x="308" y="36" font-size="20">y</text>'
        '<text x="284" y="446" font-size="20">O</text><text x="480" y="120" font-size="24" fill="#473a8c">y = x²</text>'
        "</svg>"
    ).encode()


def pendulum_gif() -> bytes:
    frames = []
    for at in range(24):
        image = Image.new("RGB", (480, 360), PAPER)
        pen = ImageDraw.Draw(image)
        angle = math.radians(28) * math.cos(2 * math.pi * at / 24)
        x, y = 240 + 240 * math.sin(angle), 40 + 240 * math.cos(angle)
        pen.line((140, 40, 340, 40), fill="#333333", width=6)
        pen.line((240, 40, x, y), fill="#333333", width=3)
        pen.ellipse((x - 22, y - 22, x + 22, y + 22), fill=INK)
        frames.append(image.quantize(16))
    out = io.BytesIO()
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:], duration=80, loop=0)
    return out.getvalue()


def _wav(seconds: float, sound: Callable[[float], float]) -> bytes:
    samples = array("h", (int(30_000 * sound(at / RATE)) for at in range(int(seconds * RATE))))
    out = io.BytesIO()
    with wave.open(out, "wb") as made:
        made.setnchannels(1)
        made.setsampwidth(2)
        made.setframerate(RATE)
        made.writeframes(samples.tobytes())
    return out.getvalue()


def beats(first: float = 440, second: float = 444, seconds: float = 5) -> bytes:
    """Two tones close to each other, heard as one that swells and fades."""
    turn = 2 * math.pi
    return _wav(seconds, lambda t: (math.sin(turn * first * t) + math.sin(turn * second * t)) / 2.2)


def scale(steps: Sequence[int] = (0, 2, 4, 5, 7, 9, 11, 12), each: float = 0.5) -> bytes:
    """A scale from middle C; steps in semitones."""

    def sound(t: float) -> float:
        at = min(int(t / each), len(steps) - 1)
        within = t - at * each
        frequency = 261.626 * 2 ** (steps[at] / 12)
        tone = math.sin(2 * math.pi * frequency * t) + 0.3 * math.sin(4 * math.pi * frequency * t)
        return tone / 1.4 * min(1, within * 40) * math.exp(-3 * within)

    return _wav(len(steps) * each, sound)


def oscillation_webm(seconds: int = 8, rate: int = 10) -> bytes:
    """Circular motion and its shadow, an oscillation; one turn in four seconds."""
    frames = []
    for at in range(seconds * rate):
        image = Image.new("RGB", (960, 540), PAPER)
        pen = ImageDraw.Draw(image)
        pen.rectangle((0, 0, 960, 70), fill=INK)
        title = "Dao động điều hoà là hình chiếu của chuyển động tròn đều"
        pen.text((30, 35), title, font=_font(28, 600), fill="white", anchor="lm")
        angle = 2 * math.pi * at / (4 * rate)
        x, y = 240 + 130 * math.cos(angle), 290 - 130 * math.sin(angle)
        pen.ellipse((110, 160, 370, 420), outline=INK, width=3)
        pen.line((240, 290, x, y), fill="#777777", width=2)
        pen.line((x, y, 460, y), fill=SUN, width=2)
        trail = [(460 + 10 * back, 290 - 130 * math.sin(angle - back * 0.11)) for back in range(44)]
        pen.line(trail, fill=WATER, width=4)
        pen.line((460, 140, 460, 440), fill="#333333", width=2)
        for px, py in ((x, y), (460, y)):
            pen.ellipse((px - 12, py - 12, px + 12, py + 12), fill=RED)
        told = "Một vòng của chuyển động tròn ứng với một chu kì dao động"
        pen.text((480, 490), told, font=_font(26), fill="#333333", anchor="mm")
        frames.append(_vp8(image))
    return webm(frames, 960, 540, rate)


def _vp8(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=40, method=1)
    data = out.getvalue()
    at = 12
    while data[at : at + 4] != b"VP8 ":
        at += 8 + struct.unpack("<I", data[at + 4 : at + 8])[0] + (data[at + 4] & 1)
    size = struct.unpack("<I", data[at + 4 : at + 8])[0]
    return data[at + 8 : at + 8 + size]


def webm(frames: Sequence[bytes], wide: int, high: int, rate: int) -> bytes:
    """VP8 key frames as a WebM file with an index, so that players can seek."""
    step = 1000 / rate
    info = _element(
        0x1549A966,
        _number(0x2AD7B1, 1_000_000) + _element(0x4489, struct.pack(">d", len(frames) * step))
        + _text(0x4D80, "Kho Chung") + _text(0x5741, "Kho Chung"),
    )  # fmt: skip
    video = _element(0xE0, _number(0xB0, wide) + _number(0xBA, high))
    track = _number(0xD7, 1) + _number(0x73C5, 1) + _number(0x83, 1) + _text(0x86, "V_VP8") + video
    tracks = _element(0x1654AE6B, _element(0xAE, track))
    clusters, cues, place = b"", b"", len(info) + len(tracks)
    for first in range(0, len(frames), rate):
        start = round(first * step)
        body = _number(0xE7, start)
        for at, frame in enumerate(frames[first : first + rate]):
            body += _element(0xA3, b"\x81" + struct.pack(">h", round(at * step)) + b"\x80" + frame)
        cues += _element(
            0xBB, _number(0xB3, start) + _element(0xB7, _number(0xF7, 1) + _number(0xF1, place + len(clusters)))
        )
        clusters += _element(0x1F43B675, body)
    head = _element(
        0x1A45DFA3,
        _number(0x4286, 1) + _number(0x42F7, 1) + _number(0x42F2, 4) + _number(0x42F3, 8) + _text(0x4282, "webm")
        + _number(0x4287, 2) + _number(0x4285, 2),
    )  # fmt: skip
    return head + _element(0x18538067, info + tracks + clusters + _element(0x1C53BB6B, cues))


def _element(code: int, body: bytes) -> bytes:
    name = code.to_bytes((code.bit_length() + 7) // 8, "big")
    return name + (len(body) | 1 << 56).to_bytes(8, "big") + body


def _number(code: int, value: int) -> bytes:
    return _element(code, value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big"))


def _text(code: int, value: str) -> bytes:
    return _element(code, value.encode())


def rows(lines: Iterable[Sequence[object]]) -> bytes:
    """CSV with a byte order mark, which spreadsheets need to read Vietnamese."""
    return ("\ufeff" + "".join(",".join(str(cell) for cell in line) + "\r\n" for line in lines)).encode()
