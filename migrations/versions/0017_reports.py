"""What reports are made of: sums by the quarter hour, and what stays of images that are purged.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

# Of today, whatever it was at this revision: what is kept must fit what reads it now.
from app.models.reporting.rebuild import rebuild

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Cube = sa.Enum(
    *("all", "key", "project", "template", "model", "error", "full"),
    name="cube",
    native_enum=False,
    create_constraint=True,
    length=16,
)
MEASURES = (
    *("succeeded", "failed", "cancelled", "cost_microusd", "unpriced"),
    *("images", "image_bytes", "priced_images", "image_cost_microusd", "favourites"),
)
KEPT = (
    *("images", "picture_bytes", "thumbnail_bytes"),
    *("deleted_images", "deleted_picture_bytes", "deleted_thumbnail_bytes"),
)
TABLES = ("purged_images", "report_kept", "report_latencies", "report_sums", "report_series")


def number(name: str, kind: type[sa.Integer] = sa.BigInteger) -> sa.Column[int]:
    return sa.Column(name, kind(), autoincrement=False, nullable=False)


def upgrade() -> None:
    op.create_table(
        "report_series",
        number("id"),
        sa.Column("cube", Cube, nullable=False),
        sa.Column("provider", sa.String(32), nullable=False),
        sa.Column("model", sa.String(100), nullable=False),
        sa.Column("size", sa.String(8), nullable=False),
        number("api_key_id"),
        sa.Column("project", sa.String(100), nullable=False),
        sa.Column("template", sa.String(64), nullable=False),
        sa.Column("error_code", sa.String(40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_series")),
    )
    op.create_index("ix_report_series_cube", "report_series", ["cube"])
    op.create_table(
        "report_sums",
        number("series"),
        number("slot", sa.SmallInteger),
        number("day", sa.Integer),
        *map(number, MEASURES),
        sa.PrimaryKeyConstraint("series", "slot", "day", name=op.f("pk_report_sums")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "report_latencies",
        number("series"),
        number("slot", sa.SmallInteger),
        number("day", sa.Integer),
        sa.Column("queue", sa.LargeBinary()),
        sa.Column("provider", sa.LargeBinary()),
        sa.PrimaryKeyConstraint("series", "slot", "day", name=op.f("pk_report_latencies")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "report_kept",
        number("slot", sa.SmallInteger),
        number("day", sa.Integer),
        *map(number, KEPT),
        sa.PrimaryKeyConstraint("slot", "day", name=op.f("pk_report_kept")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "purged_images",
        sa.Column("id", Id, autoincrement=False, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("provider", sa.String(32)),
        sa.Column("model", sa.String(100)),
        sa.Column("size", sa.String(8)),
        sa.Column("api_key_id", sa.BigInteger()),
        sa.Column("byte_count", sa.BigInteger(), nullable=False),
        sa.Column("cost_microusd", sa.BigInteger()),
        sa.Column("latency_ms", sa.Integer()),
        sa.Column("favourite", sa.Boolean(), nullable=False),
        sa.Column("project", sa.String(100)),
        sa.Column("template", sa.String(64)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purged_images")),
    )
    op.create_index(
        "ix_generations_errors",
        "generations",
        ["error_code", "provider", "model", "id"],
        sqlite_where=sa.text("error_code IS NOT NULL"),
        postgresql_where=sa.text("error_code IS NOT NULL"),
    )
    rebuild(op.get_bind())


def downgrade() -> None:
    op.drop_index("ix_generations_errors", "generations")
    for table in TABLES:
        op.drop_table(table)
