"""A served application with its worker, and people who sit at real browsers (Debian's Chromium)."""

from __future__ import annotations

import os
import re
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, Response, Route, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from app import create_app
from app.core import db
from app.core.settings import Settings
from app.demo import seeding
from app.demo.questions import DemoQuestion, every
from app.questions import service as questions
from tests.conftest import PASSWORD

PHONE = {"width": 360, "height": 640}
DESK = {"width": 1200, "height": 900}
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """The application keeps its own log."""


@dataclass
class Live:
    url: str
    app: Flask
    faults: list[str] = field(default_factory=list)


@pytest.fixture
def live(settings: Settings) -> Iterator[Live]:
    """The whole application on a port of its own: CSRF on, worker running, as `make run` has it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    app = create_app(replace(settings, testing=False, public_url=url))
    kho = app.extensions["kho"]
    kho.worker.start()
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    served = Live(url, app)
    yield served
    server.shutdown()
    thread.join(10)
    kho.worker.stop()
    kho.engine.dispose()
    assert not served.faults


@pytest.fixture
def bank(live: Live) -> list[DemoQuestion]:
    """Approved questions of Toán 12 in the three forms, by giaovien."""
    chosen = [question for question in every() if question.where.subject == "TOAN" and question.where.grade == 12]
    with live.app.app_context(), db.transaction():
        author, colleague = seeding.viewer("giaovien"), seeding.viewer("totruong")
        for question in chosen:
            made = questions.create(author, question.fields())
            questions.submit(author, made.id)
            questions.review(colleague, made.id, "approve")
    return chosen


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium")
    if path is None:
        if os.environ.get("CI"):
            pytest.fail("no chromium: apt-get install chromium")
        pytest.skip("no chromium: journeys skipped")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        yield browser
        browser.close()


@pytest.fixture
def visitor(live: Live, chromium: Browser) -> Iterator[Callable[..., Page]]:
    """`visitor()` opens a guest's page, `visitor("hocsinh", PHONE)` one of somebody signed in."""
    open_ones: list[BrowserContext] = []

    def arrive(login: str | None = None, size: dict[str, int] = DESK) -> Page:
        context = chromium.new_context(
            viewport={"width": size["width"], "height": size["height"]}, locale="vi-VN", base_url=live.url,
            timezone_id="Asia/Ho_Chi_Minh",
        )  # fmt: skip
        context.set_default_timeout(15_000)
        open_ones.append(context)
        context.route(re.compile(r"^(?!(http://127\.0\.0\.1[:/]|data:|blob:|chrome|about:))"), refuse_outside)
        page = context.new_page()
        page.on("pageerror", lambda error: live.faults.append(f"script: {error}"))
        page.on("response", notice_fault)
        page.on(
            "console", lambda said: live.faults.append(said.text) if "Content Security Policy" in said.text else None
        )
        if login is not None:
            page.goto("/signin")
            page.get_by_label("Tên đăng nhập").fill(login)
            page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
            page.locator("main").get_by_role("button", name="Đăng nhập").click()
            page.wait_for_url(live.url + "/")
        return page

    def refuse_outside(route: Route) -> None:
        live.faults.append(f"asks an outside host: {route.request.url}")
        route.abort()

    def notice_fault(response: Response) -> None:
        if response.status >= 500:
            live.faults.append(f"{response.status} {response.url}")

    yield arrive
    for context in open_ones:
        context.close()
