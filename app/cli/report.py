"""`report`: what was made, with which words, for how much, and what failed."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any

import click
from flask.cli import with_appcontext

from app.cli.output import FORMS
from app.cli.selection import TEXT
from app.cli.times import Time, Zone, moment

if TYPE_CHECKING:
    from datetime import datetime

    from app.services.reports.question import Question
    from app.services.reports.report import Report

SPLITS = ["model", "provider", "project", "key", "size", "template"]
PERIOD = [
    click.option(
        "--since",
        type=Time(),
        help="From then on: 7d, 2026-11-01, yesterday; widened to the quarter hour.  [default: 48 "
        "hours, 30 days, 13 weeks or 12 months ago]",
    ),
    click.option("--until", type=Time(), help="Before then.  [default: now]"),
    click.option(
        "--by",
        type=click.Choice(["hour", "day", "week", "month"]),
        help="How long a period is; weeks begin on Monday.  [default: day]",
    ),
    click.option("--tz", type=Zone(), help="Whose days.  [default: PROOFSHEET_TIMEZONE]"),
]
PART = [
    click.option("--model", type=TEXT, help="Of this model alone."),
    click.option("--provider", type=TEXT, help="Of this provider alone."),
    click.option("--key", type=TEXT, help="Of the key of this name alone."),
    click.option("--project", type=TEXT, help="Of this project alone."),
    click.option("--template", type=TEXT, help="Of this template alone."),
]
TAG = [click.option("--tag", type=TEXT, help="Only images that have this tag now.")]
SPLIT = [click.option("--split", type=click.Choice(SPLITS), help="A row for each of these.")]
Made = Callable[..., "Report"]


@click.group("report")
def command() -> None:
    """Tell what was made, for how much, how quickly, and what failed, in any time zone's days.

    Times are widened to the quarter hours that they are in.
    """


def reports(*options: Callable[..., Any], by: str = "day") -> Callable[[Made], Callable[..., Any]]:
    """Make a command of a function that takes a question, and says what becomes of it."""

    def decorate(make: Made) -> Callable[..., Any]:
        @wraps(make)
        def run(as_json: bool, as_csv: bool, **given: Any) -> None:
            if as_json and as_csv:
                raise click.UsageError("Give either --json or --csv.")
            _print(make(**_asked(given, by)), "json" if as_json else "csv" if as_csv else "table")

        run = with_appcontext(run)
        forms = [
            click.option(f"--{form}", f"as_{form}", is_flag=True, help=FORMS[form])
            for form in ("json", "csv")
        ]
        for option in reversed([*PERIOD, *options, *forms]):
            run = option(run)
        return run

    return decorate


@command.command("usage")
@reports(*PART, *TAG, *SPLIT)
def usage(question: Question, split: str | None) -> Report:
    """Count generations, images, failures, cost and bytes by the period.

    Example: python manage.py report usage --since 2026-11 --by week --split model
    """
    # These load the database, which --help does without.
    from app.services.reports.usage import usage as report

    return report(question, split)


@command.command("prompts")
@reports(
    *PART,
    *TAG,
    click.option(
        "--limit",
        type=click.IntRange(1),
        default=10,
        show_default=True,
        help="So many of each list.",
    ),
    by="month",  # it has no periods; without --since it goes back a year
)
def prompts(question: Question, limit: int) -> Report:
    """Tell the prompts used most, last, kept most, failed most and never again, and their words.

    Example: python manage.py report prompts --since 90d --limit 5
    """
    # As above.
    from app.services.reports.prompts import prompts as report

    return report(question, limit)


@command.command("models")
@reports(*PART, *TAG)
def models(question: Question) -> Report:
    """Tell images, success, latency and the cost of an image by model and size.

    Example: python manage.py report models --since 30d
    """
    # As above.
    from app.services.reports.models import models as report

    return report(question)


@command.command("failures")
@reports(*PART)
def failures(question: Question) -> Report:
    """Tell what failed by reason, with examples and what to do; refusals apart from faults.

    Example: python manage.py report failures --since yesterday
    """
    # As above.
    from app.services.reports.failures import failures as report

    return report(question)


@command.command("latency")
@reports(*PART, *SPLIT)
def latency(question: Question, split: str | None) -> Report:
    """Tell how long generations waited and how long the provider took, in percentiles by the period.

    Example: python manage.py report latency --since 48h --by hour
    """
    # As above.
    from app.services.reports.latency import latency as report

    return report(question, split)


@command.command("cost")
@reports(*PART, *TAG, *SPLIT)
def cost(question: Question, split: str | None) -> Report:
    """Tell the cost by the period, and of this month to date, projected, and against the budget.

    Example: python manage.py report cost --by month --split key --csv
    """
    # As above.
    from app.services.reports.cost import cost as report

    return report(question, split)


@command.command("storage")
@reports()
def storage(question: Question) -> Report:
    """Tell the room that everything takes, how it grew, and what a purge would give back.

    Example: python manage.py report storage --by month
    """
    # As above.
    from app.services.reports.storage import storage as report

    return report(question)


@command.command("compare")
@reports(
    *PART,
    click.option("--other-since", type=Time(), help="The other period begins then."),
    click.option("--other-until", type=Time(), help="And ends then."),
    click.option("--other-template", type=TEXT, help="The other template."),
)
def compare(
    question: Question,
    other_since: str | None,
    other_until: str | None,
    other_template: str | None,
) -> Report:
    """Put two periods or two templates side by side; by itself, with as much time right before.

    CSV has the two rows; whether they differ is in the table and in JSON.

    Example: python manage.py report compare --since 7d --template poster --other-template flyer
    """
    # As above.
    from app.services.reports.compare import compare as report
    from app.services.reports.compare import other_side

    since, until = (_moment(each, question.zone.key) for each in (other_since, other_until))
    return report(question, other_side(question, since, until, other_template))


def _asked(given: dict[str, Any], usual: str) -> dict[str, Any]:
    """Return the same with the question in place of what makes one; `usual` is how long a period is.

    Raises InvalidInput.
    """
    from app.services.reports.periods import By
    from app.services.reports.question import ask
    from app.services.schema import require_current

    require_current()
    tz = given.pop("tz")
    since, until = (_moment(given.pop(name), tz) for name in ("since", "until"))
    names = ("model", "provider", "key", "project", "template", "tag")
    filters = {name: given.pop(name) for name in names if name in given}
    return {"question": ask(since, until, By(given.pop("by") or usual), tz, **filters), **given}


def _moment(text: str | None, tz: str | None) -> datetime | None:
    return None if text is None else moment(text, tz)


def _print(report: Report, form: str) -> None:
    from app.cli.report_table import print_report
    from app.cli.table import print_json

    match form:
        case "json":
            print_json(report.record())
        case "csv":
            for line in report.csv():
                click.echo(line, nl=False)
        case _:
            print_report(report)
