"""A teacher writes a question and builds a quiz; a pupil takes it on a phone, reloads midway and sees the result."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, expect

from app.core import db
from app.demo.questions import DemoQuestion
from app.questions import queries as questions
from app.quizzes.models import Attempt, Quiz
from tests.journeys.conftest import PHONE, Live

STEM = "Cho hình nón có bán kính đáy $r = 3$ và đường sinh $l = 5$. Thể tích khối nón bằng"
EXPLANATION = "Chiều cao $h = \\sqrt{5^2 - 3^2} = 4$ nên $V = \\dfrac{1}{3}\\pi r^2 h = 12\\pi$."


def test_quiz_on_a_phone(visitor: Callable[..., Page], live: Live, bank: list[DemoQuestion]) -> None:
    write_question(visitor)
    address = build_quiz(visitor("giaovien"))
    pupil = visitor("hocsinh", PHONE)
    pupil.goto("/quizzes")
    pupil.get_by_role("link", name="Ôn tập cuối tuần").click()
    assert pupil.url.endswith(address)
    pupil.get_by_role("button", name="Bắt đầu làm bài").click()
    pupil.wait_for_url("**/attempts/*")
    assert_narrow(pupil)
    keys = right_answers(live, pupil)
    for n in (1, 2, 3):
        give(pupil, n, keys[n - 1])
        pupil.get_by_role("button", name="Câu tiếp theo").click()
    expect(pupil.locator("#save")).to_contain_text("Đã lưu")
    pupil.reload()
    expect(pupil.locator("#place")).to_have_text("Câu 4/6")
    expect(pupil.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "3")
    for n in (4, 5):
        give(pupil, n, keys[n - 1])
        pupil.get_by_role("button", name="Câu tiếp theo").click()
    expect(pupil.locator("#save")).to_contain_text("Đã lưu")
    pupil.locator("#hand-in").click()
    expect(pupil.locator("#confirm-text")).to_contain_text("1 câu chưa làm")
    pupil.get_by_role("alertdialog").get_by_role("button", name="Nộp bài").click()
    pupil.wait_for_url("**/result")
    assert_narrow(pupil)
    expect(pupil.locator(".kc-big").nth(1)).to_have_text("5/6")
    expect(pupil.locator("main")).to_contain_text("Lời giải")
    expect(pupil.locator("main .katex").first).to_be_visible()

    teacher = visitor("giaovien")
    teacher.goto(address)
    teacher.get_by_role("link", name="Bảng kết quả").click()
    expect(teacher.locator("main")).to_contain_text("Võ Gia Hân")


def write_question(visitor: Callable[..., Page]) -> None:
    teacher = visitor("giaovien")
    teacher.goto("/questions/new")
    teacher.wait_for_load_state()
    teacher.get_by_label("Đề bài").fill(STEM)
    for letter, text in zip("ABCD", ("$12\\pi$", "$15\\pi$", "$36\\pi$", "$45\\pi$"), strict=True):
        teacher.get_by_label(f"Phương án {letter}").fill(text)
    teacher.get_by_role("radio", name="Đáp án A").check()
    teacher.get_by_label("Lời giải").fill(EXPLANATION)
    teacher.locator("#f-subject").select_option("TOAN")
    teacher.locator("#f-grade").select_option("9")
    teacher.locator("#f-level").select_option("HIEU")
    expect(teacher.locator("#preview .katex").first).to_be_visible()
    teacher.get_by_role("button", name="Gửi thẩm định").click()
    expect(teacher.locator("main")).to_contain_text("Đang thẩm định")
    address = teacher.url

    reviewer = visitor("totruong")
    reviewer.goto("/questions?tab=review")
    reviewer.goto(address)
    expect(reviewer.locator("main")).to_contain_text("Chiều cao")
    reviewer.get_by_role("button", name="Duyệt").click()
    expect(reviewer.locator("main")).to_contain_text("Đã duyệt")


def build_quiz(teacher: Page) -> str:
    teacher.goto("/quizzes/new")
    teacher.get_by_label("Tên bài").fill("Ôn tập cuối tuần")
    teacher.locator("#find_q").fill("hinh non")
    teacher.get_by_role("button", name="Tìm, thêm và bỏ").click()
    teacher.locator("label", has_text="đường sinh").first.click()
    teacher.get_by_role("button", name="Tìm, thêm và bỏ").click()
    expect(teacher.get_by_role("heading", name="Câu hỏi đã chọn (1)")).to_be_visible()
    for n, (kind, count) in enumerate((("single_choice", 2), ("true_false_group", 1), ("short_answer", 2))):
        if teacher.locator(f"#draw-{n}-count").count() == 0:
            teacher.get_by_role("button", name=re.compile("Thêm")).first.click()
        teacher.locator(f"#draw-{n}-subject").select_option("TOAN")
        teacher.locator(f"#draw-{n}-grade").select_option("12")
        teacher.locator(f"#draw-{n}-kind").select_option(kind)
        teacher.locator(f"#draw-{n}-count").fill(str(count))
    teacher.locator("#f-feedback").select_option("after_submit")
    teacher.get_by_role("button", name="Lưu và phát hành").click()
    expect(teacher.get_by_role("heading", level=1)).to_have_text("Ôn tập cuối tuần")
    return urlsplit(teacher.url).path


def right_answers(live: Live, pupil: Page) -> list[Any]:
    """The keys of the attempt's questions in the order dealt, read below the doors."""
    attempt_id = uuid.UUID(pupil.url.split("#")[0].rsplit("/", 1)[1])
    with live.app.app_context():
        attempt = db.session().get_one(Attempt, attempt_id)
        items = (db.session().get_one(Quiz, attempt.quiz_id).compiled or {})["items"]
        ids = [uuid.UUID(items[place["i"]]["version_id"]) for place in attempt.layout]
        full = questions.versions(ids)
        return [full[one].answer for one in ids]


def give(pupil: Page, n: int, key: Any) -> None:
    box: Locator = pupil.locator(f"section[data-n='{n}']")
    if isinstance(key, list):
        box.locator(f"label.kc-opt[data-id='{key[0]}']").click()
    elif isinstance(key, dict):
        for name, true in key.items():
            box.locator(f"fieldset[data-id='{name}'] label").nth(0 if true else 1).click()
    else:
        box.get_by_label("Câu trả lời").fill(key)


def assert_narrow(page: Page) -> None:
    """Nothing makes a phone's page wider than the phone."""
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
