"""Verbs of the feed in: name a source, run it, decide what its words mean, fetch its files."""

from app.harvest.service.filing import fetch_some, want
from app.harvest.service.running import finish_now, start, start_due, work
from app.harvest.service.sources import change, confirm_missing, decide, register
from app.harvest.service.taking import remap, remap_some

__all__ = [
    "start", "start_due", "change", "confirm_missing", "decide", "fetch_some", "finish_now", "register", "remap",
    "remap_some", "want", "work",
]  # fmt: skip
