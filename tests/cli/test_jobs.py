"""`manage.py jobs`."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest
from flask import Flask

from app.extensions import db
from app.models import Generation, Worker
from app.models.types import utc_now
from app.services.batches import cancel_batch, submit_batch
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.workers import sign_on
from tests.cli.conftest import Run
from tests.models.samples import ON_SQLITE, generation, kept_image


def enqueue(prompt: str = "A fox") -> Generation:
    return ImageGeneratorService().enqueue(GenerationRequest(prompt))


@pytest.fixture
def three(app: Flask) -> list[str]:
    """The ids of two that wait and one that runs, in the order in which they were asked for."""
    with app.app_context():
        token = sign_on("worker-1")
        first = enqueue("A fox\x1b[2J")
        second = generation(status="running", model="another", n=4, done=1, runner=token)
        return [first.id, second.id, enqueue("A hare").id]


def test_a_list_is_what_runs_and_then_what_waits(run: Run, three: list[str]) -> None:
    lines = run("jobs", "list").stdout.splitlines()
    assert lines[0].split()[:4] == ["ID", "STATUS", "MODEL", "DONE"]
    assert [line.split()[0] for line in lines[1:4]] == [three[1], three[0], three[2]]
    assert "1 of 4" in lines[1]
    assert lines[4] == "In all 1 running, 2 queued; workers alive: 1."
    assert "\x1b" not in "".join(lines)


def test_a_list_may_be_narrowed_and_cut(run: Run, three: list[str]) -> None:
    def ids(*options: str) -> list[str]:
        return [each["id"] for each in json.loads(run("jobs", "list", *options, "--json").stdout)]

    assert ids("--status", "queued") == [three[0], three[2]]
    assert ids("--model", "another") == [three[1]]
    assert ids("--prompt", "A hare") == [three[2]]
    assert ids("--status", "failed") == []
    assert ids("--limit", "2") == [three[1], three[0]]
    assert ids("--all", "--since", "1h", "--limit", "2") == [three[2], three[1]]
    assert ids("--until", "1h") == ids("--all", "--by", "nobody") == []
    assert "There are more." in run("jobs", "list", "--limit", "2").stdout
    assert run("jobs", "list", "--status", "lost").exit_code == 2
    assert run("jobs", "list", "--limit", str(10**30)).exit_code == 2


def test_programs_get_json_or_csv(run: Run, three: list[str]) -> None:
    [record, *_] = json.loads(run("jobs", "list", "--json").stdout)
    assert (record["worker"], record["progress"]) == ("worker-1", {"done": 1, "total": 4})
    rows = list(csv.DictReader(io.StringIO(run("jobs", "list", "--csv").stdout)))
    assert [row["id"] for row in rows] == [three[1], three[0], three[2]]
    assert (rows[0]["worker"], rows[0]["done"], rows[0]["error"]) == ("worker-1", "1", "")
    assert rows[2]["prompt"] == "A hare"


def test_those_that_ended_are_listed_newest_first(run: Run, app: Flask) -> None:
    with app.app_context():
        ids = [generation(status="failed", error_code="no_image").id for _ in range(2)]
    found = json.loads(run("jobs", "list", "--status", "failed", "--json").stdout)
    assert [each["id"] for each in found] == ids[::-1]


def standing(run: Run, generation_id: str) -> str:
    return str(json.loads(run("jobs", "show", generation_id, "--json").stdout)["standing"])


def test_one_is_shown_with_how_it_stands(run: Run, app: Flask, three: list[str]) -> None:
    assert standing(run, three[0]) == "It waits for its turn; 0 of 1 pictures are kept."
    assert standing(run, three[1]) == "It is drawn by worker-1; 1 of 4 pictures are kept."
    with app.app_context():
        busy = {"error_code": "rate_limited", "error_message": "Gemini is busy."}
        waiting = generation(next_try_at=utc_now() + timedelta(minutes=1), attempts=2, **busy).id
        failed = generation(status="failed", **busy).id
        kept_image("A fox", generation_id=failed, ordinal=0)
    [kept] = json.loads(run("jobs", "show", failed, "--json").stdout)["images"]
    assert (kept["id"], kept["prompt"]) == (1, "A fox")
    assert "to be tried again at" in standing(run, waiting)
    assert standing(run, waiting).endswith("Gemini is busy.")
    assert "jobs retry" in standing(run, failed)
    shown = run("jobs", "show", three[1]).stdout
    assert "worker-1" in shown
    assert "attempts" in shown


@ON_SQLITE
def test_where_nobody_draws_it_says_what_to_start(run: Run, app: Flask) -> None:
    with app.app_context():
        row = enqueue().id
    assert "manage.py worker" in standing(run, row)
    done = run("jobs", "workers")
    assert done.exit_code == 1
    assert "manage.py worker" in done.stderr


def test_several_are_cancelled_at_once(run: Run, three: list[str]) -> None:
    done = run("jobs", "cancel", three[0], three[1])
    assert done.exit_code == 0
    assert done.stdout == f"{three[0]} is cancelled.\n{three[1]} is cancelled.\n"
    assert json.loads(run("jobs", "list", "--json").stdout)[0]["id"] == three[2]


def test_what_cannot_be_cancelled_is_told_and_the_others_are(run: Run, three: list[str]) -> None:
    run("jobs", "cancel", three[0])
    done = run("jobs", "cancel", three[0], "nothing", three[2])
    assert done.exit_code == 1
    assert done.stdout == f"{three[2]} is cancelled.\n"
    assert [line.split(":")[1].strip() for line in done.stderr.splitlines()] == [
        three[0],
        "nothing",
    ]
    assert run("jobs", "cancel").exit_code == 2


def test_what_failed_is_tried_again(run: Run, app: Flask) -> None:
    with app.app_context():
        failed = generation(status="failed").id
        cancelled = generation(status="cancelled").id
        going = enqueue().id
    again = run("jobs", "retry", cancelled, "--json")
    assert "manage.py worker" in again.stderr
    assert [each["retry_of"] for each in json.loads(again.stdout)] == [cancelled]
    run("jobs", "cancel", json.loads(run("jobs", "list", "--json").stdout)[1]["id"])
    done = run("jobs", "retry", failed, going)
    assert done.exit_code == 1
    assert "queued" in done.stderr
    [first, second] = json.loads(run("jobs", "list", "--json").stdout)
    assert (first["id"], second["retry_of"]) == (going, failed)
    assert done.stdout == f"{failed} is tried again as {second['id']}.\n"


def test_what_failed_of_a_batch_is_tried_again(run: Run, app: Flask) -> None:
    with app.app_context():
        batch = submit_batch([GenerationRequest("A fox"), GenerationRequest("A hare")]).id
        cancel_batch(batch)
    assert json.loads(run("jobs", "retry", "--batch", batch, "--json").stdout)["total"] == 2
    told = run("jobs", "retry", "--batch", batch).stdout
    assert told.startswith(f"2 of batch {batch} are tried again as batch ")
    assert run("jobs", "retry", "--batch", "nothing").exit_code == 1
    assert (
        run("jobs", "retry").exit_code == run("jobs", "retry", "x", "--batch", "y").exit_code == 2
    )


def test_workers_are_listed_with_those_that_are_silent(run: Run, app: Flask) -> None:
    with app.app_context():
        sign_on("here")
        seen = utc_now() - timedelta(seconds=100)
        db.session.add(Worker(name="gone", token="gone", seen_at=seen))
        db.session.commit()
    done = run("jobs", "workers", "--json")
    assert done.exit_code == 0
    assert [(each["name"], each["alive"]) for each in json.loads(done.stdout)] == [
        ("gone", False),
        ("here", True),
    ]
    lines = run("jobs", "workers").stdout.splitlines()
    assert [line.split()[:2] for line in lines[1:]] == [["gone", "False"], ["here", "True"]]
