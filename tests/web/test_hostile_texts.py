"""Whatever words people and programs bring, each page shows them as words."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from flask import Flask

from app.models.types import is_label
from tests.models.samples import ON_SQLITE
from tests.web.conftest import Browse
from tests.web.hostile import KINDS, TEXTS, bring_all
from tests.web.reading import Reading
from tests.web.walk import routes

pytestmark = ON_SQLITE
REPORTS = ("models", "cost", "failures", "latency", "prompts", "storage", "compare")


@pytest.fixture
def bound(app: Flask) -> list[dict[str, object]]:
    """What stands in the addresses of pages on each of the texts."""
    return bring_all(app)


def addresses(app: Flask, bound: list[dict[str, object]]) -> dict[str, None]:
    """Return the address of each page once, and those that hold a text themselves."""
    found = [
        path
        for values in bound
        for method, path in routes(app, "web.", values=values)
        if method == "GET" and not path.startswith("/static/")
    ]
    found += ["/?deleted=only", *(f"/reports/{name}" for name in REPORTS)]
    for text in TEXTS.values():
        given = quote(text[:1000])
        found += [f"/?{name}={given}" for name in ("q", "tag", "prompt", "told")]
        found += [f"/login?next={given}", f"/reports?model={given}&project={given}"]
    return dict.fromkeys(found)


def test_words_are_shown_as_words_on_every_page(
    app: Flask, browse: Browse, bound: list[dict[str, object]]
) -> None:
    faults, said = {}, ""
    for path in addresses(app, bound):
        for is_fragment in ("0", "1"):
            answer = browse("GET", path, role="admin", headers={"X-Fragment": is_fragment})
            assert answer.status_code < 500, path
            if answer.mimetype == "text/html":
                page = Reading(answer.text)
                said += page.words
                if page.faults:
                    faults[path] = page.faults
    assert not faults
    for text in TEXTS.values():
        for kind in KINDS:
            assert f"{kind} {text}"[:100] in said, kind
        if is_label(text):
            assert f"\n{text}\n" in said
