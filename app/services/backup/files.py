"""Files that are there whole or not at all, and for their owner's eyes alone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from app.errors import ConfigurationError


@contextmanager
def draft_of(path: Path) -> Iterator[Path]:
    """Give an empty file beside `path` (mode 600), which takes its place when all went well.

    Else it is removed. Raises ConfigurationError when there is no writing there.
    """
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        os.close(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        yield draft
        draft.chmod(0o600)  # another program may have made it anew
        sync(draft)
        draft.replace(path)
        sync(path.parent)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written ({error.strerror}).") from error
    finally:
        for end in ("", "-journal", "-wal", "-shm"):  # SQLite's, when it was broken off
            draft.with_name(draft.name + end).unlink(missing_ok=True)


def sync(path: Path) -> None:
    """Have a file, or the names in a folder, reach the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_private_folder(folder: Path) -> None:
    """Make a folder and those above it (mode 700), unless they are there. Raises ConfigurationError."""
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    try:
        for each in reversed(missing):
            each.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{folder} cannot be made ({error.strerror}).") from error
