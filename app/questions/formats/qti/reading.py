"""Loose QTI files and zipped packages: which items they hold, in which order, with which pictures and passages."""

from __future__ import annotations

import base64
import binascii
import posixpath
import re
from collections.abc import Iterator

from app.questions.formats import package
from app.questions.formats.codes import take_tag
from app.questions.formats.model import (
    MAX_QUESTIONS,
    MAX_SOURCE,
    READ,
    Message,
    Picture,
    Reading,
    Row,
    Unreadable,
)
from app.questions.formats.qti import items, legacy
from app.questions.formats.qti.names import is_v3, to_v2
from app.questions.formats.xml import (
    Element,
    child,
    children,
    descendants,
    local,
    namespace,
    parse,
    source_of,
    text_of,
)

_ITEMS = {"assessmentItem", "qti-assessment-item"}
_TESTS = {"assessmentTest", "qti-assessment-test"}
_EMPTY = {
    "assessmentSection", "assessmentStimulus", "qti-assessment-section", "qti-assessment-stimulus",
    "responseProcessing", "qti-response-processing", "manifest", "assessmentResult", "qti_result_report",
    "outcomeDeclaration", "usageData",
}  # fmt: skip
_CANVAS = "canvas.instructure.com"
_CANVAS_SETTINGS = {"quiz", "assignmentGroups", "course", "fileMeta", "media_tracks", "moduleMeta", "course_settings"}
_QUESTION_FILE = re.compile(r"\.(xml|qti)$", re.IGNORECASE)


def looks_like(root: Element) -> bool:
    """Is it an item, a test, a manifest or a question file of QTI, or a settings file of Canvas beside one?"""
    name, space = local(root), namespace(root)
    if name == "questestinterop" or (name == "item" and child(root, "presentation") is not None):
        return True
    if name in _CANVAS_SETTINGS:
        return _CANVAS in space
    return name in _ITEMS | _TESTS | _EMPTY and (name != "manifest" or "ims" in space or not space)


def read(data: bytes) -> Reading:
    """Every question of a QTI file or package in one row; raises Unreadable."""
    if data[:4] == b"PK\x03\x04":
        return _Package(package.opened(data)).read()
    root, messages = parse(data)
    found = Reading("qti", messages=messages)
    _File(found, None, "").take(root)
    if not found.rows:
        _explain_nothing(found, root)
    return found


def _explain_nothing(found: Reading, root: Element) -> None:
    if not looks_like(root):
        raise Unreadable("Tệp không phải là QTI.")
    if local(root) == "manifest":
        text = "".join(text_of(e) for e in descendants(root, "schemaversion")).strip()
        if text.startswith("1.1") and not list(descendants(root, "resource")):
            raise Unreadable("Kho chưa đọc được gói QTI phiên bản %(version)s.", version=text[:20])
        found.messages.append(Message("Đây là tệp danh mục của gói; thầy cô tải lên cả gói .zip.", lossy=False))
    elif local(root) in _TESTS:
        found.messages.append(
            Message("Đề QTI chỉ trỏ tới các câu ở tệp khác; thầy cô tải lên cả gói .zip.", lossy=False)
        )


class _File:
    """One XML file with items, on its way into the rows."""

    def __init__(
        self, reading: Reading, archive: package.Package | None, name: str, kept: dict[str, str] | None = None
    ) -> None:
        self.reading = reading
        self.archive = archive
        self.name = name
        self.descriptions = 0
        self._kept = kept if kept is not None else {}

    def take(self, root: Element, tags: list[str] | None = None) -> int:
        """Rows of every item; how many there were."""
        before = len(self.reading.rows)
        if local(root) in _ITEMS:
            row = self._row(root)
            if not items.read_item(row, root, self.picture, self.passage):
                self.reading.rows.pop()
                self.descriptions += 1
            elif row.draft is not None:
                for tag in tags or []:
                    take_tag(row.draft, tag)
        elif local(root) in ("questestinterop", "item"):
            self._take_old(root)
        if self.descriptions:
            self.reading.messages.append(
                Message("%(count)s đoạn giới thiệu không phải câu hỏi nên không nhập.", {"count": self.descriptions})
            )
        return len(self.reading.rows) - before

    def _take_old(self, root: Element) -> None:
        for item in [root] if local(root) == "item" else list(descendants(root, "item")):
            row = self._row(item)
            if not legacy.read_item(row, item, self.picture):
                self.reading.rows.pop()
                self.descriptions += 1
        elsewhere = sum(1 for _e in descendants(root, "bankentry_item"))
        if elsewhere:
            self.reading.messages.append(
                Message("%(count)s câu nằm ở ngân hàng khác, không có trong tệp.", {"count": elsewhere})
            )

    def _row(self, element: Element) -> Row:
        if len(self.reading.rows) >= MAX_QUESTIONS:
            raise Unreadable("Tệp có quá %(max)s câu hỏi. Thầy cô chia thành nhiều tệp.", max=MAX_QUESTIONS)
        place = posixpath.basename(self.name) or str(element.sourceline or "")
        source = re.sub(r"[A-Za-z0-9+/=\s]{400,}", "…", source_of(element)[:200_000])
        row = Row(len(self.reading.rows) + 1, READ, None, source=source[:MAX_SOURCE], place=place[-100:])
        self.reading.rows.append(row)
        return row

    def picture(self, address: str, words: str) -> str | None:
        inside = re.match(r"data:image/[a-z.+-]+;base64,", address)
        data: bytes | None = None
        name = ""
        if inside:
            try:
                data = base64.b64decode(re.sub(r"\s+", "", address[inside.end() :]), validate=True)
            except (binascii.Error, ValueError):
                return None
        elif self.archive is not None:
            found = self.archive.find(address, self.name) or self._by_web_resources(address)
            if found is not None and re.search(r"\.(png|jpe?g|gif|webp|bmp)$", found, re.IGNORECASE):
                name = found
                if name not in self._kept:
                    data = self.archive.read(found)
        words = " ".join(re.sub(r"[][]", " ", words).split())
        if name and name in self._kept:
            return f"![{words}](picture:{self._kept[name]})"
        if not data:
            return None
        key = str(len(self.reading.pictures) + 1)
        self.reading.pictures[key] = Picture(data, posixpath.basename(name))
        if name:
            self._kept[name] = key
        return f"![{words}](picture:{key})"

    def _by_web_resources(self, address: str) -> str | None:
        """Canvas keeps files under `web_resources`."""
        return self.archive.find(f"web_resources/{address}") if self.archive is not None else None

    def passage(self, address: str) -> tuple[Element, items.Picture] | None:
        """Another XML file of the package, and how its pictures are found."""
        found = self.archive.find(address, self.name) if self.archive is not None else None
        if self.archive is None or found is None:
            return None
        try:
            root, _messages = parse(self.archive.read(found))
        except Unreadable:
            return None
        if is_v3(root):
            to_v2(root)
        return root, _File(self.reading, self.archive, found, self._kept).picture


