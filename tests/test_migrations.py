"""Migrations: the same tables as the models, up and down, and never at the cost of a picture."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from stat import S_IMODE
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import DatabaseError

from app.extensions import MIGRATIONS, Base, db
from app.jobs.tables import NAMES, include_name
from app.models import (
    ApiKey,
    Generation,
    Image,
    ImageBlob,
    PastPrompt,
    ReportKept,
    ReportLatency,
)
from app.models.budget import ALL, Account, Period, booked
from app.models.past_prompt import prompt_index
from app.models.reporting.latency_buckets import bucket_of, unpacked
from app.models.reporting.rebuild import differences
from app.models.search import labels, parse
from app.models.search_index import find
from app.models.tally import tallies
from app.models.types import utc_now
from app.services.schema import Schema, alembic_config, inspect_schema, upgrade
from config import Settings
from tests.models.samples import app_with, deleted_image, generation, kept_image, one_of_each

HEAD = max(file.name[:4] for file in (MIGRATIONS / "versions").glob("0*.py"))
NEXT = """
from alembic import op
import sqlalchemy as sa

revision = "9999"
down_revision = "{head}"


def upgrade():
    {upgrade}


def downgrade():
    {downgrade}
"""
# Without the second line SQLite would give ids again: the rebuilt table forgets AUTOINCREMENT.
REBUILD = """
    numbered = {"sqlite_autoincrement": True}
    with op.batch_alter_table("images", recreate="always", table_kwargs=numbered) as batch:
        batch.add_column(sa.Column("mood", sa.Text()))
