"""The pages of reports: the services' numbers, and what cannot be asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask
from markupsafe import escape

from app.errors import InvalidInput
from app.services.reports.compare import compare
from app.services.reports.cost import cost
from app.services.reports.failures import failures
from app.services.reports.latency import latency
from app.services.reports.models import models
from app.services.reports.periods import By
from app.services.reports.storage import storage
from app.services.reports.usage import usage
from app.web.reporting.asked import Asked, asked, given_in
from app.web.reporting.parts import Table
from app.web.reporting.tables import written
from app.web.views.reports import PAGES, SPLIT
from tests.conftest import DATABASES
from tests.services.reports.conftest import app_on_history
from tests.web.conftest import Browse, browser

TIME = {"from": "2026-10-22", "to": "2026-11-04", "tz": "Europe/Berlin"}
QUERY = "from=2026-10-22&to=2026-11-04&tz=Europe/Berlin"
HOSTILE = "<script>alert(1)</script>\"'&\u05d0 "


@pytest.fixture(scope="module", params=DATABASES)
def app_with_history(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Flask]:
    """An app with some 300 generations of a fortnight, to be looked at alone."""
    with app_on_history(request, tmp_path_factory.mktemp("pages"), serves=True) as app:
        yield app


@pytest.fixture
def history(app_with_history: Flask) -> Iterator[Flask]:
    """The same with its context."""
    with app_with_history.app_context():
        yield app_with_history


@pytest.fixture(scope="module")
def look(app_with_history: Flask) -> Browse:
    """Look at its pages."""
    return browser(app_with_history)


def path_of(name: str) -> str:
    return "/reports" if name == "overview" else f"/reports/{name}"


def rows_told(table: Table | None) -> list[list[str]]:
    assert table is not None
    return [[cell.text for cell in row] for row in table.rows]


def tables(name: str, wanted: Asked) -> list[Table]:
    return [card.table for card in PAGES[name](wanted).cards if card.table]


@pytest.mark.parametrize("name", sorted(PAGES.keys() - {"prompts"}))
@pytest.mark.parametrize("more", ["", "&by=week&model=small&split=project", "&tag=best"])
def test_every_page_shows_and_links_to_the_same_rows_as_csv(
    look: Browse, name: str, more: str
) -> None:
    page = look("GET", f"{path_of(name)}?{QUERY}{more}", role="viewer")
    assert page.status_code == 200
    assert " style=" not in page.text
    assert page.text.count("<svg") < 60
    links = re.findall(r'href="(/api/reports/[^"]+)"', page.text)
    assert len(links) == (2 if name in SPLIT else 1)
    for link in links:
        rows = look("GET", link.replace("&amp;", "&"), role="viewer")
        assert (rows.status_code, rows.mimetype) == (200, "text/csv")


def test_a_table_has_all_numbers_of_its_report(history: Flask) -> None:
    wanted = asked("overview", {**TIME, "by": "day"})
    reports: dict[str, tuple[Any, int]] = {
        "overview": (usage, -1),
        "models": (models, -1),
        "cost": (cost, -1),
        "latency": (latency, 0),
        "storage": (storage, 1),
    }
    for name, (report, at) in reports.items():
        found = report(wanted.question)
        table = tables(name, wanted)[at]
        assert len(table.rows) == len(found.rows)
        for row, cells in zip(found.rows, rows_told(table), strict=True):
            values = {written(key, value) for key, value in row.items() if key != "start"}
            assert values <= {*cells, "gemini", "1K"}, name


def test_charts_by_model_come_to_the_totals(history: Flask) -> None:
    wanted = asked("overview", {**TIME, "by": "day"})
    told = rows_told(tables("overview", wanted)[0])
    report = usage(wanted.question)
    assert [row[-1] for row in told] == [str(row["images"]) for row in report.rows]
    assert [int(row[1]) + int(row[2]) for row in told] == [int(row[-1]) for row in told]


def test_the_tiles_are_the_totals(history: Flask) -> None:
    wanted = asked("overview", TIME)
    totals = usage(wanted.question).totals
    images, failed, spend, _ = PAGES["overview"](wanted).tiles
    assert images.value == f"{totals['images']:,}"
    ended = totals["failures"] + totals["succeeded"]
    assert failed.said == f"{totals['failures']} of {ended}"
    assert spend.value == f"${totals['cost_usd']:.2f}"
    assert spend.said == f"+ {totals['unpriced']} without a price"


def test_each_reason_of_failures_is_told_once_with_what_to_do(history: Flask) -> None:
    wanted = asked("failures", TIME)
    report = failures(wanted.question)
    reasons = PAGES["failures"](wanted).more
    assert sum(int(each["number"]) for each in reasons) == report.totals["failures"]
    assert {each["reason"] for each in reasons} == {row["reason"] for row in report.rows}
    assert len(reasons) == 3
    assert all(each["advice"] for each in reasons)


def test_two_times_are_compared_as_the_service_does(history: Flask) -> None:
    other = {"other_from": "2026-10-22", "other_to": "2026-10-28"}
    wanted = asked("compare", {"from": "2026-10-29", "to": "2026-11-04", **other})
    found = PAGES["compare"](wanted).more
    report = compare(wanted.question, wanted.other())
    assert found["sides"] == [("29 Oct to 4 Nov 2026", None), ("22 Oct to 28 Oct 2026", None)]
    images = next(row for row in found["rows"] if row["name"] == "Images")
    assert images["values"] == [str(row["images"]) for row in report.rows]
    assert {row["verdict"] for row in found["rows"]} > {"may be chance"}


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/reports?tz=Mars", "IANA name"),
        ("/reports?tz=%00", "IANA name"),
        ("/reports?from=2026-11-03&to=2026-11-02", "comes after"),
        ("/reports?from=soon", "A day is written"),
        ("/reports?to=9999-12-31", "A day is written"),
        ("/reports?from=0001-01-01", "A day is written"),
        ("/reports?period=ever", "Choose one of the periods"),
        ("/reports?by=year", "Choose hour"),
        ("/reports?by=hour&period=90d", "more than 400"),
        ("/reports?split=colour", "Choose one of model"),
        ("/reports?model=nope", "Nothing was ever made with the model"),
        ("/reports/cost?project=%00", "printable"),
        ("/reports/latency?key=nobody", "There is no key"),
        ("/reports/compare?other_template=nope", "Nothing was ever made with the template"),
        ("/reports/compare?other_from=2026-11-09&other_to=2026-11-02", "comes after"),
        (f"/reports/compare?{QUERY}&other_from=2026-10-22&other_to=2026-11-04", "the same"),
    ],
)
def test_what_cannot_be_asked_is_said_beside_the_form(look: Browse, path: str, said: str) -> None:
    page = look("GET", path)
    assert page.status_code == 422
    assert said in re.search(r'role="alert">(.*?)</p>', page.text, re.DOTALL).group(1)  # type: ignore[union-attr]
    assert "<form" in page.text
    assert "<summary" in page.text


def test_the_field_in_question_is_marked_and_keeps_what_was_typed(look: Browse) -> None:
    text = look("GET", "/reports?tz=Mars&from=2026-11-01").text
    field = re.search(r'<input name="tz"[^>]*>', text)
    assert field
    assert 'value="Mars"' in field[0]
    assert 'aria-describedby="wrong"' in field[0]
    assert 'value="2026-11-01"' in text


@pytest.mark.parametrize(("name", "query"), [("storage", "model=nope"), ("latency", "tag=best")])
def test_a_filter_that_a_report_does_not_know_is_told_not_refused(
    look: Browse, name: str, query: str
) -> None:
    page = look("GET", f"/reports/{name}?{QUERY}&{query}")
    assert page.status_code == 200
    assert "does not narrow it" in page.text


def test_there_is_no_page_of_another_name(look: Browse) -> None:
    assert look("GET", "/reports/nothing").status_code == 404


def test_links_to_periods_and_pages_keep_the_rest(look: Browse) -> None:
    text = look("GET", f"/reports/cost?{QUERY}&model=small&by=week").text.replace("&amp;", "&")
    assert "/reports/cost?period=7d&tz=Europe%2FBerlin&model=small" in text.replace(
        "tz=Europe%2FBerlin&model=small&period=7d", "period=7d&tz=Europe%2FBerlin&model=small"
    )
    links = re.findall(r'href="/reports/models\?([^"]+)"', text)
    assert "from=2026-10-22&to=2026-11-04&by=week" in links[0]


def test_days_of_ones_own_come_before_a_period(history: Flask) -> None:
    both = asked("overview", {"period": "7d", "from": "2026-11-01", "to": "2026-11-02"})
    assert both.period is None
    assert (both.question.until - both.question.since).days == 2
    assert asked("overview", {}).period == "30d"
    assert asked("overview", {"period": "all"}).question.since.year == 2026
    assert asked("overview", {"to": "2026-11-02"}).question.by is By.DAY


def test_blank_fields_of_a_form_say_nothing() -> None:
    assert given_in({"model": " ", "tz": "", "by": "day", "page": "2"}) == {"by": "day"}


def test_what_is_wrong_names_its_field(history: Flask) -> None:
    with pytest.raises(InvalidInput) as caught:
        asked("overview", {"other_from": "2026-11-03", "from": "2026-13-01"})
    assert caught.value.field == "from"


def test_an_empty_history_says_what_will_be_there(browse: Browse) -> None:
    for name in PAGES:
        page = browse("GET", path_of(name), role="viewer")
        assert page.status_code == 200
        assert "Nothing here yet" in page.text
        assert "Draw the first picture" not in page.text
    assert "Draw the first picture" in browse("GET", "/reports").text


def test_hostile_words_are_text_and_lead_to_their_pictures(browse: Browse) -> None:
    body = {"prompt": HOSTILE, "project": HOSTILE.strip()}
    drawn = browse("POST", "/api/generations", json=body, headers={"Prefer": "wait=30"})
    assert drawn.status_code == 201, drawn.text
    for name in PAGES:
        page = browse("GET", f"{path_of(name)}?split=project")
        assert page.status_code == 200
        assert "<script>alert" not in page.text
    prompts = browse("GET", "/reports/prompts").text
    assert str(escape(HOSTILE.strip())) in prompts
    [*links] = set(re.findall(r'href="(/\?prompt_id=\d+)"', prompts))
    assert [browse("GET", link).status_code for link in links] == [200]
    assert "/api/reports/prompts?" in prompts
    [picture] = set(re.findall(r'<img src="([^"]+)"', prompts))
    assert browse("GET", picture.replace("&amp;", "&")).status_code == 200
    part = browse("GET", "/reports/prompts", headers={"X-Fragment": "1"}).text
    assert part.strip().startswith("<section")
    assert str(escape(HOSTILE.strip())) in part


def test_the_address_of_the_csv_is_of_this_server(look: Browse) -> None:
    [link] = re.findall(r'href="(/api/reports/[^"]+)"', look("GET", "/reports/models").text)
    assert urlsplit(link).netloc == ""
