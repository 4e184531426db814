"""What tests of the command line share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from flask.cli import ScriptInfo

import manage

Run = Callable[..., Result]


def runner(app: Flask) -> Run:
    """Return `run(*arguments)`, which runs a command of `manage.py` on `app`."""

    def run(*arguments: str, **more: Any) -> Result:
        script = ScriptInfo(create_app=lambda: app)
        return CliRunner().invoke(manage.cli, arguments, obj=script, prog_name="manage.py", **more)

    return run


@pytest.fixture
def run(app: Flask) -> Run:
    """Run a command of `manage.py` on the test's app: `run("images", "list")`."""
    return runner(app)
