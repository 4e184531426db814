"""What every provider takes, gives and may raise.

A provider draws one picture a call and knows neither Flask nor the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

from app.errors import ProofsheetError


@dataclass(frozen=True, slots=True)
class ImageData:
    """A picture's bytes as they came, and the type that they were found to be."""

    image_bytes: bytes = field(repr=False)
    mime_type: str


@dataclass(frozen=True, slots=True)
class ImageRequest:
    """One picture to draw.

    `model`, `aspect_ratio` ("16:9") and `size` ("1K") are names from the catalog, already resolved
    and checked against it. `ordinal` counts the pictures of one generation from 0; with a seed it
    is added to it, so that n pictures differ and each can be drawn again by its own seed.
    """

    prompt: str
    model: str
    aspect_ratio: str
    size: str
    seed: int | None = None
    ordinal: int = 0
    input_images: tuple[ImageData, ...] = ()


@dataclass(frozen=True, slots=True)
class GeneratedImage:
    """One picture drawn. `image` has the shape the Gemini SDK made customary.

    `seed` is the seed in force (None: the provider's own chance), `cost_microusd` millionths of a
    US dollar (None: unpriced), `usage` the provider's own token counts, if it gave any.
    """

    image: ImageData
    provider: str
    model: str
    seed: int | None = None
    cost_microusd: int | None = None
    usage: dict[str, int] = field(default_factory=dict)


class Provider(Protocol):
    """Who draws."""

    name: str

    def load(self) -> None:
        """Load what drawing needs, so that the first picture comes as soon as the others."""
        ...

    def generate(self, request: ImageRequest) -> GeneratedImage:
        """Draw one picture within the provider's deadline. Raises ProviderError, nothing else."""
        ...


class ProviderError(ProofsheetError):
    """A picture that was not drawn.

    `permanent`: the same request will fail again, or trying again could be billed twice.
    `retry_after`: the provider's own hint, in seconds. `may_be_billed`: the provider may have drawn
    and charged all the same. `reason`: the provider's own word for a refusal ("IMAGE_SAFETY").
    `details`: what it said beyond that, as it came, for clients that know how to read it.
    """

    code: ClassVar[str] = "provider_error"
    permanent: ClassVar[bool] = True

    def __init__(
        self,
        message: str,
        *,
        reason: str | None = None,
        retry_after: float | None = None,
        may_be_billed: bool = False,
        details: Sequence[Mapping[str, Any]] = (),
    ) -> None:
        super().__init__(message)
        self.details = details
        self.reason = reason
        self.retry_after = retry_after
        self.may_be_billed = may_be_billed


class ProviderRejected(ProviderError):
    """The provider found the request itself invalid (HTTP 400)."""

    code = "provider_rejected"


class ProviderAuthFailed(ProviderError):
    """The provider does not accept our key, or the key may not do this."""

    code = "provider_auth"


class ModelNotFound(ProviderError):
    """The provider has no such model, or not for this key."""

    code = "model_not_found"


class RateLimited(ProviderError):
    """Too many requests just now (HTTP 429); the same request will do later."""

    code = "rate_limited"
    permanent = False


class QuotaExhausted(ProviderError):
    """The day's quota is used up, or the plan has none for this model: waiting is no use."""

    code = "quota_exhausted"


class ProviderUnavailable(ProviderError):
    """The provider is overloaded or cannot be reached; nothing was drawn."""

    code = "provider_unavailable"
    permanent = False


class ProviderUnreachable(ProviderUnavailable):
    """No connection was made (refused, no such host): nothing was sent."""


class ProviderFailed(ProviderError):
    """The provider broke down in the middle (HTTP 500): it may have drawn and billed."""

    code = "provider_failed"


class ProviderTimeout(ProviderError):
    """No answer within the deadline: it may have drawn and billed."""

    code = "provider_timeout"


class ProviderBadAnswer(ProviderError):
    """An answer came that holds no picture and no reason: cut off, garbled or of another shape."""

    code = "provider_bad_answer"


class ContentBlocked(ProviderError):
    """The provider refused the prompt or its own picture; `reason` is its word for why."""

    code = "content_blocked"


class NoImage(ProviderError):
    """The provider answered in words instead of a picture; the message quotes them."""

    code = "no_image"
