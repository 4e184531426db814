"""What the address itself shows: where everything is. Open to all."""

from __future__ import annotations

from flask import Blueprint, Response, jsonify, url_for

from app.api.answers.service import Index
from app.api.openapi.declare import Answer, documented

blueprint = Blueprint("root", __name__)


@blueprint.get("/api")
@documented({200: Answer("The addresses.", Index)})
def index() -> Response:
    """Name the addresses to go on to."""
    return jsonify(
        name="Proofsheet",
        images=url_for("api.images.index"),
        generations=url_for("api.generations.create"),
        batches=url_for("api.batches.index"),
        prompts=url_for("api.prompts.index"),
        templates=url_for("api.templates.index"),
        searches=url_for("api.searches.index"),
        models=url_for("api.models.index"),
        budgets=url_for("api.budgets.index"),
        me=url_for("api.keys.me"),
        keys=url_for("api.keys.index"),
        documentation=url_for("documentation.docs"),
        openapi=url_for("documentation.openapi"),
        health=url_for("health.healthz"),
        ready=url_for("health.readyz"),
        metrics=url_for("metrics.metrics"),
        hint="All under /api but the documentation needs a key: Authorization: Bearer ps_...",
    )
