"""Marks: what people put on pictures, with soft deletes and their undo, one by one or many at once.

Whatever changes is locked first and read afterwards. So a condition on what is there still holds
when the change is written, no two changes undo each other, and the roll-ups hear of each once.
"""

from app.services.marks.change import (
    KEEP,
    Change,
    Marks,
    add_tags,
    change_tags,
    delete,
    put,
    remove_tags,
    restore,
)
from app.services.marks.cleaning import MOST_TAGS, clean_tags
from app.services.marks.many import Changed, change_images, change_matching, preview
from app.services.marks.one import Condition, change_image

__all__ = [
    "KEEP",
    "MOST_TAGS",
    "Change",
    "Changed",
    "Condition",
    "Marks",
    "add_tags",
    "change_image",
    "change_images",
    "change_matching",
    "change_tags",
    "clean_tags",
    "delete",
    "preview",
    "put",
    "remove_tags",
    "restore",
]
