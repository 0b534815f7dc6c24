"""Commands about the feed."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.oai import feed

group = AppGroup("feed", help="The feed that partners harvest.")


@group.command("refresh")
def refresh() -> None:
    """Write anew the records made under other rules (crosswalk, PUBLIC_URL) and print how many."""
    total = 0
    while count := feed.refresh():
        total += count
    click.echo(total)


@group.command("rebuild")
def rebuild() -> None:
    """Go over all published lessons and all records; print the number of lessons."""
    click.echo(feed.rebuild())
