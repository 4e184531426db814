"""The first tables: keys, templates, generations, images and what belongs to an image.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("prefix", sa.String(length=12), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column(
            "role",
            sa.Enum(
                "viewer",
                "creator",
                "admin",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("last_used_at", Moment, nullable=True),
        sa.Column("revoked_at", Moment, nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_keys")),
        sa.UniqueConstraint("sha256", name=op.f("uq_api_keys_sha256")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        "uq_api_keys_live_name",
        "api_keys",
        ["name"],
        unique=True,
        sqlite_where=sa.text("revoked_at IS NULL"),
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "prompt_templates",
        sa.Column("id", Id, nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.CheckConstraint("version >= 1", name=op.f("ck_prompt_templates_version")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompt_templates")),
        sa.UniqueConstraint("name", "version", name=op.f("uq_prompt_templates_name_version")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "generations",
        sa.Column("id", sa.String(length=26), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "queued",
                "running",
                "succeeded",
                "failed",
                "cancelled",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("final_prompt", sa.Text(), nullable=False),
        sa.Column("template", sa.String(length=64), nullable=True),
        sa.Column("template_version", sa.Integer(), nullable=True),
        sa.Column("variables", sa.JSON(), nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("model", sa.String(length=100), nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.Column("aspect_ratio", sa.String(length=8), nullable=False),
        sa.Column("size", sa.String(length=8), nullable=False),
        sa.Column("seed", sa.BigInteger(), nullable=True),
        sa.Column("project", sa.String(length=100), nullable=True),
        sa.Column("api_key_id", Id, nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("lease_until", Moment, nullable=True),
        sa.Column("cost_microusd", sa.BigInteger(), nullable=True),
        sa.Column("error_code", sa.String(length=40), nullable=True),
        sa.Column("error_message", sa.Text(), nullable=True),
        sa.Column("error_reason", sa.Text(), nullable=True),
        sa.Column("error_retryable", sa.Boolean(), nullable=True),
        sa.Column("error_retry_after", sa.Integer(), nullable=True),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("started_at", Moment, nullable=True),
        sa.Column("finished_at", Moment, nullable=True),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_generations_attempts")),
        sa.CheckConstraint("cost_microusd >= 0", name=op.f("ck_generations_cost_microusd")),
        sa.CheckConstraint("done BETWEEN 0 AND n", name=op.f("ck_generations_done")),
        sa.CheckConstraint("error_retry_after >= 0", name=op.f("ck_generations_error_retry_after")),
        sa.CheckConstraint("n BETWEEN 1 AND 100", name=op.f("ck_generations_n")),
        sa.ForeignKeyConstraint(
            ["api_key_id"], ["api_keys.id"], name=op.f("fk_generations_api_key_id_api_keys")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_generations")),
    )
    op.create_index(op.f("ix_generations_provider_id"), "generations", ["provider", "id"])
    op.create_index(
        op.f("ix_generations_status_lease_until"), "generations", ["status", "lease_until"]
    )
    op.create_table(
        "images",
        sa.Column("id", Id, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.Column("prompt", sa.Text(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("byte_count", sa.BigInteger(), nullable=False),
        sa.Column("mime_type", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("color", sa.String(length=7), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "generated",
                "upload",
                "import",
                "proxy",
                name="source",
                native_enum=False,
                create_constraint=True,
                length=16,
            ),
            nullable=False,
        ),
        sa.Column("provider", sa.String(length=32), nullable=True),
        sa.Column("model", sa.String(length=100), nullable=True),
        sa.Column("seed", sa.BigInteger(), nullable=True),
        sa.Column("aspect_ratio", sa.String(length=8), nullable=True),
        sa.Column("size", sa.String(length=8), nullable=True),
        sa.Column("cost_microusd", sa.BigInteger(), nullable=True),
        sa.Column("latency_ms", sa.Integer(), nullable=True),
        sa.Column("generation_id", sa.String(length=26), nullable=True),
        sa.Column("ordinal", sa.Integer(), nullable=True),
        sa.Column("api_key_id", Id, nullable=True),
        sa.Column("project", sa.String(length=100), nullable=True),
        sa.Column("favourite", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("deleted_at", Moment, nullable=True),
        sa.CheckConstraint("byte_count >= 1", name=op.f("ck_images_byte_count")),
        sa.CheckConstraint("cost_microusd >= 0", name=op.f("ck_images_cost_microusd")),
        sa.CheckConstraint("latency_ms >= 0", name=op.f("ck_images_latency_ms")),
        sa.CheckConstraint("ordinal >= 0", name=op.f("ck_images_ordinal")),
        sa.CheckConstraint("width >= 1 AND height >= 1", name=op.f("ck_images_dimensions")),
        sa.ForeignKeyConstraint(
            ["api_key_id"], ["api_keys.id"], name=op.f("fk_images_api_key_id_api_keys")
        ),
        sa.ForeignKeyConstraint(
            ["generation_id"], ["generations.id"], name=op.f("fk_images_generation_id_generations")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_images")),
        sa.UniqueConstraint(
            "generation_id", "ordinal", name=op.f("uq_images_generation_id_ordinal")
        ),
        sa.UniqueConstraint("position", name=op.f("uq_images_position")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_images_api_key_id"), "images", ["api_key_id"])
    op.create_table(
        "image_blobs",
        sa.Column("image_id", Id, nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"],
            ["images.id"],
            name=op.f("fk_image_blobs_image_id_images"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("image_id", name=op.f("pk_image_blobs")),
    )
    op.create_table(
        "image_parents",
        sa.Column("image_id", Id, nullable=False),
        sa.Column("parent_id", Id, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"],
            ["images.id"],
            name=op.f("fk_image_parents_image_id_images"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["parent_id"],
            ["images.id"],
            name=op.f("fk_image_parents_parent_id_images"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("image_id", "parent_id", name=op.f("pk_image_parents")),
    )
    op.create_index(op.f("ix_image_parents_parent_id"), "image_parents", ["parent_id"])
    op.create_table(
        "image_tags",
        sa.Column("image_id", Id, nullable=False),
        sa.Column("tag", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["image_id"],
            ["images.id"],
            name=op.f("fk_image_tags_image_id_images"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("image_id", "tag", name=op.f("pk_image_tags")),
    )
    op.create_index(op.f("ix_image_tags_tag"), "image_tags", ["tag"])
    op.create_table(
        "image_thumbnails",
        sa.Column("image_id", Id, nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.CheckConstraint("size IN (320, 640)", name=op.f("ck_image_thumbnails_size")),
        sa.ForeignKeyConstraint(
            ["image_id"],
            ["images.id"],
            name=op.f("fk_image_thumbnails_image_id_images"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("image_id", "size", name=op.f("pk_image_thumbnails")),
    )

    if op.get_bind().dialect.name == "postgresql":
        # Pictures are compressed already: trying again costs time and gains nothing.
        for table in ("image_blobs", "image_thumbnails"):
            op.execute(f"ALTER TABLE {table} ALTER COLUMN data SET STORAGE EXTERNAL")


def downgrade() -> None:
    op.drop_table("image_thumbnails")
    op.drop_table("image_tags")
    op.drop_table("image_parents")
    op.drop_table("image_blobs")
    op.drop_table("images")
    op.drop_table("generations")
    op.drop_table("prompt_templates")
    op.drop_table("api_keys")
