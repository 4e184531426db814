"""What the document says of the messages that are sent, by workers, to whoever wants to be told."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

from app.api.answers.webhook import BatchEnded, GenerationEnded
from app.api.openapi.declare import JSON
from app.api.openapi.schemas import Schemas, example

TAG = "webhooks"
ABOUT = "What is sent to PROOFSHEET_WEBHOOK_URL, signed as Standard Webhooks has it."
_ENDS: dict[str, type[BaseModel]] = {"generation": GenerationEnded, "batch": BatchEnded}
MODELS = tuple(_ENDS.values())
_HEADERS = {
    "webhook-id": ("The same when a message is sent again.", "01KAN4V5B6M7Q8R9S0T1V2W3X4"),
    "webhook-timestamp": ("When it was sent, in seconds since 1970.", "1795341600"),
    "webhook-signature": (
        "`v1,` and the base64 of an HMAC-SHA256 over `id.timestamp.body`, by the key that "
        "PROOFSHEET_WEBHOOK_SECRET stands for.",
        "v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=",
    ),
}


def webhooks(schemas: Schemas) -> dict[str, Any]:
    """Return the messages by what has ended."""
    return {name: {"post": _message(name, model, schemas)} for name, model in _ENDS.items()}


def _message(name: str, model: type[BaseModel], schemas: Schemas) -> dict[str, Any]:
    schema = schemas.of(model)
    body = {"schema": schema, "example": example(schema, schemas.components)}
    return {
        "operationId": f"{TAG}_{name}_ended",
        "tags": [TAG],
        "summary": f"A {name} has ended.",
        "description": "It may come twice, and in another order than things happened.",
        "security": [],
        "parameters": [
            {
                "name": header,
                "in": "header",
                "required": True,
                "description": description,
                "schema": {"type": "string"},
                "example": shown,
            }
            for header, (description, shown) in _HEADERS.items()
        ],
        "requestBody": {"required": True, "content": {JSON: body}},
        "responses": {
            "2XX": {"description": "It was taken."},
            "410": {"description": "It is not wanted, and not sent again."},
            "default": {"description": "It is sent again later, for most of a day."},
        },
    }
