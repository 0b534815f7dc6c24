"""A librarian's hands: name a source, let the worker run, look at what came in."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.core import db
from app.core.access import Viewer
from app.harvest import service
from app.harvest.models import HarvestedRecord, HarvestRun, HarvestSource
from app.resources.models import PUBLISHED, Resource, ResourceVersion


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
