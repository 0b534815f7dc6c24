"""Sign-in, sign-out, language and theme; and who the viewer of a request is."""

from __future__ import annotations

import secrets
from typing import Any

from flask import Flask, current_app, g, make_response, redirect, render_template, request, session
from flask_login import LoginManager, UserMixin, login_user, logout_user

from app.accounts import queries, service
from app.core import errors, i18n
from app.core.access import ANYONE, GUEST, SIGNED_IN, allow, viewer
from app.core.http import is_api, page_blueprint, safe_next
from app.core.i18n import _

bp = page_blueprint("accounts", __name__)
YEAR = 365 * 24 * 3600


class SessionUser(UserMixin):  # type: ignore[misc]
    """What Flask-Login carries: the secret of a browser session, whose row holds the rest."""

    def __init__(self, secret: str) -> None:
        self.secret = secret

    def get_id(self) -> str:
        return self.secret


def mount(app: Flask) -> None:
    manager = LoginManager(app)
    manager.session_protection = None
    manager.user_loader(SessionUser)
    app.before_request(_identify)


def _identify() -> None:
    """Set `g.viewer` and the language. Under /api the header decides before any cookie."""
    g.viewer = GUEST
    if request.endpoint != "static":
        header = request.headers.get("Authorization")
        if is_api() and header is not None:
            kind, _space, token = header.partition(" ")
            user = queries.user_of_token(token.strip()) if kind.lower() == "bearer" else None
            if user is None:
                _choose_locale()
                raise errors.Unauthenticated(_("Mã truy cập không đúng hoặc đã hết hạn."))
            g.viewer, g.by_token = queries.viewer_of(user), True
        elif (secret := session.get("_user_id")) is not None:
            user = queries.user_of_session(secret)
            if user is None:
                session.clear()
            else:
                g.viewer = queries.viewer_of(user)
    _choose_locale()


def _choose_locale() -> None:
    """What was asked for comes first; pages then follow the account, calls the caller's header."""
    asked = request.args.get("lang") or request.cookies.get("lang")
    by_account = not viewer().is_guest and not (is_api() and "Accept-Language" in request.headers)
    if asked not in i18n.LANGUAGES and by_account:
        asked = viewer().locale
    if asked not in i18n.LANGUAGES:
        asked = request.accept_languages.best_match(i18n.LANGUAGES, default="vi")
    i18n.set_locale(asked or "vi")


@bp.get("/signin")
@allow(ANYONE)
def sign_in() -> Any:
    if not viewer().is_guest:
        return redirect(safe_next(request.args.get("next")))
    return render_template("accounts/signin.html", next=safe_next(request.args.get("next")), error=None, login="")


@bp.post("/signin")
@allow(ANYONE)
def sign_in_post() -> Any:
    login = request.form.get("login", "")
    target = safe_next(request.form.get("next"))
    try:
        user = service.check_password(login, request.form.get("password", ""))
    except (errors.Unauthenticated, errors.TooMany) as error:
        page = render_template("accounts/signin.html", next=target, error=error.message, login=login)
        status = 429 if isinstance(error, errors.TooMany) else 401
        return make_response(page, status)
    session.clear()
    session["nonce"] = secrets.token_hex(8)
    session.permanent = True
    login_user(SessionUser(service.open_session(user)))
    return redirect(target, 303)


@bp.post("/signout")
@allow(ANYONE)
def sign_out() -> Any:
    secret = session.get("_user_id")
    if secret:
        service.close_session(secret)
    logout_user()
    session.clear()
    answer = redirect("/", 303)
    answer.headers["Clear-Site-Data"] = '"storage"'
    return answer


@bp.post("/preferences")
@allow(ANYONE)
def preferences() -> Any:
    """Keep the chosen language and theme in cookies, and the language with the account."""
    answer = make_response(redirect(safe_next(request.form.get("next")), 303))
    language, theme = request.form.get("locale"), request.form.get("theme")
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    if language in i18n.LANGUAGES:
        service.choose_language(viewer(), str(language))
        answer.set_cookie("lang", str(language), max_age=YEAR, samesite="Lax", secure=secure)
    if theme in ("auto", "light", "dark"):
        answer.set_cookie("theme", str(theme), max_age=YEAR, samesite="Lax", secure=secure)
    return answer


@bp.get("/me")
@allow(SIGNED_IN)
def profile() -> Any:
    asking = viewer()
    units = {unit_id: queries.unit(unit_id) for unit_id in asking.unit_ids}
    return render_template("accounts/profile.html", units=units, classrooms=queries.classrooms_of(asking.id))  # type: ignore[arg-type]
