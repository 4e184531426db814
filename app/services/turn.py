"""One turn of a generation: it is claimed, what is missing is drawn, and it ends or waits again.

While a provider draws no transaction is open; each picture is committed as it arrives, so that nothing
paid for is lost. A generation may have many turns: none draws what another has kept.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar, cast

from sqlalchemy import ColumnElement, CursorResult, Row, Update, func, literal, null, select, update
from sqlalchemy.exc import IntegrityError

from app.errors import ProofsheetError
from app.extensions import current_settings, db
from app.logs import tell, working_for
from app.models import Generation, Image, Status
from app.models.generation import FREE_PROVIDER
from app.models.image_manager import ImageDetails, ImageManager
from app.models.types import utc_now
from app.providers.base import (
    ContentBlocked,
    GeneratedImage,
    ImageRequest,
    NoImage,
    ProviderBadAnswer,
)
from app.services.database_trouble import trouble_of
from app.services.endings import BY_WHAT_THERE_IS, end_generations
from app.services.generation_outcome import Outcome, error_columns, fault
from app.services.input_images import InputGone
from app.services.job_queue import job_queue
from app.services.patience import patiently
from app.services.pictures_to_draw import draw_picture, missing_pictures
from app.services.provider_calls import provider_call, provider_calls
from app.services.provider_choice import ProviderChoice
from app.services.retries import kind_of, pause_before_next

if TYPE_CHECKING:
    from app.imaging import Picture

# On top of what a provider may take for one picture: time to check and to save it.
LEASE_MARGIN = timedelta(seconds=60)
# A worker renews its leases with each heartbeat, so that its work soon goes on elsewhere if it dies.
WORKERS_LEASE = timedelta(seconds=60)
# Until what one worker cannot draw is offered again.
HAND_BACK = timedelta(seconds=10)
# How long a worker tries to save what was drawn.
PATIENCE_SECONDS = 60.0
# After these the next picture may well succeed; after others it is no use to go on.
ONE_PICTURE_ONLY = (ContentBlocked, NoImage, ProviderBadAnswer)

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Turn:
    """By which job a generation is run, and by which worker (its token).

    Both are None in a process that draws what it asked for itself: then nobody tries again.
    """

    job: str | None = None
    runner: str | None = None

    @property
    def lease(self) -> timedelta:
        """How long a generation is left to whoever runs it, if they say no more."""
        if self.job:
            return WORKERS_LEASE
        return timedelta(seconds=current_settings().provider_deadline) + LEASE_MARGIN

    def patiently(self, action: Callable[[], Result]) -> Result:
        """Do what must not be lost, again and again while the database is away."""
        return patiently(action, PATIENCE_SECONDS if self.job else 0)


def run_turn(
    generation_id: str, turn: Turn, images: ImageManager, providers: ProviderChoice
) -> None:
    """Draw what is missing of a queued generation, and commit what becomes of it.

    Nothing, if it is not queued for this turn. A failure is recorded, not raised; a fault of our own
    is both; while the database is away, it is raised, and the lease will run out.
    """
    claimed = _claim(generation_id, turn, providers)
    if claimed is None:
        db.session.rollback()
        _hand_back(generation_id, turn, providers)
        return
    drawing = _Drawing(claimed, turn, images, providers)
    db.session.commit()  # no transaction stays open while the provider draws
    with working_for(claimed.request_id):
        drawing.run()
    if not turn.job:
        provider_calls().book()  # nobody else looks after this process


def _hand_back(generation_id: str, turn: Turn, providers: ProviderChoice) -> None:
    """Leave to another worker, some seconds later, what this one cannot draw for want of a key."""
    if not turn.job:
        return
    now = utc_now()
    waiting = _waiting_for(generation_id, turn)
    later = update(Generation).where(*waiting).values(next_try_at=now + HAND_BACK)
    if not _row_count(later):
        db.session.rollback()
        return
    generation = db.session.get_one(Generation, generation_id, populate_existing=True)
    if providers.can_draw(generation.provider):
        db.session.rollback()
        return
    job_queue().enqueue(db.session(), generation, HAND_BACK.total_seconds())
    provider = generation.provider
    db.session.commit()
    tell(
        "handed_back",
        level=logging.WARNING,
        message=f"This worker has no key of {provider}; left to another one.",
        generation_id=generation_id,
        provider=provider,
    )


def _waiting_for(generation_id: str, turn: Turn) -> tuple[ColumnElement[bool], ...]:
    return (
        Generation.id == generation_id,
        Generation.status == Status.QUEUED,
        Generation.job == turn.job,
    )


def _claim(generation_id: str, turn: Turn, providers: ProviderChoice) -> Row[Any] | None:
    """Let the generation run by this turn; None when that is not ours to say. Does not commit.

    Return what is to be drawn, and the number of the attempt: whoever has a higher one took over.
    """
    now = utc_now()
    claim = (
        update(Generation)
        .where(*_waiting_for(generation_id, turn))
        .values(
            status=Status.RUNNING,
            started_at=func.coalesce(Generation.started_at, now),
            lease_until=now + turn.lease,
            runner=turn.runner,
            next_try_at=None,
            attempts=Generation.attempts + 1,
        )
        .returning(*Generation.__table__.columns)  # plain values, no row of the session
    )
    if turn.job and not providers.can_draw("gemini"):
        claim = claim.where(Generation.provider == FREE_PROVIDER)
    options = {"synchronize_session": False}
    return db.session.execute(claim, execution_options=options).one_or_none()


class _Drawing:
    """The pictures of one turn; holds plain values, no rows."""

    def __init__(
        self,
        generation: Row[Any],
        turn: Turn,
        images: ImageManager,
        providers: ProviderChoice,
    ) -> None:
        self._id: str = generation.id
        self._turn = turn
        self._attempt: int = generation.attempts
        self._images = images
        self._providers = providers
        self._provider_name = generation.provider
        self._api_key_id = generation.api_key_id
        self._project = generation.project
        self._batch_id = generation.batch_id
        self._parents = tuple(generation.input_images or ())
        self._given_up = dict(generation.given_up or {})
        self._may_be_billed = bool(generation.may_be_billed)
        self._gone: InputGone | None = None
        requests: list[ImageRequest] = []
        try:
            requests = list(missing_pictures(generation))
        except InputGone as error:
            self._gone = error
        # Under a limit each picture is a turn of its own: the engine counts turns.
        one_by_one = turn.job and current_settings().pictures_per_minute
        self._requests = requests[:1] if one_by_one else requests
        self._left = len(requests) - len(self._requests)
        self._ended = False

    def run(self) -> None:
        """Draw, and commit what becomes of it. See `run_turn`."""
        try:
            self.settle(self.draw_all())
        except BaseException as error:
            db.session.rollback()
            if not (self._turn.job and trouble_of(error)):
                self.end(Outcome(fault(error), may_be_billed=True))
            raise

    def draw_all(self) -> Outcome:
        """Draw and keep each picture that is missing; return what went wrong."""
        outcome = Outcome()
        if self._gone:
            outcome.note(self._gone)
        for request in self._requests:
            try:
                drawn = self._draw(request)
                keep = partial(self._keep, request, *drawn, end=self._ends_with(request, outcome))
                if not self._turn.patiently(keep):
                    break  # cancelled meanwhile
            except ProofsheetError as error:
                outcome.note(error)
                if not isinstance(error, ONE_PICTURE_ONLY):
                    break
                self._give_up(request.ordinal, error)
        return outcome

    def _draw(self, request: ImageRequest) -> tuple[GeneratedImage, Picture, int]:
        provider = self._providers.provider(self._provider_name)
        with provider_call(self._provider_name, request.model, self._id, self._attempt):
            return draw_picture(provider, request)

    def _ends_with(self, request: ImageRequest, outcome: Outcome) -> Outcome | None:
        """Return the outcome if nothing is left to say after this picture."""
        is_last = request is self._requests[-1] and not self._left
        return outcome if is_last and not outcome.failure else None

    def settle(self, outcome: Outcome) -> None:
        """Commit the end, or that it is tried again later."""
        if self._ended:
            return
        unfinished = self._turn.job and (self._left or outcome.failure)
        if not (unfinished and self._try_again(outcome)):
            self.end(outcome)

    def end(self, outcome: Outcome) -> None:
        """Commit the outcome, unless it has been ended or taken over by somebody else."""
        self._turn.patiently(lambda: self._commit_end(outcome))

    def _commit_end(self, outcome: Outcome) -> None:
        self._end(outcome)
        db.session.commit()

    def _end(self, outcome: Outcome) -> None:
        errors = error_columns(outcome.failure)
        if outcome.failure is None and self._given_up:
            errors = list(self._given_up.values())[-1]
        end_generations(
            *self._is_ours(),
            may_be_billed=literal(outcome.may_be_billed),
            status=BY_WHAT_THERE_IS,
            **errors,
        )

    def _try_again(self, outcome: Outcome) -> bool:
        """Queue it again if that may help; False if not."""
        return self._turn.patiently(lambda: self._requeue(outcome))

    def _requeue(self, outcome: Outcome) -> bool:
        generation = db.session.get_one(Generation, self._id, populate_existing=True)
        changes: dict[str, Any] = {}
        pause = 0.0
        if not self._goes_on(outcome):
            retried = generation.retried or {}
            settings = current_settings()
            left = _seconds_left(generation, settings.max_queue_hours)
            found = pause_before_next(outcome.failure, retried, settings.retries, left)
            if found is None or outcome.failure is None:
                return False
            pause = found
            kind = kind_of(outcome.failure)
            changes = {
                **error_columns(outcome.failure),
                "retries": generation.retries + 1,
                "retried": {**retried, kind: retried.get(kind, 0) + 1},
                "next_try_at": utc_now() + timedelta(seconds=pause),
            }
        waiting = {"status": Status.QUEUED, "lease_until": None, "runner": None, **changes}
        if _row_count(self._ours().values(**waiting)):
            job_queue().enqueue(db.session(), generation, pause)
        db.session.commit()
        return True

    def _goes_on(self, outcome: Outcome) -> bool:
        """Tell whether there is more to draw, and nothing in the way of it."""
        failure = outcome.failure
        return self._left > 0 and (failure is None or isinstance(failure, ONE_PICTURE_ONLY))

    def _give_up(self, ordinal: int, error: ProofsheetError) -> None:
        """Commit that one picture will never come: a later turn must not pay for it again."""
        self._given_up[str(ordinal)] = error_columns(error)
        self._may_be_billed |= getattr(error, "may_be_billed", False)
        values = {"given_up": self._given_up, "may_be_billed": self._may_be_billed}
        self._turn.patiently(lambda: _commit(self._ours().values(**values)))

    def _ours(self) -> Update:
        return update(Generation).where(*self._is_ours())

    def _is_ours(self) -> tuple[ColumnElement[bool], ...]:
        return (
            Generation.id == self._id,
            Generation.status == Status.RUNNING,
            Generation.attempts == self._attempt,
        )

    def _keep(
        self,
        request: ImageRequest,
        drawn: GeneratedImage,
        picture: Picture,
        latency_ms: int,
        *,
        end: Outcome | None,
    ) -> bool:
        """Commit one picture, and with it the end if it is the last; False when it is too late.

        Then nothing is kept: the generation runs no more. When another turn has taken over it is
        kept all the same: what was paid for is kept, whoever drew it.
        """
        alive = update(Generation).where(
            Generation.id == self._id, Generation.status == Status.RUNNING
        )
        renewed = alive.values(
            done=Generation.done + 1,
            retries=0,
            retried=null(),
            lease_until=utc_now() + self._turn.lease,
        )
        try:
            if not _row_count(renewed):
                db.session.rollback()
                return False
            self._images.store(request.prompt, picture, self._details(request, drawn, latency_ms))
        except IntegrityError:
            db.session.rollback()
            if not self._is_kept(request.ordinal):
                raise
            return True  # another turn has kept this very picture: one is enough
        if end:
            self._end(end)
        db.session.commit()
        self._ended = end is not None
        return True

    def _is_kept(self, ordinal: int) -> bool:
        kept = select(Image.id).where(Image.generation_id == self._id, Image.ordinal == ordinal)
        found = db.session.scalar(kept) is not None
        db.session.commit()  # no transaction stays open while the provider draws
        return found

    def _details(
        self, request: ImageRequest, drawn: GeneratedImage, latency_ms: int
    ) -> ImageDetails:
        return ImageDetails(
            provider=drawn.provider,
            model=drawn.model,
            seed=drawn.seed,
            aspect_ratio=request.aspect_ratio,
            size=request.size,
            cost_microusd=drawn.cost_microusd,
            latency_ms=latency_ms,
            usage=drawn.usage or None,
            generation_id=self._id,
            ordinal=request.ordinal,
            batch_id=self._batch_id,
            api_key_id=self._api_key_id,
            project=self._project,
            parents=self._parents,
        )


def _seconds_left(generation: Generation, hours: float | None) -> float | None:
    """Return how long it may still wait; None for ever, as for what is part of a batch."""
    if hours is None or generation.batch_id:
        return None
    return (generation.created_at + timedelta(hours=hours) - utc_now()).total_seconds()


def _row_count(statement: Update) -> int:
    options = {"synchronize_session": False}
    result = db.session.execute(statement, execution_options=options)
    return cast("CursorResult[Any]", result).rowcount


def _commit(statement: Update) -> int:
    """Execute and commit; return how many rows changed."""
    count = _row_count(statement)
    db.session.commit()
    return count
