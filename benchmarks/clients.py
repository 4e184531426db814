"""The clients' own tests, against us: what passes and, where something fails, why.

`python -m benchmarks clients [--folder DIR]` fetches the tests of openai-python and google-genai
that are about images and models from the package index, in the versions that our own tests use, into an
environment of their own, and runs them against `manage.py up`, which draws with the fake Gemini of our
tests. Nothing of theirs is kept here. Of theirs only the key and the address are changed; then they run
once more with names and pictures that exist here, where theirs name others, and without `mask=` and
`markup=`, which are refused here. With `--folder`, what was
fetched stays there for the next time.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections import Counter
from pathlib import Path

from benchmarks.clients_suites import Outcome, Suite, fetch
from tests.fakes.gemini_server import FakeGemini
from tests.processes import running

LONGEST_REASON = 230


def main() -> None:
    """Fetch, run, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks clients")
    parser.add_argument("--folder", type=Path, help="where to keep what is fetched")
    options = parser.parse_args(sys.argv[2:])
    with tempfile.TemporaryDirectory() as name:
        folder = (options.folder or Path(name) / "fetched").resolve()
        folder.mkdir(parents=True, exist_ok=True)
        suites = fetch(folder)
        with FakeGemini() as upstream:
            more = {
                "GEMINI_API_KEY": "upstream",
                "PROOFSHEET_GEMINI_BASE_URL": upstream.url,
                "PROOFSHEET_DAILY_BUDGET": "none",
            }
            with running(Path(name) / "instance", log=Path(name) / "log", **more) as up:
                found = [
                    _tell(suite, fitted, suite.run(f"http://127.0.0.1:{up.port}", up.key, fitted))
                    for suite in suites
                    for fitted in (False, True)
                ]
    print(json.dumps(found))


def _tell(suite: Suite, fitted: bool, outcomes: list[Outcome]) -> dict[str, object]:
    """Print what became of one run, each reason for a failure once; return the counts."""
    how = "with what exists here" if fitted else "as they are"
    counts = Counter(outcome.result for outcome in outcomes)
    told = ", ".join(f"{number} {result}" for result, number in sorted(counts.items()))
    print(f"\n{suite.name}, {how}: {told}", flush=True)
    reasons: dict[str, list[str]] = {}
    for outcome in outcomes:
        if outcome.result == "failed":
            reasons.setdefault(outcome.reason[:LONGEST_REASON], []).append(outcome.test)
    for reason, tests in reasons.items():
        print(f"  {len(tests):3} {reason}")
        print(f"      {', '.join(sorted({test.partition('[')[0] for test in tests}))}")
    return {"suite": suite.name, "how": how, **counts}
