"""Every route there is, asked for by an address of its own: none can be forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from flask import Flask

# What stands for a part of an address, where nothing else is given.
ANYTHING = {"int": "1", "string": "x", "default": "x", "path": "x"}
PART = r"<(?:(?P<converter>\w+)(?:\((?P<choices>[^)]*)\))?:)?(?P<name>\w+)>"
SAFE = {"GET", "HEAD", "OPTIONS"}


def routes(
    app: Flask, *blueprints: str, values: Mapping[str, object] | None = None
) -> Iterator[tuple[str, str]]:
    """Yield method and address of each route of these blueprints, with `values` by name in its parts."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(blueprints):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                yield method, address(rule.rule, values or {})


def address(rule: str, values: Mapping[str, object]) -> str:
    """Return a rule with its parts filled in."""

    def filled(part: re.Match[str]) -> str:
        if part["converter"] == "any":
            return str(part["choices"].split(",")[0])
        return str(values.get(part["name"], ANYTHING[part["converter"] or "default"]))

    return re.sub(PART, filled, rule)
