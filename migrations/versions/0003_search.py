"""The search: normalised words by position, and the index over them.

Revision ID: 0003
Revises: 0002
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

# Of today, whatever it was at this revision: the index must fit what searches ask for now.
from app.models.search import compose, labels

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
BATCH = 1_000
# The tables as they are at this revision.
IMAGES = sa.text(
    "SELECT images.position, images.prompt, generations.prompt AS words, generations.final_prompt, "
    "images.provider, images.model, images.source "
    "FROM images LEFT JOIN generations ON generations.id = images.generation_id "
    "WHERE images.position > :after ORDER BY images.position LIMIT :batch"
)
SQLITE_INDEX = (
    "CREATE VIRTUAL TABLE search_words USING fts5(text, content='search_texts', "
    "content_rowid='position', detail=none, columnsize=0, tokenize='ascii', prefix='1 2 3 4')"
)
POSTGRESQL_COLUMN = (
    "ALTER TABLE search_texts ADD COLUMN words tsvector "
    "GENERATED ALWAYS AS (array_to_tsvector(string_to_array(text, ' '))) STORED"
)
POSTGRESQL_INDEX = (
    "CREATE INDEX ix_search_texts_words ON search_texts USING gin (words) WITH (fastupdate = off)"
)


def upgrade() -> None:
    texts = op.create_table(
        "search_texts",
        sa.Column("position", Id, autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_search_texts")),
    )
    on_sqlite = op.get_bind().dialect.name == "sqlite"
    if not on_sqlite:
        op.execute(POSTGRESQL_COLUMN)
    for batch in images():
        op.bulk_insert(texts, [searched(row) for row in batch])
    # After the rows: the index is built several times quicker than it is added to.
    if on_sqlite:
        op.execute(SQLITE_INDEX)
        op.execute("INSERT INTO search_words (search_words) VALUES ('rebuild')")
    else:
        op.execute(POSTGRESQL_INDEX)


def images() -> Iterator[list[sa.Row[Any]]]:
    """Yield all images, so many at a time: a million do not fit into memory."""
    after = -(2**63)
    while rows := list(op.get_bind().execute(IMAGES, {"after": after, "batch": BATCH})):
        yield rows
        after = rows[-1].position


def searched(row: sa.Row[Any]) -> dict[str, object]:
    """Return what is kept for one image."""
    texts = filter(None, (row.prompt, row.words, row.final_prompt))
    kinds = labels(provider=row.provider, model=row.model, source=row.source)
    found = compose(*texts, labels=kinds)
    return {"position": row.position, "text": found}


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE search_words")
    op.drop_table("search_texts")
