"""The real SDK against a Gemini on this machine: what is sent, what comes back, what goes wrong."""

from __future__ import annotations

import base64
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from app.errors import ConfigurationError
from app.providers.base import (
    ContentBlocked,
    GeneratedImage,
    ImageData,
    ImageRequest,
    ModelNotFound,
    NoImage,
    ProviderAuthFailed,
    ProviderBadAnswer,
    ProviderError,
    ProviderFailed,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnavailable,
    ProviderUnreachable,
    QuotaExhausted,
    RateLimited,
)
from app.providers.gemini import GeminiProvider
from app.providers.gemini_answer import read_answer
from app.providers.gemini_errors import from_status
from tests.fakes.gemini_answers import detail, draw
from tests.fakes.gemini_server import FakeGemini

KEY = "test-key-0123456789"
MODEL = "gemini-3.1-flash-image"

Draw = Callable[..., GeneratedImage]


def provider(url: str, deadline: float = 5, key: str = KEY) -> GeminiProvider:
    return GeminiProvider(api_key=key, base_url=url, deadline=deadline)


def asking(prompt: str, **more: Any) -> ImageRequest:
    return ImageRequest(
        **{"model": MODEL, "aspect_ratio": "1:1", "size": "1K", **more}, prompt=prompt
    )


@pytest.fixture
def drawn(fake_gemini: FakeGemini) -> Draw:
    """Draw one picture with a provider that lasts for the test."""
    gemini = provider(fake_gemini.url)
    return lambda prompt, **more: gemini.generate(asking(prompt, **more))


# What comes back


def test_a_picture_comes_with_what_is_known_about_it(drawn: Draw) -> None:
    result = drawn("a cat", size="2K")
    assert result.image.image_bytes == draw("a cat  ")
    assert (result.provider, result.model, result.seed) == ("gemini", MODEL, None)
    assert result.usage["image_tokens"] == 1680
    assert result.usage["prompt_tokens"] == 8
    assert result.cost_microusd == 100_800


@pytest.mark.parametrize(
    ("marker", "mime_type"),
    [
        ("png", "image/png"),
        ("jpeg", "image/jpeg"),
        ("webp", "image/webp"),
        ("no-mime", "image/jpeg"),
        ("wrong-mime", "image/jpeg"),
        ("url-safe", "image/png"),
        ("gzip", "image/png"),
        ("odd-charset", "image/png"),
        ("unknown-words", "image/png"),
        ("slow 0.05", "image/png"),
    ],
)
def test_the_bytes_say_what_the_picture_is(drawn: Draw, marker: str, mime_type: str) -> None:
    prompt = f"a cat [[{marker}]]"
    kind = mime_type.removeprefix("image/").upper()
    assert drawn(prompt).image.mime_type == mime_type
    bare = "a cat " if marker in {"gzip", "odd-charset"} else prompt  # it spoils what is drawn
    assert drawn(prompt).image.image_bytes == draw(f"{bare}  ", kind=kind)


@pytest.mark.parametrize("marker", ["thoughts", "all-thoughts", "two"])
def test_the_last_picture_that_is_no_thought_is_the_result(drawn: Draw, marker: str) -> None:
    prompt = f"a cat [[{marker}]]"
    assert drawn(prompt).image.image_bytes == draw(f"{prompt}  ")


def test_without_token_counts_the_price_is_by_size(drawn: Draw) -> None:
    result = drawn("a cat [[no-usage]]", size="4K")
    assert result.usage == {}
    assert result.cost_microusd == 151_000


def test_a_model_that_nobody_knows_is_tried_and_unpriced(drawn: Draw) -> None:
    result = drawn("a cat", model="gemini-9-image", size="512")
    assert result.model == "gemini-9-image"
    assert result.cost_microusd is None


# What is sent


