"""Who may call what of other services' wires."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.compat.door import role_of
from tests.compat.walk import calls, sent_by
from tests.conftest import key_of_each
from tests.models.samples import ON_SQLITE

pytestmark = ON_SQLITE
ROLES = ["viewer", "creator", "admin"]


def test_every_route_says_who_may_call_it(app: Flask) -> None:
    assert [call for call in calls(app) if role_of(call.view) is None and not call.is_link] == []


def test_without_a_key_nothing_is_told_or_done(app: Flask, client: FlaskClient) -> None:
    for call in calls(app):
        if not call.is_link:
            assert client.open(call.path, method=call.method).status_code == 401, call


@pytest.mark.parametrize("role", ROLES)
def test_a_key_opens_what_its_role_may_and_no_more(app: Flask, role: str) -> None:
    headers = sent_by(key_of_each(app)[role])
    client = app.test_client()
    for call in calls(app):
        needed = role_of(call.view)
        allowed = needed is None or ROLES.index(role) >= ROLES.index(needed)
        status = client.open(call.path, method=call.method, headers=headers).status_code
        # A link answers 403 to whoever has changed it.
        assert call.is_link or (status not in {401, 403}) is allowed, call
