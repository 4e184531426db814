"""Sheets made from a selection."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import insert

from app.errors import InvalidInput
from app.extensions import db
from app.models import ProofSheet, ProofSheetImage, history_revision
from app.services.marks.locking import locked, transaction
from app.services.proof_sheets.cleaning import (
    DEFAULT_DAYS,
    MOST_PICTURES,
    clean_greeting,
    clean_title,
    end_after,
)
from app.services.proof_sheets.tokens import new_token


@dataclass(frozen=True, slots=True)
class NewSheet:
    """A sheet to make: `ids` in the order in which the pictures are to be shown."""

    title: str
    ids: Sequence[int]
    days: int = DEFAULT_DAYS
    greeting: str | None = None
    prompts: bool = False
    downloads: bool = False


def make_sheet(new: NewSheet, api_key_id: int | None = None) -> tuple[int, str]:
    """Make and commit a sheet; return its id and the token of its link, which is kept nowhere.

    An id that is repeated counts once. Raises InvalidInput, or NotFound for an image that is not
    there.
    """
    ids = list(dict.fromkeys(new.ids))
    if not 1 <= len(ids) <= MOST_PICTURES:
        raise InvalidInput(f"A sheet shows 1 to {MOST_PICTURES} pictures.", field="ids")
    token, kept = new_token()
    sheet = ProofSheet(
        title=clean_title(new.title),
        greeting=clean_greeting(new.greeting),
        sha256=kept,
        shows_prompts=new.prompts,
        downloads=new.downloads,
        expires_at=end_after(new.days),
        api_key_id=api_key_id,
    )
    with transaction():
        locked(ids)
        db.session.add(sheet)
        db.session.flush()
        rows = [
            {"sheet_id": sheet.id, "image_id": each, "number": number, "picked": False}
            for number, each in enumerate(ids, start=1)
        ]
        db.session.execute(insert(ProofSheetImage), rows)
        history_revision.bump()
    return sheet.id, token