def test_the_request_says_what_to_draw_and_no_more(drawn: Draw, fake_gemini: FakeGemini) -> None:
    drawn("a cat", aspect_ratio="16:9", size="4K", seed=7, ordinal=2)
    [sent] = fake_gemini.requests
    assert sent.path == f"/v1/models/{MODEL}:generateContent"
    assert sent.headers["x-goog-api-key"] == KEY
    assert sent.body == {
        "contents": [{"parts": [{"text": "a cat"}], "role": "user"}],
        "generationConfig": {
            "seed": 9,
            "responseModalities": ["IMAGE"],
            "imageConfig": {"aspectRatio": "16:9", "imageSize": "4K"},
        },
    }


def test_a_model_with_one_size_is_not_sent_one(drawn: Draw, fake_gemini: FakeGemini) -> None:
    drawn("a cat", model="gemini-2.5-flash-image")
    config = fake_gemini.requests[0].body["generationConfig"]
    assert config["imageConfig"] == {"aspectRatio": "1:1"}


def test_input_pictures_follow_the_text_byte_by_byte(drawn: Draw, fake_gemini: FakeGemini) -> None:
    pictures = (ImageData(bytes(range(256)), "image/png"), ImageData(draw("dog"), "image/jpeg"))
    drawn("mend it", input_images=pictures)
    text, *blobs = fake_gemini.requests[0].body["contents"][0]["parts"]
    assert text == {"text": "mend it"}
    for blob, picture in zip(blobs, pictures, strict=True):
        data = blob["inlineData"]["data"]
        assert base64.urlsafe_b64decode(data) == picture.image_bytes
        assert blob["inlineData"]["mime_type"] == picture.mime_type


def test_a_kind_of_picture_that_gemini_does_not_take_is_a_rejection(drawn: Draw) -> None:
    with pytest.raises(ProviderRejected, match="MIME type: image/gif"):
        drawn("mend it", input_images=(ImageData(b"GIF89a", "image/gif"),))


@pytest.mark.parametrize(
    ("seed", "ordinal", "sent"), [(2**31 - 1, 1, 0), (-1, 0, 2**31 - 1), (2**40 + 5, 1, 6)]
)
def test_seeds_are_kept_to_31_bits(drawn: Draw, seed: int, ordinal: int, sent: int) -> None:
    assert drawn("a cat", seed=seed, ordinal=ordinal).seed == sent


# What goes wrong

FAILURES = [
    ("400", ProviderRejected, False),
    ("413", ProviderRejected, False),
    ("400-key", ProviderAuthFailed, False),
    ("400-key-message", ProviderAuthFailed, False),
    ("400-precondition", ProviderAuthFailed, False),
    ("401", ProviderAuthFailed, False),
    ("403", ProviderAuthFailed, False),
    (f"403-echo {KEY}", ProviderAuthFailed, False),
    ("404", ModelNotFound, False),
    ("429", RateLimited, False),
    ("429-daily", QuotaExhausted, False),
    ("429-limit-0", QuotaExhausted, False),
    ("500", ProviderFailed, True),
    ("501", ProviderFailed, True),
    ("502-html", ProviderBadAnswer, True),
    ("503", ProviderUnavailable, False),
    ("503-garbled", ProviderUnavailable, False),
    ("503-odd", ProviderUnavailable, False),
    ("504", ProviderTimeout, True),
    ("201", ProviderBadAnswer, True),
    ("204", ProviderBadAnswer, True),
    ("reset", ProviderBadAnswer, True),
    ("truncated", ProviderBadAnswer, True),
    ("bad-gzip", ProviderBadAnswer, True),
    ("html", ProviderBadAnswer, True),
    ("cut-json", ProviderBadAnswer, True),
    ("deep", ProviderBadAnswer, True),
    ("empty-body", ProviderBadAnswer, True),
    ("null", ProviderBadAnswer, True),
    ("list", ProviderBadAnswer, True),
    ("string", ProviderBadAnswer, True),
    ("empty-object", ProviderBadAnswer, True),
    ("no-candidates", ProviderBadAnswer, True),
    ("candidates-string", ProviderBadAnswer, True),
    ("no-parts", ProviderBadAnswer, True),
    ("no-data", ProviderBadAnswer, True),
    ("empty-data", ProviderBadAnswer, True),
    ("bad-base64", ProviderBadAnswer, True),
    ("not-an-image", ProviderBadAnswer, True),
    ("blocked SAFETY", ContentBlocked, False),
    ("finish IMAGE_SAFETY", ContentBlocked, True),
    ("refused-thought", ContentBlocked, True),
    ("finish NOVEL_REASON", ProviderBadAnswer, True),
    ("no-image", NoImage, True),
    ("text", NoImage, True),
]


