"""Chosen pictures as a zip that is sent while it is made: one picture in memory, no file on the disk.

What is in it is what `images export` writes, and `images import` takes it in.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Collection, Iterator
from io import RawIOBase
from itertools import chain
from typing import Any

from app.errors import InvalidInput, NotFound
from app.extensions import db
from app.models.image_row import ImageRow
from app.models.picture_file import PictureFile
from app.services.archive import rows
from app.services.archive.kinds import FORMAT, VERSION
from app.services.archive.sinks import member

MOST_PICTURES = 1_000


def stream_zip(ids: Collection[int]) -> Iterator[bytes]:
    """Return the parts of a zip with these images, deleted ones too, in the order of their ids.

    Raises, before the first part, InvalidInput for none or too many and NotFound for an id that is
    not there. What is purged while the zip is sent is left out. No connection is held between parts:
    whoever saves it may be slow.
    """
    wanted = set(ids)
    if not 1 <= len(wanted) <= MOST_PICTURES:
        raise InvalidInput(
            f"A zip holds 1 to {MOST_PICTURES:,} pictures; `manage.py images export` writes as many "
            "as there are.",
            field="ids",
        )
    chosen = list(chain.from_iterable(rows.images_of(wanted)))
    db.session.rollback()
    return _parts(chosen)


def _parts(chosen: list[ImageRow]) -> Iterator[bytes]:
    written = _Written()
    with zipfile.ZipFile(written, "w") as packed:
        for row in chosen:
            for name, data in _files(row):
                packed.writestr(member(name), data)
            yield written.take()
    yield written.take()


def _files(row: ImageRow) -> Iterator[tuple[str, bytes]]:
    """Yield a picture and what is known of it, by the names of their files."""
    name = rows.picture_name(row)
    picture = PictureFile(row.id, row.prompt, row.created_at, row.sha256, row.mime_type)
    try:
        data = picture.read()
        asked = rows.generations_of([row]).get(row.generation_id)
    except NotFound:  # purged meanwhile
        return
    finally:
        db.session.rollback()
    about = {"format": FORMAT, "version": VERSION}
    sidecar = {**about, "image": rows.image_record(row, name), "generation": asked}
    yield name, data
    yield f"{name.rpartition('.')[0]}.json", json.dumps(sidecar, ensure_ascii=False).encode()


class _Written(RawIOBase):
    """What was written since it was last taken."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        """Return it, and begin anew."""
        taken, self._parts = b"".join(self._parts), []
        return taken
