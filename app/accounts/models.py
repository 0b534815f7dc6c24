"""Tables of people and the organisations they work in. Codes of the sector's databases are text."""

from __future__ import annotations

import uuid
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.core.access import ROLES
from app.core.db import Base, new_id


class Unit(Base):
    """A department (sở) or a school; `province_code` is the GSO code in force when the unit was entered."""

    __tablename__ = "units"
    __table_args__ = (
        sa.CheckConstraint("kind IN ('department', 'school')", name="kind_known"),
        sa.CheckConstraint("kind <> 'school' OR parent_id IS NOT NULL", name="school_has_department"),
    )

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    kind: Mapped[str] = mapped_column(sa.String(12))
    parent_id: Mapped[uuid.UUID | None] = mapped_column(sa.ForeignKey("units.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    code: Mapped[str | None] = mapped_column(sa.String(20), unique=True)
    province_code: Mapped[str] = mapped_column(sa.String(8))
    created_at: Mapped[datetime]


class User(Base):
    __tablename__ = "users"

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    login: Mapped[str] = mapped_column(sa.String(64), unique=True)
    name: Mapped[str] = mapped_column(sa.String(150))
    password_hash: Mapped[str] = mapped_column(sa.String(200))
    active: Mapped[bool] = mapped_column(default=True)
    locale: Mapped[str] = mapped_column(sa.String(2), default="vi")
    demo: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]


class Membership(Base):
    """A role is always held in a unit."""

    __tablename__ = "memberships"
    __table_args__ = (sa.CheckConstraint("role IN (" + ", ".join(f"'{r}'" for r in ROLES) + ")", name="role_known"),)

    user_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    unit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("units.id"), primary_key=True)
    role: Mapped[str] = mapped_column(sa.String(16), primary_key=True)


class Classroom(Base):
    __tablename__ = "classrooms"
    __table_args__ = (sa.UniqueConstraint("unit_id", "name", "school_year"),)

    id: Mapped[uuid.UUID] = mapped_column(primary_key=True, default=new_id)
    unit_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("units.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(150))
    grade: Mapped[int]
    school_year: Mapped[str] = mapped_column(sa.String(9))


class ClassMember(Base):
    __tablename__ = "class_members"

    class_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("classrooms.id", ondelete="CASCADE"), primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(
        sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class LoginSession(Base):
    """A browser signed in. Only the hash of its secret is kept; deleting the row ends the session."""

    __tablename__ = "login_sessions"

    secret_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class ApiToken(Base):
    __tablename__ = "api_tokens"

    secret_hash: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    user_id: Mapped[uuid.UUID] = mapped_column(sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class LoginThrottle(Base):
    """Failed sign-ins by account: a whole school shares one address, so addresses are not counted."""

    __tablename__ = "login_throttles"

    login: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    failures: Mapped[int]
    blocked_until: Mapped[datetime | None]
