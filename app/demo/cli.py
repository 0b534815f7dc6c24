"""The command that puts the demo content in and tells how to sign in."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import click
from flask import current_app
from flask.cli import AppGroup

from app.accounts import queries, service
from app.core import ports
from app.demo import classmates, surveys

group = AppGroup("demo", help="Demo content.")
ROLES = (
    ("quantri", "quản trị"),
    ("sogd", "sở giáo dục"),
    ("thuvien", "thủ thư"),
    ("totruong", "thẩm định"),
    ("giaovien", "giáo viên"),
    ("hocsinh", "học sinh"),
    ("doitac", "đối tác"),
)
LOGINS = [login for login, _role in ROLES] + ["giaovien2", "totruong2", "hocsinh2"]


@group.command("seed")
@click.option("--at-start", is_flag=True, help="pass over a database with real people in it without a word")
def seed(at_start: bool) -> None:
    """Put the demo content in, unless it is there, and print the logins; refused where real people are."""
    if queries.has_real_people():
        if at_start:
            return
        raise click.ClickException("the database has real people in it: no demo content")
    fresh = queries.user_by_login("quantri") is None
    password = _password(fresh)
    _fill(password)
    click.echo("\nTài khoản mẫu (mật khẩu chung: %s)" % (password or "như lần trước"))
    for login, role in ROLES:
        click.echo(f"  {login:<10} {role}")
    click.echo("")


def _fill(password: str) -> None:
    if surveys.are_there():
        return
    # What makes the files is not loaded at every start of the service.
    from app.demo import seeding

    seeding.seed(password, click.echo)
    worker = current_app.extensions["kho"].worker
    for lane in ("index", "feed"):
        worker.drain(lane)


def _password(fresh: bool) -> str:
    """The password of all demo people: DEMO_PASSWORD, else the one made at the first start and kept."""
    path = ports.settings().data_dir / "demo_password"
    kept = path.read_text().strip() if path.exists() else ""
    wanted = os.environ.get("DEMO_PASSWORD") or kept or (secrets.token_urlsafe(9) if fresh else "")
    if wanted and not 8 <= len(wanted) <= service.MAX_PASSWORD:
        raise click.ClickException("DEMO_PASSWORD: must have 8 to 200 characters")
    if wanted and not fresh and wanted != kept:
        for login in LOGINS + [name for room in classmates.NAMES for name in classmates.logins(room)]:
            if queries.user_by_login(login) is not None:
                service.set_password(login, wanted)
    if wanted and wanted != kept:
        _keep(path, wanted)
    return wanted


def _keep(path: Path, password: str) -> None:
    """Readable by its owner only from the first moment."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as out:
        out.write(password + "\n")
    beside.replace(path)
