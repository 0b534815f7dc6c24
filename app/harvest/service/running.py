"""Harvesting, one request at a time: ask, store the page and where the next one begins in one commit, go on.

All that a run needs stands in its row, so whoever takes it up after a crash goes on at the same page. Waiting
(Retry-After, growing pauses) is a time in the row too: no thread sleeps. A stretch of time whose list breaks
is halved; a short one is fetched record by record, so that one bad record costs one record.
"""

from __future__ import annotations

import os
import random
import secrets
import socket
import time
import uuid
from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
import structlog
from sqlalchemy.orm import Session

from app.core import db, ports
from app.core.access import Viewer
from app.core.db import new_id, now, transaction
from app.core.errors import Conflict
from app.core.i18n import gettext as _
from app.harvest import queries, reading
from app.harvest.client import Client, Final, Temporary, Trouble, parsed
from app.harvest.models import (
    CHANGES,
    CHECK,
    DONE,
    FAILED,
    LOOP,
    REJECTED,
    RUNNING,
    HarvestedRecord,
    HarvestRun,
    HarvestSource,
)
from app.harvest.reading import DAY, SECOND, Answer, Record
from app.harvest.service import filing, taking

log = structlog.get_logger()

TURN_S = 60.0
"""After this long another source gets its turn."""
LEASE_S = 900
PAUSE_S = 2.0
LONGEST_PAUSE_S = 300.0
TRIES, BUSY_TRIES, RESTARTS = 5, 40, 2
SMALL_WINDOW = 500
OVERLAP = {SECOND: timedelta(hours=1), DAY: timedelta(days=1)}
CHECK_EVERY = timedelta(days=7)
GOES_ON_WITHIN = timedelta(days=1)
AGAIN = 50
SHORT_LIST = 20_000
GOING_ROUND = 20
ONES_AT_A_TIME = 20
LARGEST_SHARE_GONE = 0.1
SWEEP = "sweep"
"""Third of a window whose headers are only looked through, to find what is no longer named."""
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

# A list may break for one of its records; another kind of trouble concerns the whole source.
OF_THE_LIST = frozenset(("server_error", "slow", "broken_answer", "unreadable", "too_large"))
_held: set[str] = set()


class _Lost(Exception):
    """Somebody else works on the run by now."""


# ---------------------------------------------------------------- beginning


def start(viewer: Viewer, source_id: uuid.UUID, kind: str | None = None) -> HarvestRun:
    """Start a harvest, or return the one that is running. The worker does the work."""
    with transaction() as unit:
        source = queries.source(viewer, source_id, lock=True)
        if not source.active:
            raise Conflict(_("Nguồn này đang tạm dừng. Hãy mở lại trước khi thu."))
        return _begin(unit, source, viewer.id, kind)


def start_due() -> int:
    """Start what the schedule says; returns how many."""
    due = sa.select(HarvestSource.id).where(HarvestSource.active, HarvestSource.next_at <= now())
    if db.session().scalar(due.limit(1)) is None:
        return 0
    with transaction() as unit:
        query = sa.select(HarvestSource).where(HarvestSource.active, HarvestSource.next_at <= now())
        sources = list(unit.scalars(query.with_for_update(skip_locked=True)))
        for source in sources:
            _begin(unit, source, None, None)
    return len(sources)


def _begin(unit: Session, source: HarvestSource, who: uuid.UUID | None, kind: str | None) -> HarvestRun:
    moment = now()
    source.next_at = moment + timedelta(seconds=source.every_s) if source.active and source.every_s else None
    last = unit.scalar(
        sa.select(HarvestRun).where(HarvestRun.source_id == source.id).order_by(HarvestRun.id.desc()).limit(1)
    )
    if last is not None and last.state == RUNNING:
        return last
    run = HarvestRun(
        id=new_id(),
        source_id=source.id,
        kind=kind or _kind(unit, source, moment, who is not None),
        state=RUNNING,
        started_by=who,
        started_at=moment,
        resume_at=moment,
        stage="identify",
        rejects=[],
    )
    run.windows = [[_since(source), None], *([[None, None, SWEEP]] if run.kind == CHECK else [])]
    if last is not None and _goes_on(last, run, moment):
        # The last run broke off on the way: this one goes on where it stood, from the same first date.
        run.windows, run.token, run.one_by_one = list(last.windows), last.token, last.one_by_one
        run.first_date, run.size, run.got = last.first_date, last.size, last.got
    unit.add(run)
    unit.flush()
    return run


