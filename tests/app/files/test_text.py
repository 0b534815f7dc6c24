"""Text comes out of real files, NFC, and the reader is confined."""

from __future__ import annotations

import os
import subprocess
import sys
import time
import unicodedata
from pathlib import Path

import pytest

from app.files import text
from app.files.inspection import DOCX, EPUB, HTML, ODT, PDF, PPTX
from app.files.text import extract, tidy


@pytest.mark.parametrize(
    ("file", "media_type", "phrases"),
    [
        ("vi-d2l-vn/dai-so-tuyen-tinh.pdf", PDF, ["Đại số tuyến tính", "ma trận", "vector"]),
        ("vi-d2l-vn/dai-so-tuyen-tinh.docx", DOCX, ["ma trận", "vector"]),
        ("vi-d2l-vn/loi-noi-dau.docx", DOCX, ["Lời nói đầu", "học sâu"]),
        ("vi-d2l-vn/giai-tich.epub", EPUB, ["Giải tích", "đạo hàm"]),
        ("office-tika/testPPT_various.pptx", PPTX, ["Here is a text box"]),
        ("office-tika/testODFwithOOo3.odt", ODT, ["Tika is part of the Lucene project."]),
        ("office-tika/testPDF_protected.pdf", PDF, ["RETHINKING THE FINANCIAL NETWORK"]),
        ("vi-d2l-vn/preface__index_vn.md", "text/markdown", ["học sâu"]),
        ("scorm-rustici-golf/RuntimeMinimumCalls_SCORM12.zip", "application/zip", ["Etiquette"]),
        ("h5p-lumi/greetingcard1.h5p", "application/zip", ["Hello world!"]),
    ],
)
def test_real_files_are_read(corpora: Path, file: str, media_type: str, phrases: list[str]) -> None:
    found = extract(corpora / "resources" / file, media_type)
    assert found.state == "ready", found.message
    assert unicodedata.is_normalized("NFC", found.text)
    for phrase in phrases:
        assert phrase.casefold() in found.text.casefold()


def test_html_without_its_scripts(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes("<title>Bài</title><script>x()</script><p>Một</p><p>Ha\u0323i</p>".encode())
    assert extract(path, HTML).text == "Bài\nMột\nHại"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_plain_text_in_several_codes(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "a"
    path.write_bytes("Phương trình  bậc hai\r\n\r\nđồ thị".encode(encoding))
    assert extract(path, "text/plain").text == "Phương trình bậc hai\nđồ thị"


def test_other_kinds_have_no_text(tmp_path: Path) -> None:
    assert extract(tmp_path / "none", "video/mp4").state == "none"


def test_broken_bytes_fail_with_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"%PDF-1.4 nothing")
    found = extract(path, PDF)
    assert (found.state, found.text) == ("failed", "")
    assert found.message


def test_bad_pdfs_neither_hang_nor_raise(corpora: Path) -> None:
    pdfs = sorted((corpora / "hostile" / "pdfjs").rglob("*.pdf"))
    assert len(pdfs) > 20
    begun = time.monotonic()
    for path in pdfs:
        assert extract(path, PDF, seconds=20).state in ("ready", "empty", "failed")
    assert time.monotonic() - begun < 240


def test_entities_are_not_followed(tmp_path: Path) -> None:
    import zipfile

    path = tmp_path / "a.docx"
    body = (
        '<!DOCTYPE w [<!ENTITY e SYSTEM "file:///etc/hostname"><!ENTITY b "lol">]>'
        '<w:document xmlns:w="urn:w"><w:p><w:t>an toàn &e; &b;</w:t></w:p></w:document>'
    )
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("word/document.xml", body)
    found = extract(path, DOCX)
    secret = Path("/etc/hostname").read_text().strip() if Path("/etc/hostname").exists() else "\x00"
    assert secret not in found.text or not secret
    assert "lol" not in found.text


def test_time_is_limited(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    begun = time.monotonic()
    assert extract(path, "text/plain", seconds=1).state == "failed"
    assert time.monotonic() - begun < 10


@pytest.mark.parametrize(
    "code",
    [
        "x = bytearray(2 * 1024**3)",
        "import socket; socket.socket()",
        "import subprocess; subprocess.run(['true'])",
        "open('/tmp/kho-chung-probe', 'w').write('x' * 100000)",
    ],
)
def test_the_reader_cannot_reach_out(code: str) -> None:
    body = code.replace("; ", "\n    ")
    program = (
        f"import runpy; m = runpy.run_path({text.__file__!r}, run_name='child'); m['_confine']()\n"
        f"try:\n    {body}\nexcept (MemoryError, OSError):\n    print('stopped')"
    )
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, text=True, check=False)
    Path("/tmp/kho-chung-probe").unlink(missing_ok=True)
    assert "stopped" in done.stdout or done.returncode < 0, done.stderr


def test_tidy() -> None:
    assert tidy("A\u00adB  c\x00\r\n\n \tĐ\u200b") == "AB c\nĐ"
