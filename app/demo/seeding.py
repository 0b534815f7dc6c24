"""Puts the demo content in by the verbs of the rooms, as the demo people would.

Every part can be run again: what is there already stays, what a broken run left half made is made anew.
"""

from __future__ import annotations

import io
import secrets
from collections.abc import Callable, Iterator

from app.accounts import queries as accounts
from app.core import db
from app.core.access import Viewer
from app.core.errors import NotFound
from app.demo import classmates, lessons, papers, people, quizzes, surveys
from app.demo.lessons import DemoLesson
from app.demo.questions import DemoQuestion, every
from app.questions import queries as bank
from app.questions import service as questions
from app.resources import queries as shelf
from app.resources import service as resources
from app.resources.models import PUBLISHED, WITHDRAWN, Resource

COLLEAGUES = {"giaovien": "totruong", "giaovien2": "totruong2"}


def viewer(login: str) -> Viewer:
    found = accounts.user_by_login(login)
    if found is None:
        raise NotFound(login)
    return accounts.viewer_of(found)


def seed(password: str, tell: Callable[[str], None] = lambda _text: None) -> None:
    """All demo content; `tell` hears what is being made."""
    if accounts.user_by_login("quantri") is None:
        tell("Tạo đơn vị và tài khoản mẫu…")
        people.seed(password)
    classmates.seed(password or secrets.token_urlsafe(12))
    tell("Đưa vào 200 câu hỏi…")
    _questions()
    tell("Đưa vào học liệu đủ loại tệp…")
    for lesson in lessons.every():
        _lesson(lesson)
    tell("Tạo bài luyện tập, đề kiểm tra và phiếu khảo sát…")
    quizzes.seed(viewer)
    papers.seed(viewer)
    surveys.seed(viewer)


def _questions() -> None:
    """One unit of work: all or none."""
    if bank.counted(viewer("quantri")):
        return
    with db.transaction():
        for login, share in _shared(every()):
            owner, colleague = viewer(login), viewer(COLLEAGUES[login])
            for question, state in share:
                made = questions.create(owner, question.fields())
                if state != "draft":
                    questions.submit(owner, made.id)
                if state == "approved":
                    questions.review(colleague, made.id, "approve")


def _shared(all_questions: list[DemoQuestion]) -> Iterator[tuple[str, list[tuple[DemoQuestion, str]]]]:
    """Who wrote which question; of each author one is still a draft and two wait for review."""
    for at, login in enumerate(COLLEAGUES):
        mine = [question for number, question in enumerate(all_questions) if (number % 3 == 2) == bool(at)]
        states = ["approved"] * (len(mine) - 3) + ["submitted", "submitted", "draft"]
        yield login, list(zip(mine, states, strict=True))


def _lesson(lesson: DemoLesson) -> None:
    owner = viewer(lesson.owner)
    for known, version in shelf.mine(owner, limit=100):
        if version.title == lesson.title:
            if _settled(known, lesson):
                return
            if known.current_version_id is None:
                resources.delete(owner, known.id)
    made = resources.create(owner, **lesson.fields()).resource
    for name, make in lesson.files:
        resources.add_file(owner, made.id, io.BytesIO(make()), name)
    if lesson.state == "draft":
        return
    resources.submit(owner, made.id)
    colleague = viewer(COLLEAGUES[lesson.owner])
    match lesson.state:
        case "published":
            resources.review(colleague, made.id, "approve")
        case "returned":
            resources.review(colleague, made.id, "return", lesson.comment)
        case "withdrawn":
            resources.review(colleague, made.id, "approve")
            resources.withdraw(owner, made.id, lesson.comment)


def _settled(known: Resource, lesson: DemoLesson) -> bool:
    wanted = {"published": PUBLISHED, "withdrawn": WITHDRAWN, "returned": "draft"}.get(lesson.state, lesson.state)
    return known.state == wanted
