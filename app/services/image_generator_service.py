"""ImageGeneratorService: from the user's words to kept pictures, through a provider.

`submit` records what was asked, `run` draws it. Between the two, and while a provider draws, no
transaction is open; each picture is committed as it arrives, so that nothing paid for is lost.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from flask import current_app
from sqlalchemy import CursorResult, Update, func, select, update
from sqlalchemy.exc import IntegrityError

from app.errors import GenerationFailed, InvalidInput, InvalidPicture, NotFound, ProofsheetError
from app.extensions import current_settings, db
from app.models import Generation, Image, Status
from app.models.image_manager import ImageDetails, ImageManager
from app.models.prompt_manager import PromptManager, clean_prompt
from app.models.types import utc_now
from app.providers.base import (
    ContentBlocked,
    GeneratedImage,
    ImageRequest,
    NoImage,
    Provider,
    ProviderBadAnswer,
    ProviderError,
)
from app.providers.catalog import Model
from app.services.provider_choice import ProviderChoice

if TYPE_CHECKING:
    from app.imaging import Picture

# On top of what a provider may take for one picture: time to check and to save it.
LEASE_MARGIN = timedelta(seconds=60)
INTERRUPTED = (
    "Proofsheet was stopped before this was done. The picture under way may have been billed; "
    "ask again if it is still wanted."
)
# Anything else is no id, and some of it (a NUL) PostgreSQL would not even look for.
ULID_TEXT = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
LONGEST_LABEL = 100
LONGEST_HINT_SECONDS = 7 * 24 * 3600
LARGEST_SEED = 2**31 - 1
# After these the next picture may well succeed; after others it is no use to go on.
ONE_PICTURE_ONLY = (ContentBlocked, NoImage, ProviderBadAnswer)


@dataclass(frozen=True, slots=True)
class GenerationRequest:
    """What a user asks for. None means the default: of the settings, the model or the template."""

    prompt: str
    n: int = 1
    model: str | None = None
    aspect_ratio: str | None = None
    size: str | None = None
    seed: int | None = None
    template: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    project: str | None = None


class ImageGeneratorService:
    """Connects PromptManager and ImageManager through whoever draws."""

    def __init__(
        self,
        prompt_manager: PromptManager | None = None,
        image_manager: ImageManager | None = None,
        providers: ProviderChoice | None = None,
    ) -> None:
        """Take the parts, each the app's own by default. Needs an app context."""
        self.prompt_manager = prompt_manager or PromptManager()
        self.image_manager = image_manager or ImageManager()
        self.providers = providers or cast(ProviderChoice, current_app.extensions["providers"])

    def generate_image(self, user_input: str) -> str:
        """Draw and keep one picture; return it as a base64 JPEG.

        Raises InvalidPrompt, and GenerationFailed when no picture came.
        """
        generation = self.generate(GenerationRequest(user_input))
        raise_if_failed(generation)
        if not generation.images:
            raise GenerationFailed(
                "The generation was cancelled.", code="cancelled", generation_id=generation.id
            )
        return self.image_manager.jpeg_base64(generation.images[0])

    def generate(self, request: GenerationRequest, api_key_id: int | None = None) -> Generation:
        """Record a request and draw it; return the ended generation, failed or not.

        Raises what `submit` raises.
        """
        return self.run(self.submit(request, api_key_id).id)

    def submit(self, request: GenerationRequest, api_key_id: int | None = None) -> Generation:
        """Check and commit a request, queued, under a lease for whoever is about to run it.

        Raises InvalidInput, NotFound (template), ModelNotFound or ProviderNotConfigured; nothing is
        recorded then.
        """
        model = self.providers.model(request.model)
        _check(request, model)
        prompts = self.prompt_manager
        template = prompts.get_template(request.template) if request.template else None
        text = template.text if template else prompts.default_template
        generation = Generation(
            prompt=clean_prompt(request.prompt, current_settings().max_prompt_characters),
            final_prompt=prompts.fill(text, request.prompt, dict(request.variables)),
            template=template.name if template else None,
            template_version=template.version if template else None,
            variables=dict(request.variables),
            provider=model.provider,
            model=model.name,
            n=request.n,
            aspect_ratio=request.aspect_ratio or model.default_aspect_ratio,
            size=request.size or model.default_size,
            seed=request.seed,
            project=request.project,
            api_key_id=api_key_id,
            lease_until=utc_now() + LEASE_MARGIN,
        )
        db.session.add(generation)
        db.session.commit()
        return generation

    def run(self, generation_id: str) -> Generation:
        """Draw what is missing of a queued generation and end it; return it.

        One that somebody else runs, or that has ended, is left alone. A failure is recorded, not
        raised; only a fault of our own is both.
        """
        if not self._claim(generation_id):
            return self.get(generation_id)
        try:
            self._end(generation_id, self._draw_all(generation_id))
        except BaseException as error:
            db.session.rollback()
            self._end(generation_id, _Outcome(_fault(error), may_be_billed=True))
            raise
        return self.get(generation_id)

    def get(self, generation_id: str) -> Generation:
        """Return a generation as it stands. Raises NotFound."""
        self.fail_interrupted()
        generation = None
        if ULID_TEXT.fullmatch(generation_id):
            generation = db.session.get(Generation, generation_id, populate_existing=True)
        if generation is None:
            raise NotFound(f"There is no generation {generation_id[:40]!r}.")
        return generation

    def fail_interrupted(self) -> int:
        """End and commit those whose runner died (their lease ran out); return how many."""
        now = utc_now()
        unended = Generation.status.in_((Status.QUEUED, Status.RUNNING))
        abandoned = (unended, Generation.lease_until < now)
        if db.session.scalar(select(Generation.id).where(*abandoned).limit(1)) is None:
            return 0
        return _commit(
            update(Generation)
            .where(*abandoned)
            .values(
                status=Status.FAILED,
                finished_at=now,
                lease_until=None,
                error_code=_Interrupted.code,
                error_message=INTERRUPTED,
                # Whether the provider billed the picture under way, nobody knows.
                error_retryable=False,
            )
        )

    def _claim(self, generation_id: str) -> bool:
        """Commit that this process runs the generation now; False when that is not ours to say."""
        claim = update(Generation).where(
            Generation.id == generation_id, Generation.status == Status.QUEUED
        )
        now = utc_now()
        values = {"status": Status.RUNNING, "started_at": now, "lease_until": now + _lease()}
        return bool(_commit(claim.values(attempts=Generation.attempts + 1, **values)))

    def _draw_all(self, generation_id: str) -> _Outcome:
        """Draw and keep each picture that is missing; return what went wrong."""
        generation = self.get(generation_id)
        requests = list(_missing(generation))
        save = _Saver(self.image_manager, generation)
        provider_name = generation.provider
        outcome = _Outcome()
        db.session.commit()  # no transaction stays open while the provider draws
        for request in requests:
            try:
                if not save(request, *_draw(self.providers.provider(provider_name), request)):
                    break  # cancelled meanwhile
            except ProofsheetError as error:
                outcome.note(error)
                if not isinstance(error, ONE_PICTURE_ONLY):
                    break
        return outcome

    def _end(self, generation_id: str, outcome: _Outcome) -> None:
        """Commit the outcome, unless it has been ended by somebody else."""
        made = select(func.count(), func.count(Image.cost_microusd), func.sum(Image.cost_microusd))
        count, priced, cost = db.session.execute(
            made.where(Image.generation_id == generation_id)
        ).one()
        unknown = priced < count or outcome.may_be_billed
        _commit(
            update(Generation)
            .where(Generation.id == generation_id, Generation.status == Status.RUNNING)
            .values(
                status=Status.SUCCEEDED if count else Status.FAILED,
                finished_at=utc_now(),
                lease_until=None,
                cost_microusd=None if unknown else int(cost or 0),
                **_error_columns(outcome.failure),
            )
        )


