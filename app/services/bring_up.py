"""What must be in place before anything serves, in the order that leaves nothing half-done."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.errors import ProofsheetError
from app.extensions import db
from app.services.image_generator_service import ImageGeneratorService
from app.services.instance import (
    ensure_admin_key,
    ensure_secret,
    instance_lock,
    make_instance,
)
from app.services.provider_choice import SET_KEY, provider_choice
from app.services.schema import inspect_schema, prepare, upgrade
from config import Settings


@dataclass(frozen=True, slots=True)
class Report:
    """What was found and made, for whoever started it to read."""

    provider: str
    admin_key_file: Path | None
    database_copy: Path | None


@contextmanager
def bring_up(settings: Settings) -> Iterator[Report]:
    """Hold the instance, with database, secret and key in place, while inside.

    Raises ConfigurationError, before anything is changed, when that cannot be.
    """
    inspect_schema()
    provider_choice().read_catalog()
    make_instance(settings)
    with instance_lock(settings):
        copy = upgrade()
        ensure_secret(settings)
        key_file = ensure_admin_key(settings)
        ImageGeneratorService().fail_interrupted()
        report = Report(_provider_line(), key_file, copy)
        # The children open connections of their own.
        db.session.remove()
        db.engine.dispose()
        try:
            yield report
        finally:
            _settle(settings)


def _settle(settings: Settings) -> None:
    """Bring all that was written into the one SQLite file, so that a copy of it is whole."""
    if settings.sqlite_file:
        with suppress(SQLAlchemyError), db.engine.connect() as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        db.engine.dispose()


def prepare_instance(settings: Settings) -> None:
    """Make the folder and the tables where there are none; for commands that need no server.

    Raises ConfigurationError, also when the database is behind: only `up` migrates what holds data.
    """
    make_instance(settings)
    prepare()


def _provider_line() -> str:
    providers = provider_choice()
    try:
        name = providers.require_here()
        model = providers.model(None).name
    except ProofsheetError as error:
        return f"none. {error}"  # the history can be looked at all the same
    if name == "gemini":
        return f"gemini, model {model}"
    return f"sketch, which needs no key and paints sketches. For Gemini: {SET_KEY} and start again."
