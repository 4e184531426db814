"""Keys."""

from __future__ import annotations

from pydantic import Field

from app.api.answers.base import Moment, Shape, shown
from app.models import Role


class Me(Shape):
    """Who is asking."""

    name: str = shown("The key's name.", "gallery")
    role: Role = shown("What it may do.", "viewer")
    prefix: str = shown("How the key begins.", "ps_Ab12Cd")
    created_at: Moment = shown("When it was made, in UTC.", "2026-11-22T10:00:00.5Z")


class Key(Me):
    """A key, without what is secret."""

    id: int = shown("Its number.", 2, ge=1)
    requests_per_minute: int | None = shown(
        "How often it may ask; null: as the settings say.", None, ge=1
    )
    daily_budget_usd: float | None = shown(
        "What it may spend in a day (UTC); null: as much as all may.", None, ge=0
    )
    monthly_budget_usd: float | None = shown("The same of a month.", 50.0, ge=0)
    last_used_at: Moment | None = shown("Told to within ten minutes; null: never.", None)
    revoked_at: Moment | None = shown("Since when it works no longer; null: it works.", None)


class MadeKey(Key):
    """A key that was made just now."""

    token: str = shown(
        "The key itself: told this once, and kept nowhere.", "ps_" + "Ab12Cd34" * 5 + "Ef5"
    )


class KeyList(Shape):
    """All keys."""

    items: list[Key] = Field(description="In the order they were made, revoked ones too.")
