"""`manage.py budget`, `manage.py models` and `manage.py generate --dry-run`: what things cost."""

from __future__ import annotations

import json
from collections.abc import Callable

from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.models import Generation
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from tests.cli.conftest import Run, runner
from tests.models.samples import ON_SQLITE

PRICED = """
[[models]]
name = "gemini-9"
provider = "gemini"
default = true
sizes = ["1K", "2K"]
aspect_ratios = ["1:1"]
microusd_per_image = { 1K = 50_000 }
"""


def with_gemini(make_app: Callable[..., Flask], **changes: str) -> tuple[Flask, Run]:
    app = make_app(gemini_api_key="x", **changes)
    (app.config["SETTINGS"].instance / "catalog.toml").write_text(PRICED)
    return app, runner(app)


def test_the_budgets_are_shown_with_what_is_left(make_app: Callable[..., Flask]) -> None:
    app, run = with_gemini(make_app)
    run("keys", "create", "laptop", "--monthly-budget", "2")
    with app.app_context():
        ImageGeneratorService().submit(GenerationRequest("A fox", n=2))
    rows = [line.split()[:5] for line in run("budget", "--key", "laptop").stdout.splitlines()]
    assert rows == [
        ["KEY", "PERIOD", "LIMIT", "SPENT", "RESERVED"],
        ["(all)", "day", "25.0", "0.0", "0.1"],
        ["(all)", "month", "none", "0.0", "0.1"],
        ["laptop", "day", "none", "0.0", "0.0"],
        ["laptop", "month", "2.0", "0.0", "0.0"],
    ]
    [day, month] = json.loads(run("budget", "--json").stdout)
    assert (day["left_usd"], month["left_usd"]) == (24.9, None)
    assert run("budget", "--key", "phone").exit_code == 1


@ON_SQLITE
def test_the_models_are_those_of_the_instance(make_app: Callable[..., Flask]) -> None:
    _, run = with_gemini(make_app)
    [shown] = [line for line in run("models").stdout.splitlines() if "gemini-9" in line]
    assert shown.split() == ["gemini-9", "gemini", "default", "1K", "0.05,", "2K", "unpriced"]
    names = [each["name"] for each in json.loads(run("models", "--json").stdout)]
    assert names[-1] == "gemini-9"


@ON_SQLITE
def test_a_dry_run_tells_the_cost_and_draws_nothing(make_app: Callable[..., Flask]) -> None:
    app, run = with_gemini(make_app, daily_budget="0.07")
    assert run("generate", "A fox", "--dry-run").stdout == (
        "1 picture may cost 0.05 USD, which is within the budgets.\n"
    )
    assert "0.1 USD, which is over" in run("generate", "A fox", "--n", "2", "--dry-run").stdout
    file = ("--file", "-", "--dry-run")
    assert run("generate", *file, input="A fox\nA hare\n").stdout.startswith(
        "2 pictures may cost 0.1 USD"
    )
    by_columns = run("generate", *file, input="prompt,n\nA fox,3\n")
    assert by_columns.stdout.startswith("3 pictures may cost"), "a CSV is known by its first line"
    wrong = run("generate", *file, input="prompt,size\nA fox,1K\nA hare,9K\n")
    assert (wrong.exit_code, wrong.stderr.startswith("Error: Prompt 2: ")) == (2, True)
    assert run("generate", "A fox", "--dry-run", "--input", "fox.png").exit_code == 2
    done = run("generate", "A fox", "--size", "2K", "--dry-run", "--json")
    assert json.loads(done.stdout) == {"estimated_cost_usd": None, "within_budget": False}
    with app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Generation)) == 0


@ON_SQLITE
def test_over_the_budget_is_one_line_and_exit_1(make_app: Callable[..., Flask]) -> None:
    _, run = with_gemini(make_app, daily_budget="0.01")
    done = run("generate", "A fox")
    assert (done.exit_code, done.stderr.count("\n")) == (1, 1)
    assert "PROOFSHEET_DAILY_BUDGET" in done.stderr


@ON_SQLITE
def test_a_catalog_that_does_not_fit_is_told_when_a_process_starts(
    make_app: Callable[..., Flask],
) -> None:
    app, run = with_gemini(make_app)
    (app.config["SETTINGS"].instance / "catalog.toml").write_text("[[modles]]")
    for command in (["worker"], ["serve", "--port", "8127"], ["models"]):
        done = run(*command)
        assert (done.exit_code, done.stderr.count("\n")) == (2, 1), command
        assert "catalog.toml: it must hold [[models]] alone" in done.stderr
