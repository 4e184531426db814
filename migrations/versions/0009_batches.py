"""Batches: many prompts as one, which generations and images are part of which, what still waits.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

IN_A_BATCH = "batch_id IS NOT NULL"
UNFED = "status = 'queued' AND job IS NULL AND batch_id IS NOT NULL"
WAITING = "status = 'queued' AND batch_id IS NULL"
PROGRESS = ("batch_id", "status", "done", "cost_microusd", "started_at", "finished_at")
INDEXES = (
    ("ix_generations_batch_id_id", "generations", ("batch_id", "id"), IN_A_BATCH),
    ("ix_generations_batch_progress", "generations", PROGRESS, IN_A_BATCH),
    ("ix_generations_unfed", "generations", ("batch_id", "id"), UNFED),
    ("ix_generations_waiting", "generations", ("id",), WAITING),
    ("ix_images_batch_id_position", "images", ("batch_id", "position"), IN_A_BATCH),
)


def upgrade() -> None:
    op.create_table(
        "batches",
        sa.Column("id", sa.String(26), nullable=False),
        sa.Column("name", sa.String(100)),
        sa.Column("project", sa.String(100)),
        sa.Column("api_key_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite")),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("pictures", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cancelled_at", sa.DateTime(timezone=True)),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("total >= 1", name=op.f("ck_batches_total")),
        sa.CheckConstraint("pictures >= total", name=op.f("ck_batches_pictures")),
        sa.ForeignKeyConstraint(
            ["api_key_id"], ["api_keys.id"], name=op.f("fk_batches_api_key_id_api_keys")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batches")),
    )
    op.create_index("ix_batches_going_on", "batches", ["id"], **where("finished_at IS NULL"))
    for table in ("generations", "images"):
        op.add_column(table, sa.Column("batch_id", sa.String(26)))
    for name, table, columns, condition in INDEXES:
        op.create_index(name, table, list(columns), **where(condition))


def downgrade() -> None:
    for name, table, _, _ in reversed(INDEXES):
        op.drop_index(name, table)
    for table in ("images", "generations"):
        op.drop_column(table, "batch_id")
    op.drop_table("batches")


def where(condition: str) -> dict[str, sa.TextClause]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}
