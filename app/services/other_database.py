"""The same app on another database."""

from __future__ import annotations

from flask import Flask
from pydantic import ValidationError

from app.errors import InvalidInput
from app.extensions import current_settings
from config import Settings


def app_on(url: str) -> Flask:
    """Return an app with the settings of the current one, but for the database.

    Raises InvalidInput, which does not tell the address: it may hold a password.
    """
    from app import create_app  # which loads us

    try:
        settings = Settings.model_validate({**current_settings().model_dump(), "database_url": url})
    except ValidationError as error:
        raise InvalidInput(
            "The address must look like sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME."
        ) from error
    return create_app(settings, serves=False)
