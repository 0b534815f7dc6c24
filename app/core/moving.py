"""Carries a whole installation to other engines: rows, then bytes, then everything compared.

The source is only read, in one view of it; the target's own table of progress lets a killed run go on. Knows no
room: tables come from the models' metadata, bytes from the store's listing. The index is made anew from the rows.
"""

from __future__ import annotations

import hashlib
import io
import json
import socket
import uuid
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.schema import AddConstraint, DropConstraint

from app.core import db
from app.core.i18n import gettext, in_language
from search.port import Index, NeedsRebuild, SearchUnavailable
from storage.port import FileMissing, FileStore

BATCH = 1000
HEAVY_BATCH = 20
"""Rows of tables that hold bytes: a row may have many megabytes."""
SAID_EVERY = 20
VERSION = "alembic_version"

Told = Callable[[str], None]
Key = tuple[Any, ...]

_progress = sa.Table(
    "moving_progress",
    sa.MetaData(),
    sa.Column("step", sa.String(200), primary_key=True),
    sa.Column("source", sa.String(500), nullable=False),
    sa.Column("last", sa.Text),
    sa.Column("done", sa.Boolean, nullable=False),
)
_BEGUN = "begun"


class CannotMove(Exception):
    """Why it cannot go on, for whoever reads Vietnamese or English."""

    def __init__(self, message: str, **values: Any) -> None:
        with in_language("vi"):
            lines = [gettext(message, **values)]
        with in_language("en"):
            lines.append(gettext(message, **values))
        super().__init__("\n".join(lines))


def _(message: str) -> str:
    """Marks a message for the catalogue; CannotMove says it in both languages."""
    return message


def identity(url: str) -> str:
    """Names a source database without its password: on SQLite with the machine it lies on."""
    parts = sa.make_url(url)
    machine = f"{socket.gethostname()}:" if parts.get_backend_name() == "sqlite" else ""
    return machine + parts.set(password=None).render_as_string()


# -- who may be copied into ------------------------------------------------------------------------


def check_target(engine: Engine, store: FileStore | None, index: Index | None, source: str) -> bool:
    """Whether an unfinished copy of `source` stands there; CannotMove when anything else does.

    A store or index that the source uses itself is given as None: it is not looked into.
    """
    with engine.connect() as connection:
        there = set(sa.inspect(connection).get_table_names())
        if _progress.name in there:
            begun = connection.scalar(sa.select(_progress.c.source).where(_progress.c.step == _BEGUN))
            if begun == source:
                return True
            raise CannotMove(
                _(
                    "Cơ sở dữ liệu đích đang nhận dở bản sao của một nơi khác (%(other)s). Hãy chọn cơ sở dữ liệu trống."
                ),
                other=begun,
            )
        filled = [name for name in sorted(there - {VERSION}) if _has_rows(connection, name)]
    if filled:
        raise CannotMove(
            _("Cơ sở dữ liệu đích không trống (bảng %(tables)s). Không sao chép gì; hãy chọn cơ sở dữ liệu trống."),
            tables=", ".join(filled[:5]),
        )
    if store is not None and next(iter(store.listed()), None) is not None:
        raise CannotMove(_("Kho tệp đích không trống. Không sao chép gì; hãy chọn bucket hoặc thư mục trống."))
    try:
        held = index.count() if index is not None else 0
    except NeedsRebuild:
        held = 0
    except SearchUnavailable as error:
        raise CannotMove(_("Không kết nối được máy tìm kiếm đích: %(why)s"), why=error) from None
    if held:
        raise CannotMove(
            _("Chỉ mục tìm kiếm đích đã có %(count)s tài liệu. Không sao chép gì; hãy chọn tên chỉ mục khác."),
            count=held,
        )
    return False


def claim(engine: Engine, source: str) -> None:
    """Write into an empty target whose copy it is going to be, before anything else."""
    with engine.begin() as connection:
        _progress.create(connection, checkfirst=True)
        _mark(connection, _BEGUN, source, None, False)


def release(engine: Engine) -> None:
    """The copy is whole: the target is an installation of its own from now on."""
    with engine.begin() as connection:
        _progress.drop(connection)


def _has_rows(connection: Connection, name: str) -> bool:
    return connection.execute(sa.select(sa.literal(1)).select_from(sa.table(name)).limit(1)).first() is not None


# -- rows ------------------------------------------------------------------------------------------


@contextmanager
def reading(url: str) -> Iterator[Connection]:
    """One unchanging view of a database through a connection that cannot write."""
    engine = db.open_engine(url)
    try:
        with engine.connect() as connection:
            if engine.dialect.name == "sqlite":
                connection.exec_driver_sql("PRAGMA query_only=ON")
            else:
                connection = connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            yield connection
    finally:
        engine.dispose()


def tables() -> list[sa.Table]:
    """Every table, those that others refer to first."""
    return list(db.Base.metadata.sorted_tables)


