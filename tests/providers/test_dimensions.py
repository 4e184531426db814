from __future__ import annotations

import pytest

from app.errors import InvalidInput
from app.providers.dimensions import ASPECT_RATIOS, SIZES, dimensions


@pytest.mark.parametrize(
    ("aspect_ratio", "size", "expected"),
    [
        ("1:1", "512", (512, 512)),
        ("1:1", "1K", (1024, 1024)),
        ("16:9", "1K", (1368, 768)),
        ("2:3", "2K", (1672, 2512)),
        ("8:1", "4K", (11584, 1448)),
    ],
)
def test_a_ratio_and_a_size_give_pixels(
    aspect_ratio: str, size: str, expected: tuple[int, int]
) -> None:
    assert dimensions(aspect_ratio, size) == expected


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("aspect_ratio", ASPECT_RATIOS)
def test_area_and_ratio_are_nearly_kept_and_sides_are_multiples_of_8(
    aspect_ratio: str, size: str
) -> None:
    width, height = dimensions(aspect_ratio, size)
    across, down = map(int, aspect_ratio.split(":"))
    assert width * height == pytest.approx(SIZES[size] ** 2, rel=0.03)
    assert width / height == pytest.approx(across / down, rel=0.03)
    assert (width % 8, height % 8) == (0, 0)


@pytest.mark.parametrize("aspect_ratio", ["", "1", "5:7", "1:0", "sixteen:nine"])
def test_an_unknown_ratio_is_refused(aspect_ratio: str) -> None:
    with pytest.raises(InvalidInput, match="aspect ratio from 1:1, 2:3") as caught:
        dimensions(aspect_ratio, "1K")
    assert caught.value.field == "aspect_ratio"


def test_an_unknown_size_is_refused() -> None:
    with pytest.raises(InvalidInput, match="size from 512, 1K") as caught:
        dimensions("1:1", "8K")
    assert caught.value.field == "size"
