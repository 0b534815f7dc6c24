"""How pages and static files reach a slow phone: compressed, and static files kept for good.

Compressing a page that holds a secret beside text the reader's address chose lets the secret be guessed
from the length (BREACH, CVE-2013-3587). So our pages hold no secret that stays the same: the CSRF token is
masked anew in every answer, attempt and session tokens live in cookies (`docs/decisions/0003-delivery.md`).
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import os
import secrets
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, current_app, g, request
from flask.sessions import SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect, generate_csrf

# Below this size the headers weigh more than what is saved.
LEAST = 1000
COMPRESSED = {
    "application/atom+xml", "application/javascript", "application/json", "application/ld+json",
    "application/problem+json", "application/xml", "image/svg+xml",
}  # fmt: skip
# Files whose names change when their content does; style sheets name them without a version.
UNVERSIONED = ("fonts/", "vendor/katex/fonts/")
FOR_GOOD = "public, max-age=31536000, immutable"
FOR_A_WHILE = "public, max-age=600"


# ---------------------------------------------------------------- CSRF tokens


def masked(token: str) -> str:
    """The token under a random mask of its own length: no two answers share a piece of it."""
    plain = token.encode()
    mask = secrets.token_bytes(len(plain))
    return base64.urlsafe_b64encode(mask + bytes(a ^ b for a, b in zip(mask, plain, strict=True))).decode()


def unmasked(text: str | None) -> str | None:
    """The token under the mask; what is none comes back as it is and fails as a token."""
    try:
        both = base64.urlsafe_b64decode((text or "").encode())
        half = len(both) // 2
        return bytes(a ^ b for a, b in zip(both[:half], both[half:], strict=True)).decode("ascii") or text
    except ValueError:
        return text


class Csrf(CSRFProtect):  # type: ignore[misc]
    def init_app(self, app: Flask) -> None:
        super().init_app(app)
        app.jinja_env.globals["csrf_token"] = csrf_token
        app.context_processor(lambda: {"csrf_token": csrf_token})

    def _get_csrf_token(self) -> str | None:
        return unmasked(super()._get_csrf_token())


def csrf_token() -> str:
    """One masked token for all forms of an answer."""
    if "masked_csrf" not in g:
        g.masked_csrf = masked(generate_csrf())
    made: str = g.masked_csrf
    return made


# ---------------------------------------------------------------- static files


@lru_cache(maxsize=512)
def _digest(path: str, _changed: int, _size: int) -> str:
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()[:10]


@lru_cache(maxsize=512)
def _packed(path: str, _changed: int, _size: int) -> bytes:
    return gzip.compress(Path(path).read_bytes(), 9, mtime=0)


def _stamped(filename: str) -> tuple[str, int, int] | None:
    path = os.path.join(current_app.static_folder or "", filename)
    try:
        state = os.stat(path)
    except OSError:
        return None
    return path, state.st_mtime_ns, state.st_size


def version_of(filename: str) -> str | None:
    stamp = _stamped(filename)
    return _digest(*stamp) if stamp else None


def _add_version(endpoint: str, values: dict[str, Any]) -> None:
    """`url_for("static", …)` names the content, so that it can be kept for good."""
    filename = values.get("filename")
    if endpoint == "static" and filename and not filename.startswith(UNVERSIONED):
        values.setdefault("v", version_of(filename))


class Sessions(SecureCookieSessionInterface):
    """Static files are the same for everyone: they neither read nor renew a session."""

    def save_session(self, app: Flask, session: Any, response: Response) -> None:
        if request.endpoint != "static":
            super().save_session(app, session, response)


# ---------------------------------------------------------------- answers


def _wants_gzip() -> bool:
    return request.accept_encodings.quality("gzip") > 0 and "gzip" in request.headers.get("Accept-Encoding", "")


def _pack(answer: Response) -> Response:
    static = request.endpoint == "static" and answer.status_code in (200, 304)
    filename = (request.view_args or {}).get("filename", "") if static else ""
    if static:
        kept = filename.startswith(UNVERSIONED) or request.args.get("v") == version_of(filename)
        answer.headers["Cache-Control"] = FOR_GOOD if kept else FOR_A_WHILE
        for name in ("Expires", "Content-Security-Policy", "Referrer-Policy"):
            answer.headers.pop(name, None)
    if not ((answer.mimetype or "").startswith("text/") or answer.mimetype in COMPRESSED):
        return answer
    answer.vary.add("Accept-Encoding")
    if answer.status_code in (204, 206, 304) or "Content-Encoding" in answer.headers or not _wants_gzip():
        return answer
    if static and (stamp := _stamped(filename)) is not None:
        if stamp[2] < LEAST:
            return answer
        answer.direct_passthrough = False
        body = _packed(*stamp)
    elif answer.direct_passthrough or answer.is_streamed or "Content-Range" in answer.headers:
        return answer
    else:
        plain = answer.get_data()
        if len(plain) < LEAST:
            return answer
        body = gzip.compress(plain, 6, mtime=0)
    answer.set_data(body)
    answer.headers["Content-Encoding"] = "gzip"
    answer.headers.pop("Accept-Ranges", None)
    etag, _weak = answer.get_etag()
    if etag:
        # Other bytes than the plain answer, the same content.
        answer.set_etag(etag, weak=True)
    return answer


def mount(app: Flask) -> None:
    """First of all: after_request functions run from the last to the first, and this one comes last."""
    app.session_interface = Sessions()
    app.url_defaults(_add_version)
    app.after_request(_pack)
