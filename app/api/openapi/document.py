"""The OpenAPI 3.1 document of an app: from its routes, what they declare, and their roles."""

from __future__ import annotations

import inspect
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from http import HTTPStatus
from typing import Any, get_type_hints

from flask import Flask
from pydantic import BaseModel, TypeAdapter
from werkzeug.routing import Rule

from app import __version__
from app.api.answers.problem import Problem
from app.api.auth import role_of
from app.api.fields import COMMAS
from app.api.openapi import errors, headers, webhooks
from app.api.openapi.declare import (
    CACHED,
    JSON,
    NOT_MODIFIED,
    Answer,
    Operation,
    operation_of,
)
from app.api.openapi.schemas import Schemas, example
from app.models import Role
from app.request_body import FORM

PROBLEM = "application/problem+json"
TAGS = {
    "generations": "Ask for pictures, and see what became of it.",
    "batches": "Many prompts as one: their progress and cost, and an end to them all.",
    "images": "The history: pages, search, each picture, marks.",
    "templates": "Named templates for prompts, in versions.",
    "searches": "Filters of the history, kept by a name for all.",
    "shares": "Proof sheets: a selection under a link, to be marked by somebody without a key.",
    "models": "What can draw.",
    "budgets": "What may be spent.",
    "keys": "Who may use the API; for admins.",
    "me": "Whose key this is.",
    "service": "Where everything is, and how it works.",
    "documentation": "This document, and a page to read it on. Open to all.",
}
ABOUT = """\
Proofsheet draws pictures from prompts and keeps them all.

- Every call but the open ones needs a key: `Authorization: Bearer ps_…`. A *viewer* reads, a
  *creator* also generates and marks, an *admin* does everything. The gallery's own pages call with the
  session that a key was traded for: a cookie, which counts for requests from these pages alone.
- Every error is `application/problem+json` (RFC 9457) with a stable `code` and a `detail` that says
  what to do. An address that does not exist is 404; a method that it does not take is 405 and names
  those that it does in `Allow`.
- Times are RFC 3339 in UTC. Money is in US dollars; null is "not known", never 0.
"""
SCHEME = {
    "type": "http",
    "scheme": "bearer",
    "description": "A key, such as the one that `manage.py up` writes to `instance/admin.key`.",
}
View = Callable[..., Any]


def build(app: Flask) -> dict[str, Any]:
    """Return the document of `app`. Needs its context: limits in it are those of its settings."""
    found = list(_documented(app))
    models = _models(operation for *_, operation in found)
    schemas = Schemas([Problem, *models, *webhooks.MODELS])
    paths: dict[str, dict[str, Any]] = defaultdict(dict)
    for rule, method, view, operation in found:
        path = re.sub(r"<(?:[^:>]+:)?([^>]+)>", r"{\1}", rule.rule)
        paths[path][method.lower()] = _operation(rule, view, operation, schemas)
    used = {each["tags"][0] for path in paths.values() for each in path.values()}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Proofsheet",
            "version": __version__,
            "description": ABOUT,
            "license": {"name": "MIT", "identifier": "MIT"},
        },
        "servers": [{"url": "/"}],
        "tags": [
            *({"name": tag, "description": TAGS[tag]} for tag in TAGS if tag in used),
            {"name": webhooks.TAG, "description": webhooks.ABOUT},
        ],
        "paths": dict(paths),
        "webhooks": webhooks.webhooks(schemas),
        "components": {
            "schemas": schemas.components,
            "headers": {
                name: {"required": name not in headers.OPTIONAL, **each}
                for name, each in headers.ANSWER.items()
            },
            "securitySchemes": {"key": SCHEME},
            "examples": {code: errors.example_of(code) for code in sorted(_codes(found))},
        },
    }


def tag_of(rule: str) -> str:
    """Return the group of an address: its first part under /api."""
    if not rule.startswith("/api/"):
        return "service"
    first = rule.split("/")[2]
    return first if first in TAGS else "documentation"


def codes_of(rule: Rule, view: View, operation: Operation) -> set[str]:
    """Return every code that a route's errors can have."""
    takes_path = bool(rule.arguments)
    takes_body = bool(operation.body or operation.form)
    derived = errors.derived(
        role_of(view), path=takes_path, query=bool(operation.query), body=takes_body
    )
    return derived | set(operation.errors)


def _documented(app: Flask) -> Iterator[tuple[Rule, str, View, Operation]]:
    for rule in sorted(app.url_map.iter_rules(), key=lambda each: each.rule):
        view = app.view_functions[rule.endpoint]
        operation = operation_of(view)
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            if operation:
                yield rule, method, view, _cached(operation, method, role_of(view))


def _cached(operation: Operation, method: str, role: Role | None) -> Operation:
    """Return an operation with what every JSON answer to a GET has (app/api/caching.py)."""
    ok = operation.answers.get(HTTPStatus.OK)
    if method != "GET" or role is None or ok is None or not ok.shape:
        return operation
    known = replace(ok, headers=tuple(dict.fromkeys((*ok.headers, *CACHED))))
    unchanged = replace(NOT_MODIFIED, headers=known.headers)
    answers = {**operation.answers, 200: known, 304: unchanged}
    headers = (*operation.headers, "If-None-Match")
    return replace(operation, answers=answers, headers=headers)