"""
BREAK = """
    op.create_table("half", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute("INSERT INTO half VALUES (1)")
    op.add_column("images", sa.Column("mood", sa.Text()))
    op.execute("UPDATE images SET prompt = 'lost'")
    op.execute("INSERT INTO nowhere VALUES (1)")
"""


@pytest.fixture
def empty(empty_database_url: str, instance: Path) -> Iterator[Flask]:
    """An app on a database without tables."""
    with app_with(Settings(instance=instance, database_url=empty_database_url)) as app:
        yield app


@pytest.fixture
def migrated(empty: Flask) -> Flask:
    """The same with tables. Not the database of `context`, which others use after us."""
    upgrade()
    return empty


@pytest.fixture
def on_sqlite(instance: Path, sqlite_template: Path) -> Iterator[Flask]:
    """An app on a migrated SQLite file: only there does a migration build a table anew."""
    shutil.copyfile(sqlite_template, instance / "proofsheet.db")
    with app_with(Settings(instance=instance)) as app:
        yield app


def migrations_with(folder: Path, upgrade: str, downgrade: str = "pass") -> Path:
    """Return a copy of our migrations with one more."""
    copy = folder / "migrations"
    shutil.copytree(MIGRATIONS, copy, ignore=shutil.ignore_patterns("__pycache__"))
    script = NEXT.format(head=HEAD, upgrade=upgrade, downgrade=downgrade)
    (copy / "versions" / "9999_next.py").write_text(script)
    return copy


def reflected() -> dict[str, Any]:
    """Return all that the database says of its tables, in an order that does not matter."""
    found = inspect(db.engine)
    kinds: dict[str, Any] = {
        "checks": found.get_multi_check_constraints(),
        "uniques": found.get_multi_unique_constraints(),
        "indexes": found.get_multi_indexes(),
        "columns": found.get_multi_columns(),
        "foreign keys": found.get_multi_foreign_keys(),
        "primary keys": found.get_multi_pk_constraint(),
    }
    return {
        f"{kind} of {table}": sorted(map(plain, rows if isinstance(rows, list) else [rows]))
        for kind, tables in kinds.items()
        for (_, table), rows in tables.items()
        if table != "alembic_version"
    }


def plain(row: Any) -> str:
    """Return a reflected row as text, without differences of white space."""
    if isinstance(row, dict):
        row = sorted((key, plain(value)) for key, value in row.items())
    return " ".join(str(row).split())


def definitions() -> list[Any]:
    """Return the statements that made an SQLite database; for others, what they say of it."""
    if db.engine.dialect.name == "postgresql":
        return [reflected()]
    with db.engine.connect() as connection:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master ORDER BY name"))
        return [tuple(row) for row in rows]


def test_models_and_migrations_agree(context: Flask) -> None:
    with db.engine.connect() as connection:
        options = {
            "compare_type": True,
            "compare_server_default": True,
            "include_name": include_name,
        }
        migration = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(migration, Base.metadata) == []


def test_models_and_migrations_make_the_same_tables(empty: Flask) -> None:
    upgrade()
    migrated = reflected()
    command.downgrade(alembic_config(), "base")
    Base.metadata.create_all(db.engine)
    assert migrated == reflected()
    assert len([checks for kind, checks in migrated.items() if kind.startswith("checks")]) >= 5


def test_ids_of_both_count_up_for_good(empty: Flask) -> None:
    upgrade()
    migrated = counted_up()
    command.downgrade(alembic_config(), "base")
    Base.metadata.create_all(db.engine)
    assert migrated == counted_up()


def counted_up() -> set[str]:
    """Return the tables that SQLite never gives an id twice."""
    return {name for name, sql in definitions_of_tables() if "AUTOINCREMENT" in sql}


def definitions_of_tables(start: str = "CREATE TABLE") -> list[tuple[str, str]]:
    if db.engine.dialect.name == "postgresql":
        return []
    return [row for row in definitions() if row[1] and row[1].startswith(start)]


def test_both_index_words_alike(empty: Flask) -> None:
    upgrade()
    migrated = virtual_tables()
    command.downgrade(alembic_config(), "base")
    Base.metadata.create_all(db.engine)
    assert migrated == virtual_tables()
    assert len(migrated) == (2 if db.engine.dialect.name == "sqlite" else 0)
    Base.metadata.drop_all(db.engine)
    assert our_tables() == {"alembic_version"}


def virtual_tables() -> list[str]:
    """Return how SQLite's tables of words were made: what it says of their columns does not tell."""
    return [sql for _, sql in definitions_of_tables("CREATE VIRTUAL TABLE")]


def test_images_kept_before_the_search_are_found(empty: Flask) -> None:
    upgrade()
    row = generation(prompt="Crème brûlée", final_prompt="A photograph of crème brûlée")
    positions = [kept_image(f"Fox {number}").position for number in range(2)]
    own = kept_image("A photograph", generation_id=row.id, ordinal=0, model="sketch-1").position
    db.session.remove()
    command.downgrade(alembic_config(), "0002")
    upgrade()
    assert find(parse("fox "), limit=9).positions == positions[::-1]
    assert find(parse("creme"), limit=9, labels=labels(model="sketch-1")).positions == [own]


def test_prompts_used_before_they_were_booked_are_known(empty: Flask) -> None:
    upgrade()
    row = generation(prompt="An owl", final_prompt="A poster of an owl")
    kept_image("A poster of an owl", generation_id=row.id, ordinal=0)
    generation(prompt="an  OWL")
    for words in ("A fox", "An owl", "A hare", "a fox"):
        kept_image(words)
    before = known_prompts()
    assert [words for _, words, *_ in before[1]] == ["An owl", "A hare", "a fox"]
    command.downgrade(alembic_config(), "0004")
    upgrade()
    # In one moment they may trade places; all else is as if each had been booked when it was used.
    assert known_prompts() == before
    found = prompt_index.find(parse("owl"), limit=9).positions
    assert found == [place for place, words, *_ in before[1] if words == "An owl"]


def test_what_ended_before_it_was_counted_is_counted(empty: Flask) -> None:
    upgrade()
    ended = {"finished_at": utc_now()}
    generation(status="succeeded", n=2, done=2, **ended)
    generation(status="succeeded", done=1, **ended)
    generation(status="failed", **ended)
    generation(status="running")
    db.session.remove()
    command.downgrade(alembic_config(), "0010")
    upgrade()
    assert [(key.name, key.label, count) for key, count, _ in tallies()] == [
        ("generations", "failed", 1),
        ("generations", "succeeded", 2),
        ("images", "", 3),
    ]
    db.session.remove()


def known_prompts() -> tuple[list[str | None], list[Any]]:
    """Return the prompts that rows point at, by words, and all that is known of each."""
    db.session.remove()
    by_id = {each.id: each for each in db.session.scalars(select(PastPrompt))}
    points = []
    for table in (Generation, Image):
        ids = db.session.scalars(select(table.prompt_id).order_by(table.id))
        points += [by_id[each].text if each else None for each in ids]
    rows = [
        (each.position, each.text, each.key, each.beginning, each.uses, *times(each))
        for each in sorted(by_id.values(), key=lambda each: each.position)
    ]
    db.session.remove()
    return points, rows


def times(prompt: PastPrompt) -> tuple[Any, Any]:
    return prompt.first_used_at, prompt.last_used_at


def test_what_was_spent_before_there_were_budgets_is_in_the_books(empty: Flask) -> None:
    upgrade()
    key = ApiKey(name="key", prefix="ps_", sha256="0" * 64, role="creator")
    db.session.add(key)
    db.session.flush()
    of_key = key.id
    late = datetime(2026, 10, 31, 23, 59, 59, 999_999, tzinfo=UTC)
    for moment, cost, asked_by in (
        (late, 5, of_key), (late, 7, None), (late + timedelta(seconds=1), 11, None), (late, None, None)
    ):  # fmt: skip
        generation(created_at=moment, cost_microusd=cost, api_key_id=asked_by)
    db.session.remove()
    command.downgrade(alembic_config(), "0011")
    upgrade()
    october, november = late.date(), date(2026, 11, 1)
    spent = {
        Account(ALL, Period.DAY, october): 12,
        Account(ALL, Period.MONTH, date(2026, 10, 1)): 12,
        Account(of_key, Period.DAY, october): 5,
        Account(of_key, Period.MONTH, date(2026, 10, 1)): 5,
        Account(ALL, Period.DAY, november): 11,
        Account(ALL, Period.MONTH, november): 11,
    }
    assert booked(spent) == {account: (cost, 0) for account, cost in spent.items()}
    assert db.session.scalar(text("SELECT count(*) FROM budget_spending")) == len(spent)


def test_what_was_made_before_reports_is_in_them(migrated: Flask) -> None:
    kept_image(generation_id=generation(status="succeeded").id, ordinal=0, latency_ms=5)
    deleted_image()
    command.downgrade(alembic_config(), "0016")
    upgrade()
    day = ReportKept.slot == 0
    assert db.session.execute(
        select(ReportKept.images, ReportKept.deleted_images).where(day)
    ).one() == (2, 1)
    durations = db.session.scalars(select(ReportLatency.provider).where(ReportLatency.slot == 0))
    assert [list(unpacked(each)) for each in durations] == [[(bucket_of(5), 1)]] * 6
    assert list(differences()) == []


def test_up_down_and_up_again(empty: Flask) -> None:
    upgrade()
    made = definitions()
    command.downgrade(alembic_config(), "base")
    assert our_tables() == {"alembic_version"}
    assert inspect_schema() is Schema.ABSENT
    assert upgrade() is None
    assert definitions() == made
    kept_image()


def test_a_rebuilt_table_of_images_leaves_every_picture(on_sqlite: Flask, tmp_path: Path) -> None:
    for number in range(3):
        kept_image(f"Fox {number}").tags.append("fox")
    db.session.commit()
    before = db.session.execute(select(ImageBlob.image_id, ImageBlob.data)).all()
    db.session.remove()
    upgrade(migrations_with(tmp_path, REBUILD))
    assert db.session.execute(select(ImageBlob.image_id, ImageBlob.data)).all() == before
    assert [list(image.tags) for image in db.session.scalars(select(Image))] == [["fox"]] * 3
    assert "mood" in {column["name"] for column in inspect(db.engine).get_columns("images")}


def test_pictures_still_go_with_their_image_after_that(on_sqlite: Flask, tmp_path: Path) -> None:
    image_id = kept_image().id
    db.session.remove()
    upgrade(migrations_with(tmp_path, REBUILD))
    db.session.execute(text("DELETE FROM images WHERE id = :id"), {"id": image_id})
    db.session.commit()
    assert db.session.scalars(select(ImageBlob)).all() == []


def test_a_rebuilt_table_still_refuses_and_never_repeats(on_sqlite: Flask, tmp_path: Path) -> None:
    before = reflected()["checks of images"]
    image_id = kept_image().id
    db.session.remove()
    upgrade(migrations_with(tmp_path, REBUILD))
    assert reflected()["checks of images"] == before
    db.session.execute(text("DELETE FROM images"))
    db.session.commit()
    assert kept_image().id > image_id


def test_a_migration_that_fails_leaves_everything_as_it_was(
    migrated: Flask, tmp_path: Path
) -> None:
    one_of_each()
    db.session.remove()
    before = definitions()
    with pytest.raises(DatabaseError, match="nowhere"):
        upgrade(migrations_with(tmp_path, BREAK))
    assert definitions() == before
    assert db.session.scalars(select(Image.prompt)).all() == ["A fox"]
    assert db.session.scalar(text("SELECT version_num FROM alembic_version")) == HEAD
    db.session.remove()
    assert inspect_schema() is Schema.CURRENT


def test_foreign_keys_hold_again_after_a_migration(migrated: Flask, tmp_path: Path) -> None:
    upgrade(migrations_with(tmp_path, "pass"))
    for _ in range(3):
        with db.engine.connect() as connection, pytest.raises(DatabaseError):
            connection.execute(text("INSERT INTO image_blobs VALUES (999, :data)"), {"data": b"a"})


def test_a_copy_of_the_file_is_kept_before(
    on_sqlite: Flask, instance: Path, tmp_path: Path
) -> None:
    kept_image()
    db.session.remove()
    copy = upgrade(migrations_with(tmp_path, REBUILD))
    assert copy is not None
    assert copy.parent == instance
    assert S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [(HEAD,)]
        assert connection.execute("SELECT count(*) FROM image_blobs").fetchall() == [(1,)]
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_postgresql_does_not_compress_pictures(context: Flask) -> None:
    if db.engine.dialect.name == "postgresql":
        stored = "SELECT attstorage FROM pg_attribute WHERE attname = 'data' AND attrelid = "
        with db.engine.connect() as connection:
            for table in ("image_blobs", "image_thumbnails"):
                assert connection.scalar(text(f"{stored}'{table}'::regclass")) in ("e", b"e")


def test_the_files_are_named_by_their_revisions_in_order() -> None:
    revisions = ScriptDirectory.from_config(alembic_config()).walk_revisions()
    names = sorted(file.name for file in (MIGRATIONS / "versions").glob("*.py"))
    assert [each.revision for each in revisions][::-1] == [name[:4] for name in names]


def test_a_new_migration_would_be_empty(context: Flask, tmp_path: Path) -> None:
    folder = tmp_path / "migrations"
    shutil.copytree(MIGRATIONS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    command.revision(alembic_config(folder), "none", autogenerate=True, rev_id="9999")
    script = (folder / "versions" / "9999_none.py").read_text()
    assert script.count("pass") == 2


def our_tables() -> set[str]:
    """Return the tables there are, without those of the job engine, which lie beside on SQLite."""
    return set(inspect(db.engine).get_table_names()) - NAMES
