"""Printed papers"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.core.db import Json, UTCDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "papers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("unit_id", sa.Uuid(), nullable=True),
        sa.Column("blueprint_id", sa.Uuid(), nullable=True),
        sa.Column("title", sa.String(length=300), nullable=False),
        sa.Column("subject", sa.String(length=32), nullable=False),
        sa.Column("grade", sa.Integer(), nullable=True),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("heading", Json, nullable=False),
        sa.Column("parts", Json, nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("minutes BETWEEN 1 AND 600", name=op.f("ck_papers_minutes_sensible")),
        sa.CheckConstraint("grade IS NULL OR grade BETWEEN 1 AND 12", name=op.f("ck_papers_grade_known")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_papers_owner_id_users")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_papers_unit_id_units")),
        sa.ForeignKeyConstraint(
            ["blueprint_id"], ["blueprints.id"], name=op.f("fk_papers_blueprint_id_blueprints"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_papers")),
    )
    op.create_index(op.f("ix_papers_owner_id"), "papers", ["owner_id"])
    op.create_index(op.f("ix_papers_blueprint_id"), "papers", ["blueprint_id"])
    op.create_table(
        "paper_items",
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("base", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name=op.f("fk_paper_items_paper_id_papers"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["version_id"], ["question_versions.id"], name=op.f("fk_paper_items_version_id_question_versions")
        ),
        sa.PrimaryKeyConstraint("paper_id", "base", "position", name=op.f("pk_paper_items")),
    )
    op.create_index(op.f("ix_paper_items_version_id"), "paper_items", ["version_id"])
    op.create_table(
        "paper_forms",
        sa.Column("paper_id", sa.Uuid(), nullable=False),
        sa.Column("code", sa.String(length=4), nullable=False),
        sa.Column("base", sa.Integer(), nullable=False),
        sa.Column("layout", Json, nullable=False),
        sa.CheckConstraint("length(code) BETWEEN 3 AND 4", name=op.f("ck_paper_forms_code_length")),
        sa.ForeignKeyConstraint(
            ["paper_id"], ["papers.id"], name=op.f("fk_paper_forms_paper_id_papers"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("paper_id", "code", name=op.f("pk_paper_forms")),
    )


def downgrade() -> None:
    op.drop_table("paper_forms")
    op.drop_table("paper_items")
    op.drop_table("papers")
