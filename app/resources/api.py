"""The JSON door of lessons: /api/v1/resources."""

from __future__ import annotations

import uuid
from typing import Any, cast

from flask import Response, redirect, request

from app.accounts import queries as accounts
from app.core import ports
from app.core.access import ANYONE, SIGNED_IN, allow, viewer
from app.core.errors import Invalid
from app.core.http import api_blueprint, etag_of, expected_revision, loaded, send_stored
from app.core.i18n import gettext as _
from app.files import inspection
from app.resources import policy, queries, schemas, service
from storage import keys

bp = api_blueprint("resources_api", __name__, url_prefix="/api/v1/resources")

Answer = tuple[dict[str, Any], int, dict[str, str]]


def _answer(shown: queries.Shown, status: int = 200, **headers: str) -> Answer:
    return schemas.resource_out(shown), status, {"ETag": etag_of(shown.resource.revision), **headers}


@bp.get("")
@bp.arguments(schemas.ListArgs, location="query")
@bp.response(200, schemas.PageOut)
@allow(ANYONE)
def listed(args: dict[str, Any]) -> dict[str, Any]:
    """Published lessons, newest first; `mine=true` lists the caller's own in every state."""
    limit, after = args["limit"], args["after"]
    if args["mine"]:
        found = queries.mine(viewer(), args["state"], limit + 1, after)
    else:
        found = queries.listed(viewer(), args["subject"], args["resource_type"], limit + 1, after)
    items = [schemas.summary_out(row, version) for row, version in found[:limit]]
    return {"items": items, "next": str(items[-1]["id"]) if len(found) > limit else None}


@bp.post("")
@bp.arguments(schemas.CreateIn)
@bp.response(201, schemas.ResourceOut)
@allow(*policy.MAKERS)
def create(body: dict[str, Any]) -> Answer:
    """Begin a draft."""
    shown = service.create(viewer(), **body)
    return _answer(shown, 201, Location=f"/api/v1/resources/{shown.resource.id}")


@bp.get("/waiting")
@bp.response(200, schemas.PageOut)
@allow("reviewer", "librarian", "department", "administrator")
def waiting() -> dict[str, Any]:
    """Lessons that wait for a decision of the caller, longest waiting first."""
    found = queries.waiting_for(viewer())
    return {"items": [schemas.summary_out(row, version) for row, version in found], "next": None}


@bp.get("/<uuid:resource_id>")
@bp.arguments(schemas.VersionArgs, location="query")
@bp.response(200, schemas.ResourceOut)
@allow(ANYONE)
def read(args: dict[str, Any], resource_id: uuid.UUID) -> Answer:
    """A lesson: the version in work for those who see it, else the published one, or `version=N`."""
    return _answer(queries.resource(viewer(), resource_id, args["version"]))


@bp.patch("/<uuid:resource_id>")
@bp.arguments(schemas.EditIn)
@bp.response(200, schemas.ResourceOut)
@allow(SIGNED_IN)
def edit(body: dict[str, Any], resource_id: uuid.UUID) -> Answer:
    """Change the version in work; on a published lesson this begins its next version."""
    body.pop("revision", None)
    return _answer(service.edit(viewer(), resource_id, expected_revision(), **body))


@bp.delete("/<uuid:resource_id>")
@bp.response(204)
@allow(SIGNED_IN)
def delete(resource_id: uuid.UUID) -> None:
    """Forget a lesson that was never published."""
    service.delete(viewer(), resource_id, expected_revision())


@bp.post("/<uuid:resource_id>/submit")
@bp.response(200, schemas.ResourceOut)
@allow(SIGNED_IN)
def submit(resource_id: uuid.UUID) -> Answer:
    """Hand the version in work to its review path."""
    return _answer(service.submit(viewer(), resource_id, expected_revision()))


@bp.post("/<uuid:resource_id>/recall")
@bp.response(200, schemas.ResourceOut)
@allow(SIGNED_IN)
def recall(resource_id: uuid.UUID) -> Answer:
    """Take a submitted version back."""
    return _answer(service.recall(viewer(), resource_id, expected_revision()))


@bp.get("/<uuid:resource_id>/reviews")
@bp.response(200, schemas.ReviewOut(many=True))
@allow(SIGNED_IN)
def reviews(resource_id: uuid.UUID) -> list[dict[str, Any]]:
    """Decisions on a lesson, newest first."""
    row = queries.row(viewer(), resource_id)
    return [schemas.review_out(review, row) for review in queries.reviews(viewer(), resource_id)]


@bp.post("/<uuid:resource_id>/reviews")
@bp.arguments(schemas.ReviewIn)
@bp.response(201, schemas.ReviewOut)
@allow(SIGNED_IN)
def review(body: dict[str, Any], resource_id: uuid.UUID) -> Answer:
    """Decide the step a lesson waits at."""
    comment = body["comment"] or ""
    made, row = service.review(viewer(), resource_id, body["decision"], comment, expected_revision())
    return schemas.review_out(made, row), 201, {"ETag": etag_of(row.revision)}


@bp.post("/<uuid:resource_id>/withdraw")
@bp.arguments(schemas.WithdrawIn)
@bp.response(200, schemas.ResourceOut)
@allow(SIGNED_IN)
def withdraw(body: dict[str, Any], resource_id: uuid.UUID) -> Answer:
    """Take a published lesson out of public view, with a reason."""
    service.withdraw(viewer(), resource_id, body["reason"], expected_revision())
    return _answer(queries.resource(viewer(), resource_id))


