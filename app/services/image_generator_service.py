"""ImageGeneratorService: from the user's words to kept pictures, through a provider.

`submit` records what was asked, `run` draws it. Between the two, and while a provider draws, no
transaction is open; each picture is committed as it arrives, so that nothing paid for is lost.
"""

from __future__ import annotations

import re

from sqlalchemy import func, select, text

from app.errors import Busy, GenerationFailed, NotFound, Unpriced
from app.extensions import current_settings, db
from app.models import Generation, Status, prompt_book
from app.models.generation import WAITING, new_id
from app.models.image_manager import ImageManager
from app.models.prompt_manager import PromptManager
from app.models.types import utc_now
from app.services import budgets, idempotency
from app.services.endings import end_generations
from app.services.generation_outcome import (
    INTERRUPTED,
    Interrupted,
    error_columns,
    raise_if_failed,
)
from app.services.generation_request import GenerationRequest
from app.services.idempotency import Once
from app.services.job_queue import job_queue
from app.services.late_prompts import book_prompts_of
from app.services.preparation import Preparation
from app.services.provider_choice import ProviderChoice, provider_choice
from app.services.turn import LEASE_MARGIN, Turn, run_turn

# Anything else is no id, and some of it (a NUL) PostgreSQL would not even look for.
ULID_TEXT = re.compile(r"[0-9A-HJKMNP-TV-Z]{26}")


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
        self.providers = providers or provider_choice()

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
        """Check and commit a request, queued, under a lease for the caller, who is about to run it.

        With `once`, the generation that somebody else made of the same request meanwhile is returned
        in its place. Raises InvalidInput, NotFound (template, input images), ModelNotFound,
        ProviderNotConfigured, KeyReused, OverBudget or Unpriced; nothing is recorded then.
        """
        self.providers.require_here()
        return self.record(self.draft(request, api_key_id), once)

    def enqueue(
        self, request: GenerationRequest, api_key_id: int | None = None, once: Once | None = None
    ) -> Generation:
        """Check a request and commit it together with a job, by which some worker will draw it.

        Raises what `submit` raises, and Busy when too many wait already.
        """
        return self.record(self.draft(request, api_key_id), once, by_worker=True)

    def draft(self, request: GenerationRequest, api_key_id: int | None = None) -> Generation:
        """Check a request; return what would be recorded, with what it may cost, and add nothing.

        Raises what `submit` raises, but for KeyReused, OverBudget and Unpriced.
        """
        created_at = utc_now()
        prepared = Preparation(self.prompt_manager, self.providers)
        columns = prepared.columns(request, api_key_id, created_at)
        return Generation(id=new_id(created_at), **columns)

    def record(
        self, generation: Generation, once: Once | None = None, *, by_worker: bool = False
    ) -> Generation:
        """Book and commit a generation that was checked; raise and return what `submit` does.

        With a job, if a worker is to draw it.
        """
        model = generation.model
        if not by_worker:
            generation.lease_until = utc_now() + LEASE_MARGIN
        generation.prompt_id = prompt_book.use(generation.prompt, generation.created_at)
        db.session.add(generation)
        if once:
            db.session.flush()
            if not idempotency.claim(once, generation.id):
                db.session.rollback()
                return self.get(idempotency.find(once) or "")
        if by_worker:
            _require_room()
            job_queue().enqueue(db.session(), generation)
        estimate = generation.estimated_microusd
        try:
            budgets.reserve([estimate], generation.api_key_id, generation.created_at)
        except Unpriced as error:
            raise self._unpriced(model, error) from error
        db.session.commit()
        return generation

    def _unpriced(self, model: str, error: Unpriced) -> Unpriced:
        """Say first which models there are, where the name of one may be mistyped."""
        catalog = self.providers.catalog
        if catalog.get(model) is not None:
            return error
        names = ", ".join(each.name for each in catalog.models if each.provider == "gemini")
        return Unpriced(f"The catalog has no model {model!r}; it has {names}. {error}")

    def run(self, generation_id: str, turn: Turn | None = None) -> Generation:
        """Draw what is missing of a queued generation and end it; return it.

        Without a `turn` it is one that the caller submitted. One that somebody else runs, whose job
        is another, or that has ended, is left alone. A failure is recorded, not raised; only a fault
        of our own is both.
        """
        self.work(generation_id, turn or Turn())
        return self.get(generation_id)

    def work(self, generation_id: str, turn: Turn) -> None:
        """Do so for a worker, who needs no answer."""
        run_turn(generation_id, turn, self.image_manager, self.providers)

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
        """End and commit those whose runner died (their lease ran out); return how many.

        Not those that have a job: they go on in another worker.
        """
        now = utc_now()
        unended = Generation.status.in_((Status.QUEUED, Status.RUNNING))
        abandoned = (unended, Generation.lease_until < now, Generation.job.is_(None))
        if db.session.scalar(select(Generation.id).where(*abandoned).limit(1)) is None:
            return 0
        book_prompts_of(*abandoned)
        ended = end_generations(
            *abandoned,
            status=Status.FAILED,
            **error_columns(Interrupted(INTERRUPTED)),
        )
        db.session.commit()
        return len(ended)


def _require_room() -> None:
    """Raise Busy when the queue is full: nobody would wait for what comes last.

    Batches have a queue of their own length, so that none of them keeps others out.
    """
    most = current_settings().max_queued
    queued = select(Generation.id).where(text(WAITING)).limit(most + 1)
    # The one that is to be added is among them.
    if (db.session.scalar(select(func.count()).select_from(queued.subquery())) or 0) > most:
        db.session.rollback()
        raise Busy(f"{most:,} generations wait already; ask again later.", retry_after=60)