@pytest.mark.parametrize(("marker", "kind", "may_be_billed"), FAILURES)
def test_each_failure_has_its_kind_and_a_message_for_people(
    drawn: Draw,
    fake_gemini: FakeGemini,
    marker: str,
    kind: type[ProviderError],
    may_be_billed: bool,
) -> None:
    with pytest.raises(ProviderError) as caught:
        drawn(f"a cat [[{marker}]]")
    assert type(caught.value) is kind
    assert caught.value.may_be_billed is may_be_billed
    assert len(fake_gemini.requests) == 1  # and no hidden second try
    for foreign in (KEY, "<html", "Error", "httpx", "{"):
        assert foreign not in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "permanent"),
    [("503", False), ("429", False), ("429-daily", True), ("500", True), ("reset", True)],
)
def test_only_what_was_not_drawn_and_will_pass_may_be_tried_again(
    drawn: Draw, kind: str, permanent: bool
) -> None:
    with pytest.raises(ProviderError) as caught:
        drawn(f"a cat [[{kind}]]")
    assert caught.value.permanent is permanent


@pytest.mark.parametrize(
    "reason",
    [
        *("SAFETY", "IMAGE_SAFETY", "PROHIBITED_CONTENT", "IMAGE_PROHIBITED_CONTENT"),
        *("RECITATION", "IMAGE_RECITATION", "IMAGE_OTHER", "BLOCKLIST", "SPII"),
    ],
)
@pytest.mark.parametrize("where", ["blocked", "finish"])
def test_a_refusal_says_why(drawn: Draw, where: str, reason: str) -> None:
    with pytest.raises(ContentBlocked, match=reason) as caught:
        drawn(f"a cat [[{where} {reason}]]")
    assert caught.value.reason == reason


@pytest.mark.parametrize("where", ["blocked", "finish"])
def test_no_image_is_no_refusal(drawn: Draw, where: str) -> None:
    with pytest.raises(NoImage) as caught:
        drawn(f"a cat [[{where} NO_IMAGE]]")
    assert caught.value.reason == "NO_IMAGE"


def test_words_instead_of_a_picture_are_quoted_shortened(drawn: Draw) -> None:
    with pytest.raises(NoImage, match="Here is a poem instead") as caught:
        drawn("a cat [[text]]")
    assert caught.value.reason is None
    with pytest.raises(NoImage, match="…") as caught:
        drawn(f"a cat [[text {'miau ' * 200}]]")
    assert len(str(caught.value)) < 450


@pytest.mark.parametrize(
    ("marker", "seconds"),
    [
        ("429 retry=17s", 17),
        ("429 retry=1.5s", 1.5),
        ("429 header=3", 3),
        ("429 retry=2s header=9", 2),
        ("429 retry=never header=4", 4),
        ("429 retry=infs", None),
        ("429 retry=-1s", None),
        ("429 retry=soons", None),
        ("429 header=never", None),
        ("429", None),
        ("429-daily", None),
    ],
)
def test_the_hint_when_to_come_again_is_read(
    drawn: Draw, marker: str, seconds: float | None
) -> None:
    with pytest.raises((RateLimited, QuotaExhausted)) as caught:
        drawn(f"a cat [[{marker}]]")
    assert caught.value.retry_after == seconds


@pytest.mark.parametrize("zone", ["GMT", "-0000"])
def test_the_hint_may_be_a_date(zone: str) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30)).replace("+0000", zone)
    hint = from_status(503, headers={"retry-after": date}).retry_after
    assert hint is not None
    assert 25 < hint <= 30


