"""What all answers have in common."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema


class Shape(BaseModel):
    """The shape of an answer. Built only when the documentation is."""

    model_config = ConfigDict(defer_build=True)


def shown(description: str, example: Any, **more: Any) -> Any:
    """Return a field with a description and an example; it is always there."""
    return Field(description=description, examples=[example], **more)


def sometimes(description: str, example: Any, **more: Any) -> Any:
    """Return a field that is there only where the description says."""
    return Field(
        default_factory=lambda: example, description=description, examples=[example], **more
    )


Moment = Annotated[
    datetime,
    WithJsonSchema({"type": "string", "format": "date-time", "pattern": r"Z$"}),
]
Address = Annotated[str, WithJsonSchema({"type": "string", "format": "uri-reference"})]
