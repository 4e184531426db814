"""The log: lines that programs can read, in which neither prompts nor keys are."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any, NoReturn

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.exc import SQLAlchemyError

from app.errors import ConfigurationError
from app.logs import JsonLines, TextLines, request_id, tell, tell_fault, working_for
from app.providers.base import ProviderRejected
from config import ROOT
from tests.log import logging_to
from tests.processes import environment

# Words of a user. By this name, since a traceback quotes the code.
WORDS = "a red fox"
KEY = "ps_0123456789abcdefghijklmnop"


def line(formatter: logging.Formatter, event: str = "request", **fields: Any) -> str:
    record = logging.LogRecord("app", logging.INFO, "", 0, event, None, None)
    record.created = 1_795_341_600.1239
    record.fields = fields
    return formatter.format(record)


def fail(error: Exception, *, behind: Exception | None = None) -> NoReturn:
    if behind:
        try:
            fail(behind)
        except Exception as caught:
            raise error from caught
    raise error


def fault(error: Exception, *, open_words: bool = False) -> dict[str, Any]:
    """Return the line of an error that was raised and caught."""
    with logging_to(open_words=open_words) as log:
        try:
            fail(error)
        except Exception as caught:  # noqa: BLE001
            tell_fault(caught, path="/x")
    [found] = log.lines("fault")
    return found


def test_an_event_is_one_json_object_with_its_fields() -> None:
    assert json.loads(line(JsonLines(), status=200, key=None)) == {
        "time": "2026-11-22T10:00:00.123Z",
        "level": "info",
        "event": "request",
        "status": 200,
        "key": None,
    }


def test_what_a_path_holds_cannot_begin_another_line() -> None:
    for formatter in (JsonLines(), TextLines()):
        assert len(line(formatter, path="/\n\u2028\x1b[2J\ud800").splitlines()) == 1
    assert "\x1b" not in line(TextLines(), path="\x1b[2J")


def test_as_text_it_is_a_line_to_read_without_what_is_unknown() -> None:
    assert line(TextLines(), status=200, key=None) == "10:00:00 INFO    request status=200"
    assert line(TextLines(), message="All is well.") == "10:00:00 INFO    All is well."


def test_keys_and_secrets_are_hidden_wherever_they_are() -> None:
    secret = "a secret of the settings"
    shown = line(JsonLines((secret,)), path=f"/{KEY}/{secret}")
    assert json.loads(shown)["path"] == "/…/…"


def test_all_that_is_logged_for_a_request_bears_its_id() -> None:
    with logging_to() as log:
        with working_for("abc"):
            tell("something")
            logging.getLogger("app.else").warning("a %s", "word")
        tell("something")
        assert request_id() is None
    first, second, third = log.lines()
    assert (first["request_id"], second["request_id"]) == ("abc", "abc")
    assert second["message"] == "a word"
    assert "request_id" not in third


def test_an_error_that_leaves_a_request_takes_its_id_along() -> None:
    with logging_to() as log:
        try:
            with working_for("abc"):
                fail(ValueError(WORDS))
        except ValueError as error:
            tell_fault(error)
    assert log.lines()[0]["request_id"] == "abc"


def test_an_errors_words_are_not_told_where_they_may_quote_a_prompt() -> None:
    for error in (
        ValueError(WORDS),
        KeyError(WORDS),
        ProviderRejected(WORDS),
    ):
        told = fault(error)
        assert WORDS not in json.dumps(told)
        assert type(error).__name__ in told["error_type"]
        assert "in fail" in told["traceback"]
        assert WORDS in fault(error, open_words=True)["error_message"]


def test_what_is_behind_an_error_is_told_alike() -> None:
    with logging_to() as log:
        try:
            fail(ConfigurationError("no such file"), behind=ValueError(WORDS))
        except ConfigurationError as error:
            tell_fault(error)
    assert WORDS not in log.text
    [told] = log.lines()
    assert (told["level"], told["error_message"]) == ("error", "no such file")
    assert told["traceback"].index("ValueError") < told["traceback"].index("ConfigurationError")


def test_of_a_database_that_does_not_do_it_neither_statement_nor_values_are_told() -> None:
    engine = create_engine("sqlite://")
    with logging_to() as log, engine.connect() as connection:
        try:
            connection.execute(text("SELECT * FROM nowhere WHERE x = :x"), {"x": WORDS})
        except SQLAlchemyError as error:
            tell_fault(error)
    engine.dispose()
    [told] = log.lines()
    assert told["error_message"] == "no such table: nowhere"
    assert WORDS not in log.text


PROGRAM = """
import logging, sys, threading, warnings
from app import logs
WORDS = "a red fox"
from config import load_settings
for _ in range(2):
    logs.set_up(load_settings(), quiet="quiet" in sys.argv)
logs.tell("something", level=logging.INFO)
logs.tell("something", level=logging.DEBUG)
logging.getLogger("elsewhere").info("not told")
warnings.warn("careful")
thread = threading.Thread(target=lambda: int(WORDS))
thread.start()
thread.join()
int(WORDS)
"""


def run(instance: Path, *arguments: str, **settings: str) -> list[str]:
    """Return what a program logs that warns, and breaks in a thread and at its end."""
    more = {f"PROOFSHEET_{name.upper()}": value for name, value in settings.items()}
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments],
        cwd=ROOT,
        env={**environment(instance), "PROOFSHEET_LOG_LEVEL": "", **more},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout == ""
    assert (WORDS in done.stderr) is ("quiet" in arguments)
    return done.stderr.splitlines()


def test_where_no_terminal_is_every_line_is_json(instance: Path) -> None:
    told = [json.loads(line) for line in run(instance)]
    assert [each["event"] for each in told] == ["something", "message", "fault", "fault"]
    assert told[1]["logger"] == "py.warnings"


@pytest.mark.parametrize(
    ("settings", "events"),
    [
        ({"log_level": "debug"}, ["something", "something", "message", "fault", "fault"]),
        # Of others, warnings are told.
        ({"log_level": "error"}, ["message", "fault", "fault"]),
    ],
)
def test_the_level_is_that_of_the_settings_else_of_the_command(
    instance: Path, settings: dict[str, str], events: list[str]
) -> None:
    assert [json.loads(line)["event"] for line in run(instance, **settings)] == events


def test_a_command_logs_warnings_alone_and_breaks_as_any_program(instance: Path) -> None:
    told = run(instance, "quiet")
    assert json.loads(told[0])["event"] == "message"
    assert told[-1] == f"ValueError: invalid literal for int() with base 10: '{WORDS}'"


def test_as_text_a_fault_has_lines_of_its_own(instance: Path) -> None:
    told = run(instance, log_format="text")
    assert told[0][8:] == " INFO    something"
    assert "Traceback" not in told[0]
    assert any(line.startswith("ValueError: not shown") for line in told)


def test_another_thread_works_for_nobody() -> None:
    seen: list[str | None] = []
    with working_for("abc"):
        thread = threading.Thread(target=lambda: seen.append(request_id()))
        thread.start()
        thread.join()
    assert seen == [None]
