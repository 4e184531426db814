"""GET /metrics."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from config import ROOT
from tests.api.conftest import Ask, draw
from tests.models.samples import ON_SQLITE
from tests.processes import environment

pytestmark = ON_SQLITE


def test_it_is_text_that_prometheus_reads(ask: Ask) -> None:
    assert draw(ask, "A fox").status_code == 201
    ask("GET", "/api/images/7")
    answer = ask("GET", "/metrics", role="viewer")
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    families = {each.name: each for each in text_string_to_metric_families(answer.text)}
    assert families["proofsheet_generations"].samples[0].value == 1
    requests = [each.labels for each in families["proofsheet_http_requests"].samples]
    assert {"method": "GET", "route": "/api/images/<int:image_id>", "status": "404"} in [
        {name: value for name, value in each.items() if name != "process"} for each in requests
    ]
    assert "fox" not in answer.text


def test_every_metric_is_in_the_readme(ask: Ask) -> None:
    readme = (ROOT / "README.md").read_text()
    draw(ask, "A fox")
    families = text_string_to_metric_families(ask("GET", "/metrics").text)
    names = {each.name for each in families if each.name.startswith("proofsheet_")}
    assert len(names) > 15
    assert {name for name in names if f"`{name}" not in readme} == set()


def test_a_server_that_is_not_asked_does_not_load_what_it_takes(app: Flask) -> None:
    code = "import sys, app.main; print('prometheus_client' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=environment(Path(app.instance_path)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "False\n"
