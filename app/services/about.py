"""What this service is and what it is built on, for the page that tells of it."""

from __future__ import annotations

import platform
import re
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageMetadata, PackageNotFoundError, metadata

from app import __version__
from app.extensions import db
from app.services.schema import current_revision
from config import ROOT

_REQUIREMENT = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==")
_LICENCE = "License :: OSI Approved :: "
# Some write the whole licence where its name belongs.
_LONGEST_NAME = 60


@dataclass(frozen=True, slots=True)
class About:
    """Versions: of Proofsheet, of the schema in the database, of Python; and the kind of database."""

    version: str
    schema: str | None
    database: str
    python: str


@dataclass(frozen=True, slots=True)
class Library:
    """Something Proofsheet is built on; `licence` is empty where it does not say."""

    name: str
    version: str
    licence: str


def about() -> About:
    """Return what runs here."""
    kind = "SQLite" if db.engine.dialect.name == "sqlite" else "PostgreSQL"
    return About(__version__, current_revision(), kind, platform.python_version())


@cache
def libraries() -> tuple[Library, ...]:
    """Return what requirements.txt names and is installed, by name."""
    try:
        lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    except OSError:
        return ()
    names = [found[1] for found in map(_REQUIREMENT.match, lines) if found]
    return tuple(filter(None, map(_library, sorted(names, key=str.casefold))))


def _library(name: str) -> Library | None:
    try:
        told = metadata(name)
    except PackageNotFoundError:
        return None
    return Library(told["Name"], told["Version"], _licence(told))


def _licence(told: PackageMetadata) -> str:
    for field in ("License-Expression", "License"):
        text = " ".join(told.get_all(field) or [])
        if 0 < len(text) <= _LONGEST_NAME and "\n" not in text:
            return text
    classes = told.get_all("Classifier") or []
    return ", ".join(each.removeprefix(_LICENCE) for each in classes if each.startswith(_LICENCE))
