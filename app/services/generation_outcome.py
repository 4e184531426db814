"""What became of a generation: what went wrong, as its record tells it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

from app.errors import GenerationFailed, ProofsheetError
from app.models import Generation, Status
from app.providers.base import ProviderError

INTERRUPTED = (
    "Proofsheet was stopped before this was done. The picture under way may have been billed; "
    "ask again if it is still wanted."
)
LONGEST_HINT_SECONDS = 7 * 24 * 3600


@dataclass(slots=True)
class Outcome:
    """The last thing that went wrong in a run, and whether any of them may have been billed."""

    failure: ProofsheetError | None = None
    may_be_billed: bool = False

    def note(self, failure: ProofsheetError) -> None:
        """Take down one more thing that went wrong."""
        self.failure = failure
        self.may_be_billed |= getattr(failure, "may_be_billed", False)


class InternalError(ProofsheetError):
    """A fault of our own, as the record of a generation tells it."""

    code = "internal"


class Interrupted(ProofsheetError):
    """Whoever ran a generation stopped before it was done."""

    code = "interrupted"


class Expired(ProofsheetError):
    """A generation waited for its turn too long."""

    code = "expired"


def fault(error: BaseException) -> ProofsheetError:
    """Return what the record says of an error that is not the provider's."""
    if isinstance(error, Exception):
        return InternalError("Something broke on our side; see the log.")
    return Interrupted(INTERRUPTED)  # Ctrl-C


def raise_if_failed(generation: Generation) -> None:
    """Raise GenerationFailed, as recorded, when a generation ended without a picture."""
    if generation.status == Status.FAILED:
        raise GenerationFailed(
            generation.error_message or "The generation failed.",
            code=generation.error_code or "error",
            generation_id=generation.id,
            reason=generation.error_reason,
            retry_after=generation.error_retry_after,
        )


def error_columns(failure: ProofsheetError | None) -> dict[str, Any]:
    """Return the columns of a generation that tell of a failure, or that there was none."""
    # All of them, each time: a run that is repeated must not keep the failure of the first.
    names = "error_code", "error_message", "error_reason", "error_retryable", "error_retry_after"
    columns: dict[str, Any] = dict.fromkeys(names)
    if failure is None:
        return columns
    columns.update(error_code=failure.code, error_message=_storable(str(failure)))
    if isinstance(failure, ProviderError):
        columns["error_reason"] = failure.reason and _storable(failure.reason)
        hint = failure.retry_after
        columns["error_retry_after"] = hint and math.ceil(min(hint, LONGEST_HINT_SECONDS))
    return {**columns, "error_retryable": not getattr(failure, "permanent", True)}


def _storable(text: str) -> str:
    """Return a provider's words without what no database takes: NUL and lone surrogates."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()
