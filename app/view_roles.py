"""Which role each view of a face needs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from app.models import Role

View = TypeVar("View", bound=Callable[..., Any])


class ViewRoles:
    """The views of one face. One without a word on this answers nobody."""

    def __init__(self) -> None:
        """Begin with none."""
        self._roles: dict[Callable[..., Any], Role | None] = {}

    def needs(self, role: Role) -> Callable[[View], View]:
        """Declare the role that a view needs."""

        def declare(view: View) -> View:
            self._roles[view] = role
            return view

        return declare

    def open_to_all(self, view: View) -> View:
        """Declare that a view needs nobody to be known."""
        self._roles[view] = None
        return view

    def role_of(self, view: Callable[..., Any]) -> Role | None:
        """Return the role that a view needs; None: none. Raises KeyError where nothing is declared."""
        return self._roles[view]
