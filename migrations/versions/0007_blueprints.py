"""Blueprints"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.core.db import Json, UTCDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "blueprints",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("parts", Json, nullable=False),
        sa.Column("cells", Json, nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("updated_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("grade IS NULL OR grade BETWEEN 1 AND 12", name=op.f("ck_blueprints_grade_known")),
        sa.CheckConstraint("minutes BETWEEN 1 AND 600", name=op.f("ck_blueprints_minutes_sensible")),
        sa.CheckConstraint("revision >= 1", name=op.f("ck_blueprints_revision_positive")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_blueprints_owner_id_users")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_blueprints_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_blueprints")),
    )
    op.create_index(op.f("ix_blueprints_owner_id"), "blueprints", ["owner_id"])
    op.create_index(op.f("ix_blueprints_unit_id"), "blueprints", ["unit_id"])


def downgrade() -> None:
    op.drop_table("blueprints")
