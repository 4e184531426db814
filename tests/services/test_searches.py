"""Kept searches as filters, and filters as kept searches."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from app.models import Source
from app.models.image_filter import ImageFilter
from app.services.searches import filter_of, query_of

ALL = ImageFilter(
    q="red fox",
    deleted="include",
    source=Source.UPLOAD,
    prompt_id=7,
    favourite=False,
    tags=("dusk", "sea"),
    since=datetime(2026, 11, 1, 12, tzinfo=UTC),
    sort="oldest",
)


@pytest.mark.parametrize("wanted", [ImageFilter(), ALL, ImageFilter(favourite=True, by="laptop")])
def test_a_filter_is_kept_and_read_back(wanted: ImageFilter) -> None:
    assert filter_of(query_of(wanted)) == wanted


def test_what_the_api_kept_is_read() -> None:
    query = {"q": [""], "tag": ["sea", "sea"], "since": ["2026-11-01"]}
    first = datetime(2026, 11, 1, tzinfo=UTC)
    assert filter_of(query) == ImageFilter(tags=("sea",), since=first)
