"""Holds what the API answers to what its document says: document and code cannot drift apart."""

from __future__ import annotations

import gzip
import json
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from jsonschema_rs import Draft202012Validator
from werkzeug.exceptions import HTTPException
from werkzeug.test import TestResponse

from app.api.documentation import document

PROBLEM = "application/problem+json"


class HeldToDocument(FlaskClient):
    """A client that fails where an answer is not as documented."""

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Send a request and check the answer to it."""
        response = super().open(*args, **kwargs)
        check(self.application, response)
        return response


def check(app: Flask, response: TestResponse) -> None:
    """Hold one answer to the document; addresses that are not of the app are none of its matter."""
    request = response.request
    operation = _operation(app, request.method, request.environ)
    if operation is None:
        return
    status = str(response.status_code)
    name = operation["operationId"]
    assert status in operation["responses"], f"{name} answered {status}: {response.text}"
    answer = operation["responses"][status]
    said = _document(app)["components"]["headers"]
    for header in answer.get("headers", {}):
        needed = said[header]["required"]
        assert header in response.headers or not needed, (
            f"{name} answered {status} without {header}"
        )
    undocumented = set(response.headers.keys()) & said.keys() - answer.get("headers", {}).keys()
    assert not undocumented, f"{name} answered {status} with {undocumented}"
    content = answer.get("content", {})
    if not response.data:
        return
    assert response.mimetype in content, f"{name} answered {status} as {response.mimetype}"
    if response.mimetype in {"application/json", PROBLEM}:
        compressed = "Content-Encoding" in response.headers
        body = gzip.decompress(response.data) if compressed else response.data
        _check_json(app, content[response.mimetype], json.loads(body), name)


def check_message(app: Flask, kind: str, message: Any) -> None:
    """Hold what the webhook is told to the document."""
    body = _document(app)["webhooks"][kind]["post"]["requestBody"]
    _check_json(app, body["content"]["application/json"], message, kind)


def _check_json(app: Flask, content: dict[str, Any], value: Any, name: str) -> None:
    for error in _validator(app, json.dumps(content["schema"])).iter_errors(value):
        raise AssertionError(f"{name}: {error.message} at {error.instance_path}")
    if "examples" in content:
        assert value["code"] in content["examples"], f"{name} has no error {value['code']}"


def _operation(app: Flask, method: str, environ: dict[str, Any]) -> dict[str, Any] | None:
    """Return what the document says of a request, or None where no route takes it."""
    try:
        rule, _ = app.url_map.bind_to_environ(environ).match(method=method, return_rule=True)
    except HTTPException:  # unknown, a wrong method, or a redirect: of no route's
        return None
    path = rule.rule.replace("<int:", "{").replace("<", "{").replace(">", "}")
    return paths(app).get(path, {}).get("get" if method == "HEAD" else method.lower())


def paths(app: Flask) -> dict[str, Any]:
    """Return the paths of the document."""
    return _document(app)["paths"]


# Once a process: what is answered depends on no setting.
_documents: list[dict[str, Any]] = []


def _document(app: Flask) -> dict[str, Any]:
    if not _documents:
        with app.app_context():
            _documents.append(json.loads(document(app)))
    return _documents[0]


_validators: dict[str, Draft202012Validator] = {}


def _validator(app: Flask, schema: str) -> Draft202012Validator:
    if schema not in _validators:
        components = {name: _closed(each) for name, each in _schemas(app).items()}
        whole = {**json.loads(schema), "components": {"schemas": components}}
        _validators[schema] = Draft202012Validator(whole, validate_formats=True)
    return _validators[schema]


def _schemas(app: Flask) -> dict[str, Any]:
    return _document(app)["components"]["schemas"]


def _closed(schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema that takes no field but its own: a caller may not count on that, but we do."""
    if "properties" in schema and "additionalProperties" not in schema:
        return {**schema, "additionalProperties": False}
    return schema
