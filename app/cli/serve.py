"""`serve`: the web server alone."""

from __future__ import annotations

import ipaddress
import logging
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
from flask.cli import with_appcontext

from app.cli.worker import machine
from app.errors import ConfigurationError

if TYPE_CHECKING:
    from app.services.bring_up import Report
    from config import Settings

# 24 requests that wait, 32 proxied calls and as many that wait for a place leave room for the others.
BLOCKING_THREADS = 120
# On top of what a picture may take, when the server is asked to stop: to answer, and to save it, for
# which it may wait as long for its turn as for the database.
STOP_MARGIN_SECONDS = 25
# The server's few words go into our log, and its own log of requests is off.
AS_WE_LOG: dict[str, Any] = {
    "formatters": {},
    "handlers": {},
    "loggers": {"_granian": {"handlers": [], "propagate": True}},
}


@click.command("serve")
@click.option("--host", help="Address to serve on.  [default: 127.0.0.1]")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to serve on.  [default: 8000]")
@click.option("--workers", type=click.IntRange(1, 64), help="Web server processes.  [default: 1]")
@click.option("--supervised", is_flag=True, hidden=True)  # ends when standard input is closed
@with_appcontext
def command(host: str | None, port: int | None, workers: int | None, supervised: bool) -> None:
    """Run the web server alone, on a database that is up to date.

    Example: python manage.py serve --host 127.0.0.1 --port 8080 --workers 2
    """
    # These load the database, which --help does without.
    from app.extensions import current_settings, db
    from app.services.provider_choice import provider_choice
    from app.services.schema import require_current
    from app.supervisor import exit_when_supervisor_dies

    if supervised:
        exit_when_supervisor_dies()
    settings = current_settings()
    address = Address.of(settings, host, port, workers)
    address.require_usable(settings)
    require_current()
    provider_choice().read_catalog()
    db.engine.dispose()  # a connection must not be shared with the workers
    if not supervised:
        click.echo(f"Serving on {address.url} until Ctrl-C.")
    address.serve(settings)


@dataclass(frozen=True, slots=True)
class Address:
    """Where to serve, and with how many processes."""

    host: str
    port: int
    workers: int

    @classmethod
    def of(
        cls, settings: Settings, host: str | None, port: int | None, workers: int | None
    ) -> Address:
        """Return what the options say, else the settings."""
        return cls(host or settings.host, port or settings.port, workers or settings.workers)

    @property
    def url(self) -> str:
        """The address to type into a browser on this machine."""
        return f"http://{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    def require_usable(self, settings: Settings) -> None:
        """Raise ConfigurationError when nothing could or should be served here."""
        from app.supervisor import require_free_port

        require_free_port(self.host, self.port)
        if not _is_loopback(self.host) and settings.public_url is None:
            raise ConfigurationError(
                f"Serving on {self.host} opens Proofsheet to other machines. Set "
                "PROOFSHEET_PUBLIC_URL to the address that they will use, such as "
                "https://pictures.example.org."
            )

    def serve(self, settings: Settings) -> None:
        """Serve until SIGINT or SIGTERM; what is under way is finished first."""
        from granian import Granian
        from granian.constants import Interfaces
        from granian.log import LogLevels

        from config import pass_on

        # Links that answers carry lead here.
        pass_on(host=self.host, port=str(self.port))
        logging.getLogger("_granian").addFilter(_is_news)
        Granian(
            "app.main:app",
            address=self.host,
            port=self.port,
            interface=Interfaces.WSGI,
            workers=self.workers,
            blocking_threads=BLOCKING_THREADS,
            workers_kill_timeout=_grace(settings),
            respawn_failed_workers=True,
            log_level=LogLevels.warning,
            log_dictconfig=AS_WE_LOG,
        ).serve()

    def supervise(self, settings: Settings, report: Report) -> int:
        """Run the server as a child until SIGINT or SIGTERM; return the exit code."""
        from app.services.instance import note_address
        from app.supervisor import Supervisor, accepts_connections
        from config import ROOT

        options = ["--host", self.host, "--port", str(self.port), "--workers", str(self.workers)]
        ours = [sys.executable, str(ROOT / "manage.py")]
        serve = [*ours, "serve", "--supervised", *options]
        work = [*ours, "worker", "--supervised", "--name", f"up@{machine()}"]
        note_address(settings, self.url)
        supervisor = Supervisor([serve, work], _grace(settings) + STOP_MARGIN_SECONDS)
        return supervisor.run(
            ready=lambda: accepts_connections(self.host, self.port),
            announce=lambda: self._announce(settings, report),
        )

    def _announce(self, settings: Settings, report: Report) -> None:
        # Loads the database, which --help does without.
        from app.services.login_links import login_link

        address = str(settings.public_url or self.url)
        click.echo(f"Proofsheet is up at {address}")
        click.echo(f"Log in:    {login_link(address)} (once, within ten minutes)")
        if report.admin_key_file:
            click.echo(f"Admin key: {report.admin_key_file}")
        else:
            click.echo("Admin key: made earlier; `python manage.py keys create` makes another.")
        click.echo(f"Provider:  {report.provider}")
        if report.database_copy:
            click.echo(f"The database was brought up to date; a copy is {report.database_copy}")
        click.echo("Stop with Ctrl-C.")


def _is_news(record: logging.LogRecord) -> bool:
    """Drop the server's advice on threads: it is for computing, and ours wait for the database."""
    return "Python threads" not in record.getMessage()


def _grace(settings: Settings) -> int:
    return round(settings.provider_deadline) + STOP_MARGIN_SECONDS


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
