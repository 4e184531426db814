"""`manage.py batches`."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from app.services.batches import submit_batch
from app.services.generation_request import GenerationRequest
from tests.cli.conftest import Run


@pytest.fixture
def batch(app: Flask) -> str:
    """The id of a batch of two that wait."""
    with app.app_context():
        asked = [GenerationRequest("A fox"), GenerationRequest("A hare", n=2)]
        return str(submit_batch(asked, name="animals").id)


def test_batches_are_listed_shown_cancelled_and_tried_again(run: Run, batch: str) -> None:
    [line] = run("batches", "list").stdout.splitlines()[1:]
    assert line.split()[:5] == [batch, "queued", "2", "0", "0"]
    assert line.endswith("animals")
    assert "animals" in run("batches", "show", batch).stdout
    unasked = run("batches", "cancel", batch)
    assert (unasked.exit_code, "2 prompts" in unasked.stderr) == (2, True)
    done = run("batches", "cancel", batch, "--yes", "--json")
    assert json.loads(done.stdout)["counts"]["cancelled"] == 2
    again = run("batches", "retry", batch, "--quiet").stdout.strip()
    first = run("batches", "list", "--limit", "1", "--quiet")
    assert (first.stdout, "--cursor" in first.stderr) == (f"{again}\n", True)
    assert run("batches", "show", "nothing").exit_code == 1