def _models(operations: Iterable[Operation]) -> Iterator[type[BaseModel]]:
    for operation in operations:
        shapes = (answer.shape for answer in operation.answers.values())
        yield from filter(None, (operation.query, operation.body, operation.form, *shapes))


def _codes(found: list[tuple[Rule, str, View, Operation]]) -> set[str]:
    return {code for rule, _, view, each in found for code in codes_of(rule, view, each)}


def _operation(rule: Rule, view: View, operation: Operation, schemas: Schemas) -> dict[str, Any]:
    role = role_of(view)
    summary, _, more = inspect.cleandoc(view.__doc__ or "").partition("\n\n")
    needs = f"Needs a key with the role **{role}**." if role else "Open to all: needs no key."
    tag = tag_of(rule.rule)
    shown: dict[str, Any] = {
        "operationId": f"{tag}_{view.__name__}",
        "tags": [tag],
        "summary": " ".join(summary.split()),
        "description": f"{more}\n\n{needs}".strip(),
        "security": [{"key": []}] if role else [],
        "parameters": list(_parameters(rule, view, operation, schemas)),
        "responses": {
            **{str(status): _answer(each, schemas) for status, each in operation.answers.items()},
            **_errors(codes_of(rule, view, operation)),
        },
    }
    names = headers.ALWAYS + (headers.LIMITS if role else ())
    for answer in shown["responses"].values():
        answer["headers"] = {**answer.get("headers", {}), **_headers(names)}
    if operation.body:
        content = {JSON: _content(operation.body, schemas)}
        for media_type, text in operation.texts.items():
            content[media_type] = {"schema": {"type": "string"}, "example": text}
        shown["requestBody"] = {"required": True, "content": content}
    if operation.form:
        # Without an example: a file has none that could be written down.
        content = {FORM: {"schema": schemas.of(operation.form)}}
        shown["requestBody"] = {"required": True, "content": content}
    return shown


def _parameters(
    rule: Rule, view: View, operation: Operation, schemas: Schemas
) -> Iterator[dict[str, Any]]:
    hints = get_type_hints(inspect.unwrap(view), include_extras=True) if rule.arguments else {}
    for name in sorted(rule.arguments):
        schema = TypeAdapter(hints[name]).json_schema()
        yield _parameter(name, "path", schema, required=True)
    if operation.query:
        yield from (
            _parameter(name, "query", schema, required=required)
            for name, schema, required in schemas.fields(operation.query)
        )
    for name in operation.headers:
        yield {"name": name, "in": "header", "required": False, **headers.REQUEST[name]}


def _parameter(name: str, place: str, schema: dict[str, Any], *, required: bool) -> dict[str, Any]:
    kept = {key: value for key, value in schema.items() if key not in {"description", "examples"}}
    shown = {"name": name, "in": place, "required": required, "schema": kept}
    if "description" in schema:
        shown["description"] = schema["description"]
    if "examples" in schema:
        shown["example"] = schema["examples"][0]
    if kept.pop(COMMAS, False):
        shown |= {"style": "form", "explode": False}
    return shown


def _answer(answer: Answer, schemas: Schemas) -> dict[str, Any]:
    in_words = headers.IN_WORDS if answer.shape else ()
    shown: dict[str, Any] = {"description": answer.description}
    if answer.headers or in_words:
        shown["headers"] = _headers((*answer.headers, *in_words))
    if answer.shape:
        shown["content"] = {each: _content(answer.shape, schemas) for each in answer.media_types}
    elif answer.media_types != (JSON,):
        shown["content"] = {each: {} for each in answer.media_types}
    return shown


def _errors(codes: set[str]) -> dict[str, Any]:
    by_status: dict[int, list[str]] = defaultdict(list)
    for code in sorted(codes):
        by_status[errors.status_of(code)].append(code)
    return {str(status): _error(status, by_status[status]) for status in sorted(by_status)}


def _error(status: int, codes: list[str]) -> dict[str, Any]:
    named = ", ".join(f"`{code}`" for code in codes)
    content = {
        "schema": {"$ref": "#/components/schemas/Problem"},
        "examples": {code: {"$ref": f"#/components/examples/{code}"} for code in codes},
    }
    return {
        "description": f"{HTTPStatus(status).phrase}: {named}.",
        "headers": _headers((*errors.ERROR_HEADERS.get(status, ()), *headers.IN_WORDS)),
        "content": {PROBLEM: content},
    }


def _headers(names: tuple[str, ...]) -> dict[str, Any]:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _content(model: type[BaseModel], schemas: Schemas) -> dict[str, Any]:
    schema = schemas.of(model)
    return {"schema": schema, "example": example(schema, schemas.components)}
