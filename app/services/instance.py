"""The instance folder: made, locked, and holding what must not be lost or seen."""

from __future__ import annotations

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from app.errors import ConfigurationError
from app.extensions import db
from app.models import Role
from app.services.keys import add_key, authenticate, free_name, live_admin_exists
from config import Settings

ADMIN_KEY_FILE = "admin.key"
SHORTEST_SECRET = 16
UP_LOCK = "up.lock"
SECRET_FILE = "secret"  # noqa: S105 - a file's name


def make_instance(settings: Settings) -> None:
    """Make the folder (mode 700), if it is not there. Raises ConfigurationError."""
    try:
        settings.instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(
            f"The instance folder {settings.instance} cannot be made ({error.strerror}). "
            "Set PROOFSHEET_INSTANCE to a folder that can."
        ) from error


@contextmanager
def locked(path: Path, message: str) -> Iterator[None]:
    """Hold an exclusive lock on a file while inside; it ends with the process, however that ends.

    Raises ConfigurationError with `message` when somebody else holds it.
    """
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise ConfigurationError(
            f"{path.parent} cannot be written to ({error.strerror}). Make it so, or set "
            "PROOFSHEET_INSTANCE (and DATABASE_URL, if you use it) to another place."
        ) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise ConfigurationError(message) from error
    finally:
        os.close(descriptor)


@contextmanager
def instance_lock(settings: Settings) -> Iterator[None]:
    """Hold the instance as the one `up` on it. Raises ConfigurationError when there is another."""
    message = (
        f"Another `manage.py up` is running on {settings.instance}. Stop it first, "
        "or set PROOFSHEET_INSTANCE to another folder."
    )
    with locked(settings.instance / UP_LOCK, message):
        yield


def require_idle(settings: Settings) -> None:
    """Raise ConfigurationError when another `up` holds the instance; makes nothing."""
    if (settings.instance / UP_LOCK).exists():
        with instance_lock(settings):
            pass


def note_address(settings: Settings, address: str) -> None:
    """Let other commands know where the `up` of this instance, which is us, can be reached."""
    (settings.instance / UP_LOCK).write_text(address + "\n")


def noted_address(settings: Settings) -> str | None:
    """Return where the `up` of this instance can be reached, or None where none is running."""
    try:
        require_idle(settings)
    except ConfigurationError:
        with suppress(OSError):
            return (settings.instance / UP_LOCK).read_text().strip() or None
    return None


def ensure_secret(settings: Settings) -> None:
    """Make the secret that signs sessions (mode 600), unless there is one or it is a setting."""
    if settings.secret is None:
        path = settings.instance / SECRET_FILE
        with suppress(FileExistsError):
            _write_new(path, secrets.token_urlsafe(48))
        if len(read_secret(settings) or "") < SHORTEST_SECRET:
            raise ConfigurationError(f"{path} holds no secret. Delete it, and a new one is made.")


def read_secret(settings: Settings) -> str | None:
    """Return the secret, or None where none was made yet."""
    if settings.secret is not None:
        return settings.secret.get_secret_value()
    # NotADirectoryError: make_instance has a better word for that than we.
    with suppress(FileNotFoundError, NotADirectoryError):
        return (settings.instance / SECRET_FILE).read_text().strip()
    return None


def ensure_admin_key(settings: Settings) -> Path | None:
    """Make an admin key where no live one exists, and write it to a file (mode 600).

    Return the file that holds the key made for this instance, or None where keys were made otherwise.
    """
    path = settings.instance / ADMIN_KEY_FILE
    if live_admin_exists():
        return path if _opens(path) else None
    # A key that opens nothing any more only misleads.
    path.unlink(missing_ok=True)
    _, token = add_key(free_name("admin"), Role.ADMIN)
    # In this order: a crash between the two leaves a file without its key, which the next start
    # makes anew; the other way round a key would live that nobody has.
    _write_new(path, token)
    db.session.commit()
    return path


def _opens(path: Path) -> bool:
    """Tell whether a file holds a live key."""
    return path.exists() and authenticate(path.read_text(errors="replace").strip()) is not None


def _write_new(path: Path, text: str) -> None:
    """Write a file that must not be there yet: whole or not at all, for its owner's eyes alone.

    Raises FileExistsError.
    """
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    except OSError as error:
        raise ConfigurationError(
            f"{path.parent} cannot be written to ({error.strerror}). Make it so, or set "
            "PROOFSHEET_INSTANCE to another place."
        ) from error
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
    try:
        os.link(draft, path)  # a rename would replace what is there
    finally:
        draft.unlink()
