"""What uploaded bytes really are, and whether they are safe to keep. Never trusts the name; extracts nothing.

Zip rules: stored and deflated entries only, no way out of the folder, no links, no doubled or overlapping
entries, no lying sizes, no bombs, no passwords.
"""

from __future__ import annotations

import stat
import unicodedata
import warnings
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO

from app.core.errors import Invalid
from app.core.i18n import gettext as _

HEAD = 8192
MAX_NAME = 255
MAX_ENTRIES = 20_000
MAX_UNPACKED = 2 * 1024**3
FREE_UNPACKED = 64 * 1024**2
MAX_RATIO = 50
MAX_PIXELS = 120_000_000
MAX_MANIFEST = 8 * 1024**2

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
PPTX = "application/vnd.openxmlformats-officedocument.presentationml.presentation"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ODT = "application/vnd.oasis.opendocument.text"
ODP = "application/vnd.oasis.opendocument.presentation"
ODS = "application/vnd.oasis.opendocument.spreadsheet"
EPUB = "application/epub+zip"
ZIP = "application/zip"
PDF = "application/pdf"
HTML = "text/html"
SVG = "image/svg+xml"

EXTENSIONS: dict[str, tuple[str, ...]] = {
    PDF: ("pdf",),
    DOCX: ("docx",),
    PPTX: ("pptx", "ppsx"),
    XLSX: ("xlsx",),
    ODT: ("odt",),
    ODP: ("odp",),
    ODS: ("ods",),
    EPUB: ("epub",),
    ZIP: ("zip", "h5p", "imscc", "elp", "elpx", "ggb"),
    "application/msword": ("doc",),
    "application/vnd.ms-powerpoint": ("ppt", "pps"),
    "application/vnd.ms-excel": ("xls",),
    "application/rtf": ("rtf", "doc"),
    "image/png": ("png",),
    "image/jpeg": ("jpg", "jpeg", "jfif"),
    "image/gif": ("gif",),
    "image/webp": ("webp",),
    "image/avif": ("avif",),
    SVG: ("svg",),
    "audio/mpeg": ("mp3",),
    "audio/wav": ("wav",),
    "audio/ogg": ("ogg", "oga", "opus"),
    "audio/flac": ("flac",),
    "audio/mp4": ("m4a",),
    "video/mp4": ("mp4", "m4v", "mov"),
    "video/webm": ("webm", "mkv"),
    "video/ogg": ("ogv",),
    HTML: ("html", "htm", "xhtml"),
    "text/plain": ("txt", "tex", "srt", "vtt", "gift"),
    "text/markdown": ("md", "markdown"),
    "text/csv": ("csv", "tsv"),
    "application/json": ("json",),
    "application/xml": ("xml", "cnxml"),
}
ACCEPTED: tuple[str, ...] = tuple(sorted({"." + ext for exts in EXTENSIONS.values() for ext in exts}))
_TEXT_BY_EXTENSION = {
    ext: media
    for media, exts in EXTENSIONS.items()
    if media.startswith("text/") or media in (SVG, "application/json", "application/xml")
    for ext in exts
}

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (0, b"{\\rtf", "application/rtf"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"\x1aE\xdf\xa3", "video/webm"),
)
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"#!")
_ARCHIVES = (b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07", b"\x1f\x8b", b"BZh", b"\xfd7zXZ\x00")
_IMAGES = {"image/png": "PNG", "image/jpeg": "JPEG", "image/gif": "GIF", "image/webp": "WEBP"}


@dataclass(frozen=True)
class Inspected:
    """The type found, the package kind of a zip (`scorm`, `imscc`, `qti`, `h5p`, `elp`), the cleaned name."""

    media_type: str
    package: str | None
    name: str


def clean_name(filename: str) -> str:
    """The bare file name, NFC, without control and direction marks, at most 255 characters; never empty."""
    name = unicodedata.normalize("NFC", filename.replace("\\", "/").rsplit("/", 1)[-1])
    name = "".join(c for c in name if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"))
    name = " ".join(name.split()).strip(". ") if name.strip(". ") else ""
    if not name:
        return "tep"
    if len(name) > MAX_NAME:
        stem, dot, ext = name.rpartition(".")
        name = stem[: MAX_NAME - len(ext) - 1] + dot + ext if dot and len(ext) <= 10 else name[:MAX_NAME]
    return name


def extension(name: str) -> str:
    """Lower-case extension without its dot, or ''."""
    return PurePosixPath(name).suffix.lower().lstrip(".")


def refuse_early(filename: str, size: int | None, limit: int) -> str | None:
    """Why a file of this name and size is refused before its first byte is sent; None when it may come."""
    if extension(clean_name(filename)) not in {ext.lstrip(".") for ext in ACCEPTED}:
        return _("Kho chưa nhận loại tệp này.")
    if size is not None and size > limit:
        return _("Tệp quá lớn.")
    return None


def inspect(path: Path, filename: str) -> Inspected:
    """Look at staged bytes. Raises Invalid, in the reader's language, for what the house does not keep."""
    name = clean_name(filename)
    ext = extension(name)
    with path.open("rb") as stream:
        head = stream.read(HEAD)
        if not head:
            raise _invalid(_("Tệp rỗng, không có nội dung nào để lưu."))
        package = None
        if head[:4] in (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08"):
            media_type, package = _inside_zip(stream, path.stat().st_size)
        else:
            media_type = _sniffed(head, stream, ext)
    if ext not in EXTENSIONS[media_type]:
        raise _invalid(_lie(ext, media_type))
    if media_type in _IMAGES:
        _check_image(path, _IMAGES[media_type])
    return Inspected(media_type, package, name)


def _invalid(message: str) -> Invalid:
    return Invalid(message, errors={"file": [message]})


def _lie(ext: str, media_type: str) -> str:
    real = EXTENSIONS[media_type][0]
    if not ext:
        return _("Tên tệp thiếu phần đuôi. Nội dung bên trong là .%(real)s, hãy đặt lại tên tệp.", real=real)
    return _(
        "Tệp mang đuôi .%(ext)s nhưng nội dung bên trong là .%(real)s. "
        "Hãy đổi lại đúng đuôi hoặc chọn đúng tệp rồi tải lên lại.",
        ext=ext,
        real=real,
    )


def _sniffed(head: bytes, stream: BinaryIO, ext: str) -> str:
    for offset, magic, media_type in _MAGIC:
        if head[offset : offset + len(magic)] == magic:
            return media_type
    if b"%PDF-" in head[:1024]:
        return PDF
    if head.startswith(_PROGRAMS):
        raise _invalid(_("Đây là tệp chương trình. Kho không nhận tệp chạy được vì lí do an toàn."))
    if head.startswith(_ARCHIVES) or head[257:262] == b"ustar":
        raise _invalid(_("Kho chưa nhận tệp nén kiểu này. Hãy nén lại thành .zip hoặc tải từng tệp."))
    if head[:4] == b"RIFF" and head[8:12] in (b"WEBP", b"WAVE"):
        return "image/webp" if head[8:12] == b"WEBP" else "audio/wav"
    if head[:4] == b"OggS":
        return "video/ogg" if b"theora" in head[:200] else "audio/ogg"
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        if brand in (b"avif", b"avis"):
            return "image/avif"
        return "audio/mp4" if brand in (b"M4A ", b"M4B ") else "video/mp4"
    if head[:8] == b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1":
        return _inside_ole(stream)
    if len(head) > 3 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x06 and ext == "mp3":
        return "audio/mpeg"
    return _text_type(head, stream, ext)


def _inside_ole(stream: BinaryIO) -> str:
    """Old Office files by the names in their directory; password-protected new ones are told apart."""
    stream.seek(0)
    data = stream.read(64 * 1024**2)

    def has(name: str) -> bool:
        return name.encode("utf-16-le") in data

    if has("EncryptedPackage"):
        raise _invalid(_("Tệp được đặt mật khẩu. Hãy bỏ mật khẩu rồi tải lên lại."))
    if has("WordDocument"):
        return "application/msword"
    if has("PowerPoint Document"):
        return "application/vnd.ms-powerpoint"
    if has("Workbook") or has("Book"):
        return "application/vnd.ms-excel"
    raise _invalid(_("Không nhận ra loại của tệp này."))


def _text_type(head: bytes, stream: BinaryIO, ext: str) -> str:
    """Text by being text: UTF-8, UTF-16 with its mark, or an old one-byte code without control bytes."""
    stream.seek(0)
    utf16 = head[:2] in (b"\xff\xfe", b"\xfe\xff")
    while piece := stream.read(1024 * 1024):
        if not utf16 and any(byte in piece for byte in (b"\x00", b"\x01", b"\x02", b"\x03", b"\x04", b"\x05")):
            raise _invalid(_("Không nhận ra loại của tệp này, hoặc tệp đã hỏng."))
    start = head.decode("utf-16" if utf16 else "utf-8", "ignore").lstrip("\ufeff \t\r\n").lower()
    if start.startswith(("<!doctype html", "<html")) and ext not in EXTENSIONS[HTML]:
        return HTML
    if ext not in _TEXT_BY_EXTENSION:
        return "text/plain"
    return _TEXT_BY_EXTENSION[ext]


def _check_image(path: Path, kind: str) -> None:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path, formats=[kind]) as image:
                pixels = image.width * image.height * max(1, getattr(image, "n_frames", 1) if kind == "GIF" else 1)
    except Exception as error:
        raise _invalid(_("Ảnh bị hỏng, không mở được.")) from error
    if pixels > MAX_PIXELS:
        raise _invalid(_("Ảnh có kích thước quá lớn. Hãy thu nhỏ ảnh rồi tải lên lại."))


def _inside_zip(stream: BinaryIO, size: int) -> tuple[str, str | None]:
    try:
        with zipfile.ZipFile(stream) as archive:
            _guard(archive, size)
            _read_through(archive)
            return _zip_type(archive)
    except (
        zipfile.BadZipFile,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        RuntimeError,
        NotImplementedError,
    ) as error:
        raise _invalid(_("Tệp nén bị hỏng hoặc không đọc được. Hãy nén lại rồi tải lên.")) from error


def _guard(archive: zipfile.ZipFile, size: int) -> None:
    """Everything that can be known from the directory alone."""
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise _invalid(_("Tệp nén có quá nhiều mục bên trong."))
    seen: set[str] = set()
    for entry in entries:
        name = entry.orig_filename
        parts = name.replace("\\", "/").split("/")
        if "\x00" in name or name.startswith(("/", "\\")) or ".." in parts or (len(name) > 1 and name[1] == ":"):
            raise _invalid(_("Tệp nén có tên mục nguy hiểm bên trong nên không được nhận."))
        if stat.S_ISLNK(entry.external_attr >> 16):
            raise _invalid(_("Tệp nén có liên kết bên trong nên không được nhận."))
        if entry.filename in seen:
            raise _invalid(_("Tệp nén có hai mục trùng tên bên trong nên không được nhận."))
        seen.add(entry.filename)
        if entry.flag_bits & 0x1:
            raise _invalid(_("Tệp được đặt mật khẩu. Hãy bỏ mật khẩu rồi tải lên lại."))
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _invalid(_("Tệp nén dùng cách nén chưa được hỗ trợ. Hãy nén lại kiểu .zip thông thường."))
    total = sum(entry.file_size for entry in entries)
    if total > MAX_UNPACKED or (total > FREE_UNPACKED and total > MAX_RATIO * size):
        raise _invalid(_("Tệp nén bung ra quá lớn so với kích thước thật nên không được nhận."))
    end = 0
    for entry in sorted(entries, key=lambda e: e.header_offset):
        if entry.header_offset < end:
            raise _invalid(_("Tệp nén có các mục chồng lên nhau nên không được nhận."))
        end = entry.header_offset + 30 + entry.compress_size


def _read_through(archive: zipfile.ZipFile) -> None:
    """Inflate every entry once, counting: a size or checksum that lies ends it."""
    for entry in archive.infolist():
        if entry.is_dir():
            continue
        count = 0
        with archive.open(entry) as source:
            while piece := source.read(256 * 1024):
                count += len(piece)
                if count > entry.file_size:
                    raise zipfile.BadZipFile("size lies")
        if count != entry.file_size:
            raise zipfile.BadZipFile("size lies")


def _zip_type(archive: zipfile.ZipFile) -> tuple[str, str | None]:
    names = set(archive.namelist())
    if "mimetype" in names and archive.getinfo("mimetype").file_size < 200:
        told = archive.read("mimetype").decode("ascii", "replace").strip()
        if told in (EPUB, ODT, ODP, ODS):
            needed = "META-INF/container.xml" if told == EPUB else "content.xml"
            if needed not in names:
                raise _invalid(_("Tệp thiếu phần bắt buộc %(part)s nên không mở được.", part=needed))
            return told, None
    if "[Content_Types].xml" in names:
        if any(name.lower().endswith("vbaproject.bin") for name in names):
            raise _invalid(_("Tệp có chứa macro. Hãy lưu lại không có macro rồi tải lên."))
        for folder, media_type in (("word/", DOCX), ("ppt/", PPTX), ("xl/", XLSX)):
            if any(name.startswith(folder) for name in names):
                return media_type, None
    if "h5p.json" in names:
        return ZIP, "h5p"
    if "imsmanifest.xml" in names:
        return ZIP, _manifest_kind(archive)
    if "contentv3.xml" in names or ("content.xml" in names and _begins_with_ode(archive)):
        return ZIP, "elp"
    if any(PurePosixPath(name).suffix.lower() in (".exe", ".dll", ".msi", ".scr", ".bat", ".jar") for name in names):
        raise _invalid(_("Tệp nén có chứa tệp chương trình. Kho không nhận vì lí do an toàn."))
    return ZIP, None


def _begins_with_ode(archive: zipfile.ZipFile) -> bool:
    """eXeLearning 3 keeps its project in content.xml under the root element `ode`."""
    with archive.open("content.xml") as source:
        return b"<ode" in source.read(1000)


def _manifest_kind(archive: zipfile.ZipFile) -> str:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import ParseError, fromstring

    broken = _invalid(_("Gói bài giảng có tệp imsmanifest.xml bị hỏng. Hãy xuất lại gói từ phần mềm soạn bài."))
    if archive.getinfo("imsmanifest.xml").file_size > MAX_MANIFEST:
        raise broken
    data = archive.read("imsmanifest.xml")
    try:
        fromstring(data, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError) as error:
        raise broken from error
    lower = data.lower()
    if b"adlcp" in lower or b"scorm" in lower:
        return "scorm"
    return "qti" if b"imsqti" in lower else "imscc"


def is_shown_inline(media_type: str) -> bool:
    """Whether a browser may open these bytes from our own address: nothing that can carry a script."""
    if media_type == SVG:
        return False
    return media_type in (PDF, "text/plain") or media_type.startswith(("image/", "audio/", "video/"))
