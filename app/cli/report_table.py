"""A report as tables for people, with bars and sparklines where the terminal shows them."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Mapping
from itertools import groupby
from typing import Any

import click

from app.cli import times
from app.cli.charts import bar, sparkline
from app.cli.table import Figure, print_table, shorten
from app.services.reports.report import Report

# What a table leaves out, for it to fit: JSON and CSV have it all.
HIDDEN = {
    "usage": {"start", "succeeded", "cancelled"},
    "models": {"generations", "succeeded", "failures", "cancelled", "favourites", "bytes"},
    "failures": {"advice", "examples"},
    "latency": {"start"},
    "cost": {"start"},
    "storage": {"start"},
}
# What its bars are of, and its lines.
BARS = {
    "usage": "images",
    "models": "images",
    "failures": "failures",
    "latency": "provider_p50_ms",
    "cost": "cost_usd",
    "storage": "kept_bytes",
}
LINES = {
    "usage": ("generations", "images", "failures", "cost_usd"),
    "latency": ("queue_p95_ms", "provider_p50_ms", "provider_p95_ms"),
    "cost": ("cost_usd",),
    "storage": ("images", "kept_bytes"),
}
SHORTEST_BAR, LONGEST_BAR = 10, 30
GAP = 2  # between columns
SPLITS = {"provider", "model", "project", "key", "size", "template"}
_ENDINGS = {"_usd": " (USD)", "_ms": " (s)", "_bytes": ""}
_UNITS = ("kB", "MB", "GB", "TB")
_THOUSAND = 1000
_CENT = 0.01


def print_report(report: Report) -> None:
    """Print the rows with their totals, then what else the report tells."""
    match report.name:
        case "compare":
            _print_sides(report)
        case "prompts":
            _print_prompts(report)
        case _:
            _print_lines(report)
            _print_rows(report)
    _print_more(report)
    for note in report.notes:
        click.echo(f"Note: {note}")


def _print_rows(report: Report) -> None:
    if not report.rows:
        click.echo("Nothing of this happened then.")
        return
    hidden = HIDDEN.get(report.name, set())
    names = [name for name in report.rows[0] if name not in hidden]
    headings = [heading(name) for name in names]
    rows = [[told(name, row[name]) for name in names] for row in report.rows]
    measure = BARS.get(report.name)
    if measure and (width := _room(headings, rows)):
        # None in the row of totals: it would dwarf all others.
        values = [row[measure] for row in report.rows]
        largest = max((each for each in values if each), default=0)
        headings.append(heading(measure))
        rows = [[*row, bar(each, largest, width)] for row, each in zip(rows, values, strict=True)]
    if report.rows:
        totals = [
            told(name, report.totals[name]) if name in report.totals else "" for name in names
        ]
        totals[0] = "total"
        rows.append([*totals, ""][: len(headings)])
    print_table(headings, rows)


def _room(headings: list[str], rows: list[list[str]]) -> int:
    """Return how wide bars can be beside a table; 0 where they cannot be seen or would be too short."""
    if not sys.stdout.isatty():
        return 0
    taken = sum(max(map(len, column)) + GAP for column in zip(headings, *rows, strict=True))
    room = shutil.get_terminal_size().columns - taken
    return 0 if room < SHORTEST_BAR else min(room, LONGEST_BAR)


def _print_lines(report: Report) -> None:
    """Print a sparkline of each measure over the periods, where it can be seen."""
    if not sys.stdout.isatty() or any(name in SPLITS for name in next(iter(report.rows), {})):
        return
    width = max(10, shutil.get_terminal_size().columns - 40)
    for name in LINES.get(report.name, ()):
        values = [row[name] for row in report.rows]
        total = told(name, report.totals[name]) if name in report.totals else ""
        click.echo(f"{heading(name):20} {sparkline(values, width)}  {total}")


def _print_sides(report: Report) -> None:
    """Print two sides beside each other, measure by measure."""
    first, second = report.rows
    differences = {row["measure"]: row for row in report.more["differences"]}
    rows = []
    for name in [name for name in first if name not in {"side", "name"}]:
        differs = differences.get(name)
        tells = [told(name, differs["difference"]), differs["verdict"]] if differs else ["", ""]
        rows.append([heading(name), told(name, first[name]), told(name, second[name]), *tells])
    print_table(("MEASURE", first["name"], second["name"], "DIFFERENCE", "VERDICT"), rows)


def _print_prompts(report: Report) -> None:
    """Print each list of prompts, then words and phrases."""
    numbers = "uses", "images", "favourites", "failures"
    headings = ("RANK", *map(heading, numbers), times.heading("LAST USED"), "PROMPT")
    for name, rows in groupby(report.rows, lambda row: row["list"]):
        click.echo(heading(name))
        lines = [
            (
                told("rank", row["rank"]),
                *(told(number, row[number]) for number in numbers),
                times.read(row["last_used_at"]),
                shorten(row["text"]),
            )
            for row in rows
        ]
        print_table(headings, lines)
        click.echo()
    for name in ("word", "phrase"):
        found = report.more[f"{name}s"]
        if found:
            bars = sys.stdout.isatty()
            largest = found[0]["count"]
            print_table(
                (name.upper(), "COUNT", *([""] if bars else [])),
                [
                    (
                        each[name],
                        told("count", each["count"]),
                        *([bar(each["count"], largest)] if bars else []),
                    )
                    for each in found
                ],
            )
            click.echo()


def _print_more(report: Report) -> None:
    for row in report.rows if report.name == "failures" else ():
        click.echo(f"\n{row['reason']} ({row['model']}): {row['advice']}")
        for example in row["examples"]:
            click.echo(f"  {example['id']}  {shorten(example['message'], 80)}")
    if month := report.more.get("month"):
        click.echo(
            f"This month: {month['to_date_usd']:,.2f} USD to date, "
            f"{month['projected_usd']:,.2f} USD projected; {month['unpriced']:,} unpriced."
        )
        for budget in month["budgets"]:
            click.echo(_budget(budget))
    if database := report.more.get("database"):
        rows = [(heading(name), told(name, value)) for name, value in database.items()]
        print_table(("DATABASE", "NOW"), rows)


def _budget(budget: Mapping[str, Any]) -> str:
    whose = f"of {budget['key']}" if budget["key"] else "of all"
    if budget["limit_usd"] is None:
        return f"Budget {whose} for the {budget['period']}: none."
    return (
        f"Budget {whose} for the {budget['period']}: {budget['left_usd']:,.2f} of "
        f"{budget['limit_usd']:,.2f} USD are left."
    )


def heading(name: str) -> str:
    """Return the heading of a field: its name, with the unit that its values are told in."""
    for ending, unit in _ENDINGS.items():
        if name.endswith(ending):
            return name.removesuffix(ending).replace("_", " ").upper() + unit
    return name.replace("_", " ").upper()


def told(name: str, value: Any) -> str:
    """Return a value as people read it; "–" where nothing is known."""
    if value is None:
        return "–"
    return value if isinstance(value, str) else Figure(_figure(name, value))


def _figure(name: str, value: float) -> str:
    if name.endswith("_usd"):
        is_small = "per_image" in name or 0 < abs(value) < _CENT
        return f"{value:,.4f}" if is_small else f"{value:,.2f}"
    if name.endswith("bytes"):
        return size(int(value))
    if name.endswith("_rate") or name == "share":
        return f"{value:.1%}"
    return f"{value / _THOUSAND:,.2f}" if name.endswith("_ms") else f"{value:,}"


def size(number: int) -> str:
    """Return a number of bytes to three digits."""
    if abs(number) < _THOUSAND:
        return f"{number} B"
    amount = float(number)
    for unit in _UNITS:
        amount /= _THOUSAND
        if abs(amount) < _THOUSAND or unit == _UNITS[-1]:
            break
    return f"{amount:.3g} {unit}"
