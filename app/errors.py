"""What can go wrong, as one tree.

Each class has a stable `code` for programs and carries a message for people that says what to do.
Nothing here knows HTTP: the API maps codes to statuses, the commands map them to exit codes.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar


class ProofsheetError(Exception):
    """Anything Proofsheet says no to. `str(error)` is fit to be shown to the user."""

    code: ClassVar[str] = "error"


class ConfigurationError(ProofsheetError):
    """A setting, the instance folder or the database is not as it must be."""

    code = "configuration"


class InvalidInput(ProofsheetError):
    """What was asked cannot be done as it stands; `field` names the part to mend, where known."""

    code = "invalid_input"

    def __init__(self, message: str, *, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class InvalidPrompt(InvalidInput):
    """A prompt that is blank, too long, or not text."""

    code = "invalid_prompt"


class InvalidTemplate(InvalidInput):
    """A template that is malformed, or variables that do not fit it."""

    code = "invalid_template"


class InvalidPicture(InvalidInput):
    """Bytes that are not a whole, readable picture."""

    code = "invalid_picture"


class UnsupportedPicture(InvalidPicture):
    """A picture, perhaps, but in a format that is not opened here."""

    code = "unsupported_picture"


class PictureTooLarge(InvalidPicture):
    """A picture over the limit of bytes or pixels."""

    code = "picture_too_large"


class ProviderNotConfigured(ProofsheetError):
    """The provider that should draw lacks its key."""

    code = "provider_not_configured"


class GenerationFailed(ProofsheetError):
    """A generation that ended without a picture; `code` is the one in its record.

    `reason` is the provider's own word for a refusal, `retry_after` its hint in seconds.
    """

    def __init__(
        self,
        message: str,
        *,
        code: str,
        generation_id: str,
        reason: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.code = code  # type: ignore[misc]  # each record has its own
        self.generation_id = generation_id
        self.reason = reason
        self.retry_after = retry_after


class NotFound(ProofsheetError):
    """There is nothing by that id or name."""

    code = "not_found"


class Gone(ProofsheetError):
    """It was there, and is no more: its time is over, or it was taken back."""

    code = "gone"


class Conflict(ProofsheetError):
    """It cannot be done in the present state."""

    code = "conflict"


class OtherNumber(Conflict):
    """A filter means another number of things than was expected; nothing was done."""

    def __init__(self, matched: int, expected: int) -> None:
        super().__init__(
            f"The filter matches {matched:,} images now and not {expected:,}, so nothing was "
            "changed. Look again with dry_run, and send the number that it tells."
        )
        self.matched = matched


class KeyReused(Conflict):
    """Another request was sent with this key before, and a key stands for one request."""

    code = "idempotency_key_reused"


class PreconditionFailed(ProofsheetError):
    """It has changed since the caller saw it; nothing was done."""

    code = "precondition_failed"


class Busy(ProofsheetError):
    """Too much is under way; the same call will do later. `retry_after` is in seconds."""

    code = "busy"

    def __init__(self, message: str, *, retry_after: float = 5) -> None:
        super().__init__(message)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of a limit: `remaining` of `most`, for `seconds` more. `policy` names the limit."""

    policy: str
    most: int
    remaining: int
    seconds: int


class TooManyRequests(ProofsheetError):
    """Somebody asked more often than they may; `allowance` tells how often that is, and until when."""

    code = "too_many_requests"

    def __init__(self, message: str, *, allowance: Allowance) -> None:
        super().__init__(message)
        self.allowance = allowance
        self.retry_after = allowance.seconds


@dataclass(frozen=True, slots=True)
class Budget:
    """How a budget stands, in micro-dollars; `limit` None: there is none.

    `key` is the name of the key that it is for, None for all together; `period` is "day" or "month",
    which is over at `resets_at`. `reserved` is what goes on, or may have been billed.
    """

    key: str | None
    period: str
    resets_at: datetime
    limit: int | None
    spent: int
    reserved: int

    @property
    def left(self) -> int | None:
        """What may still be asked for; None: any amount."""
        return None if self.limit is None else max(0, self.limit - self.spent - self.reserved)


class OverBudget(ProofsheetError):
    """It may cost more than is left of a budget; nothing was recorded. `budget` tells how that stands.

    `retry_after` is in seconds, None where the budget would never suffice.
    """

    code = "over_budget"

    def __init__(self, message: str, *, budget: Budget, retry_after: float | None) -> None:
        super().__init__(message)
        self.budget = budget
        self.retry_after = retry_after


class Unpriced(ProofsheetError):
    """Nobody knows what it would cost, and a budget holds; nothing was recorded."""

    code = "unpriced"
