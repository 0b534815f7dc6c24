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
from alembic import command
from alembic.config import Config
from flask import current_app
from flask.cli import with_appcontext

from app.core import db, ports

ROOT = Path(__file__).parent.parent.parent


def alembic_config(connection: Any) -> Config:
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.attributes["connection"] = connection
    return config


def upgrade(revision: str = "head") -> None:
    """Bring the database to a revision; everything or nothing on engines with transactional DDL."""
    with db.engine().connect() as connection:
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


COMMANDS = (migrate, revision, worker, serve)
