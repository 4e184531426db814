"""`manage.py demo`."""

from __future__ import annotations

import pytest

from tests.cli.conftest import Run
from tests.models.samples import ON_SQLITE


@pytest.fixture
def serves() -> bool:
    """Commands need no routes."""
    return False


@ON_SQLITE
def test_it_asks_where_something_is_and_takes_back_what_it_made(run: Run) -> None:
    assert run("demo", "--images", "3").stdout.startswith("3 sketches kept")
    for arguments in (("--images", "2"), ("--remove",)):
        asked = run("demo", *arguments)
        assert (asked.exit_code, "--yes" in asked.stderr) == (2, True)
    assert run("demo", "--images", "2", "--yes").exit_code == 0
    assert run("demo", "--remove", "--yes").stdout.startswith("5 sketches and ")
    assert run("demo", "--remove").stdout == "0 sketches and 0 generations removed.\n"
