"""JSON door of uploads in pieces, by the protocol tus 1.0.0 (https://tus.io/protocols/resumable-upload).

Extensions: creation, termination, expiration. A whole upload becomes a lesson's file by
`POST /api/v1/resources/{id}/files {"upload": id}`.
"""

from __future__ import annotations

import base64
import binascii
import uuid
from datetime import timedelta
from email.utils import format_datetime
from typing import Any, cast

from flask import Response, request, url_for

from app.core import ports
from app.core.access import SIGNED_IN, allow, viewer
from app.core.errors import Invalid
from app.core.http import api_blueprint, problem
from app.core.i18n import _
from app.files import schemas, uploads
from app.files.models import Upload

VERSION = "1.0.0"
bp = api_blueprint("uploads", __name__, url_prefix="/api/v1/uploads")
Answer = tuple[dict[str, Any], int, dict[str, str]]


@bp.before_request
def speak() -> Response | None:
    asked = request.headers.get("Tus-Resumable", VERSION)
    return None if asked == VERSION else problem(412, _("Kho dùng giao thức tus phiên bản %(v)s.", v=VERSION))


@bp.after_request
def sign(answer: Response) -> Response:
    answer.headers["Tus-Resumable"] = VERSION
    if answer.status_code == 412 or request.method == "OPTIONS":
        answer.headers["Tus-Version"] = VERSION
        answer.headers["Tus-Extension"] = "creation,termination,expiration"
        answer.headers["Tus-Max-Size"] = str(ports.settings().max_upload_bytes)
    return answer


@bp.route("", methods=["OPTIONS"])
@allow(SIGNED_IN)
def abilities() -> Response:
    """What this server can do."""
    return Response(status=204)


@bp.post("")
@bp.response(201, schemas.UploadOut)
@allow(SIGNED_IN)
def begin() -> Answer:
    """`Upload-Length` in bytes and `Upload-Metadata` with `filename`; answers with the upload's address."""
    size, name = _number("Upload-Length"), _metadata().get("filename", "")
    if size is None or not name:
        message = _("Cần Upload-Length và Upload-Metadata có filename.")
        raise Invalid(message, errors={"file": [message]})
    row = uploads.start(viewer(), name, size)
    return _out(row), 201, {"Location": _address(row), **_headers(row)}


@bp.get("/<uuid:upload_id>")
@bp.response(200, schemas.UploadOut)
@allow(SIGNED_IN)
def read(upload_id: uuid.UUID) -> Answer:
    """How far the upload has come (with HEAD in the headers alone)."""
    row = uploads.upload(viewer(), upload_id)
    return _out(row), 200, {"Cache-Control": "no-store", **_headers(row)}


@bp.patch("/<uuid:upload_id>")
@bp.response(204)
@allow(SIGNED_IN)
def append(upload_id: uuid.UUID) -> Any:
    """Bytes from `Upload-Offset` on, as application/offset+octet-stream."""
    if request.mimetype != "application/offset+octet-stream":
        return problem(415, _("Cần Content-Type là application/offset+octet-stream."))
    start = _number("Upload-Offset")
    if start is None:
        raise Invalid(_("Cần Upload-Offset."))
    uploads.append(viewer(), upload_id, start, cast(Any, request.stream))
    return Response(status=204, headers=_headers(uploads.upload(viewer(), upload_id)))


@bp.delete("/<uuid:upload_id>")
@bp.response(204)
@allow(SIGNED_IN)
def drop(upload_id: uuid.UUID) -> None:
    """Forget the upload."""
    uploads.drop(viewer(), upload_id)


def _number(header: str) -> int | None:
    text = request.headers.get(header, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None


def _metadata() -> dict[str, str]:
    found: dict[str, str] = {}
    for pair in request.headers.get("Upload-Metadata", "").split(","):
        key, _space, value = pair.strip().partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            continue
    return found


def _address(row: Upload) -> str:
    return url_for("uploads.read", upload_id=row.id)


def _out(row: Upload) -> dict[str, Any]:
    return {"id": row.id, "name": row.name, "size": row.size, "offset": row.received, "url": _address(row)}


def _headers(row: Upload) -> dict[str, str]:
    until = row.touched_at + timedelta(seconds=uploads.GRACE_S)
    return {
        "Upload-Offset": str(row.received),
        "Upload-Length": str(row.size),
        "Upload-Expires": format_datetime(until, usegmt=True),
    }
