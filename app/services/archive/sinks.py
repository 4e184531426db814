"""Where exported files go: a folder, or one zip. Either holds one file in memory at a time.

They hold what people asked for: files are made with mode 600, folders with 700.
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import IO, Protocol
from uuid import uuid4

from app.errors import ConfigurationError, InvalidInput
from app.services.backup.files import make_private_folder

ZIP = ".zip"
# Of a member of a zip, whose own times end in 2107 and begin here.
_NO_TIME = (1980, 1, 1, 0, 0, 0)


class Sink(Protocol):
    """Takes files by names of our own making, with "/" between folders."""

    def write(self, name: str, data: bytes) -> None:
        """Write one file. Raises ConfigurationError."""


def sink(target: Path) -> AbstractContextManager[Sink]:
    """Return a zip for a name that ends so, else a folder; made when it is entered.

    A zip appears under its name once it is whole, in place of one that was there. Raises InvalidInput
    where the folder that it goes into is not there: a name may be mistyped.
    """
    if not target.parent.is_dir():
        raise InvalidInput(f"There is no folder {target.parent}; make it first, or name another.")
    return _zip(target) if target.suffix.lower() == ZIP else _folder(target)


def is_taken(target: Path) -> bool:
    """Tell whether something is there that an export would write into or replace."""
    if target.suffix.lower() == ZIP:
        return target.exists()
    return target.is_dir() and any(target.iterdir())


class Folder:
    """Files in a folder, each whole or not there at all."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def write(self, name: str, data: bytes) -> None:
        """Write one file, in place of one of that name; one that is the same stays."""
        path = self._folder / name
        with _told(path):
            if path.is_file() and path.stat().st_size == len(data) and path.read_bytes() == data:
                return
            make_private_folder(path.parent)
            part = path.with_name(f".{uuid4().hex}.part")
            try:
                with _made(part) as file:
                    file.write(data)
                part.replace(path)
            finally:
                part.unlink(missing_ok=True)

    @contextmanager
    def lines(self, name: str) -> Iterator[Callable[[bytes], None]]:
        """Give a function that adds lines to a file."""
        path = self._folder / name
        with _told(path), _made(path) as file:

            def add(line: bytes) -> None:
                file.write(line + b"\n")

            yield add


class _Zip:
    def __init__(self, file: zipfile.ZipFile, path: Path) -> None:
        self._file = file
        self._path = path

    def write(self, name: str, data: bytes) -> None:
        with _told(self._path):
            self._file.writestr(member(name), data)


def member(name: str) -> zipfile.ZipInfo:
    """Return what a zip says of one of our files."""
    info = zipfile.ZipInfo(name, _NO_TIME)
    info.external_attr = 0o600 << 16
    # Pictures are compressed already.
    packed = name.endswith((".json", ".jsonl"))
    info.compress_type = zipfile.ZIP_DEFLATED if packed else zipfile.ZIP_STORED
    return info


@contextmanager
def _folder(target: Path) -> Iterator[Folder]:
    with _told(target):
        make_private_folder(target)
    yield Folder(target)


@contextmanager
def _zip(target: Path) -> Iterator[_Zip]:
    part = target.with_name(f".{target.name}.{uuid4().hex}.part")
    with _told(target):
        make_private_folder(target.parent)
        file = _made(part)
    try:
        with _told(target):
            with file, zipfile.ZipFile(file, "w") as packed:
                yield _Zip(packed, target)
            part.replace(target)
    finally:
        with suppress(OSError):
            part.unlink(missing_ok=True)


def _made(path: Path) -> IO[bytes]:
    """Open a new file that nobody else may read."""
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb")


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written ({error.strerror}).") from error
