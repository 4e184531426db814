"""Proof sheets: pictures that somebody without a key may look at, and mark, by a link.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
SHEETS = "proof_sheets"
IMAGES = "proof_sheet_images"


def upgrade() -> None:
    op.create_table(
        SHEETS,
        sa.Column("id", ID, nullable=False),
        sa.Column("title", sa.String(100), nullable=False),
        sa.Column("greeting", sa.Text()),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("shows_prompts", sa.Boolean(), nullable=False),
        sa.Column("downloads", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("api_key_id", ID),
        sa.Column("guest", sa.String(100)),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(
            ["api_key_id"], ["api_keys.id"], name=op.f("fk_proof_sheets_api_key_id_api_keys")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof_sheets")),
        sa.UniqueConstraint("sha256", name=op.f("uq_proof_sheets_sha256")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        IMAGES,
        sa.Column("sheet_id", ID, nullable=False),
        sa.Column("image_id", ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("picked", sa.Boolean(), nullable=False),
        sa.Column("word", sa.String(500)),
        sa.ForeignKeyConstraint(
            ["sheet_id"],
            ["proof_sheets.id"],
            name=op.f("fk_proof_sheet_images_sheet_id_proof_sheets"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["image_id"],
            ["images.id"],
            name=op.f("fk_proof_sheet_images_image_id_images"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("sheet_id", "image_id", name=op.f("pk_proof_sheet_images")),
    )
    op.create_index("uq_proof_sheet_images_number", IMAGES, ["sheet_id", "number"], unique=True)
    op.create_index("ix_proof_sheet_images_image_id", IMAGES, ["image_id"])
    picked = sa.text("picked")
    op.create_index(
        "ix_proof_sheet_images_picked",
        IMAGES,
        ["image_id", "sheet_id"],
        sqlite_where=picked,
        postgresql_where=picked,
    )


def downgrade() -> None:
    op.drop_table(IMAGES)
    op.drop_table(SHEETS)
