"""Reads of papers: for their maker only, keys and all."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

import sqlalchemy as sa

from app.core import db, ports
from app.core.access import Viewer
from app.core.errors import NotFound
from app.core.i18n import gettext as _
from app.papers import policy
from app.papers.models import Paper, PaperForm, PaperItem
from app.papers.printing import order
from app.papers.printing.keys import Key
from app.papers.printing.sheet import Question, Sheet
from app.questions import queries as bank
from app.questions.models import QuestionMedia
from app.vocabularies import queries as vocabularies
from storage import keys as places

_ENDINGS = {"image/png": "png", "image/jpeg": "jpg", "image/gif": "gif", "image/svg+xml": "svg", "image/webp": "webp"}
_ADDRESS = re.compile(re.escape(bank.MEDIA) + r"[0-9a-f-]{36}")


@dataclass(frozen=True)
class Dealt:
    """A form with the content of its base: `items` in the order of the base, places in the order of the form."""

    form: PaperForm
    items: list[order.Item]
    stems: list[str]


def paper(viewer: Viewer, paper_id: uuid.UUID) -> Paper:
    found = db.session().get(Paper, paper_id)
    if found is None or not policy.may_see(viewer, found):
        raise NotFound(_("Không tìm thấy đề này."))
    return found


def listed(viewer: Viewer, after: uuid.UUID | None = None, limit: int = 50) -> list[Paper]:
    """The viewer's own papers, newest first."""
    query = sa.select(Paper).where(Paper.owner_id == viewer.id).order_by(Paper.id.desc()).limit(limit)
    if after is not None:
        query = query.where(Paper.id < after)
    return list(db.session().scalars(query))


def forms(viewer: Viewer, paper_id: uuid.UUID) -> list[PaperForm]:
    """Forms of a paper by mã đề."""
    found = paper(viewer, paper_id)
    query = sa.select(PaperForm).where(PaperForm.paper_id == found.id).order_by(PaperForm.code)
    return list(db.session().scalars(query))


def dealt(viewer: Viewer, paper_id: uuid.UUID) -> list[Dealt]:
    """All forms with their content and keys."""
    every = forms(viewer, paper_id)
    rows = list(
        db.session().scalars(
            sa.select(PaperItem).where(PaperItem.paper_id == paper_id).order_by(PaperItem.base, PaperItem.position)
        )
    )
    full = bank.versions({row.version_id for row in rows})
    bases: dict[int, list[PaperItem]] = {}
    for row in rows:
        bases.setdefault(row.base, []).append(row)
    items = {
        base: [
            order.Item(row.part, held.version.kind, held.version.choices or [], held.answer)
            for row in members
            for held in (full[row.version_id],)
        ]
        for base, members in bases.items()
    }
    stems = {base: [full[row.version_id].version.stem for row in members] for base, members in bases.items()}
    return [Dealt(form, items[form.base], stems[form.base]) for form in every]


def keys(found: Dealt) -> list[Key]:
    """The key of a form in the order of the form; numbers start anew in each part."""
    made: list[Key] = []
    numbers: dict[int, int] = {}
    for place in found.form.layout:
        item = found.items[place["i"]]
        numbers[item.part] = numbers.get(item.part, 0) + 1
        made.append(Key(item.part, numbers[item.part], item.kind, order.key_of(item, place), place["i"] + 1))
    return made


def sheets(viewer: Viewer, paper_id: uuid.UUID, code: str | None = None) -> list[Sheet]:
    """All forms, or one, ready for the printer, without their keys."""
    found = paper(viewer, paper_id)
    wanted = [each for each in dealt(viewer, paper_id) if code in (None, each.form.code)]
    if not wanted:
        raise NotFound(_("Đề này không có mã %(code)s.", code=(code or "")[:8]))
    subject = vocabularies.label("subject", found.subject, "vi")
    pictures = _pictures([text for each in wanted for text in _texts(each)])
    made = []
    for one in wanted:
        questions = []
        for place in one.form.layout:
            item = one.items[place["i"]]
            texts = {str(choice["id"]): choice["text"] for choice in item.choices}
            shown = [texts[choice] for choice in place["order"]]
            questions.append(Question(item.part, item.kind, one.stems[place["i"]], shown))
        made.append(Sheet(one.form.code, subject, found.minutes, found.heading, questions, pictures))
    return made


def _texts(found: Dealt) -> list[str]:
    return [*found.stems, *(choice["text"] for item in found.items for choice in item.choices)]


def _pictures(texts: list[str]) -> dict[str, tuple[bytes, str, int]]:
    made = {}
    for address in sorted({address for text in texts for address in _ADDRESS.findall(text)}):
        media = db.session().get(QuestionMedia, uuid.UUID(address.removeprefix(bank.MEDIA)))
        held = bank.media_file(media.id) if media is not None else None
        if media is None or held is None or held.media_type not in _ENDINGS:
            continue
        made[address] = (b"".join(ports.files().open(places.blob(held.sha256))), _ENDINGS[held.media_type], media.width)
    return made
