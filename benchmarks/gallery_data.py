"""A long history for the gallery, of which the newest have thumbnails of several shapes."""

from __future__ import annotations

import http.client
import io
import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from secrets import token_hex
from urllib.parse import urlencode

from benchmarks.history_data import build
from config import Settings

SHAPES = ((1024, 1024), (1200, 800), (800, 1200), (1280, 720), (1024, 768))
THUMBNAILS = (320, 640)
COLOURS = ("#8a3324", "#2f5d8a", "#3f7d4e", "#c9a227", "#5b3f8c", "#8c6f5b", "#1f6f78")
BATCH = 500
SPARE = 600  # more thumbnails than tiles are scrolled past


@dataclass(frozen=True, slots=True)
class Gallery:
    """An instance with its rows, and the key to it."""

    folder: Path
    key: str
    images: int

    @property
    def environment(self) -> dict[str, str]:
        """What its server needs."""
        return {"PROOFSHEET_INSTANCE": str(self.folder), "PROOFSHEET_PROVIDER": "sketch"}

    def log_in(self, port: int) -> tuple[str, str]:
        """Return name and value of the cookie of a new session."""
        body = urlencode({"secret": self.key})
        headers = {
            "Sec-Fetch-Site": "same-origin",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        answer = _send(port, "/login", body, headers)
        name, _, rest = (answer.getheader("Set-Cookie") or "").partition("=")
        return name, rest.partition(";")[0]

    def ask_for_one(self, port: int) -> None:
        """Ask for a picture that nobody draws: from then on something waits."""
        headers = {"Authorization": f"Bearer {self.key}", "Content-Type": "application/json"}
        answer = _send(port, "/api/generations", json.dumps({"prompt": "A fox"}), headers)
        if answer.status != http.client.ACCEPTED:
            raise RuntimeError(f"asking gave {answer.status}")


def prepare(folder: Path, images: int, tiles: int, file: Path | None) -> Gallery:
    """Lay the schema, the rows and a key, or take them from a copy of `file`."""
    from sqlalchemy import func, select

    from app import create_app
    from app.extensions import db
    from app.models import Image, Role
    from app.services.keys import create_key
    from app.services.schema import upgrade

    os.environ["PROOFSHEET_PROVIDER"] = "sketch"
    if file is not None:
        copy_database(file, folder / "proofsheet.db")
    with create_app(Settings(instance=folder)).app_context():
        upgrade()
        if file is None:
            build(images)
        kept = db.session.scalar(select(func.count()).select_from(Image)) or 0
        if not kept:
            raise SystemExit("There are no images in it.")
        _show(tiles + SPARE)
        _, key = create_key(f"gallery benchmark {token_hex(4)}", Role.CREATOR)
        db.session.remove()
        db.engine.dispose()
    return Gallery(folder, key, kept)


def copy_database(file: Path, target: Path) -> None:
    """Copy a database with what still stands in its write-ahead log: its file alone may be empty."""
    target.touch(mode=0o600)
    source = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
    with closing(source), closing(sqlite3.connect(target)) as copy:
        source.backup(copy)


def _show(newest: int) -> None:
    """Give so many of the newest images a shape, a colour and thumbnails of their own."""
    from sqlalchemy import bindparam, delete, insert, select, update

    from app.extensions import db
    from app.models import Image, ImageThumbnail

    drawn = list(_drawn())
    ids = list(db.session.scalars(select(Image.id).order_by(Image.position.desc()).limit(newest)))
    table = Image.__table__
    shaped = (
        update(table)
        .where(table.c.id == bindparam("image"))
        .values(width=bindparam("wide"), height=bindparam("high"), color=bindparam("colour"))
    )
    for first in range(0, len(ids), BATCH):
        some = [(each, drawn[each % len(drawn)]) for each in ids[first : first + BATCH]]
        db.session.execute(
            delete(ImageThumbnail).where(ImageThumbnail.image_id.in_([each for each, _ in some]))
        )
        db.session.connection().execute(
            shaped,
            [
                {"image": each, "wide": shape[0], "high": shape[1], "colour": colour}
                for each, (shape, colour, _) in some
            ],
        )
        rows = [{"image_id": each, **small} for each, (_, _, smalls) in some for small in smalls]
        db.session.execute(insert(ImageThumbnail), rows)
        db.session.commit()


def _drawn() -> Iterator[tuple[tuple[int, int], str, list[dict[str, object]]]]:
    """Yield each shape in each colour, and its thumbnails, as large as those of photographs."""
    from PIL import Image, ImageChops, ImageOps

    for shape in SHAPES:
        grain = Image.effect_noise(shape, 24)
        for colour in COLOURS:
            across = Image.linear_gradient("L").resize(shape)
            grey = ImageChops.overlay(across, grain)
            picture = ImageOps.colorize(grey, colour, "#f4efe6", mid="#d9a679")
            smalls = []
            for size in THUMBNAILS:
                small = picture.copy()
                small.thumbnail((size, size))
                buffer = io.BytesIO()
                small.save(buffer, "WEBP", quality=75)
                columns = {"size": size, "width": small.width, "height": small.height}
                smalls.append({**columns, "data": buffer.getvalue()})
            yield shape, colour, smalls


def _send(port: int, path: str, body: str, headers: dict[str, str]) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", path, body, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer
