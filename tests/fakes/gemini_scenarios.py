"""What the fake Gemini does for a marker in the prompt: `a cat [[503]]`, `a cat [[slow 0.5]]`.

Each scenario gives a reply, or None to go on to the next marker: `[[slow 0.5]] [[jpeg]]` waits and
then answers with a JPEG. With no marker left it is a PNG.
"""

from __future__ import annotations

import gzip
import re
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final

from tests.fakes.gemini_answers import Json, Reply, answer, detail, draw, error, image_part, reply

_MARKER: Final = re.compile(r"\[\[([a-z0-9-]+)(?: ([^\]]*))?\]\]")


@dataclass(frozen=True)
class Call:
    """One call to the fake: what is asked, how often the very same was asked before, with which key."""

    prompt: str
    request: Json
    earlier: int
    stopping: threading.Event
    key: str

    @property
    def ratio(self) -> str:
        """The aspect ratio asked for."""
        return str(self._image_config.get("aspectRatio", "1:1"))

    @property
    def size(self) -> str:
        """The size asked for."""
        return str(self._image_config.get("imageSize", "1K"))

    @property
    def _image_config(self) -> Json:
        config: Json = self.request.get("generationConfig", {}).get("imageConfig", {})
        return config

    def picture(self, kind: str = "PNG", salt: str = "") -> bytes:
        """The picture for this prompt and seed."""
        seed = self.request.get("generationConfig", {}).get("seed", "")
        return draw(f"{self.prompt} {seed} {salt}", self.ratio, kind)


Scenario = Callable[[Call, str], Reply | None]


def respond(call: Call) -> Reply:
    """The reply for the markers of a prompt, in their order."""
    for name, argument in _MARKER.findall(call.prompt):
        scenario = SCENARIOS.get(name)
        if scenario is None:
            return error(400, f"Unknown marker [[{name}]]. There are: {', '.join(SCENARIOS)}")
        result = scenario(call, argument)
        if result is not None:
            return result
    return _parts(call, image_part(call.picture()))


def _parts(call: Call, *parts: Json, finish: str = "STOP") -> Reply:
    return reply(answer(list(parts), finish, call.size))


def _status(status: int, message: str, *details: Json, name: str | None = None) -> Scenario:
    return lambda _call, _argument: error(status, message, *details, name=name)


def _body(body: bytes | str, status: int = 200, kind: str = "application/json") -> Scenario:
    content = body.encode() if isinstance(body, str) else body
    return lambda _call, _argument: Reply(content, status, kind)


def _json(value: object) -> Scenario:
    return lambda _call, _argument: reply(value)


def _picture(kind: str, mime_type: str | None) -> Scenario:
    return lambda call, _argument: _parts(call, image_part(call.picture(kind), mime_type))


def _rate_limited(_call: Call, argument: str) -> Reply:
    """`retry=17s` as RetryInfo, `header=3` as Retry-After."""
    hints = dict(word.split("=", 1) for word in argument.split())
    details = [detail("RetryInfo", retryDelay=hints["retry"])] if "retry" in hints else []
    headers = {"Retry_After": hints["header"]} if "header" in hints else {}
    return error(429, "You exceeded your current quota.", *details, **headers)


def _daily_quota(_call: Call, _argument: str) -> Reply:
    quota = "GenerateRequestsPerDayPerProjectPerModel-FreeTier"
    failure = detail("QuotaFailure", violations=[{"quotaId": quota, "quotaValue": "100"}])
    hint = detail("RetryInfo", retryDelay="17s")
    return error(429, "You exceeded your current quota.", failure, hint)


def _slow(call: Call, argument: str) -> None:
    call.stopping.wait(float(argument))


def _hang(call: Call, _argument: str) -> Reply:
    call.stopping.wait(60)
    return Reply(reset=True)


def _drip(call: Call, argument: str) -> Reply:
    return replace(respond(_without_markers(call)), drip=float(argument))


def _chunked(call: Call, _argument: str) -> Reply:
    rest = call.prompt.replace("[[chunked]]", "", 1)
    return replace(respond(replace(call, prompt=rest)), chunked=True)


def _fail_first(call: Call, argument: str) -> Reply | None:
    times, status = argument.split()
    if call.earlier >= int(times):
        return None
    return respond(replace(call, prompt=f"[[{status}]]"))


