"""What goes in and out of the JSON door."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from app.accounts import queries as accounts
from app.core.http import Schema
from app.files.models import File
from app.resources.models import Resource, ResourceVersion, Review, described
from app.resources.queries import Shown


class Text(ma.fields.String):
    """A string without characters that no database keeps."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if text is not None and ("\x00" in text or any("\ud800" <= c <= "\udfff" for c in text)):
            raise self.make_error("invalid")
        return str(text)


class UploadIn(Schema):
    """A whole upload of `/api/v1/uploads`; `revision` as everywhere."""

    upload = ma.fields.UUID(required=True)
    revision = ma.fields.Integer()


class Described(Schema):
    """The descriptive fields; codes are those of the vocabularies."""

    title = Text()
    description = Text(allow_none=True)
    subject = Text(allow_none=True)
    grades = ma.fields.List(ma.fields.Integer(strict=True), allow_none=True)
    resource_type = Text(allow_none=True)
    language = Text(allow_none=True)
    licence = Text(allow_none=True)
    authors = ma.fields.List(Text(), allow_none=True)
    keywords = ma.fields.List(Text(), allow_none=True)
    topics = ma.fields.List(Text(), allow_none=True)
    textbook_series = Text(allow_none=True)


class CreateIn(Described):
    """A new draft: only the title is needed at once."""

    title = Text(required=True)
    unit_id = ma.fields.UUID(allow_none=True)


class EditIn(Described):
    """What changes; `revision` is for callers without `If-Match`."""

    revision = ma.fields.Integer(strict=True)


class RevisionIn(Schema):
    """A verb without a text of its own."""

    revision = ma.fields.Integer(strict=True)


class ReviewIn(Schema):
    """A decision of a review step."""

    decision = Text(required=True, validate=ma.validate.OneOf(["approve", "return"]))
    comment = Text(load_default="", allow_none=True)
    revision = ma.fields.Integer(strict=True)


class WithdrawIn(Schema):
    """Why a lesson is taken out of public view."""

    reason = Text(required=True)
    revision = ma.fields.Integer(strict=True)


class ReportIn(Schema):
    """What is wrong with a lesson."""

    reason = Text(required=True)
    comment = Text(load_default="", validate=ma.validate.Length(max=4000))


class SettleIn(Schema):
    """How a report was settled; withdrawing needs an answer, which becomes the public reason."""

    outcome = Text(required=True, validate=ma.validate.OneOf(("kept", "mended", "withdrawn")))
    answer = Text(load_default="", validate=ma.validate.Length(max=2000))


class PathIn(Schema):
    """A department's review steps."""

    steps = ma.fields.List(Text(), required=True)


class ListArgs(ma.Schema):
    """Filters of a list; `after` is the last id seen."""

    class Meta:
        unknown = ma.EXCLUDE

    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, 100))
    after = ma.fields.UUID(load_default=None)
    subject = ma.fields.String(load_default=None)
    resource_type = ma.fields.String(load_default=None)
    mine = ma.fields.Boolean(load_default=False)
    state = ma.fields.String(load_default=None)


class VersionArgs(ma.Schema):
    """Which version to read."""

    class Meta:
        unknown = ma.EXCLUDE

    version = ma.fields.Integer(load_default=None, validate=ma.validate.Range(1, 1_000_000))


class FileOut(Schema):
    """A file of a lesson."""

    id = ma.fields.UUID()
    name = ma.fields.String()
    size = ma.fields.Integer()
    sha256 = ma.fields.String()
    media_type = ma.fields.String()
    package = ma.fields.String(allow_none=True)
    url = ma.fields.String()


class OriginOut(Schema):
    """Where a harvested lesson comes from."""

    source = ma.fields.String()
    base_url = ma.fields.String()
    identifier = ma.fields.String()
    url = ma.fields.String(allow_none=True)
    publisher = ma.fields.String(allow_none=True)


