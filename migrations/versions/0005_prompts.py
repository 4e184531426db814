"""Past prompts, each once: their words, and how often and when they were used.

Revision ID: 0005
Revises: 0004
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from alembic import op

# Of today, whatever they were at this revision: what is kept must fit what looks for it now.
from app.models.past_prompt import beginning_of, prompt_key
from app.models.search import compose

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Moment = sa.DateTime(timezone=True)
ByBytes = sa.String(60).with_variant(sa.String(60, collation="C"), "postgresql")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
BATCH = 1_000
# The tables as they are at this revision.
GENERATIONS = (
    "SELECT id AS place, id, prompt, created_at FROM generations "
    "WHERE id > :after ORDER BY id LIMIT :batch"
)
OTHER_IMAGES = (
    "SELECT position AS place, id, prompt, created_at FROM images "
    "WHERE generation_id IS NULL AND position > :after ORDER BY position LIMIT :batch"
)
# Positions are given last, when it is known when each was used last; until then they are negative.
USE = sa.text(
    "INSERT INTO prompts (key, text, beginning, uses, first_used_at, last_used_at, position) "
    "VALUES (:key, :text, '', 1, :at, :at, :position) "
    "ON CONFLICT (key) DO UPDATE SET uses = prompts.uses + 1, "
    "text = CASE WHEN excluded.last_used_at < prompts.last_used_at "
    "THEN prompts.text ELSE excluded.text END, "
    "first_used_at = CASE WHEN excluded.first_used_at < prompts.first_used_at "
    "THEN excluded.first_used_at ELSE prompts.first_used_at END, "
    "last_used_at = CASE WHEN excluded.last_used_at < prompts.last_used_at "
    "THEN prompts.last_used_at ELSE excluded.last_used_at END"
).bindparams(sa.bindparam("at", type_=Moment))
LINK = "UPDATE {table} SET prompt_id = (SELECT id FROM prompts WHERE key = :key) WHERE id = :id"
LINK_IMAGES = (
    "UPDATE images SET prompt_id = (SELECT generations.prompt_id FROM generations "
    "WHERE generations.id = images.generation_id) WHERE generation_id IS NOT NULL"
)
IN_ORDER = sa.text("SELECT id, text, last_used_at FROM prompts ORDER BY last_used_at, id").columns(
    last_used_at=Moment
)
PLACE = sa.text("UPDATE prompts SET position = :position, beginning = :beginning WHERE id = :id")
SQLITE_INDEX = (
    "CREATE VIRTUAL TABLE prompt_words USING fts5(text, content='prompt_texts', "
    "content_rowid='position', detail=none, columnsize=0, tokenize='ascii', prefix='1 2 3 4')"
)
POSTGRESQL_COLUMN = (
    "ALTER TABLE prompt_texts ADD COLUMN words tsvector "
    "GENERATED ALWAYS AS (array_to_tsvector(string_to_array(text, ' '))) STORED"
)
POSTGRESQL_INDEX = (
    "CREATE INDEX ix_prompt_texts_words ON prompt_texts USING gin (words) WITH (fastupdate = off)"
)
IMAGE_INDEX = ["prompt_id", "position", "deleted_at"]


def upgrade() -> None:
    texts = create_tables()
    use_all("generations", GENERATIONS, "")
    use_all("images", OTHER_IMAGES, -(2**63))
    op.execute(LINK_IMAGES)
    place_all(texts)
    create_indexes()


def create_tables() -> sa.Table:
    op.create_table(
        "prompts",
        sa.Column("id", Id, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("beginning", ByBytes, nullable=False),
        sa.Column("uses", sa.BigInteger(), nullable=False),
        sa.Column("first_used_at", Moment, nullable=False),
        sa.Column("last_used_at", Moment, nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("uses >= 1", name=op.f("ck_prompts_uses")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prompts")),
        sa.UniqueConstraint("key", name=op.f("uq_prompts_key")),
        sa.UniqueConstraint("position", name=op.f("uq_prompts_position")),
        sqlite_autoincrement=True,
    )
    texts = op.create_table(
        "prompt_texts",
        sa.Column("position", Id, autoincrement=False, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_prompt_texts")),
    )
    if not on_sqlite():
        op.execute(POSTGRESQL_COLUMN)
    for table in ("generations", "images"):
        op.add_column(table, sa.Column("prompt_id", sa.BigInteger(), nullable=True))
    return texts


def create_indexes() -> None:
    """Make the indexes after the rows, which is several times quicker than adding to them."""
    op.create_index(
        "ix_prompts_uses_position_beginning", "prompts", ["uses", "position", "beginning"]
    )
    op.create_index(
        "ix_prompts_beginning_uses_position", "prompts", ["beginning", "uses", "position"]
    )
    op.create_index("ix_generations_prompt_id", "generations", ["prompt_id"])
    op.create_index("ix_images_prompt_id_position_deleted_at", "images", IMAGE_INDEX)
    op.create_index(
        "ix_images_favourite_prompt",
        "images",
        ["prompt_id", "deleted_at"],
        sqlite_where=sa.text("favourite"),
        postgresql_where=sa.text("favourite"),
    )
    if on_sqlite():
        op.execute(SQLITE_INDEX)
        op.execute("INSERT INTO prompt_words (prompt_words) VALUES ('rebuild')")
    else:
        op.execute(POSTGRESQL_INDEX)


def use_all(table: str, query: str, first: str | int) -> None:
    """Book each row of a table as one use of its prompt, and let it point there."""
    connection = op.get_bind()
    link = sa.text(LINK.format(table=table))
    number = -connection.scalar(sa.text("SELECT count(*) FROM prompts"))
    for batch in rows_of(query, first):
        keys = [prompt_key(row.prompt) for row in batch]
        uses = []
        for row, key in zip(batch, keys, strict=True):
            number -= 1
            use = {"key": key, "text": row.prompt, "at": row.created_at, "position": number}
            uses.append(use)
        connection.execute(USE, uses)
        connection.execute(
            link, [{"id": row.id, "key": key} for row, key in zip(batch, keys, strict=True)]
        )


def rows_of(query: str, after: Any) -> Iterator[list[sa.Row[Any]]]:
    """Yield all rows of a query, so many at a time: a million do not fit into memory."""
    typed = sa.text(query).columns(created_at=Moment)
    while rows := list(op.get_bind().execute(typed, {"after": after, "batch": BATCH})):
        yield rows
        after = rows[-1].place


def place_all(texts: sa.Table) -> None:
    """Give each prompt its place in time, the next free one on conflict, and index its words."""
    connection = op.get_bind()
    position = 0
    with connection.execute(IN_ORDER, execution_options={"yield_per": BATCH}) as prompts:
        for batch in prompts.partitions():
            places, words = [], []
            for row in batch:
                position = max(position + 1, microseconds(row.last_used_at))
                found = compose(row.text)
                words.append({"position": position, "text": found})
                beginning = beginning_of(found)
                places.append({"id": row.id, "position": position, "beginning": beginning})
            connection.execute(PLACE, places)
            connection.execute(sa.insert(texts), words)


def microseconds(moment: datetime) -> int:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # SQLite keeps no time zone
    return (aware - EPOCH) // MICROSECOND


def on_sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def downgrade() -> None:
    op.drop_index("ix_images_favourite_prompt", "images")
    op.drop_index("ix_images_prompt_id_position_deleted_at", "images")
    op.drop_index("ix_generations_prompt_id", "generations")
    for table in ("images", "generations"):
        op.drop_column(table, "prompt_id")
    if on_sqlite():
        op.execute("DROP TABLE prompt_words")
    op.drop_table("prompt_texts")
    op.drop_table("prompts")
