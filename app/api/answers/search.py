"""Searches that are kept."""

from __future__ import annotations

from pydantic import Field

from app.api.answers.base import Address, Moment, Shape, shown


class SearchLinks(Shape):
    """Addresses of one search."""

    self: Address = shown("This search.", "/api/searches/foxes")
    images: Address = shown("What it finds.", "/api/images?q=red+fox&favourite=true")


class Search(Shape):
    """A filter of the history, kept by a name."""

    name: str = shown("Its name.", "foxes")
    query: dict[str, list[str]] = shown(
        "The parameters of GET /api/images, each with all its values.",
        {"q": ["red fox"], "favourite": ["true"]},
    )
    created_at: Moment = shown("When the name was first used, in UTC.", "2026-11-22T10:00:00.5Z")
    links: SearchLinks


class SearchList(Shape):
    """All searches that are kept."""

    items: list[Search] = Field(description="In the order they were made.")