def _truncated(call: Call, _argument: str) -> Reply:
    whole = respond(_without_markers(call))
    return replace(whole, body=whole.body[:100], missing=len(whole.body) - 100)


def _cut_json(call: Call, _argument: str) -> Reply:
    return Reply(respond(_without_markers(call)).body[:-40])


def _gzip(call: Call, _argument: str) -> Reply:
    body = gzip.compress(respond(_without_markers(call)).body)
    return Reply(body, headers={"Content-Encoding": "gzip"})


def _bad_gzip(_call: Call, _argument: str) -> Reply:
    return Reply(b"this was never compressed", headers={"Content-Encoding": "gzip"})


def _redirect(_call: Call, argument: str) -> Reply:
    """`URL` or `302 URL`; 307 otherwise, with which a client sends all of it again."""
    *status, target = argument.split()
    return Reply(status=int(status[0]) if status else 307, headers={"Location": target})


def _blocked(_call: Call, argument: str) -> Reply:
    feedback = {"blockReason": argument or "SAFETY"}
    return reply({"promptFeedback": feedback, "usageMetadata": {"promptTokenCount": 8}})


def _finish(call: Call, argument: str) -> Reply:
    return reply(answer(None, argument or "IMAGE_SAFETY", call.size, finishMessage="Try another."))


def _no_image(call: Call, argument: str) -> Reply:
    return _parts(call, {"text": argument or "I can only talk about cats."}, finish="NO_IMAGE")


def _text(call: Call, argument: str) -> Reply:
    return _parts(call, {"text": argument or "Here is a poem instead."})


def _thoughts(call: Call, _argument: str) -> Reply:
    """A thought in words, an interim picture, the result, and once more an interim picture."""
    return _parts(
        call,
        {"text": "Let me think.", "thought": True},
        image_part(call.picture(salt="interim"), thought=True),
        image_part(call.picture()),
        image_part(call.picture(salt="later"), thought=True),
    )


def _all_thoughts(call: Call, _argument: str) -> Reply:
    first = image_part(call.picture(salt="interim"), thought=True)
    return _parts(call, first, image_part(call.picture(), thought=True))


def _refused_thought(call: Call, _argument: str) -> Reply:
    return _parts(call, image_part(call.picture(), thought=True), finish="IMAGE_SAFETY")


def _two(call: Call, _argument: str) -> Reply:
    return _parts(call, image_part(call.picture(salt="first")), image_part(call.picture()))


def _with_data(change: Callable[[str], str]) -> Scenario:
    def scenario(call: Call, _argument: str) -> Reply:
        part = image_part(call.picture())
        part["inlineData"]["data"] = change(part["inlineData"]["data"])
        return _parts(call, part)

    return scenario


def _url_safe(data: str) -> str:
    return data.replace("+", "-").replace("/", "_").rstrip("=")


def _no_data(call: Call, _argument: str) -> Reply:
    return _parts(call, {"inlineData": {"mimeType": "image/png"}})


def _not_an_image(call: Call, _argument: str) -> Reply:
    return _parts(call, image_part(b"<html>not a picture</html>"))


def _unknown_words(call: Call, _argument: str) -> Reply:
    """Words and fields newer than any client, in every place where they could be."""
    content: dict[str, Any] = answer([image_part(call.picture(), mediaHint={"a": 1})], "SPLENDID")
    content["promptFeedback"] = {"mood": "CALM", "safetyRatings": [{"category": "HARM_NEW"}]}
    content["candidates"][0]["safetyRatings"] = [{"category": "HARM_NEW", "probability": "ODD"}]
    content["usageMetadata"]["candidatesTokensDetails"].append({"modality": "SMELL"})
    content["usageMetadata"]["serviceTier"] = "GLORIOUS"
    return reply({**content, "novelty": [1, 2]})


def _no_usage(call: Call, _argument: str) -> Reply:
    content = answer([image_part(call.picture())])
    del content["usageMetadata"]
    return reply(content)


def _echo_key(call: Call, argument: str) -> Reply:
    key = argument or call.key
    return error(403, f"Permission denied: Consumer 'api_key:{key}' has been suspended.")


def _without_markers(call: Call) -> Call:
    return replace(call, prompt=_MARKER.sub("", call.prompt))


