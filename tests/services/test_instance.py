"""The instance folder: seen by its owner alone, held by one, its secret and key made once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from stat import S_IMODE

import pytest
from flask import Flask

from app import create_app
from app.errors import ConfigurationError
from app.models import Role
from app.services.instance import (
    ensure_admin_key,
    ensure_secret,
    instance_lock,
    locked,
    make_instance,
    read_secret,
    require_idle,
)
from app.services.keys import authenticate, create_key, list_keys, revoke_key
from config import Settings
from tests.models.samples import ON_SQLITE

HOLD = """
import fcntl, sys
file = open(sys.argv[1], "w")
fcntl.flock(file, fcntl.LOCK_EX)
print("held", flush=True)
sys.stdin.read()
"""


def mode(path: Path) -> int:
    return S_IMODE(path.stat().st_mode)


def test_the_folder_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    settings = Settings(instance=tmp_path / "a" / "b")
    make_instance(settings)
    make_instance(settings)
    assert mode(settings.instance) == 0o700


def test_a_folder_that_cannot_be_made_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(ConfigurationError, match=f"{path} cannot be made"):
            make_instance(Settings(instance=path))


def test_an_app_can_be_made_where_the_folder_cannot(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert create_app(Settings(instance=tmp_path / "file")).secret_key is None


def test_the_instance_is_held_by_one(instance: Path) -> None:
    settings = Settings(instance=instance)
    refused = pytest.raises(ConfigurationError, match="is running")
    with instance_lock(settings), refused, instance_lock(settings):
        pass
    with instance_lock(settings):
        assert mode(instance / "up.lock") == 0o600


def test_the_instance_may_be_held_by_another_process(instance: Path) -> None:
    settings = Settings(instance=instance)
    command = [sys.executable, "-c", HOLD, str(instance / "up.lock")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(ConfigurationError, match="Another"), instance_lock(settings):
            pass
        holder.kill()
    with instance_lock(settings):
        pass


def test_a_lock_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "nowhere" / "lock"
    with pytest.raises(ConfigurationError, match="cannot be written"), locked(path, "taken"):
        pass


def test_a_secret_is_made_once_for_its_owner_alone(instance: Path) -> None:
    settings = Settings(instance=instance)
    assert read_secret(settings) is None
    ensure_secret(settings)
    secret = read_secret(settings)
    ensure_secret(settings)
    assert read_secret(settings) == secret == create_app(settings).secret_key
    assert secret is not None
    assert len(secret) == 64
    assert mode(instance / "secret") == 0o600


def test_a_secret_of_the_settings_comes_first(instance: Path) -> None:
    settings = Settings(instance=instance, secret="sixteen or more characters")
    ensure_secret(settings)
    assert not (instance / "secret").exists()
    assert read_secret(settings) == "sixteen or more characters"


def test_an_admin_key_is_made_where_there_is_none(context: Flask, settings: Settings) -> None:
    path = ensure_admin_key(settings)
    assert path == settings.instance / "admin.key"
    assert mode(path) == 0o600
    holder = authenticate(path.read_text().strip())
    assert holder is not None
    assert holder.role is Role.ADMIN


def test_an_admin_key_is_made_only_once(context: Flask, settings: Settings) -> None:
    path = ensure_admin_key(settings)
    assert path is not None
    before = path.read_text()
    assert ensure_admin_key(settings) == path
    assert path.read_text() == before
    assert len(list_keys()) == 1


@ON_SQLITE
def test_no_key_is_made_beside_another_admin(context: Flask, settings: Settings) -> None:
    create_key("Ada", Role.ADMIN)
    assert ensure_admin_key(settings) is None
    assert not (settings.instance / "admin.key").exists()


@pytest.mark.parametrize("name", ["admin", "Ada"])
def test_another_role_is_no_admin(context: Flask, settings: Settings, name: str) -> None:
    create_key(name, Role.CREATOR)
    path = ensure_admin_key(settings)
    assert path is not None
    holder = authenticate(path.read_text().strip())
    assert holder is not None
    assert holder.role is Role.ADMIN


def test_a_revoked_admin_key_is_replaced(context: Flask, settings: Settings) -> None:
    path = ensure_admin_key(settings)
    assert path is not None
    before = path.read_text()
    revoke_key("admin")
    assert ensure_admin_key(settings) == path
    assert path.read_text() != before
    assert authenticate(before.strip()) is None


def test_a_file_that_holds_no_live_key_is_not_shown_as_one(
    context: Flask, settings: Settings
) -> None:
    path = ensure_admin_key(settings)
    assert path is not None
    path.write_text("")
    assert ensure_admin_key(settings) is None


def test_a_secret_that_is_none_is_told(instance: Path) -> None:
    (instance / "secret").touch()
    with pytest.raises(ConfigurationError, match="Delete it"):
        ensure_secret(Settings(instance=instance))


def test_whether_the_instance_is_idle_is_told_without_making_anything(instance: Path) -> None:
    settings = Settings(instance=instance)
    require_idle(settings)
    assert list(instance.iterdir()) == []
    refused = pytest.raises(ConfigurationError, match="Another")
    with instance_lock(settings), refused:
        require_idle(settings)
