"""Proofsheet: image generation that remembers."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from config import Settings

__version__ = "0.1.0"


def create_app(settings: Settings | None = None, *, serves: bool = True) -> Flask:
    """Return the app, wired. Without `settings` they are read from the environment.

    One that `serves` answers requests; commands and workers do without, and are there sooner.
    Raises ConfigurationError for settings that do not fit. Touches neither disk nor network.
    """
    # Imported here, so that `manage.py --help` need not load the database and the models.
    from flask import Flask

    from app import cli, doors, extensions, request_body, request_log
    from app.jobs.engine import JobEngine
    from app.services.provider_calls import ProviderCalls
    from app.services.provider_choice import ProviderChoice
    from app.services.rate_limits import RateLimits
    from app.services.waiting import Waiters
    from config import load_settings

    settings = settings or load_settings()
    app = Flask("app", instance_path=str(settings.instance), static_folder=None)
    app.config["SETTINGS"] = settings
    cli.init_app(app)
    extensions.init_database(app, settings)
    request_log.init_app(app)
    request_body.init_app(app)
    doors.init_app(app, settings)
    app.extensions["providers"] = ProviderChoice(settings)
    app.extensions["provider_calls"] = ProviderCalls()
    app.extensions["jobs"] = JobEngine(app)
    app.extensions["waiters"] = Waiters(settings.max_waiting)
    app.extensions["rate_limits"] = RateLimits(settings)
    if serves:
        from app import api, compat, web  # with every route and the shapes of all answers

        api.init_app(app)
        compat.init_app(app)
        web.init_app(app)
    return app
