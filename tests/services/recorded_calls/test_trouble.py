"""Calls whose record is in danger: the database is away, the process dies, somebody else ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import update

from app.extensions import db, measures
from app.models import Generation, Image, PastPrompt, Status
from app.models.types import utc_now
from app.providers import base
from app.services import patience
from app.services.image_generator_service import ImageGeneratorService
from app.services.recorded_calls import Call, begin, fail, keep, keeping
from config import ROOT
from tests.fakes.gemini_answers import image_part
from tests.models.samples import ON_SQLITE
from tests.pictures import picture
from tests.services.recorded_calls.answers import (
    PLAIN,
    asked,
    body,
    count,
    pictures,
    record,
    without_room_for_pictures,
)

# Run by a process of its own, which is killed before it asks anybody.
KILLED = """
import os, signal, sys
from pathlib import Path
from app import create_app
from app.services.recorded_calls import Asked, begin
from config import Settings

settings = Settings(instance=Path(sys.argv[1]), database_url=sys.argv[2], gemini_api_key="x")
with create_app(settings, serves=False).app_context():
    begin(Asked("gemini-3-pro-image", "A fox", "A fox"), int(sys.argv[3]))
    os.kill(os.getpid(), signal.SIGKILL)
"""


def run_out(call_id: str) -> None:
    """Let the lease of a call be over."""
    over = utc_now() - timedelta(seconds=1)
    db.session.execute(update(Generation).where(Generation.id == call_id).values(lease_until=over))
    db.session.commit()


def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keeping, "PATIENCE_SECONDS", 0.0)


def test_a_picture_that_cannot_be_saved_is_counted_and_told(
    gemini: Flask, key: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient(monkeypatch)
    call = begin(asked(), key)
    with without_room_for_pictures():
        assert not keep(call, body(), PLAIN, 5)
    row = record(call)
    assert (row.status, row.error_code, row.done) == ("failed", "not_kept", 0)
    assert "delivered" in (row.error_message or "")
    assert (row.cost_microusd, row.error_retryable) == (None, False)
    assert (measures().unsaved(), count(Image)) == (1, 0)


@ON_SQLITE
def test_while_the_database_is_away_the_lease_runs_out(
    gemini: Flask, key: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    impatient(monkeypatch)
    kept, failed = begin(asked(), key), begin(asked(), key)
    db.session.connection().exec_driver_sql("PRAGMA query_only=ON")
    db.session.rollback()
    assert not keep(kept, body(), PLAIN, 5)
    assert not fail(failed, base.RateLimited("Later."))
    assert measures().unsaved() == 1, "where nothing was delivered nothing is lost"
    db.session.connection().exec_driver_sql("PRAGMA query_only=OFF")
    db.session.rollback()
    assert record(kept).status == record(failed).status == Status.RUNNING
    run_out(kept.id)
    assert ImageGeneratorService().get(kept.id).error_code == "interrupted"


@ON_SQLITE
def test_a_picture_is_saved_once_the_database_is_back(
    gemini: Flask, key: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patience, "FIRST_PAUSE_SECONDS", 0.01)
    call = begin(asked(), key)
    db.session.connection().exec_driver_sql("PRAGMA query_only=ON")
    db.session.rollback()

    def come_back(_seconds: float) -> None:
        db.session.connection().exec_driver_sql("PRAGMA query_only=OFF")
        db.session.rollback()

    monkeypatch.setattr(patience.time, "sleep", come_back)
    assert keep(call, body(image_part(picture())), PLAIN, 5)
    assert pictures(record(call)) == [picture()]
    assert measures().unsaved() == 0


@ON_SQLITE
def test_a_process_that_is_killed_leaves_a_record_that_reads_interrupted(
    gemini: Flask, key: int
) -> None:
    settings = gemini.config["SETTINGS"]
    arguments = [str(settings.instance), settings.sqlalchemy_url, str(key)]
    ended = subprocess.run(
        [sys.executable, "-c", KILLED, *arguments], cwd=ROOT, check=False, env={**os.environ}
    )
    assert ended.returncode == -signal.SIGKILL
    db.session.rollback()  # to see what others have committed since
    row = db.session.query(Generation).one()
    assert (row.status, row.final_prompt) == ("running", "A fox")
    run_out(row.id)
    interrupted = ImageGeneratorService().get(row.id)
    assert (interrupted.status, interrupted.error_code) == ("failed", "interrupted")
    assert interrupted.cost_microusd is None, "it may have been billed"
    assert [each.text for each in db.session.query(PastPrompt)] == ["A fox"]


def test_what_comes_after_its_lease_ran_out_is_too_late_and_counted(
    gemini: Flask, key: int
) -> None:
    call = begin(asked(), key)
    run_out(call.id)
    ImageGeneratorService().fail_interrupted()
    assert not keep(call, body(), PLAIN, 5)
    assert (record(call).error_code, count(Image), measures().unsaved()) == ("interrupted", 0, 1)


def test_to_keep_it_twice_changes_nothing(gemini: Flask, key: int) -> None:
    call = begin(asked(), key)
    assert keep(call, body(), PLAIN, 5)
    assert keep(call, body(), PLAIN, 5), "it is kept"
    assert (count(Image), record(call).done, measures().unsaved()) == (1, 1, 0)


def test_calls_at_the_same_time_are_all_kept_once(gemini: Flask, key: int) -> None:
    data = picture(color="blue")
    sent = (base.ImageData(data, "image/png"),)

    def call(number: int) -> Call:
        with gemini.app_context():
            made = begin(asked(f"Fox {number % 3}", inputs=sent), key)
            assert keep(made, body(image_part(picture(color=(number, 0, 0)))), PLAIN, 5)
            return made

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(call, range(16)))
    db.session.rollback()  # to see what they have committed
    rows = [record(each) for each in made]
    assert {row.status for row in rows} == {"succeeded"}
    assert [pictures(row) for row in rows] == [[picture(color=(each, 0, 0))] for each in range(16)]
    assert count(Image) == 17, "the picture that all of them were made from is kept once"
    assert {each.text: each.uses for each in db.session.query(PastPrompt)} == {
        "Fox 0": 6,
        "Fox 1": 5,
        "Fox 2": 5,
    }
