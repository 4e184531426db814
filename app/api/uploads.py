"""POST /api/images: pictures from files of one's own."""

from __future__ import annotations

from typing import Annotated, Any

from flask import Blueprint, Response, jsonify
from pydantic import BeforeValidator, Field, StrictStr, WithJsonSchema
from werkzeug.datastructures import FileStorage

from app.api.answers.image import Uploaded
from app.api.auth import requires
from app.api.fields import NOT_BLANK, Said, Tag, setting
from app.api.openapi.declare import Answer, documented
from app.api.shapes import image_json
from app.api.validation import Strict
from app.key_door import key_holder
from app.models import Role
from app.models.types import LABEL, LONGEST_LABEL
from app.services.marks import MOST_TAGS
from app.services.uploads import MOST_FILES, Upload, keep_uploads

blueprint = Blueprint("uploads", __name__, url_prefix="/images")


def _file(value: object) -> FileStorage:
    if not isinstance(value, FileStorage):
        raise ValueError("send it as a file")  # noqa: TRY004 - pydantic tells no other
    return value


File = Annotated[
    Any, BeforeValidator(_file), WithJsonSchema({"type": "string", "format": "binary"})
]
# A form has no null: browsers send empty texts.
PromptOrNone = Annotated[
    StrictStr, Said(pattern=rf"^$|{NOT_BLANK}", maxLength=setting("max_prompt_characters"))
]
ProjectOrNone = Annotated[StrictStr, Said(pattern=rf"^$|{LABEL}", maxLength=LONGEST_LABEL)]


class UploadForm(Strict):
    """Files, and what is to be known of them all."""

    file: tuple[File, ...] = Field(
        min_length=1,
        max_length=MOST_FILES,
        description="A JPEG, PNG, WebP, GIF or AVIF; more than one as fields of the same name.",
    )
    prompt: PromptOrNone = Field(
        "",
        description="Words to find them by. Left out or empty: each has the name of its file.",
        examples=["The old harbour"],
    )
    tags: Annotated[tuple[Tag, ...], Said(maxItems=MOST_TAGS)] = Field(
        (), description="Tags; more than one as fields of the same name.", examples=[["sea"]]
    )
    project: ProjectOrNone = Field("", description="Whom they are for.", examples=["acme"])


@blueprint.post("")
@requires(Role.CREATOR)
@documented(
    {201: Answer("They are kept.", Uploaded)},
    form=UploadForm,
    errors=("invalid_prompt", "invalid_picture", "unsupported_picture", "picture_too_large"),
)
def create(form: UploadForm) -> tuple[Response, int]:
    """Keep pictures of your own: all of them, or none when one of them is not one."""
    images = keep_uploads(
        [Upload(each.filename or "", each.stream.read()) for each in form.file],
        prompt=form.prompt or None,
        tags=form.tags,
        project=form.project or None,
        api_key_id=key_holder().id,
    )
    return jsonify(items=[image_json(image) for image in images]), 201
