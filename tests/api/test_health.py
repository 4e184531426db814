from pathlib import Path

from flask.testing import FlaskClient

from app import create_app
from config import Settings
from tests.conftest import dispose


def test_healthz_answers_without_a_key(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_readyz_tells_that_the_database_is_ready(client: FlaskClient) -> None:
    assert client.get("/readyz").status_code == 200


def test_readyz_is_503_and_tells_no_names_while_the_database_is_not_ready(
    instance: Path, empty_database_url: str
) -> None:
    app = create_app(Settings(instance=instance, database_url=empty_database_url))
    answer = app.test_client().get("/readyz")
    assert (answer.status_code, answer.json["code"]) == (503, "not_ready")
    assert str(instance) not in answer.text
    assert app.test_client().get("/healthz").status_code == 200
    dispose(app)
