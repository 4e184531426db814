"""What a request to the fake Gemini may hold, checked as strictly as Google checks it."""

from __future__ import annotations

import base64
import binascii
import re
from typing import Any, Final

# The fields of each message, as far as picture generation uses them. Google refuses all others.
_FIELDS: Final[dict[str, dict[str, str | None]]] = {
    "request": {
        "contents": "content",
        "systemInstruction": "content",
        "generationConfig": "config",
        "safetySettings": "setting",
        "labels": None,
    },
    "content": {"role": None, "parts": "part"},
    "part": {
        "text": None,
        "inlineData": "blob",
        "fileData": "file",
        "thought": None,
        "thoughtSignature": None,
        "mediaResolution": "resolution",
        "partMetadata": None,
    },
    "blob": {"mimeType": None, "data": None},
    "resolution": {"level": None, "numTokens": None},
    "file": {"mimeType": None, "fileUri": None},
    "setting": {"category": None, "threshold": None},
    "config": {
        "responseModalities": None,
        "imageConfig": "image",
        "thinkingConfig": "thinking",
        "seed": None,
        "candidateCount": None,
        "temperature": None,
        "topP": None,
        "topK": None,
        "maxOutputTokens": None,
        "stopSequences": None,
        "responseMimeType": None,
        "mediaResolution": None,
    },
    "image": {"aspectRatio": None, "imageSize": None},
    "thinking": {"thinkingLevel": None, "thinkingBudget": None, "includeThoughts": None},
}


_RATIOS: Final = frozenset(
    "1:1 2:3 3:2 3:4 4:3 4:5 5:4 9:16 16:9 21:9 1:4 4:1 1:8 8:1".split()  # noqa: SIM905
)
_SIZES: Final = frozenset({"512", "1K", "2K", "4K"})
_TYPES: Final = frozenset(f"image/{kind}" for kind in ("png", "jpeg", "webp", "heic", "heif"))


class BadRequest(Exception):
    """A request that Google would answer with 400 INVALID_ARGUMENT."""


def normalise(value: Any, kind: str | None = "request", path: str = "") -> Any:
    """The same with every name in camelCase: the SDK mixes it with snake_case in one request."""
    if isinstance(value, list):
        return [normalise(item, kind, f"{path}[{index}]") for index, item in enumerate(value)]
    if kind is None:
        return value
    if not isinstance(value, dict):
        raise BadRequest(f"Invalid value at '{path}': an object was expected.")
    return {
        name: normalise(item, _kind_of(kind, name, path), f"{path}.{name}".lstrip("."))
        for name, item in ((_camel(name), item) for name, item in value.items())
    }


def prompt_of(request: dict[str, Any]) -> str:
    """All texts of the last content, which is the user's latest turn."""
    contents = request.get("contents")
    if not contents:
        raise BadRequest("contents is not specified")
    parts = contents[-1].get("parts") or []
    prompt = "\n".join(part["text"] for part in parts if "text" in part)
    if re.search("[\ud800-\udfff]", prompt):
        raise BadRequest("Invalid JSON payload received. Unexpected token: half of a letter.")
    return prompt


def check_values(request: dict[str, Any]) -> None:
    """Refuse what has the right name and the wrong value."""
    config = request.get("generationConfig", {})
    if config.get("candidateCount", 1) != 1:
        raise BadRequest("Multiple candidates is not enabled for this model")
    seed = config.get("seed", 0)
    if not isinstance(seed, int) or not -(2**31) <= seed < 2**31:
        raise BadRequest(f"Invalid value at 'generation_config.seed' (TYPE_INT32), {seed}")
    image = config.get("imageConfig", {})
    if image.get("aspectRatio", "1:1") not in _RATIOS:
        raise BadRequest("aspect_ratio must be one of " + ", ".join(sorted(_RATIOS)))
    if image.get("imageSize", "1K") not in _SIZES:
        raise BadRequest("image_size must be one of " + ", ".join(sorted(_SIZES)))
    for content in request["contents"]:
        for part in content.get("parts") or []:
            if "inlineData" in part:
                _check_blob(part["inlineData"])


def _check_blob(blob: dict[str, Any]) -> None:
    decode(blob.get("data", ""))
    if blob.get("mimeType") not in _TYPES:
        raise BadRequest(f"Unsupported MIME type: {blob.get('mimeType')}")


def decode(data: str) -> bytes:
    """Bytes from base64 in either alphabet, as Google takes it."""
    standard = data.replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except binascii.Error as error:
        raise BadRequest("Invalid value at 'inline_data.data' (TYPE_BYTES)") from error


def _kind_of(kind: str, name: str, path: str) -> str | None:
    if name not in _FIELDS[kind]:
        raise BadRequest(
            f"Invalid JSON payload received. Unknown name \"{name}\" at '{path}':"
            " Cannot find field."
        )
    return _FIELDS[kind][name]


def _camel(name: str) -> str:
    return re.sub(r"_([a-z])", lambda match: match[1].upper(), name)
