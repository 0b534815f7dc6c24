"""What all doors share: schemas, problem+json and error pages, ETag, idempotency, ranges, CSRF."""

from __future__ import annotations

import hashlib
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any
from urllib.parse import quote, urlsplit

import marshmallow as ma
import orjson
import sqlalchemy as sa
import structlog
from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    g,
    make_response,
    redirect,
    render_template,
    request,
)
from flask.json.provider import JSONProvider
from flask_smorest import Blueprint as ApiBlueprint
from flask_wtf.csrf import CSRFError
from sqlalchemy.orm import Mapped, mapped_column
from webargs.flaskparser import FlaskParser
from werkzeug.exceptions import BadRequest, HTTPException

from app.core import db, errors, ports
from app.core.access import viewer
from app.core.delivery import Csrf
from app.core.i18n import _
from storage.port import FileMissing, StorageError

log = structlog.get_logger()
csrf = Csrf()
MAX_JSON_DEPTH = 64

STATUS: dict[type[errors.KhoError], int] = {
    errors.Invalid: 422,
    errors.Unauthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Stale: 412,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.TooLarge: 413,
    errors.TooMany: 429,
    errors.Unavailable: 503,
}


# ---------------------------------------------------------------- schemas

MESSAGES = {
    "required": "Mục này là bắt buộc.",
    "null": "Mục này không được để trống.",
    "validator_failed": "Giá trị không hợp lệ.",
    "invalid": "Giá trị không hợp lệ.",
    "type": "Giá trị không hợp lệ.",
}
_TRANSLATED = (
    (re.compile(r"Missing data for required field"), "Mục này là bắt buộc."),
    (re.compile(r"Field may not be null"), "Mục này không được để trống."),
    (re.compile(r"Unknown field"), "Không có mục nào mang tên này."),
    (re.compile(r"Not a valid string"), "Phải là một chuỗi chữ."),
    (re.compile(r"Not a valid (integer|number)"), "Phải là một số."),
    (re.compile(r"Not a valid boolean"), "Phải là true hoặc false."),
    (re.compile(r"Not a valid (datetime|date|time)"), "Phải là một thời điểm theo ISO 8601."),
    (re.compile(r"Not a valid (UUID|list|mapping type)"), "Giá trị không đúng dạng."),
    (re.compile(r"Invalid input type"), "Phải là một đối tượng JSON."),
    (re.compile(r"Shorter than minimum length|Length must be"), "Độ dài không hợp lệ."),
    (re.compile(r"Longer than maximum length"), "Dài quá giới hạn cho phép."),
    (re.compile(r"Must be (greater|less|one of|equal)"), "Giá trị nằm ngoài giới hạn cho phép."),
)


class Schema(ma.Schema):
    """Base of all In and Out schemas: unknown fields are refused."""

    class Meta:
        unknown = ma.RAISE


def _translate(messages: Any) -> Any:
    if isinstance(messages, dict):
        return {str(key): _translate(value) for key, value in messages.items()}
    if isinstance(messages, list):
        return [_translate(item) for item in messages]
    for pattern, message in _TRANSLATED:
        if pattern.search(str(messages)):
            return _(message)
    return str(messages)


def flat_errors(messages: Any, prefix: str = "") -> dict[str, list[str]]:
    """Marshmallow's nested messages as `{"choices.0.text": ["…"]}` in the caller's language."""
    if isinstance(messages, dict):
        found: dict[str, list[str]] = {}
        for key, value in messages.items():
            key = "" if key in ("json", "query", "form", "_schema") else str(key)
            name = f"{prefix}.{key}" if prefix and key else prefix or key
            for place, texts in flat_errors(value, name).items():
                found.setdefault(place, []).extend(texts)
        return found
    texts = messages if isinstance(messages, list) else [messages]
    return {prefix or "_": [str(_translate(text)) for text in texts]}


def loaded(schema: ma.Schema, values: Mapping[str, Any]) -> dict[str, Any]:
    """Check a form or a document against a schema; raises Invalid with messages per field."""
    try:
        result: dict[str, Any] = schema.load(values)
        return result
    except ma.ValidationError as error:
        raise errors.Invalid(_("Dữ liệu gửi lên chưa hợp lệ."), errors=flat_errors(error.messages)) from None


class After(ma.Schema):
    class Meta:
        unknown = ma.EXCLUDE

    limit = ma.fields.Integer(load_default=50, validate=ma.validate.Range(1, 100))
    after = ma.fields.UUID(load_default=None, allow_none=True)


