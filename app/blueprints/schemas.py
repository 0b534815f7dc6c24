"""What comes in and goes out of blueprints as JSON."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from marshmallow import fields, post_load, validate

from app.blueprints import layouts
from app.blueprints.models import Blueprint
from app.blueprints.queries import Drawn
from app.core.http import Schema
from app.questions import kinds


class PartIn(Schema):
    kind = fields.String(required=True, validate=lambda code: code in kinds.codes())
    points = fields.Decimal(required=True, validate=validate.Range(min=0, min_inclusive=False, max=100))

    @post_load
    def exact(self, data: dict[str, Any], **_kw: Any) -> dict[str, Any]:
        return {**data, "points": f"{data['points'].normalize():f}"}


class CellIn(Schema):
    topic = fields.String(load_default=None, allow_none=True)
    kind = fields.String(required=True, validate=lambda code: code in kinds.codes())
    level = fields.String(load_default=None, allow_none=True)
    count = fields.Integer(required=True, validate=validate.Range(0, 200))


class BlueprintFields(Schema):
    grade = fields.Integer(allow_none=True, validate=validate.Range(1, 12))
    minutes = fields.Integer(validate=validate.Range(1, 600))
    parts = fields.List(fields.Nested(PartIn), validate=validate.Length(max=10))
    cells = fields.List(fields.Nested(CellIn), validate=validate.Length(max=600))
    revision = fields.Integer(load_only=True)

    @post_load
    def without_revision(self, data: dict[str, Any], **_kw: Any) -> dict[str, Any]:
        data.pop("revision", None)
        return data


class BlueprintIn(BlueprintFields):
    title = fields.String(required=True, validate=validate.Length(min=1, max=300))
    subject = fields.String(required=True)


class BlueprintPatch(BlueprintFields):
    title = fields.String(validate=validate.Length(min=1, max=300))
    subject = fields.String()


class AssembleIn(Schema):
    forms = fields.Integer(load_default=1, validate=validate.Range(1, layouts.MOST_FORMS))
    seed = fields.Integer(load_default=0, validate=validate.Range(0, 2**31 - 1))
    own_drafts = fields.Boolean(load_default=False)
    avoid = fields.List(fields.UUID(), load_default=list, validate=validate.Length(max=5000))
    enemies = fields.List(
        fields.List(fields.UUID(), validate=validate.Length(equal=2)),
        load_default=list,
        validate=validate.Length(max=1000),
    )


def blueprint_out(found: Blueprint) -> dict[str, Any]:
    return {
        "id": found.id,
        "revision": found.revision,
        "title": found.title,
        "subject": found.subject,
        "grade": found.grade,
        "minutes": found.minutes,
        "parts": found.parts,
        "cells": found.cells,
        "questions": sum(cell["count"] for cell in found.cells),
        "points": str(layouts.points_total(found.parts, found.cells)),
        "url": f"/blueprints/{found.id}",
        "updated_at": found.updated_at,
    }


def drawn_out(drawn: Drawn, found: Blueprint) -> dict[str, Any]:
    return {
        "feasible": not drawn.lacking,
        "seed": drawn.seed,
        "forms": [
            {
                "n": n,
                "questions": [
                    {"question_id": question, "version_id": version, "kind": found.parts[part]["kind"]}
                    for part, version, question in chosen
                ],
            }
            for n, chosen in enumerate(drawn.sets, 1)
        ],
        "lacking": [asdict(each) for each in drawn.lacking],
    }
