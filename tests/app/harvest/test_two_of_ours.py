"""Two installations harvest each other while people publish, edit and withdraw: they end equal, without echoes."""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import queries as accounts
from app.core import db
from app.core.access import Viewer
from app.harvest import service
from app.resources.models import PUBLISHED, Resource, ResourceVersion
from tests.app.harvest.conftest import Desk, on_the_air
from tests.app.oai.conftest import Shelf


def desk_and_shelf(app: Flask) -> tuple[Desk, Shelf]:
    with app.app_context():
        librarian, teacher = accounts.user_by_login("thuvien"), accounts.user_by_login("giaovien")
        assert librarian is not None and teacher is not None
        viewer: Viewer = accounts.viewer_of(librarian)
        (unit_id,) = accounts.viewer_of(teacher).unit_ids
    return Desk(app, viewer), Shelf(app, teacher, unit_id)


def lessons(app: Flask, own: bool) -> list[tuple[Any, ...]]:
    """Public lessons, ours or harvested, as a reader sees them."""
    with app.app_context():
        query = (
            sa.select(
                ResourceVersion.title,
                ResourceVersion.subject,
                ResourceVersion.grades,
                ResourceVersion.resource_type,
                ResourceVersion.licence,
                ResourceVersion.language,
                ResourceVersion.authors,
                Resource.origin_province,
            )
            .join(Resource, Resource.current_version_id == ResourceVersion.id)
            .where(Resource.state == PUBLISHED, Resource.origin.is_(None) if own else Resource.origin.is_not(None))
        )
        return sorted((str(row) for row in db.session().execute(query)), key=str)


def found(app: Flask, text: str) -> set[str]:
    items = app.test_client().get(f"/api/v1/search?type=resource&per_page=100&q={text}").get_json()["items"]
    return {item["title"] for item in items}


