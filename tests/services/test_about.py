"""What the service tells of itself."""

from __future__ import annotations

from flask import Flask

from app import __version__
from app.services.about import about, libraries
from app.services.schema import current_revision


def test_the_kind_of_database_and_its_schema_are_told(context: Flask, database_url: str) -> None:
    told = about()
    assert told.database == ("SQLite" if database_url.startswith("sqlite") else "PostgreSQL")
    assert (told.version, told.schema) == (__version__, current_revision())


def test_everything_it_runs_on_is_named_with_a_licence() -> None:
    told = {each.name.casefold(): each for each in libraries()}
    assert {"flask", "pillow", "psycopg", "sqlalchemy", "granian"} <= told.keys()
    assert told["flask"].licence == "BSD-3-Clause"
    unnamed = [each.name for each in libraries() if not each.licence]
    assert unnamed == []
