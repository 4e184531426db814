"""Where imported files come from: a folder or a zip, neither of which is trusted.

A zip's members are read into memory one at a time, within limits, and never written under their own
names; links in folders are not followed.
"""

from __future__ import annotations

import os
import stat
import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Protocol

from app.errors import ConfigurationError, InvalidInput, ProofsheetError

MOST_FILES = 250_000
# Of the list at a zip's end, which is read into memory whole: some hundred bytes a member.
MOST_DIRECTORY_BYTES = 64 * 1024**2
# Pictures and words are never packed so much better; bombs are.
MOST_RATIO = 200
# Below this a ratio tells nothing.
SMALL = 1024**2
LONGEST_LINE = 8 * 1024**2
LINK, NO_FILE = "a link, which is not followed", "no plain file"
_READ = os.O_RDONLY | os.O_CLOEXEC
_DAMAGE = (
    *(zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError),
    *(OverflowError, RuntimeError, ValueError),
)
_LONG_AGO = datetime(1981, 1, 1, tzinfo=UTC)
_END, _END_SIZE = b"PK\x05\x06", 22
_LONGEST_COMMENT = 65_535
_SAID_ELSEWHERE = 0xFFFFFFFF


class Unreadable(ProofsheetError):
    """One file that cannot or must not be read; the others can."""

    code = "unreadable"


@dataclass(frozen=True, slots=True)
class File:
    """A file by its name within the source, with "/" between folders; `modified_at` is aware."""

    name: str
    size: int
    modified_at: datetime | None


class Source(Protocol):
    """Files to be imported. `refused` are those that are not to be read, by name, with the reason.

    `top` is the folder that all of them lie in, with its "/", where somebody packed one whole.
    """

    refused: dict[str, str]
    top: str

    def find(self, name: str) -> File | None:
        """Return one file, or None where there is none that may be read."""

    def walk(self) -> dict[str, File]:
        """Return all files by their names, in order, and note those that are refused.

        Raises InvalidInput for too many, ConfigurationError.
        """

    def open(self, file: File) -> AbstractContextManager[IO[bytes]]:
        """Open a file. Raises Unreadable, also while it is read."""


@contextmanager
def source(path: Path) -> Iterator[Source]:
    """Open a folder or a zip as it lies there. Raises InvalidInput, ConfigurationError."""
    if path.is_dir():
        yield _Folder(path)
    elif path.exists():
        with _zip(path) as packed:
            yield packed
    else:
        raise InvalidInput(f"There is no {path}.")


def found(origin: Source, name: str) -> File:
    """Return one file. Raises Unreadable where there is none that may be read."""
    file = origin.find(name)
    if file is None:
        raise Unreadable("There is no such file, or none that may be read.")
    return file


def read(origin: Source, file: File, most: int) -> bytes:
    """Return a file of `most` bytes at the most. Raises Unreadable."""
    data = b""
    if file.size <= most:
        with origin.open(file) as opened:
            data = opened.read(most + 1)
    if max(len(data), file.size) > most:
        raise Unreadable(f"It has more than {most:,} bytes.")
    return data


def lines(origin: Source, file: File) -> Iterator[bytes]:
    """Yield a file's lines, whatever its length. Raises Unreadable, also for a line beyond measure."""
    with origin.open(file) as opened:
        while line := opened.readline(LONGEST_LINE + 1):
            if len(line) > LONGEST_LINE:
                raise Unreadable(f"A line has more than {LONGEST_LINE:,} bytes.")
            yield line


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unreadable(f"It cannot be read ({error.strerror or error}).") from error
    except _DAMAGE as error:
        raise Unreadable(f"It is damaged, or packed in a way not known here ({error}).") from error


# Folders


class _Folder:
    def __init__(self, path: Path) -> None:
        self._path = path
        self.refused: dict[str, str] = {}
        self.top = ""

    def find(self, name: str) -> File | None:
        try:
            with _opened(self._path, name) as file:
                return _file(name, os.fstat(file.fileno()))
        except (OSError, ValueError):  # a name may be what no file system takes
            return None

    def walk(self) -> dict[str, File]:
        found: dict[str, File] = {}
        try:
            self._walk(self._path, "", found)
        except OSError as error:
            raise ConfigurationError(
                f"{error.filename} cannot be read ({error.strerror})."
            ) from error
        return found

    @contextmanager
    def open(self, file: File) -> Iterator[IO[bytes]]:
        with _told(), _opened(self._path, file.name) as opened:
            yield opened

    def _walk(self, folder: Path, prefix: str, found: dict[str, File]) -> None:
        with os.scandir(folder) as entries:
            ordered = sorted(entries, key=lambda entry: entry.name)
        for entry in ordered:
            name = prefix + entry.name
            if _is_hidden(entry.name):
                continue
            if entry.is_symlink():
                self.refused[name] = LINK
            elif entry.is_dir(follow_symlinks=False):
                self._walk(folder / entry.name, f"{name}/", found)
            elif entry.is_file(follow_symlinks=False):
                _add(found, _file(name, entry.stat(follow_symlinks=False)))
            else:
                self.refused[name] = NO_FILE


