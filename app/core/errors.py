"""The errors that verbs raise. No HTTP in them; `http.py` turns them into answers."""

from __future__ import annotations

from typing import Any


class KhoError(Exception):
    """`message` is for people, translated; `errors` maps a field to its messages."""

    def __init__(self, message: str = "", errors: dict[str, list[str]] | None = None, current: Any = None) -> None:
        super().__init__(message)
        self.message = message
        self.errors = errors or {}
        self.current = current


class NotFound(KhoError): ...


class Gone(KhoError): ...


class Forbidden(KhoError): ...


class Unauthenticated(KhoError): ...


class Conflict(KhoError): ...


class Stale(Conflict):
    """An edit made on an older revision; `current` holds the present one."""


class Invalid(KhoError): ...


class TooLarge(KhoError): ...


class TooMany(KhoError): ...


class Unavailable(KhoError): ...
