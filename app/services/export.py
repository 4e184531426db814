"""Pictures out of the database, into files."""

from __future__ import annotations

from pathlib import Path

from app.errors import ConfigurationError
from app.extensions import current_settings, db
from app.models import Image
from app.models.image_filter import ImageFilter
from app.models.image_pages import slice_of
from app.services.file_names import file_name


def make_folder(folder: Path) -> None:
    """Make a folder to save to, unless it is there. Raises ConfigurationError."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{folder} cannot be made ({error.strerror}).") from error


def save_pictures_of_batch(batch_id: str, folder: Path) -> None:
    """Write all pictures of a batch likewise, but for deleted ones."""
    wanted = ImageFilter(batch=batch_id, sort="oldest")
    page = slice_of(wanted, None, current_settings().max_page_size)
    while True:
        for row in page.items:
            if image := db.session.get(Image, row.id):  # else it was purged meanwhile
                save_picture(image, folder)
            db.session.expunge_all()  # all of them would not fit into memory
        if page.after is None:
            return
        page = slice_of(wanted, page.after, current_settings().max_page_size)


def save_picture(image: Image, folder: Path) -> str:
    """Write a picture into `folder`, as it was kept; return its path. Raises ConfigurationError."""
    path = folder / file_name(image.id, image.prompt, image.mime_type)
    try:
        path.write_bytes(image.blob.data)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written ({error.strerror}).") from error
    return str(path)
