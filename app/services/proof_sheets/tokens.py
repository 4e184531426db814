"""The secret of a link: told once, known again by its hash."""

from __future__ import annotations

import secrets
from hashlib import sha256

_BYTES = 32


def new_token() -> tuple[str, str]:
    """Return a new secret as it stands in a link, and the hash to keep."""
    token = secrets.token_urlsafe(_BYTES)
    return token, hash_of(token)


def hash_of(token: str) -> str:
    """Return what is kept of a secret. It has 256 bits, so that no salt is needed."""
    return sha256(token.encode("utf-8", "replace")).hexdigest()
