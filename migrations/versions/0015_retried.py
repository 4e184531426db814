"""How often a picture was tried again, by the reason: a rate limit counts apart from the others.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("generations", sa.Column("retried", sa.JSON(none_as_null=True)))


def downgrade() -> None:
    op.drop_column("generations", "retried")
