"""Draw and wait: what generate_image and edit_image have in common."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Annotated

from pydantic import Field, StrictInt, StrictStr

from app.cli.mcp.previews import previews
from app.cli.mcp.shapes import generation_shape, image_shape
from app.cli.mcp.tool import Answer, Arguments, Call
from app.cli.own_worker import anyone_at_work
from app.models import Generation, Status
from app.services.generation_outcome import raise_if_failed
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.records import generation_record, image_record
from app.services.waiting import Place, waiters

# Many clients give up after a minute; what goes on then would look as if it had failed.
USUAL_WAIT_SECONDS = 50
LONGEST_WAIT_SECONDS = 600
# How often whoever waits is told how far it is.
TELL_SECONDS = 2.0


class Wishes(Arguments):
    """What can be said of a picture beside its prompt; null is as good as nothing."""

    n: StrictInt = Field(1, ge=1, description="How many pictures.")
    model: Annotated[StrictStr, Field(min_length=1)] | None = Field(
        None, description="What draws; leave it out for the usual one."
    )
    aspect_ratio: StrictStr | None = Field(
        None, description="Width to height, such as 16:9. Not every model has each."
    )
    size: StrictStr | None = Field(
        None, description="Such as 1K. Not every model has each; more may cost more."
    )
    seed: StrictInt | None = Field(
        None, description="Makes a picture repeatable, as far as a model can."
    )
    template: Annotated[StrictStr, Field(min_length=1)] | None = Field(
        None, description="The name of a template to put the prompt into."
    )
    variables: dict[StrictStr, StrictStr] = Field(
        default_factory=dict, description="A text for each further placeholder of the template."
    )
    project: StrictStr | None = Field(
        None, description="Whom it is for: a label for searches and reports."
    )
    wait_seconds: StrictInt = Field(
        USUAL_WAIT_SECONDS,
        ge=0,
        le=LONGEST_WAIT_SECONDS,
        description="How long to wait for the pictures; what is not done by then goes on.",
    )


def draw(call: Call, request: Callable[[], GenerationRequest], wait_seconds: int) -> Answer:
    """Have a worker draw what is asked for; wait for it and return what there is by then.

    Raises what `request` and `ImageGeneratorService.enqueue` raise, ProviderNotConfigured where
    nobody could draw, and GenerationFailed.
    """
    service = ImageGeneratorService()
    # Before anything is recorded: nobody is left behind without an answer.
    with waiters().place() as seat:
        if not anyone_at_work():
            service.providers.require_here()  # as a worker of our own would
        generation_id = service.enqueue(request(), call.holder.id).id
        _wait(call, seat, generation_id, wait_seconds)
    generation = service.get(generation_id)
    raise_if_failed(generation)
    return drawn(generation)


def drawn(generation: Generation) -> Answer:
    """Return how a generation stands, with its pictures."""
    ids = [image.id for image in generation.images]
    shown = previews(ids)
    told = {
        "generation": generation_shape(generation_record(generation)),
        "images": [image_shape(image_record(image)) for image in generation.images],
        "hint": _hint(generation, len(shown)),
    }
    return Answer(told, shown)


def _wait(call: Call, seat: Place, generation_id: str, seconds: float) -> None:
    """Wait until a generation has ended, `seconds` are over, or nobody waits any more."""
    start = time.monotonic()
    while True:
        call.look_after_work()
        waited = time.monotonic() - start
        left = seconds - waited
        if call.is_over() or seat.wait(generation_id, min(TELL_SECONDS, max(left, 0))) or left <= 0:
            return
        call.tell(time.monotonic() - start, _stage(ImageGeneratorService().get(generation_id)))


def _stage(generation: Generation) -> str:
    if _is_put_off(generation):
        return "The provider takes no more just now; it is tried again."
    if generation.status == Status.QUEUED:
        return "Waiting for its turn."
    return f"{generation.done} of {generation.n} pictures drawn."


def _hint(generation: Generation, shown: int) -> str | None:
    if generation.status == Status.QUEUED and not anyone_at_work():
        return (
            "Nobody is at work here; it is drawn as soon as somebody is (`python manage.py up`). "
            "Do not ask for it anew."
        )
    if _is_put_off(generation):
        return (
            f"It could not be drawn just now: {generation.error_message} It is tried again by itself, "
            f"next at {generation.next_try_at:%Y-%m-%d %H:%M:%S} UTC; until then there is no use in "
            "asking for others. Ask search_history with this generation's id later; "
            "do not ask for it anew, which would cost again."
        )
    if not generation.status.ended:
        return (
            "It goes on. Ask search_history with this generation's id in a while; "
            "do not ask for it anew, which would cost again."
        )
    if shown < len(generation.images):
        return f"{shown} pictures are shown here; get_image shows the others."
    return None


def _is_put_off(generation: Generation) -> bool:
    """Tell whether it waits to be tried again, because the provider did not take it just now."""
    waits = generation.status == Status.QUEUED and generation.next_try_at is not None
    return waits and generation.error_code is not None
