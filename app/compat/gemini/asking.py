"""What a request in Google's words asks for, as it is recorded, and as it is sent on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pybase64

from app.compat.gemini import json_body
from app.compat.gemini.strictness import check_config, check_picture
from app.errors import InvalidInput
from app.imaging import is_heic, sniff
from app.providers.base import ImageData
from app.providers.catalog import Catalog
from app.services.recorded_calls import Asked

USER: Final = "user"


@dataclass(frozen=True, slots=True)
class Asking:
    """What is recorded, and the body that is sent on."""

    asked: Asked
    body: bytes


def read_asking(
    raw: bytes, model: str, project: str | None, *, drawn_here: Catalog | None = None
) -> Asking:
    """Return what a body asks of a model. Raises InvalidInput.

    `drawn_here` is the catalog where no Google is asked, that would refuse what it does not know.
    """
    request = json_body.read(raw)
    request.pop("model", None)  # the address has it
    contents = request.get("contents")
    if not contents:
        raise InvalidInput("contents is empty: say what is to be drawn.", field="contents")
    _check_parts(request)
    config = request.get("generationConfig", {})
    image = config.get("imageConfig", {})
    if not isinstance(image, dict):
        raise InvalidInput("imageConfig must be an object.", field="generationConfig.imageConfig")
    if config.get("candidateCount", 1) not in (1, "1"):  # as the live service has it, too
        raise InvalidInput(
            "One picture comes of one call: leave candidateCount out, and call several times.",
            field="generationConfig.candidateCount",
        )
    if drawn_here:
        check_config(config, image, drawn_here)
        for data in _sent(contents, thoughts=True):
            check_picture(data)
    if not (_words(contents).strip() or any(map(_is_picture, _sent(contents)))):
        raise InvalidInput("contents holds no words: say what is to be drawn.", field="contents")
    turns = [*filter(None, [request.get("systemInstruction")]), *contents]
    asked = Asked(
        model=model,
        prompt=_words([_last_of_user(contents)]),
        final_prompt=_words(turns),
        aspect_ratio=_text(image.get("aspectRatio")),
        size=_text(image.get("imageSize")),
        seed=_whole(config.get("seed")),
        inputs=_pictures(contents),
        project=project,
    )
    return Asking(asked, json_body.write(request))


def _check_parts(request: dict[str, Any]) -> None:
    for content in (*request["contents"], request.get("systemInstruction", {})):
        if not isinstance(content.get("role", ""), str):
            raise InvalidInput("A role must be a text.", field="role")
        for part in content.get("parts", ()):
            if not isinstance(part.get("text", ""), str):
                raise InvalidInput("The text of a part must be a text.", field="text")


def _last_of_user(contents: list[dict[str, Any]]) -> dict[str, Any]:
    mine = [content for content in contents if content.get("role", USER) in {USER, ""}]
    return (mine or contents)[-1]


def _words(contents: list[dict[str, Any]]) -> str:
    return "\n".join(
        part["text"]
        for content in contents
        for part in content.get("parts", ())
        if part.get("text") and part.get("thought") is not True
    )


def _pictures(contents: list[dict[str, Any]]) -> tuple[ImageData, ...]:
    """Return the pictures to work from, each once: in a chat the earlier ones come along every time.

    Interim ones are none, nor is what no picture can be made of here; the provider gets them all.
    """
    found: dict[bytes, ImageData] = {}
    for data in _sent(contents):
        if kind := sniff(data):
            found.setdefault(data, ImageData(data, kind))
    return tuple(found.values())


def _is_picture(data: bytes) -> bool:
    return sniff(data) is not None or is_heic(data)


def _sent(contents: list[dict[str, Any]], *, thoughts: bool = False) -> Iterator[bytes]:
    """Yield what is sent along, decoded; of interim pictures it is checked alone, unless wanted."""
    for content in contents:
        for part in content.get("parts", ()):
            if "inlineData" in part:
                data = _decoded(part["inlineData"].get("data"))
                if thoughts or part.get("thought") is not True:
                    yield data


def _decoded(data: object) -> bytes:
    """Return bytes from base64 in either alphabet: Google's own SDK sends the URL-safe one."""
    if data is None:
        return b""
    if not isinstance(data, str):
        raise InvalidInput("The data of inlineData must be a text in base64.", field="data")
    standard = data.replace("-", "+").replace("_", "/")
    try:
        return pybase64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except ValueError as error:
        raise InvalidInput("The data of inlineData is not valid base64.", field="data") from error


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _whole(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
