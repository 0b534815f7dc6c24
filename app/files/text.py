"""Text out of stored bytes, read in a process of its own with limits on memory, time and reach.

The lower half of this module is the child: it runs as a script and imports nothing of the application.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

EXTRACTOR = "kho-text/1"
WALL_SECONDS = 60
CPU_SECONDS = 40
MEMORY_BYTES = 1024**3
MAX_CHARS = 4_000_000
MAX_PART = 64 * 1024**2

_OOXML = "application/vnd.openxmlformats-officedocument."
READABLE = frozenset(
    {
        "application/pdf",
        "application/epub+zip",
        "application/zip",
        "text/html",
        "text/plain",
        "text/markdown",
        "text/csv",
        "application/vnd.oasis.opendocument.text",
        "application/vnd.oasis.opendocument.presentation",
        _OOXML + "wordprocessingml.document",
        _OOXML + "presentationml.presentation",
        _OOXML + "spreadsheetml.sheet",
    }
)


@dataclass(frozen=True)
class Extracted:
    """`state` is ready, empty, failed or none; `text` is NFC, a block a line; `message` tells the failure."""

    state: str
    text: str = ""
    message: str | None = None


def extract(path: Path, media_type: str, seconds: float = WALL_SECONDS) -> Extracted:
    """Read the text of the file at `path`. Never raises for bad bytes: they are `failed`."""
    if media_type not in READABLE:
        return Extracted("none")
    command = [sys.executable, "-I", "-W", "ignore", __file__, media_type, str(path)]
    environment = {"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds, env=environment, check=False, cwd="/")
    except subprocess.TimeoutExpired:
        return Extracted("failed", message="time limit")
    if done.returncode != 0:
        return Extracted("failed", message=f"reader ended with {done.returncode}")
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return Extracted("failed", message="reader gave no answer")
    if answer.get("error"):
        return Extracted("failed", message=str(answer["error"])[:300])
    text = tidy(answer["text"])
    return Extracted("ready" if text else "empty", text)


def tidy(text: str) -> str:
    """NFC, no control characters, spaces collapsed within a line, no empty lines."""
    text = unicodedata.normalize("NFC", text).replace("\u00ad", "").replace("\u200b", "").replace("\ufeff", "")
    text = re.sub(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]", "", text)
    lines = (" ".join(line.split()) for line in text.splitlines())
    return "\n".join(line for line in lines if line)


# ---- the child ----------------------------------------------------------------------------------


def _parser() -> Any:
    from lxml import etree

    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, recover=True)


def _xml(data: bytes) -> Any:
    from lxml import etree

    return etree.fromstring(data, _parser())


def _part(archive: Any, name: str) -> bytes:
    if archive.getinfo(name).file_size > MAX_PART:
        raise ValueError(f"{name} is too large")
    data: bytes = archive.read(name)
    return data


def _local(node: Any) -> str:
    return node.tag.rsplit("}", 1)[-1] if isinstance(node.tag, str) else ""


def _pdf(path: str) -> Iterator[str]:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    for number in range(min(len(document), 5000)):
        page = document[number]
        page_text = page.get_textpage()
        yield " ".join(page_text.get_text_bounded(errors="ignore").split())
        page_text.close()
        page.close()


def _runs(root: Any, paragraphs: frozenset[str]) -> Iterator[str]:
    """Text of `t` elements (Word, slides, formulas) by paragraph; fallbacks repeat: skipped."""
    from lxml import etree

    line: list[str] = []
    depth_of_fallback = 0
    for event, node in etree.iterwalk(root, events=("start", "end")):
        name = _local(node)
        if name == "Fallback":
            depth_of_fallback += 1 if event == "start" else -1
        if depth_of_fallback:
            continue
        if event == "start":
            if name == "t" and node.text:
                line.append(node.text)
            elif name in ("tab", "br", "cr"):
                line.append(" ")
        elif name in paragraphs:
            yield "".join(line)
            line = []
    yield "".join(line)


def _numbered(names: Iterable[str], pattern: str) -> list[str]:
    found = [(int(match.group(1) or 0), name) for name in names if (match := re.fullmatch(pattern, name))]
    return [name for _number, name in sorted(found)]


def _docx(path: str) -> Iterator[str]:
    import zipfile

    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        parts = _numbered(names, r"word/document(\d*)\.xml")
        for name in [*parts, *(n for n in ("word/footnotes.xml", "word/endnotes.xml") if n in names)]:
            yield from _runs(_xml(_part(archive, name)), frozenset({"p"}))


def _pptx(path: str) -> Iterator[str]:
    import zipfile

    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        for name in _numbered(names, r"ppt/slides/slide(\d+)\.xml") + _numbered(
            names, r"ppt/notesSlides/notesSlide(\d+)\.xml"
        ):
            yield from _runs(_xml(_part(archive, name)), frozenset({"p"}))


def _xlsx(path: str) -> Iterator[str]:
    import zipfile

    with zipfile.ZipFile(path) as archive:
        if "xl/sharedStrings.xml" in archive.namelist():
            yield from _runs(_xml(_part(archive, "xl/sharedStrings.xml")), frozenset({"si"}))
        # Some writers keep the words in the cells themselves.
        for name in _numbered(archive.namelist(), r"xl/worksheets/sheet(\d+)\.xml"):
            yield from _runs(_xml(_part(archive, name)), frozenset({"is"}))


def _odf(path: str) -> Iterator[str]:
    import zipfile

    def flat(node: Any) -> str:
        if _local(node) in ("s", "tab", "line-break"):
            inner = " "
        elif _local(node) in ("annotation", "tracked-changes", ""):
            inner = ""
        else:
            inner = (node.text or "") + "".join(flat(child) for child in node)
        return inner + (node.tail or "")

    with zipfile.ZipFile(path) as archive:
        root = _xml(_part(archive, "content.xml"))
        for node in root.iter():
            if _local(node) in ("p", "h"):
                yield (node.text or "") + "".join(flat(child) for child in node)


def _html(data: bytes) -> Iterator[str]:
    from lxml import etree, html

    encoding = None
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        encoding = "utf-16"
    else:
        try:
            data.decode("utf-8")
            encoding = "utf-8"
        except UnicodeDecodeError:
            pass
    if not data.strip():
        return
    parser = html.HTMLParser(encoding=encoding, no_network=True, huge_tree=False)
    root = html.document_fromstring(data, parser=parser)
    etree.strip_elements(root, "script", "style", "noscript", "template", etree.Comment, with_tail=False)
    for node in root.iter("p", "div", "li", "br", "h1", "h2", "h3", "h4", "h5", "h6", "td", "th", "tr", "title", "dd"):
        node.tail = "\n" + (node.tail or "")
    yield root.text_content()


def _epub(path: str) -> Iterator[str]:
    import posixpath
    import zipfile
    from urllib.parse import unquote

    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        container = _xml(_part(archive, "META-INF/container.xml"))
        package = next(n.get("full-path") for n in container.iter() if _local(n) == "rootfile")
        root = _xml(_part(archive, package))
        items = {n.get("id"): n.get("href", "") for n in root.iter() if _local(n) == "item"}
        for node in root.iter():
            if _local(node) == "title" and node.text:
                yield node.text
        for node in root.iter():
            if _local(node) == "itemref":
                href = unquote(items.get(node.get("idref"), "")).split("#")[0]
                name = posixpath.normpath(posixpath.join(posixpath.dirname(package), href))
                if name in names:
                    yield from _html(_part(archive, name))


def _package(path: str) -> Iterator[str]:
    """Pages inside SCORM and other packages, and the strings of an H5P's content."""
    import zipfile

    def strings(value: Any) -> Iterator[str]:
        if isinstance(value, str):
            if len(value) > 1 and not value.startswith(("http", "H5P.")):
                yield re.sub(r"<[^>]*>", " ", value)
        elif isinstance(value, list | dict):
            for inner in value.values() if isinstance(value, dict) else value:
                yield from strings(inner)

    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if "content/content.json" in names:
            yield from strings(json.loads(_part(archive, "content/content.json")))
            return
        for name in names[:2000]:
            if name.lower().endswith((".html", ".htm", ".xhtml")):
                yield from _html(_part(archive, name))
            elif name.lower().endswith((".txt", ".md")):
                yield _decoded(_part(archive, name))