@pytest.mark.parametrize("seed", [1, 2])
def test_they_end_equal(app: Flask, second: Flask, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr("app.harvest.service.running.PAUSE_S", 0.01)
    monkeypatch.setattr("app.oai.verbs.PER_PAGE", 7)
    dice = random.Random(seed)
    sides = [desk_and_shelf(app), desk_and_shelf(second)]
    with on_the_air(app) as here, on_the_air(second) as there:
        sources = [sides[0][0].source(f"{there}/oai"), sides[1][0].source(f"{here}/oai")]
        held: list[list[uuid.UUID]] = [[], []]
        withdrawn: set[uuid.UUID] = set()
        for turn in range(40):
            side = dice.randrange(2)
            shelf = sides[side][1]
            what = dice.choice(["put", "put", "put", "retitle", "move", "withdraw", "restore", "harvest"])
            if what == "put" or not held[side]:
                subject, grade = dice.choice([("TOAN", 8), ("VATLI", 11), ("NGUVAN", 9)])
                held[side].append(
                    shelf.put(
                        f"Bài {turn} của bên {side}",
                        subject=subject,
                        grades=[grade],
                        province=dice.choice(["79", "92", "74"]),
                        resource_type=dice.choice(["BGDT", "VIDEO", "KHBD"]),
                        licence=dice.choice(["CC BY-SA", "CC0", "SECTOR"]),
                    )
                )
            elif what == "harvest":
                shelf.feed()
                sides[1][1].feed()
                run = sides[side][0].run(sources[side])
                assert run.state == "done", run.problem
            else:
                lesson = dice.choice(held[side])
                if what == "retitle":
                    shelf.change(lesson, title=f"Sửa lần {turn}")
                elif what == "move":
                    shelf.change(lesson, subject="HOAHOC", grades=[10, 11])
                elif what == "withdraw" and lesson not in withdrawn:
                    shelf.withdraw(lesson)
                    withdrawn.add(lesson)
                elif what == "restore" and lesson in withdrawn:
                    shelf.restore(lesson)
                    withdrawn.discard(lesson)
        for _desk, shelf in sides:
            shelf.feed()
        for _round in range(2):
            for (desk, _shelf), source in zip(sides, sources, strict=True):
                run = desk.run(source)
                assert (run.state, run.skipped) == ("done", 0)
        assert run.records == 0, "the last round brought nothing new"
        assert lessons(app, own=False) == lessons(second, own=True) != []
        assert lessons(second, own=False) == lessons(app, own=True) != []
        for made in (app, second):
            with made.app_context():
                made.extensions["kho"].worker.drain("index")
        assert found(app, "") == found(second, "")


def test_files_come_along(app: Flask, second: Flask, as_user: Callable[[str], Any]) -> None:
    import io

    with on_the_air(app) as here, on_the_air(second):
        teacher = as_user("giaovien")
        lesson = teacher.post(
            "/api/v1/resources",
            json={
                "title": "Bài có tệp", "description": "Xem tệp.", "subject": "TOAN", "grades": [8],
                "resource_type": "PHIEU", "language": "vi", "licence": "CC BY", "authors": ["Ánh"],
            },
        ).get_json()  # fmt: skip
        place = f"/api/v1/resources/{lesson['id']}"
        sent = teacher.post(f"{place}/files", data={"file": (io.BytesIO(b"noi dung phieu " * 99), "phieu.txt")})
        assert sent.status_code == 201
        teacher.post(f"{place}/submit")
        assert as_user("totruong").post(f"{place}/reviews", json={"decision": "approve"}).status_code in (200, 201)
        with app.app_context():
            app.extensions["kho"].worker.drain()
        desk, _shelf = desk_and_shelf(second)
        source = desk.source(f"{here}/oai", files="all")
        run = desk.run(source)
        assert run.records == 1
        with second.app_context():
            second.extensions["kho"].worker.drain()
        client = second.test_client()
        (hit,) = client.get("/api/v1/search?q=bài có tệp").get_json()["items"]
        (file,) = client.get(f"/api/v1/resources/{hit['id']}").get_json()["files"]
        assert file["name"] == "phieu.txt"
        assert file["sha256"] == sent.get_json()["sha256"]
        # What stands in the file is found, too.
        assert client.get("/api/v1/search?q=noi dung phieu").get_json()["total"] == 1


def test_a_third_party_does_not_bring_our_own_back(app: Flask, desk: Desk, people: dict[str, Any]) -> None:
    """An aggregator passes on our lessons, with and without saying so: they do not come in again."""
    from tests.oai_servers import BEGAN, Item, Small, served

    _desk, shelf = desk_and_shelf(app)
    with on_the_air(app) as here:
        ours = shelf.put("Bài của ta")
        shelf.feed()
        about = (
            '<provenance xmlns="http://www.openarchives.org/OAI/2.0/provenance">'
            '<originDescription harvestDate="2026-01-01T00:00:00Z" altered="{altered}"><baseURL>{base}</baseURL>'
            "<identifier>{identifier}</identifier><datestamp>2025-01-01</datestamp>"
            "<metadataNamespace>http://www.openarchives.org/OAI/2.0/oai_dc/</metadataNamespace>{inner}"
            "</originDescription></provenance>"
        )
        other = {"base": "http://mirror.example.org/oai", "identifier": "oai:mirror:1", "altered": "false"}
        inner = about.format(base=f"{here}/oai/", identifier="oai:kho:1", altered="true", inner="")
        nested = inner[inner.index("<originDescription") : inner.index("</provenance>")]
        provider = Small(
            [
                Item(f"oai:kho-chung.edu.vn:resource/{ours}", BEGAN, "Bài của ta, không ghi nguồn"),
                Item("oai:hub:2", BEGAN, "Bài của ta, có ghi nguồn",
                     about=about.format(base=f"{here}/oai", identifier=f"oai:kho-chung.edu.vn:resource/{ours}",
                                        altered="false", inner="")),
                Item("oai:hub:3", BEGAN, "Bài của ta, sửa qua hai nơi", about=about.format(inner=nested, **other)),
                Item("oai:hub:4", BEGAN, "Bài của nơi khác", about=about.format(inner="", **other)),
                Item(f"oai:kho-chung.edu.vn:resource/{uuid.uuid4()}", BEGAN, "Bài của kho cùng tên"),
            ]
        )  # fmt: skip
        with served(provider) as url:
            source = desk.source(url)
            run = desk.run(source)
        assert (run.state, run.records, run.skipped) == ("done", 2, 3)
        assert set(desk.titles().values()) == {"Bài của nơi khác", "Bài của kho cùng tên"}
        # The same thing straight from where it is: one lesson, now told by the nearer source.
        mirror = Small([Item("oai:mirror:1", BEGAN, "Bài của nơi khác, bản gốc")])
        with served(mirror) as url:
            nearer = desk.source(url)
            desk.run(nearer)
        assert desk.titles(nearer) == {"oai:mirror:1": "Bài của nơi khác, bản gốc"}
        assert desk.titles(source)["oai:hub:4"] == "Bài của nơi khác, bản gốc"
        assert desk.records(source)["oai:hub:4"].state == "double"


def test_what_a_person_withdrew_stays_withdrawn(app: Flask, desk: Desk) -> None:
    from app.resources import service as resources
    from tests.oai_servers import Small, served, some_items

    provider = Small(some_items(2))
    with served(provider) as url:
        source = desk.source(url)
        desk.run(source)
        row = desk.records(source)["oai:small.example.org:0"]
        with app.app_context():
            resources.withdraw(desk.viewer, row.resource_id, "Không phù hợp")
        from datetime import UTC, datetime

        provider.items["oai:small.example.org:0"].title = "Bài số 0, sửa"
        provider.items["oai:small.example.org:0"].datestamp = datetime.now(UTC)
        assert desk.run(source).state == "done"
        assert set(desk.titles()) == {"oai:small.example.org:1"}
    with app.app_context():
        assert service.remap(source) == 2
        while service.remap_some():
            pass
    assert set(desk.titles()) == {"oai:small.example.org:1"}
