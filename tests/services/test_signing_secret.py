"""The secret of an instance: the same for all who share its database."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from app.services.signing_secret import signing_secret


@pytest.fixture
def serves() -> bool:
    """Services need no routes."""
    return False


def secret_of(app: Flask) -> str:
    with app.app_context():
        return signing_secret()


def test_all_who_share_a_database_have_one_secret(make_app: Callable[..., Flask]) -> None:
    assert secret_of(make_app()) == secret_of(make_app())


def test_a_setting_comes_first(make_app: Callable[..., Flask]) -> None:
    assert secret_of(make_app(secret="0123456789abcdef")) == "0123456789abcdef"


def test_a_file_of_the_instance_is_taken_where_the_database_is_a_file(
    make_app: Callable[..., Flask],
) -> None:
    app = make_app()
    settings = app.config["SETTINGS"]
    (settings.instance / "secret").write_text("from the file, long enough\n")
    expected = settings.sqlite_file is not None
    assert (secret_of(app) == "from the file, long enough") is expected
