"""Hand-written providers: they draw what a script says, and remember what they were asked."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask

from app.providers.base import GeneratedImage, ImageData, ImageRequest, Provider
from app.services.provider_choice import ProviderChoice
from config import Settings
from tests.pictures import picture

# A picture's bytes, all that is told of one, an error to raise, or a function that gives any of them.
Result = bytes | GeneratedImage | BaseException | Callable[[], object]


class FakeProvider:
    """Draws the results of its script one after another, and the last one again and again."""

    name = "sketch"

    def __init__(self, *script: Result) -> None:
        self._script = list(script) or [picture("JPEG")]
        self.requests: list[ImageRequest] = []

    def load(self) -> None:
        pass

    def generate(self, request: ImageRequest) -> GeneratedImage:
        self.requests.append(request)
        at = min(len(self.requests), len(self._script)) - 1
        result: object = self._script[at]
        if callable(result):
            result = result()
        if isinstance(result, BaseException):
            raise result
        return result if isinstance(result, GeneratedImage) else drawn(result)


class FakeChoice(ProviderChoice):
    """The real choice of provider and model, but it is always the fake that draws."""

    def __init__(self, settings: Settings, provider: Provider) -> None:
        super().__init__(settings)
        self._fake = provider

    def _make(self, name: str) -> Provider:
        return self._fake


def install(app: Flask, *script: Result) -> FakeProvider:
    """Let everything in `app` be drawn by a fake with this script; return it."""
    provider = FakeProvider(*script)
    app.extensions["providers"] = FakeChoice(app.config["SETTINGS"], provider)
    return provider


def drawn(
    data: object,
    *,
    cost_microusd: int | None = 0,
    seed: int | None = None,
    usage: dict[str, int] | None = None,
) -> GeneratedImage:
    """Return what a provider gives for a picture's bytes (None gives a default JPEG)."""
    data = picture("JPEG") if data is None else data
    assert isinstance(data, bytes)
    image = ImageData(data, "image/jpeg")
    return GeneratedImage(
        image, "sketch", "sketch-1", seed=seed, cost_microusd=cost_microusd, usage=usage or {}
    )
