"""A librarian's hands: name a source, let the worker run, look at what came in."""

from __future__ import annotations

import shutil
import threading
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.serving import make_server

from app import create_app
from app.core import db
from app.core.access import Viewer
from app.harvest import service
from app.harvest.models import HarvestedRecord, HarvestRun, HarvestSource
from app.resources.models import PUBLISHED, Resource, ResourceVersion
from tests import engines
from tests.conftest import _close, _settings


@dataclass
class Desk:
    app: Flask
    viewer: Viewer

    def source(self, base_url: str, **fields: Any) -> uuid.UUID:
        with self.app.app_context():
            return service.register(self.viewer, base_url=base_url, **{"every_s": 0, **fields}).id

    def run(self, source_id: uuid.UUID, kind: str | None = None) -> HarvestRun:
        """To the end, in this thread."""
        with self.app.app_context():
            run = service.start(self.viewer, source_id, kind)
            return service.finish_now(run.id)

    def titles(self, source_id: uuid.UUID | None = None) -> dict[str, str]:
        """Titles of public harvested lessons by the identifier of the record."""
        with self.app.app_context():
            query = (
                sa.select(HarvestedRecord.identifier, ResourceVersion.title)
                .join(Resource, Resource.id == HarvestedRecord.resource_id)
                .join(ResourceVersion, ResourceVersion.id == Resource.current_version_id)
                .where(Resource.state == PUBLISHED, HarvestedRecord.deleted.is_(False))
            )
            if source_id is not None:
                query = query.where(HarvestedRecord.source_id == source_id)
            return {identifier: title for identifier, title in db.session().execute(query)}

    def records(self, source_id: uuid.UUID) -> dict[str, HarvestedRecord]:
        with self.app.app_context():
            query = sa.select(HarvestedRecord).where(HarvestedRecord.source_id == source_id)
            return {row.identifier: row for row in db.session().scalars(query)}

    def stored(self, source_id: uuid.UUID) -> HarvestSource:
        with self.app.app_context():
            return db.session().get_one(HarvestSource, source_id)


@pytest.fixture
def private(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Loopback may be called, and nobody waits long."""
    kho = app.extensions["kho"]
    kho.settings = replace(kho.settings, harvest_private=True)
    monkeypatch.setattr("app.harvest.service.running.PAUSE_S", 0.01)


@pytest.fixture
def desk(app: Flask, viewer_for: Callable[[str], Viewer], private: None) -> Desk:
    return Desk(app, viewer_for("thuvien"))


def live(provider: Any) -> dict[str, str]:
    """What a provider shares now: title by identifier."""
    return {item.identifier: item.title for item in provider.items.values() if not item.deleted}


@pytest.fixture
def second(tmp_path: Path, _template: Any) -> Iterator[Flask]:
    """Another installation, with the same people and the same name of its repository."""
    folder = tmp_path / "second"
    shutil.copytree(_template.folder, folder, ignore=shutil.ignore_patterns("search.sqlite3*"))
    with engines.engines(_template.database) as own:
        made = create_app(_settings(folder, own))
        yield made
        _close(made)


@contextmanager
def on_the_air(app: Flask) -> Iterator[str]:
    """The application served on a port of its own; gives its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    public = f"http://127.0.0.1:{server.server_port}"
    kho = app.extensions["kho"]
    kho.settings = replace(kho.settings, public_url=public, harvest_private=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield public
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
