"""Every link of every page leads somewhere, and every form has a door that takes it."""

from __future__ import annotations

import html
import io
import re
from collections.abc import Callable
from urllib.parse import urljoin, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.exceptions import HTTPException

MOST_PAGES = 220
STARTS = ("/", "/search", "/quizzes", "/surveys", "/questions", "/my", "/review", "/partners", "/signin", "/me")
LINK = re.compile(r'<(?:a|link)\b[^>]*?\bhref="([^"]*)"')
FORM = re.compile(r"<form\b([^>]*)>")
DOOR = re.compile(r'formaction="([^"]*)"')


def _forms(page: str) -> list[tuple[str, str]]:
    """(method, action) of each form; the action is empty where the page itself is the door."""
    found = []
    for attributes in FORM.findall(page):
        method = re.search(r'\bmethod="(\w+)"', attributes)
        action = re.search(r'\baction="([^"]*)"', attributes)
        name = method.group(1).upper() if method else "GET"
        if name != "DIALOG":
            found.append((name, action.group(1) if action else ""))
    return found


@pytest.fixture
def content(as_user: Callable[[str], FlaskClient], drain: Callable[[], None]) -> None:
    """A little of everything, in several states."""
    teacher, colleague = as_user("giaovien"), as_user("totruong")
    lesson = {"title": "Hàm số", "subject": "TOAN", "grades": [9], "resource_type": "BGDT", "licence": "CC BY-SA"}
    for submit, approve in ((False, False), (True, False), (True, True)):
        made = teacher.post("/api/v1/resources", json={**lesson, "authors": ["Nguyễn Thị Hoa"]}).json
        document = {"file": (io.BytesIO(b"%PDF-1.4\n%%EOF"), "bai-giang.pdf")}
        sent = teacher.post(f"/api/v1/resources/{made['id']}/files", data=document)
        assert sent.status_code == 201, sent.text
        if submit:
            assert teacher.post(f"/api/v1/resources/{made['id']}/submit").status_code < 300
        if approve:
            colleague.post(f"/api/v1/resources/{made['id']}/reviews", json={"decision": "approve"})
    question = {
        "kind": "single_choice", "stem": "2 + 2?", "choices": [{"id": "A", "text": "4"}, {"id": "B", "text": "5"}],
        "answer": ["A"], "subject": "TOAN", "grade": 6, "topic": "TOAN-06-01", "level": "BIET",
    }  # fmt: skip
    asked = teacher.post("/api/v1/questions", json=question).json
    teacher.post(f"/api/v1/questions/{asked['id']}/submit")
    quiz = teacher.post("/api/v1/quizzes", json={"title": "Ôn", "sections": [{"questions": [asked["id"]]}]}).json
    teacher.post("/api/v1/quizzes", json={"title": "Nháp"})
    teacher.post(f"/api/v1/quizzes/{quiz['id']}/publish")
    student = as_user("hocsinh")
    attempt = student.post(f"/api/v1/quizzes/{quiz['id']}/attempts").json
    student.post(f"/api/v1/attempts/{attempt['id']}/submit")
    survey = {"title": "Thư viện", "questions": [{"kind": "single", "text": "Đủ sách?", "options": ["Có", "Không"]}]}
    for publish in (False, True):
        sheet = teacher.post("/api/v1/surveys", json=survey).json
        if publish:
            teacher.post(f"/api/v1/surveys/{sheet['id']}/publish")
    drain()


@pytest.mark.parametrize("login", ["", "hocsinh", "giaovien", "totruong", "quantri", "doitac"])
@pytest.mark.usefixtures("content")
def test_links_and_forms(app: Flask, client: FlaskClient, signed_in: Callable[[str], FlaskClient], login: str) -> None:
    browser = signed_in(login) if login else client
    waiting, seen = list(STARTS), set(STARTS)
    doors = app.url_map.bind("localhost")
    faults: list[str] = []
    while waiting and len(seen) < MOST_PAGES:
        path = waiting.pop(0)
        answer = browser.get(path, follow_redirects=True)
        if path not in STARTS and answer.status_code >= 400 and answer.status_code != 410:
            faults.append(f"{answer.status_code} {path}")
        if answer.mimetype != "text/html":
            continue
        here = answer.request.path
        for method, action in [*_forms(answer.text), *(("POST", door) for door in DOOR.findall(answer.text))]:
            target = urlsplit(urljoin(here, html.unescape(action)))
            try:
                doors.match(target.path, method=method)
            except HTTPException as error:
                faults.append(f"form {method} {target.path} on {here}: {error.code}")
        for href in LINK.findall(answer.text):
            target = urlsplit(urljoin(here, html.unescape(href)))
            url = target.path + (f"?{target.query}" if target.query else "")
            if target.netloc or target.scheme or target.path.startswith("/static/") or url in seen:
                continue
            # One of each sort of filter is enough.
            if target.path == "/search" and sum(one.startswith("/search?") for one in seen) > 25:
                continue
            seen.add(url)
            waiting.append(url)
    assert not faults
    assert len(seen) > 15
