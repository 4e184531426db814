"""Links that open a picture without a key: one picture in one form, for an hour.

The signature covers all of it, and the key for which the link was made: revoked, it takes its links
along.
"""

from __future__ import annotations

import base64
import hmac
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import select

from app.errors import Busy, Gone, NotFound
from app.extensions import db
from app.models import ApiKey, Image
from app.models.picture_file import picture_file
from app.models.types import IDS
from app.services.picture_variants import Variant
from app.services.signing_secret import signing_secret

LIFE_SECONDS = 3600
_PURPOSE = "link to a picture"
# What is converted for links at once, so that other requests find a thread.
_IN_HAND = threading.BoundedSemaphore(8)
_SOON = 2


@dataclass(frozen=True, slots=True)
class PictureLink:
    """What a link opens: an image in a variant, by its name, until `expires` (seconds since 1970).

    `key` is the id of the key that it was made for.
    """

    image_id: int
    variant: str
    expires: int
    key: int

    @property
    def signature(self) -> str:
        """What shows that we made it."""
        said = "\0".join(map(str, (_PURPOSE, self.image_id, self.variant, self.expires, self.key)))
        digest = hmac.digest(signing_secret().encode(), said.encode("utf-8", "replace"), "sha256")
        return base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def is_signed(self, signature: str) -> bool:
        """Tell whether a signature is that of this link."""
        given = signature.encode("utf-8", "replace")
        return hmac.compare_digest(self.signature.encode(), given)


@dataclass(frozen=True, slots=True)
class LinkedPicture:
    """What is behind a link; `etag` names the bytes, `seconds` are left of its life.

    `read` raises Gone when it was purged meanwhile, Busy while too many others are converted.
    """

    mime_type: str
    etag: str
    seconds: int
    read: Callable[[], bytes]


def link_to(image_id: int, variant: Variant, key: int) -> PictureLink:
    """Return a link that opens from now on, for an hour."""
    return PictureLink(image_id, variant.name, int(time.time()) + LIFE_SECONDS, key)


def opened(link: PictureLink) -> LinkedPicture:
    """Return what is behind a link whose signature was checked.

    Raises Gone when its time is over, its key was revoked or the picture deleted.
    """
    seconds = link.expires - int(time.time())
    if seconds <= 0:
        raise Gone("This link has expired. Ask for the picture by its id, or make it anew.")
    _require_live(link)
    variant = Variant.named(link.variant)
    picture = picture_file(link.image_id)

    def read() -> bytes:
        try:
            if variant.output is None:
                return picture.read()
            return _in_turn(lambda: variant.read(picture))
        except NotFound as error:
            raise _deleted() from error

    etag = f"{picture.etag}-{variant.name}"
    return LinkedPicture(variant.mime_type(picture), etag, seconds, read)


def _require_live(link: PictureLink) -> None:
    # An id that no column holds was never signed.
    columns = select(ApiKey.revoked_at).where(ApiKey.id == link.key)
    if link.key not in IDS or db.session.execute(columns).one_or_none() != (None,):
        raise Gone("The key that this link was made for has been revoked.")
    columns = select(Image.deleted_at).where(Image.id == link.image_id)
    if link.image_id not in IDS or db.session.execute(columns).one_or_none() != (None,):
        raise _deleted()


def _deleted() -> Gone:
    return Gone("This picture has been deleted.")


def _in_turn(work: Callable[[], bytes]) -> bytes:
    if not _IN_HAND.acquire(blocking=False):
        raise Busy(
            "Too many pictures are being converted just now; try again soon.", retry_after=_SOON
        )
    try:
        return work()
    finally:
        _IN_HAND.release()
