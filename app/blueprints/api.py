"""Blueprints over JSON."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, jsonify

from app.blueprints import policy, queries, service
from app.blueprints.models import Blueprint
from app.blueprints.schemas import AssembleIn, BlueprintIn, BlueprintPatch, blueprint_out, drawn_out
from app.core.access import allow, viewer
from app.core.http import after_args, api_blueprint, etag_of, expected_revision

bp = api_blueprint("blueprints_api", __name__, url_prefix="/api/v1")


def _answer(found: Blueprint, status: int = 200) -> Response:
    answer = jsonify(blueprint_out(found))
    answer.status_code = status
    answer.headers["ETag"] = etag_of(found.revision)
    if status == 201:
        answer.headers["Location"] = f"/api/v1/blueprints/{found.id}"
    return answer


@bp.get("/blueprints")
@allow(*policy.MAKERS)
def listed() -> Response:
    limit, after = after_args()
    found = queries.listed(viewer(), after, limit + 1)
    following = str(found[limit - 1].id) if len(found) > limit else None
    return jsonify({"items": [blueprint_out(each) for each in found[:limit]], "next": following})


@bp.post("/blueprints")
@bp.arguments(BlueprintIn)
@allow(*policy.MAKERS)
def create(data: dict[str, Any]) -> Response:
    """A matrix; without `cells` it starts from the subject's national layout."""
    return _answer(service.create(viewer(), data), 201)


@bp.get("/blueprints/<uuid:blueprint_id>")
@allow(*policy.MAKERS)
def get(blueprint_id: uuid.UUID) -> Response:
    return _answer(queries.blueprint(viewer(), blueprint_id))


@bp.patch("/blueprints/<uuid:blueprint_id>")
@bp.arguments(BlueprintPatch)
@allow(*policy.MAKERS)
def edit(data: dict[str, Any], blueprint_id: uuid.UUID) -> Response:
    return _answer(service.edit(viewer(), blueprint_id, data, expected_revision()))


@bp.delete("/blueprints/<uuid:blueprint_id>")
@bp.response(204)
@allow(*policy.MAKERS)
def delete(blueprint_id: uuid.UUID) -> None:
    service.delete(viewer(), blueprint_id, expected_revision())


@bp.post("/blueprints/<uuid:blueprint_id>/assemble")
@bp.arguments(AssembleIn)
@allow(*policy.MAKERS)
def assemble(data: dict[str, Any], blueprint_id: uuid.UUID) -> Response:
    """Sets of questions that share none, or in `lacking` which cells lack how many. Nothing is stored."""
    drawn = service.assemble(
        viewer(),
        blueprint_id,
        data["forms"],
        data["seed"],
        data["own_drafts"],
        frozenset(data["avoid"]),
        tuple((a, b) for a, b in data["enemies"]),
    )
    return jsonify(drawn_out(drawn, queries.blueprint(viewer(), blueprint_id)))