@bp.post("/<uuid:resource_id>/reports")
@bp.arguments(schemas.ReportIn)
@bp.response(201)
@allow(ANYONE)
def report(body: dict[str, Any], resource_id: uuid.UUID) -> dict[str, str]:
    """Say that something is wrong with a published lesson."""
    return {"id": str(service.report(viewer(), resource_id, body["reason"], body["comment"]).id)}


@bp.get("/reports")
@bp.response(200)
@allow("reviewer", "librarian", "department", "administrator")
def reports() -> dict[str, Any]:
    """Reports that the caller may settle: open ones, or with `?settled=1` those settled last."""
    found = queries.reports(viewer(), settled=request.args.get("settled") == "1")
    return {
        "items": [
            {
                "id": one.report.id,
                "resource_id": one.resource.id,
                "title": one.version.title,
                "reason": one.report.reason,
                "comment": one.report.comment,
                "created_at": one.report.created_at,
                "settled_at": one.report.settled_at,
                "outcome": one.report.outcome,
                "answer": one.report.answer,
            }
            for one in found
        ],
        "next": None,
    }


@bp.post("/reports/<uuid:report_id>/settle")
@bp.arguments(schemas.SettleIn)
@bp.response(200)
@allow("reviewer", "librarian", "department", "administrator")
def settle(body: dict[str, Any], report_id: uuid.UUID) -> dict[str, Any]:
    """Settle a report: the lesson stays, was mended, or is withdrawn."""
    made = service.settle(viewer(), report_id, body["outcome"], body["answer"])
    return {"id": made.id, "outcome": made.outcome, "answer": made.answer, "settled_at": made.settled_at}


@bp.get("/<uuid:resource_id>/versions")
@bp.response(200, schemas.VersionOut(many=True))
@allow(ANYONE)
def versions(resource_id: uuid.UUID) -> list[Any]:
    """Versions the caller may read, newest first."""
    return list(queries.versions(viewer(), resource_id))


@bp.get("/<uuid:resource_id>/files")
@bp.response(200, schemas.FileOut(many=True))
@allow(ANYONE)
def files(resource_id: uuid.UUID) -> list[dict[str, Any]]:
    """Files of the version the caller sees."""
    shown = queries.resource(viewer(), resource_id)
    return [schemas.file_out(shown.resource, file) for file in shown.files]


@bp.post("/<uuid:resource_id>/files")
@bp.response(201, schemas.FileOut)
@allow(SIGNED_IN)
def add_file(resource_id: uuid.UUID) -> Answer:
    """Multipart field `file`, or `{"upload": id}` of a whole upload: inspected and put last in the version in work."""
    if request.is_json:
        upload = loaded(schemas.UploadIn(), request.get_json())["upload"]
        file = service.add_upload(viewer(), resource_id, upload, expected_revision())
    else:
        sent = request.files.get("file")
        if sent is None or not sent.filename:
            message = _("Hãy chọn một tệp để tải lên.")
            raise Invalid(message, errors={"file": [message]})
        file = service.add_file(viewer(), resource_id, cast(Any, sent.stream), sent.filename, expected_revision())
    row = queries.row(viewer(), resource_id)
    return schemas.file_out(row, file), 201, {"ETag": etag_of(row.revision)}


@bp.delete("/<uuid:resource_id>/files/<uuid:file_id>")
@bp.response(204)
@allow(SIGNED_IN)
def remove_file(resource_id: uuid.UUID, file_id: uuid.UUID) -> None:
    """Take a file out of the version in work."""
    service.remove_file(viewer(), resource_id, file_id, expected_revision())


@bp.get("/<uuid:resource_id>/files/<uuid:file_id>/content")
@allow(ANYONE)
def content(resource_id: uuid.UUID, file_id: uuid.UUID) -> Any:
    """The bytes (Range, ETag = sha256), or a redirect to a short-lived address; `download=1` saves them."""
    file = queries.file_of(viewer(), resource_id, file_id)
    inline = inspection.is_shown_inline(file.media_type) and request.args.get("download") != "1"
    key = keys.blob(file.sha256)
    elsewhere = ports.files().url_for(key, file.name, file.media_type) if not inline else None
    if elsewhere is not None:
        return redirect(elsewhere, 302)
    answer: Response = send_stored(key, file.name, file.media_type, file.size, file.sha256, inline)
    return answer


@bp.get("/review-path")
@bp.response(200)
@allow("department", "administrator")
def review_path() -> dict[str, Any]:
    """The review path of each department of the caller."""
    units = [unit for unit_id in viewer().unit_ids if (unit := accounts.unit(unit_id)) is not None]
    return {
        "items": [
            {"unit_id": str(unit.id), "unit": unit.name, "steps": queries.review_path_of(unit.id)}
            for unit in units
            if unit.kind == "department"
        ]
    }


@bp.put("/review-path/<uuid:unit_id>")
@bp.arguments(schemas.PathIn)
@bp.response(200)
@allow("department", "administrator")
def set_review_path(body: dict[str, Any], unit_id: uuid.UUID) -> dict[str, Any]:
    """Set a department's review path: [], ["school"], ["department"] or ["school", "department"]."""
    return {"unit_id": str(unit_id), "steps": service.set_review_path(viewer(), unit_id, body["steps"])}
