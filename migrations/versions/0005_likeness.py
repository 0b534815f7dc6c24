"""Duplicates: one normal form for all versions, sketches for near twins, decisions on pairs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from app.core.db import Json, UTCDateTime
from app.questions import likeness

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "question_sketches",
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("band", sa.SmallInteger(), autoincrement=False, nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(
            ["version_id"],
            ["question_versions.id"],
            name=op.f("fk_question_sketches_version_id_question_versions"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("version_id", "band", name=op.f("pk_question_sketches")),
    )
    op.create_index(op.f("ix_question_sketches_value"), "question_sketches", ["value"])
    op.create_table(
        "question_pairs",
        sa.Column("low_id", sa.Uuid(), nullable=False),
        sa.Column("high_id", sa.Uuid(), nullable=False),
        sa.Column("decision", sa.String(length=8), nullable=False),
        sa.Column("kept_id", sa.Uuid(), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=False),
        sa.Column("decided_at", UTCDateTime(), nullable=False),
        sa.CheckConstraint("decision IN ('merged', 'apart')", name=op.f("ck_question_pairs_decision_known")),
        sa.CheckConstraint(
            "(decision = 'merged') = (kept_id IS NOT NULL)", name=op.f("ck_question_pairs_merged_keeps_one")
        ),
        sa.CheckConstraint(
            "kept_id IS NULL OR kept_id IN (low_id, high_id)", name=op.f("ck_question_pairs_keeps_one_of_them")
        ),
        sa.ForeignKeyConstraint(
            ["low_id"], ["questions.id"], name=op.f("fk_question_pairs_low_id_questions"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["high_id"], ["questions.id"], name=op.f("fk_question_pairs_high_id_questions"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_question_pairs_decided_by_users")),
        sa.PrimaryKeyConstraint("low_id", "high_id", name=op.f("pk_question_pairs")),
    )
    op.create_index(op.f("ix_question_pairs_high_id"), "question_pairs", ["high_id"])
    _fill()


def _fill() -> None:
    """Normal form and sketch of what is already in the bank, 500 versions at a time."""
    versions = sa.table(
        "question_versions",
        sa.column("id", sa.Uuid()),
        sa.column("stem", sa.Text()),
        sa.column("choices", Json),
        sa.column("fingerprint", sa.String()),
    )
    sketches = sa.table(
        "question_sketches",
        sa.column("version_id", sa.Uuid()),
        sa.column("band", sa.SmallInteger()),
        sa.column("value", sa.BigInteger()),
    )
    bind, last = op.get_bind(), None
    change = (
        sa.update(versions).where(versions.c.id == sa.bindparam("version")).values(fingerprint=sa.bindparam("mark"))
    )
    while True:
        query = sa.select(versions.c.id, versions.c.stem, versions.c.choices).order_by(versions.c.id).limit(500)
        rows = bind.execute(query if last is None else query.where(versions.c.id > last)).all()
        if not rows:
            return
        last = rows[-1].id
        bind.execute(change, [{"version": r.id, "mark": likeness.fingerprint(r.stem, r.choices)} for r in rows])
        bands = [
            {"version_id": r.id, "band": band, "value": value}
            for r in rows
            for band, value in enumerate(likeness.sketch(r.stem, r.choices))
        ]
        if bands:
            bind.execute(sa.insert(sketches), bands)


def downgrade() -> None:
    op.drop_table("question_pairs")
    op.drop_table("question_sketches")