def _file(name: str, about: os.stat_result) -> File:
    return File(name, about.st_size, _time(about.st_mtime))


def _time(seconds: float) -> datetime | None:
    try:
        found = datetime.fromtimestamp(seconds, UTC)
    except (OSError, OverflowError, ValueError):
        return None
    return found if found > _LONG_AGO else None


def _opened(folder: Path, name: str) -> IO[bytes]:
    """Open a plain file within a folder, step by step, so that no link leads out of it.

    Raises OSError.
    """
    *folders, last = name.split("/")
    if not all(part and part not in {".", ".."} and "\0" not in part for part in (*folders, last)):
        raise OSError(None, "no name of a file")
    with ExitStack() as stack:
        place = _step(stack, folder, os.O_DIRECTORY, None)
        for part in folders:
            place = _step(stack, part, os.O_DIRECTORY | os.O_NOFOLLOW, place)
        # Not to wait for what is no file, such as a pipe.
        opened = os.open(last, _READ | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=place)
    file = os.fdopen(opened, "rb")
    if not stat.S_ISREG(os.fstat(opened).st_mode):
        file.close()
        raise OSError(None, NO_FILE)
    return file


def _step(stack: ExitStack, path: Path | str, flags: int, place: int | None) -> int:
    opened = os.open(path, _READ | flags, dir_fd=place)
    stack.callback(os.close, opened)
    return opened


# Zips


@contextmanager
def _zip(path: Path) -> Iterator[_Zip]:
    with ExitStack() as stack:
        try:
            file = stack.enter_context(path.open("rb"))
            _check_directory(path, file)
            packed = stack.enter_context(zipfile.ZipFile(file))
        except OSError as error:
            raise ConfigurationError(f"{path} cannot be read ({error.strerror}).") from error
        except _DAMAGE as error:
            raise InvalidInput(f"{path} is neither a folder nor a zip that can be read.") from error
        yield _Zip(packed)


class _Zip:
    def __init__(self, packed: zipfile.ZipFile) -> None:
        self._packed = packed
        self.refused: dict[str, str] = {}
        self._files: dict[str, File] = {}
        for member in packed.infolist():
            if not member.is_dir() and not any(map(_is_hidden, member.filename.split("/"))):
                self._take(member)
        tops = {name.partition("/")[0] + "/" for name in self._files}
        self.top = tops.pop() if len(tops) == 1 else ""

    def find(self, name: str) -> File | None:
        return self._files.get(name)

    def walk(self) -> dict[str, File]:
        return self._files

    @contextmanager
    def open(self, file: File) -> Iterator[IO[bytes]]:
        with _told(), self._packed.open(file.name) as opened:
            yield opened

    def _take(self, member: zipfile.ZipInfo) -> None:
        name = member.filename
        if name in self._files or name in self.refused:
            self.refused[name] = "there twice"
            self._files.pop(name, None)
        elif reason := _reason_to_refuse(member):
            self.refused[name] = reason
        else:
            _add(self._files, File(name, member.file_size, _moment(member)))


def _reason_to_refuse(member: zipfile.ZipInfo) -> str | None:
    if stat.S_ISLNK(member.external_attr >> 16):
        return LINK
    if member.flag_bits & 1:
        return "encrypted"
    if member.file_size > SMALL and member.file_size > MOST_RATIO * member.compress_size:
        return f"packed more than {MOST_RATIO} times, as no picture is"
    return None


def _moment(member: zipfile.ZipInfo) -> datetime | None:
    """Return a member's time, which has no zone, as if it were in UTC."""
    try:
        found = datetime(*member.date_time, tzinfo=UTC)
    except ValueError:
        return None
    return found if found > _LONG_AGO else None


def _check_directory(path: Path, file: IO[bytes]) -> None:
    """Refuse a zip by the length of its list, before that is read."""
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END_SIZE - _LONGEST_COMMENT))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + _END_SIZE:
        return  # no zip, as its reader will say
    length = struct.unpack_from("<I", tail, at + 12)[0]
    start = tail.rfind(b"PK\x06\x06", 0, at)  # of the longer form, for more than 65,535 members
    if length == _SAID_ELSEWHERE or start >= 0:
        length = struct.unpack_from("<Q", tail, start + 40)[0] if start >= 0 else size
    if length > MOST_DIRECTORY_BYTES:
        raise InvalidInput(f"{path} has too many files: {MOST_FILES:,} are read at the most.")


# Both


def _add(files: dict[str, File], file: File) -> None:
    if len(files) >= MOST_FILES:
        raise InvalidInput(f"There are more than {MOST_FILES:,} files; import them in parts.")
    files[file.name] = file


def _is_hidden(part: str) -> bool:
    """Tell whether a name is of a file that its owner does not see."""
    is_dotted = part.startswith(".") and part not in {".", ".."}
    return is_dotted or part in {"__MACOSX", "Thumbs.db", "desktop.ini"}
