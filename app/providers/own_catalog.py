"""An instance's own `catalog.toml`: its entries change models of the catalog, hide some, add others."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from app.errors import ConfigurationError
from app.providers.catalog import NAME, Catalog, Model

HIDDEN = "hidden"


def with_own(catalog: Catalog, file: Path) -> Catalog:
    """Return a catalog with the entries of a file; the same where there is none.

    An entry changes the model of its name field by field, prices size by size, or adds one;
    `hidden = true` takes one away, and a new default takes the place of the old one. Raises
    ConfigurationError, in one line that names the file and the entry.
    """
    entries = _entries(file)
    if not entries:
        return catalog
    models = {model.name: model for model in catalog.models}
    for name, entry in entries.items():
        try:
            _apply(models, name, entry)
        except ValueError as error:
            raise ConfigurationError(f"{file}: {name}: {error}.") from error
    defaults = [name for name in entries if name in models and entries[name].get("default")]
    return Catalog(_with_defaults(models, defaults), str(file))


def _entries(file: Path) -> dict[str, dict[str, Any]]:
    try:
        table = tomllib.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigurationError(f"{file} cannot be read as a model catalog ({error}).") from error
    listed = table.pop("models", [])
    if table or not isinstance(listed, list) or not all(isinstance(each, dict) for each in listed):
        raise ConfigurationError(f"{file}: it must hold [[models]] alone.")
    entries = {str(each.get("name", "")): each for each in listed}
    if len(entries) < len(listed) or not all(NAME.fullmatch(name) for name in entries):
        raise ConfigurationError(
            f"{file}: each of the [[models]] needs a name, and one of its own."
        )
    return entries


def _apply(models: dict[str, Model], name: str, entry: Mapping[str, Any]) -> None:
    """Change, add or hide one model. Raises ValueError that says what does not fit."""
    known = models.get(name)
    if HIDDEN in entry:
        if known is None or set(entry) != {"name", HIDDEN} or entry[HIDDEN] is not True:
            raise ValueError("hidden = true stands alone, and hides a model that there is")
        del models[name]
        return
    providers = sorted({model.provider for model in models.values()})
    changed = _changed(known, entry)
    if changed.provider not in providers:
        raise ValueError(f"there is no such provider; there are {', '.join(providers)}")
    models[name] = changed


def _changed(known: Model | None, entry: Mapping[str, Any]) -> Model:
    fields: dict[str, Any] = asdict(known) if known else {}
    for name, value in entry.items():
        by_size = isinstance(value, dict) and isinstance(fields.get(name), dict)
        fields[name] = {**fields[name], **value} if by_size else value
    try:
        made = TypeAdapter(Model).validate_python(fields)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        raise ValueError(
            "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in found)
        ) from error
    return made if made.default_size else replace(made, default_size=made.sizes[0])


def _with_defaults(models: Mapping[str, Model], named: Collection[str]) -> Iterator[Model]:
    """Yield the models, those named as the only defaults of their providers."""
    taken = {models[name].provider for name in named}
    for model in models.values():
        yield replace(model, default=model.name in named) if model.provider in taken else model
