"""What a question can be narrowed to."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Flask

from app.services.reports.choices import beginning, choices
from tests.services.reports.conftest import BEGIN


def test_what_something_was_made_with_can_be_chosen(history: Flask) -> None:
    assert choices() == {
        "model": ["large", "small"],
        "provider": ["gemini"],
        "project": ["Zoo", "acme"],
        "template": ["poster"],
        "key": ["ana", "ben"],
        "tag": ["best"],
    }


def test_the_history_begins_on_the_day_of_its_first_rows(history: Flask) -> None:
    found = beginning()
    assert found is not None
    assert BEGIN <= found < datetime(2026, 10, 25, tzinfo=UTC)
    assert found.hour == found.minute == 0


def test_of_an_empty_history_nothing_can_be_chosen(context: Flask) -> None:
    assert not any(choices().values())
    assert beginning() is None
