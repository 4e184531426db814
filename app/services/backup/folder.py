"""A backup in a folder: each picture a file that is written once, and the rest a small database.

    manifest.json            what the backup is, written last; without it there is none
    history-20261122T….db    an SQLite database of all that is kept, with the sha256 of each picture and
                             thumbnail in the place of its bytes
    pictures/ab/abcd….jpg    the pictures, by their sha256
    thumbnails/ab/abcd….webp the thumbnails, likewise

From one backup to the next only new files are written, and the small database.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from hashlib import file_digest
from pathlib import Path
from typing import Any

from app.errors import ConfigurationError
from app.services.backup.files import draft_of, make_private_folder
from app.services.backup.sqlite_file import Damaged
from app.services.file_names import EXTENSIONS

MANIFEST = "manifest.json"
LOCK = ".lock"
FORMAT = 1
PICTURES, THUMBNAILS = "pictures", "thumbnails"
# Tables whose bytes lie in files.
IN_FILES = frozenset({"image_blobs", "image_thumbnails"})
THUMBNAIL_TYPE = "image/webp"
_SHA256 = re.compile("[0-9a-f]{64}")
_HISTORY = re.compile(r"history-\d{8}T\d{6}(\d{6})?Z\.db")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup is: `sha256` is that of the file `history`, `images` are how many there are."""

    proofsheet_backup: int
    made_at: str
    version: str
    schema: str
    history: str
    sha256: str
    images: int


def is_one(folder: Path) -> bool:
    """Tell whether a folder holds a backup."""
    return (folder / MANIFEST).is_file()


def read_manifest(folder: Path) -> Manifest:
    """Return what a folder's backup is. Raises Damaged when that cannot be told.

    Raises ConfigurationError when another version made it.
    """
    try:
        found: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
        manifest = Manifest(**found)
    except (OSError, ValueError, TypeError) as error:
        raise Damaged(
            f"{folder} holds no backup that can be read ({MANIFEST}: {error})."
        ) from error
    if manifest.proofsheet_backup != FORMAT:
        raise ConfigurationError(f"{folder / MANIFEST} is not of this version of Proofsheet.")
    if not _HISTORY.fullmatch(str(manifest.history)):
        raise Damaged(f"{folder} holds no backup that can be read ({MANIFEST} names no history).")
    return manifest


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Say that a backup is whole; with this it takes the place of the one before."""
    with draft_of(folder / MANIFEST) as draft:
        draft.write_text(json.dumps(asdict(manifest), indent=2) + "\n")


def file_of(folder: Path, kind: str, sha256: str, mime_type: str) -> Path:
    """Return where bytes lie. Raises Damaged for what is no sha256, and could be a way elsewhere."""
    if not _SHA256.fullmatch(sha256):
        raise Damaged(f"{sha256!r} is no sha256.")
    return folder / kind / sha256[:2] / f"{sha256}{EXTENSIONS.get(mime_type, '')}"


def put(path: Path, data: bytes) -> bool:
    """Write a file, unless it is there already, whole; tell whether it was written."""
    if sha256_of(path) == path.stem:
        return False
    make_private_folder(path.parent)
    with draft_of(path) as draft:
        draft.write_bytes(data)
    return True


def has(path: Path, size: int, *, verify: bool) -> bool:
    """Tell whether a file is there with so many bytes, and, to verify it, with its own hash."""
    try:
        if path.stat().st_size != size:
            return False
    except FileNotFoundError:
        return False
    return not verify or sha256_of(path) == path.stem


def sha256_of(path: Path) -> str | None:
    """Return the hash of a file, or None where there is none that can be read."""
    try:
        with path.open("rb") as file:
            return file_digest(file, "sha256").hexdigest()
    except OSError:
        return None


def prepare(folder: Path) -> None:
    """Make a folder, unless it is there. Raises ConfigurationError when something else is in it."""
    make_private_folder(folder)
    ours = {MANIFEST, PICTURES, THUMBNAILS, LOCK}
    strangers = [
        name
        for name in (each.name for each in folder.iterdir())
        if not (name in ours or _HISTORY.fullmatch(name) or name.endswith(".part"))
    ]
    if strangers and not is_one(folder):
        raise ConfigurationError(
            f"{folder} holds something else ({min(strangers)}). Give an empty folder, or a new one."
        )


def histories(folder: Path) -> list[Path]:
    """Return the databases in a folder, those of earlier backups too."""
    return [each for each in folder.iterdir() if _HISTORY.fullmatch(each.name)]