def _kind(unit: Session, source: HarvestSource, moment: datetime, by_hand: bool) -> str:
    """Sources that do not tell of deletes for ever are looked through whole: from time to time by the
    schedule, and whenever a person asks, as long as that is no long work."""
    if source.watermark is None or source.deletes in (None, "persistent"):
        return CHANGES
    if source.checked_at is None or moment - source.checked_at > CHECK_EVERY:
        return CHECK
    count = sa.select(sa.func.count()).where(HarvestedRecord.source_id == source.id)
    return CHECK if by_hand and (unit.scalar(count) or 0) <= SHORT_LIST else CHANGES


def _since(source: HarvestSource) -> str | None:
    if source.watermark is None:
        return None
    return (source.watermark - OVERLAP[source.granularity or DAY]).isoformat()


def _goes_on(last: HarvestRun, run: HarvestRun, moment: datetime) -> bool:
    return (
        last.state == FAILED
        and last.kind == run.kind
        and last.first_date is not None
        and bool(last.windows)
        and (last.problem or {}).get("temporary", False)
        and last.finished_at is not None
        and moment - last.finished_at < GOES_ON_WITHIN
    )


# ---------------------------------------------------------------- working


def work(stopping: Callable[[], bool] = lambda: False) -> int:
    """One round of everything that is due; returns how much was done. Called by the worker again and again."""
    done = start_due() + taking.remap_some()
    db.session().rollback()
    claimed = _claim()
    if claimed is not None:
        _take_turn(*claimed, stopping)
        done += 1
    return done + filing.fetch_some()


def finish_now(run_id: uuid.UUID, told: Callable[[HarvestRun], None] | None = None) -> HarvestRun:
    """Work on one run to its end in the calling thread, pauses included: for commands."""
    while True:
        with transaction() as unit:
            run = unit.get_one(HarvestRun, run_id, populate_existing=True)
            pause = (run.resume_at - now()).total_seconds()
        if told is not None:
            told(run)
        if run.state != RUNNING:
            return run
        db.close_session()
        if pause > 0:
            time.sleep(min(pause, 5.0))
            continue
        claimed = _claim(run_id)
        if claimed is None:
            time.sleep(1.0)
            continue
        _take_turn(*claimed, lambda: False)


def _claim(run_id: uuid.UUID | None = None) -> tuple[uuid.UUID, str] | None:
    """Take up a run that is due and that nobody works on."""
    query = sa.select(HarvestRun).where(HarvestRun.state == RUNNING, HarvestRun.resume_at <= now())
    if run_id is not None:
        query = query.where(HarvestRun.id == run_id)
    query = query.order_by(HarvestRun.resume_at, HarvestRun.id).limit(20)
    if not any(_is_free(run) for run in db.session().scalars(query)):
        db.session().rollback()
        return None
    with transaction() as unit:
        locked = query.with_for_update(skip_locked=True).execution_options(populate_existing=True)
        run = next((run for run in unit.scalars(locked) if _is_free(run)), None)
        if run is None:
            return None
        lease = f"{socket.gethostname()[:60]}/{os.getpid()}/{secrets.token_hex(8)}"
        run.lease, run.lease_until = lease, now() + timedelta(seconds=LEASE_S)
    _held.add(lease)
    return run.id, lease


def _is_free(run: HarvestRun) -> bool:
    """Nobody holds it, or whoever held it is dead: a killed service goes on at once when it is back."""
    if run.lease is None or run.lease_until is None or run.lease_until < now():
        return True
    host, pid, _secret = run.lease.split("/")
    if host != socket.gethostname()[:60]:
        return False
    if int(pid) == os.getpid():
        return run.lease not in _held
    try:
        os.kill(int(pid), 0)
    except ProcessLookupError:
        return True
    except PermissionError:
        return False
    return False


