"""Three quizzes, two of them with attempts by the pupils of the demo classes."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Mapping
from typing import Any

from app.accounts import queries as accounts
from app.core import db
from app.core.access import Viewer
from app.demo import classmates
from app.questions import queries as bank
from app.quizzes import queries, service
from app.quizzes.models import Quiz

As = Callable[[str], Viewer]


def seed(viewer: As) -> None:
    """One unit of work for each quiz; those with a known title are left alone."""
    owner = viewer("giaovien")
    known = {quiz.title for quiz in queries.listed(viewer("quantri"), limit=100)}
    rooms = {room.name: room for room in accounts.classrooms_in(owner.unit_ids)}
    for login, plan, takers in _plans(str(rooms["12A1"].id)):
        if plan["title"] in known:
            continue
        with db.transaction():
            made = service.create(viewer(login), plan)
            service.publish(viewer(login), made.id)
            chance = random.Random(plan["title"])
            for taker in takers:
                _sit(viewer(taker), made, chance)


def _draw(kind: str, count: int, subject: str, grade: int, seed: int, **more: Any) -> dict[str, Any]:
    rule = {"subject": subject, "grade": grade, "kind": kind, "count": count, "seed": seed}
    return {"draw": {**rule, **more}}


def _plans(classroom: str) -> list[tuple[str, dict[str, Any], list[str]]]:
    return [
        (
            "giaovien",
            {
                "title": "Luyện tập: Hàm số và đạo hàm lớp 12",
                "description": "Làm thoải mái, biết đúng sai ngay sau mỗi câu. Không cần đăng nhập.",
                "subject": "TOAN",
                "grade": 12,
                "mode": "practice",
                "feedback": "immediate",
                "audience": "public",
                "sections": [
                    _draw("single_choice", 4, "TOAN", 12, 11, topic="TOAN-12-01"),
                    _draw("true_false_group", 1, "TOAN", 12, 12, topic="TOAN-12-01"),
                    _draw("short_answer", 3, "TOAN", 12, 13, topic="TOAN-12-01"),
                ],
            },
            [],
        ),
        (
            "giaovien",
            {
                "title": "Kiểm tra thường xuyên: Vật lí 12",
                "description": "Bài kiểm tra 30 phút của lớp 12A1, gồm ba phần như đề thi tốt nghiệp từ năm 2025.",
                "subject": "VATLI",
                "grade": 12,
                "mode": "test",
                "feedback": "after_submit",
                "audience": "classes",
                "classes": [classroom],
                "time_limit_s": 1800,
                "attempts_allowed": 2,
                "shuffle_questions": True,
                "shuffle_choices": True,
                "sections": [
                    _draw("single_choice", 5, "VATLI", 12, 21),
                    _draw("true_false_group", 2, "VATLI", 12, 22),
                    _draw("short_answer", 3, "VATLI", 12, 23),
                ],
            },
            classmates.logins("12A1")[:12],
        ),
        (
            "giaovien2",
            {
                "title": "Ôn tập cuối tuần: Hoá học và Sinh học 12",
                "description": "Mười câu ôn lại ester, điện phân, di truyền; xem lời giải sau khi nộp.",
                "subject": "HOAHOC",
                "grade": 12,
                "mode": "practice",
                "feedback": "after_submit",
                "audience": "signed_in",
                "sections": [
                    _draw("single_choice", 3, "HOAHOC", 12, 31),
                    _draw("short_answer", 2, "HOAHOC", 12, 32),
                    _draw("single_choice", 3, "SINHHOC", 12, 33),
                    _draw("true_false_group", 2, "SINHHOC", 12, 34),
                ],
            },
            classmates.logins("12B3")[:6],
        ),
    ]


def _sit(taker: Viewer, quiz: Quiz, chance: random.Random) -> None:
    """A pupil's whole attempt; how much they know differs from pupil to pupil."""
    attempt = service.start(taker, quiz.id).attempt
    items = (quiz.compiled or {})["items"]
    versions = {str(key): full for key, full in bank.versions(_ids(items)).items()}
    knows = chance.uniform(0.45, 0.95)
    for n, place in enumerate(attempt.layout, 1):
        full = versions[items[place["i"]]["version_id"]]
        service.answer(taker, attempt.id, n, _response(full.version.kind, full.answer, full.content(), knows, chance))
    service.submit(taker, attempt.id)


def _ids(items: list[Mapping[str, Any]]) -> list[uuid.UUID]:
    return [uuid.UUID(item["version_id"]) for item in items]


def _response(kind: str, key: Any, content: Mapping[str, Any], knows: float, chance: random.Random) -> Any:
    if kind == "true_false_group":
        return {name: true if chance.random() < knows else not true for name, true in key.items()}
    if chance.random() < knows:
        return key
    if kind == "short_answer":
        return chance.choice(["1", "2", "0,5", "12", ""])
    return [chance.choice([choice["id"] for choice in content["choices"] if choice["id"] not in key])]
