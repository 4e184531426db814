"""`get_image`: one picture, to be seen."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, StrictInt

from app.cli.mcp.previews import large, original, preview
from app.cli.mcp.shapes import OneImage, image_shape
from app.cli.mcp.tool import Answer, Arguments, Call, Tool
from app.models import Role
from app.models.image_manager import ImageManager
from app.services.records import image_record

SHOW = {"thumbnail": preview, "large": large, "original": original}


class GetImageArguments(Arguments):
    """Which picture, and how large."""

    id: StrictInt = Field(description="The picture's number.")
    size: Literal["thumbnail", "large", "original"] = Field(
        "thumbnail",
        description="thumbnail: 640 pixels at the longest side; large: 1568, for details; original: "
        "the file as it was kept, if it is not too large.",
    )


def get_image(_call: Call, arguments: GetImageArguments) -> Answer:
    """Return an image's record and its picture. Raises NotFound, and InvalidInput for a size."""
    image = ImageManager().get(arguments.id)
    shown = SHOW[arguments.size](image.id)
    told = {
        "image": image_shape(image_record(image)),
        "shown": arguments.size,
        "shown_mime_type": shown.mime_type,
        "shown_bytes": len(shown.data),
    }
    return Answer(told, [shown])


GET_IMAGE = Tool(
    name="get_image",
    title="Look at a picture",
    description="Show one picture of the history by its id, with all that is known of it.",
    role=Role.VIEWER,
    arguments=GetImageArguments,
    answer=OneImage,
    run=get_image,
)
