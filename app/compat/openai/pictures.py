"""A picture of the history as an answer carries it: in base64 or by a link, in the format asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.compat.openai.links import address_of
from app.key_door import key_holder
from app.models import Image
from app.models.picture_file import picture_file
from app.services.picture_variants import Variant

if TYPE_CHECKING:
    from app.imaging import WrittenFormat


def picture_of(
    image: Image,
    response_format: str | None = None,
    output_format: WrittenFormat | None = None,
    compression: int | None = None,
) -> dict[str, Any]:
    """Return an image as `b64_json`, or, where that is the `response_format`, as the `url` of a link.

    Without an `output_format` byte for byte as it is kept; `compression` is the quality of a JPEG or
    WebP, 0 to 100. The link is made for the key of the present request. Raises NotFound when the
    image was purged.
    """
    variant = Variant.of(output_format, compression)
    if response_format == "url":
        return {"url": address_of(image.id, variant, key_holder().id)}
    from app.imaging import encode_base64  # with Pillow, which the rest of the API does without

    return {"b64_json": encode_base64(variant.read(picture_file(image.id)))}