def after_args() -> tuple[int, uuid.UUID | None]:
    """`limit` (1..100) and `after` (an id) of a list."""
    values = loaded(After(), request.args.to_dict())
    return values["limit"], values["after"]


# ---------------------------------------------------------------- JSON


def _default(value: Any) -> Any:
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, (frozenset, set)):
        return sorted(value)
    if hasattr(value, "__html__") or not isinstance(value, (dict, list)):
        return str(value)
    raise TypeError(type(value).__name__)


class Json(JSONProvider):
    """orjson: no NaN in or out, UUID and datetime as text."""

    def dumps(self, obj: Any, **_kw: Any) -> str:
        return orjson.dumps(obj, default=_default, option=orjson.OPT_NON_STR_KEYS).decode()

    def loads(self, s: str | bytes, **_kw: Any) -> Any:
        try:
            return orjson.loads(s)
        except orjson.JSONDecodeError as error:
            raise ValueError(str(error)) from None

    def response(self, *args: Any, **kwargs: Any) -> Response:
        body = orjson.dumps(self._prepare_response_obj(args, kwargs), default=_default)
        return current_app.response_class(body, mimetype="application/json")


class _Parser(FlaskParser):  # type: ignore[misc]
    """Reads documents with orjson: the standard parser takes NaN and runs out of stack on deep nesting."""

    def _raw_load_json(self, req: Any) -> Any:
        if not req.is_json:
            return ma.missing
        try:
            return orjson.loads(req.get_data(cache=True))
        except orjson.JSONDecodeError:
            raise BadRequest from None


class _ApiBlueprint(ApiBlueprint):  # type: ignore[misc]
    ARGUMENTS_PARSER = _Parser()


def api_blueprint(name: str, import_name: str, url_prefix: str) -> ApiBlueprint:
    return _ApiBlueprint(name, import_name, url_prefix=url_prefix)


def page_blueprint(name: str, import_name: str) -> Blueprint:
    return Blueprint(name, import_name)


def is_api() -> bool:
    return request.path.startswith("/api/")


# ---------------------------------------------------------------- revisions


def etag_of(revision: int) -> str:
    return f'"{revision}"'


def expected_revision() -> int | None:
    """The revision that the caller saw: `If-Match`, or `revision` in the form or the document."""
    header = request.headers.get("If-Match", "").strip()
    if header and header != "*":
        match = re.fullmatch(r'(?:W/)?"?(\d{1,9})"?', header)
        if match is None:
            raise errors.Stale(_("Bản đang sửa đã cũ. Hãy tải lại rồi sửa tiếp."))
        return int(match.group(1))
    value = request.form.get("revision")
    if value is None and request.is_json:
        document = request.get_json(silent=True)
        value = document.get("revision") if isinstance(document, dict) else None
    return int(value) if isinstance(value, int) or (isinstance(value, str) and value.isdigit()) else None


# ---------------------------------------------------------------- errors


