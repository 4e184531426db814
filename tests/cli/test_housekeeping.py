"""`manage.py housekeeping`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from flask import Flask

from app.extensions import db
from app.models.types import utc_now
from tests.cli.conftest import Run, runner
from tests.models.samples import ON_SQLITE, deleted_image


@ON_SQLITE
def test_it_tells_what_there_is_to_do_and_does_it(make_app: Callable[..., Flask]) -> None:
    app = make_app(trash_days=1)
    with app.app_context():
        deleted_image().deleted_at = utc_now() - timedelta(days=2)
        db.session.commit()
    run = runner(app)
    line = "trash: 1 pictures that were deleted long ago"
    shown = run("housekeeping", "--dry-run").stdout
    assert f"{line}\n" in shown
    assert shown.count("\n") == 5
    assert run("housekeeping", "trash").stdout == f"{line} removed\n"
    assert "trash: 0 pictures" in run("housekeeping").stdout


@ON_SQLITE
def test_a_task_that_there_is_not_is_exit_2(run: Run) -> None:
    done = run("housekeeping", "trash")
    assert done.exit_code == 2
    assert "There is no task 'trash' here" in done.stderr
