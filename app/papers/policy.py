"""Who may make and see papers and their keys. Pure."""

from __future__ import annotations

from app.core.access import Viewer
from app.papers.models import Paper

MAKERS = ("teacher", "reviewer", "department", "administrator")


def may_create(viewer: Viewer) -> bool:
    return viewer.has(*MAKERS)


def may_see(viewer: Viewer, paper: Paper) -> bool:
    """A paper is secret until it was written: its maker and administrators, keys and all, and nobody else."""
    return may_create(viewer) and (viewer.id == paper.owner_id or viewer.has("administrator"))
