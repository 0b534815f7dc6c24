"""Compression, static files kept for good, and no secret that its length could give away."""

from __future__ import annotations

import gzip
import hashlib
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.core import delivery
from app.core.settings import Settings
from tests.conftest import PASSWORD

As = Callable[[str], FlaskClient]
GZIP = {"Accept-Encoding": "gzip, deflate, br"}
PLAIN = {"Accept-Encoding": "identity"}


def test_pages_documents_and_feeds_are_compressed(client: FlaskClient) -> None:
    for path in ("/", "/api/v1/openapi.json", "/oai?verb=Identify", "/search?q=toan"):
        packed, plain = client.get(path, headers=GZIP), client.get(path, headers=PLAIN)
        assert packed.headers["Content-Encoding"] == "gzip", path
        assert "Content-Encoding" not in plain.headers
        assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data)
        assert gzip.decompress(packed.data)[:60] == plain.data[:60]
        for answer in (packed, plain):
            assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize("header", [{}, {"Accept-Encoding": "br"}, {"Accept-Encoding": "gzip;q=0"}, PLAIN])
def test_who_cannot_unpack_gets_it_plain(client: FlaskClient, header: dict[str, str]) -> None:
    for path in ("/", "/static/theme.css"):
        answer = client.get(path, headers=header)
        assert "Content-Encoding" not in answer.headers
        assert b"kc-" in answer.data


def test_small_answers_and_parts_stay_as_they_are(client: FlaskClient) -> None:
    assert "Content-Encoding" not in client.get("/healthz", headers=GZIP).headers
    part = client.get("/static/theme.css", headers={**GZIP, "Range": "bytes=0-1999"})
    assert part.status_code == 206 and len(part.data) == 2000 and "Content-Encoding" not in part.headers
    font = client.get("/static/fonts/be-vietnam-pro-400.woff2", headers=GZIP)
    assert font.data[:4] == b"wOF2" and "Content-Encoding" not in font.headers


def test_static_files_are_packed_and_whole(app: Flask, client: FlaskClient) -> None:
    folder = Path(app.static_folder or "")
    for name in ("theme.css", "icons.svg", "js/quiz.js", "vendor/katex/katex.min.js"):
        packed = client.get(f"/static/{name}", headers=GZIP)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.data) == (folder / name).read_bytes()
        again = client.get(f"/static/{name}", headers={**GZIP, "If-None-Match": packed.headers["ETag"]})
        assert again.status_code == 304 and again.data == b""
    head = client.head("/static/theme.css", headers=GZIP)
    assert head.data == b"" and head.headers["Content-Encoding"] == "gzip"
    assert client.get("/static/nothing.css", headers=GZIP).status_code == 404
    assert client.get("/static/../wiring.py", headers=GZIP).status_code == 404


def test_static_addresses_name_their_content_and_are_kept_for_good(app: Flask, signed_in: As) -> None:
    browser = signed_in("giaovien")
    folder = Path(app.static_folder or "")
    found: set[str] = set()
    for path in ("/", "/search", "/questions", "/questions/new", "/quizzes/new", "/my", "/surveys/new"):
        found |= set(re.findall(r'(?:href|src)="(/static/[^"#]+)', browser.get(path).text))
    assert len(found) > 8
    for url in found:
        name, _mark, version = url.removeprefix("/static/").partition("?v=")
        answer = browser.get(url)
        assert answer.status_code == 200, url
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable", url
        assert "Set-Cookie" not in answer.headers and "Cookie" not in answer.headers.get("Vary", "")
        if not name.startswith("fonts/"):
            assert hashlib.sha256((folder / name).read_bytes()).hexdigest().startswith(version) and len(version) == 10
    # An address of another version, as from a page kept open over an update, is not kept for good.
    assert browser.get("/static/theme.css?v=0123456789").headers["Cache-Control"] == "public, max-age=600"
    assert browser.get("/static/theme.css").headers["Cache-Control"] == "public, max-age=600"


def test_style_sheets_name_only_files_that_are_there(app: Flask, client: FlaskClient) -> None:
    folder = Path(app.static_folder or "")
    for sheet in ("theme.css", "vendor/katex/katex.min.css", "bootstrap-used.css"):
        for target in re.findall(r"url\((?![\"']?data:)[\"']?([^)\"']+)", (folder / sheet).read_text()):
            url = f"/static/{(Path(sheet).parent / target).as_posix()}"
            assert client.get(url).headers.get("Cache-Control") == delivery.FOR_GOOD, url


