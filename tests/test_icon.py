"""The icon as PNG: drawn from the same SVG that browsers show."""

from __future__ import annotations

import pytest

from app.imaging.icon import icon_png
from config import ROOT
from tests.pictures import opened

SVG = (ROOT / "app/web/static/icon.svg").read_text()


@pytest.mark.parametrize("size", [32, 192])
def test_an_icon_has_the_size_that_is_asked_for_and_clear_corners(size: int) -> None:
    icon = opened(icon_png(SVG, size)).convert("RGBA")
    assert icon.size == (size, size)
    assert icon.getpixel((0, 0)) == (0, 0, 0, 0)


def test_the_picked_frame_is_bright_within_its_ring() -> None:
    icon = opened(icon_png(SVG, 512)).convert("RGBA")
    frame, ring, ground = (icon.getpixel(at)[:3] for at in [(324, 324), (324, 412), (20, 256)])
    assert min(frame) > 240
    assert ring[2] > ring[0] > 100
    assert max(ground) < 50


def test_a_whole_one_fills_its_corners_for_those_who_cut_it_themselves() -> None:
    icon = opened(icon_png(SVG, 64, whole=True)).convert("RGBA")
    assert {icon.getpixel(at)[3] for at in [(0, 0), (63, 0), (0, 63), (63, 63)]} == {255}
