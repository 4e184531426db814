"""`usage_report`: what was made, and for how much."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, StrictStr

from app.cli.mcp.search import Label
from app.cli.mcp.shapes import Usage
from app.cli.mcp.times import When, moment_or_none
from app.cli.mcp.tool import Answer, Arguments, Call, Tool
from app.errors import InvalidInput
from app.models import Role
from app.services.reports.periods import By
from app.services.reports.question import ask
from app.services.reports.usage import usage
from config import time_zone

MOST_ROWS = 400


def _zone(value: str) -> str:
    time_zone(value)
    return value


class UsageArguments(Arguments):
    """About which time, in which periods."""

    since: When | None = Field(
        None,
        description="From then on: 2026-11-01, 2026-11-01T12:00:00Z, 7d, yesterday. Without it 48 "
        "hours, 30 days, 13 weeks or 12 months, with the present one.",
    )
    until: When | None = Field(None, description="Before then; now, if not given.")
    by: By = Field(By.DAY, description="How long a period is; weeks begin on Monday.")
    tz: Annotated[StrictStr, Field(max_length=64), AfterValidator(_zone)] | None = Field(
        None, description="Whose days: a time zone's IANA name, such as Europe/Berlin."
    )
    project: Label | None = Field(None, description="Asked for with this project alone.")
    split: Annotated[str, Field(pattern="^(model|provider|project|key|size|template)$")] | None = (
        Field(None, description="A row for each model, provider, project, key, size or template.")
    )


def usage_report(_call: Call, arguments: UsageArguments) -> Answer:
    """Return the report, without rows of nothing. Raises InvalidInput, also for too many rows."""
    since, until = (
        moment_or_none(each, arguments.tz) for each in (arguments.since, arguments.until)
    )
    question = ask(since, until, arguments.by, arguments.tz, project=arguments.project)
    record = usage(question, arguments.split).record()
    rows = [row for row in record["rows"] if _happened(row)]
    if len(rows) > MOST_ROWS:
        raise InvalidInput(
            f"These are {len(rows):,} rows; ask about less time, or by a longer period.", field="by"
        )
    return Answer({**{name: record[name] for name in Usage.model_fields}, "rows": rows})


def _happened(row: dict[str, Any]) -> bool:
    return bool(row["generations"] or row["images"])


USAGE = Tool(
    name="usage_report",
    title="Report what was made",
    description=(
        "Tell how many generations, pictures and failures there were and what they cost in US "
        "dollars, by hour, day, week or month. `unpriced` counts pictures whose cost is not known."
    ),
    role=Role.VIEWER,
    arguments=UsageArguments,
    answer=Usage,
    run=usage_report,
)