def _take_turn(run_id: uuid.UUID, lease: str, stopping: Callable[[], bool]) -> None:
    settings = ports.settings()
    end = time.monotonic() + TURN_S
    try:
        source = _snapshot(run_id)[1]
        agent = f"KhoChung/1 (+{settings.public_url}/partners)"
        with Client(
            source.base_url, agent, settings.admin_email, source.token, private_allowed=settings.harvest_private
        ) as client:
            turn = _Turn(client, run_id, lease)
            while turn.step() and not stopping() and time.monotonic() < end:
                pass
    except _Lost:
        log.warning("harvest taken over", run=str(run_id))
    except Exception:
        log.exception("harvest broke", run=str(run_id))
        db.close_session()
        with transaction() as unit:
            run = unit.get(HarvestRun, run_id, populate_existing=True)
            if run is not None and run.state == RUNNING and run.lease == lease:
                _fail(unit, run, {"code": "internal"})
    finally:
        _held.discard(lease)
        db.close_session()
        with transaction() as unit:
            unit.execute(
                sa.update(HarvestRun)
                .where(HarvestRun.id == run_id, HarvestRun.lease == lease)
                .values(lease=None, lease_until=None)
                .execution_options(synchronize_session=False)
            )
        db.close_session()


def _snapshot(run_id: uuid.UUID) -> tuple[HarvestRun, HarvestSource]:
    """Both rows as they are now, detached: no read transaction stays open while the network is slow."""
    db.close_session()
    unit = db.session()
    run = unit.get_one(HarvestRun, run_id)
    source = unit.get_one(HarvestSource, run.source_id)
    db.close_session()
    return run, source


