"""`python -m app.main`, the demonstration, and the WSGI entry point."""

import subprocess
import sys
from pathlib import Path

from config import ROOT
from tests.processes import environment


def demonstrate(instance: Path) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-m", "app.main"],
        cwd=ROOT,
        env=environment(instance),
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.splitlines()


def test_the_demonstration_run_twice_shows_two(tmp_path: Path) -> None:
    first = demonstrate(tmp_path / "instance")
    assert first[0].startswith("Added: /9j/")
    assert first[1] == "Stored: 1"
    second = demonstrate(tmp_path / "instance")
    assert second[1] == "Stored: 2"
    assert [line[-22:] for line in second[2:]] == ["A futuristic cityscape"] * 2