class _Package:
    def __init__(self, archive: package.Package) -> None:
        self.archive = archive
        self.reading = Reading("qti")
        self.done: set[str] = set()
        self.kept: dict[str, str] = {}
        self.nothing: list[Element] = []

    def read(self) -> Reading:
        manifests = sorted(
            (n for n in self.archive.names if posixpath.basename(n).lower() == "imsmanifest.xml"),
            key=lambda n: (n.count("/"), n),
        )
        if self.archive.twins:
            self.reading.messages.append(
                Message("%(count)s tệp trong gói trùng tên; chỉ đọc tệp đứng trước.", {"count": self.archive.twins})
            )
        if len(manifests) > 1:
            self.reading.messages.append(
                Message("Gói có %(count)s tệp danh mục; đọc theo tệp ở thư mục ngoài cùng.", {"count": len(manifests)})
            )
        for manifest in manifests[:1]:
            self._listed(manifest)
        if not manifests:
            self.reading.messages.append(
                Message("Gói không có imsmanifest.xml; đọc mọi tệp XML trong gói.", lossy=False)
            )
        if not self.reading.rows:
            for name in self.archive.names:
                if _QUESTION_FILE.search(name) and name not in manifests:
                    self._file(name, [], listed=False)
        if not self.reading.rows and not any(looks_like(root) for root in self.nothing):
            if not manifests:
                raise Unreadable("Tệp nén này không phải gói câu hỏi hay bảng tính.")
        return self.reading

    def _listed(self, manifest: str) -> None:
        root, messages = parse(self.archive.read(manifest))
        self.reading.messages += messages
        missing = 0
        rich = self._rich_twins()
        for resource in descendants(root, "resource"):
            tags = [
                text_of(e) for k in descendants(resource, "keyword") for e in descendants(k, "string", "langstring")
            ]
            for address in self._addresses(resource):
                name = self.archive.find(address, manifest)
                if name is None:
                    missing += 1
                elif name not in rich:
                    self._file(name, tags, listed=True)
        if missing:
            self.reading.messages.append(
                Message("%(count)s tệp có trong danh mục nhưng không có trong gói.", {"count": missing})
            )

    @staticmethod
    def _addresses(resource: Element) -> Iterator[str]:
        """XML files of a resource: its own first, then those it lists."""
        found = [resource.get("href") or "", *(f.get("href") or "" for f in children(resource, "file"))]
        return (a for a in dict.fromkeys(found) if _QUESTION_FILE.search(a.split("?")[0]))

    def _rich_twins(self) -> set[str]:
        """Quizzes that Canvas writes twice: the narrow one of Common Cartridge is left for the full one."""
        full = {posixpath.basename(n)[: -len(".xml.qti")] for n in self.archive.names if n.lower().endswith(".xml.qti")}
        return {
            n
            for n in self.archive.names
            if posixpath.basename(n) == "assessment_qti.xml" and posixpath.basename(posixpath.dirname(n)) in full
        }

    def _file(self, name: str, tags: list[str], listed: bool) -> None:
        if name in self.done:
            return
        self.done.add(name)
        try:
            root, _messages = parse(self.archive.read(name))
        except Unreadable as error:
            if listed:
                row = Row(
                    len(self.reading.rows) + 1, READ, None, source=name[-200:], place=posixpath.basename(name)[-100:]
                )
                row.messages.append(error.message)
                row.status = "dropped"
                self.reading.rows.append(row)
            return
        self.nothing.append(root)
        _File(self.reading, self.archive, name, self.kept).take(root, tags)
