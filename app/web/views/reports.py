"""/reports: what was made, for how much, how quickly, with which words, and what failed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any
from urllib.parse import urlencode
from zoneinfo import available_timezones

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import NotFound

from app.errors import InvalidInput
from app.extensions import current_settings
from app.models import Role
from app.services.reports.choices import choices
from app.services.reports.names import SPLITS
from app.services.reports.periods import By
from app.web.charts.patterns import patterns
from app.web.door import needs, wants_fragment
from app.web.rendering import page
from app.web.reporting.asked import FILTERS, REFUSED, TIMES, Asked, asked, chosen_period, given_in
from app.web.reporting.costs import costs
from app.web.reporting.failed import failed
from app.web.reporting.labels import time_of
from app.web.reporting.models import models
from app.web.reporting.overview import overview
from app.web.reporting.parts import Page
from app.web.reporting.room import room
from app.web.reporting.sides import sides
from app.web.reporting.spans import PERIODS
from app.web.reporting.waits import waits
from app.web.reporting.words import top_prompts, words

blueprint = Blueprint("reports", __name__, url_prefix="/reports")
PAGES: dict[str, Callable[[Asked], Page]] = {
    "overview": overview,
    "models": models,
    "cost": costs,
    "failures": failed,
    "latency": waits,
    "prompts": words,
    "storage": room,
    "compare": sides,
}
# Where charts are told apart.
SPLIT = {"overview", "cost", "latency"}


@blueprint.get("", defaults={"name": "overview"})
@blueprint.get("/<name>")
@needs(Role.VIEWER)
def show(name: str) -> Response:
    """One of the pages; what cannot be asked is told beside its form.

    Of the prompts a script gets those used most alone, to put them into the first page.
    """
    if name not in PAGES:
        raise NotFound
    given = given_in(request.args)
    try:
        question = asked(name, given)
        if wants_fragment() and name == "prompts":
            return page("reports/_part.html", card=top_prompts(question))
        found = PAGES[name](question)
    except InvalidInput as error:
        return page("reports/show.html", 422, **_form(name, given), wrong=error, span=None)
    return page(
        "reports/show.html",
        **_form(name, given),
        wrong=None,
        asked=question,
        found=found,
        span=time_of(question.question),
        patterns=patterns(),
        csv=_csv(found),
        csv_split=_csv(found, split=question.split) if name in SPLIT else None,
    )


def _form(name: str, given: dict[str, str]) -> dict[str, Any]:
    """Return what the form and the tabs need."""
    return {
        "name": name,
        "given": given,
        "tabs": [(each, _link(each, given)) for each in PAGES],
        "periods": [(each, _link(name, given, period=each)) for each in PERIODS],
        "chosen": chosen_period(given),
        "lengths": list(By),
        "splits": list(SPLITS) if name in SPLIT else (),
        "filters": [each for each in FILTERS if each not in REFUSED.get(name, ())],
        "choices": choices(),
        "zone": current_settings().zone.key,
        "zones": _zones(),
        "narrowed": sum(each in given for each in FILTERS),
        "cleared": _link(name, {each: given[each] for each in TIMES if each in given}),
        "everything": _link(name, {}, period="all"),
        "top_prompts": _link("prompts", given),
    }


def _csv(found: Page, **more: str) -> str:
    """Return the address of a report's rows at the API, where whoever is logged in gets them too."""
    return f"{request.script_root}/api/reports/{found.report}?{urlencode({**found.csv, **more})}"


@cache
def _zones() -> list[str]:
    """Return the names of all time zones: to look for them takes longer than most reports."""
    return sorted(available_timezones())


def _link(name: str, given: dict[str, str], **changes: str) -> str:
    """Return the address of a page with the same parameters but these.

    Another period is seen at its own best, and takes the place of days.
    """
    dropped = {"from", "to", "by"} if "period" in changes else set()
    kept = {each: value for each, value in given.items() if each not in dropped} | changes
    address = url_for("web.reports.show", name=name)
    return f"{address}?{urlencode(kept)}" if kept else address