class _Turn:
    """One holder of a run at work."""

    def __init__(self, client: Client, run_id: uuid.UUID, lease: str) -> None:
        self._client, self._run_id, self._lease = client, run_id, lease

    def step(self) -> bool:
        """One request and what follows from it; says whether to go on at once."""
        run, source = _snapshot(self._run_id)
        if run.state != RUNNING:
            return False
        try:
            match run.stage:
                case "identify":
                    self._identify(source)
                case "again":
                    self._again(run, source)
                case "list":
                    (self._one_by_one if run.one_by_one else self._list)(run, source)
                case "gone":
                    self._gone(run, source)
        except Trouble as trouble:
            return self._trouble(trouble)
        run, _source = _snapshot(self._run_id)
        return run.state == RUNNING

    # ---- rows

    def _rows(self, unit: Session) -> tuple[HarvestRun, HarvestSource]:
        """The rows locked, as long as the run is still ours."""
        run = unit.get_one(HarvestRun, self._run_id, populate_existing=True, with_for_update=True)
        if run.lease != self._lease or run.state != RUNNING:
            raise _Lost
        run.lease_until = now() + timedelta(seconds=LEASE_S)
        return run, unit.get_one(HarvestSource, run.source_id, populate_existing=True)

    # ---- asking

    def _ask(self, source: HarvestSource, **arguments: str) -> Answer:
        reply = self._client.get(source.base_url, arguments)
        self._bytes = len(reply.body)
        try:
            answer = reading.read(reply.body)
        except reading.Unreadable:
            if reply.status != 200:
                raise Final("http_status", status=reply.status) from None
            if _looks_like_a_page(reply.body):
                raise Final("not_oai") from None
            raise Temporary("unreadable") from None
        if answer.error is None and not 200 <= reply.status < 300:
            raise Final("http_status", status=reply.status)
        return answer

    def _record(self, source: HarvestSource, identifier: str) -> Record | str:
        """One record, or why it cannot be had. Trouble that concerns more than the record is raised."""
        arguments = {"verb": "GetRecord", "metadataPrefix": source.prefix, "identifier": identifier}
        for last in (False, True):
            try:
                answer = self._ask(source, **arguments)
            except Trouble as trouble:
                if trouble.code not in OF_THE_LIST and trouble.code != "http_status":
                    raise
                if last or isinstance(trouble, Final):
                    return trouble.code
                continue
            if answer.error is not None:
                return answer.error[0] or "error"
            found = next((one for one in answer.records if one.identifier == identifier), None)
            return found if found is not None else "empty"
        return "error"

    # ---- stages

    def _identify(self, source: HarvestSource) -> None:
        answer = self._ask(source, verb="Identify")
        if answer.error is not None:
            raise Final("oai_error", error=answer.error[0])
        with transaction() as unit:
            run, source = self._rows(unit)
            stated = (answer.text("granularity") or "").strip()
            source.granularity = SECOND if stated.upper().endswith("Z") else DAY
            deletes = (answer.text("deletedRecord") or "").strip()
            source.deletes = deletes if deletes in ("no", "transient", "persistent") else "no"
            name = (answer.text("repositoryName") or "").strip()[:200]
            if name and not source.repository_name and source.name == parsed(source.base_url).host:
                source.name = name
            source.repository_name = name or None
            run.tries = 0
            again = sa.select(HarvestedRecord.id).where(
                HarvestedRecord.source_id == source.id, HarvestedRecord.state == REJECTED
            )
            run.stage = "again" if unit.scalar(again.limit(1)) is not None else "list"

    def _again(self, run: HarvestRun, source: HarvestSource) -> None:
        """Ask once more for records that could not be had before."""
        query = sa.select(HarvestedRecord).where(
            HarvestedRecord.source_id == source.id,
            HarvestedRecord.state == REJECTED,
            HarvestedRecord.deleted.is_(False),
        )
        rejected = list(db.session().scalars(query.order_by(HarvestedRecord.changed_at).limit(AGAIN)))
        db.close_session()
        found = [(row, self._record(source, row.identifier)) for row in rejected]
        with transaction() as unit:
            run, source = self._rows(unit)
            self._count(run, taking.take(unit, source, run, [one for _row, one in found if isinstance(one, Record)]))
            gone = [row.id for row, one in found if one == "idDoesNotExist"]
            taking.bury(unit, source, [unit.get_one(HarvestedRecord, row_id) for row_id in gone])
            run.deleted += len(gone)
            run.stage = "list"

    def _list(self, run: HarvestRun, source: HarvestSource) -> None:
        answer = self._ask(source, **_arguments("ListRecords", run, source))
        extra: list[Record] = []
        lost: list[tuple[Record, str]] = []
        for identifier in answer.lost:
            found = self._record(source, identifier)
            if isinstance(found, Record):
                extra.append(found)
            else:
                lost.append((Record(identifier, None, False, ()), found))
        with transaction() as unit:
            run, source = self._rows(unit)
            if not self._opened(run, source, answer):
                return
            outcome = taking.take(unit, source, run, [*answer.records, *extra])
            self._count(run, outcome)
            for header, why in lost:
                taking.reject(unit, source, run, header, why)
            run.skipped += len(lost)
            run.idle = 0 if outcome.fresh or run.restarts else run.idle + 1
            self._turn_page(unit, run, source, answer, len(answer.records) + len(answer.lost))

    def _one_by_one(self, run: HarvestRun, source: HarvestSource) -> None:
        """A page of headers, then each record that is not known in this state by itself."""
        answer = self._ask(source, **_arguments("ListIdentifiers", run, source))
        headers = {header.identifier: header for header in answer.records}
        wanted = _not_known(source, headers.values())
        for start in range(0, len(wanted), ONES_AT_A_TIME):
            some = [headers[identifier] for identifier in wanted[start : start + ONES_AT_A_TIME]]
            found = [(header, header if header.deleted else self._record(source, header.identifier)) for header in some]
            with transaction() as unit:
                run, source = self._rows(unit)
                self._count(run, taking.take(unit, source, run, [one for _h, one in found if isinstance(one, Record)]))
                for header, one in found:
                    if isinstance(one, Record) or one in ("cannotDisseminateFormat", "idDoesNotExist"):
                        continue
                    taking.reject(unit, source, run, header, one)
                    run.skipped += 1
        with transaction() as unit:
            run, source = self._rows(unit)
            if not self._opened(run, source, answer):
                return
            known = headers.keys() - set(wanted)
            run.unchanged += len(known)
            unit.execute(
                sa.update(HarvestedRecord)
                .where(
                    HarvestedRecord.source_id == source.id,
                    HarvestedRecord.spec == source.spec,
                    HarvestedRecord.identifier.in_(list(known)),
                )
                .values(seen_run=run.id, missing=False)
                .execution_options(synchronize_session=False)
            )
            self._turn_page(unit, run, source, answer, len(answer.records))

    def _gone(self, run: HarvestRun, source: HarvestSource) -> None:
        """Records that a whole list no longer named: buried when they are few and the source confirms each;
        many of them at once are a person's matter. An empty list buries nothing."""
        live = sa.select(HarvestedRecord).where(
            HarvestedRecord.source_id == source.id,
            HarvestedRecord.deleted.is_(False),
            HarvestedRecord.state.not_in((LOOP, REJECTED)),
        )
        unseen = live.where(
            sa.or_(HarvestedRecord.seen_run.is_(None), HarvestedRecord.seen_run != run.id),
            HarvestedRecord.first_at < run.started_at,
        )
        counted = db.session().scalar(sa.select(sa.func.count()).select_from(live.subquery())) or 0
        missing = db.session().scalar(sa.select(sa.func.count()).select_from(unseen.subquery())) or 0
        many = missing > max(1, counted * LARGEST_SHARE_GONE) or missing == counted
        rows = [] if many else list(db.session().scalars(unseen))
        db.close_session()
        asked = [(row, self._record(source, row.identifier)) for row in rows]
        with transaction() as unit:
            run, source = self._rows(unit)
            source.missing = missing if many else 0
            if many and missing:
                ids = unseen.with_only_columns(HarvestedRecord.id)
                unit.execute(
                    sa.update(HarvestedRecord)
                    .where(HarvestedRecord.id.in_(ids))
                    .values(missing=True)
                    .execution_options(synchronize_session=False)
                )
                run.problem = {"code": "many_missing", "missing": missing, "live": counted}
            gone = [row.id for row, one in asked if one == "idDoesNotExist"]
            taking.bury(unit, source, [unit.get_one(HarvestedRecord, row_id) for row_id in gone])
            run.deleted += len(gone)
            self._count(run, taking.take(unit, source, run, [one for _row, one in asked if isinstance(one, Record)]))
            source.checked_at = run.started_at
            _finish(run, source)

    # ---- pages

    def _opened(self, run: HarvestRun, source: HarvestSource, answer: Answer) -> bool:
        """Whether the answer holds a page; errors that end or restart the list are dealt with here."""
        run.pages += 1
        run.bytes += self._bytes
        run.tries = 0
        if run.first_date is None:
            run.first_date = answer.date or run.started_at - timedelta(days=1)
        if answer.error is None:
            return True
        code = answer.error[0]
        if code == "noRecordsMatch":
            self._window_done(run, source)
        elif code == "badResumptionToken" and run.token is not None:
            run.restarts += 1
            run.token = None
            run.got = run.idle = 0
            if run.restarts > RESTARTS and not _cut(run, source):
                _fail_run(run, source, {"code": "tokens", "temporary": True})
        elif code == "badArgument" and source.granularity == SECOND and any(run.windows[0][:2]):
            # It said seconds and takes only days.
            source.granularity, run.token = DAY, None
        else:
            _fail_run(run, source, {"code": "oai_error", "error": code[:60]})
        return False

    def _turn_page(self, unit: Session, run: HarvestRun, source: HarvestSource, answer: Answer, count: int) -> None:
        run.got += count
        if answer.size is not None:
            run.size = answer.size
        if not answer.token:
            if not run.restarts and run.size is not None and run.got < run.size:
                run.problem = {"code": "short", "promised": run.size, "got": run.got}
            self._window_done(run, source)
        elif answer.token == run.token or run.idle > GOING_ROUND:
            if not _cut(run, source):
                _fail_run(run, source, {"code": "going_round"})
        else:
            run.token = answer.token

    def _window_done(self, run: HarvestRun, source: HarvestSource) -> None:
        run.windows = run.windows[1:]
        run.token, run.size, run.restarts, run.idle = None, None, 0, 0
        if run.windows:
            run.got, run.one_by_one = 0, SWEEP in run.windows[0]
        elif run.kind == CHECK:
            run.stage = "gone"
        else:
            if source.watermark is None and not (run.records + run.deleted + run.unchanged + run.skipped):
                run.problem = {"code": "empty"}
            _finish(run, source)

    def _count(self, run: HarvestRun, outcome: taking.Outcome) -> None:
        run.records += outcome.records
        run.deleted += outcome.deleted
        run.unchanged += outcome.unchanged
        run.skipped += outcome.skipped
        run.recovered += outcome.recovered

    # ---- trouble

    def _trouble(self, trouble: Trouble) -> bool:
        """Wait and try again, narrow the list down, or give up; says whether to go on at once."""
        with transaction() as unit:
            run, source = self._rows(unit)
            problem = {"code": trouble.code, **trouble.detail, "temporary": isinstance(trouble, Temporary)}
            run.tries += 1
            limit = BUSY_TRIES if trouble.code == "busy" else TRIES
            if run.one_by_one or len(run.windows) > 1:
                limit = min(limit, 2) if trouble.code in OF_THE_LIST else limit
            if isinstance(trouble, Temporary) and run.tries <= limit:
                pause = min(PAUSE_S * 2 ** (run.tries - 1), LONGEST_PAUSE_S) * random.uniform(0.8, 1.2)
                if trouble.pause_s is not None:
                    pause = max(trouble.pause_s, min(PAUSE_S, 1.0))
                run.resume_at = now() + timedelta(seconds=pause)
                run.problem = problem
                return False
            if trouble.code in OF_THE_LIST and run.stage == "list" and _cut(run, source):
                run.problem = None
                return True
            _fail_run(run, source, problem)
            return False


