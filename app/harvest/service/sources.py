"""Verbs on sources: name one, change it, decide what its words mean and what became of missing records."""

from __future__ import annotations

import uuid
from typing import Any

import sqlalchemy as sa

from app.core import ports
from app.core.access import Viewer
from app.core.db import new_id, now, transaction
from app.core.errors import Forbidden, Invalid, NotFound, Stale
from app.core.i18n import gettext as _
from app.harvest import client, policy, queries
from app.harvest.models import (
    DECIDED,
    FILE_MODES,
    IGNORED,
    HarvestedRecord,
    HarvestSource,
    HarvestTerm,
    HarvestUse,
)
from app.harvest.service import taking
from app.vocabularies import queries as vocabularies

PREFIXES = ("oai_dc", "lom", "oai_lom", "amb", "marc21", "marcxml", "qdc", "dc", "oai_qdc")
EDITABLE = ("name", "files", "token", "province", "active", "every_s", "quota_bytes")


def register(viewer: Viewer, **fields: Any) -> HarvestSource:
    """A new source. Addresses outside the public internet are refused here and at every call."""
    if viewer.id is None or not viewer.has(*policy.KEEPERS):
        raise Forbidden(_("Chỉ thủ thư và quản trị viên thiết lập được việc thu."))
    base_url, host = _address(fields.pop("base_url", "") or "")
    values = _checked({"prefix": "oai_dc", "spec": "", **fields})
    with transaction() as unit:
        source = HarvestSource(
            id=new_id(),
            name=values.pop("name", None) or host,
            base_url=base_url,
            unit_id=min(viewer.units(*policy.KEEPERS), key=str),
            created_by=viewer.id,
            created_at=now(),
            **values,
        )
        if source.every_s is None or source.every_s:
            source.next_at = now()
        unit.add(source)
        unit.flush()
    return source


def change(viewer: Viewer, source_id: uuid.UUID, revision: int | None = None, **fields: Any) -> HarvestSource:
    """Change how a source is harvested; its address, format and set stay what they are."""
    values = _checked({name: value for name, value in fields.items() if name in EDITABLE})
    with transaction() as unit:
        source = queries.source(viewer, source_id, lock=True)
        if revision is not None and revision != source.revision:
            raise Stale(_("Có người vừa lưu một thay đổi khác. Hãy tải lại rồi sửa tiếp."), current=source.revision)
        for name, value in values.items():
            setattr(source, name, value)
        if {"every_s", "active"} & values.keys():
            source.next_at = now() if source.active and source.every_s else None
        source.revision += 1
        unit.flush()
    return source


def decide(viewer: Viewer, term_id: uuid.UUID, code: str | None) -> HarvestTerm:
    """What a word of a source means here (None: nothing). Its records are mapped anew by the worker."""
    with transaction() as unit:
        term = unit.get(HarvestTerm, term_id)
        if term is None:
            raise NotFound(_("Không tìm thấy từ này."))
        queries.source(viewer, term.source_id)
        if code and not vocabularies.valid(term.field, code):
            raise Invalid(
                _("Giá trị này không có trong danh mục."), errors={"code": [_("Giá trị này không có trong danh mục.")]}
            )
        term.state, term.code = (DECIDED, code) if code else (IGNORED, None)
        term.decided_by, term.decided_at = viewer.id, now()
        used = sa.select(HarvestUse.record_id).where(HarvestUse.term_id == term_id)
        unit.execute(sa.update(HarvestedRecord).where(HarvestedRecord.id.in_(used)).values(stale=True))
    return term


def confirm_missing(viewer: Viewer, source_id: uuid.UUID, delete: bool) -> int:
    """A person's word on records that a check no longer found: gone for good, or to be kept. Returns how many."""
    with transaction() as unit:
        source = queries.source(viewer, source_id, lock=True)
        query = sa.select(HarvestedRecord).where(
            HarvestedRecord.source_id == source_id, HarvestedRecord.missing.is_(True)
        )
        rows = list(unit.scalars(query))
        if delete:
            taking.bury(unit, source, rows)
        for row in rows:
            row.missing = False
        source.missing = 0
    return len(rows)


def _address(text: str) -> tuple[str, str]:
    """The base URL without what people paste along, and its host; raises Invalid."""
    text = text.strip()
    try:
        found = client.parsed(text)
        found = found.copy_with(fragment=None)
        if "verb" in found.params:
            found = found.copy_with(query=None)
        client.resolve(found, ports.settings().harvest_private)
    except client.Temporary:
        pass  # a name that is not known at the moment: the run will tell
    except client.Trouble as trouble:
        message = queries.words({"code": trouble.code, **trouble.detail})
        raise Invalid(message, errors={"base_url": [message]}) from None
    url = str(found)
    if len(url) > 1000:
        message = _("Địa chỉ quá dài.")
        raise Invalid(message, errors={"base_url": [message]})
    return url, found.host


def _checked(fields: dict[str, Any]) -> dict[str, Any]:
    wrong: dict[str, list[str]] = {}
    if "prefix" in fields and fields["prefix"] not in PREFIXES:
        wrong["metadata_prefix"] = [
            _("Kho chưa đọc được định dạng này. Dùng được: %(list)s.", list=", ".join(PREFIXES[:6]))
        ]
    if fields.get("files") is not None and fields["files"] not in FILE_MODES:
        wrong["files"] = [_("Chọn none, on_demand hoặc all.")]
    if fields.get("province") and not vocabularies.valid("province", fields["province"]):
        wrong["province"] = [_("Giá trị này không có trong danh mục.")]
    every = fields.get("every_s")
    if every is not None and every and every < 600:
        wrong["every_s"] = [_("Không thu dày hơn 10 phút một lần.")]
    for name, most in (("name", 200), ("spec", 300), ("token", 1000)):
        value = fields.get(name)
        if isinstance(value, str):
            fields[name] = value = value.strip()
            if len(value) > most or "\x00" in value:
                wrong[{"spec": "set"}.get(name, name)] = [_("Giá trị này quá dài.")]
    if fields.get("token") and not str(fields["token"]).isascii():
        wrong["token"] = [_("Mã truy cập chỉ gồm chữ không dấu và số.")]
    if wrong:
        raise Invalid(_("Một vài mục chưa đúng."), errors=wrong)
    return {name: value or None if name in ("token", "province") else value for name, value in fields.items()}
