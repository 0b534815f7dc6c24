"""Two languages from one catalogue: msgids are Vietnamese, `app/translations/<lang>/*.po` hold the rest."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from babel.numbers import format_decimal

LANGUAGES = ("vi", "en")
VIETNAM = timezone(timedelta(hours=7), "+07")
_FOLDER = Path(__file__).parent.parent / "translations"
_locale: ContextVar[str] = ContextVar("locale", default="vi")


@cache
def catalogue(language: str) -> dict[str, str]:
    """All messages of a language, from every .po file of its folder."""
    found: dict[str, str] = {}
    for path in sorted((_FOLDER / language).glob("*.po")):
        with path.open("rb") as source:
            for message in read_po(source, locale=language):
                if message.id and message.string:
                    found[str(message.id)] = str(message.string)
    return found


def locale() -> str:
    return _locale.get()


def set_locale(language: str) -> None:
    _locale.set(language if language in LANGUAGES else "vi")


@contextmanager
def in_language(language: str) -> Iterator[None]:
    token = _locale.set(language)
    try:
        yield
    finally:
        _locale.reset(token)


def gettext(message: str, **values: Any) -> str:
    text = catalogue(locale()).get(message, message)
    return text % values if values else text


def ngettext(one: str, many: str, count: int, **values: Any) -> str:
    """Vietnamese has one form; English takes the one that fits."""
    return gettext(one if count == 1 else many, **(values or {"num": count}))


_ = gettext


def format_date(value: date | datetime | None) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = value.astimezone(VIETNAM)
    return value.strftime("%d/%m/%Y")


def format_datetime(value: datetime | None) -> str:
    return value.astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M") if value else ""


def format_time(value: datetime | None) -> str:
    return value.astimezone(VIETNAM).strftime("%H:%M") if value else ""


def format_number(value: Any) -> str:
    return "" if value is None else str(format_decimal(value, locale=locale()))


def format_size(size: int | None) -> str:
    """Bytes as people write them: 14,2 MB."""
    amount = float(size or 0)
    for unit in ("B", "kB", "MB", "GB"):
        if amount < 1000 or unit == "GB":
            break
        amount /= 1000
    return f"{format_number(round(amount, 1 if unit != 'B' and amount < 100 else 0))} {unit}"
