"""The history at size: an index for each filter, counts by the quarter hour, saved searches.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
FILTERS = ("model", "provider", "project", "source")
QUARTER_MICROSECONDS = 900_000_000
SPANS = (6144, 96, 1)  # in quarter hours
BOOK_WHAT_IS_THERE = """
    INSERT INTO image_rollups (span, bucket, live, deleted)
    SELECT {span}, position / {width},
           SUM(CASE WHEN deleted_at IS NULL THEN 1 ELSE 0 END),
           SUM(CASE WHEN deleted_at IS NULL THEN 0 ELSE 1 END)
    FROM images GROUP BY position / {width}
"""


def partial(condition: str) -> dict[str, sa.TextClause]:
    return {"sqlite_where": sa.text(condition), "postgresql_where": sa.text(condition)}


def upgrade() -> None:
    op.create_table(
        "image_rollups",
        sa.Column("span", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bucket", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("live", sa.Integer(), nullable=False),
        sa.Column("deleted", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("span", "bucket", name=op.f("pk_image_rollups")),
    )
    for span in SPANS:
        op.execute(BOOK_WHAT_IS_THERE.format(span=span, width=span * QUARTER_MICROSECONDS))
    op.create_table(
        "saved_searches",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("query", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_searches")),
        sa.UniqueConstraint("name", name=op.f("uq_saved_searches_name")),
        sqlite_autoincrement=True,
    )
    op.add_column(
        "images",
        sa.Column("revision", sa.Integer(), server_default=sa.text("1"), nullable=False),
    )
    for column in FILTERS:
        op.create_index(op.f(f"ix_images_{column}_position"), "images", [column, "position"])
    op.create_index("ix_images_favourite_position", "images", ["position"], **partial("favourite"))
    op.create_index(
        "ix_images_deleted_position", "images", ["position"], **partial("deleted_at IS NOT NULL")
    )


def downgrade() -> None:
    for name in ("deleted", "favourite", *FILTERS):
        op.drop_index(f"ix_images_{name}_position", "images")
    op.drop_column("images", "revision")
    op.drop_table("saved_searches")
    op.drop_table("image_rollups")
