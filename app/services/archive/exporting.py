"""Exports: chosen pictures with a record beside each, or everything there is."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from app.errors import InvalidInput, NotFound
from app.models.image_filter import ImageFilter
from app.models.image_row import ImageRow
from app.models.picture_file import PictureFile
from app.models.snapshot import snapshot
from app.models.types import utc_now
from app.services.archive import rows, sheets
from app.services.archive.kinds import FORMAT, MANIFEST, VERSION
from app.services.archive.sinks import Folder, Sink, is_taken, sink
from app.services.records import timestamp
from config import ROOT

EVERYTHING = ImageFilter(deleted="include", sort="oldest")
# Called with each picture's size in bytes, once it is written.
Tell = Callable[[int], None]


@dataclass(slots=True)
class Exported:
    """How many pictures were written, and their bytes together.

    `missing` are the ids of images whose pictures are not there, as `manage.py check` tells too.
    """

    images: int = 0
    bytes: int = 0
    missing: list[int] = field(default_factory=list)


def export_images(wanted: ImageFilter | Collection[int], target: Path, tell: Tell) -> Exported:
    """Write the pictures of a filter, or of ids, each with a JSON file beside it.

    They go into a folder, or a zip, which is what ends in ".zip". Files of the same names are replaced.
    Raises ConfigurationError, InvalidInput for a place that is not there, and NotFound for ids.
    """
    done = Exported()
    with snapshot():
        pages = rows.images(wanted) if isinstance(wanted, ImageFilter) else rows.images_of(wanted)
        first = next(pages)  # before anything is made
        _write_pages(chain([first], pages), target, done, tell)
    return done


def export_all(folder: Path, tell: Tell) -> Exported:
    """Write everything into a folder that is new or empty: pictures, and lines of JSON of the rest.

    As it is at one moment. The manifest is written last: without it an export is cut short. Raises
    ConfigurationError, and InvalidInput for a folder that holds something.
    """
    if is_taken(folder) or folder.suffix.lower() == ".zip":
        raise InvalidInput(f"{folder} is no new or empty folder; name one.", field="folder")
    done = Exported()
    made_at = timestamp(utc_now())
    with snapshot(), sink(folder) as to:
        assert isinstance(to, Folder)  # noqa: S101 - it is no zip
        counts = {name: _write_lines(to, name, records) for name, records in _kinds().items()}
        counts["images"] = _write_lines(to, "images", _pictures(to, done, tell))
        to.write("README.md", (ROOT / "docs" / "export.md").read_bytes())
        manifest = {"format": FORMAT, "version": VERSION, "made_at": made_at, "counts": counts}
        to.write(MANIFEST, _json(manifest, indent=2))
    return done


def _write_pages(pages: Iterable[list[ImageRow]], target: Path, done: Exported, tell: Tell) -> None:
    with sink(target) as to:
        for page in pages:
            asked = rows.generations_of(page)
            for row in page:
                name = rows.picture_name(row)
                _write_picture(to, name, row, done, tell)
                about = {"format": FORMAT, "version": VERSION}
                record = rows.image_record(row, name)
                sidecar = {**about, "image": record, "generation": asked.get(row.generation_id)}
                to.write(f"{name.rpartition('.')[0]}.json", _json(sidecar, indent=2))


def _kinds() -> dict[str, Iterator[rows.Record]]:
    return {
        "keys": rows.keys(),
        "templates": rows.templates(),
        "searches": rows.searches(),
        "batches": rows.batches(),
        "generations": rows.generations(),
        "sheets": sheets.records(),
        "purged": rows.purged(),
        "prompts": rows.prompts(),
    }


def _pictures(to: Sink, done: Exported, tell: Tell) -> Iterator[rows.Record]:
    """Write every picture, and yield its record."""
    for page in rows.images(EVERYTHING):
        for row in page:
            name = f"pictures/{row.created_at:%Y-%m}/{rows.picture_name(row)}"
            _write_picture(to, name, row, done, tell)
            yield rows.image_record(row, name)


def _write_lines(to: Folder, kind: str, records: Iterator[rows.Record]) -> int:
    count = 0
    with to.lines(f"{kind}.jsonl") as add:
        for count, record in enumerate(records, start=1):  # noqa: B007 - the last one is returned
            add(_json(record))
    return count


def _write_picture(to: Sink, name: str, row: ImageRow, done: Exported, tell: Tell) -> None:
    picture = PictureFile(row.id, row.prompt, row.created_at, row.sha256, row.mime_type)
    try:
        data = picture.read()
    except NotFound:  # by a fault of the database, which must not keep the others in
        done.missing.append(row.id)
        return
    to.write(name, data)
    done.images += 1
    done.bytes += len(data)
    tell(len(data))


def _json(value: Any, indent: int | None = None) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=indent).encode()
