"""The same app on another database."""

from __future__ import annotations

from flask import Flask
from pydantic import ValidationError
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from app.errors import ConfigurationError, InvalidInput
from app.extensions import current_settings, db
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


def holds_password(url: str) -> bool:
    """Tell whether an address has a password in it."""
    try:
        address = make_url(url)
    except (ArgumentError, ValueError):
        return False
    return bool(address.password or "password" in address.query)


def require_reachable(app: Flask) -> None:
    """Raise ConfigurationError unless there is a PostgreSQL where another app is to find one."""
    if app.config["SETTINGS"].sqlite_file:
        return
    with app.app_context():
        try:
            db.engine.connect().close()
        except SQLAlchemyError as error:
            cause = str(getattr(error, "orig", None) or error).strip().splitlines()[0]
            raise ConfigurationError(
                f"The database to copy to cannot be used ({cause}). Check the address given with --to."
            ) from error
