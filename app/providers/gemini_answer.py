"""What Gemini's answer holds: a picture and token counts, or a reason why there is none.

The JSON is read here and not by the SDK, which gives 4 empty candidates for `candidates: "oops"`,
drops a picture whose type is missing, and warns about every word that is newer than itself (and
warnings cannot be silenced for one thread alone). Words and fields not known here are passed over.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

import pybase64

from app.imaging import sniff
from app.providers.base import (
    ContentBlocked,
    ImageData,
    NoImage,
    ProviderBadAnswer,
    ProviderError,
)
from app.providers.gemini_json import count, table, tables, text
from app.providers.gemini_words import reason_of, without

_QUOTE: Final = 300

# Finish reasons by which Gemini refuses its own picture. What then comes along with it is an
# interim picture at best, and no result.
REFUSALS: Final = frozenset({
    "SAFETY",
    "IMAGE_SAFETY",
    "PROHIBITED_CONTENT",
    "IMAGE_PROHIBITED_CONTENT",
    "RECITATION",
    "IMAGE_RECITATION",
    "IMAGE_OTHER",
    "BLOCKLIST",
    "SPII",
})  # fmt: skip
_NO_IMAGE: Final = frozenset({"NO_IMAGE"})
_NOT_BLOCKED: Final = frozenset({"", "BLOCK_REASON_UNSPECIFIED"})

_COUNTS: Final = {
    "promptTokenCount": "prompt_tokens",
    "candidatesTokenCount": "candidates_tokens",
    "thoughtsTokenCount": "thoughts_tokens",
    "totalTokenCount": "total_tokens",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """A picture, and what the provider counted for it."""

    image: ImageData
    usage: dict[str, int]


def read_answer(body: str, *, secret: str = "") -> Answer:
    """Read the body of a successful answer. Raises what it says instead of a picture.

    `secret` is cut out of the provider's own words.
    """
    answer = without(secret, _parse(body))
    usage = usage_of(answer.get("usageMetadata"))
    try:
        return Answer(_image(answer), usage)
    except ProviderError as error:
        error.may_be_billed |= counts_output(usage)
        raise


def _image(answer: dict[str, Any]) -> ImageData:
    raise_if_blocked(answer)
    candidates = tables(answer.get("candidates"))
    reason = next((text(candidate.get("finishReason")) for candidate in candidates), "")
    if reason in REFUSALS:
        raise blocked(reason, text(candidates[0].get("finishMessage")))
    parts = [part for candidate in candidates for part in parts_of(candidate)]
    data = _picture(parts)
    if not data:
        raise without_picture(parts, reason)
    return decode_picture(data)


def shorten(words: str) -> str:
    """One line of the provider's own words, cut to what fits into a message."""
    line = " ".join(words.split())
    return line if len(line) <= _QUOTE else line[: _QUOTE - 1] + "…"


def _parse(body: str) -> dict[str, Any]:
    try:
        answer = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise bad_answer("is not whole JSON") from error
    if not isinstance(answer, dict):
        raise bad_answer("is not a JSON object")
    return answer


def raise_if_blocked(answer: dict[str, Any]) -> None:
    feedback = table(answer.get("promptFeedback"))
    reason = text(feedback.get("blockReason"))
    if reason in _NO_IMAGE:
        raise _no_image(text(feedback.get("blockReasonMessage")), reason)
    if reason not in _NOT_BLOCKED:
        raise blocked(reason, text(feedback.get("blockReasonMessage")))


def _picture(parts: list[dict[str, Any]]) -> str:
    """The last picture that is not a thought, or else the last: interim pictures come first."""
    pictures = [part for part in parts if picture_data(part)]
    results = [part for part in pictures if part.get("thought") is not True]
    return next((picture_data(part) for part in reversed(results or pictures)), "")


def without_picture(parts: list[dict[str, Any]], reason: str) -> NoImage | ProviderBadAnswer:
    words = " ".join(text(part.get("text")) for part in parts if part.get("thought") is not True)
    if words.strip() or reason in _NO_IMAGE:
        return _no_image(words, reason)
    return bad_answer(
        f"holds no picture (it ended with {reason_of(reason) or 'no reason given'})", reason
    )


def decode_picture(data: str) -> ImageData:
    # The API writes the standard alphabet, compatible servers the URL-safe one, some unpadded.
    # A decoder for the one skips what it does not know of the other, and the picture is garbled.
    standard = data.replace("-", "+").replace("_", "/")
    try:
        image = pybase64.b64decode(standard + "=" * (-len(standard) % 4), validate=True)
    except ValueError as error:
        raise bad_answer("holds a picture that is not valid base64") from error
    mime_type = sniff(image)
    if mime_type is None:
        raise bad_answer("holds something that is not a picture")
    # What the answer says of the type is not trusted: it is wrong or missing at times.
    return ImageData(image, mime_type)


def usage_of(metadata: object) -> dict[str, int]:
    counts = table(metadata)
    usage = {ours: count(counts.get(theirs)) for theirs, ours in _COUNTS.items()}
    usage["image_tokens"] = _of_pictures(counts.get("candidatesTokensDetails"))
    usage["input_image_tokens"] = _of_pictures(counts.get("promptTokensDetails"))
    return {name: count for name, count in usage.items() if count}


def counts_output(usage: dict[str, int]) -> bool:
    """Tell whether anything that was made is counted: it is billed, be it a picture or not."""
    return any(usage.get(name) for name in ("candidates_tokens", "thoughts_tokens"))


def _of_pictures(details: object) -> int:
    found = sum(
        count(detail.get("tokenCount"))
        for detail in tables(details)
        if detail.get("modality") == "IMAGE"
    )
    return count(found)


def blocked(reason: str, words: str) -> ContentBlocked:
    return ContentBlocked(
        f"Gemini refused to draw this ({reason_of(reason)}).{_quote(words)} Word the prompt otherwise"
        " or use other input pictures.",
        reason=reason_of(reason),
    )


def _no_image(words: str, reason: str) -> NoImage:
    return NoImage(
        f"Gemini answered without a picture.{_quote(words)} Say in the prompt what is to be drawn.",
        reason=_word(reason),
    )


def bad_answer(what: str, reason: str = "") -> ProviderBadAnswer:
    return ProviderBadAnswer(
        f"Gemini's answer {shorten(what)}. It may have been billed all the same; try again later.",
        reason=_word(reason),
        may_be_billed=True,
    )


def _word(reason: str) -> str | None:
    return None if reason in {"", "STOP"} else reason_of(reason) or None


def _quote(words: str) -> str:
    return f' It says: "{shorten(words)}"' if words.strip() else ""


def picture_data(part: dict[str, Any]) -> str:
    return text(table(part.get("inlineData")).get("data"))


def parts_of(candidate: dict[str, Any]) -> list[dict[str, Any]]:
    return tables(table(candidate.get("content")).get("parts"))
