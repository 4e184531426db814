"""What Google would refuse, refused where a sketch is drawn and nobody asks Google.

So that a program which was tried with sketches works with Gemini, too.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.errors import InvalidInput
from app.imaging import is_heic, sniff
from app.providers.catalog import Catalog

GOOGLE = "gemini"
OPENED = frozenset({"image/png", "image/jpeg", "image/webp"})


def check_config(config: dict[str, Any], image: dict[str, Any], catalog: Catalog) -> None:
    """Raise InvalidInput for settings that none of Google's models in the catalog knows."""
    models = [each for each in catalog.models if each.provider == GOOGLE]
    modalities = config.get("responseModalities")
    if modalities and "IMAGE" not in _upper(modalities):
        raise InvalidInput(
            "responseModalities must hold IMAGE: pictures are drawn here, no words.",
            field="generationConfig.responseModalities",
        )
    _check("aspectRatio", image, (name for each in models for name in each.aspect_ratios))
    _check("imageSize", image, (name for each in models for name in each.sizes))


def check_picture(data: bytes) -> None:
    """Raise InvalidInput for what is no picture that Google takes."""
    if sniff(data) not in OPENED and not is_heic(data):
        raise InvalidInput(
            "The data of an inlineData is no picture in PNG, JPEG, WebP, HEIC or HEIF.",
            field="inlineData",
        )


def _upper(modalities: object) -> list[str]:
    return [str(each).upper() for each in modalities] if isinstance(modalities, list) else []


def _check(name: str, image: dict[str, Any], choices: Iterable[str]) -> None:
    known = list(dict.fromkeys(choices))
    if image.get(name) not in (None, "", *known):
        raise InvalidInput(
            f"{name} must be one of {', '.join(known)}.",
            field=f"generationConfig.imageConfig.{name}",
        )
