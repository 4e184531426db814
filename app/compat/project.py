"""The header by which programs say what they make something for."""

from __future__ import annotations

from flask import request

from app.errors import InvalidInput

HEADER = "X-Proofsheet-Project"


def project() -> str | None:
    """Return the project of the present request, or None. Raises InvalidInput for what is no text.

    Headers come as if they were Latin-1, whatever was sent. Our own server hands on those that have
    other letters than ASCII as empty ones: so these are refused, too, rather than lost.
    """
    sent = request.headers.get(HEADER)
    if sent is None:
        return None
    try:
        name = sent.encode("latin-1").decode().strip()
    except UnicodeError:
        name = ""
    if not name:
        raise InvalidInput(
            f"{HEADER} came empty, or neither in ASCII nor in UTF-8, which not every server hands on. "
            "Write it in ASCII, or leave it out.",
            field=HEADER,
        )
    return name
