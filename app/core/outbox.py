"""The outbox: notes written with the change itself, taken by the worker, deleted once applied.

A note says that something changed, never what: whoever applies it re-reads SQL, so that
replays and disorder are harmless. There is no cursor: sequence numbers commit out of order.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask import current_app, g
from sqlalchemy.orm import Mapped, mapped_column

from app.core import db

LANES: dict[str, tuple[str, ...]] = {"resource": ("index", "feed"), "question": ("index",), "blob": ("text",)}
DEAD_AFTER = 8
LEASE_S = 45.0
AWAY_S = 2.0


class Note(db.Base):
    __tablename__ = "outbox"
    __table_args__ = (sa.Index("ix_outbox_due", "lane", "dead", "due_at", "id"),)

    id: Mapped[int] = mapped_column(
        sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(), primary_key=True
    )
    lane: Mapped[str] = mapped_column(sa.String(16))
    kind: Mapped[str] = mapped_column(sa.String(32))
    item_id: Mapped[uuid.UUID]
    noted_at: Mapped[datetime]
    due_at: Mapped[datetime]
    tries: Mapped[int] = mapped_column(default=0)
    dead: Mapped[bool] = mapped_column(default=False)
    error: Mapped[str | None] = mapped_column(sa.Text)


@dataclass(frozen=True)
class Waiting:
    waiting: int
    oldest_s: float
    dead: int


def note(kind: str, item_id: uuid.UUID) -> None:
    """Say in the running unit that `item_id` changed; one note for each lane that listens."""
    notes(kind, [item_id])


def notes(kind: str, item_ids: Iterable[uuid.UUID]) -> None:
    """The same of many things at once."""
    unit = db.session()
    if not unit.info.get("depth"):
        raise RuntimeError("a note outside transaction() would be lost")
    moment = db.now()
    rows = [
        {
            "lane": lane,
            "kind": kind,
            "item_id": item_id,
            "noted_at": moment,
            "due_at": moment,
            "tries": 0,
            "dead": False,
        }
        for item_id in item_ids
        for lane in LANES[kind]
    ]
    if not rows:
        return
    unit.execute(sa.insert(Note), rows)
    db.after_commit(current_app.extensions["kho"].worker.wake)
    g.noted = True


def take(lane: str, limit: int = 100) -> list[Note]:
    """Due notes of a lane, taken for LEASE_S seconds: other workers pass them over meanwhile, and SKIP LOCKED
    lets them pass while we take. What a worker that died had taken falls due again by itself.
    """
    moment = db.now()
    query = (
        sa.select(Note)
        .where(Note.lane == lane, Note.dead.is_(False), Note.due_at <= moment)
        .order_by(Note.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    found = list(db.session().scalars(query))
    for taken in found:
        taken.due_at = moment + timedelta(seconds=LEASE_S)
    return found


def give_back(note_ids: list[int], seconds: float = 0) -> None:
    """Notes taken and not begun: due again after `seconds`."""
    due = db.now() + timedelta(seconds=seconds)
    db.session().execute(sa.update(Note).where(Note.id.in_(note_ids)).values(due_at=due))


def settle(note_ids: list[int]) -> None:
    db.session().execute(sa.delete(Note).where(Note.id.in_(note_ids)))


def postpone(note_id: int, error: str, away: bool = False) -> None:
    """Try again later, doubling the pause up to five minutes; give up after DEAD_AFTER tries.

    An engine that is `away` is no fault of the note: it does not die of that, and is tried every AWAY_S seconds.
    """
    found = db.session().get(Note, note_id)
    if found is None:
        return
    found.error = error[:2000]
    if away:
        pause = AWAY_S
    else:
        found.tries += 1
        pause = min(300.0, 2.0**found.tries)
    found.dead = found.tries >= DEAD_AFTER
    found.due_at = db.now() + timedelta(seconds=pause)


def waiting() -> Waiting:
    """What `/healthz` tells: notes not yet applied, the age of the oldest in seconds, dead ones."""
    alive, oldest, dead = (
        db.session()
        .execute(
            sa.select(
                sa.func.count().filter(Note.dead.is_(False)),
                sa.func.min(Note.noted_at).filter(Note.dead.is_(False)),
                sa.func.count().filter(Note.dead.is_(True)),
            )
        )
        .one()
    )
    age = max(0.0, (db.now() - oldest).total_seconds()) if oldest else 0.0
    return Waiting(alive, round(age, 1), dead)


def pending(lane: str, upto: datetime) -> int:
    query = sa.select(sa.func.count()).where(Note.lane == lane, Note.dead.is_(False), Note.noted_at <= upto)
    return db.session().scalar(query) or 0
