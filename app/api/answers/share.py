"""Proof sheets, and what was picked on them."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.api.answers.base import Address, Moment, Shape, shown


class ShareLinks(Shape):
    """Addresses of one proof sheet."""

    self: Address = shown("This record.", "/api/shares/3")
    images: Address = shown("Its images.", "/api/images?sheet=3")
    picks: Address = shown("Those that were picked.", "/api/images?sheet=3&picked=true")


class Share(Shape):
    """A proof sheet, without its pictures and its link, of which only a hash is kept."""

    id: int = shown("Its number.", 3, ge=1)
    title: str = shown("What it is called.", "Cover, first round")
    greeting: str | None = shown("Words above the pictures.", "Which three shall it be?")
    state: Literal["open", "expired", "revoked"] = shown("Whether its link works.", "open")
    prompts: bool = shown("Whether prompts are shown.", example=False)
    downloads: bool = shown("Whether pictures can be saved in full.", example=False)
    pictures: int = shown("How many pictures it shows, deleted ones left out.", 12, ge=0)
    picks: int = shown("How many of them are picked.", 3, ge=0)
    words: int = shown("On how many of them a word was left.", 1, ge=0)
    guest: str | None = shown("The name that its reader gave.", "Ann")
    made_by: str | None = shown("The name of the key; null: the command line.", "admin")
    created_at: Moment = shown("When it was made, in UTC.", "2026-11-22T10:00:00.5Z")
    expires_at: Moment = shown("Until when its link works.", "2026-12-06T10:00:00.5Z")
    revoked_at: Moment | None = shown("Since when it works no longer.", None)
    answered_at: Moment | None = shown("When something was last marked.", "2026-11-23T09:00:00Z")
    links: ShareLinks


class SharedPicture(Shape):
    """One picture of a proof sheet."""

    number: int = shown("Its number on the sheet, which it keeps.", 1, ge=1)
    image: int = shown("The id of the image.", 17, ge=1)
    picked: bool = shown("Whether it was picked.", example=True)
    word: str | None = shown("What was said of it.", "Warmer, please")


class FullShare(Share):
    """A proof sheet with what was picked and said."""

    items: list[SharedPicture] = Field(description="Its pictures, in the order of their numbers.")


class MadeShare(Share):
    """A proof sheet with a link that was made just now."""

    link: str = shown(
        "The link to send: told this once. Whoever has it can look and mark.",
        "https://pictures.example/s/" + "Ab12Cd34" * 5 + "Ef5",
    )


class SharePage(Shape):
    """A page of proof sheets."""

    items: list[Share] = Field(description="The sheets, newest first.")
    next_cursor: str | None = shown("Goes on, to older ones; null at the end.", None)
    prev_cursor: str | None = shown("Goes back; null at the beginning.", None)
