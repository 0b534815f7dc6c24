"""Makes the pictures in docs/ anew from the demo content: `python -m docs.screenshots` (needs Debian's chromium)."""

from __future__ import annotations

import io
import os
import shutil
import socket
import sys
import tempfile
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from app import create_app
from app.core import db
from app.core.cli import upgrade
from app.core.settings import Settings
from app.demo import seeding
from app.questions import queries as questions
from app.quizzes.models import Attempt, Quiz

HERE = Path(__file__).parent
PASSWORD = "chup-man-hinh"
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]


class _Quiet(WSGIRequestHandler):
    def log(self, type: str, message: str, *args: object) -> None:
        """Nothing to tell."""


@contextmanager
def served() -> Iterator[tuple[str, Flask]]:
    """The application with its demo content in a folder of its own."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        url = f"http://127.0.0.1:{port}"
        app = create_app(Settings.from_environment({"DATA_DIR": folder, "PUBLIC_URL": url, "WORKER": "none"}))
        worker = app.extensions["kho"].worker
        with app.app_context():
            upgrade()
            seeding.seed(PASSWORD)
            worker.drain()
        worker.start()
        server = make_server("127.0.0.1", port, app, threaded=True, request_handler=_Quiet)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield url, app
        finally:
            server.shutdown()
            worker.stop()
            app.extensions["kho"].engine.dispose()


def arrive(browser: Browser, url: str, login: str | None = None, wide: int = 1200, high: int = 900) -> Page:
    context = browser.new_context(
        viewport={"width": wide, "height": high}, base_url=url, locale="vi-VN", timezone_id="Asia/Ho_Chi_Minh",
        device_scale_factor=2 if wide < 600 else 1.5,
    )  # fmt: skip
    page = context.new_page()
    if login:
        page.goto("/signin")
        page.get_by_label("Tên đăng nhập").fill(login)
        page.get_by_label("Mật khẩu", exact=True).fill(PASSWORD)
        page.locator("main").get_by_role("button", name="Đăng nhập").click()
        page.wait_for_url(url + "/")
    return page


def shoot(page: Page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(400)
    picture = Image.open(io.BytesIO(page.screenshot()))
    picture.convert("RGB").quantize(200, dither=Image.Dither.NONE).save(HERE / f"{name}.png", optimize=True)
    sys.stdout.write(f"docs/{name}.png\n")


def guest(browser: Browser, url: str) -> None:
    page = arrive(browser, url)
    page.goto("/")
    shoot(page, "home")
    page.goto("/search?q=thuc+hanh")
    shoot(page, "search")
    page.goto("/search?q=dong+bang+song+cuu+long")
    page.locator("main h3 a").first.click()
    page.wait_for_timeout(2500)
    shoot(page, "lesson")


def teacher(browser: Browser, url: str) -> None:
    page = arrive(browser, url, "giaovien")
    page.goto("/questions?q=tiem+can&tab=mine")
    page.locator(".kc-table a").first.click()
    page.get_by_role("link", name="Chỉnh sửa").click()
    page.wait_for_load_state()
    shoot(page, "question-editor")
    page.goto("/surveys")
    page.get_by_role("link", name="Em học với học liệu số").first.click()
    page.get_by_role("link", name="Xem kết quả").click()
    shoot(page, "survey-result")


def pupil(browser: Browser, url: str, app: Flask) -> None:
    page = arrive(browser, url, "hocsinh", 390, 844)
    page.goto("/quizzes")
    page.get_by_role("link", name="Kiểm tra thường xuyên: Vật lí 12").click()
    page.get_by_role("button", name="Bắt đầu làm bài").click()
    page.wait_for_url("**/attempts/*")
    page.wait_for_load_state()
    keys = right_answers(app, page)
    shot = False
    for n, key in enumerate(keys, 1):
        box = page.locator(f"section[data-n='{n}']")
        if isinstance(key, list):
            box.locator(f"label.kc-opt[data-id='{key[0]}']").click()
        elif isinstance(key, dict):
            for at, (name, true) in enumerate(key.items()):
                box.locator(f"fieldset[data-id='{name}'] label").nth(int(not true) if at else 0).click()
        else:
            box.get_by_label("Câu trả lời").fill(key if n % 2 else "1")
        page.wait_for_timeout(300)
        if not shot and n > 1 and isinstance(key, list) and box.locator(".katex").count():
            page.evaluate("document.activeElement.blur()")
            shoot(page, "quiz-phone")
            shot = True
        if n < len(keys):
            page.get_by_role("button", name="Câu tiếp theo").click()
    page.wait_for_timeout(800)
    page.locator("#hand-in").click()
    page.get_by_role("alertdialog").get_by_role("button", name="Nộp bài").click()
    page.wait_for_url("**/result")
    page.set_viewport_size({"width": 1200, "height": 900})
    shoot(page, "result")


def right_answers(app: Flask, page: Page) -> list[Any]:
    attempt_id = uuid.UUID(page.url.split("#")[0].rsplit("/", 1)[1])
    with app.app_context():
        attempt = db.session().get_one(Attempt, attempt_id)
        items = (db.session().get_one(Quiz, attempt.quiz_id).compiled or {})["items"]
        ids = [uuid.UUID(items[place["i"]]["version_id"]) for place in attempt.layout]
        full = questions.versions(ids)
        return [full[one].answer for one in ids]


def main() -> None:
    path = os.environ.get("CHROMIUM") or shutil.which("chromium") or "chromium"
    with served() as (url, app), sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGS)
        guest(browser, url)
        teacher(browser, url)
        pupil(browser, url, app)
        browser.close()


if __name__ == "__main__":
    main()