def _looks_like_a_page(body: bytes) -> bool:
    start = body[:500].lower()
    return b"<html" in start or b"<!doctype html" in start


def _not_known(source: HarvestSource, headers: Iterable[Record]) -> list[str]:
    """Identifiers of headers that tell of something not stored in this state yet, in order."""
    wanted = list(headers)
    query = sa.select(HarvestedRecord).where(
        HarvestedRecord.source_id == source.id,
        HarvestedRecord.spec == source.spec,
        HarvestedRecord.identifier.in_([header.identifier for header in wanted]),
    )
    rows = {row.identifier: row for row in db.session().scalars(query)}
    db.close_session()

    def same(header: Record) -> bool:
        row = rows.get(header.identifier)
        if row is None or row.deleted != header.deleted or row.state == REJECTED:
            return False
        return header.deleted or (header.datestamp is not None and row.datestamp == header.datestamp)

    return [header.identifier for header in wanted if not same(header)]


# ---------------------------------------------------------------- windows


def _arguments(verb: str, run: HarvestRun, source: HarvestSource) -> dict[str, str]:
    if run.token:
        return {"verb": verb, "resumptionToken": run.token}
    since, until = run.windows[0][:2]
    asked = {"verb": verb, "metadataPrefix": source.prefix}
    if since:
        asked["from"] = _stamp(datetime.fromisoformat(since), source.granularity)
    if until:
        asked["until"] = _stamp(datetime.fromisoformat(until), source.granularity)
    if source.spec:
        asked["set"] = source.spec
    return asked


