"""The gallery's pages."""

from __future__ import annotations

import pytest

from tests.web.conftest import Browse


def test_an_empty_gallery_says_what_to_do(browse: Browse) -> None:
    page = browse("GET", "/")
    assert page.status_code == 200
    assert "Your first picture" in page.text


@pytest.mark.parametrize(
    "query",
    ["from=yesterday", "to=2026-13-01", "prompt_id=x", "source=x", "since=x", "deleted=x", "q=%00"],
)
def test_a_filter_that_is_none_is_a_page_that_says_so(browse: Browse, query: str) -> None:
    page = browse("GET", f"/?{query}")
    assert page.status_code == 422
    assert page.mimetype == "text/html"