def _decoded(data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return data.decode("utf-16", "replace")
    for encoding in ("utf-8-sig", "cp1258"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return data.decode("utf-8", "replace")


def _read(media_type: str, path: str) -> Iterator[str]:
    if media_type == "application/pdf":
        return _pdf(path)
    if media_type == "application/epub+zip":
        return _epub(path)
    if media_type == "application/zip":
        return _package(path)
    if media_type.startswith("application/vnd.oasis"):
        return _odf(path)
    if media_type.startswith(_OOXML):
        return {"w": _docx, "p": _pptx, "s": _xlsx}[media_type[len(_OOXML)]](path)
    data = Path(path).read_bytes()[:MAX_PART]
    return _html(data) if media_type == "text/html" else iter([_decoded(data)])


def _confine() -> None:
    import resource

    for what, limit in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_NOFILE, 64),
    ):
        resource.setrlimit(what, (limit, limit))

    def refuse(event: str, _arguments: Any) -> None:
        if event.startswith(("socket.", "subprocess.", "os.exec", "os.posix_spawn", "os.fork", "os.system")):
            raise PermissionError(event)

    sys.addaudithook(refuse)


def main(media_type: str, path: str) -> None:
    """Child: print `{"text": ...}` or `{"error": ...}` as JSON."""
    _confine()
    pieces: list[str] = []
    length = 0
    try:
        for piece in _read(media_type, path):
            pieces.append(piece)
            length += len(piece) + 1
            if length > MAX_CHARS:
                break
        answer = {"text": "\n".join(pieces)[:MAX_CHARS]}
    except Exception as error:
        answer = {"error": f"{type(error).__name__}: {error}"[:300]}
    sys.stdout.write(json.dumps(answer))
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