@dataclass(slots=True)
class _Outcome:
    """The last thing that went wrong in a run, and whether any of them may have been billed."""

    failure: ProofsheetError | None = None
    may_be_billed: bool = False

    def note(self, failure: ProofsheetError) -> None:
        """Take down one more thing that went wrong."""
        self.failure = failure
        self.may_be_billed |= getattr(failure, "may_be_billed", False)


class _InternalError(ProofsheetError):
    """A fault of our own, as the record of a generation tells it."""

    code = "internal"


class _Interrupted(ProofsheetError):
    """Whoever ran a generation stopped before it was done."""

    code = "interrupted"


def _fault(error: BaseException) -> ProofsheetError:
    """Return what the record says of an error that is not the provider's."""
    if isinstance(error, Exception):
        return _InternalError("Something broke on our side; see the log.")
    return _Interrupted(INTERRUPTED)  # Ctrl-C


class _Saver:
    """Commits the pictures of one generation as they arrive; holds plain values, no rows."""

    def __init__(self, images: ImageManager, generation: Generation) -> None:
        self._images = images
        self._generation_id = generation.id
        self._api_key_id = generation.api_key_id
        self._project = generation.project

    def __call__(
        self, request: ImageRequest, drawn: GeneratedImage, picture: Picture, latency_ms: int
    ) -> bool:
        """Commit one picture; False, and nothing is kept, when the generation runs no more."""
        alive = update(Generation).where(
            Generation.id == self._generation_id, Generation.status == Status.RUNNING
        )
        renewed = alive.values(done=Generation.done + 1, lease_until=utc_now() + _lease())
        try:
            if not _row_count(renewed):
                db.session.rollback()
                return False
            self._images.store(request.prompt, picture, self._details(request, drawn, latency_ms))
        except IntegrityError:
            db.session.rollback()
            if not self._is_kept(request.ordinal):
                raise
            return True  # another run has kept this very picture: one is enough
        db.session.commit()
        return True

    def _is_kept(self, ordinal: int) -> bool:
        kept = select(Image.id).where(
            Image.generation_id == self._generation_id, Image.ordinal == ordinal
        )
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
            generation_id=self._generation_id,
            ordinal=request.ordinal,
            api_key_id=self._api_key_id,
            project=self._project,
        )


