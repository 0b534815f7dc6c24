"""Which format a file is, told from its content first and its name second; and the doors to each format."""

from __future__ import annotations

from collections.abc import Callable

from app.questions.formats import gift, table
from app.questions.formats.model import Draft, Reading, Unreadable, Writing, decoded

READERS: dict[str, Callable[[bytes], Reading]] = {
    "gift": gift.read,
    "csv": table.read_csv,
    "xlsx": table.read_xlsx,
}
WRITERS: dict[str, Callable[[list[Draft]], Writing]] = {
    "gift": gift.write,
    "csv": table.write_csv,
    "xlsx": table.write_xlsx,
}
LATER = ("docx", "moodlexml", "qti", "aiken", "extest")


def read(data: bytes, name: str, filename: str = "") -> Reading:
    """Read `data` as format `name` (or "auto"); raises Unreadable."""
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise Unreadable("Tệp trống.")
    if name == "auto":
        name = detected(data, filename)
    if name not in READERS:
        raise Unreadable("Kho chưa đọc được định dạng %(format)s. Hiện đọc được GIFT, CSV và XLSX.", format=name)
    return READERS[name](data)


def detected(data: bytes, filename: str = "") -> str:
    """The format's name; raises Unreadable where it is none that is read."""
    ending = filename.rsplit(".", 1)[-1].lower() if "." in filename else ""
    if data[:4] == b"PK\x03\x04":
        if b"xl/" in data[:200_000] or ending in ("xlsx", "xlsm"):
            return "xlsx"
        if b"word/" in data[:200_000]:
            return "docx"
        raise Unreadable("Tệp nén này không phải là bảng tính XLSX.")
    if data[:4] in (b"\xd0\xcf\x11\xe0", b"%PDF"):
        raise Unreadable("Kho chưa đọc được loại tệp này. Hiện đọc được GIFT, CSV và XLSX.")
    text, _messages = decoded(data)
    start = text.lstrip("\ufeff \t\r\n")[:200].lower()
    if start.startswith(("<?xml", "<!doctype", "<html", "<quiz", "{", "[{")) and ending not in (
        "gift",
        "csv",
    ):
        raise Unreadable("Kho chưa đọc được loại tệp này. Hiện đọc được GIFT, CSV và XLSX.")
    if table.looks_like(text):
        return "csv"
    if gift.looks_like(text) or ending == "gift" or "$CATEGORY:" in text:
        return "gift"
    raise Unreadable("Không nhận ra định dạng của tệp. Hiện đọc được GIFT, CSV và XLSX.")
