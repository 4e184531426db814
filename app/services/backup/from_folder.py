"""A backup in a folder, read through and put into a database of either kind."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from sqlalchemy import Connection, func, insert, select

from app.errors import ConfigurationError
from app.extensions import current_settings, db
from app.models import Image
from app.models.transfer import Tell, index_words, one_moment, rows_of, tables, transfer
from app.services.backup import sqlite_file
from app.services.backup.folder import (
    IN_FILES,
    PICTURES,
    THUMBNAIL_TYPE,
    THUMBNAILS,
    file_of,
    read_manifest,
    sha256_of,
)
from app.services.backup.sqlite_file import Damaged, Facts
from app.services.copy.unfinished import mark_unfinished, mark_whole
from app.services.other_database import app_on
from app.services.schema import upgrade

_KINDS = {"image_blobs": PICTURES, "image_thumbnails": THUMBNAILS}
# Rows with a picture in them that are in memory at a time.
_FEW = 8


def look_at_folder(folder: Path, tell: Tell = lambda *_: None) -> Facts:
    """Read all files of a backup and tell what it holds.

    Raises Damaged when the database in it is not whole.
    """
    manifest = read_manifest(folder)
    file = folder / manifest.history
    if sha256_of(file) != manifest.sha256:
        raise Damaged(f"{file} is not there, or not as it was written.")
    facts = sqlite_file.check(file)
    lost: list[int] = []
    with sqlite_file.opened(file, immutable=True) as connection:
        for table, kind in _KINDS.items():
            query = f"SELECT id, mime_type, data FROM {table} JOIN images ON id = image_id"  # noqa: S608 - ours
            total = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - ours
            for done, (number, mime_type, digest) in enumerate(connection.execute(query), 1):
                if sha256_of(_place(folder, kind, mime_type, digest)) != digest.hex():
                    lost.append(number)
                tell(f"reading {kind}", done, total)
    return replace(facts, lost=tuple(lost))


def fill(folder: Path, tell: Tell = lambda *_: None) -> None:
    """Put a backup into the current app's database, which has no tables yet.

    Until all is there nobody else can use it. A file that is lost leaves its picture out.
    """
    upgrade()
    with _history(folder) as source, db.engine.connect() as target:
        mark_unfinished(target)
        transfer(source, target, tell, without=IN_FILES)
        for table in tables():
            if table.name in IN_FILES:
                _load(source, target, table, folder, tell)
        index_words(target)
        mark_whole(target)


@contextmanager
def _history(folder: Path) -> Iterator[Connection]:
    """Give the database of a backup, brought up to date; the one in the folder is left as it is."""
    instance = current_settings().instance
    with TemporaryDirectory(prefix="restore-", dir=instance) as work:
        file = Path(work) / "history.db"
        shutil.copyfile(folder / read_manifest(folder).history, file)
        app = app_on(f"sqlite:///{file.relative_to(instance)}")
        with app.app_context():
            upgrade()
            engine = db.engine
        try:
            with one_moment(engine) as connection:
                yield connection
        finally:
            engine.dispose()


def _load(source: Connection, target: Connection, table: Any, folder: Path, tell: Tell) -> None:
    total = source.scalar(select(func.count()).select_from(table)) or 0
    done = 0
    for rows in rows_of(source, select(table, Image.mime_type).join(Image)):
        for start in range(0, len(rows), _FEW):
            few = [_with_bytes(row, table.name, folder) for row in rows[start : start + _FEW]]
            if whole := [row for row in few if row]:
                target.execute(insert(table), whole)
            target.commit()
        done += len(rows)
        tell(_KINDS[table.name], done, total)


def _with_bytes(row: Mapping[str, Any], table: str, folder: Path) -> dict[str, Any] | None:
    """Return a row with the bytes that its hash stands for, or None where they are lost."""
    values = dict(row)
    path = _place(folder, _KINDS[table], values.pop("mime_type"), values["data"])
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read ({error.strerror}).") from error
    return {**values, "data": data} if sha256(data).digest() == values["data"] else None


def _place(folder: Path, kind: str, mime_type: str, digest: bytes) -> Path:
    mime_type = THUMBNAIL_TYPE if kind == THUMBNAILS else mime_type
    return file_of(folder, kind, bytes(digest).hex(), mime_type)