def raise_if_failed(generation: Generation) -> None:
    """Raise GenerationFailed, as recorded, when a generation ended without a picture."""
    if generation.status == Status.FAILED:
        raise GenerationFailed(
            generation.error_message or "The generation failed.",
            code=generation.error_code or "error",
            generation_id=generation.id,
            reason=generation.error_reason,
            retry_after=generation.error_retry_after,
        )


def _draw(provider: Provider, request: ImageRequest) -> tuple[GeneratedImage, Picture, int]:
    """Return what the provider drew, checked, and its time in milliseconds."""
    from app import imaging  # with Pillow, which reading the history does without

    settings = current_settings()
    started = time.monotonic()
    drawn = provider.generate(request)
    latency_ms = round((time.monotonic() - started) * 1000)
    try:
        picture = imaging.prepare(
            drawn.image.image_bytes,
            output=settings.image_format,
            quality=settings.image_quality,
            limits=imaging.Limits(settings.max_picture_bytes, settings.max_picture_pixels),
        )
    except InvalidPicture as error:
        raise ProviderBadAnswer(
            f"The provider's picture cannot be kept: {error}", may_be_billed=True
        ) from error
    return drawn, picture, latency_ms


def _missing(generation: Generation) -> Iterator[ImageRequest]:
    """Yield what is still to be drawn: a run that is repeated draws nothing twice."""
    kept = {image.ordinal for image in generation.images}
    for ordinal in range(generation.n):
        if ordinal not in kept:
            yield ImageRequest(
                prompt=generation.final_prompt,
                model=generation.model,
                aspect_ratio=generation.aspect_ratio,
                size=generation.size,
                seed=generation.seed,
                ordinal=ordinal,
            )


def _check(request: GenerationRequest, model: Model) -> None:
    most = current_settings().max_images
    if not 1 <= request.n <= most:
        raise InvalidInput(f"n is 1 to {most} pictures.", field="n")
    largest = LARGEST_SEED - request.n + 1  # each further picture takes the next seed
    if request.seed is not None and not 0 <= request.seed <= largest:
        raise InvalidInput(f"A seed is 0 to {largest} for n={request.n}.", field="seed")
    _check_choice("aspect_ratio", request.aspect_ratio, model.aspect_ratios, model)
    _check_choice("size", request.size, model.sizes, model)
    if request.project is not None and not _is_label(request.project):
        raise InvalidInput("A project is 1 to 100 printable characters.", field="project")


def _is_label(text: str) -> bool:
    return 1 <= len(text) <= LONGEST_LABEL and text.isprintable()


def _check_choice(
    field_name: str, value: str | None, choices: tuple[str, ...], model: Model
) -> None:
    if value is not None and value not in choices:
        raise InvalidInput(f"{model.name} draws in {', '.join(choices)}.", field=field_name)


def _error_columns(failure: ProofsheetError | None) -> dict[str, Any]:
    # All of them, each time: a run that is repeated must not keep the failure of the first.
    names = "error_code", "error_message", "error_reason", "error_retryable", "error_retry_after"
    columns: dict[str, Any] = dict.fromkeys(names)
    if failure is None:
        return columns
    columns.update(error_code=failure.code, error_message=_storable(str(failure)))
    if isinstance(failure, ProviderError):
        columns["error_reason"] = failure.reason and _storable(failure.reason)
        hint = failure.retry_after
        columns["error_retry_after"] = hint and math.ceil(min(hint, LONGEST_HINT_SECONDS))
    return {**columns, "error_retryable": not getattr(failure, "permanent", True)}


def _storable(text: str) -> str:
    """Return a provider's words without what no database takes: NUL and lone surrogates."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()


def _lease() -> timedelta:
    return timedelta(seconds=current_settings().provider_deadline) + LEASE_MARGIN


def _row_count(statement: Update) -> int:
    return cast("CursorResult[Any]", db.session.execute(statement)).rowcount


def _commit(statement: Update) -> int:
    """Execute and commit; return how many rows changed."""
    count = _row_count(statement)
    db.session.commit()
    return count
