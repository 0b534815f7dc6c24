"""The installation's own table of short forms: read at every search, so that a change works at once."""

from __future__ import annotations

import uuid

import sqlalchemy as sa

from app.core.access import Viewer
from app.core.db import now, session, transaction
from app.core.errors import Forbidden, Invalid, NotFound
from app.core.i18n import gettext as _
from app.discovery.models import SearchWord
from search.abbreviations import LONGEST_FORM, Entry
from search.folding import fold, nfc, words

KEEPERS = ("librarian", "department", "administrator")
MOST = 2000
MOST_MEANINGS = 8


def entries() -> tuple[Entry, ...]:
    """What a query is opened with beside the table of the program."""
    rows = session().execute(sa.select(SearchWord.form, SearchWord.means, SearchWord.both).order_by(SearchWord.key))
    return tuple(Entry(form, tuple(means), both) for form, means, both in rows)


def listed() -> list[SearchWord]:
    """All own entries in alphabetical order."""
    return list(session().scalars(sa.select(SearchWord).order_by(SearchWord.key)))


def keep(viewer: Viewer, form: str, means: str, both: bool) -> SearchWord:
    """Add an entry, or replace the one of the same form. `means` are phrases with commas between them.

    Raises Forbidden, Invalid (fields `form`, `means`).
    """
    _may(viewer)
    form = " ".join(nfc(form).split())
    phrases = list(dict.fromkeys(" ".join(part.split()) for part in nfc(means).split(",") if part.strip()))
    key = " ".join(words(fold(form)))
    found: dict[str, list[str]] = {}
    if not key or len(form) > 80 or len(key.split()) > LONGEST_FORM:
        found["form"] = [_("Viết một từ hay cụm từ, nhiều nhất %(count)s tiếng.", count=LONGEST_FORM)]
    if not phrases or len(phrases) > MOST_MEANINGS or any(len(one) > 120 or not words(one) for one in phrases):
        found["means"] = [_("Viết từ một đến %(count)s nghĩa, cách nhau bằng dấu phẩy.", count=MOST_MEANINGS)]
    elif any(" ".join(words(fold(one))) == key for one in phrases):
        found["means"] = [_("Nghĩa trùng với chính từ ấy.")]
    if found:
        raise Invalid(_("Chưa lưu được từ này."), errors=found)
    with transaction() as unit:
        row = unit.scalar(sa.select(SearchWord).where(SearchWord.key == key))
        if row is None:
            if (unit.scalar(sa.select(sa.func.count()).select_from(SearchWord)) or 0) >= MOST:
                raise Invalid(
                    _("Bảng đã có %(count)s từ. Hãy bỏ bớt.", count=MOST), errors={"form": [_("Bảng đã đầy.")]}
                )
            row = SearchWord(key=key)
        row.form, row.means, row.both = form, phrases, both
        row.changed_by, row.changed_at = viewer.id, now()  # type: ignore[assignment]
        unit.add(row)
        unit.flush()
    return row


def drop(viewer: Viewer, word_id: uuid.UUID) -> None:
    """Take an entry out."""
    _may(viewer)
    with transaction() as unit:
        row = unit.get(SearchWord, word_id)
        if row is None:
            raise NotFound(_("Từ này không còn trong bảng."))
        unit.delete(row)


def _may(viewer: Viewer) -> None:
    if not viewer.has(*KEEPERS):
        raise Forbidden(_("Việc này dành cho thủ thư, sở và quản trị viên."))
