"""Commands about the feed in."""

from __future__ import annotations

import json
import uuid

import click
from flask.cli import AppGroup

from app.accounts import queries as accounts
from app.core.access import Viewer
from app.core.errors import KhoError
from app.harvest import check as checking
from app.harvest import queries, service
from app.harvest.models import RUNNING, HarvestRun

group = AppGroup("harvest", help="Repositories of partners harvested here.")
OPERATOR = Viewer(roles=frozenset({("administrator", uuid.UUID(int=0))}))
"""Whoever runs commands on the machine."""


@click.command("oai-check")
@click.argument("url")
@click.option("--pages", default=20, show_default=True, help="read at most so many pages of each list")
@click.option("--token", default=None, help="sent as Authorization: Bearer")
@click.option("--json", "as_json", is_flag=True, help="print the report as JSON")
def oai_check(url: str, pages: int, token: str | None, as_json: bool) -> None:
    """Check any OAI-PMH 2.0 provider at URL; ends with 0 when no error was found, 1 on errors, 2 without an answer."""
    report = checking.check(url, max(2, pages), token)
    if as_json:
        told = [
            {"code": f.code, "severity": f.severity, "rule": f.rule, "request": f.request, "said": f.said}
            for f in report.findings
        ]
        facts = {"url": url, "name": report.name, "grade": report.grade, "records": report.records}
        facts |= {"whole": report.whole, "requests": report.requests, "findings": told}
        click.echo(json.dumps(facts, ensure_ascii=False, indent=1))
    else:
        for one in report.findings:
            click.echo(f"{one.severity:6}  {one.code}: {one.rule}\n        {one.request}")
            if one.said:
                click.echo(f"        {one.said}")
        read = "all" if report.whole else "the first"
        click.echo(
            f"{report.name or url}: grade {report.grade}; {len(report.errors)} errors, "
            f"{len(report.findings) - len(report.errors)} advice; {read} {report.records} records read "
            f"in {report.requests} requests"
        )
    if not report.listed:
        raise SystemExit(2)
    if report.errors:
        raise SystemExit(1)


commands = (group, oai_check)


@group.command("list")
def listed() -> None:
    """List the sources with their last run."""
    for source in queries.listed(OPERATOR, 10_000):
        last = queries.last_run(source.id)
        said = f"{last.state} {queries.words(last.problem)}".strip() if last else "-"
        click.echo(f"{source.id}  {source.base_url}  {source.prefix}  {source.spec or '*'}  {said}")


@group.command("add")
@click.argument("login")
@click.argument("base_url")
@click.option("--prefix", default="oai_dc", show_default=True)
@click.option("--set", "spec", default="")
@click.option("--files", type=click.Choice(["none", "on_demand", "all"]), default="none", show_default=True)
@click.option("--name", default=None)
def add(login: str, base_url: str, prefix: str, spec: str, files: str, name: str | None) -> None:
    """Name BASE_URL a source, in the name of the librarian LOGIN; print its id."""
    user = accounts.user_by_login(login)
    if user is None:
        raise click.ClickException(f"no account {login}")
    try:
        made = service.register(
            accounts.viewer_of(user), base_url=base_url, prefix=prefix, spec=spec, files=files, name=name
        )
    except KhoError as error:
        raise click.ClickException(error.message) from None
    click.echo(made.id)


@group.command("run")
@click.argument("source_id", type=click.UUID, required=False)
@click.option("--check", is_flag=True, help="look through the whole list for records that are gone")
def run(source_id: uuid.UUID | None, check: bool) -> None:
    """Harvest SOURCE_ID, or every active source, now and to the end."""
    ids = [source_id] if source_id else [one.id for one in queries.listed(OPERATOR, 10_000) if one.active]
    failed = 0
    for wanted in ids:
        try:
            source = queries.source(OPERATOR, wanted)
            click.echo(source.base_url)
            begun = service.start(OPERATOR, wanted, "check" if check else None)
        except KhoError as error:
            raise click.ClickException(error.message) from None
        ended = service.finish_now(begun.id, _tell)
        failed += ended.state != "done"
    while service.fetch_some():
        pass
    if failed:
        raise SystemExit(1)


def _tell(run: HarvestRun) -> None:
    end = "" if run.state == RUNNING else "\n"
    said = f"records {run.records}, deleted {run.deleted}, unchanged {run.unchanged}, skipped {run.skipped}"
    click.echo(f"\r{run.state}: {said}. {queries.words(run.problem)}{end}", nl=False)


@group.command("remap")
@click.argument("source_id", type=click.UUID, required=False)
def remap(source_id: uuid.UUID | None) -> None:
    """Map all records anew (of one source); print how many."""
    click.echo(service.remap(source_id))
    while service.remap_some():
        pass
