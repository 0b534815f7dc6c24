"""What the JSON door of uploads tells."""

from __future__ import annotations

from marshmallow import fields

from app.core.http import Schema


class UploadOut(Schema):
    """`offset` bytes of `size` have come."""

    id = fields.UUID()
    name = fields.String()
    size = fields.Integer()
    offset = fields.Integer()
    url = fields.String()
