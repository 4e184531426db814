"""What a process measures of itself."""

from __future__ import annotations

from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from app.measures import Measures, Spread


def test_a_duration_falls_into_the_first_bucket_that_it_does_not_pass() -> None:
    spread = Spread((0.1, 1.0))
    for seconds in (0.0, 0.1, 0.11, 1.0, 50.0):
        spread.add(seconds)
    assert (spread.counts, spread.seconds) == ([2, 2, 1], 51.21)


def test_statements_are_measured_and_those_that_fail_do_no_harm() -> None:
    measures, engine = Measures(), create_engine("sqlite://")
    measures.watch(engine)
    with engine.connect() as connection:
        for statement in ("SELECT 1", "nonsense", "SELECT 2"):
            try:
                connection.execute(text(statement))
            except SQLAlchemyError:
                connection.rollback()
    engine.dispose()
    count, seconds = measures.statements()
    assert count == 2
    assert seconds > 0


def test_what_is_told_changes_no_more() -> None:
    measures = Measures()
    measures.count_request("GET", "/", 200, 0.2)
    before = measures.requests()
    measures.count_request("GET", "/", 404, 0.2)
    assert sum(before["GET", "/"].counts) == 1
    assert measures.statuses() == {("GET", "/", 200): 1, ("GET", "/", 404): 1}
