"""A kept picture as somebody wants it: as it is, or in another format. What is kept stays as it is."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.errors import NotFound
from app.extensions import current_settings
from app.models.picture_file import PictureFile

if TYPE_CHECKING:
    from app.imaging import WrittenFormat

KEPT = "original"
COMPRESSIONS = range(101)
_NAME = re.compile(r"(?:original|png|(jpeg|webp)(?:-(0|[1-9][0-9]?|100))?)")


@dataclass(frozen=True, slots=True)
class Variant:
    """A format, None: as it was kept; `compression` is the quality of JPEG and WebP, 0 to 100.

    Without one it is that of the settings, and what is a plain file of the format already stays so.
    """

    output: WrittenFormat | None = None
    compression: int | None = None

    @classmethod
    def of(cls, output: WrittenFormat | None, compression: int | None) -> Variant:
        """Return the variant that is meant: a PNG and what stays as it is have no quality."""
        return cls(output, compression if output in {"jpeg", "webp"} else None)

    @classmethod
    def named(cls, name: str) -> Variant:
        """Return the variant that a link calls so. Raises NotFound."""
        found = _NAME.fullmatch(name)
        if found is None:
            raise NotFound("There is no such form of a picture; take the link as it was given.")
        output, _, compression = name.partition("-")
        return cls(
            None if output == KEPT else output,  # type: ignore[arg-type]  # as the pattern says
            int(compression) if compression else None,
        )

    @property
    def name(self) -> str:
        """What links call it: "original", "png", "jpeg-80"."""
        quality = "" if self.compression is None else f"-{self.compression}"
        return f"{self.output or KEPT}{quality}"

    def mime_type(self, picture: PictureFile) -> str:
        """Return what its bytes are."""
        return f"image/{self.output}" if self.output else picture.mime_type

    def read(self, picture: PictureFile) -> bytes:
        """Return its bytes. Raises NotFound when it was purged, PictureTooLarge for a format."""
        data = picture.read()
        if self.output is None:
            return data
        from app import imaging  # with Pillow, which sending a picture as it was kept does without

        # It was within the limits when it came; they may have been lowered since.
        limits = imaging.Limits(len(data), imaging.MOST_PIXELS)
        quality = self.compression
        return imaging.converted(
            data,
            self.output,
            quality=current_settings().image_quality if quality is None else max(1, quality),
            anew=quality is not None,
            limits=limits,
        )
