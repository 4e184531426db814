"""Pictures that come in: chosen ones of another history, and loose ones of any origin."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import pytest
from flask import Flask
from PIL.PngImagePlugin import PngInfo
from sqlalchemy import select

from app.errors import ConfigurationError, InvalidInput
from app.extensions import db
from app.models import Generation, Image, Source, Status
from app.models.image_filter import ImageFilter
from app.models.image_manager import ImageManager
from app.models.lineage import link
from app.services import marks
from app.services.archive import sources
from app.services.archive.exporting import export_all, export_images
from app.services.archive.importing import import_from, pictures_in
from app.services.archive.report import Imported
from app.services.marks import change_images
from app.services.purge import purge_images
from app.services.reports.question import ask
from app.services.reports.usage import usage
from tests.models.samples import ON_SQLITE, deleted_image, generation, kept_image
from tests.pictures import picture
from tests.services.archive.conftest import Elsewhere, nothing
from tests.services.check.conftest import look

pytestmark = ON_SQLITE
Take = Callable[..., Imported]


@pytest.fixture
def take(context: Flask, tmp_path: Path) -> Take:
    """Import files by their names and contents, from a folder."""

    def take(**files: bytes | str) -> Imported:
        folder = tmp_path / "loose"
        for name, content in files.items():
            path = folder / name.replace("__", ".")
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return import_from(folder, nothing)

    return take


def only_image() -> Image:
    return db.session.scalars(select(Image)).one()


def with_texts(**texts: str) -> bytes:
    info = PngInfo()
    for keyword, text in texts.items():
        info.add_text(keyword, text)
    return picture(pnginfo=info)


def zipped(path: Path, **files: bytes) -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as packed:
        for name, content in files.items():
            packed.writestr(name.replace("__", "."), content)
    return path


@pytest.mark.parametrize("target", ["out", "out.zip"])
def test_chosen_pictures_come_with_their_generation_and_lineage(
    context: Flask, elsewhere: Elsewhere, tmp_path: Path, target: str
) -> None:
    parent = kept_image("Mine", source=Source.UPLOAD)
    drawn = generation(
        n=2, done=2, status=Status.SUCCEEDED, input_images=[parent.id], batch_id="9" * 26
    )
    drawn.finished_at = drawn.created_at
    child = kept_image(generation_id=drawn.id, ordinal=1, batch_id="9" * 26, tags=("t",))
    link([(child.id, [parent.id])])
    db.session.commit()
    export_images(ImageFilter(), tmp_path / target, nothing)
    with elsewhere():
        kept_image("Another that has the first id")
        for taken in (2, 0):
            assert import_from(tmp_path / target, nothing).taken["images"] == taken
        found = ImageManager().get(3)
        assert (found.generation_id, found.ordinal, found.tags) == (drawn.id, 1, ["t"])
        assert [row.parent_id for row in found.parent_rows] == [2]
        assert db.session.get_one(Generation, drawn.id).input_images == [2]
        assert look() == {}


def images_in_reports() -> int:
    return int(usage(ask()).totals["images"])


def test_what_was_purged_comes_back_and_is_counted_once(context: Flask, tmp_path: Path) -> None:
    image = kept_image("A fox", picture(), provider="sketch", model="m", latency_ms=7)
    export_images(ImageFilter(), tmp_path / "before", nothing)
    change_images([image.id], marks.delete())
    purge_images([image.id])
    export_all(tmp_path / "after", nothing)
    assert import_from(tmp_path / "before", nothing).taken["images"] == 1
    assert only_image().prompt == "A fox"
    assert (images_in_reports(), look()) == (1, {})
    assert import_from(tmp_path / "after", nothing).taken["purged"] == 0
    assert (images_in_reports(), look()) == (1, {})


def test_one_in_the_trash_is_here(context: Flask, tmp_path: Path) -> None:
    deleted_image("A fox")
    export_images(ImageFilter(deleted="include"), tmp_path / "out", nothing)
    done = import_from(tmp_path / "out", nothing)
    assert (done.taken["images"], done.here["images"]) == (0, 1)


@pytest.mark.parametrize(
    ("files", "prompt"),
    [
        ({}, "my-fox"),
        ({"my-fox__txt": "A fox\r\nin the snow\n"}, "A fox\nin the snow"),
        ({"my-fox__json": '{"prompt": "A red fox", "seed": 7}'}, "A red fox"),
        ({"my-fox__png__json": '{"prompt": "A red fox"}'}, "A red fox"),
        ({"my-fox__json": "{"}, "my-fox"),
        ({"my-fox__json": '{"prompt": ["x"], "tags": [1], "created_at": 5}'}, "my-fox"),
        ({"my-fox__txt": "\0"}, "my-fox"),
    ],
)
def test_a_loose_picture_has_the_words_of_a_file_beside_it_or_its_name(
    take: Take, files: dict[str, str], prompt: str
) -> None:
    done = take(my__png=picture(color=(1, 1, 1)), **{"my-fox__png": picture()}, **files)
    assert done.taken["images"] == 2
    assert done.skipped == []
    found = db.session.scalars(select(Image).where(Image.prompt != "my")).one()
    assert (found.prompt, found.source) == (prompt, Source.IMPORT)
    assert (found.prompt_id is None) == (prompt == "my-fox")


def test_a_loose_picture_is_as_old_as_its_file(take: Take, tmp_path: Path) -> None:
    take(a__png=picture(color=(1, 1, 1)))
    long_ago = datetime(2001, 2, 3, tzinfo=UTC)
    (tmp_path / "loose" / "b.png").write_bytes(picture())
    os.utime(tmp_path / "loose" / "b.png", (0, long_ago.timestamp()))
    take(c__jpg=picture("JPEG"), c__json='{"created_at": "1999-01-01T00:00Z", "tags": ["x"]}')
    rows = ImageManager().slice(ImageFilter(sort="oldest"), None, 3).items
    assert [row.prompt for row in rows] == ["c", "b", "a"]
    assert (rows[1].created_at, rows[0].tags) == (long_ago, ["x"])


def test_what_another_program_wrote_into_a_png_is_its_prompt(take: Take) -> None:
    take(
        a__png=with_texts(
            parameters="A fox, oil\nNegative prompt: dog\nSteps: 20, Seed: 5, Model: m"
        )
    )
    assert (only_image().prompt, only_image().seed, only_image().model) == ("A fox, oil", 5, "m")
    assert only_image().cost_microusd is None


def test_the_same_bytes_are_kept_once(take: Take) -> None:
    kept_image("Here before", picture("WEBP"))
    done = take(a__png=picture(), b__png=picture(), c__webp=picture("WEBP"))
    assert (done.taken["images"], done.here["images"]) == (1, 2)
    assert take().taken["images"] == 0


@pytest.mark.parametrize("before", [True, False])
def test_the_same_bytes_under_another_prompt_are_told(take: Take, before: bool) -> None:
    if before:
        kept_image("A fox")
    done = take(
        a__png=picture(),
        a__txt="A fox",
        b__png=picture(),
        b__json='{"prompt": "A dog", "created_at": "2030-01-01T00:00Z"}',
        c__png=picture(),
    )
    reason = "here already as image 1, under another prompt"
    assert [(each.name, each.reason, each.is_fault) for each in done.skipped] == [
        ("b.png", reason, False)
    ]
    assert done.here["images"] == 2 + before


def test_what_is_no_picture_or_damaged_is_told_and_the_rest_is_taken(take: Take) -> None:
    done = take(
        a__png=picture()[:50], b__png=picture(), c__tiff=b"II*\0", d__doc=b"x", e__json="{}"
    )
    assert done.taken["images"] == 1
    told = {each.name: (each.is_fault, each.reason) for each in done.skipped}
    assert told.keys() == {"a.png", "c.tiff", "d.doc", "e.json"}
    assert [is_fault for is_fault, _ in told.values()].count(True) == 2
    assert "TIFF" in told["c.tiff"][1]


def test_links_in_a_folder_are_not_followed(take: Take, tmp_path: Path) -> None:
    (tmp_path / "secret").mkdir()
    (tmp_path / "secret" / "b.png").write_bytes(picture(color=(1, 1, 1)))
    take(a__png=picture())
    (tmp_path / "loose" / "link").symlink_to(tmp_path / "secret")
    (tmp_path / "loose" / "b.png").symlink_to(tmp_path / "secret" / "b.png")
    os.mkfifo(tmp_path / "loose" / "c.png")
    done = take()
    assert done.taken["images"] == 0
    assert {each.name: each.reason for each in done.skipped} == {
        "link": sources.LINK,
        "b.png": sources.LINK,
        "c.png": sources.NO_FILE,
    }


def test_a_picture_that_is_not_that_of_its_record_is_refused(
    context: Flask, tmp_path: Path
) -> None:
    kept_image()
    export_images(ImageFilter(), tmp_path / "out", nothing)
    [image] = (tmp_path / "out").glob("*.png")
    image.write_bytes(picture(color=(0, 0, 0)))
    [skipped] = import_from(tmp_path / "out", nothing).skipped
    assert "not the one" in skipped.reason


def test_a_record_of_a_newer_version_is_refused(take: Take) -> None:
    record = {"format": "proofsheet", "version": 2, "image": {}}
    done = take(a__png=picture(), a__json=json.dumps(record))
    assert "newer version" in done.skipped[0].reason


# Zips


def test_the_members_of_a_zip_are_read_and_written_nowhere(context: Flask, tmp_path: Path) -> None:
    files = {"../../up.png": picture(), "/abs.png": picture(color=(1, 1, 1)), "a\\b.png": b"x"}
    before = set(tmp_path.parent.rglob("*.png"))
    done = import_from(zipped(tmp_path / "a.zip", **files), nothing)
    assert done.taken["images"] == 2
    assert set(tmp_path.parent.rglob("*.png")) == before
    assert {row.prompt for row in ImageManager().slice(ImageFilter(), None, 2).items} == {
        "up",
        "abs",
    }


def test_a_bomb_in_a_zip_is_not_unpacked(context: Flask, tmp_path: Path) -> None:
    bomb = picture() + bytes(30_000_000)
    done = import_from(zipped(tmp_path / "a.zip", a__png=bomb, b__png=picture()), nothing)
    assert done.taken["images"] == 1
    [skipped] = done.skipped
    assert "packed more than" in skipped.reason


def test_a_member_that_says_it_is_small_is_read_no_further(context: Flask, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", a__png=picture() + bytes(30_000_000))
    data = bytearray(path.read_bytes())
    at = data.rindex(b"PK\x01\x02")
    data[at + 24 : at + 28] = (100).to_bytes(4, "little")
    path.write_bytes(data)
    [skipped] = import_from(path, nothing).skipped
    assert "damaged" in skipped.reason


def test_a_file_over_the_limit_of_bytes_is_not_read(
    make_app: Callable[..., Flask], tmp_path: Path
) -> None:
    with make_app(max_picture_bytes=1024).app_context():
        done = import_from(zipped(tmp_path / "a.zip", a__png=os.urandom(5_000)), nothing)
    assert "more than 1,024 bytes" in done.skipped[0].reason


def test_there_is_an_end_to_how_many_files_are_read(
    context: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = zipped(tmp_path / "a.zip", a__png=b"", b__png=b"", c__png=b"")
    monkeypatch.setattr(sources, "MOST_FILES", 2)
    with pytest.raises(InvalidInput, match="more than 2 files"):
        import_from(path, nothing)
    monkeypatch.setattr(sources, "MOST_DIRECTORY_BYTES", 100)
    with pytest.raises(InvalidInput, match="too many files"):
        import_from(path, nothing)


def test_links_and_doubles_and_locked_members_of_a_zip_are_refused(
    context: Flask, tmp_path: Path
) -> None:
    path = tmp_path / "a.zip"
    with ZipFile(path, "w") as packed:
        linked = ZipInfo("link.png")
        linked.external_attr = 0o120777 << 16
        packed.writestr(linked, "/etc/passwd")
        packed.writestr("twice.png", picture())
        with pytest.warns(UserWarning, match="Duplicate"):
            packed.writestr("twice.png", picture("JPEG"))
        packed.writestr("__MACOSX/._a.png", b"x")
        packed.writestr("locked.png", b"x")
        packed.filelist[-1].flag_bits |= 1
    done = import_from(path, nothing)
    assert done.taken["images"] == 0
    reasons = {each.name: each.reason for each in done.skipped}
    assert reasons == {
        "link.png": sources.LINK,
        "twice.png": "there twice",
        "locked.png": "encrypted",
    }


def test_damage_in_a_zip_costs_that_member_alone(context: Flask, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", a__png=os.urandom(999), b__png=picture())
    data = bytearray(path.read_bytes())
    data[60] ^= 255
    path.write_bytes(data)
    done = import_from(path, nothing)
    assert (done.taken["images"], len(done.skipped)) == (1, 1)


def test_a_folder_that_was_packed_whole_is_found_in_its_zip(
    context: Flask, elsewhere: Elsewhere, tmp_path: Path
) -> None:
    kept_image()
    export_all(tmp_path / "everything", nothing)
    with ZipFile(tmp_path / "a.zip", "w") as packed:
        for path in (tmp_path / "everything").rglob("*.*"):
            packed.write(path, path.relative_to(tmp_path))
    with elsewhere():
        assert pictures_in(tmp_path / "a.zip") == 1
        assert import_from(tmp_path / "a.zip", nothing).taken["images"] == 1


def test_an_export_that_cannot_be_written_leaves_nothing(context: Flask, tmp_path: Path) -> None:
    kept_image()
    with pytest.raises(ConfigurationError, match="cannot be written"):
        export_images(ImageFilter(), tmp_path / f"{'out' * 99}.zip", nothing)
    with pytest.raises(ZeroDivisionError):
        export_images(ImageFilter(), tmp_path / "out.zip", lambda _bytes: 1 // 0)
    assert [each.name for each in tmp_path.iterdir() if "out" in each.name] == []


def test_a_picture_that_the_database_lacks_is_told(context: Flask, tmp_path: Path) -> None:
    lost, _ = kept_image("Lost"), kept_image("There", picture("JPEG"))
    db.session.delete(lost.blob)
    db.session.commit()
    done = export_images(ImageFilter(), tmp_path / "out", nothing)
    assert (done.images, done.missing) == (1, [1])
