"""A teacher puts in a lesson, a colleague publishes it, anyone finds and reads it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, Route, expect

from app.demo.lessons.outline import outline
from app.demo.lessons.pdf import pdf
from tests.journeys.conftest import PHONE

TITLE = "Ôn tập chương Đường tròn và tiếp tuyến"
WORDS = outline(TITLE, "Tiếp tuyến của đường tròn vuông góc với bán kính đi qua tiếp điểm.\n- Ngôi sao chổi xanh")


def test_lesson_from_teacher_to_guest(visitor: Callable[..., Page], tmp_path: Path) -> None:
    file = tmp_path / "Đường tròn.pdf"
    file.write_bytes(pdf(WORDS))
    teacher = visitor("giaovien")
    teacher.goto("/my")
    teacher.goto("/lessons/new")
    teacher.get_by_label("Tên học liệu").fill(TITLE)
    teacher.get_by_label("Mô tả").fill("Dùng ở tiết ôn tập cuối chương, học sinh làm theo nhóm.")
    teacher.get_by_label("Môn học").select_option("TOAN")
    teacher.get_by_label("9", exact=True).check()
    teacher.get_by_label("Loại học liệu").select_option("DECUONG")
    teacher.get_by_label("Giấy phép").select_option("CC BY-SA")
    teacher.get_by_label("Tác giả").fill("Đỗ Ngọc Ánh")
    teacher.get_by_role("button", name="Lưu nháp và chọn tệp").click()
    teacher.wait_for_load_state()
    teacher.locator("input[type=file]").set_input_files(file)
    expect(teacher.locator(".kc-upload")).to_contain_text("Đã tải lên")
    teacher.get_by_role("button", name="Lưu và gửi thẩm định").click()
    expect(teacher.locator("main")).to_contain_text("thẩm định")

    reviewer = visitor("totruong")
    reviewer.goto("/review")
    reviewer.get_by_role("link", name=TITLE).click()
    reviewer.get_by_label("Nhận xét").fill("Bài gọn, hình rõ.")
    reviewer.get_by_role("button", name="Duyệt").click()
    expect(reviewer.get_by_role("status")).to_contain_text("Đã duyệt và xuất bản")

    guest = visitor(None, PHONE)
    guest.goto("/")
    guest.get_by_role("searchbox").first.fill("duong tron va tiep tuyen")
    guest.get_by_role("searchbox").first.press("Enter")
    hit = guest.get_by_role("link", name=TITLE)
    expect(hit).to_be_visible()
    hit.click()
    expect(guest.get_by_role("heading", level=1)).to_have_text(TITLE)
    expect(guest.locator("main")).to_contain_text("Trường THPT Sông Sài Gòn")
    expect(guest.locator("main")).to_contain_text("CC BY-SA")
    assert guest.locator("body").evaluate("body => body.scrollWidth") <= PHONE["width"]
    with guest.expect_download() as waiting:
        guest.get_by_role("link", name="Tải xuống").first.click()
    kept = waiting.value
    assert kept.suggested_filename == "Đường tròn.pdf"
    assert Path(kept.path()).read_bytes() == file.read_bytes()

    # The worker takes the text out of the file; what it says is found some moments later.
    for _try in range(60):
        guest.goto("/search?q=ngoi+sao+choi+xanh")
        if guest.get_by_role("link", name=TITLE).count():
            break
        guest.wait_for_timeout(500)
    expect(guest.get_by_role("link", name=TITLE)).to_be_visible()
    expect(guest.locator("mark").first).to_be_visible()


def test_an_upload_goes_on_after_a_reload(visitor: Callable[..., Page], tmp_path: Path) -> None:
    """The line fails in the middle of a large file, the page is loaded anew, the same file is chosen again."""
    file = tmp_path / "Video thí nghiệm.pdf"
    file.write_bytes(pdf(WORDS) + b"%" + b"x" * 9_000_000)
    teacher = visitor("giaovien", PHONE)
    teacher.goto("/lessons/new")
    teacher.get_by_label("Tên học liệu").fill("Bài có tệp lớn")
    teacher.get_by_role("button", name="Lưu nháp và chọn tệp").click()
    teacher.wait_for_load_state()
    starts: list[int] = []

    def cut(route: Route) -> None:
        if route.request.method == "PATCH":
            starts.append(int(route.request.headers["upload-offset"]))
            if len(starts) == 2:
                return  # this piece never arrives
        route.continue_()

    teacher.route("**/api/v1/uploads/**", cut)
    teacher.locator("input[type=file]").set_input_files(file)
    expect(teacher.locator(".kc-upload")).to_contain_text("Đang gửi 4", timeout=20_000)
    teacher.on("dialog", lambda dialog: dialog.accept())
    teacher.reload()
    teacher.locator("input[type=file]").set_input_files(file)
    expect(teacher.locator(".kc-upload")).to_contain_text("Đã tải lên", timeout=30_000)
    assert starts[0] == 0 and starts[1] == starts[2] == 4 * 1024**2
    teacher.reload()
    expect(teacher.locator(".kc-files")).to_contain_text(file.name)
