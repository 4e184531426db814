"""Which addresses there are below /gemini, and what is said of all others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, cast

from werkzeug.exceptions import NotFound

from app.errors import InvalidInput
from app.providers.gemini_addresses import METHODS, VERSION

Alt = Literal["json", "sse"] | None


@dataclass(frozen=True, slots=True)
class Address:
    """What the address of a call says, checked."""

    version: str
    model: str
    method: str
    alt: Alt

    @classmethod
    def of(cls, version: str, call: str, alt: str | None) -> Address:
        """Read `v1beta`, `gemini-3-pro-image:generateContent` and `sse`.

        Raises NotFound for a method that there is not, and InvalidInput for another format.
        """
        check_version(version)
        model, _, method = call.rpartition(":")
        if method not in METHODS or not model:
            raise nothing_there()
        if alt not in {None, "", "json", "sse"}:
            raise InvalidInput("alt must be json or sse.", field="alt")
        return cls(version, model, method, cast(Alt, alt or None))


def check_version(version: str) -> None:
    """Raise NotFound for what is no version of Google's API."""
    if not VERSION.fullmatch(version):
        raise nothing_there()


def nothing_there() -> NotFound:
    """Return the error that names what there is."""
    return NotFound(
        "There is no such method here. There are models/{model}:generateContent and"
        " :streamGenerateContent for image models, GET models, models/{model} and tunedModels, after"
        " /gemini/v1 or /gemini/v1beta. Send pictures as inlineData; files, caches, tools and live"
        " sessions are not passed on."
    )
