"""Alembic's environment: models and database come from the application."""

from __future__ import annotations

from alembic import context
from flask import current_app

from app.core import db, outbox  # noqa: F401

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=db.Base.metadata, render_as_batch=connection.dialect.name == "sqlite"
)
with context.begin_transaction():
    context.run_migrations()
assert current_app
