"""The log: one line an event on standard error, as JSON for programs or as text for a terminal.

What users write and keys are not in it. Events carry plain fields; errors are told by their type and
where they were raised, and only some by their own words, since those may quote anything.
"""

from __future__ import annotations

import json
import logging
import re
import sys
import threading
import traceback
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any

from app.errors import ConfigurationError

if TYPE_CHECKING:
    from config import Settings

# A key of ours, wherever it got to.
_KEY = re.compile(r"ps_[A-Za-z0-9_-]{16,}")
# The secret in the link to a proof sheet, likewise.
_LINK = re.compile(r"(?<=/s/)[A-Za-z0-9_-]{16,}")
# What opens a link to a picture, likewise.
_SIGNATURE = re.compile(r"(?<=signature=)[A-Za-z0-9_-]{16,}")
_SHEETS = "/s/"
_HIDDEN = "…"
# A shorter secret is a stand-in, and part of many words.
_SHORTEST_SECRET = 8
_MOST_FRAMES = 30
# Their words tell of the system or of the code. Those of others, such as ValueError, may quote what
# was asked, and so does what a provider says.
_OPEN_ERRORS = (
    *(ConfigurationError, OSError, MemoryError, ImportError),
    *(AttributeError, NameError, TypeError),
)
# The database's words when it is away, full or locked: of no statement and no row.
_OPEN_NAMES = {"OperationalError", "InterfaceError", "TimeoutError"}

_NOT_SHOWN = "not shown, as it may quote a prompt; PROOFSHEET_LOG_PROMPTS=true shows it"

# How an error tells for which request it was raised.
_NOTE = "for the request "

_log = logging.getLogger("app")
_request_id: ContextVar[str | None] = ContextVar("request_id", default=None)


def request_id() -> str | None:
    """Return the id of the request that is being worked for, or None."""
    return _request_id.get()


def work_for(request_id: str | None) -> None:
    """Let all that this thread logs from now on bear the id of a request."""
    _request_id.set(request_id)


@contextmanager
def working_for(request_id: str | None) -> Iterator[None]:
    """Do so while inside; an error that leaves takes the id along."""
    token = _request_id.set(request_id)
    try:
        yield
    except BaseException as error:
        if request_id:
            error.add_note(_NOTE + request_id)
        raise
    finally:
        _request_id.reset(token)


def tell(
    event: str, *, level: int = logging.INFO, error: BaseException | None = None, **fields: Any
) -> None:
    """Log one event, and an error with where it was raised. None in a field is told, too."""
    if _log.isEnabledFor(level):
        _log.log(level, event, exc_info=error, extra={"fields": fields})


def told_path(path: str) -> str:
    """Return the path of a request as it may be told: whoever has a sheet's could open it."""
    return _SHEETS + _HIDDEN if path.startswith(_SHEETS) else path


def tell_fault(error: BaseException, **fields: Any) -> None:
    """Log that something broke on our side, or that the database did."""
    tell("fault", level=logging.ERROR, error=error, **fields)


def set_up(settings: Settings, *, quiet: bool = False) -> None:
    """Have all that this process logs written to standard error, from now on.

    `quiet` is for commands, which talk to people: they log warnings alone unless the settings say
    otherwise, and what breaks them is shown as Python does.
    """
    on_terminal = sys.stderr is not None and sys.stderr.isatty()
    as_json = settings.log_format == "json" or (settings.log_format == "auto" and not on_terminal)
    secrets = _secrets(settings)
    kind = JsonLines if as_json else TextLines
    handler = logging.StreamHandler()
    handler.setFormatter(kind(secrets, open_words=settings.log_prompts))
    root = logging.getLogger()
    for earlier in [each for each in root.handlers if isinstance(each.formatter, _Lines)]:
        root.removeHandler(earlier)
    root.addHandler(handler)
    root.setLevel(logging.WARNING)
    adopt(_log.name)  # Flask gives it a handler where it finds none
    _log.setLevel((settings.log_level or ("warning" if quiet else "info")).upper())
    # Requests are told by us; Flask's development server would tell query strings, too.
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    logging.captureWarnings(capture=True)
    if not quiet:
        sys.excepthook = _tell_uncaught
        threading.excepthook = _tell_uncaught_in_thread


def adopt(name: str) -> None:
    """Have a library's logger, which has a handler of its own, log as we do."""
    logger = logging.getLogger(name)
    logger.handlers.clear()
    logger.propagate = True


