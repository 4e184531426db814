"""Gemini asked in a caller's own words, over HTTP."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from app.errors import InvalidInput
from app.providers.base import (
    ProviderAuthFailed,
    ProviderBadAnswer,
    ProviderFailed,
    ProviderRejected,
    ProviderTimeout,
    ProviderUnreachable,
    QuotaExhausted,
    RateLimited,
)
from app.providers.gemini_upstream import Upstream, UpstreamAnswer, UpstreamCall
from tests.fakes.gemini_server import FakeGemini

KEY = "the-key-of-the-upstream"
MODEL = "gemini-3.1-flash-image"


@pytest.fixture(scope="module")
def shared() -> Iterator[FakeGemini]:
    with FakeGemini() as server:
        yield server


@pytest.fixture
def fake(shared: FakeGemini) -> FakeGemini:
    shared.requests.clear()
    return shared


def upstream(url: str, *, deadline: float = 10, key: str = KEY, most: int = 1 << 24) -> Upstream:
    return Upstream(api_key=key, base_url=url, deadline=deadline, most_bytes=most)


def call(prompt: str = "a cat", **changes: Any) -> UpstreamCall:
    body = json.dumps({"contents": [{"parts": [{"text": prompt}]}]}).encode()
    return UpstreamCall("v1beta", MODEL, "generateContent", body)._replace(**changes)


def read(answer: UpstreamAnswer) -> bytes:
    return b"".join(answer)


def test_the_answer_comes_back_byte_by_byte(fake: FakeGemini) -> None:
    answer = upstream(fake.url).send(call())
    sent = read(answer)
    assert sent == answer.body
    assert json.loads(sent)["candidates"][0]["content"]["parts"][0]["thoughtSignature"]
    assert answer.headers == {
        "Content-Type": "application/json; charset=UTF-8",
        "Content-Length": str(len(sent)),
    }


def test_the_request_is_made_of_checked_values_and_headers_of_ours(fake: FakeGemini) -> None:
    read(upstream(fake.url + "/").send(call(alt="sse", method="streamGenerateContent")))
    [sent] = fake.requests
    assert sent.path == f"/v1beta/models/{MODEL}:streamGenerateContent?alt=sse"
    assert sent.body == json.loads(call().body)
    assert sent.headers == {
        "host": fake.url.removeprefix("http://"),
        "content-type": "application/json",
        "content-length": str(len(call().body)),
        "user-agent": "proofsheet",
        "x-goog-api-key": KEY,
        "accept-encoding": "identity",
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"version": "v1/../x"},
        {"version": "x1"},
        {"version": "v1\n"},
        {"model": "../../x"},
        {"model": "a%2fb"},
        {"model": "a?b"},
        {"method": "deleteContent"},
        {"alt": "proto"},
    ],
)
def test_nothing_else_becomes_part_of_the_address(
    fake: FakeGemini, changes: dict[str, str]
) -> None:
    with pytest.raises(InvalidInput):
        upstream(fake.url).send(call(**changes))
    assert fake.requests == []


def test_gzip_passes_packed_for_whom_takes_it(fake: FakeGemini) -> None:
    answer = upstream(fake.url).send(call("a cat [[gzip]]", gzip=True))
    raw = read(answer)
    assert raw[:2] == b"\x1f\x8b"
    assert answer.headers["Content-Encoding"] == "gzip"
    assert json.loads(answer.body)["candidates"]
    assert fake.requests[0].headers["accept-encoding"] == "gzip"


def test_gzip_that_nobody_asked_for_is_unpacked(fake: FakeGemini) -> None:
    answer = upstream(fake.url).send(call("a cat [[gzip]]"))
    assert json.loads(read(answer))["candidates"]
    assert set(answer.headers) == {"Content-Type"}


def test_connections_are_kept_open(fake: FakeGemini) -> None:
    gemini = upstream(fake.url)
    for prompt in ("a cat", "a dog [[400]]", "a cow"):
        try:
            read(gemini.send(call(prompt)))
        except ProviderRejected:
            continue
    assert len({request.client for request in fake.requests}) == 1


def test_threads_share_it(fake: FakeGemini) -> None:
    gemini = upstream(fake.url)
    bodies: list[bytes] = []

    def ask(number: int) -> None:
        bodies.append(read(gemini.send(call(f"cat {number} [[slow 0.1]]"))))

    threads = [threading.Thread(target=ask, args=(number,)) for number in range(32)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(bodies)) == 32


@pytest.mark.parametrize(
    ("marker", "kind"),
    [
        ("400", ProviderRejected),
        ("400-key", ProviderAuthFailed),
        ("401", ProviderAuthFailed),
        ("403", ProviderAuthFailed),
        ("429 retry=17s", RateLimited),
        ("429-daily", QuotaExhausted),
        ("500", ProviderFailed),
        ("502-html", ProviderBadAnswer),
        ("504", ProviderTimeout),
        ("201", ProviderBadAnswer),
        ("204", ProviderBadAnswer),
        ("redirect http://127.0.0.1:9/", ProviderBadAnswer),
        ("html", ProviderBadAnswer),
        ("bad-gzip", ProviderBadAnswer),
        ("reset", ProviderBadAnswer),
    ],
)
def test_what_is_no_success_is_told_before_anything_goes_on(
    fake: FakeGemini, marker: str, kind: type[Exception]
) -> None:
    ended: list[bool] = []
    with pytest.raises(kind) as caught:
        upstream(fake.url).send(call(f"a cat [[{marker}]]", gzip=True), lambda: ended.append(True))
    assert type(caught.value) is kind
    assert ended == [True]
    assert len(fake.requests) == 1


def test_details_are_told_and_those_of_the_key_are_not(fake: FakeGemini) -> None:
    gemini = upstream(fake.url)
    with pytest.raises(RateLimited) as limited:
        gemini.send(call("a cat [[429 retry=17s]]"))
    assert limited.value.retry_after == 17
    assert [each["retryDelay"] for each in limited.value.details] == ["17s"]
    with pytest.raises(ProviderAuthFailed) as refused:
        gemini.send(call("a cat [[400-key]]"))
    assert refused.value.details == []


def test_the_key_is_cut_out_of_what_a_failure_says(fake: FakeGemini) -> None:
    with pytest.raises(ProviderAuthFailed) as refused:
        upstream(fake.url).send(call(f"a cat [[403-echo {KEY}]]"))
    assert KEY not in str(refused.value)
    with pytest.raises(ProviderRejected) as rejected:
        upstream(fake.url).send(call(f"a cat {KEY} [[400-echo]]"))
    assert KEY not in str(rejected.value)


def test_a_stream_that_names_the_key_is_broken_off(fake: FakeGemini) -> None:
    with pytest.raises(ProviderBadAnswer, match="names the API key"):
        read(upstream(fake.url).send(call(f"a cat [[text {KEY}]]")))


def test_an_answer_cut_off_in_the_middle_is_a_failure(fake: FakeGemini) -> None:
    answer = upstream(fake.url).send(call("a cat [[truncated]]"))
    with pytest.raises(ProviderBadAnswer, match="cut off"):
        read(answer)
    assert len(answer.body) == 100


def test_whoever_stops_reading_may_go_on_later(fake: FakeGemini) -> None:
    answer = upstream(fake.url).send(call("a cat [[drip 0.3]]"))
    began = next(iter(answer))
    rest = b"".join(answer)
    assert rest
    assert json.loads(began + rest)["candidates"]
    assert began + rest == answer.body


@pytest.mark.parametrize("marker", ["hang", "drip 30"])
def test_the_deadline_is_for_the_whole(fake: FakeGemini, marker: str) -> None:
    ended: list[bool] = []
    with pytest.raises(ProviderTimeout):
        read(
            upstream(fake.url, deadline=0.4).send(
                call(f"a cat [[{marker}]]"), lambda: ended.append(True)
            )
        )
    assert ended == [True]


def test_an_answer_that_is_too_large_is_broken_off(fake: FakeGemini) -> None:
    with pytest.raises(ProviderBadAnswer):
        read(upstream(fake.url, most=500).send(call()))


def test_nobody_at_the_other_end_is_told_apart() -> None:
    with pytest.raises(ProviderUnreachable):
        upstream("http://127.0.0.1:9").send(call())
