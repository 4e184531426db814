"""Where everything is, and whether it works."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict

from app.api.answers.base import Address, Shape, shown


class Index(Shape):
    """The addresses to go on to."""

    name: Literal["Proofsheet"]
    images: Address = shown("The history.", "/api/images")
    generations: Address = shown("Where to ask for pictures.", "/api/generations")
    batches: Address = shown("Where to ask for many at once.", "/api/batches")
    prompts: Address = shown("Past prompts.", "/api/prompts")
    templates: Address = shown("Templates for prompts.", "/api/templates")
    searches: Address = shown("Kept searches.", "/api/searches")
    models: Address = shown("What can draw.", "/api/models")
    budgets: Address = shown("What may be spent.", "/api/budgets")
    me: Address = shown("Whose key this is.", "/api/me")
    keys: Address = shown("The keys, for admins.", "/api/keys")
    documentation: Address = shown("What there is, to read.", "/api/docs")
    openapi: Address = shown("The same for programs.", "/api/openapi.json")
    health: Address = shown("Whether this process answers.", "/healthz")
    ready: Address = shown("Whether it can work.", "/readyz")
    metrics: Address = shown("What is counted, for Prometheus, with a key.", "/metrics")
    hint: str = shown("How to say who you are.", "All but the documentation needs a key: …")


class Well(Shape):
    """All is well."""

    status: Literal["ok"]


class Ready(Shape):
    """It can do its work, and whether anybody draws."""

    status: Literal["ok"]
    worker: Literal["alive", "none"] = shown(
        "Without one, the history is there, and what is asked for waits.", "alive"
    )
    workers: int = shown("How many are alive.", 1, ge=0)
    heartbeat_age_seconds: float | None = shown(
        "How long ago one of them was last seen; null: none is alive.", 1.2, ge=0
    )


class OpenApi(Shape):
    """An OpenAPI document, such as this."""

    model_config = ConfigDict(extra="allow")

    openapi: Literal["3.1.0"]
