"""The header that names a project."""

from __future__ import annotations

import pytest
from flask import Flask

from app.compat.project import HEADER, project
from app.errors import InvalidInput

APP = Flask("any")


def of(sent: bytes) -> str | None:
    """Return the project of a request whose header came as these bytes."""
    with APP.test_request_context(headers={HEADER: sent.decode("latin-1")}):
        return project()


def test_a_header_is_ascii_or_utf8() -> None:
    assert of(b"acme") == "acme"
    assert of("Büro".encode()) == "Büro"
    with APP.test_request_context():
        assert project() is None


@pytest.mark.parametrize("sent", [b"", b" ", "Büro".encode("latin-1"), b"\xff"])
def test_one_that_nobody_can_read_is_refused_rather_than_lost(sent: bytes) -> None:
    with pytest.raises(InvalidInput, match="ASCII"):
        of(sent)
