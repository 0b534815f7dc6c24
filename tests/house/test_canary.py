"""A key reaches those who may edit or review it, and nobody else.

A 128-bit marker is planted as the answer and in the explanation of an approved question, and then sought in
every page and API answer as each person, in exports unpacked, in the index and in the feed.
"""

from __future__ import annotations

import io
import json
import secrets
import uuid
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.accounts.models import Classroom
from app.core import db
from app.core.access import Viewer
from app.questions import service as questions
from app.questions.models import AnswerKey, Question
from app.quizzes import service as quizzes
from tests import engines

MAY_KNOW = ("giaovien", "totruong", "sogd", "quantri")
MAY_NOT = ("thuvien", "hocsinh", "doitac", "giaovien2", "totruong2", "hocsinh2")
WORDS = "Số cạnh của hình lục giác đều là bao nhiêu"


@dataclass
class Planted:
    key: str
    why: str
    question: uuid.UUID
    tests: dict[str, uuid.UUID]

    def leaks(self, data: bytes) -> list[str]:
        text = unpacked(data)
        return [name for name, marker in (("answer", self.key), ("explanation", self.why)) if marker.encode() in text]


def unpacked(data: bytes) -> bytes:
    """The bytes, and those inside when they are a zip."""
    if not data.startswith(b"PK"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return data + b"".join(archive.read(name) for name in archive.namelist())


@pytest.fixture
def planted(app: Flask, viewer_for: Callable[[str], Viewer], drain: Callable[[], None]) -> Planted:
    """An approved question in three quizzes: practice told after submit, a test told after close, a class test."""
    key, why = secrets.token_hex(16), secrets.token_hex(16)
    with app.app_context():
        owner = viewer_for("giaovien")
        made = questions.create(
            owner,
            {
                "kind": "short_answer", "stem": WORDS + "?", "choices": [], "answer": "6", "explanation": f"Vì {why}.",
                "subject": "TOAN", "grade": 6, "topic": "TOAN-06-06", "level": "BIET", "tags": ["canary"],
            },
        )  # fmt: skip
        questions.submit(owner, made.id)
        questions.review(viewer_for("totruong"), made.id, "approve")
        with db.transaction() as unit:
            version_id = unit.get_one(Question, made.id).approved_version_id
            # Below the doors, for no answer that fits four cells has 128 bits.
            unit.execute(sa.update(AnswerKey).where(AnswerKey.version_id == version_id).values(answer=key))
        rooms = [str(room.id) for room in db.session().scalars(sa.select(Classroom))]
        tests = {}
        closes = db.now().replace(year=db.now().year + 1)
        for name, more in {
            "practice": {"mode": "practice", "feedback": "after_submit", "audience": "public"},
            "test": {"mode": "test", "feedback": "after_close", "audience": "signed_in", "closes_at": closes},
            "classes": {"mode": "test", "feedback": "after_close", "audience": "classes", "classes": rooms,
                        "closes_at": closes},
        }.items():  # fmt: skip
            quiz = quizzes.create(owner, {"title": f"Bài {name}", "sections": [{"questions": [str(made.id)]}], **more})
            quizzes.publish(owner, quiz.id)
            tests[name] = quiz.id
    drain()
    return Planted(key, why, made.id, tests)


def addresses(app: Flask, planted: Planted, attempts: dict[str, str]) -> Iterator[str]:
    """Every page and answer that can be asked for with GET, with the ids of the planted things."""
    known: dict[str, list[Any]] = {
        "question_id": [planted.question],
        "quiz_id": list(planted.tests.values()),
        "attempt_id": list(attempts.values()) or [planted.question],
        "n": [1],
        "part": [1],
        "ending": ["csv", "xlsx"],
    }
    with app.test_request_context():
        adapter = app.url_map.bind("localhost")
        for rule in app.url_map.iter_rules():
            if "GET" not in (rule.methods or set()) or rule.endpoint == "static":
                continue
            for number in range(3):
                values = {}
                for name, converter in rule._converters.items():
                    choices = known.get(
                        name, [planted.question if type(converter).__name__ == "UUIDConverter" else "x"]
                    )
                    values[name] = choices[number % len(choices)]
                yield str(adapter.build(rule.endpoint, values))
    yield from (
        "/search?q=luc+giac+deu", f"/search?q={planted.key}", f"/search?q={planted.why}", "/search?type=question",
        "/api/v1/search?q=luc+giac+deu", "/api/v1/search?q=luc+giac&type=question", f"/api/v1/search?q={planted.why}",
        "/api/v1/suggest?q=so+canh", "/questions?q=luc+giac", "/questions?tab=mine", "/api/v1/questions?limit=100",
        f"/quizzes/new?question={planted.question}", "/quizzes/new?find_q=luc+giac",
        *(f"/api/v1/questions/export?format={form}" for form in ("gift", "csv", "xlsx", "json")),
        *(f"/api/v1/questions/export?format={form}&ids={planted.question}" for form in ("gift", "csv", "xlsx")),
        f"/api/v1/questions/export/report?format=gift&ids={planted.question}",
        "/oai?verb=ListRecords&metadataPrefix=oai_dc", "/oai?verb=ListIdentifiers&metadataPrefix=oai_dc",
    )  # fmt: skip
    for attempt in attempts.values():
        yield f"/attempts/{attempt}/result?only=wrong"


def sit(client: FlaskClient, planted: Planted) -> tuple[dict[str, str], list[TestResponse]]:
    """Start each quiz open to this person and answer it; hand in the two that tell only after they close."""
    attempts, answers = {}, []
    for name, quiz in planted.tests.items():
        started = client.post(f"/api/v1/quizzes/{quiz}/attempts", json={})
        answers.append(started)
        if started.status_code != 201:
            continue
        attempts[name] = started.json["id"]
        token = {"X-Attempt-Token": started.json["token"]} if started.json.get("token") else {}
        address = f"/api/v1/attempts/{attempts[name]}"
        answers.append(client.put(f"{address}/answers/1", json={"response": "5", "revision": 0}, headers=token))
        answers.append(client.get(address, headers=token))
        if name != "practice":
            answers.append(client.post(f"{address}/submit", json={}, headers=token))
    return attempts, answers


def asking(login: str | None, app: Flask, as_user: Callable, signed_in: Callable) -> tuple[FlaskClient, FlaskClient]:
    """One who asks by token and the same one at a browser."""
    if login is None:
        return app.test_client(), app.test_client()
    return as_user(login), signed_in(login)


@pytest.mark.parametrize("login", [None, *MAY_NOT])
def test_nobody_else_sees_the_key(
    app: Flask, as_user: Callable, signed_in: Callable, planted: Planted, login: str | None
) -> None:
    by_token, by_page = asking(login, app, as_user, signed_in)
    attempts, answers = sit(by_token, planted)
    if login in (None, "hocsinh"):
        assert attempts
    found = [answer.request.path for answer in answers if planted.leaks(answer.data)]
    seen = 0
    for url in addresses(app, planted, attempts):
        answer = (by_token if url.startswith("/api/") else by_page).get(url)
        assert answer.status_code < 500, url
        # What somebody typed into the search box stands in their own box again.
        data = answer.data
        if "q=" in url:
            data = data.replace(url.rsplit("q=", 1)[1].encode(), b"")
        if planted.leaks(data):
            found.append(url)
        seen += answer.status_code == 200
    assert found == []
    assert seen > 8


@pytest.mark.parametrize("login", MAY_KNOW)
def test_those_who_may_do_see_it(
    app: Flask, as_user: Callable, signed_in: Callable, planted: Planted, login: str
) -> None:
    """Without this the search above would prove nothing."""
    by_token, by_page = asking(login, app, as_user, signed_in)
    assert planted.leaks(by_page.get(f"/questions/{planted.question}").data) == ["answer", "explanation"]
    told = by_token.get(f"/api/v1/questions/{planted.question}")
    assert told.json["answer"] == planted.key
    exported = by_token.get(f"/api/v1/questions/export?format=xlsx&ids={planted.question}")
    assert planted.leaks(exported.data) == ["answer", "explanation"]


def test_after_submit_the_pupil_sees_it(app: Flask, as_user: Callable, planted: Planted) -> None:
    pupil = as_user("hocsinh")
    attempts, _answers = sit(pupil, planted)
    done = pupil.post(f"/api/v1/attempts/{attempts['practice']}/submit", json={})
    assert planted.leaks(done.data) or planted.leaks(pupil.get(f"/api/v1/attempts/{attempts['practice']}/result").data)


def test_not_in_the_index_nor_the_feed(app: Flask, planted: Planted, settings: Any) -> None:
    from app.discovery import documents

    with app.app_context():
        made = documents.question(planted.question)
        assert made is not None
        assert WORDS.split()[0] in made.title + made.body
        assert not planted.leaks(json.dumps(made, default=str).encode())
        assert not planted.leaks(repr(made).encode())
    held = engines.in_the_index(settings)
    assert WORDS.split()[0].encode() in held
    assert not planted.leaks(held)
