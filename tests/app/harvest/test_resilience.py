"""Kills, edits during a harvest, clocks that step: the store ends equal to what the provider shares."""

from __future__ import annotations

import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.core import db
from app.harvest import service
from app.harvest.models import HarvestRun, HarvestSource
from app.harvest.service import running
from tests.app.harvest.conftest import Desk, live
from tests.oai_servers import Item, Reply, Small, served, some_items

ROOT = Path(__file__).parent.parent.parent.parent


class Slow(Small):
    pause = 0.0

    def reply(self, method: str, query: str, form: str, headers: Any) -> Reply:
        time.sleep(self.pause)
        return super().reply(method, query, form, headers)


def test_a_killed_harvest_goes_on_at_its_page(app: Flask, desk: Desk) -> None:
    provider = Slow(some_items(60), per_page=5)
    with served(provider) as url:
        source = desk.source(url)
        kept = app.extensions["kho"].settings
        environ = {
            **os.environ, "DATA_DIR": str(kept.data_dir), "HARVEST_PRIVATE": "1", "WORKER": "none",
            "DATABASE_URL": kept.database_url, "SEARCH_URL": kept.search_url, "STORAGE_URL": kept.storage_url,
        }  # fmt: skip
        provider.pause = 0.3
        process = subprocess.Popen(
            [sys.executable, "wsgi.py", "harvest", "run", str(source)],
            cwd=ROOT, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        end = time.monotonic() + 60
        while sum("resumptionToken" in one for one in provider.requests) < 4 and time.monotonic() < end:
            time.sleep(0.02)
        process.send_signal(signal.SIGKILL)
        process.wait()
        provider.pause = 0.0
        before = len(desk.titles())
        assert 10 <= before < len(live(provider))
        run = desk.run(source)
        assert run.state == "done"
        assert desk.titles() == live(provider)
    first_pages = [one for one in provider.requests if one.get("verb") == "ListRecords" and "metadataPrefix" in one]
    assert len(first_pages) == 1, "it did not begin again"


def test_two_workers_do_not_share_a_run(app: Flask, desk: Desk) -> None:
    with served(Small(some_items(3))) as url:
        source = desk.source(url)
        with app.app_context():
            run = service.start(desk.viewer, source)
            assert service.start(desk.viewer, source).id == run.id
            claimed = running._claim()
            assert claimed is not None
            assert running._claim() is None
            running._held.discard(claimed[1])
            again = running._claim()
            assert again is not None, "whoever held it is gone"
            turn = running._Turn(None, run.id, claimed[1])  # type: ignore[arg-type]
            try:
                with db.transaction() as unit:
                    turn._rows(unit)
                lost = False
            except running._Lost:
                lost = True
            assert lost


def test_the_schedule(app: Flask, desk: Desk, drain: Callable[[], None]) -> None:
    provider = Small(some_items(4))
    with served(provider) as url:
        source = desk.source(url, every_s=3600)
        drain()
        assert desk.titles() == live(provider)
        stored = desk.stored(source)
        assert stored.next_at is not None
        assert timedelta(minutes=58) < stored.next_at - datetime.now(UTC) < timedelta(minutes=61)
        count = len(provider.requests)
        drain()
        assert len(provider.requests) == count
        with app.app_context(), db.transaction() as unit:
            unit.get_one(HarvestSource, source).next_at = datetime.now(UTC) - timedelta(seconds=1)
        drain()
        assert len(provider.requests) > count
        paused = desk.source(url, every_s=3600, active=False)
        drain()
        with app.app_context():
            assert db.session().query(HarvestRun).filter_by(source_id=paused).count() == 0


def test_waiting_is_a_time_in_the_row(app: Flask, desk: Desk, drain: Callable[[], None]) -> None:
    """Retry-After is kept: nobody sleeps, nobody asks earlier."""

    class Busy(Small):
        def reply(self, method: str, query: str, form: str, headers: Any) -> Reply:
            self.requests.append({})
            return Reply("", 503, {"Retry-After": "900"})

    provider = Busy([])
    with served(provider) as url:
        source = desk.source(url)
        with app.app_context():
            run = service.start(desk.viewer, source)
        began = time.monotonic()
        drain()
        drain()
        assert time.monotonic() - began < 5
        assert len(provider.requests) == 1
        with app.app_context():
            kept = db.session().get_one(HarvestRun, run.id)
            assert kept.state == "running"
            assert timedelta(minutes=14) < kept.resume_at - datetime.now(UTC) <= timedelta(minutes=15)
            from app.harvest import queries

            assert queries.words(kept.problem) == "Nguồn đang bận và hẹn lúc khác."


class Moving(Small):
    """A provider whose clock may step; it keeps its datestamps in order, as the protocol asks."""

    shift = timedelta()
    last = datetime.min.replace(tzinfo=UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self.shift

    def touch(self, item: Item) -> None:
        self.last = item.datestamp = max(self.now().replace(microsecond=0), self.last)


counter = itertools.count()
ACT = st.one_of(
    st.tuples(st.just("put")),
    st.tuples(st.just("edit"), st.integers(0, 60)),
    st.tuples(st.just("delete"), st.integers(0, 60)),
    st.tuples(st.just("restore"), st.integers(0, 60)),
    st.tuples(st.just("clock"), st.integers(-1500, 1500)),
    st.tuples(st.just("crash")),
    st.tuples(st.just("cut")),
    st.tuples(st.just("next")),
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(count=st.integers(0, 25), per_page=st.integers(1, 7), acts=st.lists(ACT, max_size=40))
def test_any_order_of_events(app: Flask, desk: Desk, count: int, per_page: int, acts: list[tuple[Any, ...]]) -> None:
    host = f"h{next(counter)}.example.org"
    provider = Moving(some_items(count, host), per_page=per_page)
    served_ever: set[tuple[str, str]] = {(i.identifier, i.title) for i in provider.items.values() if not i.deleted}
    cut_next = False

    def reply(method: str, query: str, form: str, headers: Any) -> Reply:
        nonlocal cut_next
        found = Small.reply(provider, method, query, form, headers)
        if cut_next:
            cut_next = False
            text = str(found.body).encode()
            return Reply(text[: len(text) // 2], 200, {"X-Cut": str(len(text))})
        return found

    provider.reply = reply  # type: ignore[method-assign]
    with served(provider) as url:
        source = desk.source(url)
        turn: Any = None
        with app.app_context():
            for what, *how in acts:
                items = list(provider.items.values())
                if what == "put":
                    item = Item(f"oai:{host}:p{len(items)}", provider.now(), f"Thêm {len(items)}")
                    provider.touch(item)
                    provider.items[item.identifier] = item
                    served_ever.add((item.identifier, item.title))
                elif what in ("edit", "delete", "restore") and items:
                    item = items[how[0] % len(items)]
                    item.deleted = what == "delete"
                    item.title = f"{item.title}·" if what == "edit" else item.title
                    provider.touch(item)
                    if not item.deleted:
                        served_ever.add((item.identifier, item.title))
                elif what == "clock":
                    provider.shift = timedelta(seconds=how[0])
                elif what == "cut":
                    cut_next = True
                elif what == "crash" and turn is not None:
                    running._held.discard(turn[1]._lease)
                    turn[0].__exit__(None, None, None)
                    turn = None
                elif what == "next":
                    if turn is None:
                        run = service.start(desk.viewer, source)
                        time.sleep(0.015)
                        claimed = running._claim(run.id)
                        if claimed is None:
                            continue
                        calling = running.Client(url, "a", "b", private_allowed=True)
                        turn = (calling, running._Turn(calling, *claimed))
                    if not turn[1].step():
                        running._held.discard(turn[1]._lease)
                        turn[0].__exit__(None, None, None)
                        turn = None
                    shown = {(key, title) for key, title in desk.titles(source).items()}
                    assert shown <= served_ever, "shown here, but never shared there"
            if turn is not None:
                running._held.discard(turn[1]._lease)
        cut_next = False
        desk.run(source)
        last = desk.run(source)
        assert last.state == "done"
        assert desk.titles(source) == live(provider)
