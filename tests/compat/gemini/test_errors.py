"""Problems as Google's clients read them."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, g

from app.api.problems import problem
from app.compat.gemini.errors import as_google


@pytest.mark.parametrize("value", [object(), {1, 2}])
def test_details_that_cannot_be_written_are_left_out(value: Any) -> None:
    bare = Flask(__name__)
    with bare.test_request_context():
        g.provider_details = [{"a": value}]
        told = as_google(problem(400, "No.", "provider_rejected"))
    assert told.json
    assert (told.status_code, told.mimetype) == (400, "application/json")
    [detail] = told.json["error"]["details"]
    assert detail["reason"] == "PROVIDER_REJECTED"
