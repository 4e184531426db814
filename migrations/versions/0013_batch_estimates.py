"""What each batch may cost, as it was estimated when it was asked for.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("batches", sa.Column("estimated_microusd", sa.BigInteger()))


def downgrade() -> None:
    op.drop_column("batches", "estimated_microusd")
