"""Token counts as OpenAI tells them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from app.models import Image


def usage_of(images: Iterable[Image]) -> dict[str, Any] | None:
    """Return what drawing the images took together; None where it is not known of each.

    Inputs count with each picture, since each is a call of its own.
    """
    counts = [image.usage or {} for image in images]
    if not counts or not all(counts):
        return None
    return _told({name: sum(each.get(name, 0) for each in counts) for name in set().union(*counts)})


def no_usage() -> dict[str, Any]:
    """Return zeros, where a client takes no answer without numbers."""
    return _told({})


def _told(counts: dict[str, int]) -> dict[str, Any]:
    pictures_in, pictures_out = counts.get("input_image_tokens", 0), counts.get("image_tokens", 0)
    taken = counts.get("prompt_tokens", 0)
    given = counts.get("candidates_tokens", 0) + counts.get("thoughts_tokens", 0)
    given = max(given, pictures_out)
    return {
        "input_tokens": taken,
        "input_tokens_details": {
            "text_tokens": max(taken - pictures_in, 0),
            "image_tokens": pictures_in,
        },
        "output_tokens": given,
        "output_tokens_details": {
            "text_tokens": given - pictures_out,
            "image_tokens": pictures_out,
        },
        "total_tokens": taken + given,
    }
