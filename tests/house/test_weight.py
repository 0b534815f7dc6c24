"""What a first visit costs over the wire: every page within 150 kB, counted by a browser with an empty cache."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from app import create_app
from app.core import db
from app.core.cli import upgrade
from app.core.settings import Settings
from app.demo import seeding
from app.quizzes import service as quizzes
from app.quizzes.models import Quiz
from app.resources.models import Resource, ResourceVersion
from tests.conftest import PASSWORD
from tests.house import bootstrap

LIMIT = 150_000
# Looked at on demand and within a budget of their own: the lesson's files.
NOT_COUNTED = ("/files/",)


class _Quiet(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:
        """The application keeps its own log."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Flask]]:
    """The demo content as `make run` shows it, at a port of its own."""
    folder = tmp_path_factory.mktemp("weight")
    settings = Settings.from_environment({"DATA_DIR": str(folder), "WORKER": "none"})
    app = create_app(replace(settings, testing=False))
    with app.app_context():
        upgrade()
        seeding.seed(PASSWORD)
        app.extensions["kho"].worker.drain()
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", app
    server.shutdown()
    thread.join(10)
    app.extensions["kho"].engine.dispose()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("no chromium: apt-get install chromium")
        pytest.skip("no chromium: weights skipped")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def weigh(site: tuple[str, Flask], chromium: Browser) -> Callable[..., dict[str, int]]:
    """Bytes by address of everything that a first visit to a page loads, headers included."""
    base, _app = site
    cookies: dict[str, Any] = {}

    def fresh() -> BrowserContext:
        return chromium.new_context(viewport={"width": 360, "height": 740}, base_url=base, locale="vi-VN")

    def measure(path: str, login: str | None = None) -> dict[str, int]:
        if login and login not in cookies:
            context = fresh()
            page = context.new_page()
            page.goto("/signin")
            page.fill("[name=login]", login)
            page.fill("[name=password]", PASSWORD)
            page.press("[name=password]", "Enter")
            page.wait_for_url(base + "/")
            cookies[login] = context.cookies()
            context.close()
        context = fresh()
        if login:
            context.add_cookies(cookies[login])
        page = context.new_page()
        wire = context.new_cdp_session(page)
        wire.send("Network.enable")
        names: dict[str, str] = {}
        sizes: dict[str, int] = {}
        wire.on("Network.requestWillBeSent", lambda told: names.update({told["requestId"]: told["request"]["url"]}))

        def done(told: dict[str, Any]) -> None:
            url = names.get(told["requestId"], "")
            if url.startswith(base) and not any(part in url for part in NOT_COUNTED):
                sizes[url.removeprefix(base)] = int(told["encodedDataLength"])

        wire.on("Network.loadingFinished", done)
        page.goto(path, wait_until="networkidle")
        page.evaluate("document.fonts.ready")
        page.wait_for_timeout(200)
        context.close()
        return sizes

    return measure


def _lessons(app: Flask) -> list[str]:
    with app.app_context():
        rows = db.session().execute(
            sa.select(Resource.id, ResourceVersion.description)
            .join(ResourceVersion, ResourceVersion.id == Resource.current_version_id)
            .where(Resource.state == "published")
        )
        longest = sorted(rows, key=lambda row: ("$" in row.description, len(row.description)), reverse=True)
        return [f"/lessons/{row.id}" for row in longest[:3]]


PAGES: dict[str, tuple[Callable[[Flask], list[str]], str | None]] = {
    "home": (lambda _app: ["/"], None),
    "search": (lambda _app: ["/search?q=ham+so", "/search?q="], None),
    "search for staff": (lambda _app: ["/search?q=ham+so&type=question"], "giaovien"),
    "lesson": (_lessons, None),
    "bank": (lambda _app: ["/questions", "/questions?subject=TOAN"], "giaovien"),
    "question editor": (lambda _app: ["/questions/new"], "giaovien"),
    "quiz builder": (lambda _app: ["/quizzes/new"], "giaovien"),
    "sign-in": (lambda _app: ["/signin"], None),
    "partners": (lambda _app: ["/partners"], None),
    "surveys": (lambda _app: ["/surveys"], "hocsinh"),
}


def _told(sizes: dict[str, int]) -> str:
    rows = sorted(sizes.items(), key=lambda row: -row[1])
    return "\n".join([f"{sum(sizes.values())} bytes", *(f"{size:>8} {name}" for name, size in rows)])


@pytest.mark.parametrize("name", PAGES)
def test_a_first_visit(name: str, site: tuple[str, Flask], weigh: Callable[..., dict[str, int]]) -> None:
    paths, login = PAGES[name]
    for path in paths(site[1]):
        sizes = weigh(path, login)
        print(path, _told(sizes))
        assert path in sizes and len(sizes) > 4
        assert sum(sizes.values()) <= LIMIT, f"{path}: {_told(sizes)}"


def test_first_visits_to_a_running_quiz_and_its_result(
    site: tuple[str, Flask], weigh: Callable[..., dict[str, int]]
) -> None:
    app = site[1]
    with app.app_context():
        student = seeding.viewer("hocsinh")
        quiz = db.session().scalars(sa.select(Quiz.id).where(Quiz.subject == "TOAN")).first()
        assert quiz is not None
        attempt = quizzes.start(student, quiz).attempt.id
    for path in (f"/attempts/{attempt}", f"/attempts/{attempt}/result"):
        if path.endswith("result"):
            with app.app_context():
                quizzes.submit(student, attempt)
        sizes = weigh(path, "hocsinh")
        print(path, _told(sizes))
        assert any("katex-main" in name for name in sizes), "a quiz without formulas proves nothing"
        assert sum(sizes.values()) <= LIMIT, _told(sizes)


def test_every_bootstrap_class_in_use_is_in_the_cut_sheet() -> None:
    wanted = bootstrap.words_in_use() & bootstrap.classes(bootstrap.WHOLE.read_text("utf-8"))
    missing = wanted - bootstrap.classes(bootstrap.CUT.read_text("utf-8"))
    assert not missing, f"run `python -m tests.house.bootstrap`: {sorted(missing)} are used and were cut off"


def test_the_cut_sheet_is_small_and_whole() -> None:
    css = bootstrap.CUT.read_text("utf-8")
    assert css.count("{") == css.count("}")
    assert Path(bootstrap.CUT).stat().st_size < 40_000
    for part in (".btn{", ".form-control{", ".visually-hidden", ".row>*", "@media (min-width:768px)"):
        assert part in css
