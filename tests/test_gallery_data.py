"""What `python -m benchmarks gallery --database FILE` measures."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from benchmarks.gallery_data import copy_database


def test_a_database_in_use_is_copied_with_what_its_log_holds(tmp_path: Path) -> None:
    with closing(sqlite3.connect(tmp_path / "used.db")) as used:
        used.execute("PRAGMA journal_mode = wal")
        used.execute("CREATE TABLE images (id INTEGER)")
        used.execute("INSERT INTO images VALUES (1)")
        used.commit()
        copy_database(tmp_path / "used.db", tmp_path / "copy.db")
    with closing(sqlite3.connect(tmp_path / "copy.db")) as copy:
        assert copy.execute("SELECT count(*) FROM images").fetchone() == (1,)
