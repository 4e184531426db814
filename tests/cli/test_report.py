"""`manage.py report`: the numbers of the API, for a terminal."""

from __future__ import annotations

import csv
import io
import json
from contextlib import redirect_stdout

import pytest
from flask import Flask

from app.cli.charts import bar, sparkline
from app.cli.report_table import print_report, size, told
from app.extensions import db
from app.models.reporting.rebuild import rebuild
from app.services.reports.question import ask
from app.services.reports.usage import usage
from tests.api.conftest import asker
from tests.cli.conftest import Run
from tests.cli.test_output import Terminal
from tests.models.samples import ON_SQLITE, generation, kept_image

REPORTS = ("usage", "prompts", "models", "failures", "latency", "cost", "storage", "compare")


@pytest.fixture
def some(app: Flask) -> None:
    """Two images and a failure, just now."""
    with app.app_context():
        for words in ("A fox", "A hare"):
            kept_image(words, model="=1+1")
        generation(status="failed", error_code="content_blocked", error_message="Not that.")
        rebuild(db.session.connection())
        db.session.commit()


@ON_SQLITE
def test_every_report_has_the_numbers_of_the_api(run: Run, app: Flask, some: None) -> None:
    asked = asker(app)
    for name in REPORTS:
        times = ("--since", "2026-11-01", "--until", "2050-01-01", "--by", "month")
        mine = run("report", name, *times, "--tz", "Europe/Berlin", "--json")
        query = "since=2026-11-01&until=2050-01-01&by=month&tz=Europe/Berlin"
        theirs = asked("GET", f"/api/reports/{name}?{query}", role="viewer").json
        found = json.loads(mine.stdout)
        for each in (found, theirs):
            each.pop("database", None)  # which grows meanwhile
            each.get("month", {}).pop("projected_usd", None)
        assert found == theirs, name


def test_a_report_is_a_table_with_totals_and_csv_has_the_same_rows(run: Run, some: None) -> None:
    wanted = ("report", "usage", "--since", "2d", "--split", "model")
    shown = run(*wanted).stdout.splitlines()
    lines = [line for line in shown if not line.startswith("Note: ")]
    assert lines[0].split()[:4] == ["PERIOD", "PROVIDER", "MODEL", "GENERATIONS"]
    assert lines[-1].split()[0] == "total"
    rows = list(csv.DictReader(io.StringIO(run(*wanted, "--csv").stdout)))
    assert len(rows) == len(lines) - 2
    assert sum(int(row["images"]) for row in rows if row["model"] == "'=1+1") == 2
    assert "█" not in "".join(lines)


@ON_SQLITE
def test_prompts_are_told_list_by_list_with_their_words(run: Run, some: None) -> None:
    shown = run("report", "prompts", "--limit", "1").stdout
    assert "MOST USED" in shown
    assert "A hare" in shown
    assert shown.splitlines()[-1].startswith("Note: Words and phrases")


@ON_SQLITE
def test_failures_say_what_to_do_and_show_examples(run: Run, some: None) -> None:
    assert "Nothing of this" in run("report", "failures", "--until", "7d").stdout
    shown = run("report", "failures").stdout
    assert "word the prompt another way" in shown
    assert "Not that." in shown


@ON_SQLITE
@pytest.mark.parametrize(
    "arguments",
    [
        ("usage", "--since", "soon"),
        ("usage", "--tz", "Middle/Earth"),
        ("usage", "--since", "now", "--until", "7d"),
        ("usage", "--json", "--csv"),
        ("usage", "--key", "nobody"),
        ("compare", "--other-template", "nope"),
        ("usage", "--by", "hour", "--since", "2000-01-01"),
        ("storage", "--model", "sketch-1"),
    ],
)
def test_a_report_that_cannot_be_is_one_line_and_exit_2(
    run: Run, arguments: tuple[str, ...]
) -> None:
    done = run("report", *arguments)
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1), done.stderr


@ON_SQLITE
def test_a_terminal_shows_bars_and_lines(
    app: Flask, some: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    with app.app_context(), redirect_stdout(Terminal()) as shown:
        print_report(usage(ask()))
    lines = shown.getvalue().splitlines()
    assert lines[1].startswith("IMAGES")
    assert "▁█" in lines[1]
    assert any(
        "2026" in line or ("20" in line and line.rstrip().endswith("█" * 10)) for line in lines
    )
    assert max(map(len, lines[5:])) <= 120


def test_bars_and_sparklines_tell_nothing_from_little() -> None:
    assert [bar(each, 100, 4) for each in (0, None, 0.1, 50, 100)] == ["", "", "▏", "██", "████"]
    assert sparkline([0, 1, None, 1000]) == "▁▂ █"
    assert sparkline([1] * 8, 4) == "████"
    assert sparkline([]) == ""


def test_figures_are_told_as_people_read_them() -> None:
    assert [size(each) for each in (999, 1000, 20_480_000, 10**15)] == [
        "999 B",
        "1 kB",
        "20.5 MB",
        "1e+03 TB",
    ]
    assert told("cost_usd", 1234.5) == "1,234.50"
    assert told("cost_usd", 0.001) == "0.0010"
    assert told("cost_per_image_usd", 0.067) == "0.0670"
    assert told("success_rate", 0.9104) == "91.0%"
    assert told("latency_p50_ms", 2907) == "2.91"
    assert told("images", None) == "–"
