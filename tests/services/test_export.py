"""Pictures out of the database, into files with names that any file system takes."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from app.errors import ConfigurationError
from app.models import Image
from app.services.export import file_name, make_folder, save_picture
from tests.models.samples import ON_SQLITE, kept_image
from tests.pictures import picture


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("A fox", "7-a-fox.png"),
        ("  Größe: É!  ", "7-grösse-é.png"),
        ("../../etc/passwd", "7-etc-passwd.png"),
        ('CON \\ : * ? " < > |', "7-con.png"),
        ("狐 🦊", "7-狐.png"),
        ("🦊", "7.png"),
        ("x" * 500, "7-" + "x" * 60 + ".png"),
        ("a" * 59 + " b", "7-" + "a" * 59 + ".png"),
    ],
)
def test_a_name_is_the_id_and_the_first_words(prompt: str, name: str) -> None:
    assert file_name(Image(id=7, prompt=prompt, mime_type="image/png")) == name


@pytest.mark.parametrize(
    ("mime_type", "name"), [("image/jpeg", "7-a.jpg"), ("image/avif", "7-a.avif"), ("x/y", "7-a")]
)
def test_the_ending_tells_the_format(mime_type: str, name: str) -> None:
    assert file_name(Image(id=7, prompt="a", mime_type=mime_type)) == name


@ON_SQLITE
def test_a_picture_is_saved_as_it_was_kept(context: Flask, tmp_path: Path) -> None:
    path = Path(save_picture(kept_image("A fox", picture("WEBP")), tmp_path))
    assert path.parent == tmp_path
    assert path.name.endswith("-a-fox.webp")
    assert path.read_bytes() == picture("WEBP")


@ON_SQLITE
def test_a_folder_that_is_not_there_is_an_error_that_names_the_file(
    context: Flask, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere/\d+-a-fox.png cannot be written"):
        save_picture(kept_image("A fox"), tmp_path / "nowhere")


def test_a_folder_is_made_with_those_above_it(tmp_path: Path) -> None:
    for _ in range(2):
        make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_a_folder_that_cannot_be_made_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="file/b cannot be made"):
        make_folder(tmp_path / "file" / "b")
