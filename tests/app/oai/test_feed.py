"""The writer: what becomes of a lesson's record when the lesson changes, leaves a set, goes and comes back."""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from app.core import db
from app.oai import feed, queries
from app.oai.models import OaiMembership, OaiRecord

OAI = "{http://www.openarchives.org/OAI/2.0/}"


def record_of(app: Flask, lesson_id: uuid.UUID) -> OaiRecord:
    with app.app_context():
        return db.session().scalars(sa.select(OaiRecord).where(OaiRecord.item_id == lesson_id)).one()


def age(app: Flask, seconds: int) -> None:
    """Let all records have happened earlier."""
    with app.app_context(), db.transaction() as unit:
        for table in (OaiRecord, OaiMembership):
            for row in unit.scalars(sa.select(table)):
                row.datestamp = row.datestamp - timedelta(seconds=seconds)


def test_nothing_of_drafts(app: Flask, shelf: Any, ask: Callable[..., Any]) -> None:
    lesson = shelf.put()
    shelf.withdraw(lesson)
    shelf.feed()
    assert ask("ListRecords", metadataPrefix="oai_dc").error == "noRecordsMatch"


def test_datestamps_have_whole_seconds_and_only_grow(app: Flask, shelf: Any) -> None:
    lesson = shelf.put()
    shelf.feed()
    first = record_of(app, lesson)
    assert first.datestamp.microsecond == 0
    assert first.confirmed
    age(app, 100)
    shelf.change(lesson, title="Bài mới")
    shelf.feed()
    second = record_of(app, lesson)
    assert second.datestamp >= first.datestamp
    assert second.identifier == first.identifier
    assert second.id == first.id


def test_a_note_without_a_change_keeps_the_datestamp(app: Flask, shelf: Any) -> None:
    lesson = shelf.put()
    shelf.feed()
    age(app, 100)
    before = record_of(app, lesson).datestamp
    shelf.change(lesson)
    shelf.feed()
    assert record_of(app, lesson).datestamp == before


def test_a_change_without_confirmation_is_dated_anew(app: Flask, shelf: Any) -> None:
    """As after a crash between the two commits."""
    lesson = shelf.put()
    shelf.feed()
    age(app, 100)
    with app.app_context(), db.transaction() as unit:
        unit.execute(sa.update(OaiRecord).values(confirmed=False))
    before = record_of(app, lesson).datestamp
    shelf.change(lesson)
    shelf.feed()
    found = record_of(app, lesson)
    assert found.datestamp > before
    assert found.confirmed


def test_a_clock_that_jumps_back_skips_nothing(app: Flask, shelf: Any) -> None:
    first = shelf.put("Bài 1")
    shelf.feed()
    age(app, -3600)
    second = shelf.put("Bài 2")
    shelf.feed()
    assert record_of(app, second).datestamp >= record_of(app, first).datestamp


def test_withdrawn_lessons_leave_a_tombstone_for_ever(app: Flask, shelf: Any, ask: Callable[..., Any]) -> None:
    lesson = shelf.put()
    shelf.feed()
    shelf.withdraw(lesson)
    shelf.feed()
    identifier = record_of(app, lesson).identifier
    for page in (
        ask("GetRecord", identifier=identifier, metadataPrefix="oai_dc"),
        ask("ListRecords", metadataPrefix="oai_dc"),
        ask("ListRecords", metadataPrefix="oai_dc", set="subject:TOAN"),
        ask("ListIdentifiers", metadataPrefix="oai_dc", set="province"),
    ):
        assert page.headers[0].get("status") == "deleted"
        assert page.root.find(f".//{OAI}metadata") is None
        assert "subject:TOAN" in [e.text for e in page.headers[0].iter(f"{OAI}setSpec")]
    assert ask("ListMetadataFormats", identifier=identifier).error is None
    shelf.restore(lesson)
    shelf.feed()
    page = ask("ListRecords", metadataPrefix="oai_dc")
    assert page.headers[0].get("status") is None
    assert page.dc("title") == ["Định lí Pythagore"]


def test_leaving_a_set_is_told_in_that_set(app: Flask, shelf: Any, ask: Callable[..., Any]) -> None:
    lesson = shelf.put(subject="TOAN")
    shelf.feed()
    shelf.change(lesson, subject="VATLI", grades=[8, 10])
    shelf.feed()

    def status(spec: str) -> str | None:
        page = ask("ListRecords", metadataPrefix="oai_dc", set=spec)
        (header,) = page.headers
        held = [e.text for e in header.iter(f"{OAI}setSpec")]
        assert any(one == spec or one.startswith(spec + ":") for one in held)
        found: str | None = header.get("status")
        return found

    assert status("subject:TOAN") == "deleted"
    assert status("subject:VATLI") is None
    assert status("subject") is None
    assert status("level:THPT") is None
    assert ask("ListRecords", metadataPrefix="oai_dc").headers[0].get("status") is None
    shelf.change(lesson, subject="TOAN")
    shelf.feed()
    assert status("subject:TOAN") is None
    assert status("subject:VATLI") == "deleted"


