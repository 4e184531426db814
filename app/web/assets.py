"""Style, scripts and icons: put together once, compressed once, and kept by browsers for ever.

Their address holds a hash of them all, so that a new version has new addresses, those of modules that
import one another by relative paths included.
"""

from __future__ import annotations

import gzip
import json
import re
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from math import log
from pathlib import Path
from posixpath import dirname, join, normpath

from flask import Blueprint, Response, request, url_for
from rjsmin import jsmin
from werkzeug.exceptions import NotFound

from app.compression import takes_gzip
from app.doors import Part
from app.web.door import open_to_all
from app.web.texts import script_texts

blueprint = Blueprint("assets", __name__)
_FOLDER = Path(__file__).with_name("static")
LAYERS = "@layer base, parts, pages;\n"
TYPES = {
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
WORDS = "js/core/words.js"
FOR_EVER = "public, max-age=31536000, immutable"
_IMPORT = re.compile(
    r"""^(?:import|export)\s+(?:[\w*{}\s,$]+\sfrom\s+)?["'](\.{1,2}/[^"']+)["']""", re.MULTILINE
)
# Steps of 1% between the ratios of tiles: without inline style each needs a class, and a picture is
# cut by half a step at the most.
RATIO_STEP = 1.01
RATIO_STEPS = 140


@dataclass(frozen=True, slots=True)
class Asset:
    """One file as it is sent."""

    data: bytes
    zipped: bytes | None
    mime_type: str


@blueprint.get("/static/<version>/<path:name>")
@open_to_all
def show(version: str, name: str) -> Response:
    """A file; of any version, since a page may be older than the server."""
    asset = files().get(name)
    if asset is None:
        raise NotFound
    response = Part(asset.data, mimetype=asset.mime_type)
    if asset.zipped is not None:
        response.vary.add("Accept-Encoding")
        if takes_gzip(request.headers.get("Accept-Encoding", "")):
            response.set_data(asset.zipped)
            response.headers["Content-Encoding"] = "gzip"
    response.headers["Cache-Control"] = FOR_EVER if version == current_version() else "no-cache"
    return response


def address(name: str) -> str:
    """Return where a file is, such as app.css. Raises KeyError where there is none."""
    files()[name]
    return url_for("web.assets.show", version=current_version(), name=name)


@cache
def modules_of(entry: str) -> tuple[str, ...]:
    """Return a script and all that it imports, so that a page can have them sent at once."""
    found: dict[str, None] = {}
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        found[name] = None
        source = "" if name == WORDS else (_FOLDER / name).read_text()
        paths = _IMPORT.findall(source)
        waiting.extend(normpath(join(dirname(name), path)) for path in paths)
    return tuple(found)


@cache
def current_version() -> str:
    """Return the hash of all files."""
    digest = sha256()
    for name, asset in sorted(files().items()):
        digest.update(f"{name}\0".encode() + asset.data)
    return digest.hexdigest()[:12]


@cache
def files() -> dict[str, Asset]:
    """Return every file by its name."""
    kept = {
        str(file.relative_to(_FOLDER)): file.read_bytes()
        for file in sorted(_FOLDER.rglob("*"))
        if file.is_file() and file.suffix in TYPES and file.parent.name not in {"css", "icons"}
    }
    kept["app.css"] = _style().encode()
    kept["icons.svg"] = _icons().encode()
    kept[WORDS] = f"export default {json.dumps(script_texts(), ensure_ascii=False)};\n".encode()
    return {name: _asset(name, data) for name, data in kept.items()}


def _asset(name: str, data: bytes) -> Asset:
    suffix = Path(name).suffix
    if suffix == ".js":
        # A quarter of what is sent, compressed, were comments.
        data = jsmin(data)
    zipped = None if suffix == ".png" else gzip.compress(data, 9, mtime=0)
    return Asset(data, zipped, TYPES[suffix])


def _style() -> str:
    """Return the one stylesheet: the rooms' parts, whose layers say which of them win."""
    parts = [file.read_text() for file in sorted((_FOLDER / "css").glob("*.css"))]
    steps = range(-RATIO_STEPS, RATIO_STEPS + 1)
    ratios = "".join(f".{_ratio_class(step)}{{--ar:{RATIO_STEP**step:.4g}}}" for step in steps)
    return "".join([LAYERS, *parts, f"@layer parts{{{ratios}}}\n"])


def ratio_class(width: int, height: int) -> str:
    """Return the class of a picture of so many pixels, which sets --ar to width over height."""
    step = round(log(width / height) / log(RATIO_STEP))
    return _ratio_class(max(-RATIO_STEPS, min(RATIO_STEPS, step)))


def _ratio_class(step: int) -> str:
    return f"ar{step}" if step >= 0 else f"ar-{-step}"


def _icons() -> str:
    """Return the sheet of icons: one symbol for each file, of 24 by 24."""
    symbols = "".join(
        f'<symbol id="{file.stem}" viewBox="0 0 24 24">{file.read_text().strip()}</symbol>\n'
        for file in sorted((_FOLDER / "icons").glob("*.svg"))
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n{symbols}</svg>\n'
