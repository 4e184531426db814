"""Chosen pictures as a zip that is sent while it is made."""

from __future__ import annotations

import zipfile
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask

from app.errors import InvalidInput, NotFound
from app.extensions import db
from app.models.image_manager import ImageManager
from app.services import marks
from app.services.archive.exporting import export_images
from app.services.archive.importing import import_from
from app.services.archive.streaming import MOST_PICTURES, stream_zip
from app.services.marks import change_images
from app.services.purge import purge_images
from tests.models.samples import ON_SQLITE, deleted_image, generation, kept_image
from tests.pictures import noise
from tests.services.archive.conftest import nothing


def unpacked(parts: bytes) -> dict[str, bytes]:
    """Return the files of a zip by their names; each is held to its checksum."""
    with zipfile.ZipFile(BytesIO(parts)) as packed:
        assert packed.testzip() is None
        return {each: packed.read(each) for each in packed.namelist()}


def test_it_holds_what_an_export_would(context: Flask, tmp_path: Path) -> None:
    ids = [
        kept_image("Crème brûlée ../..", generation_id=generation().id, ordinal=0).id,
        deleted_image("A hare").id,
    ]
    kept_image("Not chosen")
    export_images(ids, tmp_path / "out", nothing)
    sent = unpacked(b"".join(stream_zip(ids)))
    written = {file.name: file.read_bytes() for file in (tmp_path / "out").iterdir()}
    assert sent.keys() == written.keys()
    assert len(sent) == 4
    pictures = [each for each in sent if not each.endswith(".json")]
    assert [sent[each] for each in pictures] == [written[each] for each in pictures]


def test_a_picture_at_a_time_is_in_memory_and_no_connection_is_held(context: Flask) -> None:
    data = noise(64)
    ids = [kept_image(data=data).id for _ in range(3)]
    db.session.remove()
    sizes = []
    for part in stream_zip(ids):
        sizes.append(len(part))
        assert not db.session().in_transaction()
    assert len(sizes) == 4
    assert max(sizes) < 2 * len(data)


def test_what_is_purged_meanwhile_is_left_out(context: Flask) -> None:
    ids = [kept_image(each).id for each in ("A fox", "A hare")]
    parts = stream_zip(ids)
    first = next(parts)
    change_images(ids[1:], marks.delete())
    purge_images(ids[1:])
    assert len(unpacked(first + b"".join(parts))) == 2


@ON_SQLITE
def test_it_can_be_taken_in_elsewhere(context: Flask, tmp_path: Path) -> None:
    image_id = kept_image("A fox").id
    (tmp_path / "foxes.zip").write_bytes(b"".join(stream_zip([image_id])))
    change_images([image_id], marks.delete())
    purge_images([image_id])
    import_from(tmp_path / "foxes.zip", nothing)
    [image] = ImageManager().get_images()
    assert image["prompt"] == "A fox"


@ON_SQLITE
def test_none_too_many_and_unknown_ones_are_refused_before_anything_is_sent(
    context: Flask,
) -> None:
    for ids in ([], range(1, MOST_PICTURES + 2)):
        with pytest.raises(InvalidInput):
            stream_zip(ids)
    with pytest.raises(NotFound):
        stream_zip([kept_image().id, 10**30])
