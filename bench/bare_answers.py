"""The least that can be called saving an answer on our stack: a Flask route that writes the same two rows.

The guarded upsert of the latest answer and the event beside it, prebuilt statements, one durable commit, on an
engine opened as the application opens its own. No login, no log, no rules. `BARE_URL` names the database.
"""

from __future__ import annotations

import os
import uuid
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask import Flask, jsonify, request
from sqlalchemy.dialects import postgresql, sqlite

from app.core.db import Json, UTCDateTime, new_id, open_engine

app = Flask("bare")
engine = open_engine(os.environ["BARE_URL"]).execution_options(begin_mode="IMMEDIATE")
insert = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
metadata = sa.MetaData()
answer = sa.Table(
    "bare_answer",
    metadata,
    sa.Column("attempt_id", sa.Uuid(), primary_key=True),
    sa.Column("n", sa.Integer, primary_key=True),
    sa.Column("revision", sa.Integer),
    sa.Column("response", Json),
    sa.Column("saved_at", UTCDateTime()),
)
event = sa.Table(
    "bare_event",
    metadata,
    sa.Column("id", sa.Uuid(), primary_key=True),
    sa.Column("attempt_id", sa.Uuid()),
    sa.Column("n", sa.Integer),
    sa.Column("revision", sa.Integer),
    sa.Column("response", Json),
    sa.Column("at", UTCDateTime()),
    sa.Index("ix_event_attempt", "attempt_id", "n"),
)
_new = insert(answer)
UPSERT = _new.on_conflict_do_update(
    index_elements=["attempt_id", "n"],
    set_={
        "revision": answer.c.revision + 1,
        "response": _new.excluded.response,
        "saved_at": _new.excluded.saved_at,
    },
    where=answer.c.revision < _new.excluded.revision,
).returning(answer.c.revision)
EVENT = sa.insert(event)
metadata.create_all(engine)


@app.get("/healthz")
def healthz() -> dict[str, str]:
    return {"status": "ok"}


@app.put("/attempts/<uuid:attempt>/answers/<int:n>")
def save(attempt: uuid.UUID, n: int) -> Any:
    sent, moment = request.get_json(), datetime.now(UTC)
    values = {"attempt_id": attempt, "n": n, "revision": sent["revision"] + 1, "response": sent["response"]}
    with engine.begin() as connection:
        revision = connection.execute(UPSERT, {**values, "saved_at": moment}).scalar_one_or_none()
        connection.execute(EVENT, {**values, "id": new_id(), "at": moment})
    if revision is None:
        return jsonify(error="stale"), 409
    return jsonify(revision=revision, saved_at=moment.isoformat())
