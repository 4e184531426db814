"""Removing images for good, with the room they took; only of those that are deleted already."""

from app.services.purge.purge import (
    Forgotten,
    Purged,
    empty_trash,
    preview,
    purge_images,
    purge_matching,
    require_purgeable,
    trash,
)

__all__ = [
    "Forgotten",
    "Purged",
    "empty_trash",
    "preview",
    "purge_images",
    "purge_matching",
    "require_purgeable",
    "trash",
]