def test_new_rules_date_all_records_anew(app: Flask, shelf: Any, ask: Callable[..., Any]) -> None:
    lesson, gone = shelf.put(), shelf.put("Bài rút")
    shelf.feed()
    shelf.withdraw(gone)
    shelf.feed()
    age(app, 100)
    before, before_gone = record_of(app, lesson).datestamp, record_of(app, gone).datestamp
    kho = app.extensions["kho"]
    kho.settings = replace(kho.settings, public_url="https://kho.example.edu.vn")
    with app.app_context():
        renew = app.extensions["kho"].worker._jobs["renew feed"]
        assert renew(lambda: False) == 2
        assert renew(lambda: False) == 0
    assert record_of(app, lesson).datestamp > before
    assert record_of(app, gone).datestamp == before_gone, "nothing changed in a tombstone"
    page = ask("ListRecords", metadataPrefix="oai_dc")
    assert page.dc("identifier") == [f"https://kho.example.edu.vn/lessons/{lesson}"]


def test_rebuild_finds_what_no_note_told(app: Flask, shelf: Any, ask: Callable[..., Any]) -> None:
    from app.core.outbox import Note

    shelf.put()
    with app.app_context(), db.transaction() as unit:
        unit.execute(sa.delete(Note))
    answer = app.test_cli_runner().invoke(args=["feed", "rebuild"])
    assert answer.output.strip() == "1"
    assert len(ask("ListRecords", metadataPrefix="oai_dc").headers) == 1


def test_questions_stay_out(app: Flask, shelf: Any) -> None:
    with app.app_context():
        feed.handle("question", uuid.uuid4())
        assert queries.earliest() is None


def test_a_lesson_that_a_format_fails_on_is_told_in_short(
    app: Flask, shelf: Any, ask: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.oai import crosswalk

    def broken(_lesson: crosswalk.Lesson) -> str:
        raise ValueError("poison")

    monkeypatch.setitem(feed.FORMATS, "oai_dc", replace(crosswalk.FORMATS["oai_dc"], write=broken))
    lesson = shelf.put("Bài lạ")
    shelf.feed()
    page = ask("ListRecords", metadataPrefix="oai_dc")
    assert page.dc("title") == ["Bài lạ"]
    assert page.dc("identifier") == [f"http://localhost/lessons/{lesson}"]


def test_a_late_commit_is_not_missed(app: Flask, shelf: Any, ask: Callable[..., Any]) -> None:
    """A writer held up past the second of its datestamp: whoever harvested meanwhile gets the record next time."""
    lesson = shelf.put()
    seen: list[str] = []
    writing, harvested = threading.Event(), threading.Event()

    def hold(_session: Any) -> None:
        if not writing.is_set() and db.session().scalar(sa.select(sa.func.count()).select_from(OaiRecord)):
            writing.set()
            harvested.wait(10)

    def write() -> None:
        sa.event.listen(sa.orm.Session, "before_commit", hold)
        try:
            shelf.feed()
        finally:
            sa.event.remove(sa.orm.Session, "before_commit", hold)

    thread = threading.Thread(target=write)
    thread.start()
    assert writing.wait(10)
    time.sleep(1.1)
    page = ask("ListRecords", metadataPrefix="oai_dc")
    seen += page.identifiers
    assert seen == [], "not committed yet"
    harvested.set()
    thread.join()
    page = ask("ListRecords", metadataPrefix="oai_dc", from_=page.date)
    assert page.identifiers == [record_of(app, lesson).identifier]


def test_from_upload_to_feed(
    as_user: Callable[[str], FlaskClient], drain: Callable[[], None], ask: Callable[..., Any]
) -> None:
    """The whole way by the API: a teacher uploads, a reviewer approves, a partner finds record and file."""
    teacher, reviewer = as_user("giaovien"), as_user("totruong")
    made = teacher.post(
        "/api/v1/resources",
        json={
            "title": "Thí nghiệm về lực đẩy Archimedes",
            "description": "Phiếu học tập.",
            "subject": "KHTN",
            "grades": [8],
            "resource_type": "PHIEU",
            "language": "vi",
            "licence": "CC BY",
            "authors": ["Đỗ Ngọc Ánh"],
            "keywords": ["lực đẩy"],
        },
    )
    assert made.status_code == 201, made.text
    url = f"/api/v1/resources/{made.json['id']}"
    sent = teacher.post(f"{url}/files", data={"file": (BytesIO(b"Phieu hoc tap\n" * 20), "phieu.txt")})
    assert sent.status_code == 201, sent.text
    assert teacher.post(f"{url}/submit").status_code == 200
    drain()
    assert ask("ListRecords", metadataPrefix="oai_dc").error == "noRecordsMatch"
    decided = reviewer.post(f"{url}/reviews", json={"decision": "approve"})
    assert decided.status_code in (200, 201), decided.text
    drain()
    page = ask("ListRecords", metadataPrefix="oai_dc")
    assert page.dc("title") == ["Thí nghiệm về lực đẩy Archimedes"]
    assert page.dc("format") == ["text/plain"]
    (relation,) = page.dc("relation")
    assert relation.startswith(f"http://localhost{url}/files/")
    assert "?" not in relation
    got = teacher.application.test_client().get(relation.removeprefix("http://localhost"))
    assert got.data == b"Phieu hoc tap\n" * 20
