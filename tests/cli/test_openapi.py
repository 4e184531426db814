"""`manage.py openapi`."""

from __future__ import annotations

import json

from flask import Flask
from flask.testing import FlaskClient

from tests.cli.conftest import Run


def test_the_document_is_printed_as_it_is_served(run: Run, client: FlaskClient, app: Flask) -> None:
    assert json.loads(run("openapi").stdout) == client.get("/api/openapi.json").json
