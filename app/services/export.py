"""Pictures out of the database, into files."""

from __future__ import annotations

from pathlib import Path

from app.errors import ConfigurationError
from app.models import Image
from app.services.file_names import file_name


def make_folder(folder: Path) -> None:
    """Make a folder to save to, unless it is there. Raises ConfigurationError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{folder} cannot be made ({error.strerror}).") from error


def save_picture(image: Image, folder: Path) -> str:
    """Write a picture into `folder`, as it was kept; return its path. Raises ConfigurationError."""
    path = folder / file_name(image.id, image.prompt, image.mime_type)
    try:
        path.write_bytes(image.blob.data)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written ({error.strerror}).") from error
    return str(path)
