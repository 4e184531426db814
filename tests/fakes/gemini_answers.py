"""The JSON that the fake Gemini answers with: pictures, refusals, errors in Google's shape."""

from __future__ import annotations

import base64
import hashlib
import json
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any, Final

from PIL import Image

# The finish reasons and block reasons are Google's; the token counts are what it counts by size.
TOKENS_BY_SIZE: Final = {"512": 747, "1K": 1120, "2K": 1680, "4K": 2520}
STATUS_NAMES: Final = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    429: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
    502: "BAD_GATEWAY",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
}
SIGNATURE: Final = base64.b64encode(b"a signature that clients must hand back unchanged").decode()

Json = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    """One answer over HTTP, and how to spoil it on its way.

    `drip`: send the body a little at a time over so many seconds. `missing`: promise so many bytes
    more than come. `reset`: break the connection instead of answering. `chunked`: tell no length, as
    Google does; what is `missing` then is the end.
    """

    body: bytes = b""
    status: int = 200
    content_type: str = "application/json; charset=UTF-8"
    headers: dict[str, str] = field(default_factory=dict)
    drip: float = 0
    missing: int = 0
    reset: bool = False
    chunked: bool = False


def reply(answer: object, status: int = 200, **headers: str) -> Reply:
    """A JSON answer."""
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(json.dumps(answer).encode(), status, headers=names)


def error(status: int, message: str, *details: Json, name: str | None = None, **hd: str) -> Reply:
    """A failure in Google's shape."""
    content: Json = {
        "code": status,
        "message": message,
        "status": name or STATUS_NAMES.get(status, "UNKNOWN"),
    }
    if details:
        content["details"] = list(details)
    return reply({"error": content}, status, **hd)


def detail(kind: str, **fields: Any) -> Json:
    """One entry of an error's `details`."""
    return {"@type": f"type.googleapis.com/google.rpc.{kind}", **fields}


def answer(parts: list[Json] | None, finish: str = "STOP", size: str = "1K", **more: Any) -> Json:
    """A whole answer with these parts; None leaves the content without any."""
    content: Json = {"role": "model"} if parts is None else {"role": "model", "parts": parts}
    tokens = TOKENS_BY_SIZE.get(size, 1120)
    return {
        "candidates": [{"content": content, "finishReason": finish, "index": 0, **more}],
        "usageMetadata": {
            "promptTokenCount": 8,
            "candidatesTokenCount": tokens,
            "totalTokenCount": 8 + tokens,
            "promptTokensDetails": [{"modality": "TEXT", "tokenCount": 8}],
            "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": tokens}],
        },
        "modelVersion": "fake-gemini",
        "responseId": "fakeResponse1",
    }


def image_part(data: bytes, mime_type: str | None = "image/png", **more: Any) -> Json:
    """A picture as a part of an answer; without a type if that is None."""
    blob: Json = {} if mime_type is None else {"mimeType": mime_type}
    blob["data"] = base64.b64encode(data).decode()
    return {"inlineData": blob, "thoughtSignature": SIGNATURE, **more}


def draw(text: str, ratio: str = "1:1", kind: str = "PNG") -> bytes:
    """A small picture whose colours come from the text, so that no two prompts look alike."""
    digest = hashlib.sha256(text.encode()).digest()
    width, height = _pixels(ratio)
    picture = Image.new("RGB", (width, height), tuple(digest[:3]))
    spot = Image.new("RGB", (width // 2, height // 2), tuple(digest[3:6]))
    picture.paste(spot, (digest[6] * width // 512, digest[7] * height // 512))
    target = BytesIO()
    picture.save(target, kind)
    return target.getvalue()


def _pixels(ratio: str, longest: int = 256) -> tuple[int, int]:
    across, down = (int(number) for number in ratio.split(":"))
    return longest * across // max(across, down), longest * down // max(across, down)
