"""How often the official clients have sent the present request before, as they tell."""

from __future__ import annotations

import re

from flask import request

HEADER = "X-Stainless-Retry-Count"


def retry_count() -> int:
    """Return it; 0 where nothing is told, or nothing sensible."""
    sent = request.headers.get(HEADER, "")
    return int(sent) if re.fullmatch("[0-9]{1,3}", sent) else 0
