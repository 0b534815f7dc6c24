"""Atom, sitemap and the page for partners."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from lxml import etree

ATOM = "{http://www.w3.org/2005/Atom}"
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


def test_atom(client: FlaskClient, shelf: Any) -> None:
    empty = etree.fromstring(client.get("/feed.atom").data)
    assert empty.findall(f"{ATOM}entry") == []
    first = shelf.put("Bài <đầu> & đuôi", description="**Tóm** tắt", authors=[])
    shelf.put("Bài rút")
    shelf.withdraw(shelf.put("Bài đã rút"))
    answer = client.get("/feed.atom")
    assert answer.mimetype == "application/atom+xml"
    root = etree.fromstring(answer.data)
    assert root.findtext(f"{ATOM}id") and root.findtext(f"{ATOM}updated")
    entries = root.findall(f"{ATOM}entry")
    assert {e.findtext(f"{ATOM}title") for e in entries} == {"Bài <đầu> & đuôi", "Bài rút"}
    (entry,) = (e for e in entries if e.findtext(f"{ATOM}id") == f"urn:uuid:{first}")
    assert entry.find(f"{ATOM}link").get("href") == f"http://localhost/lessons/{first}"
    assert entry.findtext(f"{ATOM}author/{ATOM}name") == "Trường THPT Sông Sài Gòn"
    assert entry.findtext(f"{ATOM}summary") == "Tóm tắt"
    again = client.get("/feed.atom", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""


def test_sitemap(app: Flask, client: FlaskClient, shelf: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    lessons = [shelf.put(f"Bài {n}") for n in range(5)]
    shelf.feed()
    shelf.withdraw(lessons[0])
    shelf.feed()

    def places(path: str) -> list[str]:
        root = etree.fromstring(client.get(path).data)
        return [loc.text for loc in root.iter(f"{MAP}loc")]

    wanted = {f"http://localhost/lessons/{lesson}" for lesson in lessons[1:]}
    found = places("/sitemap.xml")
    assert "http://localhost/partners" in found
    assert {url for url in found if "/lessons/" in url} == wanted
    monkeypatch.setattr("app.oai.pages.PER_SITEMAP", 2)
    parts = places("/sitemap.xml")
    assert len(parts) == 3
    lists = [places(part.removeprefix("http://localhost")) for part in parts]
    assert {url for urls in lists for url in urls if "/lessons/" in url} == wanted
    assert max(map(len, lists)) <= 5
    assert client.get("/sitemap-4.xml").status_code == 404
    assert client.get("/sitemap-0.xml").status_code == 404


def test_partners(client: FlaskClient, shelf: Any) -> None:
    assert "Kho chưa có học liệu công khai" in client.get("/partners").text
    shelf.put("Bài 1", province="79")
    shelf.put("Bài 2", province="92")
    shelf.feed()
    page = client.get("/partners").text
    assert "http://localhost/oai" in page
    assert "province:79" in page and "subject:TOAN" in page
    assert "Thành phố Cần Thơ" in page
    english = client.get("/partners?lang=en").text
    body = re.sub(r"<(head|header|footer).*?</\1>", "", english, flags=re.S)
    for left in ("Địa chỉ", "Sao chép", "Định dạng", "Thay đổi", "Điều kho", "Tập hợp", "Lần sau", "Mỗi"):
        assert left not in body, left


def test_commands_on_the_page_run(client: FlaskClient, live: str, shelf: Any, tmp_path: Any) -> None:
    """The Python of the page, copied from it, against the served application."""
    import html
    import subprocess
    import sys

    lesson = shelf.put("Bài chép lệnh")
    shelf.feed()
    page = client.get("/partners").text
    for name in ("cmd-sickle", "cmd-scythe"):
        text = re.search(rf'id="{name}"[^>]*><code>(.*?)</code>', page, re.S)
        assert text is not None
        source = html.unescape(text.group(1)).partition("<<'END'\n")[2].rpartition("END")[0]
        assert live in source
        done = subprocess.run([sys.executable, "-c", source], capture_output=True, text=True, timeout=60)
        assert str(lesson) in done.stdout, done.stderr
