"""Reports against the rows that they are about, counted in the plainest way."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from app.errors import InvalidInput
from app.extensions import db
from app.models import ApiKey, Generation, Image, ImageTag
from app.models.reporting.latency_buckets import ERROR, bucket_of
from app.models.reporting.sums import Measures
from app.services.reports.compare import _differences, _Side, compare, other_side
from app.services.reports.cost import cost
from app.services.reports.failures import failures
from app.services.reports.latency import latency
from app.services.reports.models import models
from app.services.reports.periods import By
from app.services.reports.question import ask
from app.services.reports.storage import storage
from app.services.reports.usage import usage
from tests.services.reports.conftest import BEGIN, DAYS

RANGE = (BEGIN, BEGIN + timedelta(days=DAYS))
ENDED = {"succeeded", "failed", "cancelled"}
NAMES: dict[By, Callable[[datetime], str]] = {
    By.DAY: lambda local: f"{local:%Y-%m-%d}",
    By.WEEK: lambda local: f"{local:%G-W%V}",
    By.MONTH: lambda local: f"{local:%Y-%m}",
}
ADDED = ("generations", "succeeded", "failures", "cancelled", "images", "bytes", "unpriced")
KEYS = {None: None, 1: "ana", 2: "ben"}


def ended() -> list[Generation]:
    return [row for row in db.session.scalars(select(Generation)) if row.status in ENDED]


def nothing() -> dict[str, float]:
    return dict.fromkeys([*ADDED, "favourites", "cost_usd"], 0)


def counted(zone: str, by: By, part: Callable[[Any], Any] = lambda _: None) -> dict[Any, Any]:
    """Return what happened by period and part, from the rows."""
    place = ZoneInfo(zone)
    found: dict[Any, dict[str, float]] = defaultdict(nothing)
    for row in ended():
        sums = found[NAMES[by](row.created_at.astimezone(place)), part(row)]
        sums["generations"] += 1
        sums["failures" if row.status == "failed" else row.status] += 1
        sums["cost_usd"] += (row.cost_microusd or 0) / 10**6
        sums["unpriced"] += row.cost_microusd is None
    for image in db.session.scalars(select(Image)):
        sums = found[NAMES[by](image.created_at.astimezone(place)), part(image)]
        sums["images"] += 1
        sums["favourites"] += image.favourite
        sums["bytes"] += image.byte_count
    return {key: pytest.approx(sums) for key, sums in found.items()}


@pytest.mark.parametrize(
    ("zone", "by"),
    [
        ("UTC", By.DAY),
        ("Europe/Berlin", By.DAY),
        ("America/New_York", By.WEEK),
        ("Asia/Kolkata", By.DAY),
        ("Pacific/Chatham", By.DAY),
        ("Australia/Lord_Howe", By.MONTH),
    ],
)
def test_usage_counts_what_the_rows_say_in_any_zone(history: Flask, zone: str, by: By) -> None:
    report = usage(ask(*RANGE, by, zone))
    told = {(row.pop("period"), None): row for row in report.rows if row.pop("start")}
    expected = counted(zone, by)
    assert {key: row for key, row in told.items() if any(row.values())} == expected
    assert report.totals == pytest.approx(
        {name: sum(row[name] for row in told.values()) for name in nothing()}
    )


@pytest.mark.parametrize(
    ("split", "part"),
    [
        ("model", lambda row: row.model),
        ("project", lambda row: row.project),
        ("key", lambda row: KEYS[row.api_key_id]),
        ("template", lambda row: (row.generation if isinstance(row, Image) else row).template),
    ],
)
def test_usage_is_told_apart_by_parts(
    history: Flask, split: str, part: Callable[[Any], Any]
) -> None:
    report = usage(ask(*RANGE, By.WEEK, "Europe/Berlin"), split)
    told = {
        (row["period"], row[split]): {name: row[name] for name in nothing()} for row in report.rows
    }
    expected = counted("Europe/Berlin", By.WEEK, part)
    assert {key: row for key, row in told.items() if any(row.values())} == expected
    assert report.totals == usage(ask(*RANGE, By.MONTH)).totals


def test_filters_hold_together(history: Flask) -> None:
    report = usage(ask(*RANGE, model="small", project="acme", key="ana", template="poster"))
    rows = [
        row
        for row in ended()
        if (row.model, row.project, row.api_key_id, row.template) == ("small", "acme", 1, "poster")
    ]
    assert report.totals["generations"] == len(rows) > 0
    images = [image for row in rows for image in row.images]
    assert report.totals["bytes"] == sum(image.byte_count for image in images)


def test_hours_and_odd_bounds_are_exact(history: Flask) -> None:
    since = datetime(2026, 10, 24, 21, 40, tzinfo=UTC)
    until = since + timedelta(hours=30, minutes=7)
    question = ask(since, until, By.HOUR, "Asia/Kolkata")
    assert (question.since.minute, question.until.minute) == (30, 0), "widened to quarter hours"
    report = usage(question)
    within = [row for row in ended() if question.since <= row.created_at < question.until]
    assert report.totals["generations"] == len(within) > 0
    assert sum(row["generations"] for row in report.rows) == len(within)


def test_periods_of_nothing_have_rows_of_zeros(history: Flask) -> None:
    empty = usage(ask(date(2020, 1, 1), date(2020, 1, 4))).rows
    assert [row["period"] for row in empty] == ["2020-01-01", "2020-01-02", "2020-01-03"]
    assert {row["generations"] for row in empty} == {0}
    split = usage(ask(*RANGE, By.HOUR), "key").rows
    assert len(split) == 3 * DAYS * 24


def test_a_tag_leaves_the_images_that_have_it(history: Flask) -> None:
    tagged = select(Image).join(ImageTag, ImageTag.image_id == Image.id).filter_by(tag="best")
    images = db.session.scalars(tagged.where(Image.model == "small")).all()
    for report in (usage, cost):
        totals = report(ask(*RANGE, tag="best", model="small"), "project").totals
        assert totals["images"] == len(images) > 0
        assert totals["generations"] == len({image.generation_id for image in images})
        costs = sum(image.cost_microusd or 0 for image in images)
        assert totals["cost_usd"] == costs / 10**6
    rows = models(ask(*RANGE, tag="best")).rows
    assert {row["model"]: row["images"] for row in rows}["small"] == len(images)


def exact(values: list[float], share: float) -> Any:
    """Return the percentile by nearest rank, within the error that is promised."""
    found = sorted(values)[max(math.ceil(share * len(values)), 1) - 1]
    return pytest.approx(found, rel=ERROR + 0.001, abs=1)


def test_models_tell_success_cost_and_latency(history: Flask) -> None:
    report = models(ask(*RANGE))
    images = db.session.scalars(select(Image).where(Image.model == "large")).all()
    [row] = [each for each in report.rows if each["model"] == "large"]
    assert row["images"] == len(images)
    assert row["cost_per_image_usd"] == 0.0336
    for share in (50, 95, 99):
        times = [image.latency_ms or 0 for image in images]
        assert row[f"latency_p{share}_ms"] == exact(times, share / 100)
    mine = [each for each in ended() if each.model == "large"]
    good = sum(each.status == "succeeded" for each in mine)
    bad = sum(each.status == "failed" for each in mine)
    assert row["success_rate"] == round(good / (good + bad), 4)
    assert report.totals["images"] == sum(each["images"] for each in report.rows)


def test_latency_tells_both_waits_by_period(history: Flask) -> None:
    report = latency(ask(*RANGE, By.WEEK, "Europe/Berlin"))
    place = ZoneInfo("Europe/Berlin")
    for row in report.rows:
        queued = [
            (each.started_at - each.created_at).total_seconds() * 1000
            for each in ended()
            if each.started_at and f"{each.created_at.astimezone(place):%G-W%V}" == row["period"]
        ]
        assert row["begun"] == len(queued)
        assert row["queue_p50_ms"] == exact(queued, 0.5)
        assert row["queue_p99_ms"] == exact(queued, 0.99)
    assert report.totals["images"] == sum(row["images"] for row in report.rows)
    assert latency(ask(*RANGE, model="small"), "key").totals["images"] < report.totals["images"]


def test_failures_tell_refusals_from_faults_with_examples(history: Flask) -> None:
    report = failures(ask(*RANGE, project="acme"))
    failed = [row for row in ended() if (row.status, row.project) == ("failed", "acme")]
    assert report.totals["failures"] == len(failed) == sum(row["failures"] for row in report.rows)
    refused = [row for row in failed if row.error_code == "content_blocked"]
    assert report.totals["refusals"] == len(refused) > 0
    assert report.totals["faults"] == len(failed) - len(refused)
    for row in report.rows:
        newest = sorted(
            each.id
            for each in failed
            if (each.model, each.error_code) == (row["model"], row["reason"])
        )
        assert [each["id"] for each in row["examples"]] == newest[::-1][:3]
        assert row["advice"]


def test_cost_tells_the_month_and_its_budget(history: Flask) -> None:
    report = cost(ask(*RANGE), "key")
    assert report.totals["cost_usd"] == pytest.approx(sum(row["cost_usd"] for row in report.rows))
    month = report.more["month"]
    now = datetime.now(UTC)
    assert month["start"].startswith(f"{now:%Y-%m}-01T00:00:00")
    assert month["projected_usd"] >= month["to_date_usd"]
    assert [each["period"] for each in month["budgets"]] == ["day", "month"]


def test_storage_grows_with_what_is_kept(history: Flask) -> None:
    report = storage(ask(*RANGE, By.WEEK))
    sizes = [image.byte_count for image in db.session.scalars(select(Image))]
    assert report.totals["images"] == len(sizes)
    assert report.rows[-1]["kept_bytes"] == report.more["database"]["picture_bytes"] == sum(sizes)
    later = storage(ask(RANGE[1], RANGE[1] + timedelta(days=2)))
    assert [row["kept_bytes"] for row in later.rows] == [sum(sizes)] * 2
    assert later.totals["images"] == 0
    assert report.more["database"]["database_bytes"] > 0


def test_two_templates_and_two_periods_are_compared(history: Flask) -> None:
    question = ask(*RANGE, project="Zoo")
    report = compare(question, other_side(question, template="poster"))
    assert [row["side"] for row in report.rows] == ["a", "b"]
    assert report.rows[0]["generations"] > report.rows[1]["generations"] > 0
    halves = ask(BEGIN + timedelta(days=7), RANGE[1])
    both = compare(halves, other_side(halves)).rows
    assert both[1]["name"] == "2026-10-22 to 2026-10-28"
    assert sum(row["generations"] for row in both) == usage(ask(*RANGE)).totals["generations"]


def test_a_period_that_is_cut_is_said_to_be(history: Flask) -> None:
    cut = ask(BEGIN + timedelta(hours=6), BEGIN + timedelta(days=2, hours=3), tz="Asia/Kolkata")
    assert usage(cut).notes == [
        "2026-10-22 is cut: it begins at 2026-10-22 11:30.",
        "2026-10-24 is cut: it ends at 2026-10-24 08:30.",
    ]
    assert usage(ask(*RANGE)).notes == usage(ask(BEGIN, None, By.MONTH)).notes[1:] == []


def test_examples_in_csv_are_their_ids(history: Flask) -> None:
    report = failures(ask(*RANGE))
    ids = ", ".join(each["id"] for each in report.rows[0]["examples"])
    assert ids
    assert ids in list(report.csv())[1]


def test_small_numbers_are_said_to_be_too_few(history: Flask) -> None:
    question = ask(BEGIN, BEGIN + timedelta(hours=6))
    report = compare(question, other_side(question, BEGIN + timedelta(days=2)))
    assert {each["verdict"] for each in report.more["differences"]} == {"too few to tell"}
    assert any("too few" in note for note in report.notes)


def test_another_time_is_as_long_where_its_end_is_not_said(history: Flask) -> None:
    question = ask(BEGIN + timedelta(days=5, hours=3), BEGIN + timedelta(days=7), tz="Asia/Kolkata")
    other = other_side(question, since=date(2026, 10, 22))
    assert other.since == datetime(2026, 10, 21, 18, 30, tzinfo=UTC)
    assert other.until - other.since == question.until - question.since


def test_a_thing_is_not_compared_with_itself(history: Flask) -> None:
    question = ask(*RANGE)
    with pytest.raises(InvalidInput, match="the same"):
        compare(question, question)


@pytest.mark.parametrize(
    ("question", "field"),
    [
        ({"since": date(2026, 1, 2), "until": date(2026, 1, 2)}, "since"),
        ({"since": date(1970, 1, 1), "by": By.HOUR}, "by"),
        ({"tz": "Europe/Atlantis"}, "tz"),
        ({"tz": "../etc/passwd"}, "tz"),
        ({"key": "nobody"}, "key"),
    ],
)
def test_what_cannot_be_asked_is_refused(
    context: Flask, question: dict[str, Any], field: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        ask(**question)
    assert refused.value.field == field


def test_what_has_no_images_knows_no_tags(context: Flask) -> None:
    for report in (latency, failures, storage):
        with pytest.raises(InvalidInput, match="leave tag out"):
            report(ask(tag="best"))


def test_a_report_as_csv_is_its_rows(history: Flask) -> None:
    report = usage(ask(*RANGE), "project")
    lines = list(report.csv())
    assert lines[0].startswith("period,start,project,generations,")
    assert len(lines) == 1 + len(report.rows)


def test_what_is_chance_and_what_is_not_is_told_apart() -> None:
    def verdicts(slower: float, worse: int) -> dict[str, str]:
        one = _side([500] * 60 + [900] * 60, succeeded=90)
        other = _side([round(500 * slower)] * 60 + [round(900 * slower)] * 60, succeeded=90 - worse)
        return {each["measure"]: each["verdict"] for each in _differences(one, other)}

    assert verdicts(1.01, 0)["latency_p50_ms"] == "may be chance"
    assert verdicts(2.5, 0)["latency_p50_ms"] == "different"
    assert verdicts(1, 3)["success_rate"] == "may be chance"
    assert verdicts(1, 30)["success_rate"] == "different"


def _side(times: list[int], succeeded: int) -> _Side:
    sums = Measures(succeeded=succeeded, failed=100 - succeeded, images=len(times))
    return _Side("one", sums, Counter(map(bucket_of, times)))


@pytest.mark.parametrize("report", [usage, latency, cost])
def test_keys_of_one_name_are_one_row(history: Flask, report: Callable[..., Any]) -> None:
    first, second = db.session.scalars(select(ApiKey).order_by(ApiKey.id))
    try:
        first.revoked_at = BEGIN
        db.session.flush()
        second.name = first.name
        told = report(ask(*RANGE, By.MONTH), "key").rows
        assert len({(row["period"], row["key"]) for row in told}) == len(told)
        alone = report(ask(*RANGE, By.MONTH, key="ana")).rows
        assert [row for row in told if row.pop("key") == "ana"] == alone
    finally:
        db.session.rollback()
