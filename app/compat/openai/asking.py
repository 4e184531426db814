"""How /v1 asks for pictures: once, whatever clients send again, and waiting in a place of its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from flask import Response, jsonify, request

from app.compat.openai.answers import Wanted, images_answer
from app.compat.openai.refusals import refusals
from app.compat.openai.retry_count import retry_count
from app.compat.openai.streaming import stream
from app.compat.openai.waiting import LONGEST_WAIT_SECONDS, ended, still_running
from app.key_door import key_holder
from app.services.generation_request import GenerationRequest
from app.services.idempotency import HEADER, find, once
from app.services.image_generator_service import ImageGeneratorService
from app.services.sent_again import enqueue_once, in_turn
from app.services.waiting import waiters


def ask(make: Callable[[], GenerationRequest], wanted: Wanted, kind: str) -> Response:
    """Draw what `make` returns, and answer with the pictures, or with a stream of events.

    `kind` is what the events are about, such as "image_generation". `make` is called once there is a
    place to wait. Raises Busy before anything is begun, what enqueueing raises, and GenerationFailed.
    """
    with ExitStack() as held:
        place = held.enter_context(waiters().place())
        with in_turn(key_holder().id, request.content_length):
            generation_id = _begin(make())
        if wanted.stream:
            return stream(place, held.pop_all(), generation_id, wanted, kind)
        if not place.wait_unless_put_off(generation_id, LONGEST_WAIT_SECONDS):
            raise still_running(generation_id)
        answer = jsonify(images_answer(ended(generation_id), wanted))
        # So it goes out as it is: to compress pictures in base64 takes 60 ms for each MB.
        answer.headers["Cache-Control"] = "no-store"
        return answer


def _begin(asked: GenerationRequest) -> str:
    key_id = key_holder().id
    given = request.headers.get(HEADER)
    if given is None:
        return _once_however_often_sent(asked, key_id)
    by_key = once(key_id, given, asked)
    return find(by_key) or ImageGeneratorService().enqueue(asked, key_id, by_key).id


def _once_however_often_sent(asked: GenerationRequest, key_id: int) -> str:
    times = retry_count()
    began_nothing = refusals().know(times)
    generation_id = enqueue_once(asked, key_id, 0 if began_nothing else times)
    if began_nothing:
        refusals().take(times)
    return generation_id
