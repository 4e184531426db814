"""How pages look on one device: what was chosen in the settings, kept in a cookie.

By a cookie, and not in the browser's own storage: the very first paint has it, without any script.
"""

from __future__ import annotations

from typing import NamedTuple

from flask import Response, request
from werkzeug.datastructures import MultiDict

THEMES = ("auto", "dark", "light")
TILES = ("small", "medium", "large")
COOKIE = "proofsheet_look"
KEPT_SECONDS = 400 * 24 * 3600  # browsers keep none longer


class Look(NamedTuple):
    """The theme, and how large pictures are in rows; each is one of the names above."""

    theme: str = "auto"
    tiles: str = "medium"


def look() -> Look:
    """Return how pages look to whoever asks."""
    theme, _, tiles = request.cookies.get(COOKIE, "").partition(".")
    return _known(theme, tiles)


def chosen(form: MultiDict[str, str]) -> Look:
    """Return what a form says; what it does not say stays."""
    before = look()
    return _known(form.get("theme", before.theme), form.get("tiles", before.tiles))


def keep_look(response: Response, wanted: Look) -> None:
    """Let the browser keep it. It is no secret, and says nothing of who somebody is."""
    value = f"{wanted.theme}.{wanted.tiles}"
    response.set_cookie(COOKIE, value, max_age=KEPT_SECONDS, httponly=True, samesite="Lax")


def _known(theme: str, tiles: str) -> Look:
    usual = Look()
    return Look(theme if theme in THEMES else usual.theme, tiles if tiles in TILES else usual.tiles)
