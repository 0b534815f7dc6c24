"""Zipped packages by others: how many files, how large, under which names. Nothing is written to a disk."""

from __future__ import annotations

import io
import posixpath
import stat
import zipfile
import zlib
from collections.abc import Mapping
from urllib.parse import unquote

from app.questions.formats.model import MAX_BYTES, Unreadable

MAX_FILES = 20_000
MAX_UNPACKED = 200 * 1024 * 1024
MAX_MEMBER = MAX_BYTES


class Package:
    """The files of an archive by their tidied names."""

    def __init__(self, archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], twins: int) -> None:
        self._archive = archive
        self._members = members
        self._folded = {name.casefold(): name for name in members}
        self.twins = twins

    @property
    def names(self) -> list[str]:
        return list(self._members)

    def read(self, name: str) -> bytes:
        """The bytes of a member; raises Unreadable."""
        info = self._members[name]
        if info.file_size > MAX_MEMBER:
            raise Unreadable("Tệp %(name)s trong gói quá lớn.", name=name[-80:])
        try:
            with self._archive.open(info) as source:
                return source.read(MAX_MEMBER + 1)
        except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError, ValueError):
            raise Unreadable("Tệp %(name)s trong gói bị hỏng.", name=name[-80:]) from None

    def find(self, address: str, base: str = "") -> str | None:
        """The member that a relative address names, seen from the member `base`; None when there is none."""
        address = address.split("#", 1)[0].split("?", 1)[0].replace("\\", "/").strip()
        if not address or "://" in address:
            return None
        for written in dict.fromkeys((address, unquote(address))):
            for folder in (posixpath.dirname(base), ""):
                path = posixpath.normpath(posixpath.join(folder, written)).lstrip("/")
                if path in self._members:
                    return path
                if path.casefold() in self._folded:
                    return self._folded[path.casefold()]
        return None


def opened(data: bytes) -> Package:
    """Raises Unreadable for what is no archive, too much, locked or reaches out of its folder."""
    if len(data) > MAX_BYTES:
        raise Unreadable("Tệp quá lớn (tối đa %(max)s MB).", max=MAX_BYTES // 1024 // 1024)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, EOFError):
        raise Unreadable("Tệp nén hỏng nên không đọc được.") from None
    if len(entries) > MAX_FILES or sum(e.file_size for e in entries) > MAX_UNPACKED:
        raise Unreadable("Tệp nén mở ra quá lớn nên không nhận.")
    members: dict[str, zipfile.ZipInfo] = {}
    twins = 0
    for entry in entries:
        if entry.flag_bits & 1:
            raise Unreadable("Tệp có mật khẩu nên không đọc được.")
        name = entry.filename.replace("\\", "/")
        if name.startswith("/") or ".." in name.split("/") or name[1:2] == ":":
            raise Unreadable("Tệp nén có đường dẫn ra ngoài gói nên không nhận.")
        if entry.is_dir() or stat.S_ISLNK(entry.external_attr >> 16):
            continue
        name = posixpath.normpath(name)
        if name.split("/")[0] == "__MACOSX" or posixpath.basename(name).startswith("._"):
            continue
        twins += name in members
        members.setdefault(name, entry)
    return Package(archive, members, twins)


def packed(files: Mapping[str, bytes]) -> bytes:
    """An archive of these files; a fixed date, so that the same questions give the same bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data, zipfile.ZIP_DEFLATED)
    return out.getvalue()
