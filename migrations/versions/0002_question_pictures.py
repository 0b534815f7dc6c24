"""Pictures of questions; what a teacher mended on an import report"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.core.db import Json, UTCDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "question_media",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("touched_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("width > 0 AND height > 0", name=op.f("ck_question_media_has_size")),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_question_media_file_id_file")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_question_media_owner_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question_media")),
        sa.UniqueConstraint("sha256", name=op.f("uq_question_media_sha256")),
    )
    op.create_index(op.f("ix_question_media_file_id"), "question_media", ["file_id"])
    op.create_index(op.f("ix_question_media_owner_id"), "question_media", ["owner_id"])
    op.create_table(
        "question_media_uses",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("media_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["question_versions.id"],
            name=op.f("fk_question_media_uses_version_id_question_versions"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["media_id"], ["question_media.id"], name=op.f("fk_question_media_uses_media_id_question_media")
        ),
        sa.PrimaryKeyConstraint("version_id", "media_id", name=op.f("pk_question_media_uses")),
    )
    op.create_index(op.f("ix_question_media_uses_media_id"), "question_media_uses", ["media_id"])
    for name in ("pictures", "mended"):
        op.add_column("question_imports", sa.Column(name, Json, server_default=sa.text("'{}'"), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("question_imports") as batch_op:
        batch_op.drop_column("mended")
        batch_op.drop_column("pictures")
    op.drop_table("question_media_uses")
    op.drop_table("question_media")
