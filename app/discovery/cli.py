"""Commands about the search index."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.core import ports
from app.discovery import indexer
from search.port import DocumentRefused, SearchUnavailable

group = AppGroup("index", help="The search index.")


@group.command("rebuild")
def rebuild() -> None:
    """Make the index anew from the database; searching goes on meanwhile."""
    try:
        read = indexer.rebuild(lambda n: click.echo(f"\r{n}", nl=False, err=True))
    except (SearchUnavailable, DocumentRefused) as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"\r{read} documents read, {ports.index().count()} in the index")


@group.command("rollback")
def rollback() -> None:
    """Go back to the index before the last rebuild; what changed since then is missing in it."""
    try:
        done = ports.index().roll_back()
    except SearchUnavailable as error:
        raise click.ClickException(str(error)) from None
    if not done:
        raise click.ClickException("no index is kept to go back to")
    click.echo(f"back to the index before, {ports.index().count()} documents; `index rebuild` brings it up to date")


@group.command("status")
def status() -> None:
    """Count the documents of each kind, and what the database has for the index."""
    try:
        for kind in indexer.KINDS:
            click.echo(f"{kind}: {ports.index().count(kind)}")
        click.echo(f"in the database: {indexer.expected()}")
    except SearchUnavailable as error:
        raise click.ClickException(str(error)) from None
