"""`manage.py config`."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from config import Settings, variables
from tests.processes import manage


def test_every_setting_is_shown_with_its_source(instance: Path) -> None:
    done = manage(instance, "config", "--json", more={"PROOFSHEET_PORT": "8123"})
    shown = {row["name"]: row for row in json.loads(done.stdout)}
    assert shown.keys() == {variables(name)[0] for name in Settings.model_fields}
    assert shown["PROOFSHEET_PORT"]["source"] == "environment, PROOFSHEET_PORT"
    assert shown["PROOFSHEET_HOST"]["source"] == "default"
    assert all(row["description"] for row in shown.values())


def test_secrets_and_passwords_are_masked(instance: Path) -> None:
    more = {
        "GOOGLE_API_KEY": "hush-hush",
        "PROOFSHEET_SECRET": "whisper-whisper-whisper",
        "DATABASE_URL": "postgresql://me:pssst@localhost/x",
    }
    shown = manage(instance, "config", more=more).stdout
    assert "environment, GOOGLE_API_KEY" in shown
    assert not any(secret in shown for secret in ("hush", "whisper", "pssst"))


def test_a_setting_is_written_to_the_instance_and_taken_up(instance: Path) -> None:
    done = manage(instance, "config", "set", "port", "8123")
    assert done.returncode == 0
    file = instance / "env"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert "instance/env, PROOFSHEET_PORT" in manage(instance, "config").stdout


def test_a_secret_is_asked_for_and_never_taken_as_an_argument(instance: Path) -> None:
    refused = manage(instance, "config", "set", "GEMINI_API_KEY", "hush")
    assert refused.returncode == 2
    assert not (instance / "env").exists()
    done = manage(instance, "config", "set", "GEMINI_API_KEY", stdin="hush#'quiet\n")
    assert done.returncode == 2  # a quote cannot be
    done = manage(instance, "config", "set", "GEMINI_API_KEY", stdin="hush # $quiet\n")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "hush" not in done.stdout + manage(instance, "config").stdout
    assert "hush # $quiet" in (instance / "env").read_text()


def test_an_empty_value_removes_a_setting(instance: Path) -> None:
    manage(instance, "config", "set", "PROOFSHEET_PORT", "8123")
    assert manage(instance, "config", "set", "PROOFSHEET_PORT", "").returncode == 0
    assert "PROOFSHEET_PORT" not in (instance / "env").read_text()


@pytest.mark.parametrize(
    ("name", "value", "hint"),
    [("PROOFSHEET_PORT", "x", "integer"), ("PROOFSHEET_PROT", "1", "manage.py config")],
)
def test_what_does_not_fit_is_refused_and_nothing_is_written(
    instance: Path, name: str, value: str, hint: str
) -> None:
    done = manage(instance, "config", "set", name, value)
    assert done.returncode == 2
    assert hint in done.stderr
    assert not (instance / "env").exists()


def test_a_stronger_setting_in_the_environment_is_pointed_out(instance: Path) -> None:
    more = {"PROOFSHEET_PORT": "9"}
    assert "stronger" in manage(instance, "config", "set", "port", "8", more=more).stderr


def test_a_typo_in_the_file_of_settings_is_one_line(instance: Path) -> None:
    (instance / "env").write_text("PROOFSHEET_PROT='1'\n")
    done = manage(instance, "images", "list")
    assert done.returncode == 2
    assert "PROOFSHEET_PROT" in done.stderr
    assert done.stderr.count("\n") == 1
