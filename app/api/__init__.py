"""Our own REST API, one file a resource."""

from __future__ import annotations

from flask import Blueprint, Flask

from app import compression
from app.api import (
    auth,
    batches,
    budgets,
    caching,
    documentation,
    generation_list,
    generations,
    health,
    images,
    keys,
    lineage,
    marks,
    metrics,
    models,
    neighbours,
    problems,
    prompts,
    purge,
    reports,
    root,
    searches,
    shares,
    templates,
    uploads,
)
from app.api.json_provider import QuickJson
from app.api.recent_pages import RecentPages
from app.key_door import tell_allowance


def init_app(app: Flask) -> None:
    """Register the API and the shape of its errors."""
    app.json = QuickJson(app)
    app.extensions["recent_pages"] = RecentPages()
    api = Blueprint("api", __name__, url_prefix="/api")
    api.before_request(auth.check_key)
    api.after_request(caching.finish)
    api.after_request(tell_allowance)
    api.register_blueprint(generations.blueprint)
    api.register_blueprint(generation_list.blueprint)
    api.register_blueprint(batches.blueprint)
    api.register_blueprint(budgets.blueprint)
    api.register_blueprint(images.blueprint)
    api.register_blueprint(uploads.blueprint)
    api.register_blueprint(neighbours.blueprint)
    api.register_blueprint(lineage.blueprint)
    api.register_blueprint(marks.blueprint)
    api.register_blueprint(purge.blueprint)
    api.register_blueprint(prompts.blueprint)
    api.register_blueprint(templates.blueprint)
    api.register_blueprint(models.blueprint)
    api.register_blueprint(keys.blueprint)
    api.register_blueprint(searches.blueprint)
    api.register_blueprint(shares.blueprint)
    api.register_blueprint(reports.blueprint)
    app.register_blueprint(api)
    app.register_blueprint(documentation.blueprint)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(metrics.blueprint)
    app.register_blueprint(root.blueprint)
    app.after_request(compression.compress)
    problems.init_app(app)
