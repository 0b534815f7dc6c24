"""Commands about people."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.accounts import queries, service

group = AppGroup("people", help="People and organisations.")


@group.command("add-department")
@click.argument("name")
@click.argument("province")
def add_department(name: str, province: str) -> None:
    """Make a department (sở) of PROVINCE (two-digit code) and print its id."""
    click.echo(service.add_unit("department", name, province).id)


@group.command("add")
@click.argument("login")
@click.argument("name")
@click.argument("role")
@click.argument("unit_id", type=click.UUID)
@click.password_option()
def add(login: str, name: str, role: str, unit_id, password: str) -> None:  # type: ignore[no-untyped-def]
    """Make a person with ROLE in the unit UNIT_ID; asks for the password."""
    click.echo(service.add_user(login, name, password, [(role, unit_id)]).id)


@group.command("set-password")
@click.argument("login")
@click.password_option()
def set_password(login: str, password: str) -> None:
    """Give LOGIN a new password and end all its sessions and tokens."""
    service.set_password(login, password)


@group.command("units")
def units() -> None:
    """List departments and schools."""
    for unit in queries.units():
        click.echo(f"{unit.id}  {unit.kind:10}  {unit.name}")
