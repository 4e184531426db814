"""Requests done once by a key of the caller's, pictures to work from, retries; lists of generations.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)
LISTED = ("status", "model", "api_key_id", "project", "template", "prompt_id")


def upgrade() -> None:
    op.create_table(
        "idempotency_keys",
        sa.Column("api_key_id", Id, autoincrement=False, nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("body_sha256", sa.String(length=64), nullable=False),
        sa.Column("generation_id", sa.String(length=26), nullable=False),
        sa.Column("created_at", Moment, nullable=False),
        sa.ForeignKeyConstraint(
            ["api_key_id"], ["api_keys.id"], name=op.f("fk_idempotency_keys_api_key_id_api_keys")
        ),
        sa.ForeignKeyConstraint(
            ["generation_id"],
            ["generations.id"],
            name=op.f("fk_idempotency_keys_generation_id_generations"),
        ),
        sa.PrimaryKeyConstraint("api_key_id", "key", name=op.f("pk_idempotency_keys")),
    )
    op.create_index("ix_idempotency_keys_created_at", "idempotency_keys", ["created_at"])
    op.add_column("generations", sa.Column("input_images", sa.JSON(), nullable=True))
    op.add_column("generations", sa.Column("retry_of", sa.String(length=26), nullable=True))
    op.drop_index("ix_generations_prompt_id", "generations")
    for column in LISTED:
        op.create_index(f"ix_generations_{column}_id", "generations", [column, "id"])


def downgrade() -> None:
    for column in LISTED:
        op.drop_index(f"ix_generations_{column}_id", "generations")
    op.create_index("ix_generations_prompt_id", "generations", ["prompt_id"])
    op.drop_column("generations", "retry_of")
    op.drop_column("generations", "input_images")
    op.drop_table("idempotency_keys")
