"""Indexes for the report on prompts: what failed, what is kept, and images that are of no generation.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

LOOSE = "generation_id IS NULL AND prompt_id IS NOT NULL"
ASKED = ("provider", "model", "api_key_id")
# With the columns that are the same in each row: else SQLite reads the rows for them.
INDEXES = (
    (
        *("ix_generations_failed_prompt", "generations", "status = 'failed'"),
        ("status", "prompt_id", "id", *ASKED, "project", "template"),
    ),
    (
        *("ix_images_favourite_uses", "images", "favourite"),
        ("prompt_id", "position", *ASKED, "generation_id", "favourite"),
    ),
    ("ix_images_loose_prompt", "images", LOOSE, ("generation_id", "prompt_id", "position")),
    ("ix_images_loose_position", "images", LOOSE, ("generation_id", "position", "prompt_id")),
)


def upgrade() -> None:
    for name, table, condition, columns in INDEXES:
        where = sa.text(condition)
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    for name, table, _, _ in reversed(INDEXES):
        op.drop_index(name, table)
