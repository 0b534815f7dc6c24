"""Harvesting servers that behave like the ones out there, without losing a record."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.app.harvest.conftest import live
from tests.oai_servers import Item, LikeBroken, LikeDspace, LikeEprints, LikeInvenio, Small, served, some_items


def test_a_right_server(desk: Any) -> None:
    provider = Small(some_items(57))
    with served(provider) as url:
        source = desk.source(url)
        run = desk.run(source)
        assert (run.state, run.records, run.deleted, run.skipped) == ("done", 49, 8, 0)
        assert desk.titles() == live(provider)
        assert desk.stored(source).name == "Kho nhỏ"
        again = desk.run(source)
        assert (again.records, again.deleted) == (0, 0)
        moment = datetime.now(UTC)
        provider.items["oai:small.example.org:1"].title = "Bài sửa"
        provider.items["oai:small.example.org:1"].datestamp = moment
        provider.items["oai:small.example.org:2"].deleted = True
        provider.items["oai:small.example.org:2"].datestamp = moment
        provider.items["oai:small.example.org:5"].deleted = False
        provider.items["oai:small.example.org:5"].datestamp = moment
        third = desk.run(source)
        assert (third.state, third.records, third.deleted) == ("done", 2, 1)
        assert desk.titles() == live(provider)
        asked = [one for one in provider.requests if "from" in one]
        assert len(asked) == 2


def test_dspace(desk: Any) -> None:
    """One record breaks its page: it alone is missing, is asked for again, and comes once it is mended."""
    provider = LikeDspace(some_items(43))
    provider.poisoned = frozenset({"oai:small.example.org:22"})
    with served(provider) as url:
        source = desk.source(url)
        run = desk.run(source)
        assert run.state == "done"
        assert run.skipped == 1
        assert run.rejects[0]["identifier"] == "oai:small.example.org:22"
        wanted = live(provider)
        wanted.pop("oai:small.example.org:22")
        assert desk.titles() == wanted
        provider.poisoned = frozenset()
        again = desk.run(source)
        assert (again.state, again.records, again.skipped) == ("done", 1, 0)
        assert desk.titles() == live(provider)


def test_invenio(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """422 is an answer; tokens die; deletes are denied, so a look through the whole list finds them."""
    provider = LikeInvenio(some_items(61))
    with served(provider) as url:
        source = desk.source(url)
        run = desk.run(source)
        assert run.state == "done"
        assert desk.titles() == live(provider)
        provider.items["oai:small.example.org:3"].deleted = True
        desk.run(source, "changes")
        assert "oai:small.example.org:3" in desk.titles()
        check = desk.run(source)
        assert (check.kind, check.state, check.deleted) == ("check", "done", 1)
        assert desk.titles() == live(provider)
        for item in provider.items.values():
            item.datestamp = datetime(2031, 1, 1, tzinfo=UTC)
        provider.matching = lambda state: []  # type: ignore[method-assign]
        empty = desk.run(source, "changes")
        assert (empty.state, empty.records, empty.deleted) == ("done", 0, 0)
        assert desk.titles() == live(provider)


def test_tokens_that_die(desk: Any) -> None:
    """A server whose tokens never live to be used: the time is cut until a page holds all of a stretch."""
    provider = LikeInvenio(some_items(40), per_page=10)
    provider.lifetime_s = -1
    with served(provider) as url:
        run = desk.run(desk.source(url))
        assert run.state == "failed"
        assert run.problem["code"] == "tokens"
        # what could be had is there
        assert len(desk.titles()) >= 8


def test_eprints(desk: Any) -> None:
    """Days only, arguments as tokens, control characters and HTML's entities in the text."""
    provider = LikeEprints(some_items(33))
    with served(provider) as url:
        source = desk.source(url)
        run = desk.run(source)
        assert run.state == "done"
        assert run.recovered == len(provider.items)
        assert desk.titles() == {key: f"{title} A & B" for key, title in live(provider).items()}
        provider.items["oai:small.example.org:1"].title = "Bài sửa"
        provider.items["oai:small.example.org:1"].datestamp = datetime.now(UTC)
        assert desk.run(source).records == 1
        assert [one["from"] for one in provider.requests if "from" in one][0].count("-") == 2