_HTML: Final = "<html><title>Bad gateway</title><body>nginx</body></html>"
_KEY_MESSAGE: Final = "API key not valid. Please pass a valid API key."

BAD_KEY: Final = error(
    400, _KEY_MESSAGE, detail("ErrorInfo", reason="API_KEY_INVALID", domain="googleapis.com")
)

SCENARIOS: Final[dict[str, Scenario]] = {
    # Modifiers: they go on to the next marker.
    "slow": _slow,
    "chunked": _chunked,
    "fail-first": _fail_first,
    # Failures in Google's shape.
    "400": _status(400, "Request contains an invalid argument."),
    "400-echo": lambda call, _argument: error(400, f"Cannot draw: {call.prompt}"),
    "400-status-echo": lambda call, _argument: error(400, "No.", name=f"BECAUSE OF {call.key}"),
    "400-key": lambda _call, _argument: BAD_KEY,
    "400-key-message": _status(400, _KEY_MESSAGE),
    "400-precondition": _status(
        400, "User location is not supported for the API use.", name="FAILED_PRECONDITION"
    ),
    "401": _status(401, "Request had invalid authentication credentials."),
    "403": _status(403, "The caller does not have permission."),
    "403-echo": _echo_key,
    "404": _status(404, "models/gemini-0 is not found for API version v1."),
    "413": _status(413, "Request payload size exceeds the limit: 20971520 bytes."),
    "429": _rate_limited,
    "429-daily": _daily_quota,
    "429-limit-0": _status(429, "Quota exceeded for metric: x, limit: 0, model: gemini"),
    "500": _status(500, "An internal error has occurred."),
    "501": _status(501, "Not implemented."),
    "503": _status(503, "The model is overloaded. Please try again later."),
    "504": _status(504, "Deadline expired before operation could complete."),
    # Failures in no shape at all.
    "502-html": _body(_HTML, 502, "text/html"),
    "503-garbled": _body(b'{"error": "\xff\xfe', 503),
    "503-odd": _body('{"error": "words"}', 503),
    "201": lambda call, _argument: replace(respond(_without_markers(call)), status=201),
    "204": _body("", 204),
    "redirect": _redirect,
    "html": _body(_HTML, kind="text/html"),
    "null": _body("null"),
    "empty-body": _body(""),
    "list": _body("[]"),
    "string": _body('"oops"'),
    "empty-object": _body("{}"),
    "deep": _body("[" * 100_000),
    "cut-json": _cut_json,
    "truncated": _truncated,
    "reset": lambda _call, _argument: Reply(reset=True),
    "bad-gzip": _bad_gzip,
    # Answers that take their time.
    "drip": _drip,
    "hang": _hang,
    # Answers without a picture.
    "blocked": _blocked,
    "finish": _finish,
    "no-image": _no_image,
    "text": _text,
    "refused-thought": _refused_thought,
    "no-candidates": _json({"candidates": []}),
    "candidates-string": _json({"candidates": "oops"}),
    "no-parts": lambda _call, _argument: reply(answer([])),
    "no-data": _no_data,
    "empty-data": _with_data(lambda _data: ""),
    "bad-base64": _with_data(lambda data: f"{data[:-4]}!?$%"),
    "not-an-image": _not_an_image,
    # Answers with one.
    "png": _picture("PNG", "image/png"),
    "jpeg": _picture("JPEG", "image/jpeg"),
    "webp": _picture("WEBP", "image/webp"),
    "no-mime": _picture("JPEG", None),
    "wrong-mime": _picture("JPEG", "image/png"),
    "gzip": _gzip,
    "odd-charset": lambda call, _argument: replace(
        respond(_without_markers(call)), content_type="application/json; charset=hex"
    ),
    "two": _two,
    "thoughts": _thoughts,
    "all-thoughts": _all_thoughts,
    "url-safe": _with_data(_url_safe),
    "unknown-words": _unknown_words,
    "no-usage": _no_usage,
}


def stream(whole: Reply) -> Reply:
    """The same answer as the one event of a stream."""
    packed = whole.body.startswith(b"\x1f\x8b")
    body = gzip.decompress(whole.body) if packed else whole.body
    event = b"data: " + body + b"\r\n\r\n"
    event = gzip.compress(event) if packed else event
    return replace(whole, body=event, content_type="text/event-stream")
