"""What a worker draws with, so that a server without the provider's key knows that a worker has it.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("workers", sa.Column("provider", sa.String(32)))


def downgrade() -> None:
    op.drop_column("workers", "provider")