@pytest.mark.parametrize("number", ["99999999", "100000000000000000000", "9" * 20 + ".5"])
def test_no_hint_is_beyond_all_sense(number: str) -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(days=5_000))
    retry = detail("RetryInfo", retryDelay=f"{number}s")
    told = from_status(429, {"error": {"details": [retry, detail("Help")]}})
    assert told.details == [detail("Help")]
    hints = {from_status(429, headers={"retry-after": each}).retry_after for each in (number, date)}
    assert {told.retry_after, *hints} == {3 * 86_400}


@pytest.mark.parametrize("number", ["1e20", "1_0", "٣", " 5"])
def test_a_hint_is_a_plain_number(number: str) -> None:
    retry = detail("RetryInfo", retryDelay=f"{number}s")
    told = from_status(429, {"error": {"details": [retry]}})
    assert (told.retry_after, told.details) == (None, [])


def test_the_key_is_in_no_words_of_a_picture_that_was_refused() -> None:
    told = {"blockReason": f"BECAUSE {KEY}", "blockReasonMessage": f"{'x' * 290} {KEY}"}
    with pytest.raises(ContentBlocked) as caught:
        read_answer(json.dumps({"promptFeedback": told}), secret=KEY)
    assert KEY[:5] not in f"{caught.value} {caught.value.reason}"


def test_the_key_is_in_no_reason_of_a_picture_that_failed(drawn: Draw) -> None:
    with pytest.raises(ProviderRejected) as caught:
        drawn("a cat [[400-status-echo]]")
    assert caught.value.reason == "BECAUSE_OF"


def test_a_quota_of_nothing_is_used_up() -> None:
    failure = detail("QuotaFailure", violations=[{"quotaId": "PerMinute", "quotaValue": "0"}])
    assert isinstance(from_status(429, {"error": {"details": [failure]}}), QuotaExhausted)
    assert isinstance(from_status(429, {"error": {"message": "limit: 0.5"}}), RateLimited)


def test_a_status_from_nowhere_is_a_bad_answer() -> None:
    assert isinstance(from_status(799), ProviderBadAnswer)


def test_a_failure_passes_and_the_next_call_draws(drawn: Draw) -> None:
    with pytest.raises(ProviderUnavailable):
        drawn("a cat [[fail-first 1 503]]")
    assert drawn("a cat [[fail-first 1 503]]").image.mime_type == "image/png"


def test_the_key_is_in_no_traceback_and_no_log(
    drawn: Draw, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with pytest.raises(ProviderAuthFailed) as caught:
        drawn(f"a secret cat [[403-echo {KEY}]]")
    assert KEY not in "".join(traceback.format_exception(caught.value))
    assert KEY not in caplog.text
    assert "secret cat" not in caplog.text


def test_a_key_that_google_does_not_know_is_an_auth_failure(fake_gemini: FakeGemini) -> None:
    with pytest.raises(ProviderAuthFailed, match="GEMINI_API_KEY"):
        provider(fake_gemini.url, key="bad").generate(asking("a cat"))


def test_a_model_of_another_provider_is_not_asked_for(fake_gemini: FakeGemini) -> None:
    with pytest.raises(ModelNotFound):
        provider(fake_gemini.url).generate(asking("a cat", model="sketch-1"))
    assert fake_gemini.requests == []


def test_what_the_sdk_itself_refuses_is_rejected_unsent(fake_gemini: FakeGemini) -> None:
    with pytest.raises(ProviderRejected, match="SDK"):
        provider(fake_gemini.url, key="auth_tokens/only-for-live").generate(asking("a cat"))
    assert fake_gemini.requests == []


def test_a_prompt_that_is_no_text_is_rejected(drawn: Draw) -> None:
    with pytest.raises(ProviderRejected):
        drawn("half a letter \ud800")


@pytest.mark.parametrize("status", ["302", "307", "308"])
def test_a_redirect_is_not_followed_and_takes_no_key_along(drawn: Draw, status: str) -> None:
    with FakeGemini() as elsewhere:
        with pytest.raises(ProviderBadAnswer, match="redirect") as caught:
            drawn(f"a cat [[redirect {status} {elsewhere.url}/v1/models/x]]")
        assert elsewhere.requests == []
    assert not caught.value.may_be_billed


def test_an_address_where_nobody_listens_is_unavailable() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(ProviderUnreachable, match="cannot be reached") as caught:
            provider(url).generate(asking("a cat"))
    assert not caught.value.may_be_billed


def test_an_address_that_never_shakes_hands_is_unavailable_and_not_slow() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(ProviderUnreachable):
            provider(url, deadline=1.2).generate(asking("a cat"))


# Deadlines


@pytest.mark.parametrize("marker", ["drip 10", "hang", "slow 10"])
def test_a_call_ends_at_its_deadline_and_its_thread_soon_after(
    fake_gemini: FakeGemini, marker: str
) -> None:
    gemini = provider(fake_gemini.url, deadline=0.4)
    before = set(threading.enumerate())
    start = time.monotonic()
    with pytest.raises(ProviderTimeout) as caught:
        gemini.generate(asking(f"a cat [[{marker}]]"))
    assert 0.35 < time.monotonic() - start < 3
    assert caught.value.may_be_billed
    for thread in set(threading.enumerate()) - before:
        if thread.name == "gemini":
            thread.join(2)
            assert not thread.is_alive()


def test_headers_that_drip_end_at_the_deadline_too() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_drip_headers, args=(server,), daemon=True).start()
        url = f"http://127.0.0.1:{server.getsockname()[1]}"
        start = time.monotonic()
        with pytest.raises(ProviderTimeout, match=r"within 0\.4 s"):
            provider(url, deadline=0.4).generate(asking("a cat"))
        assert time.monotonic() - start < 3


