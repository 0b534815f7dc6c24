"""What comes in and goes out of papers as JSON. Keys leave as a workbook only."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import fields, validate

from app.blueprints.layouts import MOST_FORMS
from app.core.http import Schema
from app.papers.models import Paper, PaperForm


class HeadingIn(Schema):
    department = fields.String(load_default="", validate=validate.Length(max=200))
    school = fields.String(load_default="", validate=validate.Length(max=200))
    exam = fields.String(load_default="", validate=validate.Length(max=200))


class PaperIn(Schema):
    blueprint = fields.UUID(required=True)
    title = fields.String(validate=validate.Length(max=300))
    forms = fields.Integer(load_default=4, validate=validate.Range(1, MOST_FORMS))
    bases = fields.Integer(load_default=1, validate=validate.Range(1, MOST_FORMS))
    digits = fields.Integer(load_default=3, validate=validate.OneOf((3, 4)))
    first_code = fields.Integer(load_default=None, allow_none=True, validate=validate.Range(0, 9999))
    seed = fields.Integer(load_default=0, validate=validate.Range(0, 2**31 - 1))
    shuffle_choices = fields.Boolean(load_default=True)
    own_drafts = fields.Boolean(load_default=False)
    heading = fields.Nested(HeadingIn, load_default=dict)


def paper_out(found: Paper, forms: Sequence[PaperForm] | None = None) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "id": found.id,
        "title": found.title,
        "subject": found.subject,
        "grade": found.grade,
        "minutes": found.minutes,
        "heading": found.heading,
        "blueprint": found.blueprint_id,
        "seed": found.seed,
        "created_at": found.created_at,
        "url": f"/papers/{found.id}",
    }
    if forms is not None:
        at = f"/api/v1/papers/{found.id}"
        shown["forms"] = [{"code": f.code, "base": f.base, "pdf": f"{at}/forms/{f.code}.pdf"} for f in forms]
        shown["keys"] = f"{at}/keys.xlsx"
        shown["zip"] = f"{at}/forms.zip"
    return shown
