"""Pupils beside the demo logins, so that tables, charts and groups have somebody in them."""

from __future__ import annotations

from app.accounts import queries, service
from app.accounts.models import ClassMember, Classroom, User
from app.core import db

NAMES = {
    "12A1": (
        "Nguyễn Minh Anh", "Trần Gia Bảo", "Lê Khánh Chi", "Phạm Quốc Đạt", "Huỳnh Ngọc Hân", "Võ Đăng Khoa",
        "Đặng Thuỳ Linh", "Bùi Nhật Minh", "Đỗ Bảo Ngọc", "Hồ Thanh Phong", "Ngô Như Quỳnh", "Dương Thái Sơn",
        "Vũ Hải Đăng", "Mai Phương Thảo", "Trịnh Gia Huy", "Cao Tường Vi", "Lâm Anh Thư", "Tô Đức Trí",
        "Phan Mỹ Tâm", "Nguyễn Hữu Thịnh", "Trần Khánh Vy", "Lê Hoàng Nam",
    ),
    "12B3": (
        "Lý Hoài An", "Sơn Minh Đức", "Trương Mỹ Duyên", "Kim Ngọc Hà", "Phan Tấn Lộc", "Châu Yến Nhi",
        "Danh Thị Sóc Kha", "Nguyễn Chí Thiện", "Thạch Bích Trâm", "Lê Văn Út", "Trần Ngọc Xuân", "Võ Hoàng Yến",
    ),
}  # fmt: skip


def login(classroom: str, number: int) -> str:
    """`12a1.03`: class and number on its list."""
    return f"{classroom.lower()}.{number:02d}"


def logins(classroom: str) -> list[str]:
    return [login(classroom, number) for number in range(1, len(NAMES[classroom]) + 1)]


def seed(password: str) -> None:
    """Pupils of both classes; those who are there already stay as they are."""
    with db.transaction() as unit:
        rooms = {room.name: room for room in unit.query(Classroom)}
        for name, people in NAMES.items():
            room = rooms[name]
            for number, who in enumerate(people, 1):
                known = login(name, number)
                if queries.user_by_login(known) is None:
                    made: User = service.add_user(known, who, password, [("student", room.unit_id)], demo=True)
                    unit.add(ClassMember(class_id=room.id, user_id=made.id))
