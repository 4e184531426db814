"""ImageManager: keeps pictures with the words that made them, and gives them back in pages."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload, selectinload

from app.errors import NotFound
from app.extensions import current_settings, db
from app.models import history_revision, prompt_book, search_index
from app.models.cursor import Cursor
from app.models.forgetting import FORGOTTEN
from app.models.generation import Generation
from app.models.image import Image, ImageBlob, ImageParent, ImageTag, ImageThumbnail, Source
from app.models.image_filter import ImageFilter, position_of
from app.models.image_pages import count, numbered_page, rows_of, slice_of
from app.models.image_row import ImageRow
from app.models.page import Page, Slice
from app.models.prompt_manager import clean_prompt
from app.models.reporting import book as report_book
from app.models.reporting.facts import DRAWN, image_fact, room_of
from app.models.rollup import book, quarter_of
from app.models.search import labels
from app.models.types import IDS, LARGEST_NUMBER, utc_now

if TYPE_CHECKING:
    from app.imaging import Limits, Picture


@dataclass(frozen=True, slots=True)
class ImageDetails:
    """What is known of a picture beyond its bytes and its words."""

    source: Source = Source.GENERATED
    provider: str | None = None
    model: str | None = None
    seed: int | None = None
    aspect_ratio: str | None = None
    size: str | None = None
    cost_microusd: int | None = None
    latency_ms: int | None = None
    usage: dict[str, int] | None = None
    generation_id: str | None = None
    ordinal: int | None = None
    batch_id: str | None = None
    api_key_id: int | None = None
    project: str | None = None
    parents: tuple[int, ...] = ()
    tags: tuple[str, ...] = ()
    favourite: bool = False
    note: str | None = None
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class NewImage:
    """A checked picture that is to be kept. `is_prompt`: its words are a prompt that somebody used.

    `created_at` is for one that was made before it came here; None: now.
    """

    words: str
    picture: Picture
    details: ImageDetails
    is_prompt: bool = True
    created_at: datetime | None = None


class ImageManager:
    """Keeps pictures. It adds and flushes; only `add_image` commits, for those who call it alone."""

    def image_to_base64(self, image_data: object) -> str:
        """Return the picture in `image_data.image.image_bytes` as a base64 JPEG.

        Raises InvalidPicture when there is none or it cannot be read.
        """
        from app import imaging  # with Pillow, which listings do without

        data = imaging.image_bytes(image_data)
        quality = current_settings().image_quality
        return imaging.encode_base64(imaging.to_jpeg(data, quality=quality, limits=self._limits()))

    def add_image(self, prompt: str, image_data: object) -> str:
        """Keep a picture as JPEG with its prompt, commit, and return it in base64.

        Raises InvalidPicture or InvalidPrompt, and keeps nothing then.
        """
        from app import imaging  # as above

        data = imaging.image_bytes(image_data)
        picture = imaging.prepare(
            data, output="jpeg", quality=current_settings().image_quality, limits=self._limits()
        )
        self.store(prompt, picture)
        db.session.commit()
        return imaging.encode_base64(picture.data)

    def get_images(self, page: int = 1, per_page: int = 20) -> Page[dict[str, Any]]:
        """Return a page of dicts `id`, `prompt`, `image_base64` (JPEG) and `created_at`, newest first.

        The page is a list with `.total`, `.page` and `.pages`; a page past the end is empty. Raises
        InvalidInput for a page or a size that cannot be.
        """
        found = self.page(ImageFilter(), page, per_page)
        blobs = self._blobs([image.id for image in found])
        items = [
            {
                "id": image.id,
                "prompt": image.prompt,
                "image_base64": _jpeg_base64(image, blobs[image.id]),
                "created_at": image.created_at,
            }
            for image in found
            if image.id in blobs  # one may have been purged between the two queries
        ]
        return Page(items, found.total, page, per_page)

    def jpeg_base64(self, image: Image) -> str:
        """Return a kept picture as a base64 JPEG, whatever format it was kept in."""
        return _jpeg_base64(image, image.blob.data)

    def store(self, prompt: str, picture: Picture, details: ImageDetails | None = None) -> Image:
        """Add and flush a checked picture; return its row, with id and position.

        Raises InvalidPrompt, and sqlalchemy's IntegrityError when its generation already has a
        picture of that ordinal.
        """
        [image] = self.store_all([NewImage(prompt, picture, details or ImageDetails())])
        return image

    def store_all(self, new: Iterable[NewImage]) -> list[Image]:
        """Do the same with many; what all writers share is written once and last."""
        images = [self._add(each) for each in new]
        live, deleted = _by_quarter(images)
        book({quarter: (live[quarter], deleted[quarter]) for quarter in live | deleted})
        history_revision.bump()
        return images

    def _add(self, new: NewImage) -> Image:
        details = new.details
        created_at = new.created_at or utc_now()
        words = clean_prompt(new.words, LARGEST_NUMBER)
        asked = _asked(details.generation_id)
        image = Image(
            prompt=words,
            prompt_id=_prompt_id(words, created_at, asked) if new.is_prompt else None,
            created_at=created_at,
            position=position_of(created_at),
            **_picture_columns(new.picture),
            **_detail_columns(details),
        )
        image.tag_rows = [ImageTag(tag=tag) for tag in details.tags]
        image.parent_rows = [
            ImageParent(parent_id=parent, ordinal=ordinal)
            for ordinal, parent in enumerate(_kept(details.parents))
        ]
        self._insert(image)
        db.session.flush()
        search_index.add(image.position, *_found_by(words, asked), labels=_labels(image))
        thumbnails = sum(len(each.data) for each in new.picture.thumbnails)
        deleted = image.deleted_at is not None
        room = room_of(image.created_at, image.byte_count, thumbnails, deleted=deleted)
        report_book.book_room([room])
        if image.source in DRAWN:
            of_generation = (asked.project, asked.template) if asked else (None, None)
            report_book.book([image_fact(image, *of_generation)])
        return image

    def get(self, image_id: int) -> Image:
        """Return one image, deleted or not. Raises NotFound."""
        image = None
        if image_id in IDS:
            image = db.session.get(Image, image_id, options=_shown())
        if image is None:
            raise NotFound(f"There is no image {image_id}.")
        return image

    def page(self, wanted: ImageFilter, page: int = 1, per_page: int = 20) -> Page[ImageRow]:
        """Return a numbered page without any bytes. Raises InvalidInput for one that cannot be."""
        return numbered_page(wanted, page, per_page)

    def slice(self, wanted: ImageFilter, cursor: Cursor | None, limit: int = 20) -> Slice[ImageRow]:
        """Return the images from a cursor on, without any bytes. Raises InvalidInput."""
        return slice_of(wanted, cursor, limit)

    def rows(self, ids: Collection[int]) -> list[ImageRow]:
        """Return the images of these ids that are there, deleted or not, newest first."""
        return rows_of(ids)

    def count(self, wanted: ImageFilter) -> int:
        """Return how many images there are; a filtered list is counted up to 10,000."""
        return count(wanted)[0]

    def _insert(self, image: Image) -> None:
        """Insert at the image's position or the next free microsecond after it.

        Two processes can ask for the same one at the same time: only the unique constraint knows, so
        the insert is tried in a savepoint. Positions of one transaction rise, so that two of them
        wait for each other in one direction only.
        """
        while True:
            try:
                with db.session.begin_nested():
                    db.session.add(image)
            except IntegrityError as error:
                # The first line names the constraint; those after it may quote the prompt.
                if "position" not in str(error.orig).splitlines()[0]:
                    raise
                image.position += 1
            else:
                return

    def _blobs(self, ids: list[int]) -> dict[int, bytes]:
        query = select(ImageBlob.image_id, ImageBlob.data).where(ImageBlob.image_id.in_(ids))
        return dict(db.session.execute(query).all())

    def _limits(self) -> Limits:
        from app.imaging import Limits  # as above

        settings = current_settings()
        return Limits(settings.max_picture_bytes, settings.max_picture_pixels)


def _jpeg_base64(image: Image | ImageRow, data: bytes) -> str:
    from app import imaging  # as above

    # It was within the limits when it came; they may have been lowered since. A JPEG kept as it came
    # passes through here too: it may lie on its side, be in CMYK or tell where it was taken.
    limits = imaging.Limits(len(data), image.width * image.height)
    quality = current_settings().image_quality
    return imaging.encode_base64(imaging.to_jpeg(data, quality=quality, limits=limits))


def _asked(generation_id: str | None) -> Any | None:
    """Return the words of a generation, as they are now, and what reports tell of it; or None."""
    if generation_id is None:
        return None
    words = Generation.prompt, Generation.final_prompt, Generation.prompt_id
    columns = select(*words, Generation.project, Generation.template)
    return db.session.execute(columns.where(Generation.id == generation_id)).one_or_none()


def _found_by(words: str, asked: Any | None) -> list[str]:
    """Return the words that an image is found by; what was forgotten before it came is none."""
    known = [words, *((asked.prompt, asked.final_prompt) if asked else ())]
    return [] if words == FORGOTTEN else [each for each in known if each != FORGOTTEN]


def _prompt_id(words: str, created_at: datetime, asked: Any | None) -> int | None:
    """Return the past prompt of a picture: its generation's, else its own, used now."""
    return asked.prompt_id if asked else prompt_book.use(words, created_at)


