"""What makes the gallery an app on phones and desktops: a manifest and its icons. Open to all.

There is no service worker: nothing here works without the server, and what browsers may keep they
keep by its headers. A worker would only stand between the two.
"""

from __future__ import annotations

from functools import cache
from typing import Any, NamedTuple, cast

from flask import Blueprint, Response, json, request, url_for

from app.web import assets
from app.web.door import open_to_all
from app.web.texts import LANGUAGE, TEXT

blueprint = Blueprint("manifest", __name__)
DRAWING = "icon.svg"
A_DAY = "public, max-age=86400"
# The grounds of both schemes, as base.css has them: a manifest knows no oklch.
DARK, LIGHT = "#0e0d13", "#fafafc"


class Size(NamedTuple):
    """An icon as PNG; a `whole` one fills its corners, for who cuts it into shape."""

    pixels: int
    whole: bool = False


SIZES = {
    "icon-192": Size(192),
    "icon-512": Size(512),
    "icon-whole-512": Size(512, whole=True),
    "apple-touch-icon": Size(180, whole=True),
}
FAVICON = Size(48)


@blueprint.get("/manifest.webmanifest")
@open_to_all
def manifest() -> Response:
    """The manifest, by which browsers offer to install the gallery."""
    start = url_for("web.gallery.index")
    told = {
        "id": start,
        "name": TEXT.base.name,
        "short_name": TEXT.base.name,
        "description": TEXT.settings.app_description,
        "lang": LANGUAGE,
        "start_url": start,
        "scope": start,
        "display": "standalone",
        "background_color": DARK,
        "theme_color": DARK,
        "icons": [*_pngs(), _svg()],
    }
    return _kept(json.dumps(told), "application/manifest+json")


@blueprint.get(f"/<any({', '.join(map(repr, SIZES))}):name>.png")
@open_to_all
def icon(name: str) -> Response:
    """The icon as PNG, in one of the sizes that phones and desktops ask for."""
    return _kept(_png(SIZES[name]), "image/png")


@blueprint.get("/favicon.ico")
@open_to_all
def favicon() -> Response:
    """The icon where browsers look for it unasked, such as beside a picture alone in its tab."""
    return _kept(_png(FAVICON), "image/png")


@cache
def _png(size: Size) -> bytes:
    from app.imaging.icon import icon_png  # with Pillow: pages are there sooner without it

    svg = assets.files()[DRAWING].data.decode()
    return icon_png(svg, size.pixels, whole=size.whole)


def _pngs() -> list[dict[str, Any]]:
    return [
        {
            "src": url_for(".icon", name=name),
            "sizes": f"{size.pixels}x{size.pixels}",
            "type": "image/png",
            "purpose": "maskable" if size.whole else "any",
        }
        for name, size in SIZES.items()
        if name.startswith("icon")
    ]


def _svg() -> dict[str, Any]:
    return {"src": assets.address(DRAWING), "sizes": "any", "type": "image/svg+xml"}


def _kept(data: str | bytes, mime_type: str) -> Response:
    response = Response(data, mimetype=mime_type)
    response.headers["Cache-Control"] = A_DAY
    response.add_etag()
    return cast(Response, response.make_conditional(request))
