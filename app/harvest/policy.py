"""Who looks after which sources: administrators after all, librarians after those of their units."""

from __future__ import annotations

from app.core.access import Viewer
from app.harvest.models import HarvestSource

KEEPERS = ("administrator", "librarian")


def may_keep(viewer: Viewer, source: HarvestSource) -> bool:
    return viewer.has("administrator") or source.unit_id in viewer.units("librarian")
