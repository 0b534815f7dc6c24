"""What wiring plugged in for this application."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import current_app

if TYPE_CHECKING:
    from app.core.settings import Settings
    from search.port import Index
    from storage.port import FileStore


def settings() -> Settings:
    found: Settings = current_app.extensions["kho"].settings
    return found


def index() -> Index:
    found: Index = current_app.extensions["kho"].index
    return found


def files() -> FileStore:
    found: FileStore = current_app.extensions["kho"].files
    return found
