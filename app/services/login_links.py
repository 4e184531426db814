"""Links that log a browser in: /login#code. What stands behind the # is in no request and no log."""

from __future__ import annotations

from app.errors import NotFound
from app.services.instance import noted_address
from app.services.sessions import key_to_log_in_with, make_login_code
from config import Settings


def own_address(settings: Settings) -> str:
    """Return the address that users see: the public one, else where the server listens."""
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    address = settings.public_url or f"http://{host}:{settings.port}"
    return str(address).rstrip("/")


def address_here(settings: Settings) -> str:
    """Return the same for commands, beside which a server may run that was told another port."""
    running = None if settings.public_url else noted_address(settings)
    return running or own_address(settings)


def login_link(address: str, key_id: int | None = None) -> str:
    """Make and commit a code for a key, an admin's where none is given; return the link with it.

    Raises NotFound where there is no live admin key.
    """
    chosen = key_id or key_to_log_in_with()
    if chosen is None:
        raise NotFound("There is no live admin key; `manage.py keys create NAME` makes a key.")
    return f"{address.rstrip('/')}/login#{make_login_code(chosen)}"