class _Lines(logging.Formatter, ABC):
    """Makes one line of each record."""

    def __init__(self, secrets: tuple[str, ...] = (), *, open_words: bool = False) -> None:
        """Take what is never shown, and whether the words of every error may be."""
        super().__init__()
        self._secrets = secrets
        self._open_words = open_words

    def format(self, record: logging.LogRecord) -> str:
        """Return the line, without its end."""
        fields: dict[str, Any] = {
            "time": _moment(record.created),
            "level": record.levelname.lower(),
            **self._event(record),
        }
        error = record.exc_info[1] if record.exc_info else None
        if "request_id" not in fields and (found := request_id() or _request_of(error)):
            fields["request_id"] = found
        if error:
            fields.update(_error(error, open_words=self._open_words))
        return self._without_secrets(self._line(fields))

    def _event(self, record: logging.LogRecord) -> dict[str, Any]:
        fields = getattr(record, "fields", None)
        if fields is not None:
            return {"event": record.msg, **fields}
        return {"event": "message", "logger": record.name, "message": record.getMessage()}

    @abstractmethod
    def _line(self, fields: dict[str, Any]) -> str:
        """Return an event's fields as one line."""

    def _without_secrets(self, line: str) -> str:
        for secret in self._secrets:
            line = line.replace(secret, _HIDDEN)
        for pattern in (_KEY, _LINK, _SIGNATURE):
            line = pattern.sub(_HIDDEN, line)
        return line


class JsonLines(_Lines):
    """One JSON object a line."""

    def _line(self, fields: dict[str, Any]) -> str:
        # In ASCII: a lone surrogate in a path must not break the log.
        return json.dumps(fields, default=str)


class TextLines(_Lines):
    """One line to read; a traceback has lines of its own."""

    def _line(self, fields: dict[str, Any]) -> str:
        time, level, event = (str(fields.pop(name)) for name in ("time", "level", "event"))
        words = str(fields.pop("message", event))
        stack = fields.pop("traceback", None)
        told = " ".join(f"{name}={value}" for name, value in fields.items() if value is not None)
        line = _plain(f"{time[11:19]} {level.upper():7} {words} {told}".rstrip())
        return f"{line}\n{stack}" if stack else line


def _plain(text: str) -> str:
    """Return text without what a terminal would obey."""
    return "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)


def _moment(seconds: float) -> str:
    moment = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return moment.replace("+00:00", "Z")


def _error(error: BaseException, *, open_words: bool) -> dict[str, str]:
    """Return what is told of an error and of those behind it."""
    chain = list(_causes(error))
    parts = []
    for each in reversed(chain):
        parts += traceback.format_tb(each.__traceback__, limit=-_MOST_FRAMES)
        parts.append(f"{_name(each)}: {_words(each, open_words=open_words)}\n")
    return {
        "error_type": _name(error),
        "error_message": _words(error, open_words=open_words),
        "traceback": "".join(parts).rstrip(),
    }


def _request_of(error: BaseException | None) -> str | None:
    """Return the id of the request that an error was raised for, where it is known."""
    notes = [each for each in getattr(error, "__notes__", ()) if each.startswith(_NOTE)]
    return notes[-1].removeprefix(_NOTE) if notes else None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)


def _name(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__qualname__}".removeprefix("builtins.")


def _words(error: BaseException, *, open_words: bool) -> str:
    if open_words:
        return str(error)
    if isinstance(error, _OPEN_ERRORS):
        return str(error)
    if type(error).__name__ in _OPEN_NAMES:
        # Of SQLAlchemy's, whose own words hold the statement and its parameters, the driver's.
        return str(getattr(error, "orig", None) or error).strip().split("\n")[0]
    return _NOT_SHOWN


def _secrets(settings: Settings) -> tuple[str, ...]:
    from pydantic import SecretStr  # with config.py, which loads it anyhow
    from sqlalchemy import make_url

    values = (getattr(settings, name) for name in type(settings).model_fields)
    found = [each.get_secret_value() for each in values if isinstance(each, SecretStr)]
    password = make_url(settings.sqlalchemy_url).password
    return tuple(each for each in (*found, password or "") if len(each) >= _SHORTEST_SECRET)


def _tell_uncaught(
    kind: type[BaseException], error: BaseException, trace: TracebackType | None
) -> None:
    if isinstance(error, KeyboardInterrupt):
        sys.__excepthook__(kind, error, trace)
        return
    tell_fault(error)


def _tell_uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        _tell_uncaught(args.exc_type, args.exc_value, args.exc_traceback)
