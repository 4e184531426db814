"""What comes in with an import is held to its column."""

from __future__ import annotations

from typing import Any

import pytest

from app.errors import InvalidInput
from app.models.image import IMAGES
from app.services.archive.fields import decoded

USAGE = (IMAGES.c.usage,)


def test_counts_of_tokens_come_in_as_they_are() -> None:
    assert decoded(USAGE, {"usage": {"image_tokens": 1_120}}) == {"usage": {"image_tokens": 1_120}}
    assert decoded(USAGE, {}) == {"usage": None}


@pytest.mark.parametrize(
    "usage",
    [
        [1],
        {"image_tokens": "1120"},
        {"image_tokens": True},
        {"image_tokens": -1},
        {"image_tokens": 2**31},
        {"image_tokens": {"more": 1}},
        {"\0": 1},
        {"x" * 101: 1},
        {str(each): 1 for each in range(101)},
    ],
)
def test_what_counts_no_tokens_is_refused(usage: Any) -> None:
    with pytest.raises(InvalidInput):
        decoded(USAGE, {"usage": usage})
