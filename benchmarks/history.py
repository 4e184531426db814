"""The history at a million images, against its own first page, a short history, and others.

`python -m benchmarks history [--images N] [--postgres] [--no-datasette]` builds its own rows, starts
the real server as `manage.py serve` does, keys and validation on, and prints a table and JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path

from benchmarks import peers
from benchmarks.databases import databases
from benchmarks.history_data import PICTURE, build, place_of, show_picture
from benchmarks.history_searches import measure_searches, summary
from benchmarks.load import Measured, Target, compare
from benchmarks.serving import free_port, granian, manage, memory, serving
from config import Settings

DEEP_PAGE = 50_000
FEW = 1_000


@dataclass(frozen=True, slots=True)
class History:
    """One database with its rows, the key to it, and the row before its deep page."""

    settings: Settings
    key: str
    deep: int
    before_deep: tuple[int, int]

    @property
    def headers(self) -> dict[str, str]:
        """What a request needs."""
        return {"Authorization": f"Bearer {self.key}"}

    @property
    def environment(self) -> dict[str, str]:
        """What its server needs. The rate limit is on, and too high to be met."""
        more = {"PROOFSHEET_INSTANCE": str(self.settings.instance)}
        if self.settings.database_url:
            more["DATABASE_URL"] = str(self.settings.database_url)
        return {**more, "PROOFSHEET_REQUESTS_PER_MINUTE": "1000000"}


def main() -> None:
    """Build, serve, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks history")
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--postgres", action="store_true", help="on a PostgreSQL from the wheel")
    parser.add_argument("--no-datasette", action="store_true", help="without installing Datasette")
    options = parser.parse_args(sys.argv[2:])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with databases(folder, "many", "few", postgres=options.postgres) as (url, few_url):
            many = _prepare(folder / "many", url, options.images)
            few = _prepare(folder / "few", few_url, FEW)
            with_datasette = url is None and not options.no_datasette
            command = peers.install_datasette(folder / "datasette") if with_datasette else None
            _report(options.images, *_measure(many, few, folder, command))


