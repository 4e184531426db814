"""SQLite's indexes of words against the texts that they are made of; PostgreSQL sees to its own.

FTS5 has a check for this, which holds the write lock: some ten seconds at a million images. So its
vocabulary is read instead, which hinders nobody and takes thrice as long.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from app.extensions import db
from app.models import PromptText, SearchText, search_index
from app.models.image_lock import begin_changes
from app.models.past_prompt import prompt_index
from app.models.search import SEPARATOR
from app.models.snapshot import snapshot
from app.models.word_index.tables import IndexedText, on_sqlite
from app.services.check.fault import Checker, Fault, Kind, Options, Progress
from app.services.check.reading import rows_of

STALE = Kind("index-stale", "indexes of words that differ from their texts", "written anew")
_TEXTS: dict[str, type[IndexedText]] = {"search_words": SearchText, "prompt_words": PromptText}
_REBUILD = {"search_words": search_index.rebuild, "prompt_words": prompt_index.rebuild}
_NO_WORD = {"", SEPARATOR.strip()}


def _find(_options: Options, progress: Progress) -> Iterator[Fault]:
    if not on_sqlite():
        return
    for name, texts in _TEXTS.items():
        with snapshot():
            if _of_index(name) != _of_texts(texts, progress):
                yield Fault(STALE, name)


def _of_texts(texts: type[IndexedText], progress: Progress) -> int:
    """Return a sum over each word of each text, which is the same in any order."""
    total = 0
    for position, words in rows_of(select(texts.position, texts.text)):
        progress(1)
        for word in set(words.split(" ")) - _NO_WORD:
            total ^= hash((word, position))
    return total


def _of_index(name: str) -> int | None:
    """Return the same of what the index holds; None where it cannot be read."""
    # Of the driver itself: to make a table, even one of this connection alone, SQLAlchemy would take
    # the write lock. It goes with the transaction.
    driver: Any = db.session.connection().connection.driver_connection
    driver.execute(f"CREATE VIRTUAL TABLE temp.vocabulary USING fts5vocab(main, {name}, instance)")
    total = 0
    try:
        for word, position in db.session.execute(text("SELECT term, doc FROM temp.vocabulary")):
            total ^= hash((word, position))
    except DatabaseError:
        return None
    return total


def _write_anew(names: list[str]) -> int:
    for name in names:
        begin_changes()
        _REBUILD[name]()
        db.session.commit()
    return len(names)


INDEX = Checker("index", "SQLite's indexes of words", _find, {STALE: _write_anew}, slow=True)
