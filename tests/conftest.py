"""Fixtures: a real application on real engines, one data folder (and database, index, bucket prefix) for each test."""

from __future__ import annotations

import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.accounts import queries, service
from app.accounts.models import User
from app.core import i18n
from app.core.access import Viewer
from app.core.cli import upgrade
from app.core.settings import Settings
from app.demo import people as demo_people
from tests import engines

PASSWORD = "hoc-lieu-2026"


def pytest_configure(config: pytest.Config) -> None:
    from app.accounts import service as accounts

    # Hashing is slow by design; the tests sign in thousands of times.
    accounts._hasher = accounts.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


@pytest.fixture(scope="session")
def corpora() -> Path:
    """Real files by others: `CORPORA_DIR`, by default beside the project. In CI their absence is a failure."""
    given = os.environ.get("CORPORA_DIR") or str(Path(__file__).parent.parent.parent / "shared" / "corpora")
    if not Path(given).is_dir():
        if os.environ.get("CI"):
            pytest.fail(f"CORPORA_DIR: no folder {given}")
        pytest.skip("CORPORA_DIR is not set: corpus tests skipped")
    return Path(given)


@dataclass(frozen=True)
class Template:
    """What every test starts from: a folder, and the name of a database where one is configured."""

    folder: Path
    database: str


@pytest.fixture(scope="session")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Template]:
    """A migrated database with the demo people, made once and copied for each test."""
    folder = tmp_path_factory.mktemp("template")
    with engines.engines() as own:
        made = create_app(_settings(folder, own))
        with made.app_context():
            upgrade()
            demo_people.seed(PASSWORD)
        _close(made)
        yield Template(folder, own.name)


def _settings(folder: Path, own: engines.Engines) -> Settings:
    environ = {"DATA_DIR": str(folder), "WORKER": "none", "PUBLIC_URL": "http://localhost", **own.urls}
    return replace(Settings.from_environment(environ), testing=True)


def _close(made: Flask) -> None:
    made.extensions["kho"].worker.stop()
    made.extensions["kho"].engine.dispose()
    close = getattr(made.extensions["kho"].index, "close", None)
    if close:
        close()


@pytest.fixture
def settings(tmp_path: Path, _template: Template) -> Iterator[Settings]:
    folder = tmp_path / "var"
    shutil.copytree(_template.folder, folder, ignore=shutil.ignore_patterns("search.sqlite3*"))
    with engines.engines(_template.database) as own:
        yield _settings(folder, own)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    made = create_app(settings)
    yield made
    i18n.set_locale("vi")  # a test's last request may have been an English one
    _close(made)


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A guest."""
    return app.test_client()


@pytest.fixture
def as_user(app: Flask) -> Callable[[str], FlaskClient]:
    """A client that carries the token of a demo person."""

    def make(login: str) -> FlaskClient:
        with app.app_context():
            user = queries.user_by_login(login)
            assert user is not None
            token, _ends = service.issue_token(user)
        made = app.test_client()
        made.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        return made

    return make


@pytest.fixture
def signed_in(app: Flask) -> Callable[[str], FlaskClient]:
    """A browser in which a demo person signed in by the page."""

    def make(login: str) -> FlaskClient:
        made = app.test_client()
        answer = made.post("/signin", data={"login": login, "password": PASSWORD})
        assert answer.status_code == 303, answer.text
        return made

    return make


@pytest.fixture
def people(app: Flask) -> dict[str, User]:
    with app.app_context():
        found = {login: queries.user_by_login(login) for login in demo_people.LOGINS}
    return {login: user for login, user in found.items() if user is not None}


@pytest.fixture
def viewer_for(app: Flask) -> Callable[[str], Viewer]:
    """The Viewer of a demo person, for calling verbs directly."""

    def make(login: str) -> Viewer:
        with app.app_context():
            user = queries.user_by_login(login)
            assert user is not None
            return queries.viewer_of(user)

    return make


@pytest.fixture
def drain(app: Flask) -> Callable[[], None]:
    """Apply all outbox notes now."""

    def run() -> None:
        with app.app_context():
            app.extensions["kho"].worker.drain()

    return run


@pytest.fixture
def unknown_id() -> uuid.UUID:
    return uuid.UUID("00000000-0000-7000-8000-000000000000")
