"""/api/budgets: what may be spent; and /api/generations/estimate: what something may cost."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify

from app.api.answers.budget import BudgetList, Estimate
from app.api.auth import requires
from app.api.generation_body import GenerationBody
from app.api.openapi.declare import Answer, documented
from app.key_door import key_holder
from app.models import Role
from app.services.budgets import budgets_of, fits
from app.services.generation_request import GenerationRequest
from app.services.image_generator_service import ImageGeneratorService
from app.services.records import budget_record, dollars

blueprint = Blueprint("budgets", __name__)


@blueprint.get("/budgets")
@requires(Role.CREATOR)
@documented({200: Answer("The budgets.", BudgetList)})
def index() -> Response:
    """The budgets that hold whoever asks, by the day and the month (in UTC): in all and of the key."""
    return jsonify(items=[budget_record(each) for each in budgets_of(key_holder().id)])


@blueprint.post("/generations/estimate")
@requires(Role.CREATOR)
@documented(
    {200: Answer("What it may cost.", Estimate)},
    body=GenerationBody,
    errors=(
        *("invalid_prompt", "invalid_template", "not_found", "model_not_found"),
        "provider_not_configured",
    ),
)
def estimate(body: GenerationBody) -> Response:
    """What a generation may cost, and whether it would be accepted now; nothing is recorded."""
    asked = ImageGeneratorService().draft(GenerationRequest(**dict(body)))
    standing = budgets_of(key_holder().id)
    return jsonify(
        provider=asked.provider,
        model=asked.model,
        n=asked.n,
        aspect_ratio=asked.aspect_ratio,
        size=asked.size,
        estimated_cost_usd=dollars(asked.estimated_microusd),
        within_budget=fits(asked.estimated_microusd, standing),
        budgets=[budget_record(each) for each in standing],
    )
