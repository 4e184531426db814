"""The indexes of what waits, in and beside batches, as SQLite takes them.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

UNFED = "status = 'queued' AND job IS NULL AND batch_id IS NOT NULL"
WAITING = "status = 'queued' AND batch_id IS NULL"


def upgrade() -> None:
    drop()
    create("ix_generations_unfed", ["status", "job", "batch_id", "id"], UNFED)
    create("ix_generations_waiting", ["status", "batch_id"], WAITING)


def downgrade() -> None:
    drop()
    create("ix_generations_unfed", ["batch_id", "id"], UNFED)
    create("ix_generations_waiting", ["id"], WAITING)


def drop() -> None:
    for name in ("ix_generations_unfed", "ix_generations_waiting"):
        op.drop_index(name, "generations")


def create(name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, "generations", columns, sqlite_where=where, postgresql_where=where)
