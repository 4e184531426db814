"""A provider that is asked too often: everything succeeds in the end, and never in a herd."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.models import Generation, Status
from app.services import retries
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from tests.fakes.gemini_server import FakeGemini
from tests.jobs.conftest import working
from tests.processes import wait_until

JOBS = 14
MOST, SECONDS = 6, 1.0


def test_all_succeed_although_most_are_refused_at_first(
    make_app: Callable[..., Flask], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retries, "FIRST_PAUSE_SECONDS", 0.5)
    with FakeGemini(quota=(MOST, SECONDS)) as gemini:
        # Refusals do not count towards the retries.
        app = make_app(gemini_api_key="x", gemini_base_url=gemini.url, retries=1)
        with app.app_context():
            for number in range(JOBS):
                ImageGeneratorService().enqueue(GenerationRequest(f"Fox {number}"))
            db.session.remove()
            with working(app):
                assert wait_until(lambda: _succeeded() == JOBS)
            assert db.session.scalar(select(func.max(Generation.retries))) == 0, "forgotten"
        refused = [each.at for each in gemini.requests if each.refused]
        assert len(gemini.requests) - len(refused) == JOBS, "each was drawn once"
        assert refused, "the quota was too wide to show anything"
        # They come back one by one: no moment sees as many as were refused together.
        first = min(refused)
        later = Counter(int((at - first) / 0.1) for at in refused if at > first + SECONDS)
        assert max(later.values(), default=0) < JOBS - MOST


def test_below_the_limit_the_provider_refuses_nobody(make_app: Callable[..., Flask]) -> None:
    with FakeGemini(quota=(4, 60.0)) as gemini:
        app = make_app(gemini_api_key="x", gemini_base_url=gemini.url, pictures_per_minute=4)
        with app.app_context():
            for number in range(3):
                ImageGeneratorService().enqueue(GenerationRequest(f"Fox {number}", n=2))
            db.session.remove()
            with working(app):
                assert wait_until(lambda: len(gemini.requests) == 4)
                assert wait_until(lambda: _succeeded() >= 1)
        assert [each.refused for each in gemini.requests] == [False] * 4


def _succeeded() -> int:
    with db.engine.connect() as connection:
        query = select(func.count()).where(Generation.status == Status.SUCCEEDED)
        return connection.scalar(query) or 0
