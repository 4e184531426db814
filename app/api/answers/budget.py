"""Budgets, and what something may cost."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from app.api.answers.base import Moment, Shape, shown


class Budget(Shape):
    """How much may be spent in a day or a month, and how much of it is left; in US dollars."""

    key: str | None = shown("The key that it holds; null: all together.", None)
    period: Literal["day", "month"] = shown("How long it lasts, in UTC.", "day")
    limit_usd: float | None = shown("The most; null: there is no limit.", 25.0, ge=0)
    spent_usd: float = shown("What was asked for in this period and has ended cost so much.", 3.36)
    reserved_usd: float = shown(
        "For what goes on, and for what may have been billed, nobody knows.", 0.0672
    )
    left_usd: float | None = shown("What may still be asked for; null: any amount.", 21.5728, ge=0)
    resets_at: Moment = shown("When the next period begins.", "2026-11-23T00:00:00Z")


class BudgetList(Shape):
    """The budgets that hold who asks."""

    items: list[Budget] = Field(description="Of all together, then of the key; day, then month.")


class Estimate(Shape):
    """What a generation may cost; nothing was recorded."""

    provider: str = shown("Who would draw.", "gemini")
    model: str = shown("With which model.", "gemini-3-pro-image")
    n: int = shown("How many pictures.", 2, ge=1)
    aspect_ratio: str = shown("Width to height.", "1:1")
    size: str = shown("By the name that the model gives it.", "1K")
    estimated_cost_usd: float | None = shown(
        "Of all its pictures, in US dollars; null: no price is known.", 0.268, ge=0
    )
    within_budget: bool = shown("Whether it would be accepted now.", example=True)
    budgets: list[Budget] = Field(description="The budgets that hold who asks.")
