"""Migrations lead to the very tables the models describe."""

from __future__ import annotations

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask

from app.core import db
from app.core.cli import alembic_config


def test_models_and_migrations_agree(app: Flask) -> None:
    with app.app_context(), db.engine().connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.Base.metadata) == []


def test_a_difference_would_be_seen(app: Flask) -> None:
    planted = sa.MetaData(naming_convention=db.NAMES)
    for table in db.Base.metadata.tables.values():
        table.to_metadata(planted)
    sa.Table("planted", planted, sa.Column("id", sa.Integer, primary_key=True))
    with app.app_context(), db.engine().connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), planted)
    assert [change[0] for change in differences] == ["add_table"]


def test_one_line_of_migrations() -> None:
    script = ScriptDirectory.from_config(alembic_config(None))
    assert len(script.get_heads()) == 1


def test_constraints_have_names() -> None:
    for table in db.Base.metadata.tables.values():
        for constraint in table.constraints:
            assert constraint.name, (table.name, constraint)
