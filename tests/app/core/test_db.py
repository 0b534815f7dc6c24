"""transaction(): one commit, joined units, doom; and the outbox that rides on it."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import service
from app.accounts.models import LoginThrottle, Unit
from app.core import db, outbox
from storage.port import StorageUnavailable


def _count(app: Flask) -> int:
    with app.app_context():
        return db.session().scalar(sa.select(sa.func.count()).select_from(Unit)) or 0


def test_an_inner_failure_dooms_the_whole(app: Flask) -> None:
    before = _count(app)
    with app.app_context():
        with pytest.raises(RuntimeError, match="inner unit failed"), db.transaction():
            service.add_unit("department", "Sở A", "01")
            try:
                with db.transaction():
                    raise ValueError
            except ValueError:
                pass
    assert _count(app) == before


def test_joined_units_commit_together(app: Flask) -> None:
    before = _count(app)
    with app.app_context(), db.transaction():
        service.add_unit("department", "Sở A", "01")
        service.add_unit("department", "Sở B", "04")
    assert _count(app) == before + 2


def test_a_unit_after_reads_can_write_beside_other_writers(app: Flask) -> None:
    """A deferred transaction that turned to writing would fail here at once."""
    errors: list[Exception] = []

    def write(number: int) -> None:
        try:
            for _ in range(10):
                with app.app_context():
                    db.session().scalar(sa.select(sa.func.count()).select_from(Unit))
                    with db.transaction() as unit:
                        found = unit.get(LoginThrottle, "dem", with_for_update=True, populate_existing=True)
                        if found is None:
                            unit.add(LoginThrottle(login="dem", failures=1))
                        else:
                            found.failures += 1
        except Exception as error:
            errors.append(error)

    with app.app_context(), db.transaction() as unit:
        unit.add(LoginThrottle(login="dem", failures=0))
    threads = [threading.Thread(target=write, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with app.app_context():
        assert db.session().get_one(LoginThrottle, "dem").failures == 60


def test_ids_sort_by_time() -> None:
    made = [db.new_id() for _ in range(100)]
    assert all(one.version == 7 and one.variant == uuid.RFC_4122 for one in made)
    assert len(set(made)) == 100


def test_a_note_outside_a_unit_is_refused(app: Flask) -> None:
    with app.app_context(), pytest.raises(RuntimeError, match="lost"):
        outbox.note("resource", uuid.uuid4())


def test_a_rolled_back_note_is_gone(app: Flask) -> None:
    with app.app_context():
        with pytest.raises(ValueError), db.transaction():
            outbox.note("resource", uuid.uuid4())
            raise ValueError
        assert outbox.waiting().waiting == 0


def test_a_failing_note_is_tried_again_and_then_dead(app: Flask, drain: Callable[[], None]) -> None:
    worker = app.extensions["kho"].worker
    calls: list[uuid.UUID] = []

    def fail(_kind: str, item: uuid.UUID) -> None:
        calls.append(item)
        raise OSError("away")

    worker._handlers["text"] = fail
    with app.app_context():
        with db.transaction():
            outbox.note("blob", uuid.uuid4())
        for _ in range(outbox.DEAD_AFTER):
            worker.drain_once("text")
            with db.transaction() as unit:
                unit.execute(sa.update(outbox.Note).values(due_at=db.now()))
        state = outbox.waiting()
        worker.drain_once("text")
    assert len(calls) == outbox.DEAD_AFTER
    assert (state.waiting, state.dead) == (0, 1)


def test_two_notes_of_one_thing_are_applied_once(app: Flask) -> None:
    worker = app.extensions["kho"].worker
    calls: list[uuid.UUID] = []
    worker._handlers["text"] = lambda _kind, item: calls.append(item)
    item = uuid.uuid4()
    with app.app_context():
        with db.transaction():
            outbox.note("blob", item)
            outbox.note("blob", item)
        worker.drain("text")
        assert outbox.waiting().waiting == 0
    assert calls == [item]


def test_several_workers_share_the_notes(app: Flask) -> None:
    """No note is applied twice, none is left, though all workers take at once."""
    worker = app.extensions["kho"].worker
    lock = threading.Lock()
    calls: list[uuid.UUID] = []
    errors: list[Exception] = []

    def apply(_kind: str, item: uuid.UUID) -> None:
        with lock:
            calls.append(item)

    worker._handlers["text"] = apply
    items = [uuid.uuid4() for _ in range(250)]
    with app.app_context(), db.transaction():
        for item in items:
            outbox.note("blob", item)

    def work() -> None:
        try:
            with app.app_context():
                while worker.drain_once("text"):
                    pass
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(calls) == sorted(items)
    with app.app_context():
        assert outbox.waiting().waiting == 0


def test_what_a_dead_worker_had_taken_falls_due_again(app: Flask) -> None:
    worker = app.extensions["kho"].worker
    calls: list[uuid.UUID] = []
    worker._handlers["text"] = lambda _kind, item: calls.append(item)
    with app.app_context():
        with db.transaction():
            outbox.note("blob", uuid.uuid4())
        with db.transaction():
            assert len(outbox.take("text")) == 1  # and its taker dies
        worker.drain("text")
        assert calls == []
        assert outbox.waiting().waiting == 1
        with db.transaction() as unit:
            (due,) = unit.scalars(sa.select(outbox.Note.due_at))
            assert 0 < (due - db.now()).total_seconds() < 60
            unit.execute(sa.update(outbox.Note).values(due_at=db.now()))
        worker.drain("text")
        assert len(calls) == 1


def test_notes_outlive_an_engine_that_is_away(app: Flask) -> None:
    worker = app.extensions["kho"].worker
    calls: list[uuid.UUID] = []

    def away(_kind: str, item: uuid.UUID) -> None:
        calls.append(item)
        raise StorageUnavailable("no answer")

    worker._handlers["text"] = away
    with app.app_context():
        with db.transaction():
            for _ in range(5):
                outbox.note("blob", uuid.uuid4())
        for _ in range(3 * outbox.DEAD_AFTER):
            worker.drain_once("text")
            with db.transaction() as unit:
                unit.execute(sa.update(outbox.Note).values(due_at=db.now()))
        assert len(calls) == 3 * outbox.DEAD_AFTER  # one is tried each round, not all five
        state = outbox.waiting()
        assert (state.waiting, state.dead) == (5, 0)
        worker._handlers["text"] = lambda _kind, _item: None
        worker.drain("text")
        assert outbox.waiting().waiting == 0