@pytest.mark.parametrize("trouble", ["busy", "busy_date", "error", "cut", "tag"])
def test_trouble_on_the_way(desk: Any, trouble: str) -> None:
    provider = LikeBroken(some_items(35), troubles=["", trouble, trouble, "", trouble])
    with served(provider) as url:
        run = desk.run(desk.source(url))
        assert run.state == "done"
        assert run.skipped == 0
        assert desk.titles() == live(provider)


def test_a_server_that_is_down(desk: Any) -> None:
    provider = LikeBroken(some_items(35), troubles=["", "", *["error"] * 100])
    with served(provider) as url:
        source = desk.source(url)
        run = desk.run(source)
        assert run.state == "failed"
        provider.troubles.clear()
        again = desk.run(source)
        assert again.state == "done"
        assert desk.titles() == live(provider)
    down = desk.run(source)
    assert (down.state, down.problem["code"]) == ("failed", "connect")
    assert desk.titles() == live(provider)


def test_many_gone_at_once_wait_for_a_person(desk: Any) -> None:
    from app.harvest import service

    provider = LikeInvenio(some_items(30))
    with served(provider) as url:
        source = desk.source(url)
        desk.run(source)
        before = live(provider)
        for n in range(0, 12):
            provider.items[f"oai:small.example.org:{n}"].deleted = True
        run = desk.run(source, "check")
        assert run.state == "done"
        assert run.problem["code"] == "many_missing"
        assert desk.titles() == before
        assert desk.stored(source).missing == run.problem["missing"] > 5
        with desk.app.app_context():
            service.confirm_missing(desk.viewer, source, delete=True)
        assert desk.titles() == live(provider)


def test_an_empty_answer_to_a_full_harvest_deletes_nothing(desk: Any) -> None:
    provider = LikeInvenio(some_items(12))
    with served(provider) as url:
        source = desk.source(url)
        desk.run(source)
        before = desk.titles()
        assert before
        provider.matching = lambda state: []  # type: ignore[method-assign]
        run = desk.run(source, "check")
        assert run.state == "done"
        assert run.problem["code"] == "many_missing"
        assert desk.titles() == before


def test_a_set(desk: Any) -> None:
    provider = Small(some_items(30))
    with served(provider) as url:
        source = desk.source(url, spec="math:geometry")
        desk.run(source)
        wanted = {i.identifier: i.title for i in provider.items.values() if not i.deleted and "math:geometry" in i.sets}
        assert desk.titles(source) == wanted
        # The same thing from two sets of one server is one lesson; deleted in one set it stays in the other.
        whole = desk.source(url)
        desk.run(whole)
        assert len(desk.titles(whole)) == len(live(provider))
        one = next(iter(wanted))
        records = desk.records(source)[one], desk.records(whole)[one]
        assert records[0].resource_id == records[1].resource_id


def test_an_unending_list_ends(desk: Any) -> None:
    provider = Small(some_items(9), per_page=3)
    provider.seal = lambda state: "same"  # type: ignore[method-assign]
    provider.unseal = lambda token: {  # type: ignore[method-assign]
        "verb": "ListRecords", "since": None, "until": None, "set": None, "cursor": 0, "last": None,
    }  # fmt: skip
    with served(provider) as url:
        run = desk.run(desk.source(url))
        assert run.state == "failed"
        assert run.problem["code"] in ("going_round", "tokens")


def test_large_lists_are_cut_in_time(desk: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A long list that breaks half way (as Zenodo's do) is fetched in stretches of time."""
    monkeypatch.setattr("app.harvest.service.running.SMALL_WINDOW", 20)
    items = [
        Item(f"oai:small.example.org:{n}", datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=n), f"Bài {n}")
        for n in range(120)
    ]

    class Deep(Small):
        def listed(self, arguments: dict[str, str]) -> str:
            if self.state(arguments)["cursor"] >= 40:
                from tests.oai_servers import ServerError

                raise ServerError
            return super().listed(arguments)

    provider = Deep(items)
    with served(provider) as url:
        run = desk.run(desk.source(url))
        assert run.state == "done"
        assert run.skipped == 0
        assert desk.titles() == live(provider)
