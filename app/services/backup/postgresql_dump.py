"""A backup of PostgreSQL: an archive of its own pg_dump, put back by pg_restore and psql."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from contextlib import suppress
from pathlib import Path

from psycopg.conninfo import make_conninfo
from sqlalchemy import Engine, text

from app.errors import ConfigurationError, ProofsheetError
from app.extensions import Base
from app.services.job_queue import job_queue
from config import environment_with

MAGIC = b"PGDMP"
_CHUNK = 1 << 20
# Pictures hardly get smaller: one step of nine takes back what their digits add, in a third of the time.
_OPTIONS = ("--format=custom", "--compress=1", "--no-owner", "--no-privileges")
_PATIENCE_SECONDS = 10


# Every picture against its hash, before it counts.
_HOLD = b"""
RESET search_path;
DO $$
DECLARE damaged text;
BEGIN
    SELECT string_agg(id::text, ', ') INTO damaged FROM (
        SELECT id FROM images JOIN image_blobs ON id = image_id
        WHERE encode(sha256(data), 'hex') <> images.sha256 ORDER BY id LIMIT 5
    ) AS first;
    IF damaged IS NOT NULL THEN
        RAISE EXCEPTION 'The pictures of images % are damaged. --incomplete restores all else.', damaged;
    END IF;
END $$;
"""


class ToolFailed(ProofsheetError):
    """A program of PostgreSQL's did not do what it was to do."""

    code = "tool_failed"


def save(engine: Engine, draft: Path) -> None:
    """Write the database as it is at this moment, whatever others write meanwhile, into `draft`.

    Raises ConfigurationError when pg_dump is not there, or older than the server.
    """
    pg_dump = _tool("pg_dump", engine)
    _run(
        [pg_dump, *_OPTIONS, f"--file={draft}", f"--dbname={address(engine)}"], environment(engine)
    )


def check(file: Path) -> None:
    """Read all of an archive; raise ToolFailed when it is not whole."""
    _run([_tool("pg_restore"), "--file=/dev/null", str(file)])


def load(engine: Engine, file: Path, *, incomplete: bool = False) -> None:
    """Put an archive, which was checked, in the place of our tables: all of it, or nothing.

    With a damaged picture in it that is nothing, unless it may be `incomplete`. Raises ToolFailed, and
    ConfigurationError when a program is not there.
    """
    reading = [_tool("pg_restore", engine), "--no-owner", "--no-privileges", "--file=-", str(file)]
    quiet = ("--no-psqlrc", "--quiet", "--output=/dev/null", "--set=ON_ERROR_STOP=1")
    # psql takes the end of its input for the end of the script, also when whoever wrote to it has died:
    # with --single-transaction it would keep what came until then. So the last line commits.
    first = [f"--command={statement}" for statement in ("BEGIN", *clearance())]
    writing = [_tool("psql", engine), *quiet, *first, "--file=-", address(engine)]
    with (
        tempfile.TemporaryFile() as errors,
        subprocess.Popen(reading, stdout=subprocess.PIPE, stderr=errors) as reader,  # noqa: S603 - our own
        subprocess.Popen(  # noqa: S603 - our own
            writing, stdin=subprocess.PIPE, stderr=errors, env=environment(engine)
        ) as writer,
    ):
        _pump(reader, writer, b"COMMIT;\n" if incomplete else _HOLD + b"COMMIT;\n")
        if writer.wait() or reader.returncode:
            errors.seek(0)
            raise ToolFailed(f"Nothing was restored. {_first_error(errors.read())}")


def _pump(reader: subprocess.Popen[bytes], writer: subprocess.Popen[bytes], last: bytes) -> None:
    """Pass on what one program writes, and `last` only when that was all."""
    if reader.stdout is None or writer.stdin is None:
        return
    with suppress(BrokenPipeError), writer.stdin:  # psql has ended, and said why
        try:
            shutil.copyfileobj(reader.stdout, writer.stdin, _CHUNK)
        except BrokenPipeError:
            reader.kill()
        if reader.wait() == 0:
            writer.stdin.write(b"\n" + last)


def clearance() -> list[str]:
    """Return what takes our tables away, and nobody else's in the same database."""
    names = ", ".join([*Base.metadata.tables, "alembic_version"])
    return [
        f"SET lock_timeout = '{_PATIENCE_SECONDS}s'",
        f"DROP TABLE IF EXISTS {names} CASCADE",
        f"DROP SCHEMA IF EXISTS {job_queue().schema} CASCADE",
    ]


def _tool(name: str, engine: Engine | None = None) -> str:
    """Return the path of a program, which must be as new as the server."""
    path = shutil.which(name)
    if path is None:
        raise ConfigurationError(
            f"{name} is not there. Install PostgreSQL's client programs (on Debian and Ubuntu "
            "postgresql-client, on Fedora postgresql, with Homebrew libpq), or back up to a folder, "
            "which does without them."
        )
    if engine is not None:
        told = subprocess.run([path, "--version"], capture_output=True, text=True, check=False)  # noqa: S603 - our own
        own = re.search(r"\d+", told.stdout)
        if own and int(own[0]) < (server := _server_version(engine)):
            raise ConfigurationError(
                f"{path} is of PostgreSQL {own[0]} and the server of {server}. Install the client "
                f"programs of version {server} or later and put them first on the PATH."
            )
    return path


def _server_version(engine: Engine) -> int:
    with engine.connect() as connection:
        return int(connection.scalar(text("SHOW server_version_num")) or 0) // 10_000


def address(engine: Engine) -> str:
    """Return the address for PostgreSQL's programs, without the password: all see arguments."""
    url = engine.url
    named = url.translate_connect_args(username="user", database="dbname")
    lists = {name: [text] if isinstance(text, str) else text for name, text in url.query.items()}
    options = {**named, **{name: ",".join(texts) for name, texts in lists.items()}}
    options.pop("password", None)
    return make_conninfo(**options)


def environment(engine: Engine) -> dict[str, str]:
    """Return the environment for PostgreSQL's programs, which has the password: no file can be left."""
    given = engine.url.password or engine.url.query.get("password")
    return environment_with(**({"PGPASSWORD": str(given)} if given else {}))


def _run(command: list[str], environment: dict[str, str] | None = None) -> None:
    done = subprocess.run(command, capture_output=True, check=False, env=environment)  # noqa: S603 - our own
    if done.returncode:
        raise ToolFailed(_first_error(done.stderr))


def _first_error(output: bytes) -> str:
    """Return the first line of what a program complained about."""
    lines = output.decode(errors="replace").strip().splitlines()
    first = lines[0] if lines else "It did not say why."
    return next((line for line in lines if "error" in line.lower()), first)
