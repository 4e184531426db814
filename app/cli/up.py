"""`up`: one command for everything."""

from __future__ import annotations

import click
from flask.cli import with_appcontext


@click.command("up")
@click.option("--host", help="Address to serve on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to serve on.  [default: 8000]")
@click.option("--workers", type=click.IntRange(1, 64), help="Web server processes.  [default: 1]")
@with_appcontext
def command(host: str | None, port: int | None, workers: int | None) -> None:
    """Bring everything up: database, key, web server, worker.

    Makes the instance folder and an admin key if there are none, brings the database up to date,
    and serves until Ctrl-C.

    Example: python manage.py up --port 8080
    """
    # These load the database and the server, which --help does without.
    from app import logs
    from app.cli.serve import Address
    from app.extensions import current_settings
    from app.services.bring_up import bring_up
    from app.services.instance import require_idle

    settings = current_settings()
    logs.set_up(settings)
    require_idle(settings)
    address = Address.of(settings, host, port, workers)
    address.require_usable(settings)
    with bring_up(settings) as report:
        raise SystemExit(address.supervise(settings, report))
