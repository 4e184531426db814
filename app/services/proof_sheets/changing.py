"""What becomes of a sheet's link: taken back, prolonged, made anew."""

from __future__ import annotations

from app.errors import Conflict, NotFound
from app.extensions import db
from app.models import ProofSheet
from app.models.types import IDS, utc_now
from app.services.proof_sheets.cleaning import end_after
from app.services.proof_sheets.tokens import new_token


def get_sheet(sheet_id: int) -> ProofSheet:
    """Return a sheet, whether or not its link works. Raises NotFound."""
    sheet = db.session.get(ProofSheet, sheet_id) if sheet_id in IDS else None
    if sheet is None:
        raise NotFound(f"There is no proof sheet {sheet_id}.")
    return sheet


def revoke_sheet(sheet_id: int) -> None:
    """Have a sheet's link work no longer, and commit; its picks stay. Raises NotFound."""
    sheet = get_sheet(sheet_id)
    if sheet.revoked_at is None:
        sheet.revoked_at = utc_now()
    db.session.commit()


def extend_sheet(sheet_id: int, days: int) -> None:
    """Have a sheet's link work for so many days from now, and commit.

    Raises InvalidInput, NotFound, or Conflict for one that was revoked.
    """
    sheet = _unrevoked(sheet_id)
    sheet.expires_at = end_after(days)
    db.session.commit()


def renew_link(sheet_id: int) -> str:
    """Commit a new link in place of the one before; return its token. Raises as `extend_sheet`."""
    sheet = _unrevoked(sheet_id)
    token, sheet.sha256 = new_token()
    db.session.commit()
    return token


def _unrevoked(sheet_id: int) -> ProofSheet:
    sheet = get_sheet(sheet_id)
    if sheet.revoked_at is not None:
        raise Conflict("This sheet was revoked; share the pictures anew.")
    return sheet
