"""The document: whole, valid, and true to the code."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from app import __version__, create_app
from app.api.documentation import document
from app.api.openapi.declare import operation_of
from app.api.openapi.errors import HTTP_ERRORS
from app.api.problems import STATUS
from app.request_body import FORM
from config import Settings
from tests.api.test_auth import OPEN, PATHS

Operation = dict[str, Any]


@pytest.fixture(scope="module")
def plain_app(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """An app without a database: to describe itself it needs none."""
    return create_app(Settings(instance=tmp_path_factory.mktemp("instance")))


@pytest.fixture(scope="module")
def described(plain_app: Flask) -> dict[str, Any]:
    """The document of the app."""
    return describe(plain_app)


@pytest.fixture
def client(plain_app: Flask) -> FlaskClient:
    """A client without a key."""
    return plain_app.test_client()


def describe(app: Flask) -> dict[str, Any]:
    with app.app_context():
        return dict(json.loads(document(app)))


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, Operation]]:
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def messages(described: dict[str, Any]) -> list[Operation]:
    """Return what is sent to the webhook."""
    return [each["post"] for each in described["webhooks"].values()]


def test_every_route_is_documented(plain_app: Flask) -> None:
    views = {
        rule.rule: plain_app.view_functions[rule.endpoint]
        for rule in plain_app.url_map.iter_rules()
        # Pages are for people, and other services' wires are described by those.
        if not rule.endpoint.startswith(("web.", "compat_"))
    }
    assert [rule for rule, view in views.items() if operation_of(view) is None] == []


def test_the_document_is_valid_openapi(described: dict[str, Any]) -> None:
    assert list(OpenAPIV31SpecValidator(described).iter_errors()) == []
    assert described["info"]["version"] == __version__


def test_it_names_every_route_with_its_role(described: dict[str, Any]) -> None:
    shown = {
        (method.upper(), path): each["security"] for path, method, each in operations(described)
    }
    roles = {key: [{"key": []}] for key in PATHS} | {key: [] for key in OPEN}
    assert shown == {
        (method, re.sub(r"<(?:int:)?(\w+)>", r"{\1}", rule)): security
        for (method, rule), security in roles.items()
    }


def test_each_operation_says_what_it_is_and_who_may(described: dict[str, Any]) -> None:
    names = [each["operationId"] for *_, each in operations(described)]
    assert len(names) == len(set(names))
    for path, method, each in operations(described):
        assert re.fullmatch(r"[a-z]+(_[a-z]+)*", each["operationId"])
        assert each["summary"].endswith(".")
        assert each["tags"][0] in [tag["name"] for tag in described["tags"]]
        role = PATHS.get((method.upper(), re.sub(r"{(\w+_id)}", r"<int:\1>", path)))
        assert role is None or f"role **{role}**" in each["description"]


def test_each_parameter_and_field_is_described(described: dict[str, Any]) -> None:
    for *_, each in operations(described):
        assert all(parameter.get("description") for parameter in each["parameters"])
    for name, schema in described["components"]["schemas"].items():
        assert schema.get("description"), name
        for field, each in schema.get("properties", {}).items():
            assert {"description", "$ref", "const"} & each.keys(), (name, field)


def test_each_body_and_answer_has_an_example_that_fits(described: dict[str, Any]) -> None:
    contents = [
        content
        for each in [*(each for *_, each in operations(described)), *messages(described)]
        for holder in (each.get("requestBody", {}), *each["responses"].values())
        for media_type, content in holder.get("content", {}).items()
        if "schema" in content and media_type != FORM  # a file cannot be written down
    ]
    for content in contents:
        schema = {**content["schema"], "components": described["components"]}
        validator = Draft202012Validator(schema, validate_formats=True)
        for example in examples(content, described):
            assert [str(error) for error in validator.iter_errors(example)] == []


def examples(content: dict[str, Any], described: dict[str, Any]) -> list[Any]:
    if "example" in content:
        return [content["example"]]
    kept = described["components"]["examples"]
    return [kept[each["$ref"].rpartition("/")[2]]["value"] for each in content["examples"].values()]


def test_each_parameter_has_an_example_that_fits(described: dict[str, Any]) -> None:
    for *_, each in operations(described):
        for parameter in each["parameters"]:
            if "example" in parameter:
                validator = Draft202012Validator(parameter["schema"])
                assert validator.is_valid(parameter["example"]), parameter["name"]


def test_every_error_with_a_status_can_be_named(described: dict[str, Any]) -> None:
    assert described["components"]["examples"].keys() <= STATUS.keys() | HTTP_ERRORS.keys()
    assert not STATUS.keys() & HTTP_ERRORS.keys()


def test_limits_are_those_of_the_settings(instance: Path) -> None:
    limits = {"max_images": 3, "max_prompt_characters": 77, "max_page_size": 50}
    described = describe(create_app(Settings(instance=instance, **limits)))
    body = described["components"]["schemas"]["GenerationBody"]["properties"]
    assert (body["n"]["maximum"], body["prompt"]["maxLength"]) == (3, 77)
    listing = described["paths"]["/api/images"]["get"]["parameters"]
    assert {each["name"]: each for each in listing}["per_page"]["schema"]["maximum"] == 50


def test_it_is_read_without_a_key_and_known_by_its_tag(client: FlaskClient) -> None:
    answer = client.get("/api/openapi.json")
    assert answer.json["openapi"] == "3.1.0"
    again = client.get("/api/openapi.json", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_the_page_needs_no_other_host_and_no_script_within(client: FlaskClient) -> None:
    page = client.get("/api/docs")
    policy = dict(
        each.split(" ", 1) for each in page.headers["Content-Security-Policy"].split("; ")
    )
    assert policy["default-src"] == "'none'"
    assert "unsafe" not in page.headers["Content-Security-Policy"]
    assert policy["script-src"] == policy["connect-src"] == policy["style-src"] == "'self'"
    assert "//" not in page.text
    assert re.findall(r"<script(?! src=)", page.text) == []
    for name in re.findall(r'(?:src|href)="(docs/[^"]+)"', page.text):
        assert client.get(f"/api/{name}").status_code == 200


@pytest.mark.parametrize("name", ["index.html", "LICENSE", "..%2findex.html", "swagger-ui.js"])
def test_the_page_has_no_other_files(client: FlaskClient, name: str) -> None:
    assert client.get(f"/api/docs/{name}").status_code == 404


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("start.js", "text/javascript; charset=utf-8"),
        ("swagger-ui.css", "text/css; charset=utf-8"),
        ("favicon-32x32.png", "image/png"),
    ],
)
def test_its_files_have_their_types(client: FlaskClient, name: str, kind: str) -> None:
    answer = client.get(f"/api/docs/{name}")
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
