"""`manage.py generate --file` and `--attach`."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask

from app.cli.batch_run import facts
from app.models import Batch, Status
from app.models.batch_progress import BatchProgress
from app.services.batch_view import BatchView
from app.services.workers import sign_on
from config import ROOT
from tests.cli.conftest import Run, runner
from tests.fakes.gemini_server import FakeGemini
from tests.fakes.jobs import install_jobs
from tests.models.samples import ON_SQLITE
from tests.processes import PATIENCE_SECONDS, environment, manage, wait_until

NOON = datetime(2026, 3, 29, 12, tzinfo=UTC)


@pytest.fixture
def at_work(make_app: Callable[..., Flask], fake_gemini: FakeGemini) -> Run:
    """Run a command where somebody is at work already, with the fake Gemini."""
    app = make_app(gemini_api_key="x", gemini_base_url=fake_gemini.url, retries=0)
    install_jobs(app)
    with app.app_context():
        sign_on("somebody")
    return runner(app)


def written(folder: Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    return str(folder / name)


def test_each_line_of_a_file_is_drawn(at_work: Run, tmp_path: Path) -> None:
    file = written(tmp_path, "foxes.txt", "A fox\n\nA hare\n")
    done = at_work("generate", "--file", file, "--n", "2", "--project", "zoo", "--json")
    assert done.exit_code == 0
    batch = json.loads(done.stdout)
    assert (batch["name"], batch["project"], batch["status"]) == ("foxes.txt", "zoo", "ended")
    assert batch["progress"] == {"done": 4, "total": 4}
    assert "Nobody is at work" not in done.stderr, "somebody was seen just now"
    again = at_work("generate", "--attach", batch["id"])
    assert again.exit_code == 0
    assert "2 of 2 succeeded, 0 failed, 0 cancelled; 4 of 4 pictures" in again.stdout


@ON_SQLITE
def test_a_file_of_csv_is_known_by_its_name(at_work: Run, tmp_path: Path) -> None:
    file = written(tmp_path, "foxes.CSV", 'prompt,n\n"A fox, a hare",\nAn owl,2\n')
    out = tmp_path / "out"
    batch = json.loads(at_work("generate", "--file", file, "--json", "--out", str(out)).stdout)
    assert (batch["total"], batch["progress"]["done"]) == (2, 3)
    names = sorted(each.name.rpartition("-")[0] for each in out.iterdir())
    assert names == ["a-fox-a-hare", "an-owl", "an-owl"]


@ON_SQLITE
def test_where_something_failed_the_exit_code_is_1(at_work: Run) -> None:
    text = "A fox\n" + "A hare [[blocked SAFETY]]\n" * 4
    done = at_work("generate", "--file", "-", input=text)
    assert done.exit_code == 1
    assert "1 of 5 succeeded, 4 failed" in done.stdout
    assert done.stderr.count("Failed: A hare [[blocked SAFETY]]: ") == 3
    assert "… and 1 more." in done.stderr


@ON_SQLITE
@pytest.mark.parametrize(
    ("arguments", "code", "hint"),
    [
        ((), 2, "Give a prompt, or --file, or --attach"),
        (("A fox", "--file", "-"), 2, "Give a prompt, or --file, or --attach"),
        (("--file", "nowhere.txt"), 2, "does not exist"),
        (("--file", "-"), 2, "Prompt 2: "),
        (("--attach", "nowhere"), 1, "There is no batch 'nowhere'"),
        (("A fox", "--input", "nowhere.png"), 2, "nowhere.png cannot be read"),
    ],
)
def test_what_does_not_fit_is_said(
    run: Run, arguments: tuple[str, ...], code: int, hint: str
) -> None:
    done = run("generate", *arguments, input="A fox\n" + "x" * 20_001)
    assert done.exit_code == code
    assert hint in done.stderr


def test_pictures_to_work_from_are_files_or_ids(run: Run) -> None:
    sheet = str(ROOT / "docs" / "sketches.jpg")
    first = json.loads(run("generate", "A fox", "--input", sheet, "--size", "512", "--json").stdout)
    assert first["parents"] == [1]
    inputs = ("--input", "2", "--input", sheet)
    again = json.loads(run("generate", "A hare", *inputs, "--size", "512", "--json").stdout)
    assert again["parents"] == [2, 3]


def test_ctrl_c_leaves_a_batch_and_attach_comes_back_to_it(
    laid_out: Path, tmp_path: Path, fake_gemini: FakeGemini
) -> None:
    """Without anybody at work, so that it runs a worker itself, both times."""
    more = {
        "GEMINI_API_KEY": "x",
        "PROOFSHEET_GEMINI_BASE_URL": fake_gemini.url,
        "PROOFSHEET_MAX_RUNNING": "1",
    }
    file = written(tmp_path, "foxes.txt", "A fox [[slow 0.5]]\n" * 4)
    out = ("--out", str(tmp_path / "the foxes"))
    command = [sys.executable, str(ROOT / "manage.py"), "generate", "--file", file, *out]
    with subprocess.Popen(
        command, env=environment(laid_out, more), stderr=subprocess.PIPE, text=True
    ) as it:
        assert wait_until(lambda: fake_gemini.requests)
        it.send_signal(signal.SIGINT)
        told = it.communicate(timeout=PATIENCE_SECONDS)[1]
    assert it.returncode == 130
    assert "runs a worker itself" in told
    [batch_id] = re.findall(r"generate --attach (\w+) --out '.*the foxes'", told)
    drawn = len(fake_gemini.requests)
    assert drawn < 4
    done = manage(laid_out, "generate", "--attach", batch_id, *out, more=more)
    assert len(list((tmp_path / "the foxes").iterdir())) == 4
    assert (done.returncode, len(fake_gemini.requests)) == (0, 4)
    assert "4 of 4 succeeded" in done.stdout


@pytest.mark.parametrize(
    ("left", "shown"),
    [
        (1, "8.0/min  $1.50 of $3.40 + 1 unpriced  2 failed  8 s left"),
        (60, "8 min left"),
        (960, "2.0 h"),
    ],
)
def test_the_line_tells_speed_cost_failures_and_time_left(left: int, shown: str) -> None:
    counts = {**dict.fromkeys(Status, 0), Status.QUEUED: left, Status.FAILED: 2}
    progress = BatchProgress(counts=counts, done=40, recent=40, cost_microusd=1_500_000)
    progress.unpriced = 1
    progress.started_at = NOON - timedelta(minutes=9)
    batch = Batch(total=left, pictures=left, estimated_microusd=3_400_000)
    assert shown in facts(BatchView(batch, progress, NOON))
