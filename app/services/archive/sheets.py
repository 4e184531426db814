"""Proof sheets as they are exported, and as they come in: what was picked and said, without a link."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import Any

from sqlalchemy import insert, select

from app.errors import InvalidInput
from app.extensions import db
from app.models import ApiKey, ProofSheet, ProofSheetImage
from app.models.types import utc_now
from app.services.archive import kinds
from app.services.archive.fields import decoded, encoded
from app.services.proof_sheets.cleaning import (
    MOST_PICTURES,
    clean_greeting,
    clean_guest,
    clean_title,
    clean_word,
)

Row = dict[str, Any]
_REQUIRED = ("title", "created_at", "expires_at")
_SHOWN = ("image_id", "number", "picked", "word")


def records() -> Iterator[Row]:
    """Yield all sheets in the order they were made, each with its pictures."""
    sheets = select(*kinds.SHEET, ProofSheet.id, ApiKey.name.label("made_by"))
    named = sheets.outerjoin_from(ProofSheet, ApiKey, ProofSheet.api_key_id == ApiKey.id)
    connection = db.session.connection()
    for row in connection.execute(named.order_by(ProofSheet.id)).mappings().all():
        shown = select(*(getattr(ProofSheetImage, name) for name in _SHOWN))
        of_it = shown.where(ProofSheetImage.sheet_id == row["id"]).order_by(ProofSheetImage.number)
        pictures = [dict(each) for each in connection.execute(of_it).mappings()]
        yield {**encoded(kinds.SHEET, dict(row)), "made_by": row["made_by"], "pictures": pictures}


def checked(record: Any) -> Row:
    """Return an exported sheet's columns, with `made_by` and `pictures`. Raises InvalidInput."""
    row = decoded(kinds.SHEET, record, _REQUIRED)
    row |= {
        "title": clean_title(row["title"]),
        "greeting": clean_greeting(row["greeting"]),
        "guest": clean_guest(row["guest"] or ""),
    }
    pictures = record.get("pictures")
    if not isinstance(pictures, list) or len(pictures) > MOST_PICTURES:
        raise InvalidInput(f"A sheet has up to {MOST_PICTURES} pictures.", field="pictures")
    shown = [_picture(each) for each in pictures]
    if any(len({each[name] for each in shown}) < len(shown) for name in ("image_id", "number")):
        raise InvalidInput("A picture or a number is on it twice.", field="pictures")
    return {**row, "made_by": record.get("made_by"), "pictures": shown}


def add(row: Row, here: Callable[[Iterable[int]], list[int]], key_id: int | None) -> bool:
    """Add a sheet with those of its pictures that are `here`, unless it is; the caller commits.

    Its link opens nothing: whoever has it got it from elsewhere. Return whether it was added.
    """
    pictures = row.pop("pictures")
    row.pop("made_by")
    same = ProofSheet.title == row["title"], ProofSheet.created_at == row["created_at"]
    if db.session.scalar(select(ProofSheet.id).where(*same).limit(1)) is not None:
        return False
    closed = {
        "sha256": sha256(secrets.token_bytes(32)).hexdigest(),
        "revoked_at": row["revoked_at"] or utc_now(),
    }
    sheet = ProofSheet(**row | closed, api_key_id=key_id)
    db.session.add(sheet)
    db.session.flush()
    shown = [
        {**each, "image_id": image_id, "sheet_id": sheet.id}
        for each in pictures
        for image_id in here([each["image_id"]])
    ]
    if shown:
        db.session.execute(insert(ProofSheetImage), shown)
    return True


def _picture(record: Any) -> Row:
    row = decoded(kinds.SHEET_PICTURE, record, ("image_id", "number"))
    return {**row, "picked": row.get("picked", False), "word": clean_word(row["word"] or "", 0)}
