"""What our pages and pictures are measured against.

The ceiling is the plainest handler that can answer a page from the same file: no framework, no keys,
no checks, one query by the standard library and one json.dumps, on the same web server. The file is
sent by Flask's own send_file. Datasette comes in an environment of its own.
"""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from flask import Flask, Response, send_file

DATASETTE = "datasette==0.65.5"
COLUMNS = (
    "id, prompt, created_at, width, height, mime_type, byte_count, sha256, color, provider, model,"
    " seed, aspect_ratio, size, cost_microusd, latency_ms, source, project, generation_id,"
    " favourite, note, deleted_at"
)
QUERY = f"SELECT {COLUMNS} FROM images WHERE deleted_at IS NULL ORDER BY position DESC LIMIT 20"  # noqa: S608
_local = threading.local()


def ceiling(_environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer with the newest page of the database in CEILING_FILE."""
    if not hasattr(_local, "connection"):
        _local.connection = sqlite3.connect(os.environ["CEILING_FILE"])
    rows = _local.connection.execute(QUERY).fetchall()
    names = COLUMNS.split(", ")
    body = json.dumps({"items": [dict(zip(names, row, strict=True)) for row in rows]}).encode()
    start_response("200 OK", [("Content-Type", "application/json")])
    return [body]


def file_sender() -> Flask:
    """Return an app that sends the picture in PICTURE_FILE."""
    app = Flask("sender")

    @app.get("/")
    def picture() -> Response:
        return send_file(os.environ["PICTURE_FILE"], mimetype="image/jpeg")

    return app


def install_datasette(folder: Path) -> Path:
    """Install Datasette into an environment of its own; return its command."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    pip = [folder / "bin" / "python", "-m", "pip", "install", "-qq", DATASETTE]
    subprocess.run(pip, check=True)
    return folder / "bin" / "datasette"


def datasette(command: Path, file: Path, port: int) -> list[str]:
    """Return the command that serves the database by Datasette."""
    settings = (("num_sql_threads", "8"), ("sql_time_limit_ms", "60000"))
    options = [word for name, value in settings for word in ("--setting", name, value)]
    return [str(command), "serve", str(file), "--port", str(port), *options]


def datasette_path(file: Path, after: tuple[int, int] | None = None) -> str:
    """Return the address of a page of 20, newest first, without counts and facets.

    It need not leave out deleted rows, since there are none.

    `after` is the position and the id of the row before the page, as its own links have it.
    """
    options = "_size=20&_sort_desc=position&_nocount=1&_nofacet=1&_nosuggest=1&_shape=objects"
    onward = f"&_next={after[0]}%2C{after[1]}" if after else ""
    return f"/{file.stem}/images.json?{options}{onward}"
