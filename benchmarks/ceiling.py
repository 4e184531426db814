"""The ceiling: the plainest handler that can answer a page of 20 from the same file.

No framework, no keys, no checks: one query by the standard library and one json.dumps, on the same
server. What we add on top is what the comparison shows.
"""

from __future__ import annotations

import json
import os
import sqlite3
import threading
from collections.abc import Callable, Iterable
from typing import Any

COLUMNS = (
    "id, prompt, created_at, width, height, mime_type, byte_count, sha256, color, provider, model,"
    " seed, aspect_ratio, size, cost_microusd, latency_ms, source, project, generation_id,"
    " favourite, note, deleted_at"
)
QUERY = f"SELECT {COLUMNS} FROM images WHERE deleted_at IS NULL ORDER BY position DESC LIMIT 20"  # noqa: S608
_local = threading.local()


def app(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with the newest page."""
    if not hasattr(_local, "connection"):
        _local.connection = sqlite3.connect(os.environ["CEILING_FILE"])
    rows = _local.connection.execute(QUERY).fetchall()
    names = COLUMNS.split(", ")
    body = json.dumps({"items": [dict(zip(names, row, strict=True)) for row in rows]}).encode()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [body]