def check_source(connection: Connection) -> None:
    """Every row of the source must be in a table that this program knows."""
    there = set(sa.inspect(connection).get_table_names())
    if _progress.name in there:
        raise CannotMove(_("Cơ sở dữ liệu nguồn là một bản sao chưa xong. Hãy chạy tiếp việc sao chép đó trước."))
    unknown = sorted(there - set(db.Base.metadata.tables) - {VERSION})
    if filled := [name for name in unknown if _has_rows(connection, name)]:
        raise CannotMove(_("Cơ sở dữ liệu nguồn có bảng lạ: %(tables)s."), tables=", ".join(filled))


def open_target(url: str) -> Engine:
    """An engine for the copy; SQLite looks at references once all rows are there, not before."""
    engine = db.open_engine(url)
    if engine.dialect.name == "sqlite":

        @event.listens_for(engine, "connect")
        def _on_connect(connection: Any, _record: Any) -> None:
            connection.execute("PRAGMA foreign_keys=OFF")

    return engine


def copy_rows(source: Connection, target: Engine, name: str, told: Told, batch: int = BATCH) -> None:
    """All rows of all tables, each batch and its mark in one commit; begins where the last run ended."""
    _loosen(target)
    for table in tables():
        _carry(source, target, table, name, told, batch)
    _tighten(target)
    _set_sequences(target)


def _circular() -> list[sa.ForeignKeyConstraint]:
    """References to rows that may come later: within a table, or to one that refers back to it."""
    order = [table.name for table in tables()]
    found = []
    for table in tables():
        later = order[order.index(table.name) :]
        found += [one for one in table.foreign_key_constraints if one.referred_table.name in later]
    return sorted(found, key=lambda one: str(one.name))


def _loosen(target: Engine) -> None:
    if target.dialect.name == "sqlite":
        return
    with target.begin() as connection:
        for constraint in _circular():
            connection.execute(DropConstraint(constraint, if_exists=True))


def _tighten(target: Engine) -> None:
    """The references that were put aside stand again, and hold."""
    try:
        with target.begin() as connection:
            if target.dialect.name == "sqlite":
                broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
                if broken is not None:
                    raise CannotMove(_("Bảng %(table)s có dòng trỏ đến dòng không tồn tại."), table=broken[0])
                return
            connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
            for constraint in _circular():
                connection.execute(DropConstraint(constraint, if_exists=True))
                connection.execute(AddConstraint(constraint))
    except sa.exc.IntegrityError as error:
        table = getattr(getattr(error.orig, "diag", None), "table_name", "?")
        raise CannotMove(_("Bảng %(table)s có dòng trỏ đến dòng không tồn tại."), table=table) from None


def _carry(source: Connection, target: Engine, table: sa.Table, name: str, told: Told, batch: int) -> None:
    total = source.scalar(sa.select(sa.func.count()).select_from(table)) or 0
    with target.connect() as connection:
        mark = connection.execute(sa.select(_progress).where(_progress.c.step == table.name)).first()
    if mark is not None and mark.done:
        told(f"rows\t{table.name}\t{total}\tdone before")
        return
    after = _read_key(table, mark.last) if mark is not None else None
    insert: Any = postgresql.insert if target.dialect.name == "postgresql" else sqlite.insert
    # Only the same row is passed over: a conflict with another one is told.
    statement = insert(table).on_conflict_do_nothing(index_elements=list(table.primary_key.columns))
    carried = 0
    for number, page in enumerate(_pages(source, table, batch, after), 1):
        rows = [dict(row) for row in page]
        try:
            with target.begin() as connection:
                connection.execute(statement, rows)
                _mark(connection, table.name, name, _key_text(table, rows[-1]), False)
        except (sa.exc.DataError, sa.exc.IntegrityError) as error:
            raise _refused(target, table, rows, statement, error) from None
        carried += len(rows)
        if number % SAID_EVERY == 0:
            told(f"rows\t{table.name}\t{carried} of {total}")
    with target.begin() as connection:
        _mark(connection, table.name, name, None, True)
    told(f"rows\t{table.name}\t{carried} of {total}" + ("\twent on" if after is not None else ""))


def _refused(
    target: Engine, table: sa.Table, rows: list[dict[str, Any]], statement: Any, error: Exception
) -> CannotMove:
    """Which row of a batch the target does not take."""
    for row in rows:
        try:
            with target.connect() as connection:
                connection.execute(statement, [row])  # not committed
        except sa.exc.DBAPIError as found:
            why = str(found.orig).strip().splitlines()[0]
            return CannotMove(
                _("Cơ sở dữ liệu đích không nhận dòng %(key)s của bảng %(table)s: %(why)s"),
                key=_key_text(table, row), table=table.name, why=why,
            )  # fmt: skip
    return CannotMove(
        _("Cơ sở dữ liệu đích không nhận các dòng của bảng %(table)s: %(why)s"), table=table.name, why=error
    )


def _pages(
    connection: Connection, table: sa.Table, batch: int, after: Key | None = None
) -> Iterator[list[sa.RowMapping]]:
    """Rows in the order of their primary key, page by page."""
    keys = list(table.primary_key.columns)
    if any(isinstance(column.type, sa.LargeBinary) for column in table.columns):
        batch = min(batch, HEAVY_BATCH)
    while True:
        query = sa.select(table).order_by(*keys).limit(batch)
        if after is not None:
            values = [sa.literal(value, key.type) for key, value in zip(keys, after, strict=True)]
            query = query.where(sa.tuple_(*keys) > sa.tuple_(*values))
        page = list(connection.execute(query).mappings())
        if page:
            yield page
            after = tuple(page[-1][key.name] for key in keys)
        if len(page) < batch:
            return


