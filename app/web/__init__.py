"""The gallery: pages over the same services as the API, one file a room."""

from __future__ import annotations

from flask import Blueprint, Flask
from jinja2 import StrictUndefined

from app.web import assets, door, error_pages, rendering
from app.web.views import (
    compare,
    composer,
    connect,
    gallery,
    keys,
    login,
    manifest,
    purge,
    queue,
    reports,
    selection,
    settings,
    shares,
    sheet,
    templates,
    viewer,
)


def init_app(app: Flask) -> None:
    """Register the pages of `app`."""
    web = Blueprint("web", __name__, template_folder="templates")
    web.before_request(door.check)
    web.after_request(door.add_headers)
    web.register_blueprint(assets.blueprint)
    web.register_blueprint(login.blueprint)
    web.register_blueprint(gallery.blueprint)
    web.register_blueprint(templates.blueprint)
    web.register_blueprint(settings.blueprint)
    web.register_blueprint(keys.blueprint)
    web.register_blueprint(connect.blueprint)
    web.register_blueprint(purge.blueprint)
    web.register_blueprint(manifest.blueprint)
    web.register_blueprint(composer.blueprint)
    web.register_blueprint(queue.blueprint)
    web.register_blueprint(reports.blueprint)
    web.register_blueprint(selection.blueprint)
    web.register_blueprint(shares.blueprint)
    web.register_blueprint(sheet.blueprint)
    web.register_blueprint(viewer.blueprint)
    web.register_blueprint(compare.blueprint)
    app.register_blueprint(web)
    # A name that a template misspells is an error, not a blank.
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.globals.update(rendering.GLOBALS)
    app.after_request(error_pages.as_page)
