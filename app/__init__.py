"""Kho Chung. `create_app` builds the Flask application; nothing else lives here."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.core.settings import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """Build the application; without settings they are read from the environment."""
    from app.core.settings import Settings as Read
    from app.wiring import build

    return build(settings or Read.from_environment())
