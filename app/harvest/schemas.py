"""What goes in and out of the JSON door of harvests."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from app.core.http import Schema
from app.harvest import queries
from app.harvest.models import FILE_MODES, HarvestRun, HarvestSource, HarvestTerm


class Text(ma.fields.String):
    """A string without characters that no database keeps."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text is not None and ("\x00" in text or any("\ud800" <= c <= "\udfff" for c in text)):
            raise self.make_error("invalid")
        return str(text)


class HarvestEdit(Schema):
    """What may change later. `every_s` is the pause between scheduled runs in seconds, 0 for none."""

    name = Text(allow_none=True, validate=ma.validate.Length(max=200))
    files = Text(validate=ma.validate.OneOf(FILE_MODES))
    token = Text(allow_none=True, load_only=True, validate=ma.validate.Length(max=1000))
    province = Text(allow_none=True)
    active = ma.fields.Boolean()
    every_s = ma.fields.Integer(strict=True, validate=ma.validate.Range(0, 366 * 86_400))
    quota_bytes = ma.fields.Integer(strict=True, validate=ma.validate.Range(0, 2**50))
    revision = ma.fields.Integer(strict=True, load_only=True)


class HarvestIn(HarvestEdit):
    """A partner's repository; `set` empty or missing means all of it."""

    base_url = Text(required=True, validate=ma.validate.Length(1, 1000))
    metadata_prefix = Text(load_default="oai_dc", validate=ma.validate.Length(1, 60))
    set = Text(load_default=None, allow_none=True, validate=ma.validate.Length(max=300))
    files = Text(load_default="none", validate=ma.validate.OneOf(FILE_MODES))


class RunIn(Schema):
    """`check` looks through the whole list for records that are gone; without it the harvester decides."""

    kind = Text(allow_none=True, validate=ma.validate.OneOf(("changes", "check")))


class DecisionIn(Schema):
    """A code of the vocabulary, or null for a word that means nothing here."""

    code = Text(required=True, allow_none=True)


class RunOut(Schema):
    id = ma.fields.UUID()
    kind = ma.fields.String()
    state = ma.fields.String()
    records = ma.fields.Integer()
    deleted = ma.fields.Integer()
    skipped = ma.fields.Integer()
    unchanged = ma.fields.Integer()
    recovered = ma.fields.Integer()
    pages = ma.fields.Integer()
    message = ma.fields.String()
    started_at = ma.fields.DateTime()
    finished_at = ma.fields.DateTime(allow_none=True)


class HarvestOut(Schema):
    id = ma.fields.UUID()
    name = ma.fields.String()
    base_url = ma.fields.String()
    metadata_prefix = ma.fields.String()
    set = ma.fields.String(allow_none=True)
    files = ma.fields.String()
    has_token = ma.fields.Boolean()
    province = ma.fields.String(allow_none=True)
    active = ma.fields.Boolean()
    every_s = ma.fields.Integer()
    next_at = ma.fields.DateTime(allow_none=True)
    quota_bytes = ma.fields.Integer()
    used_bytes = ma.fields.Integer()
    revision = ma.fields.Integer()
    created_at = ma.fields.DateTime()
    repository_name = ma.fields.String(allow_none=True)
    watermark = ma.fields.DateTime(allow_none=True)
    last_good_at = ma.fields.DateTime(allow_none=True)
    missing = ma.fields.Integer()
    last_run = ma.fields.Nested(RunOut, allow_none=True)


class HarvestList(Schema):
    items = ma.fields.List(ma.fields.Nested(HarvestOut))
    next = ma.fields.String(allow_none=True)


class RunList(Schema):
    items = ma.fields.List(ma.fields.Nested(RunOut))
    next = ma.fields.String(allow_none=True)


class TermOut(Schema):
    id = ma.fields.UUID()
    field = ma.fields.String()
    text = ma.fields.String()
    state = ma.fields.String()
    code = ma.fields.String(allow_none=True)
    records = ma.fields.Integer()


class TermList(Schema):
    items = ma.fields.List(ma.fields.Nested(TermOut))
    next = ma.fields.String(allow_none=True)


def run_out(run: HarvestRun) -> dict[str, Any]:
    return {
        "id": run.id,
        "kind": run.kind,
        "state": run.state,
        "records": run.records,
        "deleted": run.deleted,
        "skipped": run.skipped,
        "unchanged": run.unchanged,
        "recovered": run.recovered,
        "pages": run.pages,
        "message": queries.words(run.problem),
        "started_at": run.started_at,
        "finished_at": run.finished_at,
    }


def harvest_out(source: HarvestSource) -> dict[str, Any]:
    """A source as its keepers see it; the token itself is never shown."""
    last = queries.last_run(source.id)
    return {
        "id": source.id,
        "name": source.name,
        "base_url": source.base_url,
        "metadata_prefix": source.prefix,
        "set": source.spec or None,
        "files": source.files,
        "has_token": bool(source.token),
        "province": source.province,
        "active": source.active,
        "every_s": source.every_s,
        "next_at": source.next_at,
        "quota_bytes": source.quota_bytes,
        "used_bytes": source.used_bytes,
        "revision": source.revision,
        "created_at": source.created_at,
        "repository_name": source.repository_name,
        "watermark": source.watermark,
        "last_good_at": source.last_good_at,
        "missing": source.missing,
        "last_run": run_out(last) if last else None,
    }


def term_out(term: HarvestTerm, records: int) -> dict[str, Any]:
    return {
        "id": term.id,
        "field": term.field,
        "text": term.text,
        "state": term.state,
        "code": term.code,
        "records": records,
    }