class SummaryOut(Described):
    """A lesson in a list."""

    id = ma.fields.UUID()
    state = ma.fields.String()
    draft_state = ma.fields.String(allow_none=True)
    revision = ma.fields.Integer()
    version = ma.fields.Integer()
    url = ma.fields.String()
    published_at = ma.fields.DateTime(allow_none=True)
    changed_at = ma.fields.DateTime()


class ResourceOut(SummaryOut):
    """A lesson with everything the caller may see of it."""

    published_version = ma.fields.Integer(allow_none=True)
    step = ma.fields.String(allow_none=True)
    owner = ma.fields.String(allow_none=True)
    unit = ma.fields.String(allow_none=True)
    origin_province = ma.fields.String(allow_none=True)
    origin = ma.fields.Nested(OriginOut, allow_none=True)
    created_at = ma.fields.DateTime()
    withdrawn_at = ma.fields.DateTime(allow_none=True)
    withdraw_reason = ma.fields.String(allow_none=True)
    files = ma.fields.List(ma.fields.Nested(FileOut))
    may = ma.fields.Dict(keys=ma.fields.String(), values=ma.fields.Boolean())


class PageOut(Schema):
    """One page of a list."""

    items = ma.fields.List(ma.fields.Nested(SummaryOut))
    next = ma.fields.String(allow_none=True)


class VersionOut(Described):
    """A version of a lesson."""

    number = ma.fields.Integer()
    created_at = ma.fields.DateTime()
    published_at = ma.fields.DateTime(allow_none=True)


class ReviewOut(Schema):
    """A decision, and where the lesson stands after it."""

    id = ma.fields.UUID()
    decision = ma.fields.String()
    comment = ma.fields.String()
    step = ma.fields.String()
    reviewer = ma.fields.String(allow_none=True)
    created_at = ma.fields.DateTime()
    state = ma.fields.String()
    revision = ma.fields.Integer()


ORIGIN = ("source", "base_url", "identifier", "url", "publisher")


def file_out(resource: Resource, file: File) -> dict[str, Any]:
    """A file with its stable address."""
    return {
        "id": file.id,
        "name": file.name,
        "size": file.size,
        "sha256": file.sha256,
        "media_type": file.media_type,
        "package": file.package,
        "url": f"/api/v1/resources/{resource.id}/files/{file.id}/content",
    }


def summary_out(resource: Resource, version: ResourceVersion) -> dict[str, Any]:
    """A lesson in a list."""
    return {
        **described(version),
        "id": resource.id,
        "state": resource.state,
        "draft_state": resource.draft_state,
        "revision": resource.revision,
        "version": version.number,
        "url": f"/lessons/{resource.id}",
        "published_at": resource.published_at,
        "changed_at": resource.changed_at,
    }


def resource_out(shown: Shown) -> dict[str, Any]:
    """A lesson as its viewer sees it."""
    row = shown.resource
    owner, unit = accounts.user(row.owner_id), accounts.unit(row.unit_id)
    return {
        **summary_out(row, shown.version),
        "draft_state": row.draft_state if shown.sees_work else None,
        "published_version": shown.published_number,
        "step": shown.step if shown.sees_work else None,
        "owner": owner.name if owner else None,
        "unit": unit.name if unit else None,
        "origin_province": row.origin_province,
        "origin": {name: row.origin.get(name) for name in ORIGIN} if row.origin else None,
        "created_at": row.created_at,
        "withdrawn_at": row.withdrawn_at,
        "withdraw_reason": row.withdraw_reason,
        "files": [file_out(row, file) for file in shown.files],
        "may": {"edit": shown.may_edit, "review": shown.may_review, "withdraw": shown.may_withdraw},
    }


def review_out(review: Review, resource: Resource) -> dict[str, Any]:
    """A decision with the lesson's state and revision."""
    reviewer = accounts.user(review.reviewer_id)
    return {
        "id": review.id,
        "decision": review.decision,
        "comment": review.comment,
        "step": review.step,
        "reviewer": reviewer.name if reviewer else None,
        "created_at": review.created_at,
        "state": resource.state,
        "revision": resource.revision,
    }
