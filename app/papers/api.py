"""Papers over JSON, with their PDFs and keys."""

from __future__ import annotations

import uuid
from typing import Any

from flask import Response, jsonify

from app.core.access import allow, viewer
from app.core.http import after_args, api_blueprint
from app.papers import policy, queries, service
from app.papers.models import Paper
from app.papers.schemas import PaperIn, paper_out

bp = api_blueprint("papers_api", __name__, url_prefix="/api/v1")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _answer(found: Paper, status: int = 200) -> Response:
    answer = jsonify(paper_out(found, queries.forms(viewer(), found.id)))
    answer.status_code = status
    if status == 201:
        answer.headers["Location"] = f"/api/v1/papers/{found.id}"
    return answer


def _file(body: bytes, media_type: str, name: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    return Response(body, content_type=media_type, headers=headers)


@bp.get("/papers")
@allow(*policy.MAKERS)
def listed() -> Response:
    limit, after = after_args()
    found = queries.listed(viewer(), after, limit + 1)
    following = str(found[limit - 1].id) if len(found) > limit else None
    return jsonify({"items": [paper_out(each) for each in found[:limit]], "next": following})


@bp.post("/papers")
@bp.arguments(PaperIn)
@allow(*policy.MAKERS)
def create(data: dict[str, Any]) -> Response:
    """Forms from a blueprint; 422 with a line per cell where the bank has too few questions."""
    return _answer(service.create(viewer(), data), 201)


@bp.get("/papers/<uuid:paper_id>")
@allow(*policy.MAKERS)
def get(paper_id: uuid.UUID) -> Response:
    return _answer(queries.paper(viewer(), paper_id))


@bp.delete("/papers/<uuid:paper_id>")
@bp.response(204)
@allow(*policy.MAKERS)
def delete(paper_id: uuid.UUID) -> None:
    service.delete(viewer(), paper_id)


@bp.get("/papers/<uuid:paper_id>/forms/<code>.pdf")
@allow(*policy.MAKERS)
def form_pdf(paper_id: uuid.UUID, code: str) -> Response:
    return _file(service.pdf(viewer(), paper_id, code), "application/pdf", f"ma-de-{code}.pdf")


@bp.get("/papers/<uuid:paper_id>/forms.zip")
@allow(*policy.MAKERS)
def forms_zip(paper_id: uuid.UUID) -> Response:
    return _file(service.every_pdf(viewer(), paper_id), "application/zip", f"de-{paper_id}.zip")


@bp.get("/papers/<uuid:paper_id>/keys.xlsx")
@allow(*policy.MAKERS)
def keys_xlsx(paper_id: uuid.UUID) -> Response:
    return _file(service.keys_xlsx(viewer(), paper_id), XLSX, f"dap-an-{paper_id}.xlsx")
