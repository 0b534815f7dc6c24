"""Database: base class, ids, timestamps and `transaction()`, the only place that commits."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from flask import current_app, g
from sqlalchemy import event
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, Dialect, Engine
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}

Json = sa.JSON(none_as_null=True).with_variant(JSONB(none_as_null=True), "postgresql")


class UTCDateTime(TypeDecorator[datetime]):
    """Aware datetimes in and out; stored as UTC."""

    impl = sa.DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(sa.DateTime(timezone=dialect.name == "postgresql"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a datetime without a time zone")
        value = value.astimezone(UTC)
        return value if dialect.name == "postgresql" else value.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMES)
    type_annotation_map = {datetime: UTCDateTime(), uuid.UUID: sa.Uuid()}


def new_id() -> uuid.UUID:
    """A UUID version 7 (RFC 9562 section 5.7): sorts roughly by time of making."""
    value = (time.time_ns() // 1_000_000) << 80 | int.from_bytes(os.urandom(10), "big")
    value = value & ~(0xF << 76) | 0x7 << 76
    return uuid.UUID(int=value & ~(0x3 << 62) | 0x2 << 62)


def open_engine(url: str) -> Engine:
    """An engine for SQLite (WAL, durable commits) or PostgreSQL."""
    if not url.startswith("sqlite"):
        return sa.create_engine(
            url,
            pool_pre_ping=True,
            pool_size=10,
            max_overflow=20,
            connect_args={
                "connect_timeout": 5,
                "options": "-c timezone=UTC -c statement_timeout=30000 -c lock_timeout=10000",
            },
        )
    engine = sa.create_engine(url, connect_args={"timeout": 15, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=15000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _on_begin(connection: Connection) -> None:
        # A read transaction that turns to writing fails at once when another writer
        # got in between, whatever busy_timeout says: so write units begin IMMEDIATE.
        mode = connection.get_execution_options().get("begin_mode", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


def engine() -> Engine:
    made: Engine = current_app.extensions["kho"].engine
    return made


def session() -> Session:
    """The session of this request or task."""
    if "db_session" not in g:
        g.db_session = Session(engine(), expire_on_commit=False)
    made: Session = g.db_session
    return made


def close_session(_error: BaseException | None = None) -> None:
    made: Session | None = g.pop("db_session", None)
    if made is not None:
        made.close()


@contextmanager
def transaction() -> Iterator[Session]:
    """Write unit. A verb called by a verb joins; the outermost commits; any failure dooms the whole."""
    unit = session()
    depth = unit.info.get("depth", 0)
    if depth == 0:
        if unit.new or unit.dirty or unit.deleted:
            raise RuntimeError("changes made outside transaction()")
        if unit.in_transaction():
            unit.rollback()
        unit.info["doomed"] = False
        unit.info["after_commit"] = []
        unit.connection(execution_options={"begin_mode": "IMMEDIATE"})
    unit.info["depth"] = depth + 1
    try:
        yield unit
        if depth == 0:
            if unit.info["doomed"]:
                raise RuntimeError("an inner unit failed")
            unit.commit()
    except BaseException:
        unit.info["doomed"] = True
        if depth == 0:
            unit.rollback()
        raise
    finally:
        unit.info["depth"] = depth
    if depth == 0:
        for call in unit.info.pop("after_commit"):
            call()


def after_commit(call: Any) -> None:
    """Run `call()` once the outermost unit has committed; not at all when it fails."""
    calls = session().info["after_commit"]
    if call not in calls:
        calls.append(call)


def now() -> datetime:
    """The database's clock, UTC: the only clock that deadlines go by."""
    if engine().dialect.name == "sqlite":
        text = session().execute(sa.text("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')")).scalar_one()
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    found: datetime = session().execute(sa.select(sa.func.clock_timestamp())).scalar_one()
    return found.astimezone(UTC)
