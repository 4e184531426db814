"""`generate_image`: draw from words."""

from __future__ import annotations

from pydantic import Field, StrictStr

from app.cli.mcp.drawing import Wishes, draw
from app.cli.mcp.shapes import Drawn
from app.cli.mcp.tool import Answer, Call, Tool
from app.models import Role
from app.services.generation_request import GenerationRequest


class GenerateArguments(Wishes):
    """What to draw."""

    prompt: StrictStr = Field(description="What the picture shows.")


def generate(call: Call, arguments: GenerateArguments) -> Answer:
    """Draw; return the generation with its pictures. Raises what `draw` raises."""
    request = GenerationRequest(**arguments.model_dump(exclude={"wait_seconds"}))
    return draw(call, lambda: request, arguments.wait_seconds)


GENERATE = Tool(
    name="generate_image",
    title="Generate pictures",
    description=(
        "Draw one or more pictures from a prompt. Each is kept in the history with its prompt, "
        "settings and cost; the answer has their ids, and shows a preview of each. It may cost "
        "money, so call it once for what the user asked for; cancelling the call does not cancel "
        "what was asked for. To change a picture that there is, use edit_image."
    ),
    role=Role.CREATOR,
    arguments=GenerateArguments,
    answer=Drawn,
    run=generate,
)
