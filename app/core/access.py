"""Who is asking, and who may use a route. A route that does not say so stops the start."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import Flask, current_app, g, request

from app.core import errors
from app.core.i18n import _

ROLES = ("student", "teacher", "reviewer", "librarian", "department", "administrator", "partner")
STAFF = ("teacher", "reviewer", "librarian", "department", "administrator")
ANYONE = "anyone"
SIGNED_IN = "signed-in"
View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True)
class Viewer:
    """A person or a guest; `roles` are pairs (role, unit the role is bound to)."""

    id: uuid.UUID | None = None
    login: str = ""
    name: str = ""
    roles: frozenset[tuple[str, uuid.UUID]] = frozenset()
    unit_ids: frozenset[uuid.UUID] = frozenset()
    locale: str = "vi"

    @property
    def is_guest(self) -> bool:
        return self.id is None

    @property
    def is_staff(self) -> bool:
        return self.has(*STAFF)

    def has(self, *roles: str) -> bool:
        return any(role in roles for role, _unit in self.roles)

    def units(self, *roles: str) -> frozenset[uuid.UUID]:
        """Units in which the viewer holds one of the roles (all roles when none is named)."""
        return frozenset(unit for role, unit in self.roles if not roles or role in roles)


GUEST = Viewer()


def viewer() -> Viewer:
    """The viewer of this request; a guest outside of one."""
    found: Viewer = g.get("viewer", GUEST)
    return found


def allow(*who: str) -> Callable[[View], View]:
    """Declare who may call a route: ANYONE, SIGNED_IN, or some of ROLES."""
    unknown = set(who) - {ANYONE, SIGNED_IN, *ROLES}
    if unknown or not who:
        raise ValueError(f"allow(): unknown {unknown}")

    def mark(view: View) -> View:
        view.__dict__["allowed"] = who
        return view

    return mark


def allowed(app: Flask, endpoint: str) -> tuple[str, ...] | None:
    found: tuple[str, ...] | None = getattr(app.view_functions[endpoint], "allowed", None)
    return found


def enforce() -> None:
    """Before every request: refuse those whom the route does not name."""
    if request.endpoint is None:
        return
    who = allowed(current_app, request.endpoint)
    if who is None:
        raise errors.NotFound(_("Không tìm thấy trang này."))
    asking = viewer()
    if ANYONE in who:
        return
    if asking.is_guest:
        raise errors.Unauthenticated(_("Cần đăng nhập để tiếp tục."))
    if SIGNED_IN not in who and not asking.has(*who):
        raise errors.Forbidden(_("Tài khoản này không có quyền dùng chức năng đó."))


def check_routes(app: Flask) -> None:
    """Refuse to start with a route that does not say who may."""
    open_ended = sorted(e for e in app.view_functions if allowed(app, e) is None)
    if open_ended:
        raise RuntimeError(f"routes without @allow: {', '.join(open_ended)}")
