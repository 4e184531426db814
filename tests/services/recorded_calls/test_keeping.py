"""How a call ends: every picture is kept once, as it came, and what went wrong is told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from app.errors import Conflict, InvalidInput
from app.extensions import db
from app.models import Generation, Image, Source
from app.models.budget import ALL, Account, Period, booked
from app.models.types import utc_now
from app.providers import base
from app.services.generation_changes import cancel_generation, retry_generation
from app.services.metrics import render
from app.services.provider_calls import provider_calls
from app.services.recorded_calls import begin, fail, keep, keeping
from tests.fakes.gemini_answers import Json, image_part
from tests.models.samples import ON_SQLITE, deleted_image, kept_image
from tests.pictures import picture
from tests.services.recorded_calls.answers import (
    MODEL,
    PLAIN,
    PRICE,
    asked,
    body,
    called,
    count,
    kept,
    new_key,
    pictures,
    record,
)

RED, BLUE = picture(color="red"), picture(color="blue")


def today() -> tuple[int, int]:
    """Return what was spent today in all, and what is reserved."""
    account = Account(ALL, Period.DAY, utc_now().date())
    return booked([account])[account]


def unsaved() -> float:
    samples = {
        each.name: each.value
        for family in text_string_to_metric_families(render().decode())
        for each in family.samples
    }
    return samples["proofsheet_unsaved_answers_total"]


def given(*data: bytes) -> tuple[base.ImageData, ...]:
    return tuple(base.ImageData(each, "image/png") for each in data)


def test_pictures_beyond_the_most_are_told(
    gemini: Flask, key: int, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(keeping, "MOST_PICTURES", 1)
    before = unsaved()
    row = called(key, image_part(RED), image_part(BLUE), image_part(RED))
    assert (row.status, row.n, row.done, pictures(row)) == ("succeeded", 1, 1, [RED])
    assert row.error_code == "not_kept"
    assert "2 beyond 1 are not kept" in str(row.error_message)
    assert "too_many_pictures" in caplog.messages
    assert unsaved() == before + 1


def test_a_picture_is_kept_with_all_that_is_known(gemini: Flask, key: int) -> None:
    call = begin(
        asked("A fox", final_prompt="Be brief.\nA fox", project="ads", aspect_ratio="16:9", seed=7),
        key,
    )
    row = kept(call, image_part(RED))
    assert (row.status, row.n, row.done, row.cost_microusd) == ("succeeded", 1, 1, PRICE)
    assert (row.error_code, row.lease_until) == (None, None)
    [image] = row.images
    assert (image.source, image.prompt, image.project) == (Source.PROXY, "Be brief.\nA fox", "ads")
    assert (image.provider, image.model, image.seed) == ("gemini", MODEL, 7)
    assert (image.aspect_ratio, image.size) == ("16:9", "1K")
    assert (image.cost_microusd, image.latency_ms, image.api_key_id) == (PRICE, 1_234, key)
    assert image.usage == {
        "prompt_tokens": 8,
        "candidates_tokens": 1120,
        "total_tokens": 1128,
        "image_tokens": 1120,
    }
    assert image.prompt_id == row.prompt_id
    assert today() == (PRICE, 0)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_bytes_stay_as_they_came_whatever_the_settings_say(
    make_app: Callable[..., Flask], kind: str
) -> None:
    data = picture(kind)
    with make_app(gemini_api_key="x", image_format="webp").app_context():
        assert pictures(called(new_key(), image_part(data))) == [data]


def test_two_pictures_share_the_cost_and_the_tokens(gemini: Flask, key: int) -> None:
    row = begin(asked(), key)
    answer = body(image_part(RED), image_part(BLUE)).replace(
        b'"tokenCount": 1120', b'"tokenCount": 1121'
    )
    assert keep(row, answer, PLAIN, 5)
    done = record(row)
    assert (done.status, done.n, done.done, pictures(done)) == ("succeeded", 2, 2, [RED, BLUE])
    assert [each.cost_microusd for each in done.images] == [16_815, 16_815]
    assert [each.usage and each.usage["image_tokens"] for each in done.images] == [561, 560]
    assert done.cost_microusd == 33_630


def test_an_answer_that_counts_no_tokens_costs_each_picture(gemini: Flask, key: int) -> None:
    answer = body(image_part(RED), image_part(BLUE)).replace(b"usageMetadata", b"other")
    call = begin(asked(), key)
    assert keep(call, answer, PLAIN, 5)
    assert [(each.cost_microusd, each.usage) for each in record(call).images] == [(PRICE, None)] * 2


def test_a_size_that_nobody_knows_is_unpriced(gemini: Flask, key: int) -> None:
    answer = body().replace(b"usageMetadata", b"other")
    call = begin(asked(size="16K"), key)
    assert keep(call, answer, PLAIN, 5)
    [image] = record(call).images
    assert (image.size, image.cost_microusd, record(call).cost_microusd) == ("16K", None, None)


@pytest.mark.parametrize(
    ("parts", "more", "code"),
    [
        ([], {"finish": "IMAGE_SAFETY"}, "content_blocked"),
        ([{"text": "A poem."}], {}, "no_image"),
        ([image_part(b"no picture")], {}, "provider_bad_answer"),
    ],
)
def test_what_holds_no_picture_is_a_failure(
    gemini: Flask, key: int, parts: list[Json], more: dict[str, Any], code: str
) -> None:
    row = kept(begin(asked(), key), *(parts or [{"text": ""}]), **more)
    assert (row.status, row.error_code, row.n, row.done) == ("failed", code, 1, 0)
    assert (row.cost_microusd, today()) == (None, (0, PRICE)), "tokens were counted"
    assert row.prompt_id is not None
    assert count(Image) == 0


def test_what_came_before_a_failure_is_a_success_with_an_error(gemini: Flask, key: int) -> None:
    call = begin(asked(), key)
    cut = base.ProviderBadAnswer("Cut off.", may_be_billed=True)
    assert keep(call, body(image_part(RED)), PLAIN, 5, failure=cut)
    row = record(call)
    assert (row.status, row.n, row.done) == ("succeeded", 2, 1)
    assert (row.error_code, row.cost_microusd) == ("provider_bad_answer", None)
    assert today() == (0, PRICE), "what may have been billed stays reserved"


def test_a_failure_is_recorded_and_can_be_tried_again(gemini: Flask, key: int) -> None:
    call = begin(asked(inputs=given(BLUE)), key)
    assert fail(call, base.RateLimited("Later.", retry_after=9))
    row = record(call)
    assert (row.status, row.error_code, row.error_retry_after) == ("failed", "rate_limited", 9)
    assert today() == (0, 0)
    again = retry_generation(row.id, key)
    assert (again.status, again.prompt, again.retry_of) == ("queued", "A fox", row.id)
    assert again.input_images == row.input_images
    assert count(Image) == 1, "what it was to be made from is kept"


def test_what_no_model_draws_is_not_tried_again(gemini: Flask, key: int) -> None:
    call = begin(asked(size="512"), key)
    fail(call, base.ProviderRejected("There is no such size."))
    with pytest.raises(InvalidInput, match="draws in 1K, 2K, 4K"):
        retry_generation(call.id, key)


def test_a_fault_of_our_own_is_recorded_as_one(gemini: Flask, key: int) -> None:
    call = begin(asked(), key)
    assert fail(call, ValueError("secret words"))
    row = record(call)
    assert (row.status, row.error_code) == ("failed", "internal")
    assert "secret" not in (row.error_message or "")


def test_pictures_to_work_from_are_parents(gemini: Flask, key: int) -> None:
    deleted = deleted_image("A fox", data=BLUE)
    kept_image("A fox", data=BLUE)
    live = kept_image("A fox", data=BLUE)
    row = called(key, inputs=given(RED, BLUE, RED, b"no picture"))
    [image] = row.images
    uploaded, known = [each.parent_id for each in image.parent_rows]
    assert known == live.id != deleted.id
    upload = db.session.get_one(Image, uploaded)
    assert (upload.source, upload.blob.data, upload.api_key_id) == (Source.UPLOAD, RED, key)
    assert row.input_images == [uploaded, known]
    again = called(key, inputs=given(RED))
    assert again.input_images == [uploaded], "the same picture is not kept twice"


def test_a_call_cannot_be_cancelled_so_that_what_its_program_gets_is_kept(
    gemini: Flask, key: int
) -> None:
    call = begin(asked(), key)
    with pytest.raises(Conflict, match="passed on"):
        cancel_generation(call.id)
    assert kept(call).status == "succeeded"
    with pytest.raises(Conflict, match="has ended"):
        cancel_generation(call.id)


def test_a_picture_that_cannot_be_kept_is_told_and_counted(make_app: Callable[..., Flask]) -> None:
    with make_app(gemini_api_key="x", max_picture_pixels=1_000).app_context():
        small = picture(size=(8, 8))
        row = called(new_key(), image_part(small), image_part(picture()))
        assert (row.status, row.n, row.done) == ("succeeded", 2, 1)
        assert (row.error_code, row.cost_microusd) == ("not_kept", None)
        assert "delivered" in (row.error_message or "")
        assert unsaved() == 1


def test_calls_are_counted_as_those_of_workers(gemini: Flask, key: int) -> None:
    called(key)
    fail(begin(asked(), key), base.ProviderTimeout("Too slow."))
    text = render().decode()
    of_model = f'model="{MODEL}",provider="gemini"'
    assert f"proofsheet_provider_call_seconds_count{{{of_model}}} 2.0" in text
    assert 'proofsheet_provider_errors_total{code="provider_timeout"' in text
    assert not provider_calls()._sums


@ON_SQLITE
def test_every_letter_of_the_record_is_text(gemini: Flask, key: int) -> None:
    row = kept(begin(asked(), key), {"text": "A \0 poem \ud800"})
    assert (row.error_code, "\0" in (row.error_message or "")) == ("no_image", False)
    assert count(Generation) == 1
