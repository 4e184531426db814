"""/v1/images/edits: pictures from words and other pictures."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, request
from pydantic import BaseModel, ConfigDict
from werkzeug.datastructures import FileStorage, MultiDict

from app.compat.door import needs
from app.compat.openai.answers import Wanted
from app.compat.openai.asking import ask
from app.compat.openai.body import ImageBody, parse_json, parse_texts
from app.compat.openai.generations import request_of
from app.errors import InvalidInput, NotFound
from app.key_door import key_holder
from app.models import Role
from app.request_body import read_form
from app.services.generation_request import GenerationRequest
from app.services.sent_pictures import add_sent
from app.services.shapes import in_shape_of_first
from app.services.uploads import Upload

blueprint = Blueprint("edits", __name__, url_prefix="/images")
# One file is `image`; of several each is `image`, `image[]` or `image[0]`, as clients like it.
_IMAGE = re.compile(r"image(\[[0-9]{0,3}\])?")
_DATA_URL = re.compile(r"data:[a-z0-9/+.-]{0,40};base64,")
# What shows a model where to draw: none here can see it, and without it another picture would come.
PLACES = ("mask", "markup")
NO_FETCHING = (
    "Send the pictures themselves: as a form with files, or as data: URLs. Addresses are never fetched "
    "here, and there are no files to name."
)


class _Reference(BaseModel):
    model_config = ConfigDict(extra="ignore", frozen=True)

    image_url: str | None = None
    file_id: str | None = None


class EditBody(ImageBody):
    """The same as JSON, which newer clients may send."""

    images: tuple[_Reference, ...] = ()
    mask: Any = None
    markup: Any = None


@blueprint.post("/edits")
@needs(Role.CREATOR)
def create() -> Response:
    """Draw pictures from those that were sent, and answer with them, whole or as events."""
    body, uploads = _json() if request.is_json else _form()
    if not uploads:
        raise InvalidInput("Send the picture to work from as a file named image.", field="image")
    return ask(lambda: _request(body, uploads), Wanted.of(body), "image_edit")


@blueprint.post("/variations")
@needs(Role.CREATOR)
def vary() -> Response:
    """Say what there is in place of what one retired model could."""
    raise NotFound(
        "No model here varies a picture without words. Send it to /v1/images/edits, with a prompt."
    )


def _request(body: ImageBody, uploads: list[Upload]) -> GenerationRequest:
    """Return what is asked; where no size is, in the shape of the first picture."""
    return in_shape_of_first(add_sent(uploads, request_of(body), key_holder().id))


def _form() -> tuple[ImageBody, list[Upload]]:
    """Return what a form says, and its files."""
    texts, files = read_form()
    _refuse_places({name for name, each in texts.items() if each} | set(files))
    if any(map(_IMAGE.fullmatch, texts)):
        raise InvalidInput(f"image must be a file. {NO_FETCHING}", field="image")
    # A form has no null: an empty text is as good as none.
    given = {name: text for name, text in texts.items() if text or name == "prompt"}
    return parse_texts(ImageBody, given), _uploads(files)


def _uploads(files: MultiDict[str, FileStorage]) -> list[Upload]:
    return [
        Upload(each.filename or "", each.stream.read())
        for name, each in files.items(multi=True)
        if _IMAGE.fullmatch(name)
    ]


def _json() -> tuple[ImageBody, list[Upload]]:
    """Return what a JSON body says, and the pictures in it."""
    body = parse_json(EditBody, "max_upload_bytes")
    _refuse_places({name for name in PLACES if getattr(body, name) is not None})
    return body, [Upload("", _bytes_of(each)) for each in body.images]


def _bytes_of(picture: _Reference) -> bytes:
    from app.imaging import decode_base64  # with Pillow, which reading the history does without

    url = picture.image_url or ""
    found = _DATA_URL.match(url)
    if found is None:
        raise InvalidInput(NO_FETCHING, field="images")
    return decode_base64(url[found.end() :])


def _refuse_places(names: set[str]) -> None:
    """Refuse what shows a model where to draw, also as the one of a list, `mask[]` or `mask[0]`."""
    plain = {name.partition("[")[0] for name in names}
    for name in PLACES:
        if name in plain:
            raise InvalidInput(
                f"No model here takes a {name}. Leave it out, and say in the prompt where to draw.",
                field=name,
            )
