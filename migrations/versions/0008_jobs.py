"""Durable generations: the job of each, who runs it, when it is tried again; and who is at work.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

COLUMNS = (
    ("job", sa.String(60), {}),
    ("runner", sa.String(26), {}),
    ("interruptions", sa.Integer(), {"nullable": False, "server_default": "0"}),
    ("retries", sa.Integer(), {"nullable": False, "server_default": "0"}),
    ("next_try_at", sa.DateTime(timezone=True), {}),
    ("given_up", sa.JSON(), {}),
    ("may_be_billed", sa.Boolean(), {}),
)


def upgrade() -> None:
    for name, kind, more in COLUMNS:
        op.add_column("generations", sa.Column(name, kind, **more))
    op.create_table(
        "workers",
        sa.Column("name", sa.String(64), nullable=False),
        sa.Column("token", sa.String(26), nullable=False),
        sa.Column("running", sa.Integer(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("running >= 0", name=op.f("ck_workers_running")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_workers")),
        sa.UniqueConstraint("token", name=op.f("uq_workers_token")),
    )


def downgrade() -> None:
    op.drop_table("workers")
    for name, _, _ in reversed(COLUMNS):
        op.drop_column("generations", name)