def _drip_headers(server: socket.socket) -> None:
    connection, _address = server.accept()
    with connection:
        connection.sendall(b"HTTP/1.1 200 OK\r\n")
        for _ in range(10):
            connection.sendall(b"X-Slow: very\r\n")
            time.sleep(0.1)


def test_after_a_deadline_the_next_call_draws(fake_gemini: FakeGemini) -> None:
    gemini = provider(fake_gemini.url, deadline=0.4)
    with pytest.raises(ProviderTimeout):
        gemini.generate(asking("a cat [[hang]]"))
    assert gemini.generate(asking("a cat")).image.mime_type == "image/png"


# The client

NONSENSE = {
    "GOOGLE_API_KEY": "wrong-key",
    "GEMINI_API_KEY": "wrong-key-too",
    "GOOGLE_GEMINI_BASE_URL": "http://127.0.0.1:9",
    "GOOGLE_VERTEX_BASE_URL": "http://127.0.0.1:9",
    "GOOGLE_GENAI_USE_VERTEXAI": "true",
    "GOOGLE_GENAI_USE_ENTERPRISE": "true",
    "GOOGLE_GENAI_API_VERSION": "v9",
    "GOOGLE_GENAI_CLIENT_MODE": "replay",
    "GOOGLE_GENAI_REPLAYS_DIRECTORY": "/nowhere",
    "GOOGLE_GENAI_REPLAY_ID": "nothing",
    "GOOGLE_CLOUD_PROJECT": "somebody-elses",
    "GOOGLE_CLOUD_LOCATION": "nowhere",
    "GOOGLE_API_USE_MTLS_ENDPOINT": "always",
    "GOOGLE_APPLICATION_CREDENTIALS": "/nowhere.json",
}


