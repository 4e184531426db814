"""What a guest sees and does, who has nothing but the token of a link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

from sqlalchemy import Table, bindparam, select, update

from app.errors import Gone, NotFound
from app.extensions import db
from app.models import ProofSheet, ProofSheetImage, history_revision
from app.models.image_lock import begin_changes
from app.models.types import utc_now
from app.services.marks.locking import transaction
from app.services.proof_sheets.cleaning import clean_guest, clean_word
from app.services.proof_sheets.listing import pictures_of_sheet
from app.services.proof_sheets.tokens import hash_of

_PICTURES = cast(Table, ProofSheetImage.__table__)
NO_LINK = "There is no such sheet. Look whether the whole link was copied."


class UnknownLink(NotFound):
    """A link that was mistyped, made anew since, or guessed."""


@dataclass(frozen=True, slots=True)
class GuestPicture:
    """A picture as a guest may know it: by its number; `prompt` only where that was chosen."""

    number: int
    width: int
    height: int
    color: str
    prompt: str | None
    picked: bool
    word: str | None


@dataclass(frozen=True, slots=True)
class GuestSheet:
    """A sheet as a guest may know it."""

    title: str
    greeting: str | None
    expires_at: datetime
    downloads: bool
    guest: str | None
    pictures: list[GuestPicture]

    @property
    def picks(self) -> int:
        """Return how many pictures are picked."""
        return sum(each.picked for each in self.pictures)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a guest says of a picture; None leaves it as it is, and an empty word takes it away."""

    picked: bool | None = None
    word: str | None = None


def live_sheet(token: str) -> ProofSheet:
    """Return the sheet of a link.

    Raises UnknownLink, or Gone when its time is over or it was revoked.
    """
    query = select(ProofSheet).where(ProofSheet.sha256 == hash_of(token))
    sheet = db.session.scalars(query).first()
    if sheet is None:
        raise UnknownLink(NO_LINK)
    if sheet.revoked_at is not None or sheet.expires_at <= utc_now():
        raise Gone("This sheet is no longer shared. Ask whoever sent the link for a new one.")
    return sheet


def open_sheet(token: str) -> GuestSheet:
    """Return what the link shows. Raises as `live_sheet` does."""
    sheet = live_sheet(token)
    pictures = [
        GuestPicture(
            *(each.number, each.width, each.height, each.color),
            *(each.prompt if sheet.shows_prompts else None, each.picked, each.word),
        )
        for each in pictures_of_sheet(sheet.id)
    ]
    shown = sheet.title, sheet.greeting, sheet.expires_at, sheet.downloads, sheet.guest
    return GuestSheet(*shown, pictures)


def save_marks(token: str, marks: Mapping[int, Mark], guest: str | None = None) -> int:
    """Keep what a guest says of pictures, by number, and commit; return how many are picked now.

    `guest` is their name, None to leave it as it is. Raises as `live_sheet` does, NotFound for a
    number that is not on the sheet, and InvalidInput; nothing is kept then.
    """
    said = {number: _said(number, mark) for number, mark in marks.items()}
    with transaction():
        begin_changes()
        sheet = live_sheet(token)
        before = {
            each.number: {"picked": each.picked, "word": each.word}
            for each in pictures_of_sheet(sheet.id)
        }
        if unknown := said.keys() - before.keys():
            raise NotFound(f"There is no picture {min(unknown)} on this sheet.")
        after = {number: each | said.get(number, {}) for number, each in before.items()}
        if guest is not None:
            sheet.guest = clean_guest(guest)
        if changed := {number: after[number] for number in said if after[number] != before[number]}:
            _write(sheet, changed)
    return sum(each["picked"] for each in after.values())


def _said(number: int, mark: Mark) -> dict[str, Any]:
    """Return the columns that a mark changes. Raises InvalidInput that names the picture."""
    said: dict[str, Any] = {} if mark.picked is None else {"picked": mark.picked}
    if mark.word is not None:
        said["word"] = clean_word(mark.word, number)
    return said


def _write(sheet: ProofSheet, changed: Mapping[int, Mapping[str, Any]]) -> None:
    statement = update(_PICTURES).where(
        _PICTURES.c.sheet_id == sheet.id, _PICTURES.c.number == bindparam("of")
    )
    values: Any = {name: bindparam(f"new_{name}") for name in ("picked", "word")}
    rows = [
        {"of": number, "new_picked": each["picked"], "new_word": each["word"]}
        for number, each in sorted(changed.items())
    ]
    db.session.execute(statement.values(values), rows)
    sheet.answered_at = utc_now()
    db.session.flush()
    history_revision.bump()  # lists of what was picked look different now
