"""The request that asked for each generation, and counts for metrics.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

# What there was before it was counted.
COUNT = """
    INSERT INTO tallies (name, provider, model, label, count, seconds)
    SELECT {}, provider, model, {}, {}, 0 FROM generations
    WHERE finished_at IS NOT NULL GROUP BY provider, model{}
"""


def upgrade() -> None:
    op.add_column("generations", sa.Column("request_id", sa.String(128), nullable=True))
    op.create_table(
        "tallies",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("model", sa.String(100), nullable=False),
        sa.Column("label", sa.String(40), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("seconds", sa.Float(53), nullable=False),
        sa.PrimaryKeyConstraint("name", "provider", "model", "label", name=op.f("pk_tallies")),
    )
    op.execute(COUNT.format("'generations'", "status", "count(*)", ", status"))
    op.execute(COUNT.format("'images'", "''", "sum(done)", ""))


def downgrade() -> None:
    op.drop_table("tallies")
    op.drop_column("generations", "request_id")
