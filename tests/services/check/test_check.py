"""`check` finds what does not go together, and `--repair` mends it without losing anything."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import text

from app.extensions import db
from app.models import ImageBlob
from tests.models.samples import ON_SQLITE, kept_image
from tests.pictures import noise
from tests.services.check.conftest import look, repair, spoil

PAGE = 16_384  # bytes
# What is planted, by the kind that it is to be found as. The history's images are 1 to 11 without 5
# and 8; 1 to 4 are drawn, 6 and 7 were added without a generation.
MENDED = {
    "images-misplaced": ["UPDATE images SET position = position - 3600000000 WHERE id = 2"],
    "image-counts": ["UPDATE image_rollups SET live = live + 1, deleted = deleted - 1"],
    "record-wrong": ["UPDATE images SET byte_count = 5, width = 9 WHERE id = 3"],
    "thumbnails-wrong": ["DELETE FROM image_thumbnails WHERE image_id = 6 AND size = 640"],
    "image-words": ["UPDATE search_texts SET text = 'wrong words' WHERE position IN "
                    "(SELECT position FROM images WHERE id = 4)"],
    "words-of-no-image": ["INSERT INTO search_texts (position, text) VALUES (77, 'a ghost')"],
    "prompt-words": ["DELETE FROM prompt_texts WHERE text = 'a hare'"],
    "words-of-no-prompt": ["INSERT INTO prompt_texts (position, text) VALUES (77, 'a ghost')"],
    "prompt-uses": ["UPDATE prompts SET uses = 1 WHERE text = 'a  HARE'"],
    "prompt-key": ["UPDATE prompts SET key = 'another' WHERE text = 'A red fox'"],
    "generations-prompt-gone": ["UPDATE generations SET prompt_id = 999 WHERE prompt = 'One'"],
    "images-prompt-gone": ["UPDATE images SET prompt_id = 999 WHERE prompt = 'One'"],
    "images-other-batch": ["UPDATE images SET batch_id = NULL WHERE prompt = 'One'"],
    "batch-totals": ["UPDATE batches SET total = 1"],
    "done-too-small": ["UPDATE generations SET done = 0 WHERE prompt = 'Two'"],
    "running-unleased": ["UPDATE generations SET status = 'running', finished_at = NULL "
                         "WHERE prompt = 'Something bad'"],
    "image_thumbnails.image_id": ["INSERT INTO image_thumbnails (image_id, size, width, height, data) "
                                  "SELECT 999, size, width, height, data FROM image_thumbnails "
                                  "WHERE image_id = 1"],
    "image_tags.image_id": ["INSERT INTO image_tags (image_id, tag) VALUES (998, 'ghost')"],
    "image_parents.parent_id": ["INSERT INTO image_parents (image_id, parent_id, ordinal) "
                                "VALUES (1, 997, 0)"],
    "message-of-nothing": ["INSERT INTO webhook_deliveries (id, event, subject, created_at) VALUES "
                           "('1', 'batch.ended', 'nothing', '2026-11-22 00:00:00.000000')"],
    "budget-books": ["INSERT INTO budget_spending (scope, period, start, spent_microusd, "
                     "reserved_microusd) VALUES (0, 'day', '2020-01-01', 5, -5)"],
    "report-sums": ["UPDATE report_sums SET images = images + 1"],
}  # fmt: skip
LEFT = {
    "batch-gone": ["UPDATE generations SET batch_id = 'none' WHERE prompt = 'Something bad'",
                   "UPDATE generations SET job = 'one' WHERE prompt = 'Something bad'"],
    "picture-gone": ["DELETE FROM image_blobs WHERE image_id = 1"],
    "picture-changed": ["UPDATE image_blobs SET data = (SELECT data FROM image_thumbnails "
                        "WHERE image_id = 7 AND size = 320) WHERE image_id = 7"],
    "image_blobs.image_id": ["INSERT INTO image_blobs (image_id, data) SELECT 996, data "
                             "FROM image_blobs WHERE image_id = 6"],
    "success-without-picture": ["UPDATE generations SET done = 0 WHERE prompt = '(forgotten)'"],
}  # fmt: skip


@pytest.fixture
def spoilt(history: Flask) -> Iterator[None]:
    for statements in [*LEFT.values(), *MENDED.values()]:
        spoil(*statements)
    yield
    spoil("DELETE FROM image_blobs WHERE image_id = 996")


def rows(table: str) -> int:
    return db.session.scalar(text(f"SELECT count(*) FROM {table}")) or 0  # noqa: S608 - our own


def test_a_history_made_by_the_services_has_no_fault(history: Flask) -> None:
    assert look() == {}
    assert look(quick=True) == {}


def test_each_planted_fault_is_found_and_those_that_can_be_are_mended(
    history: Flask, spoilt: None
) -> None:
    found = look()
    # PostgreSQL keeps its index of words itself.
    stale = {"index-stale"} if db.engine.dialect.name == "sqlite" else set()
    assert found.keys() == MENDED.keys() | LEFT.keys() | stale
    assert found["record-wrong"].first == [3]
    kept = {table: rows(table) for table in ("images", "image_blobs", "generations", "prompts")}
    repair()
    assert look().keys() == LEFT.keys()
    assert {table: rows(table) for table in kept} == kept


@ON_SQLITE
def test_looking_changes_nothing(history: Flask, spoilt: None) -> None:
    first = look()
    assert {name: each.count for name, each in look().items()} == {
        name: each.count for name, each in first.items()
    }


@ON_SQLITE
def test_a_damaged_file_is_told_with_all_else_and_left_alone(
    history: Flask, instance: Path
) -> None:
    number = kept_image("Lost", noise(200)).id
    data = db.session.get_one(ImageBlob, number).data
    spoil("UPDATE image_rollups SET live = live + 1")
    db.session.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
    db.session.remove()
    db.engine.dispose()
    file = instance / "proofsheet.db"
    with file.open("r+b") as database:
        place = file.read_bytes().index(data[len(data) // 2 :][:64])
        database.seek(place - place % PAGE)
        database.write(b"\xa5" * PAGE)
    before = file.read_bytes()
    for found in (look(), repair()):
        assert {"file-damaged", "image-counts"} <= found.keys()
        assert f"image {number}: database disk image is malformed" in found["file-damaged"].first
        assert [each.mended for each in found.values() if each.mended] == []
    assert file.read_bytes() == before
