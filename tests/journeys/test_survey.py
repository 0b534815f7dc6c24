"""A teacher opens a survey, a pupil answers it on a phone; few answers are told to nobody."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page, expect

from app.demo import classmates, seeding
from app.demo.surveys import LEARNING, _sheet
from app.surveys import service
from tests.conftest import PASSWORD
from tests.journeys.conftest import PHONE, Live


def test_pupil_answers_and_results_show_from_five_on(visitor: Callable[..., Page], live: Live) -> None:
    with live.app.app_context():
        made = service.create(seeding.viewer("giaovien"), LEARNING)
        classmates.seed(PASSWORD)
    teacher = visitor("giaovien")
    teacher.goto(f"/surveys/{made.id}")
    teacher.get_by_role("button", name="Mở phiếu").click()

    pupil = visitor("hocsinh", PHONE)
    pupil.goto("/surveys")
    pupil.get_by_role("link", name=str(LEARNING["title"])).click()
    pupil.get_by_role("button", name="Gửi phản hồi").click()
    expect(pupil.get_by_role("alert")).to_contain_text("2 câu cần xem lại")
    pupil.get_by_role("radio", name="Điện thoại").check()
    pupil.get_by_label("Video bài giảng").check()
    pupil.get_by_role("radio", name="Rất hài lòng").check()
    pupil.get_by_role("textbox").last.fill("Thêm bài giảng Hoá học ạ.")
    assert pupil.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    pupil.get_by_role("button", name="Gửi phản hồi").click()
    expect(pupil.locator("main")).to_contain_text("Phiếu đã được gửi")

    teacher.goto(f"/surveys/{made.id}/results")
    expect(teacher.locator("main")).not_to_contain_text("Thêm bài giảng Hoá học")
    with live.app.app_context():
        import random

        for number, login in enumerate(classmates.logins("12A1")):
            sheet = _sheet(made.items, random.Random(number), number)
            service.respond(seeding.viewer(login), made.id, sheet)
    teacher.reload()
    expect(teacher.locator("main")).to_contain_text("Em thường mở học liệu bằng thiết bị nào?")
    expect(teacher.locator("main")).to_contain_text("Thêm bài giảng Hoá học")