def test_the_environment_changes_neither_the_key_nor_the_host(
    drawn: Draw, fake_gemini: FakeGemini, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in NONSENSE.items():
        monkeypatch.setenv(name, value)
    drawn("a cat")
    [sent] = fake_gemini.requests
    assert sent.path == f"/v1/models/{MODEL}:generateContent"
    assert sent.headers["x-goog-api-key"] == KEY
    assert "wrong" not in str(sent)


def test_a_proxy_from_the_environment_is_used(
    fake_gemini: FakeGemini, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", fake_gemini.url)
    provider("http://gemini.test").generate(asking("a cat"))
    assert fake_gemini.requests[0].path == f"http://gemini.test/v1/models/{MODEL}:generateContent"


def test_a_proxy_that_does_not_let_through_is_unavailable(
    fake_gemini: FakeGemini, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", fake_gemini.url)
    with pytest.raises(ProviderUnreachable, match="proxies"):
        provider("https://gemini.test").generate(asking("a cat"))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ALL_PROXY", "carrier-pigeon://x"),
        ("ALL_PROXY", "socks5://127.0.0.1:9"),
        ("SSL_CERT_FILE", "/nowhere.pem"),
        ("GOOGLE_GENAI_HTTP_CLIENT", "httpx"),
    ],
)
def test_an_environment_with_which_no_client_can_be_made_is_named(
    fake_gemini: FakeGemini, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ProviderError, match=name):
        provider(fake_gemini.url).generate(asking("a cat"))


@pytest.mark.parametrize("url", ["http://[::1", "http://a:port"])
def test_an_address_that_is_none_is_named(url: str) -> None:
    with pytest.raises(ProviderError, match="PROOFSHEET_GEMINI_BASE_URL"):
        provider(url).generate(asking("a cat"))


def test_calls_share_one_connection(drawn: Draw, fake_gemini: FakeGemini) -> None:
    for number in range(3):
        drawn(f"a cat {number}")
    assert len({sent.client for sent in fake_gemini.requests}) == 1


def test_threads_share_a_provider(drawn: Draw) -> None:
    prompts = [f"cat {number} [[slow 0.05]]" for number in range(16)]
    with ThreadPoolExecutor(16) as pool:
        results = list(pool.map(drawn, prompts))
    assert [result.image.image_bytes for result in results] == [
        draw(f"{prompt}  ") for prompt in prompts
    ]


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"api_key": ""}, "GEMINI_API_KEY"),
        ({"api_key": "secret key"}, "GEMINI_API_KEY"),
        ({"api_key": "ключ"}, "GEMINI_API_KEY"),
        ({"base_url": "generativelanguage.googleapis.com"}, "PROOFSHEET_GEMINI_BASE_URL"),
        ({"base_url": "file:///etc/passwd"}, "PROOFSHEET_GEMINI_BASE_URL"),
        ({"deadline": 0}, "deadline"),
        ({"deadline": float("nan")}, "deadline"),
    ],
)
def test_settings_that_cannot_work_are_refused(settings: dict[str, Any], complaint: str) -> None:
    good: dict[str, Any] = {"api_key": KEY, "base_url": "http://127.0.0.1", "deadline": 5}
    with pytest.raises(ConfigurationError, match=complaint) as caught:
        GeminiProvider(**good | settings)
    assert str(settings.get("api_key") or "\0") not in str(caught.value)


def run_python(code: str, *args: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", code, *args], capture_output=True, text=True, check=False, timeout=30
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_the_sdk_is_not_imported_before_it_draws() -> None:
    code = "import sys, app.providers.gemini as g; print('google.genai' in sys.modules or"
    assert run_python(code + " 'httpx2' in sys.modules)") == "False"


FORKING = """
import os, sys
from app.providers.base import ImageRequest
from app.providers.gemini import GeminiProvider

gemini = GeminiProvider(api_key="k", base_url=sys.argv[1], deadline=5)
draw = lambda prompt: gemini.generate(
    ImageRequest(prompt=prompt, model="gemini-x", aspect_ratio="1:1", size="1K")
)
draw("parent")
if child := os.fork():
    assert os.waitpid(child, 0)[1] == 0
    draw("parent again")
else:
    draw("child")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_forked_child_connects_anew_and_leaves_its_parents_connection(
    fake_gemini: FakeGemini,
) -> None:
    run_python(FORKING, fake_gemini.url)
    parent, child, again = (sent.client for sent in fake_gemini.requests)
    assert child != parent
    assert again == parent


def test_a_process_ends_though_a_call_hangs(fake_gemini: FakeGemini) -> None:
    code = FORKING[: FORKING.index('draw("parent")')].replace("deadline=5", "deadline=30")
    code += "import threading, time\n"
    code += "threading.Thread(target=draw, args=('a cat [[hang]]',), daemon=True).start()\n"
    start = time.monotonic()
    run_python(code + "time.sleep(1)", fake_gemini.url)
    assert time.monotonic() - start < 10
