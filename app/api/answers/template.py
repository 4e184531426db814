"""Templates for prompts."""

from __future__ import annotations

from pydantic import Field

from app.api.answers.base import Address, Moment, Shape, shown


class TemplateLinks(Shape):
    """Addresses of one template."""

    self: Address = shown("This template.", "/api/templates/watercolour")


class TemplateVersion(Shape):
    """One version of a template."""

    version: int = shown("Counts from 1.", 1, ge=1)
    text: str = shown(
        "With placeholders in braces.", "A watercolour of {user_input} on {paper} paper"
    )
    created_at: Moment = shown("When this version was made, in UTC.", "2026-11-22T10:00:00.5Z")


class Template(TemplateVersion):
    """A template in its newest version."""

    name: str = shown("Its name.", "watercolour")
    placeholders: list[str] = shown("The names in braces, sorted.", ["paper", "user_input"])
    links: TemplateLinks


class TemplateHistory(Template):
    """A template with all its versions."""

    versions: list[TemplateVersion] = Field(description="The newest first.")


class TemplateList(Shape):
    """All templates."""

    items: list[Template] = Field(description="By name.")


class Preview(Shape):
    """A template filled."""

    final_prompt: str = shown(
        "The words that would be sent.", "A watercolour of a fox on rough paper"
    )
    placeholders: list[str] = shown("The names in braces, sorted.", ["paper", "user_input"])
