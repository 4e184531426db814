"""What the README tells a newcomer to type does what it says."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from app.providers.catalog import estimate_microusd, load_catalog
from app.providers.own_catalog import with_own
from config import ROOT
from tests.processes import environment, running

README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)


def shell(line: str, folder: Path, instance: Path) -> str:
    """Run a line of the README, with `python` as these tests have it."""
    line = line.replace("python manage.py", f"'{sys.executable}' '{ROOT / 'manage.py'}'")
    done = subprocess.run(
        ["/bin/sh", "-euc", line],
        cwd=folder,
        env=environment(instance),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_two_lines_are_there_and_differ_only_in_what_they_install_and_run() -> None:
    up, tests = [block.strip() for block in blocks("sh")[:2]]
    start = "python3.11 -m venv .venv && .venv/bin/python -m pip install --requirement "
    assert up == f"{start}requirements.txt && .venv/bin/python manage.py up"
    assert tests.startswith(f"{start}requirements-dev.txt && .venv/bin/python -m pytest")


@pytest.mark.skipif(not shutil.which("curl"), reason="the README's first steps use curl")
def test_the_curl_lines_make_list_and_save_a_picture(instance: Path) -> None:
    lines = [block for block in blocks("sh") if block.startswith("curl")]
    with running(instance) as up:
        lines = [line.replace(":8000", f":{up.port}") for line in lines]
        made, listed, saved, sent, drawn, batch, again = (
            shell(line, instance.parent, instance) for line in (*lines, lines[4])
        )
    assert json.loads(made)["status"] == "succeeded"
    assert json.loads(listed)["items"][0]["prompt"] == "A lighthouse at dusk"
    assert saved == ""
    assert (instance.parent / "lighthouse.jpg").read_bytes().startswith(b"\xff\xd8")
    assert json.loads(sent)["items"][0]["source"] == "upload"
    assert json.loads(drawn)["images"][0]["parents"] == [2]
    assert again == drawn
    assert json.loads(batch)["progress"]["total"] == 3


def test_the_commands_draw_and_list_without_a_server(tmp_path: Path) -> None:
    [block] = [block for block in blocks("sh") if "manage.py generate" in block]
    shown = shell(block, tmp_path, tmp_path / "instance")
    assert "2 in all" in shown
    assert len(list((tmp_path / "pictures").iterdir())) == 2


def test_the_python_lines_draw_and_page(tmp_path: Path) -> None:
    instance = tmp_path / "instance"
    shell("python manage.py generate 'A first picture'", tmp_path, instance)
    [block] = [block for block in blocks("python") if "create_app" in block]
    done = subprocess.run(
        [sys.executable, "-c", block],
        cwd=ROOT,
        env=environment(instance),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "2 A lighthouse at dusk\n"


def test_its_own_catalog_is_one(tmp_path: Path) -> None:
    [block] = blocks("toml")
    (tmp_path / "catalog.toml").write_text(block)
    catalog = with_own(load_catalog(), tmp_path / "catalog.toml")
    for name in re.findall('name = "(.*)"', block):
        model = catalog.resolve(name, "gemini")
        assert all(estimate_microusd(model, size) for size in model.sizes)


def test_every_setting_it_names_exists() -> None:
    from config import OF_CALLERS, Settings, variables

    known = {variable for name in Settings.model_fields for variable in variables(name)}
    known.add(OF_CALLERS)
    named = set(re.findall(r"\b(?:PROOFSHEET_[A-Z_]+|DATABASE_URL|[A-Z]+_API_KEY)\b", README))
    assert named <= {*known, OF_CALLERS}
