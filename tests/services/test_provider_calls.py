"""Calls to a provider, counted in the process that made them until the database is told."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy.exc import OperationalError

from app.extensions import db
from app.models.tally import tallies
from app.services.provider_calls import provider_calls
from tests.models.samples import ON_SQLITE


@ON_SQLITE
def test_calls_wait_until_the_database_is_back(context: Flask) -> None:
    provider_calls().count("sketch", "sketch-1", 1.0, None)
    db.session.connection().exec_driver_sql("PRAGMA query_only=ON")
    with pytest.raises(OperationalError):
        provider_calls().book()
    db.session.connection().exec_driver_sql("PRAGMA query_only=OFF")
    db.session.rollback()
    provider_calls().count("sketch", "sketch-1", 2.0, None)
    provider_calls().book()
    provider_calls().book()
    assert [(key.label, count) for key, count, _ in tallies()] == [("1", 1), ("2.5", 1)]
