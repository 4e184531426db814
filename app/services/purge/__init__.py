"""Removing images for good, with the room they took; only of those that are deleted already."""

from app.services.purge.purge import Forgotten, Purged, preview, purge_images, purge_matching, trash

__all__ = ["Forgotten", "Purged", "preview", "purge_images", "purge_matching", "trash"]
