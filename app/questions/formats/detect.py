"""Which format a file is, told from its content first and its name second; and the doors to each format."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable, Mapping
from functools import partial

from app.questions.formats import aiken, docx, extest, gift, moodlexml, qti, table, xml
from app.questions.formats.model import Draft, Picture, Reading, Unreadable, Writing, decoded

READERS: dict[str, Callable[[bytes], Reading]] = {
    "docx": docx.read,
    "gift": gift.read,
    "aiken": aiken.read,
    "moodlexml": moodlexml.read,
    "qti": qti.read,
    "extest": extest.read,
    "csv": table.read_csv,
    "xlsx": table.read_xlsx,
}
WRITERS: dict[str, Callable[[list[Draft]], Writing]] = {
    "gift": gift.write,
    "aiken": aiken.write,
    "moodlexml": moodlexml.write,
    "qti": qti.write,
    "qti21": partial(qti.write, version="2.1"),
    "qti3": partial(qti.write, version="3.0"),
    "extest": extest.write,
    "csv": table.write_csv,
    "xlsx": table.write_xlsx,
}
# Writers that put pictures into their file, given them by the keys that stand in the texts.
PICTURED: dict[str, Callable[[list[Draft], Mapping[str, Picture]], Writing]] = {
    "moodlexml": moodlexml.write,
    "qti": qti.write,
    "qti21": partial(qti.write, version="2.1"),
    "qti3": partial(qti.write, version="3.0"),
    "extest": extest.write,
}
LABELS = {
    "docx": "Word",
    "xlsx": "XLSX",
    "csv": "CSV",
    "gift": "GIFT",
    "aiken": "Aiken",
    "moodlexml": "Moodle XML",
    "qti": "QTI",
    "qti21": "QTI 2.1",
    "qti3": "QTI 3.0",
    "extest": "LaTeX ex_test",
}


def names() -> str:
    """The formats that are read, as people call them."""
    return ", ".join(label for code, label in LABELS.items() if code in READERS)


def read(data: bytes, name: str, filename: str = "") -> Reading:
    """Read `data` as format `name` (or "auto"); raises Unreadable."""
    if not data.strip(b"\0 \t\r\n\xef\xbb\xbf"):
        raise Unreadable("Tệp trống.")
    if name == "auto":
        name = detected(data, filename)
    if name not in READERS:
        raise Unreadable("Kho chưa đọc được định dạng %(format)s. Hiện đọc được %(names)s.", format=name, names=names())
    return READERS[name](data)


def write(name: str, drafts: list[Draft], pictures: Mapping[str, Picture] | None = None) -> Writing:
    """Write drafts whose pictures stand as `picture:key`; raises KeyError for a format that is not written."""
    if name in PICTURED:
        return PICTURED[name](drafts, pictures or {})
    return WRITERS[name](drafts)


def detected(data: bytes, filename: str = "") -> str:
    """The format's name; raises Unreadable where it is none that is read."""
    ending = filename.rsplit(".", 1)[-1].lower() if "." in filename else ""
    if data[:4] == b"PK\x03\x04":
        return _of_archive(data, ending)
    if data[:4] == b"\xd0\xcf\x11\xe0":
        raise Unreadable("Tệp Office đời cũ hoặc có mật khẩu. Thầy cô mở tệp rồi lưu lại dạng .docx hoặc .xlsx.")
    if data[:4] in (b"%PDF", b"\x89PNG", b"\xff\xd8\xff\xe0"):
        raise _unknown_kind()
    text, _messages = decoded(data)
    start = text.lstrip("\ufeff \t\r\n")[:200]
    if re.match(r"<(?:\?xml|!DOCTYPE\s|!--|[A-Za-z][\w:.-]*[\s/>])", start) and ending not in ("gift", "csv"):
        return _of_xml(data)
    if start.startswith(("{", "[{")) and ending not in ("gift", "csv"):
        raise _unknown_kind()
    if extest.looks_like(text):
        return "extest"
    if table.looks_like(text):
        return "csv"
    if aiken.looks_like(text) and ending != "gift" and not gift.looks_like(text):
        return "aiken"
    if gift.looks_like(text) or ending == "gift" or "$CATEGORY:" in text:
        return "gift"
    raise Unreadable("Không nhận ra định dạng của tệp. Hiện đọc được %(names)s.", names=names())


def _unknown_kind() -> Unreadable:
    return Unreadable("Kho chưa đọc được loại tệp này. Hiện đọc được %(names)s.", names=names())


def _of_archive(data: bytes, ending: str) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            inside = archive.namelist()[:20_000]
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        if ending in ("xlsx", "xlsm") or b"xl/" in data[:200_000]:
            return "xlsx"
        raise Unreadable("Tệp nén hỏng nên không đọc được.") from None
    if any(n.startswith("xl/") for n in inside):
        return "xlsx"
    if any(n.startswith("word/") for n in inside):
        return "docx"
    if any(n.lower().endswith((".xml", ".qti")) for n in inside):
        return "qti"
    if any(n.lower().endswith(".tex") for n in inside):
        return "extest"
    raise Unreadable("Tệp nén này không phải gói câu hỏi hay bảng tính.")


def _of_xml(data: bytes) -> str:
    root, _messages = xml.parse(data)
    if moodlexml.looks_like(root):
        return "moodlexml"
    if qti.looks_like(root):
        return "qti"
    raise Unreadable("Tệp XML này không phải câu hỏi của Moodle hay QTI.")
