"""Addresses of our own to go back to, with what has been done."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import cast
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Response, redirect, url_for

from app.models.types import IDS

# What a page tells once; the next one is to tell its own.
ONCE = ("told", "undo")
# An address may be some kilobytes long: more pictures than that are brought back from the trash.
MOST_UNDONE = 200
_NUMBER = re.compile("[0-9]{1,19}")


def back(target: str, told: str, undo: Collection[int] = ()) -> Response:
    """Go back to where a form was, or to the gallery; tell what was done, and of which pictures."""
    parts = urlsplit(local(target))
    query = [pair for pair in parse_qsl(parts.query) if pair[0] not in ONCE]
    query.append(("told", told))
    if undo and len(undo) <= MOST_UNDONE:
        query.append(("undo", ",".join(map(str, undo))))
    return cast(Response, redirect(f"{parts.path}?{urlencode(query)}", 303))


def numbers(text: str) -> list[int]:
    """Return the ids that a text names, each once, with commas between; what is none is passed over."""
    found = (int(each) for each in text.split(",") if _NUMBER.fullmatch(each))
    return list(dict.fromkeys(each for each in found if each in IDS))


def local(target: str) -> str:
    """Return a path of ours, and never another host's, whatever a form or a link says."""
    try:
        parts = urlsplit(target.replace("\\", "/"))
    except ValueError:  # such as //[
        parts = None
    is_ours = target.startswith("/") and not target.startswith("//")
    fits = is_ours and parts is not None and not parts.netloc and target.isprintable()
    return target if fits else url_for("web.gallery.index")
