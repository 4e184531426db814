"""bring_up: everything in place before anything serves, and nothing half-done."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from stat import S_IMODE
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import text

from app.errors import ConfigurationError
from app.extensions import db
from app.models.types import utc_now
from app.services.bring_up import bring_up, prepare_instance
from app.services.image_generator_service import ImageGeneratorService
from app.services.instance import instance_lock
from app.services.keys import authenticate
from app.services.schema import Schema, inspect_schema, upgrade
from config import Settings
from tests.models.samples import ON_SQLITE, app_with, generation


@pytest.fixture
def fresh(empty_database_url: str, instance: Path) -> Iterator[Settings]:
    """Settings of an instance that was never up, with the context of its app pushed."""
    settings = Settings(instance=instance, database_url=empty_database_url)
    with app_with(settings):
        yield settings


def names(settings: Settings) -> set[str]:
    return {path.name for path in settings.instance.glob("*") if "proofsheet.db" not in path.name}


def test_it_makes_all_that_is_needed(fresh: Settings) -> None:
    with bring_up(fresh) as report:
        assert names(fresh) == {"admin.key", "secret", "up.lock"}
        assert report.admin_key_file == fresh.instance / "admin.key"
        assert report.database_copy is None
        assert "sketch" in report.provider
        assert "GEMINI_API_KEY" in report.provider
    assert inspect_schema() is Schema.CURRENT
    assert authenticate((fresh.instance / "admin.key").read_text().strip())


def test_a_folder_that_is_not_there_is_made(tmp_path: Path) -> None:
    settings = Settings(instance=tmp_path / "new")
    with app_with(settings), bring_up(settings):
        assert S_IMODE(settings.instance.stat().st_mode) == 0o700
        assert (settings.instance / "proofsheet.db").exists()


def test_a_second_time_it_changes_nothing(fresh: Settings) -> None:
    def contents() -> list[str]:
        return [(fresh.instance / name).read_text() for name in ("secret", "admin.key")]

    with bring_up(fresh):
        before = contents()
    with bring_up(fresh) as report:
        assert contents() == before
        assert report.admin_key_file is not None


def test_it_holds_the_instance_meanwhile(fresh: Settings) -> None:
    with bring_up(fresh), pytest.raises(ConfigurationError, match="Another"), bring_up(fresh):
        pass
    with instance_lock(fresh):
        pass


def test_it_holds_no_connection_while_the_children_work(fresh: Settings) -> None:
    with bring_up(fresh):
        pool: Any = db.engine.pool
        assert (pool.checkedout(), pool.checkedin()) == (0, 0)


def test_what_was_interrupted_is_ended(context: Flask, settings: Settings) -> None:
    dead = generation(status="running", lease_until=utc_now() - timedelta(seconds=1)).id
    live = generation(status="running", lease_until=utc_now() + timedelta(minutes=1)).id
    with bring_up(settings):
        pass
    statuses = [ImageGeneratorService().get(each).status for each in (dead, live)]
    assert statuses == ["failed", "running"]


def test_a_database_of_a_newer_version_stops_it_with_nothing_made(fresh: Settings) -> None:
    upgrade()
    db.session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    db.session.commit()
    before = names(fresh)
    with pytest.raises(ConfigurationError, match="newer version"), bring_up(fresh):
        pass
    assert names(fresh) == before


def test_a_file_that_is_no_database_stops_it_with_nothing_made(tmp_path: Path) -> None:
    (tmp_path / "proofsheet.db").write_bytes(b"not a database" * 100)
    settings = Settings(instance=tmp_path)
    refused = pytest.raises(ConfigurationError, match="cannot be read")
    with app_with(settings), refused, bring_up(settings):
        pass
    assert [path.name for path in tmp_path.iterdir()] == ["proofsheet.db"]


@ON_SQLITE
@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"provider": "sketch"}, "sketch, which needs no key"),
        ({"provider": "gemini"}, "none. The provider is gemini, but it has no key"),
        ({"gemini_api_key": "x"}, "gemini, model gemini-nano-banana-2.1"),
        ({"gemini_api_key": "x", "model": "gemini-new"}, "gemini, model gemini-new"),
        ({"gemini_api_key": "x", "model": "sketch-1"}, "none. sketch-1 is a model of sketch"),
    ],
)
def test_it_tells_who_draws(settings: Settings, changes: dict[str, Any], line: str) -> None:
    changed = Settings.model_validate({**settings.model_dump(), **changes})
    with app_with(changed), bring_up(changed) as report:
        assert report.provider.startswith(line)


def test_a_command_needs_only_the_folder_and_the_tables(tmp_path: Path) -> None:
    settings = Settings(instance=tmp_path / "new")
    with app_with(settings):
        prepare_instance(settings)
        assert inspect_schema() is Schema.CURRENT
        assert not (settings.instance / "admin.key").exists()
