"""`edit_image`: draw from pictures of the history and words."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

from pydantic import Field, StrictInt, StrictStr

from app.cli.mcp.drawing import Wishes, draw
from app.cli.mcp.shapes import Drawn
from app.cli.mcp.tool import Answer, Call, Tool
from app.errors import InvalidInput, InvalidPicture
from app.models import Role
from app.services.generation_request import GenerationRequest
from app.services.sent_pictures import add_sent
from app.services.shapes import in_shape_of_first
from app.services.uploads import Upload

SENT = "From an assistant"


class EditArguments(Wishes):
    """What to make of which pictures."""

    prompt: StrictStr = Field(description="What to change, or what to make of them.")
    images: Annotated[tuple[StrictInt, ...], Field(max_length=100)] = Field(
        (),
        description="Ids of the pictures to work from, in order, as many as the model takes; "
        "search_history finds them.",
    )
    pictures: Annotated[tuple[StrictStr, ...], Field(max_length=20)] = Field(
        (),
        description="Pictures that are not in the history, after those: the files in plain base64. "
        "They are kept as uploads.",
    )


def edit(call: Call, arguments: EditArguments) -> Answer:
    """Draw; return the generation with its pictures.

    Raises what `draw` raises, InvalidInput without any picture, and InvalidPicture.
    """
    if not arguments.images and not arguments.pictures:
        raise InvalidInput("Give images, pictures or both to work from.", field="images")
    return draw(call, lambda: _request(call, arguments), arguments.wait_seconds)


def _request(call: Call, arguments: EditArguments) -> GenerationRequest:
    asked = arguments.model_dump(exclude={"wait_seconds", "images", "pictures"})
    request = GenerationRequest(**asked, input_images=arguments.images)
    if not arguments.pictures:
        return in_shape_of_first(request)
    uploads = [Upload(SENT, _bytes(text, at)) for at, text in enumerate(arguments.pictures)]
    sent = add_sent(uploads, request, call.holder.id, "pictures").input_images
    # One that is in the history may have been named as well.
    inputs = tuple(dict.fromkeys((*arguments.images, *sent)))
    return in_shape_of_first(replace(request, input_images=inputs))


def _bytes(text: str, at: int) -> bytes:
    from app.imaging import decode_base64  # with Pillow, which starting does without

    try:
        return decode_base64(text)
    except InvalidPicture as error:
        error.field = f"pictures.{at}"
        raise


EDIT = Tool(
    name="edit_image",
    title="Edit pictures",
    description=(
        "Make a new picture from one or more pictures of the history and a prompt: change a thing, "
        "combine them, take over a style. Without an aspect_ratio it has about that of the first "
        "one. Those pictures stay as they are; the new one is kept with them as its parents. It may "
        "cost money, as generate_image does."
    ),
    role=Role.CREATOR,
    arguments=EditArguments,
    answer=Drawn,
    run=edit,
)
