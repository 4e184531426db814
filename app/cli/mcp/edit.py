"""`edit_image`: draw from pictures of the history and words."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StrictInt, StrictStr

from app.cli.mcp.drawing import Wishes, draw
from app.cli.mcp.shapes import Drawn
from app.cli.mcp.tool import Answer, Call, Tool
from app.models import Role
from app.services.generation_request import GenerationRequest


class EditArguments(Wishes):
    """What to make of which pictures."""

    prompt: StrictStr = Field(description="What to change, or what to make of them.")
    images: Annotated[list[StrictInt], Field(min_length=1, max_length=100)] = Field(
        description="Ids of the pictures to work from, in order, as many as the model takes; "
        "search_history finds them."
    )


def edit(call: Call, arguments: EditArguments) -> Answer:
    """Draw; return the generation with its pictures. Raises what `draw` raises."""
    asked = arguments.model_dump(exclude={"wait_seconds", "images"})
    request = GenerationRequest(**asked, input_images=tuple(arguments.images))
    return draw(call, request, arguments.wait_seconds)


EDIT = Tool(
    name="edit_image",
    title="Edit pictures",
    description=(
        "Make a new picture from one or more pictures of the history and a prompt: change a thing, "
        "combine them, take over a style. Those pictures stay as they are; the new one is kept with "
        "them as its parents. It may cost money, as generate_image does."
    ),
    role=Role.CREATOR,
    arguments=EditArguments,
    answer=Drawn,
    run=edit,
)
