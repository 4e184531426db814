"""A change to one image, perhaps only if it is still as somebody saw it."""

from __future__ import annotations

from collections.abc import Callable

from app.errors import PreconditionFailed
from app.models import Image
from app.models.image_manager import ImageManager
from app.services.marks.change import Change
from app.services.marks.locking import locked, transaction
from app.services.marks.rows import Changer

Condition = Callable[[Image], bool]


def change_image(image_id: int, change: Change, condition: Condition | None = None) -> Image:
    """Change one image and commit; return it as it is now.

    Its revision counts up, unless it was so already. Raises NotFound, or PreconditionFailed when it
    is not as `condition` wants it.
    """
    with transaction():
        ids = locked([image_id])
        if condition is not None and not condition(ImageManager().get(image_id)):
            raise PreconditionFailed(
                "The image is not, or no longer, what If-Match says: get it again, look at what "
                "changed, and send the ETag that it has now."
            )
        changer = Changer(change)
        changer.apply(ids)
        changer.finish()
    return ImageManager().get(image_id)
