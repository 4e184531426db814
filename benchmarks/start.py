"""How quickly commands answer, against importing the libraries that the app stands on.

Targets: `manage.py --help` in at most 1.2 times that, `images list` of a small history in 1.5 times.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from statistics import median

from config import ROOT

ROUNDS = 11
IMAGES = 3
RUNS = {
    "the imports": ("-c", "import flask, flask_sqlalchemy, alembic"),
    "--help": ("manage.py", "--help"),
    "images list": ("manage.py", "images", "list"),
}
TARGETS = {"--help": 1.2, "images list": 1.5}


def seconds(instance: str, *command: str) -> float:
    """Return how long one run of a Python command takes."""
    environment = {**os.environ, "PROOFSHEET_INSTANCE": instance}
    environment.pop("DATABASE_URL", None)
    started = time.perf_counter()
    subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, check=True
    )
    return time.perf_counter() - started


def main() -> None:
    """Print all times and their ratios; the runs alternate, so that noise hits all alike."""
    taken: dict[str, list[float]] = {name: [] for name in RUNS}
    with tempfile.TemporaryDirectory() as instance:
        for number in range(IMAGES):
            seconds(instance, "manage.py", "generate", f"A fox {number}", "--size", "512")
        for _ in range(ROUNDS):
            for name, command in RUNS.items():
                taken[name].append(seconds(instance, *command))
    imports = median(taken["the imports"])
    for name, times in taken.items():
        told = f"{name:12} {median(times) * 1000:6.0f} ms (median of {ROUNDS})"
        if name in TARGETS:
            told += f"  ratio {median(times) / imports:.2f} (target: at most {TARGETS[name]})"
        print(told)
