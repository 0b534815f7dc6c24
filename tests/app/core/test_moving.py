"""`migrate-to` brings an embedded installation to other engines: to those configured, else to a second folder."""

from __future__ import annotations

import hashlib
import io
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from app import create_app
from app.core import db, moving, outbox
from app.core.settings import Settings
from storage.open import open_store
from tests import engines
from tests.conftest import _close

ROOT = Path(__file__).parent.parent.parent.parent


@dataclass
class Target:
    settings: Settings

    def command(self, source: Path, *more: str) -> list[str]:
        made = [sys.executable, "wsgi.py", "migrate-to", "--database", self.settings.database_url]
        return [*made, "--search", self.settings.search_url, "--storage", self.settings.storage_url, *more]

    def run(self, source: Path, *more: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(source, *more), cwd=ROOT, env=environ(source), capture_output=True, text=True, check=False
        )

    def run_until(self, source: Path, line: str) -> None:
        """Killed without warning as soon as it says something that begins with `line`."""
        argv = self.command(source, "--batch", "5")
        with subprocess.Popen(argv, cwd=ROOT, env=environ(source), stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            said = next((told for told in process.stdout if told.startswith(line)), None)
            process.send_signal(signal.SIGKILL)
        assert said is not None
        assert process.returncode == -signal.SIGKILL

    def change(self, statement: str) -> None:
        engine = db.open_engine(self.settings.database_url)
        with engine.begin() as connection:
            connection.exec_driver_sql(statement)
        engine.dispose()


def environ(folder: Path) -> dict[str, str]:
    own = {
        name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "SEARCH_URL", "STORAGE_URL")
    }
    return {**own, "DATA_DIR": str(folder), "WORKER": "none", "PUBLIC_URL": "http://localhost"}


@pytest.fixture
def target(tmp_path: Path) -> Iterator[Target]:
    with engines.engines() as own:
        yield Target(Settings.from_environment({"DATA_DIR": str(tmp_path / "target"), "WORKER": "none", **own.urls}))


def prints(folder: Path) -> dict[str, str]:
    """Every file of an installation, but for what SQLite keeps beside an open database."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.endswith(("-wal", "-shm"))
    }


def contents(url: str) -> dict[str, moving.Content]:
    with moving.reading(url) as connection:
        return {table.name: moving.content(connection, table) for table in moving.tables()}


def test_killed_on_the_way_it_goes_on_and_both_sides_are_the_same(installation: Path, target: Target) -> None:
    before = prints(installation)
    here = f"sqlite:///{installation}/kho.sqlite3"
    target.run_until(installation, "rows\tquestions\t100 of 200")
    assert contents(target.settings.database_url)["answers"].rows == 0
    target.run_until(installation, "files\t20 of")
    done = target.run(installation)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "going on with an unfinished copy" in done.stdout
    assert "rows\tquestions\t200\tdone before" in done.stdout
    assert "DIFFERS" not in done.stdout

    assert prints(installation) == before
    assert contents(target.settings.database_url) == contents(here)
    assert contents(here)["answers"].rows > 100
    for key in (store := open_store(target.settings.storage_url)).keys():
        assert hashlib.sha256(b"".join(store.open(key))).hexdigest() == key.rpartition("/")[2]
    assert sum(1 for _key in store.keys()) == contents(here)["blob"].rows

    made = create_app(target.settings)
    with made.app_context(), db.engine().connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), db.Base.metadata) == []
    found = made.test_client().get("/api/v1/search?type=resource").json
    assert found["total"] > 20
    assert found["degraded"] is False
    # New rows are numbered after the copied ones.
    with made.app_context(), db.transaction():
        outbox.note("blob", db.new_id())
    _close(made)

    again = target.run(installation)
    assert again.returncode == 1
    assert "Cơ sở dữ liệu đích không trống" in again.stderr
    assert "The target database is not empty" in again.stderr


def test_what_differs_is_told_and_the_copy_is_not_called_done(installation: Path, target: Target) -> None:
    target.run_until(installation, "files\t20 of")
    target.change("UPDATE users SET name = 'Somebody else' WHERE login = 'giaovien'")
    store = open_store(target.settings.storage_url)
    key = next(iter(store.keys()))
    data = b"".join(store.open(key))
    store.put(key, io.BytesIO(data[:-1] + bytes([data[-1] ^ 1])))
    done = target.run(installation)
    assert done.returncode == 1
    assert "DIFFERS\tusers" in done.stdout
    assert f"DIFFERS\t{key}" in done.stdout
    assert "Bản sao khác với nguồn (1 bảng, 1 tệp)" in done.stderr
    assert "The copy differs from the source (1 tables, 1 files)" in done.stderr
    assert not store.exists(key)


def test_a_foreign_target_is_refused_untouched(installation: Path, target: Target) -> None:
    store = open_store(target.settings.storage_url)
    store.put("somebody/else", io.BytesIO(b"x"))
    done = target.run(installation)
    assert done.returncode == 1
    assert "Kho tệp đích không trống" in done.stderr
    assert "The target file store is not empty" in done.stderr
    engine = db.open_engine(target.settings.database_url)
    assert sa.inspect(engine).get_table_names() == []

    store.drop("somebody/else")
    moving.claim(engine, "another machine:sqlite:////srv/kho.sqlite3")
    done = target.run(installation)
    assert done.returncode == 1
    assert "unfinished copy of another installation (another machine:" in done.stderr
    assert sa.inspect(engine).get_table_names() == ["moving_progress"]
    engine.dispose()


def test_a_source_is_no_target_of_itself(installation: Path, target: Target) -> None:
    argv = target.command(installation)
    argv[argv.index("--database") + 1] = f"sqlite:///{installation}/kho.sqlite3"
    done = subprocess.run(argv, cwd=ROOT, env=environ(installation), capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "DATABASE_URL: the target is the source" in done.stderr
