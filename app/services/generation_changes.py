"""What can be done about a generation: cancel it while it goes on, try it again when it failed."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_

from app.errors import Conflict
from app.extensions import db
from app.models import Generation, Status
from app.models.forgetting import FORGOTTEN
from app.models.generation import PASSED_ON, new_id
from app.models.types import utc_now
from app.providers.catalog import Model, estimate_microusd
from app.services.endings import Ended, end_generations
from app.services.generation_request import GenerationRequest, check_request
from app.services.idempotency import Once
from app.services.image_generator_service import ImageGeneratorService
from app.services.input_images import check_inputs
from app.services.job_queue import job_queue

RETRYABLE = (Status.FAILED, Status.CANCELLED)
# The program gets its picture whatever is done here, so that the history must have it, too.
NOT_TO_STOP = "It is passed on to the program that asked, and ends with it."
# What is the same when a generation is tried again: the words as they were sent then, whatever
# became of the template.
_COPIED = (
    *("prompt", "final_prompt", "template", "template_version", "variables", "provider", "model"),
    *("n", "aspect_ratio", "size", "seed", "input_images", "project", "end_user"),
)


def cancel_generation(generation_id: str) -> Generation:
    """End a generation that waits or runs, and commit; return it.

    No image appears afterwards; those that it has stay. What was under way may have been billed: then
    its cost is not known. Raises NotFound, and Conflict when it has ended or is passed on to a program.
    """
    service = ImageGeneratorService()
    service.get(generation_id)
    ended = end_as_cancelled(Generation.id == generation_id)
    db.session.commit()
    generation = service.get(generation_id)
    if not ended and generation.status == Status.RUNNING:
        raise Conflict(NOT_TO_STOP)
    if not ended:
        raise Conflict(f"The generation has ended: it is {generation.status}.")
    if generation.job:
        job_queue().cancel([generation.job])
    return generation


def end_as_cancelled(*where: ColumnElement[bool]) -> list[Ended]:
    """Cancel those that fit and have not ended; return them. The caller commits, and takes their jobs
    back. Not what is passed on to programs.
    """
    here = or_(Generation.runner.is_(None), Generation.runner != PASSED_ON)
    return end_generations(*where, here, status=Status.CANCELLED)


def retry_generation(
    generation_id: str, api_key_id: int | None = None, once: Once | None = None
) -> Generation:
    """Commit a new generation that asks for the same as one that failed or was cancelled; return it.

    Raises NotFound, Conflict for one that goes on, succeeded or was forgotten, and what `submit`
    raises when the same can be had no longer.
    """
    service = ImageGeneratorService()
    row = service.get(generation_id)
    if row.status not in RETRYABLE:
        raise Conflict(
            f"The generation is {row.status}; those that failed or were cancelled can be tried again."
        )
    if row.final_prompt == FORGOTTEN:
        raise Conflict("The words of this generation were erased.")
    now = utc_now()
    columns = columns_again(row, service.providers.model(row.model), api_key_id, now)
    return service.record(Generation(id=new_id(now), **columns), once, by_worker=True)


def columns_again(
    row: Generation, model: Model, api_key_id: int | None, created_at: datetime
) -> dict[str, Any]:
    """Return the columns of a generation that asks for the same as `row` once more, but for its id.

    Raises what `submit` raises when the same can be had no longer.
    """
    check_request(_request(row), model)
    check_inputs(row.input_images or (), model)
    return {
        "created_at": created_at,
        "retry_of": row.id,
        "api_key_id": api_key_id,
        "estimated_microusd": estimate_microusd(
            model, row.size, row.n, len(row.input_images or ())
        ),
        **{name: getattr(row, name) for name in _COPIED},
    }


def _request(row: Generation) -> GenerationRequest:
    names = {each.name for each in fields(GenerationRequest)} - {"input_images"}
    return GenerationRequest(**{name: getattr(row, name) for name in names})
