"""Commands about stored bytes."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from app.files import upkeep, uploads

group = AppGroup("files", help="Stored bytes.")


@group.command("verify")
@click.option("--read/--quick", default=True, help="read all bytes and compare their hashes (default), or sizes only")
@click.option("--hours", default=24.0, show_default=True, help="bytes without a row are an orphan after these")
@click.option(
    "--repair", type=click.Choice(["none"]), default="none", help="it only looks: `files sweep` drops orphans"
)
def verify(read: bool, hours: float, repair: str) -> None:
    """Find rows without bytes, bytes without rows and flipped bits; ends with 1 when there are any.

    Bytes without a row that came within the last hours are named `young` and are no fault: they may be a file that
    is just coming in.
    """
    counts: dict[str, int] = {}
    for fault in upkeep.verify(read, hours * 3600, _progress, young=True):
        click.echo(f"{fault.kind}\t{fault.key}")
        counts[fault.kind] = counts.get(fault.kind, 0) + 1
    told = ", ".join(f"{count} {kind}" for kind, count in sorted(counts.items()))
    faults = set(counts) - {"young"}
    click.echo(told if faults else f"all bytes are there{f' ({told})' if told else ''}", err=True)
    sys.exit(1 if faults else 0)


def _progress(rows: int, looked_at: int) -> None:
    click.echo(f"{rows} rows, {looked_at} bytes looked at", err=True)


@group.command("sweep")
@click.option("--hours", default=24.0, show_default=True, help="leave alone what is younger")
def sweep(hours: float) -> None:
    """Drop bytes that no row needs and what broken uploads left behind."""
    swept = upkeep.sweep(hours * 3600)
    begun = uploads.sweep(max(hours * 3600, uploads.GRACE_S))
    click.echo(
        f"dropped: {swept.orphans} orphans, {swept.unfinished} unfinished, {swept.staged} staged, {begun} uploads begun"
    )
