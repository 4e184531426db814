"""What is told of a proof sheet, field by field, by every face alike."""

from __future__ import annotations

from typing import Any

from app.services.proof_sheets.listing import SheetPicture, SheetView
from app.services.records import timestamp


def sheet_record(view: SheetView) -> dict[str, Any]:
    """Return a sheet without its pictures, ready for JSON."""
    sheet = view.sheet
    return {
        "id": sheet.id,
        "title": sheet.title,
        "greeting": sheet.greeting,
        "state": view.state,
        "prompts": sheet.shows_prompts,
        "downloads": sheet.downloads,
        "pictures": view.pictures,
        "picks": view.picks,
        "words": view.words,
        "guest": sheet.guest,
        "made_by": sheet.api_key.name if sheet.api_key else None,
        "created_at": timestamp(sheet.created_at),
        "expires_at": timestamp(sheet.expires_at),
        "revoked_at": timestamp(sheet.revoked_at),
        "answered_at": timestamp(sheet.answered_at),
    }


def sheet_picture_record(picture: SheetPicture) -> dict[str, Any]:
    """Return what was said of one picture, ready for JSON."""
    return {
        "number": picture.number,
        "image": picture.image_id,
        "picked": picture.picked,
        "word": picture.word,
    }


def path_of(token: str) -> str:
    """Return the address of a sheet on this server, below the root."""
    return f"/s/{token}"
