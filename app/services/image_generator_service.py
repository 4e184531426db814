"""ImageGeneratorService: from the user's words to kept pictures, through a provider.

`submit` records what was asked, `run` draws it. Between the two, and while a provider draws, no
transaction is open; each picture is committed as it arrives, so that nothing paid for is lost.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from flask import current_app
from sqlalchemy import CursorResult, Update, func, select, update
from sqlalchemy.exc import IntegrityError

from app.errors import GenerationFailed, InvalidPicture, NotFound, ProofsheetError
from app.extensions import current_settings, db
from app.models import Generation, Image, Status, prompt_book
from app.models.generation import new_id
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
)
from app.services import idempotency
from app.services.generation_outcome import (
    INTERRUPTED,
    Interrupted,
    Outcome,
    error_columns,
    fault,
    raise_if_failed,
)
from app.services.generation_request import GenerationRequest, check_request
from app.services.idempotency import Once
from app.services.input_images import InputGone, check_inputs, read_inputs
from app.services.provider_choice import ProviderChoice

if TYPE_CHECKING:
    from app.imaging import Picture

# On top of what a provider may take for one picture: time to check and to save it.
LEASE_MARGIN = timedelta(seconds=60)
# Anything else is no id, and some of it (a NUL) PostgreSQL would not even look for.
ULID_TEXT = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")
# After these the next picture may well succeed; after others it is no use to go on.
ONE_PICTURE_ONLY = (ContentBlocked, NoImage, ProviderBadAnswer)


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

    def submit(
        self, request: GenerationRequest, api_key_id: int | None = None, once: Once | None = None
    ) -> Generation:
        """Check and commit a request, queued, under a lease for whoever is about to run it.

        With `once`, the generation that somebody else made of the same request meanwhile is returned
        in its place. Raises InvalidInput, NotFound (template, input images), ModelNotFound,
        ProviderNotConfigured or KeyReused; nothing is recorded then.
        """
        model = self.providers.model(request.model)
        check_request(request, model)
        check_inputs(request.input_images, model)
        prompts = self.prompt_manager
        template = prompts.get_template(request.template) if request.template else None
        text = template.text if template else prompts.default_template
        words = clean_prompt(request.prompt, current_settings().max_prompt_characters)
        created_at = utc_now()
        generation = Generation(
            id=new_id(created_at),
            created_at=created_at,
            prompt=words,
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
            input_images=list(request.input_images) or None,
            project=request.project,
            api_key_id=api_key_id,
        )
        return self.record(generation, once)

    def record(self, generation: Generation, once: Once | None = None) -> Generation:
        """Book and commit a generation that was checked; raise and return what `submit` does."""
        generation.lease_until = utc_now() + LEASE_MARGIN
        generation.prompt_id = prompt_book.use(generation.prompt, generation.created_at)
        db.session.add(generation)
        db.session.flush()
        if once and not idempotency.claim(once, generation.id):
            db.session.rollback()
            return self.get(idempotency.find(once) or "")
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
            self._end(generation_id, Outcome(fault(error), may_be_billed=True))
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
                error_code=Interrupted.code,
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

    def _draw_all(self, generation_id: str) -> Outcome:
        """Draw and keep each picture that is missing; return what went wrong."""
        generation = self.get(generation_id)
        outcome = Outcome()
        try:
            requests = list(_missing(generation))
        except InputGone as error:
            outcome.note(error)
            return outcome
        save = _Saver(self.image_manager, generation)
        provider_name = generation.provider
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

    def _end(self, generation_id: str, outcome: Outcome) -> None:
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
                **error_columns(outcome.failure),
            )
        )


class _Saver:
    """Commits the pictures of one generation as they arrive; holds plain values, no rows."""

    def __init__(self, images: ImageManager, generation: Generation) -> None:
        self._images = images
        self._generation_id = generation.id
        self._api_key_id = generation.api_key_id
        self._project = generation.project
        self._parents = tuple(generation.input_images or ())

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
            parents=self._parents,
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
    """Yield what is still to be drawn: a run that is repeated draws nothing twice.

    Raises InputGone.
    """
    kept = {image.ordinal for image in generation.images}
    inputs = read_inputs(generation.input_images or ())
    for ordinal in range(generation.n):
        if ordinal not in kept:
            yield ImageRequest(
                prompt=generation.final_prompt,
                model=generation.model,
                aspect_ratio=generation.aspect_ratio,
                size=generation.size,
                seed=generation.seed,
                ordinal=ordinal,
                input_images=inputs,
            )


def _lease() -> timedelta:
    return timedelta(seconds=current_settings().provider_deadline) + LEASE_MARGIN


def _row_count(statement: Update) -> int:
    return cast("CursorResult[Any]", db.session.execute(statement)).rowcount


def _commit(statement: Update) -> int:
    """Execute and commit; return how many rows changed."""
    count = _row_count(statement)
    db.session.commit()
    return count