def _kept(parents: tuple[int, ...]) -> list[int]:
    """Return those that were not purged meanwhile, in order; they stay until the commit."""
    if not parents:
        return []
    locked = (
        select(Image.id).where(Image.id.in_(parents)).with_for_update(read=True, key_share=True)
    )
    found = set(db.session.scalars(locked))
    return [each for each in parents if each in found]


def _labels(image: Image) -> tuple[str, ...]:
    return labels(provider=image.provider, model=image.model, source=image.source)


def _shown() -> tuple[Any, ...]:
    """What is told of one image beyond its own columns; never a byte of the picture."""
    return joinedload(Image.api_key), selectinload(Image.tag_rows), selectinload(Image.parent_rows)


def _picture_columns(picture: Picture) -> dict[str, Any]:
    return {
        "width": picture.width,
        "height": picture.height,
        "byte_count": len(picture.data),
        "mime_type": picture.mime_type,
        "sha256": picture.sha256,
        "color": picture.color,
        "blob": ImageBlob(data=picture.data),
        "thumbnails": [
            ImageThumbnail(size=each.size, width=each.width, height=each.height, data=each.data)
            for each in picture.thumbnails
        ],
    }


def _detail_columns(details: ImageDetails) -> dict[str, Any]:
    in_tables_of_their_own = "parents", "tags"
    names = [name for name in details.__slots__ if name not in in_tables_of_their_own]
    return {name: getattr(details, name) for name in names}


def _by_quarter(images: Iterable[Image]) -> tuple[Counter[int], Counter[int]]:
    """Return how many fall into each quarter hour: live ones, and deleted ones."""
    counts = Counter[int](), Counter[int]()
    for image in images:
        counts[image.deleted_at is not None][quarter_of(image.position)] += 1
    return counts
