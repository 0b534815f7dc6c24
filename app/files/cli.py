"""Commands about stored bytes."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from app.files import upkeep, uploads

group = AppGroup("files", help="Stored bytes.")


@group.command("verify")
@click.option("--read", is_flag=True, help="read all bytes and compare their hashes")
def verify(read: bool) -> None:
    """Find rows without bytes, bytes without rows and, with --read, flipped bits; 1 when bytes are lost."""
    counts: dict[str, int] = {}
    for fault in upkeep.verify(read):
        click.echo(f"{fault.kind}\t{fault.key}")
        counts[fault.kind] = counts.get(fault.kind, 0) + 1
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    click.echo(told or "all bytes are there", err=True)
    sys.exit(1 if set(counts) - {"orphan"} else 0)


@group.command("sweep")
@click.option("--hours", default=24.0, show_default=True, help="leave alone what is younger")
def sweep(hours: float) -> None:
    """Drop bytes that no row needs and what broken uploads left behind."""
    swept = upkeep.sweep(hours * 3600)
    begun = uploads.sweep(max(hours * 3600, uploads.GRACE_S))
    click.echo(
        f"dropped: {swept.orphans} orphans, {swept.unfinished} unfinished, {swept.staged} staged, {begun} uploads begun"
    )
