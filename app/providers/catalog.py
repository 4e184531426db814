"""Which models there are, what they can draw and what it costs: the contents of `catalog.toml`."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Annotated, ClassVar, Final

from pydantic import ConfigDict, Field, TypeAdapter, ValidationError

from app.errors import ConfigurationError
from app.providers.base import ModelNotFound

_FILE: Final = Path(__file__).with_name("catalog.toml")

# A name becomes part of the provider's URL: nothing that could lead elsewhere may be in it.
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")

_MILLION: Final = 1_000_000
_SOURCE: Final = "The model catalog"

# bool counts as int in Python, and "1" would pass as 1: prices must be written as whole numbers.
_Price = Annotated[int, Field(strict=True, ge=0)]
_Limit = Annotated[int, Field(strict=True, ge=0)]
_Names = Annotated[tuple[str, ...], Field(min_length=1)]


@dataclass(frozen=True, slots=True)
class Model:
    """One model. Money is in micro-dollars; a price that is not there is not known.

    `microusd_per_input_image` is for each picture to work from, on top of one drawn by them.
    `expected_image_tokens` is by size, for estimates alone. `max_input_tokens` is the context limit,
    None where it is not known.
    """

    __pydantic_config__: ClassVar[ConfigDict] = ConfigDict(extra="forbid")

    name: str
    provider: str
    sizes: _Names
    aspect_ratios: _Names
    microusd_per_image: Mapping[str, _Price]
    microusd_per_million_image_tokens: _Price | None = None
    microusd_per_million_input_tokens: _Price | None = None
    microusd_per_input_image: _Price = 0
    expected_image_tokens: Mapping[str, _Limit] = field(default_factory=dict)
    max_input_images: _Limit = 0
    max_input_tokens: _Limit | None = None
    default_size: str = ""
    default_aspect_ratio: str = "1:1"
    default: bool = False

    def problems(self) -> Iterable[str]:
        """Say what does not fit together."""
        if not NAME.fullmatch(self.name):
            yield "its name holds characters that cannot be in a model's name"
        if self.default_size not in self.sizes:
            yield f"its default size {self.default_size!r} is not one of its sizes"
        if self.default_aspect_ratio not in self.aspect_ratios:
            yield f"its default ratio {self.default_aspect_ratio!r} is not one of its ratios"
        priced = self.microusd_per_image.keys() | self.expected_image_tokens.keys()
        for size in sorted(priced - set(self.sizes)):
            yield f"it has a price for {size!r}, which is not one of its sizes"


class Catalog:
    """All models known, in the order of the file."""

    def __init__(self, models: Iterable[Model], source: str = _SOURCE) -> None:
        """Take the models, and what to call the file in errors. Raises ConfigurationError."""
        self.models: Final = tuple(models)
        self._by_name: Final = {model.name: model for model in self.models}
        problems = list(self._problems())
        if problems:
            raise ConfigurationError(f"{source} is malformed: {'; '.join(problems)}.")

    def _problems(self) -> Iterable[str]:
        if len(self._by_name) < len(self.models):
            yield "a model's name is there twice"
        for model in self.models:
            yield from (f"{model.name}: {problem}" for problem in model.problems())
        for provider in sorted({model.provider for model in self.models}):
            if sum(model.default for model in self._of(provider)) != 1:
                yield f"{provider} must have one default model, no more and no fewer"

    def _of(self, provider: str) -> list[Model]:
        return [model for model in self.models if model.provider == provider]

    def get(self, name: str) -> Model | None:
        """The model of that name, whosever it is, if it is known."""
        return self._by_name.get(name)

    def default(self, provider: str) -> Model:
        """The model to use when none is named."""
        found = next((model for model in self._of(provider) if model.default), None)
        if found is None:
            raise ModelNotFound(f"The catalog has no model for the provider {provider!r}.")
        return found

    def resolve(self, name: str, provider: str) -> Model:
        """The model of that name and provider.

        Google brings out models faster than this file is mended. A name that nobody here knows is
        therefore taken for a newer Gemini model: it may do all that any of them can, and is
        unpriced. Other providers have the models of the catalog and no more.
        """
        known = self.get(name)
        if known is not None and known.provider == provider:
            return known
        if known is None and provider == "gemini" and NAME.fullmatch(name):
            return self._newer(name, provider)
        names = ", ".join(model.name for model in self._of(provider)) or "none"
        raise ModelNotFound(
            f"{provider} has no model {name[:100]!r}. The models that it has: {names}."
        )

    def _newer(self, name: str, provider: str) -> Model:
        family = self._of(provider)
        return replace(
            self.default(provider),
            name=name,
            sizes=_union(model.sizes for model in family),
            aspect_ratios=_union(model.aspect_ratios for model in family),
            microusd_per_image={},
            microusd_per_million_image_tokens=None,
            microusd_per_million_input_tokens=None,
            microusd_per_input_image=0,
            expected_image_tokens={},
            max_input_images=max(model.max_input_images for model in family),
            max_input_tokens=None,
            default=False,
        )


def _union(groups: Iterable[tuple[str, ...]]) -> tuple[str, ...]:
    """Every name once, those of the longest list first and in its order."""
    by_length = sorted(groups, key=len, reverse=True)
    return tuple(dict.fromkeys(name for group in by_length for name in group))


def parse_catalog(text: str) -> Catalog:
    """Read a catalog, strictly: a key that is misspelt or missing is an error, not a default."""
    try:
        table = tomllib.loads(text)
        models = TypeAdapter(dict[str, list[Model]]).validate_python(table)
    except (tomllib.TOMLDecodeError, ValidationError) as error:
        raise ConfigurationError(f"The model catalog is malformed: {error}") from error
    if set(models) != {"models"}:
        raise ConfigurationError("The model catalog is malformed: it must hold [[models]] alone.")
    return Catalog(
        model if model.default_size else replace(model, default_size=model.sizes[0])
        for model in models["models"]
    )


@cache
def load_catalog() -> Catalog:
    """The catalog that comes with Proofsheet, read once a process."""
    return parse_catalog(_FILE.read_text(encoding="utf-8"))


def cost_microusd(
    model: Model, size: str, usage: Mapping[str, int], input_images: int = 0, pictures: int = 1
) -> int | None:
    """What a call that gave `pictures` cost in micro-dollars, or None when that cannot be known.

    The tokens decide when they were counted and have a price: image tokens, plus the prompt's where
    those have one. They are added up exactly and rounded once, half a micro-dollar upwards.
    Otherwise it is the price per image of that size, plus that of the images to work from; without
    one it is "unpriced". No image
    tokens means "not counted": taking it for "free" would log pictures at 0.
    """
    image_tokens = usage.get("image_tokens", 0)
    if image_tokens > 0 and model.microusd_per_million_image_tokens is not None:
        millionths = image_tokens * model.microusd_per_million_image_tokens
        prompt_tokens = usage.get("prompt_tokens", 0)
        millionths += prompt_tokens * (model.microusd_per_million_input_tokens or 0)
        return (millionths + _MILLION // 2) // _MILLION
    price = model.microusd_per_image.get(size)
    return (
        None if price is None else price * pictures + input_images * model.microusd_per_input_image
    )


def estimate_microusd(model: Model, size: str, n: int = 1, input_images: int = 0) -> int | None:
    """What `n` pictures may cost in micro-dollars, before they are drawn; None when nobody knows.

    By the price per image, else by the tokens that are expected of that size.
    """
    picture = cost_microusd(model, size, {}, input_images)
    if picture is None:
        expected = {"image_tokens": model.expected_image_tokens.get(size, 0)}
        picture = cost_microusd(model, size, expected)
        # Tokens of those to work from are not expected: only a price of their own tells.
        picture = picture and picture + input_images * model.microusd_per_input_image
    return None if picture is None else picture * n
