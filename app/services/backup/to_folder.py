"""Backing up to a folder: again and again, and only what is new is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, cast

from sqlalchemy import Connection, Table, func, insert, select, text

from app import __version__
from app.extensions import Base, db, engine_of
from app.models import Image, ImageBlob, ImageThumbnail
from app.models.transfer import Tell, one_moment, rows_of, transfer
from app.services.backup import sqlite_file
from app.services.backup.files import draft_of
from app.services.backup.folder import (
    FORMAT,
    IN_FILES,
    LOCK,
    PICTURES,
    THUMBNAIL_TYPE,
    THUMBNAILS,
    Manifest,
    file_of,
    has,
    histories,
    is_one,
    prepare,
    put,
    read_manifest,
    sha256_of,
    write_manifest,
)
from app.services.backup.sqlite_file import Damaged
from app.services.instance import locked
from app.services.schema import known_revisions

_BLOBS, _THUMBNAILS = (cast(Table, each.__table__) for each in (ImageBlob, ImageThumbnail))


@dataclass(slots=True)
class Written:
    """What a backup came to: images in it, files and bytes that were new, files that nobody needs now.

    To `verify` it, the files that were there are read. `damaged` are the ids of pictures that are not
    what was kept; they are in the backup as they are.
    """

    images: int = 0
    files: int = 0
    byte_count: int = 0
    damaged: list[int] = field(default_factory=list)
    pruned: int = 0
    verify: bool = False

    @property
    def told_images(self) -> str:
        """How many images there are, for people to read."""
        return sqlite_file.told(self.images)

    def put(self, path: Path, data: bytes) -> None:
        """Write a file, and count it if it is new."""
        if put(path, data):
            self.files += 1
            self.byte_count += len(data)


def back_up_to(
    folder: Path, tell: Tell = lambda *_: None, *, prune: bool = False, verify: bool = False
) -> Written:
    """Bring a backup in a folder up to this moment, whatever others write to the database meanwhile.

    The backup before stays whole until the new one is. `prune` removes the files that only it needed:
    what was purged since. Files that are there are held against their size, to `verify` them against
    their hash, and written anew where they differ. Raises ConfigurationError when the folder will not
    do.
    """
    db.session.rollback()
    prepare(folder)
    written = Written(verify=verify)
    with locked(folder / LOCK, f"Another backup to {folder} is under way."):
        name = f"history-{datetime.now(UTC):%Y%m%dT%H%M%S%f}Z.db"
        with draft_of(folder / name) as draft:
            with sqlite_file.writing(), one_moment(db.engine) as source, _new(draft) as history:
                transfer(source, history, tell, without=IN_FILES)
                _write_pictures(source, history, folder, written, tell)
                _write_thumbnails(source, history, folder, written, tell)
                written.images = history.scalar(select(func.count(Image.id))) or 0
            sqlite_file.check(draft)
            digest = sha256_of(draft)
        revision = known_revisions()[-1]
        now = datetime.now(UTC).isoformat(timespec="seconds")
        write_manifest(
            folder,
            Manifest(FORMAT, now, __version__, revision, name, str(digest), written.images),
        )
        for each in histories(folder):
            if each.name != name:
                each.unlink()
        if prune:
            written.pruned = _prune(folder, folder / name)
    return written


@contextmanager
def _new(file: Path) -> Iterator[Connection]:
    """Give a connection to a new database with our tables in it; afterwards all is in its one file."""
    engine = engine_of(file)
    try:
        Base.metadata.create_all(engine)
        with engine.connect() as connection:
            connection.execute(text("CREATE TABLE alembic_version (version_num VARCHAR(32))"))
            values = {"revision": known_revisions()[-1]}
            connection.execute(text("INSERT INTO alembic_version VALUES (:revision)"), values)
            connection.commit()
            yield connection
            connection.commit()
    finally:
        engine.dispose()


def _write_pictures(
    source: Connection, history: Connection, folder: Path, written: Written, tell: Tell
) -> None:
    """Write the pictures that are new; keep the sha256 of each in the place of its bytes."""
    columns = (Image.id, Image.sha256, Image.mime_type, Image.byte_count)
    total = source.scalar(select(func.count()).select_from(_BLOBS)) or 0
    done = 0
    for rows in rows_of(source, select(*columns).join(_BLOBS)):
        kept = [_write_picture(source, row, folder, written) for row in rows]
        history.execute(insert(_BLOBS), kept)
        history.commit()
        done += len(rows)
        tell(PICTURES, done, total)


def _write_picture(
    source: Connection, row: Mapping[str, Any], folder: Path, written: Written
) -> dict[str, Any]:
    digest = row["sha256"]
    with suppress(Damaged):
        file = file_of(folder, PICTURES, digest, row["mime_type"])
        if has(file, row["byte_count"], verify=written.verify):
            return {"image_id": row["id"], "data": bytes.fromhex(digest)}
    data = source.scalar(select(_BLOBS.c.data).where(_BLOBS.c.image_id == row["id"])) or b""
    digest = sha256(data).hexdigest()
    if digest != row["sha256"]:
        written.damaged.append(row["id"])
    written.put(file_of(folder, PICTURES, digest, row["mime_type"]), data)
    return {"image_id": row["id"], "data": bytes.fromhex(digest)}


def _write_thumbnails(
    source: Connection, history: Connection, folder: Path, written: Written, tell: Tell
) -> None:
    """Do the same with thumbnails, whose hashes the backup before may know."""
    columns: list[Any] = [column for column in _THUMBNAILS.c if column.name != "data"]
    columns += [func.length(_THUMBNAILS.c.data).label("byte_count"), Image.sha256]
    total = source.scalar(select(func.count()).select_from(_THUMBNAILS)) or 0
    done = 0
    with _before(folder) as before:
        for rows in rows_of(source, select(*columns).join(Image)):
            known = _known(before, rows) if before else {}
            kept = [_write_thumbnail(source, row, known, folder, written) for row in rows]
            history.execute(insert(_THUMBNAILS), kept)
            history.commit()
            done += len(rows)
            tell(THUMBNAILS, done, total)


def _write_thumbnail(
    source: Connection,
    row: Mapping[str, Any],
    known: Mapping[tuple[Any, ...], bytes],
    folder: Path,
    written: Written,
) -> dict[str, Any]:
    digest = known.get((row["image_id"], row["size"], row["sha256"]))
    values = {name: row[name] for name in ("image_id", "size", "width", "height")}
    if digest:
        file = file_of(folder, THUMBNAILS, digest.hex(), THUMBNAIL_TYPE)
        if has(file, row["byte_count"], verify=written.verify):
            return {**values, "data": digest}
    same = (_THUMBNAILS.c.image_id == row["image_id"]) & (_THUMBNAILS.c.size == row["size"])
    data = source.scalar(select(_THUMBNAILS.c.data).where(same)) or b""
    made = sha256(data)
    written.put(file_of(folder, THUMBNAILS, made.hexdigest(), THUMBNAIL_TYPE), data)
    return {**values, "data": made.digest()}


@contextmanager
def _before(folder: Path) -> Iterator[Any]:
    """Give a connection to the database of the backup before, or None where it cannot be told."""
    with ExitStack() as stack:
        file = None
        with suppress(Damaged):
            file = folder / read_manifest(folder).history if is_one(folder) else None
        if file is None or not file.exists():
            yield None
        else:
            yield stack.enter_context(sqlite_file.opened(file, immutable=True))


def _known(before: Any, rows: list[dict[str, Any]]) -> dict[tuple[Any, ...], bytes]:
    """Return the hashes of thumbnails of the same pictures, as the backup before has them."""
    ids = sorted({row["image_id"] for row in rows})
    chosen = f"image_id IN ({','.join('?' * len(ids))})"
    joined = "image_thumbnails JOIN images ON images.id = image_id"
    query = f"SELECT image_id, image_thumbnails.size, sha256, data FROM {joined} WHERE {chosen}"  # noqa: S608 - question marks
    return {(*key, sha): data for *key, sha, data in before.execute(query, ids)}


def _prune(folder: Path, history: Path) -> int:
    """Remove files of ours that a backup does not need; return how many."""
    count = 0
    with sqlite_file.opened(history, immutable=True) as connection:
        for kind, table in ((PICTURES, "image_blobs"), (THUMBNAILS, "image_thumbnails")):
            connection.execute("CREATE TEMP TABLE needed (name TEXT PRIMARY KEY)")
            needed = f"INSERT OR IGNORE INTO needed SELECT lower(hex(data)) FROM {table}"  # noqa: S608 - ours
            connection.execute(needed)
            for file in (folder / kind).glob("[0-9a-f][0-9a-f]/*"):
                one = connection.execute("SELECT 1 FROM needed WHERE name = ?", (file.stem,))
                if not one.fetchone() and len(file.stem) == len(sha256().hexdigest()):
                    file.unlink()
                    count += 1
            connection.execute("DROP TABLE needed")
    return count
