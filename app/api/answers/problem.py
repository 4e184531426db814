"""What went wrong."""

from __future__ import annotations

from app.api.answers.base import Shape, shown, sometimes
from app.api.answers.budget import Budget


class FieldError(Shape):
    """One field that does not fit."""

    field: str = shown("The field; of nested ones with dots between.", "n")
    message: str = shown("What is wrong with it.", "n is 1 to 10 pictures.")


class Problem(Shape):
    """An error (RFC 9457)."""

    type: str = shown("Always about:blank: `code` tells errors apart.", "about:blank")
    title: str = shown("The status in words.", "Not Found")
    status: int = shown("The HTTP status.", 404, ge=400, le=599)
    detail: str = shown("For people: what to do.", "There is no image 7.")
    code: str = shown("For programs: it stays the same from version to version.", "not_found")
    errors: list[FieldError] = sometimes(
        "For bad input: the fields that do not fit.",
        [{"field": "n", "message": "n is 1 to 10 pictures."}],
    )
    generation_id: str = sometimes(
        "For a failed generation: which it is.",
        "01KAN4V5B6M7Q8R9S0T1V2W3X4",
        pattern="^[0-9A-Z]{26}$",
    )
    reason: str = sometimes("For a refusal: the provider's own word for it.", "SAFETY")
    matched: int = sometimes(
        "When a filter means another number of images than was expected: how many.", 3, ge=0
    )
    budget: Budget = sometimes(
        "When a budget has not enough left: which, and how it stands.",
        {
            "key": None,
            "period": "day",
            "limit_usd": 25.0,
            "spent_usd": 24.9328,
            "reserved_usd": 0.0336,
            "left_usd": 0.0336,
            "resets_at": "2026-11-23T00:00:00Z",
        },
    )