def _prepare(folder: Path, url: str | None, images: int) -> History:
    """Lay the schema, the rows and a key."""
    from app import create_app
    from app.extensions import db
    from app.models import Role
    from app.services.keys import create_key
    from app.services.schema import upgrade

    folder.mkdir()
    settings = Settings(instance=folder, database_url=url)
    deep = min(DEEP_PAGE, images // 20)
    with create_app(settings).app_context():
        upgrade()
        started = time.perf_counter()
        build(images)
        print(f"{images:,} images in {time.perf_counter() - started:.0f} s", flush=True)
        show_picture()
        if settings.sqlite_file is None:
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.execute(db.text("VACUUM ANALYZE"))
        _, key = create_key("benchmark", Role.VIEWER)
        place = place_of(20 * (deep - 1))
        db.engine.dispose()
    return History(settings, key, deep, place)


def _measure(
    many: History, few: History, folder: Path, datasette: Path | None
) -> tuple[dict[str, Measured], dict[str, list[float]], tuple[float, float]]:
    """Return what was measured: addresses, searches, and the server's memory after it all."""
    port, few_port = free_port(), free_port()
    with ExitStack() as servers:
        pid = servers.enter_context(serving(manage(port), port, many.environment))
        servers.enter_context(serving(manage(few_port), few_port, few.environment))
        targets = {
            "page 1": Target(port, "/api/images?page=1", many.headers),
            f"page {many.deep:,}": Target(port, f"/api/images?page={many.deep}", many.headers),
            f"page 1 of {FEW:,}": Target(few_port, "/api/images?page=1", few.headers),
            "other pages each time": _many_pages(port, many),
            "cursor": Target(port, "/api/images?limit=20", many.headers),
            "model=rare-model": Target(port, "/api/images?limit=20&model=rare-model", many.headers),
            "favourite=true": Target(port, "/api/images?limit=20&favourite=true", many.headers),
            "picture": Target(port, "/api/images/1/file", many.headers),
            "healthz": Target(port, "/healthz"),
            **_peers(many, folder, datasette, servers),
        }
        found = compare(targets)
        searches = measure_searches(port, many.headers)
        return found, searches, memory(pid)


def _many_pages(port: int, history: History) -> Target:
    """Return more pages than the server keeps, from all over the history: each is made anew."""
    last = history.deep
    pages = [1 + number * 7919 % last for number in range(1_000)]
    first, *more = [f"/api/images?page={page}" for page in pages]
    return Target(port, first, history.headers, more)


def _peers(
    many: History, folder: Path, datasette: Path | None, servers: ExitStack
) -> dict[str, Target]:
    picture = folder / "picture.jpg"
    picture.write_bytes(PICTURE)
    sender = free_port()
    command = [*granian("benchmarks.peers:file_sender", sender), "--factory"]
    servers.enter_context(serving(command, sender, {"PICTURE_FILE": str(picture)}))
    targets = {"send_file": Target(sender, "/")}
    file = many.settings.sqlite_file
    if file is None:
        return targets
    port = free_port()
    command = granian("benchmarks.peers:ceiling", port)
    servers.enter_context(serving(command, port, {"CEILING_FILE": str(file)}))
    targets["ceiling"] = Target(port, "/")
    if datasette:
        port = free_port()
        servers.enter_context(serving(peers.datasette(datasette, file, port), port, {}))
        targets["Datasette, page 1"] = Target(port, peers.datasette_path(file))
        targets["Datasette, deep"] = Target(port, peers.datasette_path(file, many.before_deep))
    return targets


def _report(
    images: int,
    found: dict[str, Measured],
    searches: dict[str, list[float]],
    megabytes: tuple[float, float],
) -> None:
    base = found["page 1"]
    print(f"\n{'':24}{'req/s':>9}{'of page 1':>11}{'p50 ms':>9}{'over page 1':>13}{'p99 ms':>9}")
    for name, each in found.items():
        print(
            f"{name:24}{each.per_second:9.0f}{each.per_second / base.per_second:11.2f}"
            f"{each.p50_ms:9.2f}{each.p50_ms / base.p50_ms:13.2f}{each.p99_ms:9.2f}"
        )
    print(f"\n{'':24}{'p50 ms':>9}{'worst':>9}")
    for kind, (p50, worst) in summary(searches).items():
        print(f"{kind:24}{p50:9.2f}{worst:9.2f}")
    ratios = _ratios(found)
    print()
    for name, ratio in ratios.items():
        print(f"{name:48}{ratio:9.2f}")
    own, mapped = megabytes
    print(f"{'memory of the server, MB':48}{own:9.0f}  (and {mapped:.0f} of mapped files)")
    measured = {name: asdict(each) for name, each in found.items()}
    summed = {"ratios": ratios, "searches": searches, "memory_mb": own, "mapped_mb": mapped}
    print(json.dumps({"images": images, "measured": measured, **summed}))


def _ratios(found: dict[str, Measured]) -> dict[str, float]:
    names = list(found)
    first, deep, few = (found[name] for name in names[:3])
    ratios = {
        "latency, deep page / page 1": deep.p50_ms / first.p50_ms,
        f"latency, page 1 of all / of {FEW:,}": first.p50_ms / few.p50_ms,
        "rate, picture / send_file": found["picture"].per_second / found["send_file"].per_second,
    }
    if "ceiling" in found:
        ratios["rate, page 1 / ceiling"] = first.per_second / found["ceiling"].per_second
        others = found["other pages each time"].per_second
        ratios["rate, other pages each time / ceiling"] = others / found["ceiling"].per_second
    if "Datasette, deep" in found:
        ratios["rate, page 1 / Datasette"] = (
            first.per_second / found["Datasette, page 1"].per_second
        )
        ratios["rate, deep page / Datasette"] = (
            deep.per_second / found["Datasette, deep"].per_second
        )
    return ratios
