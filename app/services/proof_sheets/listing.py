"""Sheets as those see them who made them: what was picked, and what was said."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import case, func, select
from sqlalchemy.orm import joinedload

from app.extensions import db
from app.models import Image, ProofSheet, ProofSheetImage
from app.models.cursor import Cursor
from app.models.page import Slice, check_size
from app.models.proof_sheet import PICKED
from app.models.types import utc_now
from app.services.proof_sheets.changing import get_sheet


@dataclass(frozen=True, slots=True)
class SheetView:
    """A sheet, and how many pictures it shows, how many were picked, and on how many a word is."""

    sheet: ProofSheet
    pictures: int = 0
    picks: int = 0
    words: int = 0

    @property
    def state(self) -> str:
        """Return "open", "expired" or "revoked"."""
        if self.sheet.revoked_at is not None:
            return "revoked"
        return "open" if self.sheet.expires_at > utc_now() else "expired"


@dataclass(frozen=True, slots=True)
class SheetPicture:
    """One picture of a sheet."""

    number: int
    image_id: int
    sha256: str
    width: int
    height: int
    color: str
    prompt: str
    picked: bool
    word: str | None


def list_sheets(cursor: Cursor | None, limit: int) -> Slice[SheetView]:
    """Return up to `limit` sheets from a cursor on, newest first. Raises InvalidInput."""
    check_size(limit, "limit")
    query = select(ProofSheet).options(joinedload(ProofSheet.api_key))
    backwards = cursor is not None and cursor.backwards
    if cursor is not None:
        beyond = ProofSheet.id > cursor.position if backwards else ProofSheet.id < cursor.position
        query = query.where(beyond)
    order = ProofSheet.id.asc() if backwards else ProofSheet.id.desc()
    found = list(db.session.scalars(query.order_by(order).limit(limit + 1)))
    rows = found[:limit]
    onward = Cursor(rows[-1].id, backwards) if len(found) > limit else None
    # Where the cursor came from there is something.
    back = Cursor(rows[0].id, not backwards) if rows and cursor else None
    views = _views(rows)
    return Slice(views[::-1], back, onward) if backwards else Slice(views, onward, back)


def get_view(sheet_id: int) -> SheetView:
    """Return one sheet with its numbers. Raises NotFound."""
    return _views([get_sheet(sheet_id)])[0]


def pictures_of_sheet(sheet_id: int) -> list[SheetPicture]:
    """Return what a sheet shows, by number: deleted images are not on it while they are deleted."""
    query = (
        select(
            *(ProofSheetImage.number, ProofSheetImage.image_id, Image.sha256, Image.width),
            *(Image.height, Image.color, Image.prompt),
            *(ProofSheetImage.picked, ProofSheetImage.word),
        )
        .join(Image, Image.id == ProofSheetImage.image_id)
        .where(ProofSheetImage.sheet_id == sheet_id, Image.deleted_at.is_(None))
        .order_by(ProofSheetImage.number)
    )
    return [SheetPicture(*row) for row in db.session.execute(query)]


def _views(sheets: Iterable[ProofSheet]) -> list[SheetView]:
    sheets = list(sheets)
    query = (
        select(
            ProofSheetImage.sheet_id,
            func.count(),
            func.sum(case((PICKED, 1), else_=0)),
            func.count(ProofSheetImage.word),
        )
        .join(Image, Image.id == ProofSheetImage.image_id)
        .where(
            ProofSheetImage.sheet_id.in_([each.id for each in sheets]), Image.deleted_at.is_(None)
        )
        .group_by(ProofSheetImage.sheet_id)
    )
    counts = {sheet_id: numbers for sheet_id, *numbers in db.session.execute(query)}
    return [SheetView(each, *counts.get(each.id, ())) for each in sheets]
