"""A backup of SQLite: a database again, in one file."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from sqlalchemy.exc import OperationalError

from app.errors import ProofsheetError
from app.extensions import SQLITE_BUSY_SECONDS

MAGIC = b"SQLite format 3\0"


class Damaged(ProofsheetError):
    """A backup, or the database that one was to be taken of, is not whole."""

    code = "damaged"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a backup holds: its schema's revision, images, and generations that are not ended.

    `lost` are the images whose picture or thumbnail is not there or not as it was, one for each such
    file. None where that is known only once it is back.
    """

    revision: str | None = None
    images: int | None = None
    unended: int | None = None
    lost: tuple[int, ...] = ()

    @property
    def told_images(self) -> str:
        """How many images there are, for people to read."""
        return told(self.images or 0)


def told(images: int) -> str:
    """Return how many images there are, for people to read."""
    return f"{images:,} image{'' if images == 1 else 's'}"


def save(database: Path, draft: Path) -> None:
    """Write a database as it is at this moment, whatever others write meanwhile, into `draft`."""
    with opened(database) as connection, writing():
        connection.execute("VACUUM INTO ?", (str(draft),))


def check(file: Path) -> Facts:
    """Read all of a backup; raise Damaged when it is not whole."""
    with opened(file, immutable=True) as connection:
        [found] = connection.execute("PRAGMA integrity_check(1)").fetchone()
        if found != "ok":
            raise Damaged(f"{file} is damaged ({' '.join(str(found).split())}).")
        lost = connection.execute("PRAGMA foreign_key_check").fetchone()
        if lost:
            raise Damaged(f"{file} is damaged: a row of {lost[0]} refers to none of {lost[2]}.")
        return _facts(file, connection)


def damaged_pictures(file: Path) -> tuple[int, ...]:
    """Read all pictures of a backup; return the images whose picture has another sha256."""
    query = "SELECT id, sha256, data FROM images JOIN image_blobs ON id = image_id"
    with opened(file, immutable=True) as connection:
        rows = connection.execute(query)
        return tuple(each for each, told, data in rows if sha256(data).hexdigest() != told)


def is_ours(file: Path) -> bool:
    """Tell whether a file is a database of Proofsheet that can be read."""
    try:
        with opened(file, immutable=True) as connection:
            return bool(_facts(file, connection).revision)
    except Damaged:
        return False


@contextmanager
def writing() -> Iterator[None]:
    """Raise OSError for what keeps a database from being written: a full disk, or a limit."""
    try:
        yield
    except (sqlite3.OperationalError, OperationalError) as error:
        cause = getattr(error, "orig", None) or error
        code = getattr(cause, "sqlite_errorcode", None)
        if code in _UNWRITABLE:
            raise OSError(code, str(cause)) from error
        raise


_UNWRITABLE = frozenset(
    {
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,  # from the index of words; what cannot be read is always told as that
        sqlite3.SQLITE_IOERR_WRITE,
        sqlite3.SQLITE_IOERR_FSYNC,
        sqlite3.SQLITE_IOERR_TRUNCATE,
    }
)


def _facts(file: Path, connection: sqlite3.Connection) -> Facts:
    version = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if version is None:
        raise Damaged(f"{file} is no backup of Proofsheet: it has no version.")
    [images] = connection.execute("SELECT count(*) FROM images").fetchone()
    unended = "SELECT count(*) FROM generations WHERE status IN ('queued', 'running')"
    return Facts(version[0], images, connection.execute(unended).fetchone()[0])


@contextmanager
def opened(file: Path, *, immutable: bool = False) -> Iterator[sqlite3.Connection]:
    """Open a database for reading. Raises Damaged for what SQLite cannot read."""
    # Immutable: nobody else writes it, and no further file appears beside it.
    mode = "mode=ro&immutable=1" if immutable else "mode=ro"
    address = f"file:{quote(str(file))}?{mode}"
    try:
        with closing(
            sqlite3.connect(address, uri=True, isolation_level=None, timeout=SQLITE_BUSY_SECONDS)
        ) as connection:
            yield connection
    except sqlite3.OperationalError as error:
        raise Damaged(f"{file} cannot be read ({error}).") from error
    except sqlite3.DatabaseError as error:
        raise Damaged(f"{file} is damaged ({error}).") from error
