"""/api/reports: the same numbers as JSON and CSV, and what cannot be asked."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest

from tests.api.conftest import Ask, draw

REPORTS = ("usage", "prompts", "models", "failures", "latency", "cost", "storage", "compare")


@pytest.fixture
def ask_some(ask: Ask) -> Ask:
    """Ask an app with three images of two projects, one of which looks like a formula."""
    draw(ask, "A fox", n=2, project="=1+1")
    draw(ask, "A hare")
    return ask


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_answers_with_and_without_a_history(ask: Ask, name: str) -> None:
    assert ask("GET", f"/api/reports/{name}", role="viewer").json["report"] == name
    draw(ask, "A fox")
    answer = ask("GET", f"/api/reports/{name}?by=week&tz=Asia/Kolkata", role="viewer")
    assert answer.status_code == 200
    assert (answer.json["tz"], answer.json["by"]) == ("Asia/Kolkata", "week")


def test_usage_is_told_by_the_day_and_by_the_project(ask_some: Ask) -> None:
    found = ask_some("GET", "/api/reports/usage?split=project").json
    assert len(found["rows"]) == 2 * 30
    assert found["totals"]["images"] == sum(row["images"] for row in found["rows"]) == 3
    last = {row["project"]: row["images"] for row in found["rows"][-2:]}
    assert last == {None: 1, "=1+1": 2}


@pytest.mark.parametrize(
    "how",
    [{"query_string": {"format": "csv"}}, {"headers": {"Accept": "text/csv"}}],
)
def test_as_csv_it_has_the_same_rows_and_no_formula(ask_some: Ask, how: dict[str, Any]) -> None:
    path = "/api/reports/usage?split=project&by=month"
    how = {
        **how,
        "query_string": {**how.get("query_string", {}), "split": "project", "by": "month"},
    }
    answer = ask_some("GET", "/api/reports/usage", **how)
    assert answer.content_type == "text/csv; charset=utf-8"
    kept = {"If-None-Match": answer.headers["ETag"], **how.pop("headers", {})}
    assert ask_some("GET", "/api/reports/usage", headers=kept, **how).status_code == 304
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    told = ask_some("GET", path).json["rows"]
    assert [int(row["images"]) for row in rows] == [row["images"] for row in told]
    assert {row["project"] for row in rows} == {"", "'=1+1"}


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("usage?since=yesterday", "since"),
        ("usage?since=2026-11-22T10:00", "since"),
        ("usage?since=2026-11-02&until=2026-11-01", "since"),
        ("usage?tz=Mars", "tz"),
        ("usage?by=year", "by"),
        ("usage?split=colour", "split"),
        ("usage?key=nobody", "key"),
        ("usage?format=xml", "format"),
        ("storage?model=sketch-1", "model"),
        ("latency?tag=best", "tag"),
        ("prompts?limit=101", "limit"),
        ("compare?since=2026-11-01&until=2026-11-02&other_since=2026-11-01", "other_template"),
        ("compare?other_template=nope", "other_template"),
        ("cost?template=nope", "template"),
        ("prompts?model=nope", "model"),
        ("failures?provider=nope", "provider"),
        ("latency?project=nope", "project"),
    ],
)
def test_what_cannot_be_asked_is_422_and_says_which(ask: Ask, path: str, field: str) -> None:
    answer = ask("GET", f"/api/reports/{path}")
    assert (answer.status_code, answer.json["code"]) == (422, "invalid_input")
    assert [each["field"] for each in answer.json["errors"]] == [field]


def test_a_date_begins_in_the_zone_that_is_asked_for(ask: Ask) -> None:
    query = "since=2026-10-25&until=2026-10-26&tz=Europe/Berlin&by=hour"
    found = ask("GET", f"/api/reports/usage?{query}").json
    assert (found["since"], found["until"]) == ("2026-10-24T22:00:00Z", "2026-10-25T23:00:00Z")
    assert len(found["rows"]) == 25
