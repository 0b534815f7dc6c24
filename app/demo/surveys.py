"""Two anonymous surveys, answered by the pupils of the demo classes."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from app.accounts import queries as accounts
from app.core import db
from app.core.access import Viewer
from app.demo import classmates
from app.surveys import queries, service

As = Callable[[str], Viewer]

LEARNING = {
    "title": "Em học với học liệu số như thế nào?",
    "description": "Phiếu khuyết danh của trường, khoảng ba phút. Không ai biết em trả lời gì.",
    "anonymous": True,
    "share_results": True,
    "audience": {"roles": ["student"]},
    "questions": [
        {
            "id": "thiet_bi", "kind": "single", "text": "Em thường mở học liệu bằng thiết bị nào?", "required": True,
            "options": ["Điện thoại", "Máy tính ở nhà", "Máy tính ở trường", "Máy tính bảng"],
        },
        {
            "id": "loai", "kind": "multiple", "text": "Loại học liệu nào giúp em hiểu bài hơn?",
            "options": ["Video bài giảng", "Phiếu học tập", "Bài luyện tập có chấm điểm", "Sách, tài liệu đọc", "Mô phỏng"],
        },
        {
            "id": "hai_long", "kind": "scale", "text": "Em hài lòng với kho học liệu ở mức nào?", "required": True,
            "labels": ["Rất không hài lòng", "Không hài lòng", "Bình thường", "Hài lòng", "Rất hài lòng"],
        },
        {
            "id": "nhan_dinh", "kind": "matrix", "text": "Em đồng ý với các ý sau đến đâu?",
            "rows": ["Tìm bài dễ dàng", "Bài luyện tập vừa sức", "Lời giải dễ hiểu"],
            "options": ["Không đồng ý", "Phân vân", "Đồng ý"],
        },
        {"id": "gop_y", "kind": "text", "text": "Em muốn kho có thêm điều gì?", "max_length": 500},
    ],
}  # fmt: skip
LIBRARY = {
    "title": "Góp ý giờ mở cửa thư viện",
    "description": "Thư viện muốn mở cửa vào lúc nhiều người cần nhất. Phiếu khuyết danh, ai có tài khoản cũng trả lời được.",
    "anonymous": True,
    "share_results": True,
    "questions": [
        {
            "id": "khi_nao", "kind": "multiple", "text": "Bạn muốn thư viện mở cửa thêm lúc nào?", "required": True,
            "options": ["Trước giờ học sáng", "Giờ nghỉ trưa", "Sau giờ học chiều", "Sáng thứ Bảy"],
        },
        {
            "id": "bao_lau", "kind": "single", "text": "Mỗi lần bạn ở thư viện bao lâu?",
            "options": ["Dưới 30 phút", "30 đến 60 phút", "Trên 60 phút"],
        },
        {"id": "cho_ngoi", "kind": "scale", "text": "Chỗ ngồi đọc có đủ yên tĩnh không?", "min": 1, "max": 5},
    ],
}  # fmt: skip
WISHES = (
    "Thêm nhiều bài luyện tập Toán có lời giải từng bước ạ.",
    "Em muốn có video thí nghiệm Hoá học.",
    "Có thể tải về để học khi không có mạng.",
    "Thêm đề ôn thi tốt nghiệp các môn xã hội.",
    "Chữ trong vài tệp hơi nhỏ trên điện thoại.",
    "Kho rất hay, em cảm ơn thầy cô.",
    "Mong có thêm bài nghe Tiếng Anh.",
)


def are_there() -> bool:
    """Whether the last of the demo content is there, and so all of it."""
    found = accounts.user_by_login("thuvien")
    if found is None:
        return False
    keeper = accounts.viewer_of(found)
    return any(seen.survey.title == LIBRARY["title"] for seen in queries.listed(keeper, limit=100)[0])


def seed(viewer: As) -> None:
    """One unit of work for each survey; those with a known title are left alone."""
    pupils = classmates.logins("12A1") + classmates.logins("12B3")
    staff = ["totruong", "totruong2", "sogd", "giaovien2"]
    for login, plan, takers in (("giaovien", LEARNING, pupils), ("thuvien", LIBRARY, pupils[:20] + staff)):
        owner = viewer(login)
        if any(seen.survey.title == plan["title"] for seen in queries.listed(owner, limit=100)[0]):
            continue
        chance = random.Random(str(plan["title"]))
        with db.transaction():
            made = service.create(owner, plan)  # type: ignore[arg-type]
            service.publish(owner, made.id)
            for number, taker in enumerate(takers):
                service.respond(viewer(taker), made.id, _sheet(made.items, chance, number))


def _sheet(items: list[dict[str, Any]], chance: random.Random, number: int) -> dict[str, Any]:
    sheet: dict[str, Any] = {}
    for item in items:
        ids = [option["id"] for option in item.get("options", [])]
        match item["kind"]:
            case "single":
                sheet[item["id"]] = chance.choices(ids, [6, 3, 2, 1][: len(ids)])[0]
            case "multiple":
                chosen = [one for one in ids if chance.random() < 0.5]
                sheet[item["id"]] = chosen or [ids[0]]
            case "scale":
                sheet[item["id"]] = chance.choices(ids, [1, 1, 3, 6, 5][: len(ids)])[0]
            case "matrix":
                sheet[item["id"]] = {row["id"]: chance.choices(ids, [1, 2, 5])[0] for row in item["rows"]}
            case "text" if number < len(WISHES):
                sheet[item["id"]] = WISHES[number]
    return sheet
