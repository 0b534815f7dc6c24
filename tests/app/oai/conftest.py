"""Lessons for the feed, the pages of the feed checked against its schemas, and a served copy for real clients."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from lxml import etree
from werkzeug.serving import make_server

import app.oai
from app.accounts.models import User
from app.core import db, outbox
from app.oai import verbs
from app.oai.pages import repository
from app.resources.models import PUBLISHED, WITHDRAWN, Resource, ResourceVersion

OAI = "{http://www.openarchives.org/OAI/2.0/}"
DC = "{http://purl.org/dc/elements/1.1/}"
SCHEMA = etree.XMLSchema(etree.parse(Path(app.oai.__file__).parent / "schemas" / "all.xsd"))


@dataclass
class Page:
    """One answer, valid by the schemas."""

    root: Any = field(repr=False)

    @property
    def error(self) -> str | None:
        found = self.root.find(f"{OAI}error")
        return None if found is None else found.get("code")

    @property
    def request(self) -> dict[str, str]:
        return dict(self.root.find(f"{OAI}request").attrib)

    @property
    def date(self) -> str:
        return self.root.findtext(f"{OAI}responseDate")

    @property
    def headers(self) -> list[Any]:
        return list(self.root.iter(f"{OAI}header"))

    @property
    def identifiers(self) -> list[str]:
        return [header.findtext(f"{OAI}identifier") for header in self.headers]

    @property
    def token(self) -> Any:
        return self.root.find(f".//{OAI}resumptionToken")

    def dc(self, name: str) -> list[str]:
        return [element.text for element in self.root.iter(DC + name)]


def valid(text: bytes | str) -> Page:
    root = etree.fromstring(text if isinstance(text, bytes) else text.encode())
    SCHEMA.assertValid(root)
    return Page(root)


@pytest.fixture
def ask(app: Flask) -> Callable[..., Page]:
    """One answer of the verbs; arguments as keywords (`from_`), `per_page` to make pages small."""

    def run(verb: str, per_page: int = verbs.PER_PAGE, **arguments: str) -> Page:
        pairs = [("verb", verb), *((name.rstrip("_"), value) for name, value in arguments.items())]
        with app.app_context():
            return valid(verbs.answer(pairs, replace(repository(), per_page=per_page)))

    return run


@dataclass
class Shelf:
    """Lessons written straight into their tables, with the notes that the lessons' service would leave."""

    app: Flask
    owner: User
    unit_id: uuid.UUID

    def put(self, title: str = "Định lí Pythagore", **fields: Any) -> uuid.UUID:
        province = fields.pop("province", "79")
        described = {
            "description": "", "subject": "TOAN", "grades": [8], "resource_type": "BGDT", "language": "vi",
            "licence": "CC BY-SA", "authors": ["Đỗ Ngọc Ánh"], "keywords": [], "topics": [], **fields,
        }  # fmt: skip
        with self.app.app_context(), db.transaction() as unit:
            moment = db.now()
            lesson = Resource(
                state="draft", owner_id=self.owner.id, unit_id=self.unit_id, origin_province=province,
                revision=1, created_at=moment, changed_at=moment,
            )  # fmt: skip
            unit.add(lesson)
            unit.flush()
            version = ResourceVersion(
                resource_id=lesson.id, number=1, title=title, created_at=moment, published_at=moment, **described
            )
            unit.add(version)
            unit.flush()
            lesson.state, lesson.published_at, lesson.current_version_id = PUBLISHED, moment, version.id
            outbox.note("resource", lesson.id)
            return lesson.id

    def change(self, lesson_id: uuid.UUID, **fields: Any) -> None:
        with self.app.app_context(), db.transaction() as unit:
            lesson = unit.get_one(Resource, lesson_id)
            version = unit.get_one(ResourceVersion, lesson.current_version_id)
            for name, value in fields.items():
                setattr(version, name, value)
            lesson.revision += 1
            outbox.note("resource", lesson_id)

    def withdraw(self, lesson_id: uuid.UUID) -> None:
        with self.app.app_context(), db.transaction() as unit:
            lesson = unit.get_one(Resource, lesson_id)
            lesson.state, lesson.withdrawn_at, lesson.withdraw_reason = WITHDRAWN, db.now(), "Sai nội dung"
            lesson.revision += 1
            outbox.note("resource", lesson_id)

    def restore(self, lesson_id: uuid.UUID) -> None:
        with self.app.app_context(), db.transaction() as unit:
            lesson = unit.get_one(Resource, lesson_id)
            lesson.state, lesson.withdrawn_at, lesson.withdraw_reason = PUBLISHED, None, None
            lesson.revision += 1
            outbox.note("resource", lesson_id)

    def feed(self) -> None:
        with self.app.app_context():
            self.app.extensions["kho"].worker.drain("feed")


@pytest.fixture
def shelf(app: Flask, people: dict[str, User]) -> Shelf:
    from app.accounts import queries

    with app.app_context():
        (unit_id,) = queries.viewer_of(people["giaovien"]).unit_ids
    return Shelf(app, people["giaovien"], unit_id)


@pytest.fixture
def live(app: Flask) -> Iterator[str]:
    """The application served on a port of its own; gives the address of the feed."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    public = f"http://127.0.0.1:{server.server_port}"
    app.extensions["kho"].settings = replace(app.extensions["kho"].settings, public_url=public)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"{public}/oai"
    server.shutdown()
    thread.join()
    server.server_close()
