"""Pictures of questions: uploaded in the editor or brought by an import, kept once for the same bytes."""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from app.core import db
from app.core.access import Viewer
from app.core.errors import Forbidden, Invalid
from app.core.i18n import gettext as _
from app.files import service as files
from app.questions import policy, queries
from app.questions.formats import pictures
from app.questions.formats.model import Message, Picture, Unreadable
from app.questions.models import QuestionMedia, QuestionMediaUse

UNUSED_DAYS = 7


@dataclass(frozen=True)
class KeptPicture:
    """`notes` say in the reader's language what was changed in the picture."""

    id: uuid.UUID
    width: int
    height: int
    notes: tuple[str, ...] = ()

    @property
    def url(self) -> str:
        return queries.MEDIA + str(self.id)


def add_picture(viewer: Viewer, data: bytes) -> KeptPicture:
    """Keep an uploaded PNG, JPEG, GIF or WebP; raises Invalid with the field `file`. Not inside a transaction."""
    if viewer.id is None or not policy.may_write(viewer):
        raise Forbidden(_("Tài khoản này không soạn câu hỏi."))
    try:
        made = pictures.clean(data)
    except Unreadable as error:
        said = _(error.message.text, **error.message.values)
        raise Invalid(said, errors={"file": [said]}) from None
    notes = []
    if made.still:
        notes.append(_("Hình động chỉ giữ khung đầu tiên."))
    if made.smaller:
        notes.append(_("Hình được thu nhỏ còn %(width)s × %(height)s điểm ảnh.", width=made.width, height=made.height))
    media_id = _keep(viewer, made)
    _forget_unused(viewer)
    return KeptPicture(media_id, made.width, made.height, tuple(notes))


def keep_all(viewer: Viewer, found: Mapping[str, Picture]) -> tuple[dict[str, uuid.UUID], dict[str, Message]]:
    """Keep the pictures of a file: ids by the file's own names, and why the others could not be kept."""
    kept: dict[str, uuid.UUID] = {}
    lost: dict[str, Message] = {}
    for key, picture in found.items():
        try:
            kept[key] = _keep(viewer, pictures.clean(picture.data, pictures.IMPORTED))
        except Unreadable as error:
            lost[key] = error.message
    return kept, lost


def pictures_lost(found: Mapping[str, Picture]) -> dict[str, Message]:
    """Why pictures of a file could not be kept; keeps none."""
    lost: dict[str, Message] = {}
    for key, picture in found.items():
        try:
            pictures.clean(picture.data, pictures.IMPORTED)
        except Unreadable as error:
            lost[key] = error.message
    return lost


def _keep(viewer: Viewer, made: pictures.Clean) -> uuid.UUID:
    received = files.receive(viewer, io.BytesIO(made.data), f"hinh.{made.extension}")
    with db.transaction() as unit:
        known = unit.scalar(sa.select(QuestionMedia).where(QuestionMedia.sha256 == received.sha256))
        if known is not None:
            known.touched_at = db.now()
            return known.id
        row = QuestionMedia(
            id=uuid.uuid4(),  # the whole id is chance: holding the address is the right to see the picture
            sha256=received.sha256,
            file_id=files.keep(received).id,
            owner_id=viewer.id,
            width=made.width,
            height=made.height,
            touched_at=db.now(),
        )
        try:
            with unit.begin_nested():
                unit.add(row)
                unit.flush()
        except IntegrityError:  # somebody else kept the same picture at the same moment
            found = unit.scalar(sa.select(QuestionMedia.id).where(QuestionMedia.sha256 == received.sha256))
            if found is None:
                raise
            return found
        return row.id


def _forget_unused(viewer: Viewer) -> None:
    """The viewer's pictures that no version shows after some days go."""
    with db.transaction() as unit:
        used = sa.select(QuestionMediaUse.media_id).where(QuestionMediaUse.media_id == QuestionMedia.id)
        unit.execute(
            sa.delete(QuestionMedia)
            .where(
                QuestionMedia.owner_id == viewer.id,
                QuestionMedia.touched_at < db.now() - timedelta(days=UNUSED_DAYS),
                ~used.exists(),
            )
            .execution_options(synchronize_session=False)
        )


def note_uses(version_id: uuid.UUID, texts: Iterable[str]) -> None:
    """Rows that say which pictures a new version shows, inside a running unit."""
    wanted = queries.media_ids(texts)
    if not wanted:
        return
    unit = db.session()
    for media_id in unit.scalars(sa.select(QuestionMedia.id).where(QuestionMedia.id.in_(wanted))):
        unit.add(QuestionMediaUse(version_id=version_id, media_id=media_id))
