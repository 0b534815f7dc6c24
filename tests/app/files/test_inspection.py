"""Uploads by what they are, not by what they are called; hostile zips stay outside."""

from __future__ import annotations

import io
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from app.core.errors import Invalid
from app.files import inspection
from app.files.inspection import DOCX, EPUB, HTML, ODT, PDF, PPTX, XLSX, ZIP, clean_name, inspect

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002"
    "000001e221bc330000000049454e44ae426082"
)


def kept(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "staged"
    path.write_bytes(data)
    return path


def zipped(entries: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


@pytest.mark.parametrize(
    ("file", "media_type", "package"),
    [
        ("vi-d2l-vn/dai-so-tuyen-tinh.pdf", PDF, None),
        ("vi-d2l-vn/dai-so-tuyen-tinh.docx", DOCX, None),
        ("vi-d2l-vn/dai-so-tuyen-tinh.doc", "application/msword", None),
        ("vi-d2l-vn/giai-tich.epub", EPUB, None),
        ("vi-d2l-vn/preface__index_vn.md", "text/markdown", None),
        ("office-tika/testPPT_various.pptx", PPTX, None),
        ("office-tika/testPPT.ppt", "application/vnd.ms-powerpoint", None),
        ("office-tika/testEXCEL.xls", "application/vnd.ms-excel", None),
        ("office-tika/testODFwithOOo3.odt", ODT, None),
        ("office-tika/testMP4Video.mp4", "video/mp4", None),
        ("office-markitdown/test.xlsx", XLSX, None),
        ("office-markitdown/test.mp3", "audio/mpeg", None),
        ("office-python-pptx/shp-movie-props.pptx", PPTX, None),
        ("scorm-rustici-golf/RuntimeMinimumCalls_SCORM12.zip", ZIP, "scorm"),
        ("scorm-rustici-golf/RuntimeBasicCalls_SCORM20043rdEdition.zip", ZIP, "scorm"),
        ("h5p-standalone/h5p-test.h5p", ZIP, "h5p"),
        ("exelearning/basic-example.elp", ZIP, "elp"),
    ],
)
def test_real_files(corpora: Path, file: str, media_type: str, package: str | None) -> None:
    path = corpora / "resources" / file
    found = inspect(path, path.name)
    assert (found.media_type, found.package) == (media_type, package)


def test_every_good_epub_of_the_corpus_is_an_epub(corpora: Path) -> None:
    books = sorted((corpora / "resources").glob("*/*.epub"))
    assert len(books) >= 10
    for book in books:
        assert inspect(book, book.name).media_type == EPUB, book.name


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"", "a.pdf", "rỗng"),
        (PNG, "anh.pdf", "đuôi .pdf nhưng nội dung bên trong là .png"),
        (b"%PDF-1.7\n", "bai.docx", "nội dung bên trong là .pdf"),
        (b"MZ\x90\x00" + b"\x00" * 100, "bai.pdf", "chương trình"),
        (b"\x7fELF" + b"\x00" * 100, "bai.txt", "chương trình"),
        (b"#!/bin/sh\nrm -rf /", "bai.txt", "chương trình"),
        (b"Rar!\x1a\x07\x00", "bai.zip", "nén kiểu này"),
        (b"\x00\x01\x02\x03" * 50, "bai.txt", "Không nhận ra"),
        (b"<!DOCTYPE html><script>alert(1)</script>", "bai.txt", ".html"),
        ("chữ thường".encode(), "bai.pdf", ".txt"),
        (b"PK\x03\x04 hong", "bai.zip", "hỏng"),
        (b"\x89PNG\r\n\x1a\nhong", "anh.png", "Ảnh bị hỏng"),
        (b"%PDF-1.7\n", "khongduoi", "thiếu phần đuôi"),
    ],
)
def test_lying_and_broken_files_are_refused(tmp_path: Path, data: bytes, name: str, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        inspect(kept(tmp_path, data), name)
    assert says in refused.value.message
    assert refused.value.errors == {"file": [refused.value.message]}


def slip(name: str) -> Callable[[], bytes]:
    return lambda: zipped({name: b"x"})


def symlink() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        entry = zipfile.ZipInfo("link")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(entry, "/etc/passwd")
    return out.getvalue()


def doubled() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", b"one")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.txt", b"two")
    return out.getvalue()


def bomb() -> bytes:
    return zipped({f"{n}.bin": bytes(10_000_000) for n in range(8)})


def lying_size() -> bytes:
    """The directory announces one byte for an entry of a hundred thousand."""
    data = bytearray(zipped({"a.txt": b"a" * 100_000}))
    at = data.index(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 1)
    return bytes(data)


def locked() -> bytes:
    data = bytearray(zipped({"a.txt": b"abc"}))
    data[data.index(b"PK\x01\x02") + 8] |= 1
    data[6] |= 1
    return bytes(data)


