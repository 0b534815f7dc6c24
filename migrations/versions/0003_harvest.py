"""The feed in: sources, runs, records, words to map, files; where a harvested lesson comes from"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.core.db import Json, UTCDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "harvest_sources",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("base_url", sa.String(length=1000), nullable=False),
        sa.Column("prefix", sa.String(length=60), nullable=False),
        sa.Column("spec", sa.String(length=300), nullable=False),
        sa.Column("files", sa.String(length=12), nullable=False),
        sa.Column("token", sa.String(length=1000), nullable=True),
        sa.Column("province", sa.String(length=8), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("every_s", sa.Integer(), nullable=False),
        sa.Column("next_at", UTCDateTime(), nullable=True),
        sa.Column("unit_id", sa.Uuid(), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=False),
        sa.Column("created_at", UTCDateTime(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("repository_name", sa.String(length=300), nullable=True),
        sa.Column("granularity", sa.String(length=24), nullable=True),
        sa.Column("deletes", sa.String(length=16), nullable=True),
        sa.Column("watermark", UTCDateTime(), nullable=True),
        sa.Column("checked_at", UTCDateTime(), nullable=True),
        sa.Column("last_good_at", UTCDateTime(), nullable=True),
        sa.Column("missing", sa.Integer(), nullable=False),
        sa.Column("quota_bytes", sa.BigInteger(), nullable=False),
        sa.Column("used_bytes", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("files IN ('none', 'on_demand', 'all')", name=op.f("ck_harvest_sources_files_known")),
        sa.CheckConstraint("every_s >= 0", name=op.f("ck_harvest_sources_every_not_negative")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_harvest_sources_created_by_users")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_harvest_sources_unit_id_units")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harvest_sources")),
    )
    with op.batch_alter_table("harvest_sources", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_harvest_sources_next_at"), ["next_at"], unique=False)

    op.create_table(
        "harvest_runs",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("started_by", sa.Uuid(), nullable=True),
        sa.Column("started_at", UTCDateTime(), nullable=False),
        sa.Column("finished_at", UTCDateTime(), nullable=True),
        sa.Column("problem", Json, nullable=True),
        sa.Column("records", sa.Integer(), nullable=False),
        sa.Column("deleted", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("skipped", sa.Integer(), nullable=False),
        sa.Column("recovered", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("rejects", Json, nullable=False),
        sa.Column("stage", sa.String(length=12), nullable=False),
        sa.Column("windows", Json, nullable=False),
        sa.Column("one_by_one", sa.Boolean(), nullable=False),
        sa.Column("token", sa.Text(), nullable=True),
        sa.Column("first_date", UTCDateTime(), nullable=True),
        sa.Column("size", sa.Integer(), nullable=True),
        sa.Column("got", sa.Integer(), nullable=False),
        sa.Column("idle", sa.Integer(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("restarts", sa.Integer(), nullable=False),
        sa.Column("resume_at", UTCDateTime(), nullable=False),
        sa.Column("lease", sa.String(length=120), nullable=True),
        sa.Column("lease_until", UTCDateTime(), nullable=True),
        sa.CheckConstraint(
            "(state = 'running') = (finished_at IS NULL)", name=op.f("ck_harvest_runs_finished_has_time")
        ),
        sa.CheckConstraint("kind IN ('changes', 'check')", name=op.f("ck_harvest_runs_kind_known")),
        sa.CheckConstraint("state IN ('running', 'done', 'failed')", name=op.f("ck_harvest_runs_state_known")),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["harvest_sources.id"],
            name=op.f("fk_harvest_runs_source_id_harvest_sources"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["started_by"], ["users.id"], name=op.f("fk_harvest_runs_started_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harvest_runs")),
    )
    with op.batch_alter_table("harvest_runs", schema=None) as batch_op:
        batch_op.create_index("ix_harvest_runs_due", ["state", "resume_at"], unique=False)
        batch_op.create_index("ix_harvest_runs_source", ["source_id", "id"], unique=False)
        batch_op.create_index(
            "uq_harvest_runs_one_running",
            ["source_id"],
            unique=True,
            sqlite_where=sa.text("state = 'running'"),
            postgresql_where=sa.text("state = 'running'"),
        )

    op.create_table(
        "harvest_terms",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(length=20), nullable=False),
        sa.Column("text", sa.String(length=200), nullable=False),
        sa.Column("folded", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_at", UTCDateTime(), nullable=True),
        sa.CheckConstraint("(state = 'decided') = (code IS NOT NULL)", name=op.f("ck_harvest_terms_decided_has_code")),
        sa.CheckConstraint("state IN ('waiting', 'decided', 'ignored')", name=op.f("ck_harvest_terms_state_known")),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_harvest_terms_decided_by_users")),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["harvest_sources.id"],
            name=op.f("fk_harvest_terms_source_id_harvest_sources"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harvest_terms")),
        sa.UniqueConstraint("source_id", "field", "folded", name=op.f("uq_harvest_terms_source_id_field_folded")),
    )
    op.create_table(
        "harvested_files",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=False),
        sa.Column("url", sa.String(length=1000), nullable=False),
        sa.Column("media_type", sa.String(length=120), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=True),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", Json, nullable=True),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", UTCDateTime(), nullable=True),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.CheckConstraint("(state = 'kept') = (file_id IS NOT NULL)", name=op.f("ck_harvested_files_kept_has_file")),
        sa.CheckConstraint(
            "state IN ('linked', 'wanted', 'kept', 'refused')", name=op.f("ck_harvested_files_state_known")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_harvested_files_file_id_file")),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_harvested_files_resource_id_resource"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["harvest_sources.id"],
            name=op.f("fk_harvested_files_source_id_harvest_sources"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harvested_files")),
        sa.UniqueConstraint("resource_id", "url", name=op.f("uq_harvested_files_resource_id_url")),
    )
    with op.batch_alter_table("harvested_files", schema=None) as batch_op:
        batch_op.create_index("ix_harvested_files_due", ["state", "due_at"], unique=False)
        batch_op.create_index(batch_op.f("ix_harvested_files_source_id"), ["source_id"], unique=False)

    op.create_table(
        "harvested_records",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("identifier", sa.String(length=600), nullable=False),
        sa.Column("spec", sa.String(length=300), nullable=False),
        sa.Column("datestamp", UTCDateTime(), nullable=False),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.Column("sets", Json, nullable=False),
        sa.Column("xml", sa.Text(), nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("recovered", sa.Boolean(), nullable=False),
        sa.Column("chain", Json, nullable=False),
        sa.Column("origin_key", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("reason", sa.String(length=300), nullable=True),
        sa.Column("stale", sa.Boolean(), nullable=False),
        sa.Column("resource_id", sa.Uuid(), nullable=True),
        sa.Column("seen_run", sa.Uuid(), nullable=True),
        sa.Column("missing", sa.Boolean(), nullable=False),
        sa.Column("first_at", UTCDateTime(), nullable=False),
        sa.Column("changed_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint(
            "state IN ('mapped', 'partial', 'raw', 'loop', 'double', 'rejected')",
            name=op.f("ck_harvested_records_state_known"),
        ),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resource.id"], name=op.f("fk_harvested_records_resource_id_resource")
        ),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["harvest_sources.id"],
            name=op.f("fk_harvested_records_source_id_harvest_sources"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_harvested_records")),
        sa.UniqueConstraint(
            "source_id", "identifier", "spec", name=op.f("uq_harvested_records_source_id_identifier_spec")
        ),
    )
    with op.batch_alter_table("harvested_records", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_harvested_records_origin_key"), ["origin_key"], unique=False)
        batch_op.create_index(batch_op.f("ix_harvested_records_resource_id"), ["resource_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_harvested_records_stale"), ["stale"], unique=False)
        batch_op.create_index("ix_harvested_records_state", ["source_id", "state"], unique=False)

    op.create_table(
        "harvest_uses",
        sa.Column("term_id", sa.Uuid(), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["record_id"],
            ["harvested_records.id"],
            name=op.f("fk_harvest_uses_record_id_harvested_records"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["term_id"], ["harvest_terms.id"], name=op.f("fk_harvest_uses_term_id_harvest_terms"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("term_id", "record_id", name=op.f("pk_harvest_uses")),
    )
    with op.batch_alter_table("harvest_uses", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_harvest_uses_record_id"), ["record_id"], unique=False)

    op.add_column("resource", sa.Column("origin", Json, nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("resource", schema=None) as batch_op:
        batch_op.drop_column("origin")

    with op.batch_alter_table("harvest_uses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_harvest_uses_record_id"))

    op.drop_table("harvest_uses")
    with op.batch_alter_table("harvested_records", schema=None) as batch_op:
        batch_op.drop_index("ix_harvested_records_state")
        batch_op.drop_index(batch_op.f("ix_harvested_records_stale"))
        batch_op.drop_index(batch_op.f("ix_harvested_records_resource_id"))
        batch_op.drop_index(batch_op.f("ix_harvested_records_origin_key"))

    op.drop_table("harvested_records")
    with op.batch_alter_table("harvested_files", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_harvested_files_source_id"))
        batch_op.drop_index("ix_harvested_files_due")

    op.drop_table("harvested_files")
    op.drop_table("harvest_terms")
    with op.batch_alter_table("harvest_runs", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_harvest_runs_one_running",
            sqlite_where=sa.text("state = 'running'"),
            postgresql_where=sa.text("state = 'running'"),
        )
        batch_op.drop_index("ix_harvest_runs_source")
        batch_op.drop_index("ix_harvest_runs_due")

    op.drop_table("harvest_runs")
    with op.batch_alter_table("harvest_sources", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_harvest_sources_next_at"))

    op.drop_table("harvest_sources")
