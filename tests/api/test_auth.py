"""Who may call what."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.services.keys import revoke_key
from tests.api.conftest import Ask

PATHS = {
    ("GET", "/api/images"): "viewer",
    ("GET", "/api/images/<int:image_id>"): "viewer",
    ("GET", "/api/images/<int:image_id>/file"): "viewer",
    ("GET", "/api/images/<int:image_id>/thumbnail"): "viewer",
    ("GET", "/api/images/<int:image_id>/neighbours"): "viewer",
    ("GET", "/api/images/<int:image_id>/lineage"): "viewer",
    ("GET", "/api/generations"): "viewer",
    ("GET", "/api/generations/<generation_id>"): "viewer",
    ("GET", "/api/searches"): "viewer",
    ("GET", "/api/reports/usage"): "viewer",
    ("GET", "/api/reports/prompts"): "viewer",
    ("GET", "/api/reports/models"): "viewer",
    ("GET", "/api/reports/failures"): "viewer",
    ("GET", "/api/reports/latency"): "viewer",
    ("GET", "/api/reports/cost"): "viewer",
    ("GET", "/api/reports/storage"): "viewer",
    ("GET", "/api/reports/compare"): "viewer",
    ("GET", "/api/searches/<name>"): "viewer",
    ("PUT", "/api/searches/<name>"): "creator",
    ("DELETE", "/api/searches/<name>"): "creator",
    ("GET", "/api/shares"): "creator",
    ("POST", "/api/shares"): "creator",
    ("GET", "/api/shares/<int:share_id>"): "creator",
    ("PATCH", "/api/shares/<int:share_id>"): "creator",
    ("DELETE", "/api/shares/<int:share_id>"): "creator",
    ("POST", "/api/shares/<int:share_id>/link"): "creator",
    ("POST", "/api/generations"): "creator",
    ("POST", "/api/generations/estimate"): "creator",
    ("GET", "/api/budgets"): "creator",
    ("POST", "/api/generations/<generation_id>/cancel"): "creator",
    ("POST", "/api/generations/<generation_id>/retry"): "creator",
    ("POST", "/api/batches"): "creator",
    ("GET", "/api/batches"): "viewer",
    ("GET", "/api/batches/<batch_id>"): "viewer",
    ("POST", "/api/batches/<batch_id>/cancel"): "creator",
    ("POST", "/api/batches/<batch_id>/retry"): "creator",
    ("PATCH", "/api/images/<int:image_id>"): "creator",
    ("DELETE", "/api/images/<int:image_id>"): "creator",
    ("POST", "/api/images/<int:image_id>/restore"): "creator",
    ("POST", "/api/images"): "creator",
    ("POST", "/api/images/bulk"): "creator",
    ("POST", "/api/images/purge"): "admin",
    ("GET", "/api/prompts"): "viewer",
    ("GET", "/api/prompts/suggest"): "viewer",
    ("GET", "/api/templates"): "viewer",
    ("GET", "/api/templates/<name>"): "viewer",
    ("POST", "/api/templates/<name>/preview"): "viewer",
    ("POST", "/api/templates"): "creator",
    ("PUT", "/api/templates/<name>"): "creator",
    ("DELETE", "/api/templates/<name>"): "creator",
    ("GET", "/api/models"): "viewer",
    ("GET", "/api/models/<name>"): "viewer",
    ("GET", "/api/me"): "viewer",
    ("GET", "/api/keys"): "admin",
    ("POST", "/api/keys"): "admin",
    ("PATCH", "/api/keys/<int:key_id>"): "admin",
    ("DELETE", "/api/keys/<int:key_id>"): "admin",
    ("GET", "/metrics"): "viewer",
}
OPEN = {
    ("GET", "/api"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
    ("GET", "/api/openapi.json"),
    ("GET", "/api/docs"),
    ("GET", "/api/docs/<name>"),
}
ROLES = ["viewer", "creator", "admin"]


def test_every_route_is_either_open_or_has_a_role_here(app: Flask) -> None:
    routes = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        if not rule.endpoint.startswith(("web.", "compat_"))  # tests/web, tests/compat: test_door
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert routes == OPEN | PATHS.keys()


def test_without_a_key_every_route_is_401_with_a_challenge(client: FlaskClient) -> None:
    for method, rule in PATHS:
        answer = client.open(path_of(rule), method=method)
        assert answer.status_code == 401, (method, rule)
        assert answer.headers["WWW-Authenticate"] == "Bearer realm=Proofsheet"
        assert answer.mimetype == "application/problem+json"


@pytest.mark.parametrize("role", ROLES)
def test_a_key_opens_what_its_role_may_and_no_more(ask: Ask, role: str) -> None:
    for (method, rule), needed in PATHS.items():
        allowed = ROLES.index(role) >= ROLES.index(needed)
        status = ask(method, path_of(rule), role=role).status_code
        assert (status not in {401, 403}) is allowed, (method, rule)


@pytest.mark.parametrize(
    "header", ["Bearer ps_wrong", "Bearer", "Basic dXNlcjpwYXNz", "ps_x", "Bearer é", ""]
)
def test_what_is_no_live_key_is_401(client: FlaskClient, header: str) -> None:
    answer = client.get("/api/images", headers={"Authorization": header})
    assert (answer.status_code, answer.json["code"]) == (401, "unauthorized")


def test_a_revoked_key_works_no_longer(ask: Ask, app: Flask) -> None:
    assert ask("GET", "/api/images").status_code == 200
    with app.app_context():
        revoke_key("the creator")
    assert ask("GET", "/api/images").status_code == 401


def path_of(rule: str) -> str:
    return re.sub("<[^>]+>", "x", re.sub("<int:[^>]+>", "1", rule))