def overlapping() -> bytes:
    """Two directory entries that point to the same bytes."""
    whole = zipped({"a.txt": b"abc", "b.txt": b"abc"}, zipfile.ZIP_STORED)
    data = bytearray(whole)
    second = data.index(b"PK\x01\x02", data.index(b"PK\x01\x02") + 1)
    data[second + 42 : second + 46] = struct.pack("<I", 0)
    return bytes(data)


def wrong_checksum() -> bytes:
    return zipped({"a.txt": b"original"}, zipfile.ZIP_STORED).replace(b"original", b"tampered")


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (slip("../../etc/passwd"), "nguy hiểm"),
        (slip("/etc/passwd"), "nguy hiểm"),
        (slip("a/../../b"), "nguy hiểm"),
        (slip("..\\..\\b"), "nguy hiểm"),
        (slip("C:/b"), "nguy hiểm"),
        (symlink, "liên kết"),
        (doubled, "trùng tên"),
        (bomb, "quá lớn"),
        (lying_size, "hỏng"),
        (locked, "mật khẩu"),
        (overlapping, "chồng lên nhau"),
        (wrong_checksum, "hỏng"),
        (lambda: zipped({"a": b"x"}, zipfile.ZIP_LZMA), "cách nén"),
        (lambda: zipped({"setup.exe": b"MZ"}), "chương trình"),
        (lambda: zipped({"imsmanifest.xml": b"<a"}), "imsmanifest.xml"),
        (lambda: zipped({"imsmanifest.xml": b"<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>"}), "imsmanifest.xml"),
        (lambda: zipped({"mimetype": EPUB.encode(), "x": b""}), ".zip"),
    ],
)
def test_hostile_zips_are_refused(tmp_path: Path, make: Callable[[], bytes], says: str) -> None:
    with pytest.raises(Invalid) as refused:
        inspect(kept(tmp_path, make()), "goi.zip" if says != ".zip" else "sach.epub")
    assert says in refused.value.message or "META-INF" in refused.value.message


def test_macros_stay_outside(tmp_path: Path) -> None:
    data = zipped({"[Content_Types].xml": b"<x/>", "word/document.xml": b"<x/>", "word/vbaProject.bin": b"x"})
    with pytest.raises(Invalid, match="macro"):
        inspect(kept(tmp_path, data), "bai.docx")


def test_a_plain_zip_and_broken_corpus_packages(tmp_path: Path, corpora: Path) -> None:
    assert inspect(kept(tmp_path, zipped({"bai 1.txt": b"x"})), "bai.zip").package is None
    assert inspect(corpora / "resources/scorm-rustici-golf/invalid.zip", "invalid.zip").package is None
    for name, says in (
        ("scorm-rustici-golf/validscorm.zip", "imsmanifest.xml"),
        ("h5p-lumi/bad-corrupt_archive.h5p", "."),
    ):
        path = corpora / "resources" / name
        with pytest.raises(Invalid, match=says):
            inspect(path, path.name)


def test_the_hostile_corpus_never_crashes(corpora: Path) -> None:
    """Kept or refused with a reason: nothing else."""
    count = 0
    for folder in ("payloads-all", "pillow", "pdfjs", "defusedxml", "pypdf-samples"):
        for path in sorted((corpora / "hostile" / folder).rglob("*")):
            if path.is_file():
                count += 1
                try:
                    inspect(path, path.name)
                except Invalid as refused:
                    assert refused.message
    assert count > 80


def test_zips_that_leave_their_folder_are_refused(corpora: Path) -> None:
    zips = sorted((corpora / "hostile" / "payloads-all").rglob("*.zip"))
    assert zips
    for path in zips:
        with pytest.raises(Invalid):
            inspect(path, path.name)


def test_html_is_html_and_never_inline(tmp_path: Path) -> None:
    found = inspect(kept(tmp_path, "<html><p>Chào".encode()), "bai.html")
    assert found.media_type == HTML
    assert not inspection.is_shown_inline(HTML)
    assert not inspection.is_shown_inline("image/svg+xml")
    assert inspection.is_shown_inline(PDF)


@pytest.mark.parametrize(
    ("given", "cleaned"),
    [
        ("C:\\Users\\co\\Bài giảng.pdf", "Bài giảng.pdf"),
        ("../../etc/passwd", "passwd"),
        ("Ba\u0300i   1.docx", "Bài 1.docx"),
        ("a\u202efdp.exe", "afdp.exe"),
        ("\x00\n", "tep"),
        ("...", "tep"),
        ("a" * 400 + ".pdf", "a" * 251 + ".pdf"),
    ],
)
def test_names_are_cleaned(given: str, cleaned: str) -> None:
    assert clean_name(given) == cleaned


def test_what_will_be_refused_is_known_before_the_first_byte() -> None:
    assert inspection.refuse_early("a.exe", 10, 100)
    assert inspection.refuse_early("a.pdf", 101, 100)
    assert inspection.refuse_early("a.pdf", 100, 100) is None
