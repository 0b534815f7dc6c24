"""Demo departments, schools, classes and people of two provinces."""

from __future__ import annotations

from app.accounts import service
from app.accounts.models import User
from app.core import db

LOGINS = (
    "quantri",
    "sogd",
    "thuvien",
    "totruong",
    "giaovien",
    "hocsinh",
    "doitac",
    "giaovien2",
    "totruong2",
    "hocsinh2",
)


def seed(password: str) -> dict[str, User]:
    """Two departments, four schools, three classes; returns the people by login."""
    with db.transaction():
        hcm = service.add_unit("department", "Sở GD&ĐT Thành phố Hồ Chí Minh", "79", code="SGD79")
        ct = service.add_unit("department", "Sở GD&ĐT Thành phố Cần Thơ", "92", code="SGD92")
        school = service.add_unit("school", "Trường THPT Sông Sài Gòn", "79", hcm.id, "79000701")
        lower = service.add_unit("school", "Trường THCS Bến Thành Mới", "79", hcm.id, "79000502")
        other = service.add_unit("school", "Trường THPT Ninh Kiều Xanh", "92", ct.id, "92000703")
        service.add_unit("school", "Trường THCS Cái Răng Sáng", "92", ct.id, "92000504")
        wanted: list[tuple[str, str, list[tuple[str, object]]]] = [
            ("quantri", "Nguyễn Hoàng Quân", [("administrator", hcm.id)]),
            ("sogd", "Trần Thị Minh Châu", [("department", hcm.id)]),
            ("thuvien", "Lê Thu Hà", [("librarian", hcm.id)]),
            ("totruong", "Phạm Văn Lộc", [("reviewer", school.id), ("teacher", school.id)]),
            ("giaovien", "Đỗ Ngọc Ánh", [("teacher", school.id)]),
            ("hocsinh", "Võ Gia Hân", [("student", school.id)]),
            ("doitac", "Kho học liệu Đồng Nai", [("partner", hcm.id)]),
            ("giaovien2", "Huỳnh Thị Mỹ Duyên", [("teacher", other.id)]),
            ("totruong2", "Lâm Quốc Bảo", [("reviewer", other.id), ("teacher", other.id)]),
            ("hocsinh2", "Thạch Minh Khôi", [("student", other.id)]),
        ]
        people = {
            login: service.add_user(login, name, password, roles, demo=True)  # type: ignore[arg-type]
            for login, name, roles in wanted
        }
        year = "2026-2027"
        service.add_classroom(school.id, "12A1", 12, year, [people["hocsinh"].id])
        service.add_classroom(lower.id, "9A2", 9, year, [])
        service.add_classroom(other.id, "12B3", 12, year, [people["hocsinh2"].id])
    return people
