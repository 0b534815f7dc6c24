"""Uploads in pieces"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.core.db import UTCDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("touched_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("received >= 0 AND received <= size", name=op.f("ck_upload_received_within_size")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_upload_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
    )
    op.create_index(op.f("ix_upload_user_id"), "upload", ["user_id"])
    op.create_index(op.f("ix_upload_touched_at"), "upload", ["touched_at"])
    op.create_table(
        "upload_piece",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("start", sa.BigInteger(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["upload_id"], ["upload.id"], name=op.f("fk_upload_piece_upload_id_upload"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload_piece")),
        sa.UniqueConstraint("upload_id", "start", name=op.f("uq_upload_piece_upload_id_start")),
    )


def downgrade() -> None:
    op.drop_table("upload_piece")
    op.drop_table("upload")
