"""Answers that somebody else asked for: plain, as an array, or as a stream of events."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from app.providers import base
from app.providers.gemini_answer import read_answer
from app.providers.gemini_whole_answer import read_whole
from tests.fakes.gemini_answers import Json, answer, error, image_part
from tests.pictures import picture

PLAIN, EVENTS = "application/json; charset=UTF-8", "text/event-stream"
RED, BLUE, GREEN = (picture(color=color) for color in ("red", "blue", "green"))
THOUGHT = image_part(GREEN, thought=True)


def one(*messages: Json) -> tuple[bytes, str]:
    parts = [part for each in messages for part in each["candidates"][0]["content"]["parts"]]
    return json.dumps({**messages[-1], **answer(parts)}).encode(), PLAIN


def array(*messages: Json) -> tuple[bytes, str]:
    return json.dumps(messages).encode(), PLAIN


def events(*messages: Json, end: str = "\r\n\r\n") -> tuple[bytes, str]:
    return "".join(f"data: {json.dumps(each)}{end}" for each in messages).encode(), EVENTS


@pytest.mark.parametrize("wire", [one, array, events])
def test_all_pictures_that_are_no_thoughts_are_read_in_order(
    wire: Callable[..., tuple[bytes, str]],
) -> None:
    found = read_whole(
        *wire(answer([THOUGHT, image_part(RED)]), answer([{"text": "And."}, image_part(BLUE)]))
    )
    assert [each.image_bytes for each in found.pictures] == [RED, BLUE]
    assert found.usage == {
        "prompt_tokens": 8,
        "candidates_tokens": 1120,
        "total_tokens": 1128,
        "image_tokens": 1120,
    }
    assert found.failure is None


@pytest.mark.parametrize("end", ["\n\n", "\r\r", "\n"])
def test_events_end_as_they_like(end: str) -> None:
    found = read_whole(*events(answer([image_part(RED)]), end=end))
    assert [each.image_bytes for each in found.pictures] == [RED]


def test_where_all_are_thoughts_the_last_one_is_the_picture() -> None:
    found = read_whole(*events(answer([image_part(RED, thought=True)]), answer([THOUGHT])))
    assert [each.image_bytes for each in found.pictures] == [GREEN]


def test_an_error_in_the_middle_leaves_what_came_before() -> None:
    broken = json.loads(error(503, "The key s3cr3t-key is overloaded.").body)
    found = read_whole(*events(answer([image_part(RED)]), broken), secret="s3cr3t-key")
    assert [each.image_bytes for each in found.pictures] == [RED]
    assert isinstance(found.failure, base.ProviderUnavailable)
    assert "s3cr3t-key" not in str(found.failure)


@pytest.mark.parametrize("before", ["", "x" * 270])
def test_the_key_is_in_no_words_of_a_failure(before: str) -> None:
    told = answer([{"text": f"{before} s3cr3t-key-of-the-upstream"}])
    found = read_whole(*array(told), secret="s3cr3t-key-of-the-upstream")
    assert isinstance(found.failure, base.NoImage)
    assert "s3cr3t" not in str(found.failure)


@pytest.mark.parametrize("finish", ["STOP", "NO_IMAGE", "IMAGE_SAFETY"])
@pytest.mark.parametrize("counted", [True, False])
def test_what_holds_no_picture_may_be_billed_where_it_counts_what_was_made(
    finish: str, counted: bool
) -> None:
    told = answer([{"text": "A poem."}], finish)
    if not counted:
        told["usageMetadata"] = {"promptTokenCount": 8, "totalTokenCount": 8}
    failure = read_whole(*array(told)).failure
    assert failure is not None
    with pytest.raises(base.ProviderError) as caught:  # of one that a worker asked for, as well
        read_answer(json.dumps(told))
    assert failure.may_be_billed == caught.value.may_be_billed == counted


@pytest.mark.parametrize(
    "told",
    [
        {"error": {"code": 503, "status": "s3cr3t-key-of-ours"}},
        {"error": {"code": 10**30, "message": "s3cr3t-key-of-ours", "details": [{"a": "\ud800"}]}},
        {"promptFeedback": {"blockReason": "s3cr3t-key-of-ours"}},
        {"promptFeedback": {"blockReason": "NO_IMAGE s3cr3t-key-of-ours" + "x" * 500}},
        answer([], "s3cr3t-key-of-ours"),
        answer([{"text": "A poem."}], "IT WAS s3cr3t-key-of-ours"),
        answer([], "SAFETY", finishMessage="s3cr3t-key-of-ours"),
    ],
)
def test_the_key_is_in_no_reason(told: Json) -> None:
    body, kind = array(told)
    failure = read_whole(
        body.replace(b"key", b"\\u006bey"), kind, secret="s3cr3t-key-of-ours"
    ).failure
    assert isinstance(failure, base.ProviderError)
    assert "s3cr3t" not in f"{failure} {failure.reason} {failure.details}"
    assert len(failure.reason or "") <= 64


@pytest.mark.parametrize("tokens", [9 * 10**18, 10**13, -1])
def test_a_count_that_cannot_be_is_none(tokens: int) -> None:
    told = answer([image_part(RED)])
    details = [{"modality": "IMAGE", "tokenCount": tokens}]
    told["usageMetadata"] = {"promptTokenCount": 8, "candidatesTokensDetails": details}
    assert read_whole(*array(told)).usage == {"prompt_tokens": 8}


def test_a_stream_that_was_cut_leaves_what_came_before() -> None:
    body, kind = events(answer([image_part(RED)]), answer([image_part(BLUE)]))
    found = read_whole(body[:-40], kind)
    assert [each.image_bytes for each in found.pictures] == [RED]
    assert isinstance(found.failure, base.ProviderBadAnswer)


def test_a_refusal_keeps_what_was_drawn_and_no_thoughts() -> None:
    refusal = answer([THOUGHT], "IMAGE_SAFETY", finishMessage="Try another.")
    found = read_whole(*events(answer([image_part(RED)]), refusal))
    assert [each.image_bytes for each in found.pictures] == [RED]
    assert isinstance(found.failure, base.ContentBlocked)
    assert read_whole(*array(refusal)).pictures == ()


@pytest.mark.parametrize(
    ("body", "kind", "words"),
    [
        (b"", base.ProviderBadAnswer, "not whole JSON"),
        (b"<html>", base.ProviderBadAnswer, "not whole JSON"),
        (b"[" * 100_000, base.ProviderBadAnswer, "not whole JSON"),
        (b"null", base.ProviderBadAnswer, "not a JSON object"),
        (b"[[]]", base.ProviderBadAnswer, "not a JSON object"),
        (b"[]", base.ProviderBadAnswer, "holds no picture"),
        (b'{"error": "oops"}', base.ProviderFailed, "HTTP 500"),
        (b'{"promptFeedback": {"blockReason": "SAFETY"}}', base.ContentBlocked, "SAFETY"),
        (json.dumps(answer([{"text": "A poem."}])).encode(), base.NoImage, "A poem."),
        (
            json.dumps(answer([image_part(b"<html>")])).encode(),
            base.ProviderBadAnswer,
            "not a picture",
        ),
    ],
)
def test_what_holds_no_picture_says_why(
    body: bytes, kind: type[base.ProviderError], words: str
) -> None:
    found = read_whole(body, PLAIN)
    assert found.pictures == ()
    assert type(found.failure) is kind
    assert words in str(found.failure)


def test_of_two_pictures_one_that_is_garbled_is_left_out() -> None:
    bad = image_part(BLUE)
    bad["inlineData"]["data"] = "!"
    found = read_whole(*array(answer([bad, image_part(RED)])))
    assert [each.image_bytes for each in found.pictures] == [RED]
    assert isinstance(found.failure, base.ProviderBadAnswer)
