"""An answer in Google's shape to which no upstream was asked: a sketch."""

from __future__ import annotations

from collections.abc import Iterator

import pybase64
from flask import json

from app.compat.gemini.addresses import Address
from app.compression import gzipped
from app.providers.base import GeneratedImage
from app.providers.gemini_addresses import STREAM
from app.services.recorded_calls import Call

JSON = "application/json; charset=UTF-8"
EVENTS = "text/event-stream"


class SketchedAnswer:
    """A whole answer, which is there at once."""

    def __init__(self, call: Call, address: Address, drawn: GeneratedImage, *, gzip: bool) -> None:
        """Write it as the method answers: JSON, a list of it, or the one event of a stream.

        `gzip`: it goes out packed, as Google's would.
        """
        whole = json.dumps(_content(call, address.model, drawn), ensure_ascii=False).encode()
        self.content_type = JSON
        if address.method == STREAM:
            events = address.alt == "sse"
            whole = b"data: " + whole + b"\r\n\r\n" if events else b"[" + whole + b"]"
            self.content_type = EVENTS if events else JSON
        self.body = whole
        self._sent = gzipped(whole) if gzip else whole
        self.headers = {
            "Content-Type": self.content_type,
            "Content-Length": str(len(self._sent)),
            **({"Content-Encoding": "gzip"} if gzip else {}),
        }

    def __iter__(self) -> Iterator[bytes]:
        """Yield it in one piece."""
        yield self._sent


def _content(call: Call, model: str, drawn: GeneratedImage) -> dict[str, object]:
    data = pybase64.b64encode(drawn.image.image_bytes).decode("ascii")
    picture = {"inlineData": {"mimeType": drawn.image.mime_type, "data": data}}
    return {
        "candidates": [
            {
                "content": {"role": "model", "parts": [picture]},
                "finishReason": "STOP",
                "index": 0,
            }
        ],
        # Nothing was counted: no tokens, no cost.
        "usageMetadata": {"promptTokenCount": 0, "candidatesTokenCount": 0, "totalTokenCount": 0},
        "modelVersion": drawn.model if drawn.model == model else f"{model} ({drawn.model})",
        "responseId": call.id,
    }
