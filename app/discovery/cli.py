"""Commands about the search index."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.core import ports
from app.discovery import indexer
from search.port import SearchUnavailable

group = AppGroup("index", help="The search index.")


@group.command("rebuild")
def rebuild() -> None:
    """Make the index anew from the database; searching goes on meanwhile."""
    try:
        read = indexer.rebuild(lambda n: click.echo(f"\r{n}", nl=False, err=True))
    except SearchUnavailable as error:
        raise click.ClickException(str(error)) from None
    click.echo(f"\r{read} documents read, {ports.index().count()} in the index")


@group.command("status")
def status() -> None:
    """Count the documents of each kind."""
    try:
        for kind in indexer.KINDS:
            click.echo(f"{kind}: {ports.index().count(kind)}")
    except SearchUnavailable as error:
        raise click.ClickException(str(error)) from None
