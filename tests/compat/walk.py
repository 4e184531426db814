"""Every route of other services' wires, asked for by an address of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from flask import Flask

from tests.web.walk import address

VALUES = {"version": "v1beta", "variant": "original"}


class Call(NamedTuple):
    """One route: how it is called, and what answers it."""

    method: str
    path: str
    view: Callable[..., Any]

    @property
    def is_link(self) -> bool:
        """Tell whether it is a link to a picture, which a signature opens and no key."""
        return self.method == "GET" and self.path.startswith("/v1/images/")


def calls(app: Flask) -> Iterator[Call]:
    """Yield each of them."""
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith("compat_"):
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
                path = address(rule.rule, VALUES)
                yield Call(method, path, app.view_functions[rule.endpoint])


def sent_by(token: str) -> dict[str, str]:
    """Return the headers by which both faces know a key."""
    return {"Authorization": f"Bearer {token}"}
