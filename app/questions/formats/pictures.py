"""Pictures of questions: made anew from their pixels, so that nothing else of the file survives; no database."""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass

from PIL import Image, ImageOps

from app.questions.formats.model import Unreadable

MAX_BYTES = 20 * 1024 * 1024
MAX_PIXELS = 25_000_000
MAX_PIXELS_JPEG = 120_000_000  # a JPEG can be decoded at an eighth of its size
LONGEST_SIDE = 2_000
LARGE_PNG = 700_000
UPLOADED = ("PNG", "JPEG", "GIF", "WEBP")
IMPORTED = (*UPLOADED, "BMP")

# ![words](address) or ![words](address "title"), the address without blanks
REFERENCE = re.compile(r"!\[(?P<words>[^\[\]]*)\]\(\s*<?(?P<address>[^\s()<>]+)>?(?:\s+\"[^\"]*\")?\s*\)")


@dataclass(frozen=True)
class Clean:
    """A picture that is safe to keep; `still` when only the first of several frames was taken."""

    data: bytes
    media_type: str
    extension: str
    width: int
    height: int
    still: bool = False
    smaller: bool = False


def clean(data: bytes, formats: tuple[str, ...] = UPLOADED) -> Clean:
    """The same pixels in a new PNG or JPEG, upright and at most 2,000 pixels wide; raises Unreadable."""
    if len(data) > MAX_BYTES:
        raise Unreadable("Hình quá lớn (tối đa %(max)s MB).", max=MAX_BYTES // 1024 // 1024)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(io.BytesIO(data), formats=list(formats)) as image:
                pixels = image.width * image.height
                if not pixels or pixels > (MAX_PIXELS_JPEG if image.format == "JPEG" else MAX_PIXELS):
                    raise Unreadable("Hình có quá nhiều điểm ảnh. Thầy cô thu nhỏ hình rồi tải lại.")
                return _made_anew(image)
    except Unreadable:
        raise
    except Exception:  # Pillow raises many kinds of errors for broken files
        raise Unreadable("Hình bị hỏng hoặc không phải PNG, JPEG, GIF, WebP.") from None


def _made_anew(image: Image.Image) -> Clean:
    photo = image.format == "JPEG"
    still = getattr(image, "n_frames", 1) > 1
    smaller = max(image.size) > LONGEST_SIDE
    if photo and smaller:
        image.draft(None, (LONGEST_SIDE, LONGEST_SIDE))
    image.load()
    if image.width * image.height > MAX_PIXELS:
        raise Unreadable("Hình có quá nhiều điểm ảnh. Thầy cô thu nhỏ hình rồi tải lại.")
    upright = ImageOps.exif_transpose(image)
    clear = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
    if photo:
        kept = upright.convert("L" if upright.mode == "L" else "RGB")
    elif clear:
        kept = upright.convert("RGBA")
    elif upright.mode in ("1", "L", "P") and not smaller:
        kept = upright if upright.mode != "P" else upright.convert("RGB").quantize(256)
    elif upright.mode.startswith("I"):
        kept = upright.convert("I").point(lambda value: value / 256).convert("L")
    else:
        kept = upright.convert("L" if upright.mode in ("1", "L") else "RGB")
    if smaller:
        kept.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.LANCZOS)
    bare = Image.frombytes(kept.mode, kept.size, kept.tobytes())
    if kept.mode == "P":
        bare.putpalette(kept.getpalette() or [])
    kept = bare
    if not photo:
        out = io.BytesIO()
        kept.save(out, "PNG", optimize=kept.width * kept.height < 2_000_000)
        if clear or out.tell() <= LARGE_PNG or kept.mode in ("1", "P"):
            return Clean(out.getvalue(), "image/png", "png", kept.width, kept.height, still, smaller)
    out = io.BytesIO()
    kept.save(out, "JPEG", quality=88, optimize=True, progressive=True)
    return Clean(out.getvalue(), "image/jpeg", "jpg", kept.width, kept.height, still, smaller)