def _stamp(moment: datetime, granularity: str | None) -> str:
    moment = moment.astimezone(UTC)
    day = f"{moment.year:04}-{moment:%m-%d}"
    return f"{day}T{moment:%H:%M:%S}Z" if granularity == SECOND else day


def _cut(run: HarvestRun, source: HarvestSource) -> bool:
    """Make the broken stretch smaller: halves, then single records. False when it cannot get smaller."""
    since, until, *mark = run.windows[0]
    unit_of_time = timedelta(seconds=1) if source.granularity == SECOND else timedelta(days=1)
    first = datetime.fromisoformat(since) if since else LONG_AGO
    last = datetime.fromisoformat(until) if until else now()
    large = max(run.size or 0, run.got) > SMALL_WINDOW
    run.token, run.tries, run.restarts, run.idle = None, 0, 0, 0
    run.resume_at = now()
    if not run.one_by_one and not large:
        run.one_by_one, run.got = True, 0
        return True
    if last - first <= 2 * unit_of_time or (run.one_by_one and not large):
        return False
    middle = first + (last - first) / 2
    middle = middle.replace(microsecond=0)
    if source.granularity != SECOND:
        middle = middle.replace(hour=0, minute=0, second=0)
    halves = [[since, middle.isoformat(), *mark], [(middle + unit_of_time).isoformat(), until, *mark]]
    run.windows = [*halves, *run.windows[1:]]
    run.size, run.got, run.one_by_one = None, 0, SWEEP in mark
    return True


# ---------------------------------------------------------------- ending


def _finish(run: HarvestRun, source: HarvestSource) -> None:
    moment = now()
    run.state, run.finished_at, run.windows, run.token = DONE, moment, [], None
    if run.problem is not None and run.problem["code"] not in ("many_missing", "short", "empty"):
        run.problem = None
    if run.problem is None and run.skipped and run.rejects:
        run.problem = {"code": "rejects", "count": run.skipped}
    if source.watermark is None:
        source.checked_at = run.started_at
    source.watermark, source.last_good_at = run.first_date or source.watermark, moment


def _fail_run(run: HarvestRun, source: HarvestSource, problem: dict[str, object]) -> None:
    run.state, run.finished_at, run.problem = FAILED, now(), problem
    if source.active and source.every_s and problem.get("temporary"):
        # Sooner than the schedule says: what broke off goes on where it stood.
        soon = now() + timedelta(hours=1)
        source.next_at = min(source.next_at, soon) if source.next_at else soon


def _fail(unit: Session, run: HarvestRun, problem: dict[str, object]) -> None:
    _fail_run(run, unit.get_one(HarvestSource, run.source_id), problem)
