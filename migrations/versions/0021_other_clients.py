"""What clients of other services send and expect: whose request it is, tokens, and pictures known again.

Revision ID: 0021
Revises: 0020
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("generations", sa.Column("end_user", sa.String(256)))
    op.add_column("images", sa.Column("usage", sa.JSON()))
    op.create_index("ix_images_sha256", "images", ["sha256"])


def downgrade() -> None:
    op.drop_index("ix_images_sha256", "images")
    op.drop_column("images", "usage")
    op.drop_column("generations", "end_user")
