"""The tables of an index of words: the texts by position, and what each database keeps beside them.

SQLite has a table of FTS5 beside the texts, written here and not by triggers (a batch migration
would drop those without a word). PostgreSQL has a generated column of words in the texts' own table,
under a GIN index.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from typing import cast as as_type

from sqlalchemy import (
    ColumnElement,
    Connection,
    Table,
    TableClause,
    Text,
    column,
    event,
    literal_column,
    table,
    text,
)
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from app.extensions import Base, db
from app.models.types import BigId

# What SQLAlchemy cannot say; the migrations say the same, and a test compares the two.
_BY_HAND = {
    # detail=none: words without their places, a quarter of the size. columnsize=0: no ranking. The
    # `ascii` tokenizer takes words as they are: there is nothing in them that it would split at.
    "sqlite": (
        "CREATE VIRTUAL TABLE {words} USING fts5(text, content='{texts}', "
        "content_rowid='position', detail=none, columnsize=0, tokenize='ascii', prefix='1 2 3 4')",
    ),
    # Without fastupdate: its list of pending words would be read through by every search.
    "postgresql": (
        "ALTER TABLE {texts} ADD COLUMN words tsvector "
        "GENERATED ALWAYS AS (array_to_tsvector(string_to_array(text, ' '))) STORED",
        "CREATE INDEX ix_{texts}_words ON {texts} USING gin (words) WITH (fastupdate = off)",
    ),
}
# The names of all such tables, the texts' and FTS5's.
_NAMES: dict[str, str] = {}


class IndexedText:
    """The columns of a table of texts: what `search.compose` gave, by the position of its row."""

    position: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    text: Mapped[str] = mapped_column(Text)


@dataclass(frozen=True, slots=True, eq=False)
class IndexTables:
    """Where an index lies: its texts, its words, and the column of positions that it belongs to.

    `words` is the table of FTS5 on SQLite, `vector` the column of words on PostgreSQL.
    """

    texts: Table
    words: TableClause
    vector: ColumnElement[Any]
    owner: InstrumentedAttribute[int]

    @classmethod
    def make(cls, kept: type[Base], words: str, owner: InstrumentedAttribute[int]) -> IndexTables:
        """Return the tables of the class `kept` (an IndexedText), which come and go together."""
        texts = as_type(Table, kept.__table__)
        _NAMES[texts.name] = words
        event.listen(texts, "after_create", _create_index)
        event.listen(texts, "before_drop", _drop_index)
        return cls(
            texts,
            table(words, column(words), column("rowid"), column("text")),
            literal_column(f"{texts.name}.words"),
            owner,
        )


def on_sqlite() -> bool:
    """Tell whether the session's database is SQLite, and not PostgreSQL."""
    return db.session.get_bind().dialect.name == "sqlite"


def include_name(name: str | None, kind: str, parents: Mapping[Any, str | None]) -> bool:
    """Tell Alembic which of the database's names to compare: not those that are made by hand."""
    if kind == "table":
        return name is None or not name.startswith(tuple(_NAMES.values()))
    texts = parents.get("table_name")
    return texts not in _NAMES or name not in {"words", f"ix_{texts}_words"}


def _create_index(texts: Table, connection: Connection, **_options: object) -> None:
    for statement in _BY_HAND[connection.dialect.name]:
        connection.execute(text(statement.format(texts=texts.name, words=_NAMES[texts.name])))


def _drop_index(texts: Table, connection: Connection, **_options: object) -> None:
    if connection.dialect.name == "sqlite":
        connection.execute(text(f"DROP TABLE IF EXISTS {_NAMES[texts.name]}"))
