"""A student sits a quiz on a phone: reload, lost network, handing in."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from werkzeug.serving import make_server

from tests.conftest import PASSWORD

playwright = pytest.importorskip("playwright.sync_api")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")


@pytest.fixture
def site(app: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


@pytest.fixture
def phone(site: str) -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("no Chromium")
    with playwright.sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(viewport={"width": 360, "height": 740}, base_url=site, locale="vi-VN")
        page = context.new_page()
        page.set_default_timeout(8000)
        faults: list[str] = []
        page.on("pageerror", lambda error: faults.append(str(error)))
        yield page
        assert faults == []
        browser.close()


def test_sitting_on_a_phone(phone: Any, made_quiz: Callable[..., dict[str, Any]]) -> None:
    quiz = made_quiz(time_limit_s=2700)
    phone.goto(f"/signin?next=/quizzes/{quiz['id']}")
    phone.fill("[name=login]", "hocsinh")
    phone.fill("[name=password]", PASSWORD)
    phone.press("[name=password]", "Enter")
    phone.get_by_role("button", name="Bắt đầu làm bài").click()
    phone.get_by_text("Câu 1/4").wait_for()
    assert phone.locator("section[data-n]:visible").count() == 1
    phone.locator("section:visible .kc-opt").nth(1).click()
    phone.locator("#save.ok").wait_for()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360

    phone.get_by_role("button", name="Câu tiếp theo").click()
    phone.reload()
    phone.get_by_text("Câu 2/4").wait_for()
    phone.get_by_role("button", name="Câu trước").click()
    assert phone.locator("section:visible input:checked").input_value() == "B"

    phone.context.set_offline(True)
    phone.get_by_role("button", name="Câu tiếp theo").click()
    phone.locator("section:visible .kc-opt").nth(0).click()
    phone.locator("section:visible .kc-opt").nth(2).click()
    phone.get_by_text("Mất kết nối.").wait_for()
    phone.context.set_offline(False)
    phone.locator("#save.ok").wait_for()

    phone.get_by_role("button", name="Câu tiếp theo").click()
    for row, value in enumerate(["Đúng", "Sai", "Đúng", "Đúng"]):
        phone.locator("section:visible fieldset.s").nth(row).locator("label", has_text=value).click()
    phone.get_by_role("button", name="Xem lại").click()
    phone.get_by_role("button", name="Câu tiếp theo").click()
    phone.locator("section:visible input[name=r]").fill("0.92")
    assert phone.locator("section:visible .kc-cells span").all_inner_texts() == ["0", ",", "9", "2"]
    phone.get_by_role("button", name="Danh sách câu hỏi").click()
    assert phone.locator("#list .kc-numbers .flag").count() == 1
    phone.locator("#list [data-hand-in]").click()
    phone.locator("#really").click()
    phone.get_by_role("heading", name="Kết quả").first.wait_for()
    assert phone.locator(".kc-big").first.inner_text() == "7,5/10"
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360


def test_a_second_tab_is_told(phone: Any, made_quiz: Callable[..., dict[str, Any]]) -> None:
    quiz = made_quiz(mode="practice", audience="public", feedback="immediate")
    phone.goto(f"/quizzes/{quiz['id']}")
    phone.get_by_role("button", name="Bắt đầu làm bài").click()
    phone.get_by_text("Câu 1/4").wait_for()
    other = phone.context.new_page()
    other.goto(phone.url)
    other.locator("section:visible .kc-opt").nth(3).click()
    other.locator("#save.ok").wait_for()
    phone.locator("section:visible .kc-opt").nth(0).click()
    phone.get_by_text("vừa được trả lời ở nơi khác").wait_for()
    assert phone.locator("section:visible input:checked").input_value() == "D"
    phone.get_by_role("button", name="Xem đáp án câu này").click()
    phone.locator("section:visible .kc-opt.right").wait_for()
    phone.locator("section:visible .kc-why").wait_for()


def test_topics_follow_the_choice_of_subject_and_grade(phone: Any) -> None:
    phone.goto("/signin?next=/quizzes/new")
    phone.fill("[name=login]", "giaovien")
    phone.fill("[name=password]", PASSWORD)
    phone.press("[name=password]", "Enter")
    phone.locator("#draw-0-subject").wait_for()
    assert phone.locator("#draw-0-topic option").count() == 1
    phone.select_option("#draw-0-subject", "TOAN")
    phone.locator("#draw-0-topic optgroup").first.wait_for(state="attached")
    phone.select_option("#draw-0-grade", "12")
    phone.locator("#draw-0-topic > option[value='TOAN-12-01']").wait_for(state="attached")
    phone.select_option("#draw-0-topic", "TOAN-12-01")
    phone.get_by_text("Ngân hàng có 0 câu phù hợp.").wait_for()
    phone.select_option("#draw-0-grade", "11")
    phone.locator("#draw-0-topic > option[value='TOAN-11-01']").wait_for(state="attached")
    assert phone.locator("#draw-0-topic").input_value() == ""
    assert phone.evaluate("document.documentElement.scrollWidth") <= 360
