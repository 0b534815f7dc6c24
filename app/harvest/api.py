"""JSON door of harvests, for librarians and administrators."""

from __future__ import annotations

import uuid
from typing import Any

from app.core import http
from app.core.access import allow, viewer
from app.harvest import policy, queries, schemas, service

bp = http.api_blueprint("harvest_api", __name__, "/api/v1/harvests")


def _tagged(document: dict[str, Any], status: int = 200, **headers: str) -> tuple[dict[str, Any], int, dict[str, str]]:
    return document, status, {"ETag": http.etag_of(document["revision"]), **headers}


@bp.get("")
@bp.response(200, schemas.HarvestList)
@allow(*policy.KEEPERS)
def listed() -> dict[str, Any]:
    limit, after = http.after_args()
    found = queries.listed(viewer(), limit + 1, after)
    following = str(found[limit - 1].id) if len(found) > limit else None
    return {"items": [schemas.harvest_out(source) for source in found[:limit]], "next": following}


@bp.post("")
@bp.arguments(schemas.HarvestIn)
@bp.response(201, schemas.HarvestOut)
@allow(*policy.KEEPERS)
def create(values: dict[str, Any]) -> Any:
    values.pop("revision", None)
    values["prefix"], values["spec"] = values.pop("metadata_prefix"), values.pop("set") or ""
    document = schemas.harvest_out(service.register(viewer(), **values))
    return _tagged(document, 201, Location=f"/api/v1/harvests/{document['id']}")


@bp.get("/<uuid:source_id>")
@bp.response(200, schemas.HarvestOut)
@allow(*policy.KEEPERS)
def get(source_id: uuid.UUID) -> Any:
    return _tagged(schemas.harvest_out(queries.source(viewer(), source_id)))


@bp.patch("/<uuid:source_id>")
@bp.arguments(schemas.HarvestEdit)
@bp.response(200, schemas.HarvestOut)
@allow(*policy.KEEPERS)
def change(values: dict[str, Any], source_id: uuid.UUID) -> Any:
    values.pop("revision", None)
    found = service.change(viewer(), source_id, http.expected_revision(), **values)
    return _tagged(schemas.harvest_out(found))


@bp.post("/<uuid:source_id>/run")
@bp.arguments(schemas.RunIn, required=False)
@bp.response(202, schemas.RunOut)
@allow(*policy.KEEPERS)
def run(values: dict[str, Any], source_id: uuid.UUID) -> Any:
    """Begin; the worker does the work. While a run is under way, that one is told."""
    made = service.start(viewer(), source_id, values.get("kind"))
    return schemas.run_out(made), 202, {"Location": f"/api/v1/harvests/{source_id}/runs/{made.id}"}


@bp.get("/<uuid:source_id>/runs")
@bp.response(200, schemas.RunList)
@allow(*policy.KEEPERS)
def runs(source_id: uuid.UUID) -> dict[str, Any]:
    """Newest first."""
    limit, after = http.after_args()
    found = queries.runs(viewer(), source_id, limit + 1, after)
    following = str(found[limit - 1].id) if len(found) > limit else None
    return {"items": [schemas.run_out(one) for one in found[:limit]], "next": following}


@bp.get("/<uuid:source_id>/runs/<uuid:run_id>")
@bp.response(200, schemas.RunOut)
@allow(*policy.KEEPERS)
def one_run(source_id: uuid.UUID, run_id: uuid.UUID) -> dict[str, Any]:
    return schemas.run_out(queries.run(viewer(), source_id, run_id))


@bp.get("/<uuid:source_id>/terms")
@bp.response(200, schemas.TermList)
@allow(*policy.KEEPERS)
def terms(source_id: uuid.UUID) -> dict[str, Any]:
    """Words that our vocabularies do not know and nobody has decided on, most used first."""
    found = queries.terms(viewer(), source_id)
    return {"items": [schemas.term_out(term, records) for term, records in found], "next": None}


@bp.patch("/terms/<uuid:term_id>")
@bp.arguments(schemas.DecisionIn)
@bp.response(200, schemas.TermOut)
@allow(*policy.KEEPERS)
def decide(values: dict[str, Any], term_id: uuid.UUID) -> dict[str, Any]:
    return schemas.term_out(service.decide(viewer(), term_id, values["code"]), 0)
