"""JSON door of surveys."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response as Answer
from flask import jsonify, request

from app.core import http
from app.core.access import SIGNED_IN, allow, viewer
from app.surveys import formats, policy, queries, schemas, service

bp = http.api_blueprint("surveys_api", __name__, "/api/v1/surveys")


def _out(survey_id: uuid.UUID) -> dict[str, Any]:
    seen = queries.survey(viewer(), survey_id)
    return _shown(seen)


def _shown(seen: queries.Seen) -> dict[str, Any]:
    survey = seen.survey
    return {
        "id": survey.id,
        "title": survey.title,
        "description": survey.description,
        "state": seen.state,
        "anonymous": survey.anonymous,
        "share_results": survey.share_results,
        "audience": survey.audience if seen.keeps else None,
        "questions": survey.items,
        "opens_at": survey.opens_at,
        "closes_at": survey.closes_at,
        "answered": seen.answered,
        "revision": survey.revision,
        "url": f"/surveys/{survey.id}",
    }


def _tagged(document: dict[str, Any]) -> tuple[dict[str, Any], int, dict[str, str]]:
    return document, 200, {"ETag": http.etag_of(document["revision"])}


@bp.get("")
@bp.response(200, schemas.SurveyList)
@allow(SIGNED_IN)
def listed() -> dict[str, Any]:
    limit, after = http.after_args()
    found, following = queries.listed(viewer(), limit, after)
    return {"items": [_shown(seen) for seen in found], "next": following}


@bp.post("")
@bp.arguments(schemas.SurveyIn)
@bp.response(201, schemas.SurveyOut)
@allow(*policy.MAKERS)
def create(values: dict[str, Any]) -> Any:
    values.pop("revision", None)
    document = _out(service.create(viewer(), values).id)
    return (
        document,
        201,
        {"ETag": http.etag_of(document["revision"]), "Location": f"/api/v1/surveys/{document['id']}"},
    )


@bp.get("/<uuid:survey_id>")
@bp.response(200, schemas.SurveyOut)
@allow(SIGNED_IN)
def get(survey_id: uuid.UUID) -> Any:
    return _tagged(_out(survey_id))


@bp.patch("/<uuid:survey_id>")
@bp.arguments(schemas.SurveyEdit)
@bp.response(200, schemas.SurveyOut)
@allow(*policy.MAKERS)
def edit(values: dict[str, Any], survey_id: uuid.UUID) -> Any:
    values.pop("revision", None)
    service.edit(viewer(), survey_id, values, http.expected_revision())
    return _tagged(_out(survey_id))


@bp.delete("/<uuid:survey_id>")
@bp.response(204)
@allow(*policy.MAKERS)
def delete(survey_id: uuid.UUID) -> None:
    """Delete a draft."""
    service.delete(viewer(), survey_id, http.expected_revision())


@bp.post("/<uuid:survey_id>/publish")
@bp.response(200, schemas.SurveyOut)
@allow(*policy.MAKERS)
def publish(survey_id: uuid.UUID) -> Any:
    service.publish(viewer(), survey_id)
    return _tagged(_out(survey_id))


@bp.post("/<uuid:survey_id>/close")
@bp.response(200, schemas.SurveyOut)
@allow(*policy.MAKERS)
def close(survey_id: uuid.UUID) -> Any:
    service.close(viewer(), survey_id)
    return _tagged(_out(survey_id))


@bp.post("/<uuid:survey_id>/responses")
@bp.arguments(schemas.ResponseIn)
@bp.response(201, schemas.Received)
@allow(SIGNED_IN)
@http.not_replayed
def respond(values: dict[str, Any], survey_id: uuid.UUID) -> dict[str, Any]:
    """The reply is the same for every sheet. Repeats are told apart by the participation, not by a stored
    reply: that would keep a hash of the answers with the moment they came."""
    service.respond(viewer(), survey_id, values["answers"], request.headers.get("Idempotency-Key"))
    return {"received": True}


@bp.get("/<uuid:survey_id>/responses")
@bp.response(200)
@allow(*policy.MAKERS)
def named(survey_id: uuid.UUID) -> Answer:
    limit, after = http.after_args()
    rows, following = queries.named_responses(viewer(), survey_id, limit, after)
    return jsonify({"items": rows, "next": following})


@bp.get("/<uuid:survey_id>/results")
@bp.response(200)
@allow(SIGNED_IN)
def results(survey_id: uuid.UUID) -> Answer:
    service.release(viewer(), survey_id)
    return jsonify(queries.results(viewer(), survey_id))


@bp.get("/<uuid:survey_id>/results.csv")
@bp.response(200)
@allow(SIGNED_IN)
def results_csv(survey_id: uuid.UUID) -> Answer:
    service.release(viewer(), survey_id)
    return _file(formats.as_csv(queries.results(viewer(), survey_id)), "csv", "text/csv; charset=utf-8")


@bp.get("/<uuid:survey_id>/results.xlsx")
@bp.response(200)
@allow(SIGNED_IN)
def results_xlsx(survey_id: uuid.UUID) -> Answer:
    service.release(viewer(), survey_id)
    return _file(formats.as_xlsx(queries.results(viewer(), survey_id)), "xlsx", formats.XLSX)


def _file(content: bytes, ending: str, media_type: str) -> Answer:
    answer = Answer(content, content_type=media_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="ket-qua-khao-sat.{ending}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
