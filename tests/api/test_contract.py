"""schemathesis: whatever the document allows is accepted, what it forbids is refused, and each answer
is as documented. All of its checks, some 2,100 requests at the edges of every field among them, by a
real server and with an admin's key; on PostgreSQL alone, which is the stricter one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import schemathesis
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from schemathesis.schemas import BaseSchema
from werkzeug.serving import WSGIRequestHandler, make_server

from app.models import Role
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.keys import create_key
from app.services.templates import create_template
from tests.fakes.providers import install
from tests.pictures import picture

WITH_CURSOR = {
    *("GET /api/images", "GET /api/prompts", "GET /api/generations", "GET /api/batches"),
    "GET /api/shares",
}
# 412: a condition that does not hold is no fault of the data.
ACCEPTED = ["2xx", "3xx", "401", "403", "404", "409", "412", "429", "5xx"]
REPORTS = [
    f"/api/reports/{name}"
    for name in ("models", "failures", "latency", "cost", "storage", "compare", "prompts")
]
KNOWN = [
    *("/api/images/purge", "/api/images/{image_id}/neighbours", "/api/generations/estimate"),
    *REPORTS,
]
CONFIG: dict[str, Any] = {
    "seed": 1,
    "generation": {"deterministic": True, "max-examples": 2, "database": "none"},
    "checks": {"positive_data_acceptance": {"expected-statuses": ACCEPTED}},
    "operations": [
        # Their fields are those of GET /api/images, PUT /api/searches/{name}, POST /api/generations and
        # GET /api/reports/usage, read by the same code: the edges of these once more were two in five
        # of all requests. Here what chance finds will do, and only here.
        {"include-path": KNOWN, "phases": {"coverage": {"enabled": False}}},
        {"exclude-path": KNOWN, "phases": {"fuzzing": {"enabled": False}}},
        {
            # In a form all is text: what has another type in JSON arrives as its text.
            "include-path": "/api/images",
            "include-method": "POST",
            "checks": {"negative_data_rejection": {"enabled": False}},
        },
        {
            # To the router this is one generation's address as well, which takes a GET.
            "include-path": "/api/generations/estimate",
            "checks": {"allow_header_conformance": {"enabled": False}},
        },
        *(
            {
                # Which variables a template takes no schema can say, nor which names were ever used, and
                # that a time begins before it ends.
                "include-path": path,
                "checks": {"positive_data_acceptance": {"expected-statuses": [*ACCEPTED, "422"]}},
            }
            for path in (
                *("/api/templates/{name}/preview", "/api/generations", "/api/batches"),
                *(*REPORTS, "/api/reports/usage"),
            )
        ),
    ],
}


class Handler(WSGIRequestHandler):
    """Keeps connections, and quiet."""

    protocol_version = "HTTP/1.1"

    def log(self, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture
def address(make_app: Callable[..., Flask]) -> Iterator[tuple[str, str]]:
    """The address of a server with some history, and an admin's key."""
    app = make_app(max_images=2, requests_per_minute="none", wrong_keys_per_minute="none")
    install(app)
    with app.app_context():
        key = create_key("the tester", Role.ADMIN)[1]
        create_template("watercolour", "A watercolour of {user_input} on {paper} paper")
        for _ in range(3):
            ImageGeneratorService().generate(GenerationRequest("a red fox"))
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}", key
    server.shutdown()
    thread.join()
    server.server_close()


def load(address: tuple[str, str]) -> BaseSchema:
    url, key = address
    headers = {"Authorization": f"Bearer {key}"}
    config = SchemathesisConfig.from_dict({**CONFIG, "headers": headers})
    schema = schemathesis.openapi.from_url(f"{url}/api/openapi.json", config=config)
    schema.hook("map_case")(one_way_of_paging)
    schema.hook("map_case")(files_that_are_pictures)
    return schema


def one_way_of_paging(context: Any, case: Any) -> Any:
    """Leave out what no schema of a query can say: cursors are not made up, nor mixed with pages."""
    if case.operation.label in WITH_CURSOR and case.meta.generation.mode.is_positive:
        case.query.pop("cursor", None)
        if {"page", "per_page"} & case.query.keys():
            case.query.pop("limit", None)
    return case


def files_that_are_pictures(context: Any, case: Any) -> Any:
    """Send pictures where the schema can only say that they are bytes."""
    if case.operation.label == "POST /api/images" and case.meta.generation.mode.is_positive:
        case.body["file"] = [picture() for _ in case.body["file"]]
    return case


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_document_and_server_agree(address: tuple[str, str]) -> None:
    schema = load(address)
    faults: list[str] = []
    asked: set[str] = set()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            asked.update(each.value.operation.label for each in event.recorder.cases.values())
            faults += failures(event)
        elif isinstance(event, events.NonFatalError):
            faults.append(f"{event.label}: {event.info.format()}")
        assert not isinstance(event, events.FatalError)
    assert not faults, "\n\n".join(faults)
    assert len(asked) > 30


def failures(event: events.ScenarioFinished) -> Iterator[str]:
    for checks in event.recorder.checks.values():
        for check in checks:
            if check.failure_info is not None:
                found = check.failure_info
                yield f"{check.name}: {found.failure}\n{found.code_sample}"
