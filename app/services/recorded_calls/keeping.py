"""How a call ends: what came is kept, or why nothing did.

Its client has all of it already. So nothing here is raised: what could not be saved is told in the
log, counted, and recorded as far as that can be.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from threading import BoundedSemaphore
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import CursorResult, literal, select, update
from sqlalchemy.exc import DBAPIError

from app.errors import InvalidPicture, ProofsheetError
from app.extensions import current_settings, db, measures
from app.logs import tell, tell_fault, working_for
from app.models import Generation, Image, Source, Status
from app.models.generation import FREE_PROVIDER
from app.models.image_manager import ImageDetails, ImageManager, NewImage
from app.providers.base import ImageData
from app.providers.catalog import cost_microusd
from app.services.endings import BY_WHAT_THERE_IS, end_generations
from app.services.generation_outcome import error_columns, fault
from app.services.given_pictures import keep_given
from app.services.late_prompts import book_prompts_of
from app.services.patience import patiently
from app.services.provider_calls import note_call, provider_calls
from app.services.provider_choice import provider_choice
from app.services.recorded_calls.call import Call

if TYPE_CHECKING:
    from app.imaging import Picture

# In all: the server may be about to end, and calls wait for this one's place.
PATIENCE_SECONDS = 10.0
# So many answers are saved at once: calls that begin, for which programs wait, would queue behind all of
# them. SQLite has one writer, so the first of many is as late as the last one otherwise.
_TURNS = {"sqlite": BoundedSemaphore(1), "postgresql": BoundedSemaphore(2)}
# Each booking is one more transaction, and programs may come in dozens.
BOOKED_EVERY_SECONDS = 1.0
# As many as one generation may have.
MOST_PICTURES = 100


class NotKept(ProofsheetError):
    """A picture was delivered to the program that asked, and could not be kept here."""

    code = "not_kept"
    may_be_billed = True


def keep(
    call: Call,
    body: bytes,
    content_type: str,
    latency_ms: int,
    failure: ProofsheetError | None = None,
) -> bool:
    """Keep what an answer with status 200 holds, and end the call's record; tell whether that is done.

    `body` is decoded and may be cut off: then `failure` says how. Each picture is kept as it came,
    whatever the settings say. Not when the record was ended meanwhile: its lease ran out.
    """
    from app.providers.gemini_whole_answer import read_whole  # with Pillow

    key = current_settings().gemini_api_key
    with working_for(call.request_id):
        answer = read_whole(body, content_type, secret=key.get_secret_value() if key else "")
        pictures = answer.pictures[:MOST_PICTURES]
        beyond = _beyond_the_most(call, len(answer.pictures))
        failure = failure or answer.failure or beyond
        _tell_call(call, latency_ms, failure)
        return _Ending(call, pictures, answer.usage, latency_ms).commit(failure)


def fail(call: Call, error: BaseException) -> bool:
    """End the record of a call that brought nothing; tell whether that is done."""
    failure = error if isinstance(error, ProofsheetError) else fault(error)
    with working_for(call.request_id):
        latency_ms = call.milliseconds()
        _tell_call(call, latency_ms, failure)
        return _Ending(call, (), {}, latency_ms).commit(failure)


def _beyond_the_most(call: Call, pictures: int) -> NotKept | None:
    lost = pictures - MOST_PICTURES
    if lost <= 0:
        return None
    measures().count_unsaved()
    tell("too_many_pictures", level=logging.WARNING, generation_id=call.id, images=lost)
    return NotKept(
        f"{pictures} pictures were delivered; {lost} beyond {MOST_PICTURES} are not kept."
    )


def _tell_call(call: Call, latency_ms: int, failure: ProofsheetError | None) -> None:
    code = failure.code if failure else None
    note_call(call.provider, call.model, call.id, 1, seconds=latency_ms / 1000, error_code=code)


class _Ending:
    """What becomes of one call."""

    def __init__(
        self,
        call: Call,
        delivered: tuple[ImageData, ...],
        usage: dict[str, int],
        latency_ms: int,
    ) -> None:
        self._call = call
        self._delivered = delivered
        self._usage = usage
        self._latency_ms = latency_ms

    def commit(self, failure: ProofsheetError | None) -> bool:
        """Commit pictures and outcome, and tell whether that is done. Raises nothing."""
        try:
            pictures, failure = self._checked(failure)
            done = self._commit(pictures, failure) or self._tell_too_late(len(pictures))
        except Exception as error:  # noqa: BLE001 - the client has its answer
            db.session.rollback()
            self._tell_unsaved(error)
            return False
        with suppress(DBAPIError):  # they wait for the next time
            provider_calls().book(BOOKED_EVERY_SECONDS)  # nobody else looks after this process
        return done

    def _commit(self, pictures: list[Picture], failure: ProofsheetError | None) -> bool:
        turns = _TURNS[db.engine.dialect.name]
        took = turns.acquire(timeout=PATIENCE_SECONDS)
        try:
            return self._commit_patiently(pictures, failure)
        finally:
            if took:
                turns.release()

    def _commit_patiently(self, pictures: list[Picture], failure: ProofsheetError | None) -> bool:
        until = time.monotonic() + PATIENCE_SECONDS

        def left() -> float:
            return until - time.monotonic()

        parents = patiently(self._keep_inputs, left())
        return patiently(lambda: self._save(pictures, parents, failure), left())

    def _tell_too_late(self, pictures: int) -> bool:
        """Tell, and return False: its lease ran out, and whoever looked has ended it."""
        measures().count_unsaved()
        tell("too_late", level=logging.WARNING, generation_id=self._call.id, images=pictures)
        return False

    def _checked(
        self, failure: ProofsheetError | None
    ) -> tuple[list[Picture], ProofsheetError | None]:
        """Return the pictures that can be kept, and what went wrong, here at the last."""
        from app import imaging  # with Pillow, which reading the history does without

        settings = current_settings()
        limits = imaging.Limits(settings.max_picture_bytes, settings.max_picture_pixels)
        pictures = []
        for each in self._delivered:
            try:
                pictures.append(imaging.prepare(each.image_bytes, limits=limits))
            except InvalidPicture as error:
                measures().count_unsaved()
                failure = NotKept(f"The picture was delivered, but cannot be kept: {error}")
        return pictures, failure

    def _keep_inputs(self) -> list[int]:
        given = [each.image_bytes for each in self._call.inputs]
        if not given:
            return []
        return keep_given(given, project=self._call.project, api_key_id=self._call.api_key_id)

    def _save(
        self, pictures: list[Picture], parents: list[int], failure: ProofsheetError | None
    ) -> bool:
        """Commit all of it; False when the record was ended by somebody else."""
        book_prompts_of(Generation.id == self._call.id)
        running = update(Generation).where(*self._is_running())
        found = running.values(
            # A picture that did not come was asked for, too.
            n=max(1, min(len(pictures) + (failure is not None), MOST_PICTURES)),
            done=len(pictures),
            input_images=parents or None,
        )
        result = db.session.execute(found, execution_options={"synchronize_session": False})
        if not cast("CursorResult[Any]", result).rowcount:
            db.session.commit()
            return self._is_saved(pictures)
        if pictures:
            ImageManager().store_all(self._new(pictures, tuple(parents)))
        self._end(failure)
        db.session.commit()
        return True

    def _end(self, failure: ProofsheetError | None) -> None:
        end_generations(
            *self._is_running(),
            may_be_billed=literal(
                self._call.provider != FREE_PROVIDER and getattr(failure, "may_be_billed", False)
            ),
            status=BY_WHAT_THERE_IS,
            **error_columns(failure),
        )

    def _is_running(self) -> tuple[Any, ...]:
        return Generation.id == self._call.id, Generation.status == Status.RUNNING

    def _is_saved(self, pictures: list[Picture]) -> bool:
        """Tell whether an earlier try did it, although nobody said so."""
        if not pictures:
            return True
        kept = select(Image.id).where(Image.generation_id == self._call.id).limit(1)
        found = db.session.scalar(kept) is not None
        db.session.rollback()
        return found

    def _new(self, pictures: list[Picture], parents: tuple[int, ...]) -> Iterator[NewImage]:
        call = self._call
        costs = shares(self._cost(len(pictures)), len(pictures))
        usages = _shared(self._usage, len(pictures))
        for ordinal, picture in enumerate(pictures):
            details = ImageDetails(
                source=Source.PROXY,
                provider=call.provider,
                model=call.model,
                seed=call.seed,
                aspect_ratio=call.aspect_ratio,
                size=call.size,
                cost_microusd=costs[ordinal],
                latency_ms=self._latency_ms,
                usage=usages[ordinal] or None,
                generation_id=call.id,
                ordinal=ordinal,
                api_key_id=call.api_key_id,
                project=call.project,
                parents=parents,
            )
            yield NewImage(call.final_prompt, picture, details)

    def _cost(self, pictures: int) -> int | None:
        call = self._call
        if call.provider == FREE_PROVIDER:
            return 0
        model = provider_choice().catalog.resolve(call.model, call.provider)
        return cost_microusd(model, call.size or "", self._usage, len(call.inputs), pictures)

    def _tell_unsaved(self, error: Exception) -> None:
        """Count what is lost, and end the record if the database lets us; else its lease does."""
        if self._delivered:
            measures().count_unsaved()
        tell_fault(error, generation_id=self._call.id)
        lost = NotKept("The answer was delivered, but saving it here failed; see the log.")
        try:
            self._end(lost)
            db.session.commit()
        except Exception as again:  # noqa: BLE001 - as above
            db.session.rollback()
            tell_fault(again, generation_id=self._call.id)


def shares(amount: int | None, number: int) -> list[int | None]:
    """Return an amount in so many parts that are all but equal, and nothing of it is lost."""
    if amount is None:
        return [None] * number
    part, rest = divmod(amount, number)
    return [part + (each < rest) for each in range(number)]


def _shared(usage: dict[str, int], number: int) -> list[dict[str, int]]:
    by_name = {name: cast("Iterable[int]", shares(count, number)) for name, count in usage.items()}
    parts = [
        dict(zip(by_name, counts, strict=True)) for counts in zip(*by_name.values(), strict=True)
    ]
    return [{name: count for name, count in part.items() if count} for part in parts] or [
        {}
    ] * number