def problem(status: int, detail: str, fields: dict[str, list[str]] | None = None, current: Any = None) -> Response:
    """RFC 9457."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": title_of(status),
        "status": status,
        "detail": detail,
        "errors": fields or {},
        "request_id": g.get("request_id", ""),
    }
    if current is not None:
        document["current"] = current
    answer = Response(current_app.json.dumps(document), status, mimetype="application/problem+json")
    return answer


def title_of(status: int) -> str:
    titles = {
        400: _("Yêu cầu không hợp lệ"),
        401: _("Cần đăng nhập"),
        403: _("Không có quyền"),
        404: _("Không tìm thấy"),
        405: _("Cách gọi không được hỗ trợ"),
        409: _("Có thay đổi khác vừa được lưu"),
        410: _("Nội dung đã ngừng chia sẻ"),
        412: _("Bản đang sửa đã cũ"),
        413: _("Tệp quá lớn"),
        415: _("Loại dữ liệu không được hỗ trợ"),
        422: _("Dữ liệu chưa hợp lệ"),
        429: _("Quá nhiều lần thử"),
        503: _("Tạm thời chưa phục vụ được"),
    }
    return titles.get(status, _("Có lỗi trong kho"))


def error_answer(status: int, detail: str, fields: dict[str, list[str]] | None = None, current: Any = None) -> Response:
    if is_api():
        return problem(status, detail, fields, current)
    if status == 401 and request.method == "GET":
        return make_response(redirect("/signin?next=" + quote(request.full_path.rstrip("?"))))
    page = render_template("error.html", status=status, title=title_of(status), detail=detail, fields=fields or {})
    return make_response(page, status)


def _on_kho_error(error: errors.KhoError) -> Response:
    status = next(code for kind, code in STATUS.items() if isinstance(error, kind))
    answer = error_answer(status, error.message or title_of(status), error.errors, error.current)
    if status in (429, 503):
        answer.headers["Retry-After"] = str(error.current if isinstance(error.current, int) else 5)
    if status == 401 and is_api():
        answer.headers["WWW-Authenticate"] = "Bearer"
    return answer


def _on_http_error(error: HTTPException) -> Response:
    status = error.code or 500
    if status < 400:
        return make_response(error.get_response())
    fields = flat_errors(getattr(error, "data", {}).get("messages", {})) if hasattr(error, "data") else {}
    if "_" in fields and not fields["_"]:
        fields.pop("_")
    details = {
        400: _("Không đọc được dữ liệu gửi lên."),
        404: _("Không tìm thấy trang này."),
        413: _("Tệp quá lớn (tối đa %(limit)s MB).", limit=ports.settings().max_upload_bytes // (1024 * 1024)),
        422: _("Dữ liệu gửi lên chưa hợp lệ."),
    }
    if isinstance(error, CSRFError):
        status, detail = 400, _("Trang đã để quá lâu. Hãy tải lại trang rồi gửi lần nữa.")
    else:
        detail = details.get(status, title_of(status))
    answer = error_answer(status, detail, fields)
    for name, value in error.get_headers():
        if name == "Allow":
            answer.headers[name] = value
    return answer


def _on_crash(error: Exception) -> Response:
    log.exception("request failed", path=request.path, method=request.method)
    return error_answer(500, _("Kho gặp lỗi. Những gì đã lưu vẫn còn nguyên; hãy thử lại sau ít phút."))


def _on_storage_down(error: Exception) -> Response:
    log.warning("storage unavailable", error=repr(error))
    return _on_kho_error(errors.Unavailable(_("Kho tệp tạm thời chưa phục vụ được. Hãy thử lại sau ít phút.")))


def _on_missing(error: Exception) -> Response:
    log.error("bytes missing", error=repr(error))
    return _on_kho_error(errors.NotFound(_("Tệp này hiện không còn trong kho.")))


# ---------------------------------------------------------------- idempotency


class Replay(db.Base):
    """A stored reply: `Idempotency-Key` sent again gets the same answer, and nothing is made twice."""

    __tablename__ = "idempotency_replay"

    key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    status: Mapped[int | None]
    body: Mapped[str | None] = mapped_column(sa.Text)
    fingerprint: Mapped[str] = mapped_column(sa.String(64))
    made_at: Mapped[datetime]


def not_replayed(view: Callable[..., Any]) -> Callable[..., Any]:
    """Keep nothing of this route's `Idempotency-Key`: no hash of the body, no moment, no reply.

    For routes whose documents must not be linked to the time they came or to who sent them, and that
    tell repeats apart themselves. Written directly above the function, like `@allow`.
    """
    view.__dict__["not_replayed"] = True
    return view


def _replay_key() -> str | None:
    key = request.headers.get("Idempotency-Key")
    if request.method != "POST" or not is_api() or not key or request.endpoint is None:
        return None
    if getattr(current_app.view_functions[request.endpoint], "not_replayed", False):
        return None
    who = str(viewer().id or request.headers.get("X-Attempt-Token") or request.remote_addr)
    return hashlib.sha256("\0".join((who, request.full_path, key)).encode()).hexdigest()


def replayed() -> Response | None:
    """Before a POST with `Idempotency-Key`: claim the key, or answer with the reply stored for it."""
    key = _replay_key()
    if key is None:
        return None
    body = b"" if (request.mimetype or "").startswith("multipart/") else request.get_data(cache=True)
    fingerprint = hashlib.sha256(body).hexdigest()
    with db.transaction() as unit:
        found = unit.get(Replay, key)
        if found is None:
            unit.add(Replay(key=key, fingerprint=fingerprint, status=None, body=None, made_at=db.now()))
            g.replay_key = key
            return None
        if found.fingerprint != fingerprint:
            raise errors.Invalid(_("Idempotency-Key này đã dùng cho một yêu cầu khác."))
        if found.status is None:
            raise errors.Conflict(_("Yêu cầu này đang được xử lí."))
    return Response(found.body, found.status, mimetype="application/json", headers={"Idempotent-Replay": "true"})


def keep_reply(answer: Response) -> Response:
    key = g.pop("replay_key", None)
    if key is None:
        return answer
    with db.transaction() as unit:
        if 200 <= answer.status_code < 300 and not answer.is_streamed:
            found = unit.get(Replay, key)
            if found is not None:
                found.status, found.body = answer.status_code, answer.get_data(as_text=True)
        else:
            unit.execute(sa.delete(Replay).where(Replay.key == key))
    return answer


# ---------------------------------------------------------------- stored files


def send_stored(key: str, name: str, media_type: str, size: int, sha256: str, inline: bool) -> Response:
    """Bytes from the store with Range, ETag (the sha256) and a name that survives Vietnamese letters."""
    etag = f'"{sha256}"'
    headers = {
        "ETag": etag,
        "Accept-Ranges": "bytes",
        "Content-Disposition": f"{'inline' if inline else 'attachment'}; filename*=UTF-8''{quote(name)}",
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "private, max-age=3600",
        "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; media-src 'self'; sandbox"
        if media_type != "application/pdf"
        else "default-src 'none'; object-src 'self'; plugin-types application/pdf",
    }
    if request.if_none_match.contains(sha256):
        return Response(status=304, headers=headers)
    status, start, end = 200, 0, size
    unchanged = not request.headers.get("If-Range") or request.if_range.etag == sha256
    if request.range and len(request.range.ranges) == 1 and unchanged:
        bounds = request.range.range_for_length(size)
        if bounds is None:
            return Response(status=416, headers={**headers, "Content-Range": f"bytes */{size}"})
        start, end = bounds
        status = 206
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    headers["Content-Length"] = str(end - start)
    if request.method == "HEAD" or size == 0:
        return Response(status=status, headers=headers, content_type=media_type)
    return Response(ports.files().open(key, start, end), status, headers, content_type=media_type)


# ---------------------------------------------------------------- wiring


def csrf_exempt(view: Callable[..., Any]) -> Callable[..., Any]:
    view.__dict__["csrf_exempt"] = True
    return view


def protect_forms() -> None:
    """CSRF for whatever a browser sends with our cookie; tokens in headers need none."""
    if request.method in ("GET", "HEAD", "OPTIONS") or not current_app.config["WTF_CSRF_ENABLED"]:
        return
    if request.endpoint is None or getattr(current_app.view_functions[request.endpoint], "csrf_exempt", False):
        return
    if is_api() and (g.get("by_token") or current_app.config["SESSION_COOKIE_NAME"] not in request.cookies):
        return
    csrf.protect()


def _depth_guard() -> None:
    """Refuse documents nested deeper than anything we ask for, before anyone recurses over them."""
    if request.is_json and request.content_length and request.content_length > 2_000_000:
        raise errors.TooLarge(_("Dữ liệu gửi lên quá lớn."))
    if request.is_json:
        document = request.get_data(cache=True)
        depth = deepest = 0
        if document.count(b"[") + document.count(b"{") > MAX_JSON_DEPTH:
            quoted = re.sub(rb'"(?:[^"\\]|\\.)*"', b"", document)
            for byte in quoted:
                if byte in b"[{":
                    depth += 1
                    deepest = max(deepest, depth)
                elif byte in b"]}":
                    depth -= 1
        if deepest > MAX_JSON_DEPTH:
            raise BadRequest


def security_headers(answer: Response) -> Response:
    answer.headers.setdefault("X-Content-Type-Options", "nosniff")
    answer.headers.setdefault("Referrer-Policy", "same-origin")
    content = ports.settings().content_url
    frames = f"frame-src 'self' {content}".strip()
    answer.headers.setdefault(
        "Content-Security-Policy",
        "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; script-src 'self'; "
        f"object-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; {frames}",
    )
    if answer.mimetype == "text/html" and not viewer().is_guest:
        answer.headers.setdefault("Cache-Control", "private, no-store")
    return answer


def safe_next(target: str | None) -> str:
    """A path of our own to go back to; anything else is the home page."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return "/"
    parts = urlsplit(target)
    return target if not parts.scheme and not parts.netloc else "/"


def mount(app: Flask) -> None:
    app.json = Json(app)
    csrf.init_app(app)
    app.register_error_handler(errors.KhoError, _on_kho_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(StorageError, _on_storage_down)
    app.register_error_handler(FileMissing, _on_missing)
    if not app.testing:
        app.register_error_handler(Exception, _on_crash)
    app.before_request(_depth_guard)
    app.after_request(security_headers)
