"""`manage.py worker`, as far as it does not come to work."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from tests.cli.conftest import runner
from tests.models.samples import ON_SQLITE


@ON_SQLITE
def test_a_worker_for_gemini_without_its_key_refuses_to_start(
    make_app: Callable[..., Flask],
) -> None:
    done = runner(make_app(provider="gemini"))("worker", "--name", "keyless")
    assert done.exit_code == 2
    assert "GEMINI_API_KEY" in done.stderr
