"""Pictures out of the database, into files."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

from app.errors import ConfigurationError
from app.models import Image

EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "image/gif": ".gif",
    "image/avif": ".avif",
}


def file_name(image: Image) -> str:
    """Return a name made of the id and the first words, in their own script."""
    words = "-".join(re.findall(r"\w+", unicodedata.normalize("NFC", image.prompt.casefold())))
    # 60 characters stay below the 255 bytes that file systems allow.
    stem = f"{image.id}-{words[:60]}".rstrip("-")
    return stem + EXTENSIONS.get(image.mime_type, "")


def make_folder(folder: Path) -> None:
    """Make a folder to save to, unless it is there. Raises ConfigurationError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{folder} cannot be made ({error.strerror}).") from error


def save_picture(image: Image, folder: Path) -> str:
    """Write a picture into `folder`, as it was kept; return its path. Raises ConfigurationError."""
    path = folder / file_name(image)
    try:
        path.write_bytes(image.blob.data)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written ({error.strerror}).") from error
    return str(path)
