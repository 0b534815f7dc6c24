"""Commands of the installation itself: database, service, worker."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.engine import Connection, Engine

from app.core import db, moving, ports
from app.core.moving import _
from app.core.settings import BadSetting, Settings
from search.open import open_index
from search.port import SearchUnavailable
from storage.open import open_store
from storage.port import StorageError

ROOT = Path(__file__).parent.parent.parent


def alembic_config(connection: Any) -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["connection"] = connection
    return config


def upgrade(revision: str = "head", engine: Engine | None = None) -> None:
    """Bring the database to a revision; everything or nothing on engines with transactional DDL."""
    with (engine or db.engine()).connect() as connection:
        command.upgrade(alembic_config(connection), revision)
        connection.commit()


@click.command("migrate")
@click.argument("revision", default="head")
@with_appcontext
def migrate(revision: str) -> None:
    """Bring the database to REVISION (default: the newest)."""
    upgrade(revision)


@click.command("revision")
@click.argument("message")
@with_appcontext
def revision(message: str) -> None:
    """Write a migration from the difference between models and database (developers)."""
    with db.engine().connect() as connection:
        command.revision(alembic_config(connection), message, autogenerate=True)


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Run the worker as a process of its own (set WORKER=none for the service).

    While it is well it touches DATA_DIR/worker-HOST.alive every second, for whoever watches it.
    """
    made = current_app.extensions["kho"].worker
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_args: made._stopping.set())
    alive = ports.settings().data_dir / f"worker-{socket.gethostname()}.alive"
    made.run_forever(alive.touch)
    made.stop()
    alive.unlink(missing_ok=True)


@click.command("serve")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", default=lambda: int(os.environ.get("PORT") or 8000), type=int)
@click.option("--processes", default=1, show_default=True, help="more than one only with PostgreSQL")
@click.option("--threads", default=16, show_default=True)
@with_appcontext
def serve(host: str, port: int, processes: int, threads: int) -> None:
    """Serve the site."""
    settings = ports.settings()
    click.echo(f"Kho Chung: {settings.public_url}")
    args = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", host, "--port", str(port)]
    args += ["--workers", str(processes), "--blocking-threads", str(threads), "--no-ws", "--log-level", "error"]
    args += ["--workers-kill-timeout", "10", "wsgi:app"]
    process = subprocess.Popen(args, cwd=ROOT)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_args: process.send_signal(signal.SIGTERM))
    with contextlib.suppress(KeyboardInterrupt):
        process.wait()
    sys.exit(0 if process.returncode in (0, -15) else process.returncode)


@click.command("migrate-to")
@click.option("--database", required=True, metavar="URL", help="as in DATABASE_URL; an empty database")
@click.option("--search", required=True, metavar="URL", help="as in SEARCH_URL; an index that is not there yet")
@click.option("--storage", required=True, metavar="URL", help="as in STORAGE_URL; an empty bucket, prefix or folder")
@click.option("--batch", default=moving.BATCH, show_default=True, type=click.IntRange(1), help="rows a commit")
@with_appcontext
def migrate_to(database: str, search: str, storage: str, batch: int) -> None:
    """Copy this installation to other engines and compare; stop the service first.

    Nothing changes here. Killed on the way, the same command goes on. Ends with 0 when every table and every file
    is the same on both sides.
    """
    here = ports.settings()
    given = {"DATABASE_URL": database, "SEARCH_URL": search, "STORAGE_URL": storage}
    environ = {**os.environ, "DATA_DIR": str(here.data_dir), "WORKER": "none", **given}
    there = Settings.from_environment(environ)
    if moving.identity(here.database_url) == moving.identity(there.database_url):
        raise BadSetting("DATABASE_URL", "the target is the source")
    engine = moving.open_target(there.database_url)
    try:
        _move(here, there, engine, batch, environ)
    except (moving.CannotMove, StorageError, SearchUnavailable) as error:
        raise click.ClickException(str(error)) from None
    except sa.exc.DBAPIError as error:
        raise click.ClickException(f"database: {error.orig}") from None
    finally:
        engine.dispose()


def _move(here: Settings, there: Settings, engine: Engine, batch: int, environ: dict[str, str]) -> None:
    def told(line: str) -> None:
        click.echo(line)

    try:
        store, index = open_store(there.storage_url), open_index(there.search_url)
    except ValueError as error:
        raise click.ClickException(str(error)) from None
    source = moving.identity(here.database_url)
    own_store, own_index = there.storage_url == here.storage_url, there.search_url == here.search_url
    try:
        store.check()
        with moving.reading(here.database_url) as rows:
            _check_revision(rows)
            moving.check_source(rows)
            resumed = moving.check_target(engine, None if own_store else store, None if own_index else index, source)
            told("going on with an unfinished copy" if resumed else "the target is empty: copying")
            if not resumed:
                moving.claim(engine, source)
            upgrade(engine=engine)
            moving.copy_rows(rows, engine, source, told, batch)
            if not own_store:
                moving.copy_bytes(ports.files(), store, told)
            with engine.connect() as copied:
                tables = moving.compare_rows(rows, copied, told)
            files = [] if own_store else moving.compare_bytes(ports.files(), store, told)
    finally:
        index.close()
    if tables or files:
        raise moving.CannotMove(
            _(
                "Bản sao khác với nguồn (%(tables)s bảng, %(files)s tệp). Nếu nguồn đã thay đổi trong khi sao chép: "
                "hãy dừng dịch vụ, xoá trống nơi đích rồi sao chép lại."
            ),
            tables=len(tables),
            files=len(files),
        )
    told("making the search index")
    if _there(environ, "index", "rebuild"):
        raise moving.CannotMove(_("Không lập được chỉ mục tìm kiếm ở nơi đích. Hãy chạy lại lệnh này."))
    moving.release(engine)
    if _there(environ, "files", "verify", "--quick"):
        told("WARNING\tthe source lacks bytes, too: see the lines above")
    told("done: every table and every file is the same; set the three URLs, keep SECRET_KEY, start the service")


def _check_revision(rows: Connection) -> None:
    """What is copied has the tables that the target will have."""
    newest = ScriptDirectory.from_config(alembic_config(None)).get_heads()
    if set(MigrationContext.configure(rows).get_current_heads()) != set(newest):
        raise moving.CannotMove(_("Cơ sở dữ liệu nguồn chưa ở phiên bản mới nhất. Hãy chạy lệnh migrate trước."))


def _there(environ: dict[str, str], *command: str) -> int:
    """A command of this program on the target's engines; what it says is said here."""
    return subprocess.run([sys.executable, "wsgi.py", *command], cwd=ROOT, env=environ, check=False).returncode


COMMANDS = (migrate, revision, worker, serve, migrate_to)
