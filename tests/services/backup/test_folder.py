"""A backup in a folder: again and again, each picture written once."""

from __future__ import annotations

import json
import resource
from collections.abc import Callable
from pathlib import Path
from stat import S_IMODE

import pytest
from flask import Flask

from app.errors import ConfigurationError
from app.extensions import db
from app.models import ImageBlob
from app.services.backup.restoring import look_at, restore
from app.services.backup.sqlite_file import Damaged
from app.services.backup.taking import back_up
from app.services.backup.to_folder import back_up_to
from app.services.purge import purge_images
from app.services.schema import require_current
from tests.models.samples import ON_SQLITE, deleted_image, kept_image
from tests.pictures import noise
from tests.services.check.conftest import history, look
from tests.services.copy.conftest import kind, rows, target

__all__ = ["history", "kind", "target"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where a backup is to be written."""
    return tmp_path / "backups" / "daily"


def files(folder: Path) -> dict[str, int]:
    """Return the files of pictures and thumbnails, with the time of their last change."""
    found = (each for kind in ("pictures", "thumbnails") for each in (folder / kind).rglob("*.*"))
    return {str(each.relative_to(folder)): each.stat().st_mtime_ns for each in found}


def test_all_is_there_again(history: Flask, folder: Path) -> None:
    before, faults = rows(), look()
    back_up_to(folder)
    kept_image("Later", noise(20))
    facts = look_at(folder)
    assert (facts.images, facts.lost) == (len(before["images"]), ())
    restore(folder)
    assert rows() == before
    assert look() == faults
    require_current()


@ON_SQLITE
def test_it_can_be_put_into_the_other_kind_of_database(
    history: Flask, target: Flask, folder: Path
) -> None:
    before, faults = rows(), look()
    back_up_to(folder)
    with target.app_context():
        for _ in range(2):  # into an empty one, and in the place of what is there
            restore(folder)
            assert rows() == before
            assert look() == faults


def test_again_it_writes_only_what_is_new(context: Flask, folder: Path) -> None:
    kept_image("A fox")
    first = back_up_to(folder)
    before = files(folder)
    assert first.files == len(before) == 2
    assert back_up_to(folder).files == 0
    kept_image("The same fox")
    kept_image("A hare", noise(20))
    assert back_up_to(folder).files == 2
    assert files(folder).items() >= before.items()
    assert len(list(folder.glob("history-*.db"))) == 1
    restore(folder)
    assert len(rows()["image_blobs"]) == 3


@ON_SQLITE
def test_it_is_for_its_owner_alone(context: Flask, folder: Path) -> None:
    kept_image("A fox")
    back_up_to(folder)
    modes = {S_IMODE(each.stat().st_mode) for each in folder.rglob("*") if each.is_file()}
    assert modes == {0o600}
    folders = [folder, *(each for each in folder.rglob("*") if each.is_dir())]
    assert {S_IMODE(each.stat().st_mode) for each in folders} == {0o700}


@ON_SQLITE
def test_what_was_purged_stays_in_it_until_it_is_pruned(context: Flask, folder: Path) -> None:
    image = deleted_image("A fox", data=noise(20))
    kept_image("A hare")
    back_up_to(folder)
    purge_images([image.id])
    back_up_to(folder)
    assert len(files(folder)) == 4
    assert back_up_to(folder, prune=True).pruned == 2
    assert len(files(folder)) == 2
    assert look_at(folder).lost == ()


@ON_SQLITE
def test_a_damaged_picture_is_told_and_kept_as_it_is(context: Flask, folder: Path) -> None:
    image = kept_image("A fox")
    number = image.id
    db.session.get_one(ImageBlob, number).data = b"rotten"
    db.session.commit()
    assert back_up_to(folder).damaged == [number]
    restore(folder)
    assert db.session.get_one(ImageBlob, number).data == b"rotten"


@ON_SQLITE
def test_a_file_that_is_lost_or_changed_is_counted_and_left_out(
    context: Flask, folder: Path
) -> None:
    kept_image("A fox", noise(20))
    kept_image("A hare")
    back_up_to(folder)
    first, second = (folder / "pictures").rglob("*.*")
    first.unlink()
    second.write_bytes(b"x" + second.read_bytes()[1:])
    assert sorted(look_at(folder).lost) == [1, 2]
    restore(folder)
    assert (len(rows()["images"]), len(rows()["image_blobs"])) == (2, 0)


@ON_SQLITE
def test_what_is_damaged_in_it_is_written_anew(context: Flask, folder: Path) -> None:
    kept_image("A fox")
    back_up_to(folder)
    [picture], [thumbnail] = ((folder / kind).rglob("*.*") for kind in ("pictures", "thumbnails"))
    thumbnail.write_bytes(b"")
    assert back_up_to(folder).files == 1
    picture.write_bytes(b"x" + picture.read_bytes()[1:])
    assert back_up_to(folder, verify=True).files == 1
    (folder / "manifest.json").write_text("{")
    back_up_to(folder)
    assert look_at(folder).lost == ()


@ON_SQLITE
@pytest.mark.parametrize("back_up", [back_up, back_up_to])
def test_without_room_the_target_is_named_and_nothing_is_left(
    context: Flask, tmp_path: Path, back_up: Callable[[Path], object]
) -> None:
    kept_image("A fox")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50_000, before[1]))
    try:
        with pytest.raises(ConfigurationError, match=rf"{tmp_path}/new.* cannot be written"):
            back_up(tmp_path / "new")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert list(tmp_path.rglob("*.part*")) == []


@ON_SQLITE
@pytest.mark.parametrize("spoilt", ["history", "manifest"])
def test_one_that_is_not_whole_is_refused(context: Flask, folder: Path, spoilt: str) -> None:
    kept_image("A fox")
    back_up_to(folder)
    manifest = folder / "manifest.json"
    if spoilt == "history":
        file = folder / json.loads(manifest.read_text())["history"]
        file.write_bytes(file.read_bytes()[:-100])
    else:
        manifest.write_text("{}")
    with pytest.raises(Damaged):
        look_at(folder)


@ON_SQLITE
def test_what_broke_off_leaves_the_backup_before_whole(context: Flask, folder: Path) -> None:
    kept_image("A fox")
    back_up_to(folder)
    kept_image("A hare", noise(20))

    def stop(table: str, _done: int, _total: int) -> None:
        if table == "thumbnails":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        back_up_to(folder, stop)
    assert look_at(folder).images == 1
    assert back_up_to(folder).images == 2


@ON_SQLITE
def test_a_folder_of_other_things_is_refused(context: Flask, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("Dear")
    with pytest.raises(ConfigurationError, match="holds something else"):
        back_up_to(tmp_path)
    assert [each.name for each in tmp_path.iterdir() if each.is_file()] == ["letter.txt"]
