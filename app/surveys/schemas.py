"""What goes in and out of the doors of surveys. Questions and answers are checked by `tally`."""

from __future__ import annotations

from marshmallow import fields, validate

from app.core.http import Schema
from app.core.i18n import VIETNAM


class SurveyEdit(Schema):
    title = fields.String(validate=[validate.Length(1, 300), validate.Regexp(r"\s*\S")])
    description = fields.String(validate=validate.Length(max=5000))
    questions = fields.Raw()
    audience = fields.Raw(
        allow_none=True,
        metadata={
            "description": '`{"units": [ids], "classes": [ids], "roles": [names]}`: people of these units and those '
            "below them or of these classes, and among them only those with one of these roles. "
            "Nothing: everyone who signs in."
        },
    )
    share_results = fields.Boolean()
    anonymous = fields.Boolean()
    opens_at = fields.AwareDateTime(default_timezone=VIETNAM, allow_none=True)
    closes_at = fields.AwareDateTime(default_timezone=VIETNAM, allow_none=True)
    revision = fields.Integer()


class SurveyIn(SurveyEdit):
    title = fields.String(required=True, validate=[validate.Length(1, 300), validate.Regexp(r"\s*\S")])
    questions = fields.Raw(required=True)


class ResponseIn(Schema):
    answers = fields.Raw(required=True)


class SurveyOut(Schema):
    id = fields.UUID()
    title = fields.String()
    description = fields.String()
    state = fields.String()
    anonymous = fields.Boolean()
    share_results = fields.Boolean()
    audience = fields.Dict(allow_none=True)
    questions = fields.List(fields.Dict())
    opens_at = fields.AwareDateTime(allow_none=True)
    closes_at = fields.AwareDateTime(allow_none=True)
    answered = fields.Boolean()
    revision = fields.Integer()
    url = fields.String()


class SurveyList(Schema):
    items = fields.List(fields.Nested(SurveyOut))
    next = fields.UUID(allow_none=True)


class Received(Schema):
    received = fields.Boolean()
