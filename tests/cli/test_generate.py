"""`manage.py generate`."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from PIL import Image
from sqlalchemy import select

from app import create_app
from app.extensions import db
from app.models import Generation
from app.models.image_manager import ImageManager
from app.services.templates import save_template
from config import ROOT, Settings
from tests.cli.conftest import Run, runner
from tests.conftest import dispose
from tests.fakes.gemini_server import FakeGemini
from tests.processes import environment, manage, wait_until


def test_a_prompt_becomes_a_picture_that_is_kept_and_saved(
    run: Run, app: Flask, tmp_path: Path
) -> None:
    done = run("generate", "A lighthouse at dusk", "--size", "512", "--out", str(tmp_path / "out"))
    assert (done.exit_code, done.stderr) == (0, "")
    with Image.open(tmp_path / "out" / "a-lighthouse-at-dusk-1.jpg") as picture:
        assert picture.size == (512, 512)
    with app.app_context():
        assert ImageManager().get(1).prompt == "A lighthouse at dusk"


def test_each_picture_is_told_by_its_id(run: Run) -> None:
    done = run("generate", "A lighthouse", "--n", "2", "--size", "512", "--aspect-ratio", "1:1")
    assert done.stdout.splitlines() == [
        "Image 1: 512 × 512, sketch-1",
        "Image 2: 512 × 512, sketch-1",
    ]


def test_programs_get_json(run: Run, tmp_path: Path) -> None:
    done = run("generate", "Mist", "--size", "512", "--json", "--out", str(tmp_path))
    record = json.loads(done.stdout)
    assert record["status"] == "succeeded"
    assert record["images"][0]["saved_to"] == str(tmp_path / "mist-1.jpg")


def test_templates_and_their_variables_are_taken(run: Run, app: Flask) -> None:
    with app.app_context():
        save_template("poster", "{user_input} in {style}")
    arguments = ("--template", "poster", "--var", "style=a=b", "--size", "512", "--json")
    assert json.loads(run("generate", "Mist", *arguments).stdout)["final_prompt"] == "Mist in a=b"


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ((" ",), "say what to draw"),
        (("x", "--n", "0"), "n is 1 to 10"),
        (("x", "--size", "1k"), "512, 1K"),
        (("x", "--var", "style"), "NAME=VALUE"),
        (("x", "--n", "two"), "not a valid integer"),
    ],
)
def test_what_does_not_fit_is_refused_with_exit_2(
    run: Run, arguments: tuple[str, ...], hint: str
) -> None:
    done = run("generate", *arguments)
    assert done.exit_code == 2
    assert hint in done.stderr


def test_a_folder_that_cannot_be_written_is_told_before_anything_is_drawn(
    run: Run, app: Flask, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    done = run("generate", "Mist", "--out", str(tmp_path / "file" / "below"))
    assert done.exit_code == 2
    assert "file" in done.stderr
    with app.app_context():
        assert ImageManager().get_images().total == 0


def test_a_failure_is_one_line_and_exit_1(
    make_app: Callable[..., Flask], fake_gemini: FakeGemini
) -> None:
    app = make_app(gemini_api_key="x", gemini_base_url=fake_gemini.url)
    done = runner(app)("generate", "A fox [[blocked SAFETY]]")
    assert done.exit_code == 1
    assert done.stderr.startswith("Error: ")
    assert done.stderr.count("\n") == 1


def test_too_few_pictures_are_a_warning(
    make_app: Callable[..., Flask], fake_gemini: FakeGemini
) -> None:
    app = make_app(gemini_api_key="x", gemini_base_url=fake_gemini.url)
    done = runner(app)("generate", "A fox [[fail-first 1 no-image]]", "--n", "2")
    assert done.exit_code == 0
    assert done.stderr.startswith("Warning: 1 of 2 pictures")


def test_it_needs_no_server_and_makes_the_instance_itself(tmp_path: Path) -> None:
    done = manage(tmp_path / "new", "generate", "A lighthouse", "--size", "512")
    assert (done.returncode, done.stdout) == (0, "Image 1: 512 × 512, sketch-1\n")
    assert "A lighthouse" in manage(tmp_path / "new", "images", "list").stdout


def test_ctrl_c_ends_the_generation_at_once_as_interrupted(
    instance: Path, fake_gemini: FakeGemini
) -> None:
    more = {"GEMINI_API_KEY": "x", "PROOFSHEET_GEMINI_BASE_URL": fake_gemini.url}
    command = [sys.executable, str(ROOT / "manage.py"), "generate", "Mist [[slow 20]]"]
    with subprocess.Popen(command, env=environment(instance, more), stderr=subprocess.PIPE) as it:
        assert wait_until(lambda: fake_gemini.requests)
        it.send_signal(signal.SIGINT)
        assert it.wait(10) == 1
    app = create_app(Settings(instance=instance))
    with app.app_context():
        generation = db.session.scalars(select(Generation)).one()
        assert (generation.status, generation.error_code) == ("failed", "interrupted")
    dispose(app)
