"""Reads about people and organisations."""

from __future__ import annotations

import hashlib
import uuid

import sqlalchemy as sa

from app.accounts.models import ApiToken, ClassMember, Classroom, LoginSession, Membership, Unit, User
from app.core import db
from app.core.access import Viewer


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def user(user_id: uuid.UUID) -> User | None:
    return db.session().get(User, user_id)


def user_by_login(login: str) -> User | None:
    return db.session().scalar(sa.select(User).where(User.login == login.strip().lower()))


def names(user_ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    rows = db.session().execute(sa.select(User.id, User.name).where(User.id.in_(user_ids)))
    return {row.id: row.name for row in rows}


def unit(unit_id: uuid.UUID) -> Unit | None:
    return db.session().get(Unit, unit_id)


def units(kind: str | None = None) -> list[Unit]:
    query = sa.select(Unit).order_by(Unit.name)
    return list(db.session().scalars(query.where(Unit.kind == kind) if kind else query))


def department_of(unit_id: uuid.UUID) -> Unit:
    """The department a unit belongs to; a department belongs to itself."""
    found = db.session().get_one(Unit, unit_id)
    while found.parent_id is not None:
        found = db.session().get_one(Unit, found.parent_id)
    return found


def unit_and_below(unit_ids: frozenset[uuid.UUID]) -> frozenset[uuid.UUID]:
    """The units and their schools: what a department's role reaches."""
    below = db.session().scalars(sa.select(Unit.id).where(Unit.parent_id.in_(unit_ids)))
    return unit_ids | frozenset(below)


def classrooms_of(user_id: uuid.UUID) -> list[Classroom]:
    query = sa.select(Classroom).join(ClassMember).where(ClassMember.user_id == user_id)
    return list(db.session().scalars(query.order_by(Classroom.name)))


def classrooms_in(unit_ids: frozenset[uuid.UUID]) -> list[Classroom]:
    query = sa.select(Classroom).where(Classroom.unit_id.in_(unit_ids)).order_by(Classroom.grade, Classroom.name)
    return list(db.session().scalars(query))


def class_members(class_id: uuid.UUID) -> list[User]:
    query = sa.select(User).join(ClassMember).where(ClassMember.class_id == class_id)
    return list(db.session().scalars(query))


def viewer_of(found: User) -> Viewer:
    rows = db.session().execute(sa.select(Membership.role, Membership.unit_id).where(Membership.user_id == found.id))
    roles = frozenset((row.role, row.unit_id) for row in rows)
    return Viewer(
        id=found.id,
        login=found.login,
        name=found.name,
        roles=roles,
        unit_ids=frozenset(unit_id for _role, unit_id in roles),
        locale=found.locale,
    )


def user_of_session(secret: str) -> User | None:
    """The active user whose browser holds this secret, unless the session is over."""
    query = (
        sa.select(User)
        .join(LoginSession, LoginSession.user_id == User.id)
        .where(LoginSession.secret_hash == digest(secret), LoginSession.expires_at > db.now(), User.active)
    )
    return db.session().scalar(query)


def user_of_token(secret: str) -> User | None:
    query = (
        sa.select(User)
        .join(ApiToken, ApiToken.user_id == User.id)
        .where(ApiToken.secret_hash == digest(secret), ApiToken.expires_at > db.now(), User.active)
    )
    return db.session().scalar(query)


def has_real_people() -> bool:
    return bool(db.session().scalar(sa.select(sa.exists().where(User.demo.is_(False)))))


def count_departments() -> int:
    return db.session().scalar(sa.select(sa.func.count()).where(Unit.kind == "department")) or 0
