"""Who calls: the key of this process, looked up anew at each call."""

from __future__ import annotations

from typing import cast

from flask import current_app

from app.errors import ConfigurationError, ProofsheetError
from app.models import Role
from app.services.keys import KeyHolder, authenticate
from app.services.rate_limits import RateLimits
from config import OF_CALLERS

HOW_TO_GET_ONE = (
    "Make one with `python manage.py keys create NAME --role creator`, and set it in the "
    f"environment as {OF_CALLERS}."
)


class NoKey(ProofsheetError):
    """The key is no key, or none any more."""

    code = "unauthorized"


class NotAllowed(ProofsheetError):
    """The key may not do this."""

    code = "forbidden"


class Door:
    """Lets calls in as far as the key goes."""

    def __init__(self, token: str | None) -> None:
        """Take the key; look at nothing yet."""
        self._token = token

    def require_key(self) -> None:
        """Raise ConfigurationError, which says what to do, unless there is a key that works."""
        if self._token is None:
            raise ConfigurationError(
                f"{OF_CALLERS} is not set: an assistant needs a key. " + HOW_TO_GET_ONE
            )
        try:
            self._holder()
        except NoKey as error:
            raise ConfigurationError(str(error)) from error

    def let_in(self, role: Role) -> KeyHolder:
        """Return who calls, counted. Raises NoKey, NotAllowed or TooManyRequests."""
        holder = self._holder()
        cast(RateLimits, current_app.extensions["rate_limits"]).count_request(holder)
        if not holder.role.includes(role):
            raise NotAllowed(f"This needs a key with the role {role}; yours is {holder.role}.")
        return holder

    def _holder(self) -> KeyHolder:
        holder = authenticate(self._token or "")
        if holder is None:
            raise NoKey(f"The key in {OF_CALLERS} is unknown or revoked. " + HOW_TO_GET_ONE)
        return holder
