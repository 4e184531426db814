"""Whether it answers, and whether it can do its work."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from app import create_app
from app.extensions import db
from app.models import Worker
from app.models.types import utc_now
from config import Settings
from tests.conftest import dispose


def test_healthz_answers_without_a_key(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_readyz_tells_that_nobody_draws_and_is_ready_all_the_same(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json == {
        "status": "ok",
        "worker": "none",
        "workers": 0,
        "heartbeat_age_seconds": None,
    }


def test_readyz_tells_of_those_workers_that_are_alive(client: FlaskClient, app: Flask) -> None:
    now = utc_now()
    with app.app_context():
        for name, silent in (("here", 0), ("too", 5), ("gone", 100)):
            seen = now - timedelta(seconds=silent)
            db.session.add(Worker(name=name, token=name, seen_at=seen))
        db.session.commit()
    found = client.get("/readyz").json
    assert (found["worker"], found["workers"]) == ("alive", 2)
    assert 0 <= found["heartbeat_age_seconds"] < 5


def test_readyz_is_503_and_tells_no_names_while_the_database_is_not_ready(
    instance: Path, empty_database_url: str
) -> None:
    app = create_app(Settings(instance=instance, database_url=empty_database_url))
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["code"]) == (503, "not_ready")
    assert str(instance) not in answer.text
    assert app.test_client().get("/healthz").status_code == 200
    dispose(app)