def test_checksums_of_what_others_made(app: Flask) -> None:
    folder = Path(app.static_folder or "")
    listed = dict(line.split()[::-1] for line in (folder / "SHA256SUMS").read_text().splitlines())
    for name, digest in listed.items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest, name
    theirs = [path for part in ("fonts", "vendor") for path in (folder / part).rglob("*") if path.is_file()]
    assert {path.relative_to(folder).as_posix() for path in theirs} - {"vendor/README.md"} <= set(listed)


# ---------------------------------------------------------------- BREACH


@pytest.fixture
def guarded(settings: Settings) -> FlaskClient:
    """A browser signed in where CSRF tokens are asked for."""
    made = create_app(settings)
    made.config["WTF_CSRF_ENABLED"] = True
    client = made.test_client()
    token = _tokens(client.get("/signin").text)[0]
    answer = client.post("/signin", data={"login": "giaovien", "password": PASSWORD, "csrf_token": token})
    assert answer.status_code == 303
    return client


def _tokens(page: str) -> list[str]:
    return re.findall(r'name="csrf_token" value="([^"]+)"', page)


def test_the_csrf_token_is_another_in_every_answer(guarded: FlaskClient) -> None:
    pages = [guarded.get("/my").text for _n in range(3)]
    tokens = [set(_tokens(page)) for page in pages]
    assert all(len(found) == 1 for found in tokens)
    texts = [found.pop() for found in tokens]
    assert len(set(texts)) == 3
    # Nothing of eight signs or more is the same in two of them: there is nothing to guess at.
    for one, other in ((0, 1), (1, 2)):
        pieces = {texts[one][n : n + 8] for n in range(len(texts[one]) - 7)}
        assert not any(texts[other][n : n + 8] in pieces for n in range(len(texts[other]) - 7))
    for page, text in zip(pages, texts, strict=True):
        assert f'<meta name="csrf" content="{text}">' in page


def test_masked_tokens_work_and_made_up_ones_do_not(guarded: FlaskClient) -> None:
    old, new = (_tokens(guarded.get("/my").text)[0] for _n in range(2))
    for token in (old, new):
        assert guarded.post("/preferences", data={"theme": "dark", "csrf_token": token}).status_code in (302, 303)
    header = {"X-CSRFToken": _tokens(guarded.get("/my").text)[0]}
    assert guarded.post("/api/v1/resources", json={}, headers=header).status_code == 422
    for token in ("", "x", "====", "é", old[:-8] + "AAAAAAAA", old[4:]):
        assert guarded.post("/preferences", data={"theme": "dark", "csrf_token": token}).status_code == 400, token
        assert guarded.post("/api/v1/resources", json={}, headers={"X-CSRFToken": "x"}).status_code == 400


def test_masks_come_off() -> None:
    for token in ("a", "IjAx.aSb.sig_-x", "z" * 91):
        assert delivery.unmasked(delivery.masked(token)) == token
        assert delivery.masked(token) != delivery.masked(token)


def test_a_guests_attempt_token_is_not_in_the_page(client: FlaskClient, as_user: As) -> None:
    teacher = as_user("giaovien")
    question = teacher.post(
        "/api/v1/questions",
        json={
            "kind": "single_choice", "stem": "2 + 2?", "choices": [{"id": "A", "text": "4"}, {"id": "B", "text": "5"}],
            "answer": ["A"], "subject": "TOAN", "grade": 6, "level": "BIET",
        },
    ).json  # fmt: skip
    quiz = teacher.post(
        "/api/v1/quizzes",
        json={"title": "Thử", "audience": "public", "sections": [{"questions": [question["id"]]}]},
    ).json
    assert teacher.post(f"/api/v1/quizzes/{quiz['id']}/publish").status_code == 200
    sitting = client.post(f"/quizzes/{quiz['id']}/start").headers["Location"]
    with client.session_transaction() as session:
        secrets = set(session["attempts"].values())
    page = client.get(f"{sitting}?x=1").text
    assert secrets and not any(secret in page for secret in secrets)
    # The page's script needs no token: the cookie carries it.
    saved = client.put(f"/api/v1{sitting}/answers/1", json={"response": ["A"], "revision": 0})
    assert saved.status_code == 200
