"""The worker: one lane after another takes notes from the outbox and applies them.

Under `make run` each lane is a thread; in production `kho worker` runs the same lanes as a process.
Beside the lanes one thread goes round the chores: what falls due by the clock and not by a change; and long
work with a queue of its own, such as harvesting, has a lane to itself: a job.
"""

from __future__ import annotations

import threading
import time
import uuid
from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

from app.core import db, errors, outbox
from search.port import SearchUnavailable
from storage.port import StorageUnavailable

if TYPE_CHECKING:
    from flask import Flask

Handler = Callable[[str, uuid.UUID], object]
Chore = Callable[[], object]
Job = Callable[[Callable[[], bool]], int]
"""One round of work, told how to ask whether to stop; returns how much was done, 0 when nothing is due."""
ROUND_S = 5.0
AWAY = (SearchUnavailable, StorageUnavailable, errors.Unavailable)
log = structlog.get_logger()


class Worker:
    def __init__(
        self,
        app: Flask,
        handlers: dict[str, Handler],
        chores: dict[str, Chore] | None = None,
        jobs: dict[str, Job] | None = None,
    ) -> None:
        self._app = app
        self._handlers = handlers
        self._jobs = jobs or {}
        self._chores = chores or {}
        self._threads: list[threading.Thread] = []
        self._stopping = threading.Event()
        self._wakes = {lane: threading.Event() for lane in (*handlers, *self._jobs)}

    @property
    def running(self) -> bool:
        return bool(self._threads)

    def wake(self) -> None:
        for event in self._wakes.values():
            event.set()

    def start(self) -> None:
        for lane in (*self._handlers, *self._jobs):
            thread = threading.Thread(target=self._run, args=(lane,), name=f"worker-{lane}", daemon=True)
            thread.start()
            self._threads.append(thread)
        if self._chores:
            thread = threading.Thread(target=self._go_round, name="worker-chores", daemon=True)
            thread.start()
            self._threads.append(thread)

    def stop(self, timeout: float = 10.0) -> None:
        self._stopping.set()
        self.wake()
        for thread in self._threads:
            thread.join(timeout)
        self._threads = []

    def run_forever(self, beat: Callable[[], object] | None = None) -> None:
        """Work until told to stop; `beat()` every second while all threads live."""
        self.start()
        while not self._stopping.wait(1.0):
            if beat and all(thread.is_alive() for thread in self._threads):
                beat()

    def _run(self, lane: str) -> None:
        event = self._wakes[lane]
        while not self._stopping.is_set():
            event.clear()
            try:
                with self._app.app_context():
                    done = self.drain_once(lane)
            except Exception:
                log.exception("worker lane failed", lane=lane)
                done = 0
                self._stopping.wait(1.0)
            if not done:
                event.wait(1.0)

    def _go_round(self) -> None:
        while not self._stopping.wait(ROUND_S):
            with self._app.app_context():
                self.do_chores()

    def do_chores(self) -> None:
        """Every chore once, in the calling thread; one that fails is told in the log and tried next round."""
        for name, chore in self._chores.items():
            try:
                chore()
            except Exception:
                log.exception("chore failed", chore=name)
            finally:
                db.close_session()

    def drain(self, lane: str | None = None) -> None:
        """Apply everything that is due now, in the calling thread (commands and tests)."""
        names = [lane] if lane else [*self._handlers, *self._jobs]
        # One lane's work may leave notes for another: go round until a whole round did nothing.
        while sum([self.drain_once(name) for name in names]):
            pass

    def drain_once(self, lane: str) -> int:
        """One round; returns how many notes were settled. Notes of one thing are applied once."""
        if lane in self._jobs:
            try:
                return self._jobs[lane](self._stopping.is_set)
            finally:
                db.close_session()
        with db.transaction():
            notes = [(n.id, n.kind, n.item_id) for n in outbox.take(lane)]
        began = time.monotonic()
        settled: list[int] = []
        left: list[int] = []
        pause = 0.0
        by_item: dict[tuple[str, uuid.UUID], list[int]] = {}
        for note_id, kind, item_id in notes:
            by_item.setdefault((kind, item_id), []).append(note_id)
        for (kind, item_id), ids in by_item.items():
            if pause or time.monotonic() - began > outbox.LEASE_S / 2:
                left += ids
                continue
            try:
                self._handlers[lane](kind, item_id)
                settled += ids
            except Exception as error:
                away = isinstance(error, AWAY)
                log.warning("note not applied", lane=lane, kind=kind, item=str(item_id), error=repr(error)[:500])
                db.close_session()
                with db.transaction():
                    for note_id in ids:
                        outbox.postpone(note_id, repr(error), away)
                if away:
                    # Whoever is away for one is away for all: the rest is not tried one by one.
                    pause = outbox.AWAY_S
        if settled or left:
            with db.transaction():
                outbox.settle(settled)
                outbox.give_back(left, pause)
        db.close_session()
        return len(settled)

    def wait_for(self, lane: str, seconds: float) -> None:
        """Wait briefly until this lane has nothing older than now: what was published is then found."""
        if not self.running:
            return
        upto, end = db.now(), time.monotonic() + seconds
        while time.monotonic() < end:
            db.close_session()
            if not outbox.pending(lane, upto):
                return
            time.sleep(0.01)
