from flask.testing import FlaskClient


def test_healthz_answers_without_a_key(client: FlaskClient) -> None:
    assert client.get("/healthz").json == {"status": "ok"}


def test_readyz_tells_that_the_database_is_ready(client: FlaskClient) -> None:
    assert client.get("/readyz").status_code == 200
