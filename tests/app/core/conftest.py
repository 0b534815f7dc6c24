"""An embedded installation with the demo content, made once: what is moved, backed up and restored."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app import create_app
from app.core import db, outbox
from app.core.cli import upgrade
from app.core.settings import Settings
from app.demo import seeding
from tests.conftest import PASSWORD, _close


@pytest.fixture(scope="session")
def _seeded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("seeded") / "var"
    made = create_app(Settings.from_environment({"DATA_DIR": str(folder), "WORKER": "none"}))
    with made.app_context():
        upgrade()
        seeding.seed(PASSWORD, lambda _line: None)
        made.extensions["kho"].worker.drain()
        with db.transaction():
            outbox.note("blob", db.new_id())  # somebody is always at work
    _close(made)
    return folder


@pytest.fixture
def installation(_seeded: Path, tmp_path: Path) -> Path:
    """Its data folder, a copy for one test."""
    folder = tmp_path / "installation"
    shutil.copytree(_seeded, folder)
    return folder
