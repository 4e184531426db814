"""Pictures out of the database, into files with names that any file system takes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from flask import Flask

from app.errors import ConfigurationError
from app.services.export import make_folder, save_picture
from tests.models.samples import ON_SQLITE, kept_image
from tests.pictures import picture


@ON_SQLITE
def test_a_picture_is_saved_as_it_was_kept(context: Flask, tmp_path: Path) -> None:
    path = Path(save_picture(kept_image("A fox", picture("WEBP")), tmp_path))
    assert path.parent == tmp_path
    assert re.fullmatch(r"a-fox-\d+\.webp", path.name)
    assert path.read_bytes() == picture("WEBP")


@ON_SQLITE
def test_a_folder_that_is_not_there_is_an_error_that_names_the_file(
    context: Flask, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError, match=r"nowhere/a-fox-\d+.png cannot be written"):
        save_picture(kept_image("A fox"), tmp_path / "nowhere")


def test_a_folder_is_made_with_those_above_it(tmp_path: Path) -> None:
    for _ in range(2):
        make_folder(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


def test_a_folder_that_cannot_be_made_is_an_error_that_names_it(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="file/b cannot be made"):
        make_folder(tmp_path / "file" / "b")
