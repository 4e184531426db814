"""Proof sheets: a selection of pictures under a link, for somebody without a key to mark.

The link holds a secret of 256 bits, of which only the SHA-256 is kept, as of keys: it is told once,
when it is made. Whoever lost it makes a new one, and the one before works no longer.
"""

from app.services.proof_sheets.changing import extend_sheet, renew_link, revoke_sheet
from app.services.proof_sheets.cleaning import (
    DEFAULT_DAYS,
    LONGEST_GREETING,
    MOST_DAYS,
    MOST_PICTURES,
)
from app.services.proof_sheets.guest import (
    GuestPicture,
    GuestSheet,
    Mark,
    UnknownLink,
    open_sheet,
    save_marks,
)
from app.services.proof_sheets.listing import (
    SheetPicture,
    SheetView,
    get_view,
    list_sheets,
    pictures_of_sheet,
)
from app.services.proof_sheets.making import NewSheet, make_sheet

__all__ = [
    "DEFAULT_DAYS",
    "LONGEST_GREETING",
    "MOST_DAYS",
    "MOST_PICTURES",
    "GuestPicture",
    "GuestSheet",
    "Mark",
    "NewSheet",
    "SheetPicture",
    "SheetView",
    "UnknownLink",
    "extend_sheet",
    "get_view",
    "list_sheets",
    "make_sheet",
    "open_sheet",
    "pictures_of_sheet",
    "renew_link",
    "revoke_sheet",
    "save_marks",
]
