"""The README's pictures of the gallery, made anew: `python -m benchmarks screenshots [--folder docs]`.

A demo history is made in a folder of its own and served; a Chromium looks at it in both schemes, on a
desktop and on a phone; each view is kept as a small WebP.
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.gallery_browser import Browsing, browsing
from benchmarks.gallery_data import Gallery
from benchmarks.serving import free_port, manage, serving
from config import ROOT, Settings

IMAGES = 240
MOST_BYTES = 60_000
SCREENS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1280, "height": 800}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "has_touch": True,
        "is_mobile": True,
        "device_scale_factor": 1.5,
    },
}
SETTLED_MS = 1500


class Shot(NamedTuple):
    """A view: its file's name, its address, and how it is looked at."""

    name: str
    path: str
    screen: str = "desktop"
    scheme: str = "dark"


def shots(image: int) -> tuple[Shot, ...]:
    """Return the views; `image` is the one that is looked at closely."""
    return (
        Shot("gallery-dark", "/"),
        Shot("gallery-light", "/", scheme="light"),
        Shot("viewer", f"/images/{image}"),
        Shot("reports", "/reports", scheme="light"),
        Shot("phone", "/", screen="phone"),
        Shot("phone-viewer", f"/images/{image}", screen="phone", scheme="light"),
    )


def main() -> None:
    """Make, serve, look, keep."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks screenshots")
    parser.add_argument("--folder", type=Path, default=ROOT / "docs")
    parser.add_argument("--images", type=int, default=IMAGES)
    options = parser.parse_args(sys.argv[2:])
    with tempfile.TemporaryDirectory() as name:
        gallery, image = prepare(Path(name), options.images)
        port = free_port()
        with (
            serving(manage(port), port, gallery.environment),
            browsing(port, gallery.log_in(port)) as browser,
        ):
            for shot in shots(image):
                data = small(look(browser, shot))
                (options.folder / f"{shot.name}.webp").write_bytes(data)
                print(f"{shot.name}.webp  {len(data) / 1000:.0f} KB")


def prepare(folder: Path, images: int) -> tuple[Gallery, int]:
    """Make the demo and a key; return them with the id of a picture to look at: a recent favourite."""
    from sqlalchemy import select

    from app import create_app
    from app.extensions import db
    from app.models import Image, Role
    from app.services.demo import make_demo
    from app.services.keys import create_key
    from app.services.schema import upgrade

    with create_app(Settings(instance=folder, provider="sketch")).app_context():
        upgrade()
        for _ in make_demo(images):
            pass
        _, key = create_key("Ada", Role.ADMIN)
        liked = select(Image.id).where(Image.favourite, Image.deleted_at.is_(None))
        image = db.session.scalar(liked.order_by(Image.position.desc())) or 1
        db.session.remove()
        db.engine.dispose()
    return Gallery(folder, key, images), image


def look(browser: Browsing, shot: Shot) -> bytes:
    """Return what a view looks like, as PNG."""
    with browser.tab(color_scheme=shot.scheme, **SCREENS[shot.screen]) as (page, _):
        page.goto(shot.path)
        page.wait_for_timeout(SETTLED_MS)
        return bytes(page.screenshot(animations="disabled"))


def small(png: bytes) -> bytes:
    """Return a picture as WebP, as well as it can be within the bytes."""
    from PIL import Image

    picture = Image.open(io.BytesIO(png)).convert("RGB")
    for quality in range(85, 20, -5):
        buffer = io.BytesIO()
        picture.save(buffer, "WEBP", quality=quality, method=6)
        if buffer.tell() <= MOST_BYTES:
            break
    return buffer.getvalue()
