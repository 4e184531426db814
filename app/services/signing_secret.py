"""The secret of an instance: one for all who share its database."""

from __future__ import annotations

import secrets

from flask import current_app
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from app.extensions import current_settings, db
from app.models import SigningSecret
from app.services.instance import read_secret

_ONE = 1
_KEPT = "signing_secret"


def signing_secret() -> str:
    """Return PROOFSHEET_SECRET, else that of the instance folder, or of a database that is shared.

    With PostgreSQL it lies in the database, where it is made and committed at the first need.
    """
    kept: str | None = current_app.extensions.get(_KEPT)
    if kept is None:
        kept = current_app.extensions[_KEPT] = _read()
    return kept


def _read() -> str:
    settings = current_settings()
    if settings.secret is None and settings.sqlite_file is None:
        return _shared()
    return read_secret(settings) or _shared()


def _shared() -> str:
    wanted = select(SigningSecret.secret).where(SigningSecret.id == _ONE)
    found = db.session.scalar(wanted)
    if found is not None:
        return found
    try:
        with db.session.begin_nested():
            db.session.add(SigningSecret(id=_ONE, secret=secrets.token_urlsafe(48)))
    except IntegrityError:
        pass  # another machine was first
    db.session.commit()
    return db.session.scalars(wanted).one()
