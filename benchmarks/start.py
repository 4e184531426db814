"""`manage.py --help` against importing the libraries that the app stands on. Target: at most 1.2."""

from __future__ import annotations

import subprocess
import sys
import time
from statistics import median

from config import ROOT

ROUNDS = 11
TARGET = 1.2


def seconds(*command: str) -> float:
    """Return how long one run of a Python command takes."""
    started = time.perf_counter()
    subprocess.run([sys.executable, *command], cwd=ROOT, stdout=subprocess.DEVNULL, check=True)
    return time.perf_counter() - started


def main() -> None:
    """Print both times and their ratio; the runs alternate, so that noise hits both alike."""
    help_, imports = [], []
    for _ in range(ROUNDS):
        help_.append(seconds("manage.py", "--help"))
        imports.append(seconds("-c", "import flask, flask_sqlalchemy, alembic"))
    ratio = median(help_) / median(imports)
    print(f"--help          {median(help_) * 1000:6.0f} ms (median of {ROUNDS})")
    print(f"the imports     {median(imports) * 1000:6.0f} ms")
    print(f"ratio           {ratio:6.2f}    (target: at most {TARGET})")
