"""Imports: what was exported here or elsewhere, exactly; and loose pictures of any origin."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import Any

from app.errors import InvalidInput
from app.extensions import current_settings
from app.services.archive import generations, images
from app.services.archive.everything import Everything, manifest_of
from app.services.archive.foreign import parsed
from app.services.archive.keeping import Incoming, Keeper, Tell
from app.services.archive.kinds import FORMAT, VERSION
from app.services.archive.people import People
from app.services.archive.report import Imported
from app.services.archive.sources import File, Source, Unreadable, read, source

# Also those of formats that are refused with a hint.
PICTURES = {
    *(".png", ".jpg", ".jpeg", ".jfif", ".webp", ".gif", ".avif"),
    *(".heic", ".heif", ".bmp", ".tif", ".tiff", ".svg"),
}
SIDECARS = (".json", ".txt")
LONGEST_SIDECAR = 4 * 1024**2


def import_from(path: Path, tell: Tell, *, dry: bool = False) -> Imported:
    """Take in a folder or a zip, a few pictures at a time; nothing twice, so it can be done again.

    What cannot be taken is told with the reason, and the rest is. A `dry` import looks at every picture,
    and writes nothing. `tell` is called with numbers of pictures that were looked at. Raises
    InvalidInput and ConfigurationError where there is nothing to read, and Conflict for too many keys.
    """
    done = Imported()
    with source(path) as origin:
        manifest = manifest_of(origin)
        if manifest is not None:
            Everything(origin, manifest, done, tell, dry=dry).run()
        else:
            _import_pictures(origin, done, tell, dry=dry)
        for name, reason in origin.refused.items():
            done.skip(name, reason)
    return done


def _import_pictures(origin: Source, done: Imported, tell: Tell, *, dry: bool) -> None:
    files = origin.walk()
    used: set[str] = set()
    keeper = Keeper(done, People(done), tell, dry=dry)
    for file in files.values():
        if not _is_picture(file):
            continue
        try:
            sidecar = _sidecar(file, files)
            used.update({file.name} | ({sidecar.name} if sidecar else set()))
            keeper.add(_incoming(origin, file, sidecar))
        except (InvalidInput, Unreadable) as error:
            done.skip(file.name, str(error))
            tell(1)
    keeper.finish()
    for name in files.keys() - used:
        done.skip(name, "no picture", is_fault=False)


def _is_picture(file: File) -> bool:
    return PurePosixPath(file.name).suffix.lower() in PICTURES


def _sidecar(file: File, files: dict[str, File]) -> File | None:
    """Return the file that tells of a picture: `fox.json` or `fox.png.json` of `fox.png`."""
    stem = file.name.rpartition(".")[0]
    names = (f"{base}{ending}" for ending in SIDECARS for base in (stem, file.name))
    return next((files[name] for name in names if name in files), None)


def _incoming(origin: Source, file: File, sidecar: File | None) -> Incoming:
    data = read(origin, file, current_settings().max_picture_bytes)
    beside = _beside(origin, sidecar) if sidecar else None
    if not isinstance(beside, dict) or beside.get("format") != FORMAT:
        return images.loose(file.name, data, file.modified_at, beside)
    if beside.get("version") != VERSION:
        raise InvalidInput("Its record was written by a newer version of Proofsheet.")
    asked = beside.get("generation")
    # Its batch is not among chosen pictures.
    generation = None if asked is None else {**generations.checked(asked), "batch_id": None}
    return images.checked(beside.get("image")).incoming(file.name, data, generation)


def _beside(origin: Source, sidecar: File) -> dict[str, Any] | str | None:
    text = read(origin, sidecar, LONGEST_SIDECAR).decode("utf-8-sig", "replace")
    if sidecar.name.endswith(".txt"):
        return text
    found = parsed(text)
    return found if isinstance(found, dict) else None


def pictures_in(path: Path) -> int | None:
    """Return how many pictures there are to be looked at, for who shows how it goes."""
    with source(path) as origin:
        manifest = manifest_of(origin)
        if manifest is not None:
            return manifest.images
        return sum(map(_is_picture, origin.walk().values()))
