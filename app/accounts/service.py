"""Sign in and out, tokens, and making people and organisations."""

from __future__ import annotations

import secrets
import threading
import unicodedata
import uuid
from datetime import datetime, timedelta

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import VerificationError

from app.accounts import queries
from app.accounts.models import (
    ApiToken,
    ClassMember,
    Classroom,
    LoginSession,
    LoginThrottle,
    Membership,
    Unit,
    User,
)
from app.core import db, errors
from app.core.access import Viewer
from app.core.i18n import _

SESSION_LASTS = timedelta(hours=12)
TOKEN_LASTS = timedelta(days=30)
FREE_TRIES = 5
MAX_PASSWORD = 200

# 19 MiB, two passes: 25-70 ms. A gate keeps a class that signs in at once from starving answer saving.
_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_gate = threading.BoundedSemaphore(2)
_nobody = _hasher.hash(secrets.token_hex(16))


def check_password(login: str, password: str) -> User:
    """The user with this password. Failures slow an account down: 1, 2, 4 … 60 s from the fifth on."""
    login = unicodedata.normalize("NFC", login).strip().lower()[:64]
    throttle = db.session().get(LoginThrottle, login)
    moment = db.now()
    if throttle and throttle.blocked_until and throttle.blocked_until > moment:
        wait = max(1, round((throttle.blocked_until - moment).total_seconds()))
        raise errors.TooMany(_("Sai nhiều lần. Hãy thử lại sau %(s)s giây.", s=wait), current=wait)
    found = queries.user_by_login(login)
    right = _verify(found.password_hash if found else _nobody, password)
    if found is None or not right or not found.active:
        _count_failure(login)
        raise errors.Unauthenticated(_("Tên đăng nhập hoặc mật khẩu chưa đúng."))
    if throttle:
        with db.transaction() as unit:
            unit.execute(sa.delete(LoginThrottle).where(LoginThrottle.login == login))
    return found


def _verify(hashed: str, password: str) -> bool:
    if len(password) > MAX_PASSWORD:
        return False
    with _gate:
        try:
            return _hasher.verify(hashed, unicodedata.normalize("NFC", password))
        except VerificationError:
            return False


def _count_failure(login: str) -> None:
    with db.transaction() as unit:
        found = unit.get(LoginThrottle, login, with_for_update=True, populate_existing=True)
        if found is None:
            found = LoginThrottle(login=login, failures=0)
            unit.add(found)
        found.failures += 1
        if found.failures >= FREE_TRIES:
            pause = min(60, 2 ** (found.failures - FREE_TRIES))
            found.blocked_until = db.now() + timedelta(seconds=pause)


def open_session(user: User) -> str:
    """Start a browser session; returns the secret that goes into the cookie."""
    secret = secrets.token_urlsafe(32)
    with db.transaction() as unit:
        moment = db.now()
        unit.execute(sa.delete(LoginSession).where(LoginSession.expires_at < moment))
        unit.add(
            LoginSession(
                secret_hash=queries.digest(secret),
                user_id=user.id,
                created_at=moment,
                expires_at=moment + SESSION_LASTS,
            )
        )
    return secret


def close_session(secret: str) -> None:
    with db.transaction() as unit:
        unit.execute(sa.delete(LoginSession).where(LoginSession.secret_hash == queries.digest(secret)))


def issue_token(user: User) -> tuple[str, datetime]:
    """A token for programs and when it ends; only its hash is kept."""
    secret = "kho_" + secrets.token_urlsafe(32)
    with db.transaction() as unit:
        moment = db.now()
        ends = moment + TOKEN_LASTS
        unit.add(ApiToken(secret_hash=queries.digest(secret), user_id=user.id, created_at=moment, expires_at=ends))
    return secret, ends


def revoke_token(secret: str) -> None:
    with db.transaction() as unit:
        unit.execute(sa.delete(ApiToken).where(ApiToken.secret_hash == queries.digest(secret)))


def choose_language(viewer: Viewer, language: str) -> None:
    if viewer.id is not None:
        with db.transaction() as unit:
            unit.execute(sa.update(User).where(User.id == viewer.id).values(locale=language))


def add_unit(
    kind: str, name: str, province_code: str, parent_id: uuid.UUID | None = None, code: str | None = None
) -> Unit:
    with db.transaction() as unit:
        made = Unit(
            kind=kind,
            name=unicodedata.normalize("NFC", name.strip()),
            province_code=province_code,
            parent_id=parent_id,
            code=code,
            created_at=db.now(),
        )
        unit.add(made)
        unit.flush()
    return made


def add_user(login: str, name: str, password: str, roles: list[tuple[str, uuid.UUID]], demo: bool = False) -> User:
    """Make a person with roles; Invalid when the login is taken or the password too short."""
    login = unicodedata.normalize("NFC", login).strip().lower()
    if len(password) < 8 or len(password) > MAX_PASSWORD:
        raise errors.Invalid(_("Mật khẩu cần từ 8 kí tự."), errors={"password": [_("Mật khẩu cần từ 8 kí tự.")]})
    if not login or queries.user_by_login(login) is not None:
        raise errors.Invalid(_("Tên đăng nhập đã có người dùng."), errors={"login": [_("Đã có người dùng.")]})
    with db.transaction() as unit:
        made = User(
            login=login,
            name=unicodedata.normalize("NFC", name.strip()),
            password_hash=_hasher.hash(unicodedata.normalize("NFC", password)),
            active=True,
            locale="vi",
            demo=demo,
            created_at=db.now(),
        )
        unit.add(made)
        unit.flush()
        unit.add_all(Membership(user_id=made.id, unit_id=where, role=role) for role, where in roles)
    return made


def set_password(login: str, password: str) -> None:
    with db.transaction() as unit:
        found = queries.user_by_login(login)
        if found is None:
            raise errors.NotFound(_("Không có tài khoản này."))
        found.password_hash = _hasher.hash(unicodedata.normalize("NFC", password))
        unit.execute(sa.delete(LoginSession).where(LoginSession.user_id == found.id))
        unit.execute(sa.delete(ApiToken).where(ApiToken.user_id == found.id))


def add_classroom(unit_id: uuid.UUID, name: str, grade: int, year: str, members: list[uuid.UUID]) -> Classroom:
    with db.transaction() as unit:
        made = Classroom(unit_id=unit_id, name=name, grade=grade, school_year=year)
        unit.add(made)
        unit.flush()
        unit.add_all(ClassMember(class_id=made.id, user_id=member) for member in members)
    return made
