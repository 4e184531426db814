"""Google's Gemini as a provider: one picture a call, one call a picture, and no hidden retries."""

from __future__ import annotations

import math
import re
import threading
from concurrent.futures import Future, wait
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar

from app.errors import ConfigurationError
from app.providers.base import GeneratedImage, ImageRequest, ProviderTimeout
from app.providers.catalog import Catalog, Model, cost_microusd, load_catalog
from app.providers.gemini_answer import read_answer
from app.providers.per_process import PerProcess

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.providers.gemini_client import Connection

_Result = TypeVar("_Result")

_INT32_MAX: Final = 0x7FFF_FFFF


class GeminiProvider:
    """Draws with Gemini. Threads may share one; it connects on first use, once a process."""

    name = "gemini"

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str,
        deadline: float,
        api_version: str = "v1",
        catalog: Catalog | None = None,
    ) -> None:
        """`deadline`: seconds that one picture may take, from asking to the answer's last byte."""
        check(api_key, base_url, deadline)
        self._api_key = api_key
        self._deadline = deadline
        self._catalog = catalog or load_catalog()
        # Made anew after a fork: sockets cannot be shared with the parent.
        self._connection: PerProcess[Connection] = PerProcess(
            partial(_connect, api_key, base_url, api_version)
        )

    def load(self) -> None:
        """Load the SDK, which takes up to a second; nothing is sent yet."""
        self._connection.get()

    def generate(self, request: ImageRequest) -> GeneratedImage:
        """Draw one picture within the deadline. Raises ProviderError.

        The seed sent is `seed + ordinal`, of which the lower 31 bits count: the API takes no more.
        """
        model = self._catalog.resolve(request.model, self.name)
        seed = None if request.seed is None else (request.seed + request.ordinal) & _INT32_MAX
        answer = read_answer(self._ask(request, model, seed), secret=self._api_key)
        return GeneratedImage(
            image=answer.image,
            provider=self.name,
            model=model.name,
            seed=seed,
            cost_microusd=cost_microusd(
                model, request.size, answer.usage, len(request.input_images)
            ),
            usage=answer.usage,
        )

    def _ask(self, request: ImageRequest, model: Model, seed: int | None) -> str:
        connection = self._connection.get()
        # A model with one size rejects a request that names it.
        size = request.size if len(model.sizes) > 1 else None
        return _within(
            self._deadline,
            lambda: connection.draw(request, seed=seed, size=size, deadline=self._deadline),
        )


def _connect(api_key: str, base_url: str, api_version: str) -> Connection:
    # Imported here because the SDK behind it takes up to a second and 40 MB, which commands
    # that draw nothing need not pay.
    from app.providers.gemini_client import Connection

    return Connection(api_key=api_key, base_url=base_url, api_version=api_version)


def _within(seconds: float, work: Callable[[], _Result]) -> _Result:
    """Do the work in a thread of its own, and do not wait for it beyond the deadline.

    Nothing else bounds a host name that takes a minute to look up, or headers that drip. A thread
    left behind ends by itself, as its own timeouts run from the same moment; being a daemon it
    does not hold up the end of the process, which the threads of an executor would.
    """
    outcome: Future[_Result] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:  # noqa: BLE001 - raised again by whoever waits
            outcome.set_exception(error)

    threading.Thread(target=run, name="gemini", daemon=True).start()
    if not wait([outcome], timeout=seconds).done:
        raise ProviderTimeout(
            f"Gemini did not answer within {seconds:g} s. The picture may have been billed; a"
            " smaller size or a longer PROOFSHEET_PROVIDER_DEADLINE may help.",
            may_be_billed=True,
        )
    return outcome.result()


def check(api_key: str, base_url: str, deadline: float) -> None:
    """Refuse settings with which no call could ever work."""
    if not api_key or not all("!" <= character <= "~" for character in api_key):
        raise ConfigurationError(
            "GEMINI_API_KEY is empty or holds blanks or other characters that no key has."
        )
    if not re.match(r"https?://[^/]", base_url):
        raise ConfigurationError(
            "PROOFSHEET_GEMINI_BASE_URL must be an address such as"
            " https://generativelanguage.googleapis.com"
        )
    if not 0 < deadline < math.inf:
        raise ConfigurationError("The provider's deadline must be above 0 seconds.")