def _key_text(table: sa.Table, row: dict[str, Any]) -> str:
    return json.dumps([row[key.name] for key in table.primary_key.columns], default=str)


def _read_key(table: sa.Table, text: str | None) -> Key | None:
    if text is None:
        return None
    columns = list(table.primary_key.columns)
    return tuple(
        uuid.UUID(value) if column.type.python_type is uuid.UUID else value
        for column, value in zip(columns, json.loads(text), strict=True)
    )


def _mark(connection: Connection, step: str, source: str, last: str | None, done: bool) -> None:
    values = {"source": source, "last": last, "done": done}
    if not connection.execute(sa.update(_progress).where(_progress.c.step == step).values(values)).rowcount:
        connection.execute(sa.insert(_progress).values(step=step, **values))


def _set_sequences(target: Engine) -> None:
    """New rows get numbers above the copied ones."""
    if target.dialect.name != "postgresql":
        return
    with target.begin() as connection:
        for table in tables():
            for column in table.columns:
                if column.identity is None:
                    continue
                sequence = connection.scalar(sa.select(sa.func.pg_get_serial_sequence(table.name, column.name)))
                highest = connection.scalar(sa.select(sa.func.max(column)))
                if sequence and highest is not None:
                    connection.execute(sa.select(sa.func.setval(sequence, highest)))


# -- rows compared ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class Content:
    """How many rows a table has, and a SHA-256 sum that does not depend on their order."""

    rows: int
    sum: str


def content(connection: Connection, table: sa.Table, batch: int = BATCH) -> Content:
    """The same rows give the same content on every engine."""
    rows = total = 0
    for page in _pages(connection, table, batch):
        for row in page:
            rows += 1
            text = json.dumps([_plain(row[column.name]) for column in table.columns], ensure_ascii=False)
            total += int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
    return Content(rows, f"{total % 2**256:064x}")


def compare_rows(source: Connection, target: Connection, told: Told) -> list[str]:
    """Names of tables whose rows are not the same."""
    differing = []
    for table in tables():
        here, there = content(source, table), content(target, table)
        same = here == there
        told(f"compared\t{table.name}\t{here.rows} = {there.rows}\tsha256 {there.sum[:16]}" if same else
             f"DIFFERS\t{table.name}\t{here.rows} / {there.rows}\tsha256 {here.sum[:16]} / {there.sum[:16]}")  # fmt: skip
        if not same:
            differing.append(table.name)
    return differing


def _plain(value: Any) -> Any:
    """What a value means, whichever engine kept it."""
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return int(value) if value.is_integer() else repr(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, bytes | memoryview):
        return hashlib.sha256(value).hexdigest()
    if isinstance(value, dict):
        return [[key, _plain(value[key])] for key in sorted(value)]
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return str(value)


# -- bytes -----------------------------------------------------------------------------------------


class _Stream(io.RawIOBase):
    """Pieces as something to read from."""

    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._held = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._held:
            self._held = next(self._pieces, b"")
        count = min(len(buffer), len(self._held))
        buffer[:count] = self._held[:count]
        self._held = self._held[count:]
        return count


def copy_bytes(source: FileStore, target: FileStore, told: Told) -> None:
    """All that stands in the source and does not stand in the target with the same size."""
    there = {found.key: found.size for found in target.listed()}
    wanted = sorted((found.key, found.size) for found in source.listed())
    total, carried = sum(size for _key, size in wanted), 0
    for number, (key, size) in enumerate(wanted, 1):
        if there.get(key) != size:
            target.put(key, _Stream(source.open(key)), size)  # type: ignore[arg-type]
        carried += size
        if number % SAID_EVERY == 0 or number == len(wanted):
            told(f"files\t{number} of {len(wanted)}\t{carried} of {total} bytes")


def compare_bytes(source: FileStore, target: FileStore, told: Told) -> list[str]:
    """Keys whose bytes are not the same on both sides; the target forgets its own, so that a new run brings them."""
    wanted = sorted(found.key for found in source.listed())
    differing = []
    for number, key in enumerate(wanted, 1):
        here, there = _hash(source, key), _hash(target, key)
        if here != there:
            told(f"DIFFERS\t{key}\tsha256 {here} / {there}")
            target.drop(key)
            differing.append(key)
        elif key.startswith("blob/") and not key.endswith(f"/{here}"):
            told(f"WARNING\t{key}\tdamaged at the source already")
        if number % SAID_EVERY == 0 or number == len(wanted):
            told(f"compared\t{number} of {len(wanted)} files by sha256")
    return differing


def _hash(store: FileStore, key: str) -> str:
    digest = hashlib.sha256()
    try:
        for piece in store.open(key):
            digest.update(piece)
    except FileMissing:
        return "missing"
    return digest.hexdigest()
