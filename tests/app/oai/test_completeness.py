"""A harvester that goes on while people edit ends with exactly what is public: nothing missed, nothing left over."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core import db
from app.oai.models import OaiMembership, OaiMetadata, OaiRecord
from app.resources.models import PUBLISHED, Resource, ResourceVersion

OAI = "{http://www.openarchives.org/OAI/2.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"
SUBJECTS = ("TOAN", "VATLI", "NGUVAN")

EDIT = st.one_of(
    st.tuples(st.just("put"), st.sampled_from(SUBJECTS)),
    st.tuples(st.just("retitle"), st.integers(0, 30)),
    st.tuples(st.just("move"), st.integers(0, 30), st.sampled_from(SUBJECTS)),
    st.tuples(st.just("withdraw"), st.integers(0, 30)),
    st.tuples(st.just("restore"), st.integers(0, 30)),
)


class Mirror:
    """What a partner holds: title by identifier. Pages may be fetched twice, as after a broken connection."""

    def __init__(self, ask: Callable[..., Any], per_page: int, spec: str | None) -> None:
        self.ask, self.per_page = ask, per_page
        self.arguments = {"metadataPrefix": "oai_dc", **({"set": spec} if spec else {})}
        self.titles: dict[str, str] = {}
        self.since: str | None = None

    def harvest(self, between: Callable[[], None]) -> None:
        extra = {"from_": self.since} if self.since else {}
        page = self.ask("ListRecords", self.per_page, **self.arguments, **extra)
        self.since = page.date
        while page.error is None:
            self._take(page)
            between()
            if page.token is None or not page.token.text:
                return
            token = page.token.text
            self.ask("ListRecords", self.per_page, resumptionToken=token)
            page = self.ask("ListRecords", self.per_page, resumptionToken=token)
        assert page.error == "noRecordsMatch"
        between()

    def _take(self, page: Any) -> None:
        records = list(page.root.iter(f"{OAI}record"))
        assert 1 <= len(records) <= self.per_page
        for record in records:
            header = record.find(f"{OAI}header")
            identifier = header.findtext(f"{OAI}identifier")
            if header.get("status") == "deleted":
                self.titles.pop(identifier, None)
            else:
                self.titles[identifier] = record.findtext(f".//{DC}title")


def wipe(app: Flask) -> None:
    with app.app_context(), db.transaction() as unit:
        for table in (OaiMembership, OaiMetadata, OaiRecord):
            unit.execute(sa.delete(table))
        unit.execute(sa.update(Resource).values(state="draft", current_version_id=None, withdrawn_at=None))


def truth(app: Flask, subject: str | None) -> dict[str, str]:
    with app.app_context():
        rows = db.session().execute(
            sa.select(OaiRecord.identifier, ResourceVersion.title, ResourceVersion.subject)
            .join(Resource, Resource.id == OaiRecord.item_id)
            .join(ResourceVersion, ResourceVersion.id == Resource.current_version_id)
            .where(Resource.state == PUBLISHED)
        )
        return {identifier: title for identifier, title, held in rows if subject in (None, held)}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    ages=st.lists(st.integers(0, 5), min_size=1, max_size=12),
    per_page=st.integers(1, 4),
    edits=st.lists(st.lists(EDIT, max_size=3), max_size=8),
    subject=st.sampled_from([None, *SUBJECTS]),
)
def test_a_harvest_under_edits_misses_nothing(
    app: Flask,
    shelf: Any,
    ask: Callable[..., Any],
    ages: list[int],
    per_page: int,
    edits: list[list[tuple[Any, ...]]],
    subject: str | None,
) -> None:
    wipe(app)
    lessons = [shelf.put(f"Bài {n}", subject=SUBJECTS[n % 3]) for n in range(len(ages))]
    withdrawn: set[uuid.UUID] = set()
    shelf.feed()
    with app.app_context(), db.transaction() as unit:
        for seconds, lesson_id in zip(ages, lessons, strict=True):
            record = unit.scalars(sa.select(OaiRecord).where(OaiRecord.item_id == lesson_id)).one()
            record.datestamp -= timedelta(seconds=seconds)
            for held in unit.scalars(sa.select(OaiMembership).where(OaiMembership.record_id == record.id)):
                held.datestamp = record.datestamp
    waiting = list(edits)
    count = 0

    def edit() -> None:
        nonlocal count
        for what, *how in waiting.pop(0) if waiting else []:
            count += 1
            if what == "put":
                lessons.append(shelf.put(f"Bài thêm {count}", subject=how[0]))
                continue
            lesson_id = lessons[how[0] % len(lessons)]
            if what == "retitle":
                shelf.change(lesson_id, title=f"Sửa lần {count}")
            elif what == "move":
                shelf.change(lesson_id, subject=how[1])
            elif what == "withdraw" and lesson_id not in withdrawn:
                shelf.withdraw(lesson_id)
                withdrawn.add(lesson_id)
            elif what == "restore" and lesson_id in withdrawn:
                shelf.restore(lesson_id)
                withdrawn.remove(lesson_id)
        shelf.feed()

    mirror = Mirror(ask, per_page, f"subject:{subject}" if subject else None)
    unchanged = truth(app, subject)
    mirror.harvest(edit)
    after = truth(app, subject)
    kept = {identifier for identifier, title in unchanged.items() if after.get(identifier) == title}
    assert kept <= mirror.titles.keys(), "a record that stayed as it was is missing"
    while waiting:
        edit()
    mirror.harvest(lambda: None)
    assert mirror.titles == truth(app, subject)


def test_a_page_whose_records_all_moved_on_is_never_empty(app: Flask, shelf: Any, ask: Callable[..., Any]) -> None:
    """All that was left has been edited and lies behind `until`: the list ends, with no error and no empty page."""
    lessons = [shelf.put(f"Bài {n}") for n in range(4)]
    shelf.feed()
    with app.app_context(), db.transaction() as unit:
        moment = db.now().replace(microsecond=0) - timedelta(seconds=100)
        for table in (OaiRecord, OaiMembership):
            for row in unit.scalars(sa.select(table)):
                row.datestamp = moment
    until = ask("ListIdentifiers", metadataPrefix="oai_dc").headers[0].findtext(f"{OAI}datestamp")
    page = ask("ListRecords", 2, metadataPrefix="oai_dc", until=until)
    for lesson_id in lessons[2:]:
        shelf.change(lesson_id, title="Bài khác")
    shelf.feed()
    page = ask("ListRecords", 2, resumptionToken=page.token.text)
    assert page.error is None
    assert len(page.headers) == 1
    assert not page.token.text


def test_large_records_make_short_pages(app: Flask, shelf: Any, ask: Callable[..., Any]) -> None:
    lessons = [shelf.put(f"Bài {n}") for n in range(4)]
    shelf.feed()
    with app.app_context(), db.transaction() as unit:
        for row in unit.scalars(sa.select(OaiMetadata)):
            row.xml = row.xml.replace("</oai_dc:dc>", f"<dc:description>{'x' * 1_900_000}</dc:description></oai_dc:dc>")
    page = ask("ListRecords", metadataPrefix="oai_dc")
    seen = page.identifiers
    assert len(seen) == 2
    page = ask("ListRecords", resumptionToken=page.token.text)
    assert len({*seen, *page.identifiers}) == len(lessons)
    assert not page.token.text
