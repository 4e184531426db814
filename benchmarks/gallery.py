"""The gallery over a million images, in a Chromium: code sent, paint, scrolling, memory, 50 tabs.

`python -m benchmarks gallery [--images N] [--database FILE]` serves as `manage.py serve` does and prints
a table and JSON; with `--database` a copy of that SQLite history is measured. Targets: 45 KB of code on
the first load, its largest paint within 1.5 s and nothing that moves; 10,000 tiles scrolled with 95 in
100 frames within 50 ms and the renderer under 500 MB; 50 tabs that poll under 5 % of a core.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path

from benchmarks.gallery_browser import browsing, first_load, scrolled
from benchmarks.gallery_data import Gallery, prepare
from benchmarks.gallery_polling import load_of_tabs
from benchmarks.serving import free_port, manage, serving

LIMITS = {
    "code, KB": 45,
    "largest paint, ms": 1500,
    "layout shift": 0,
    "frames, p95 ms": 50,
    "renderer, MB": 500,
    "50 tabs idle, % of a core": 5,
    "50 tabs active, % of a core": 5,
}


def main() -> None:
    """Build, serve, measure, print."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks gallery")
    parser.add_argument("--images", type=int, default=1_000_000)
    parser.add_argument("--tiles", type=int, default=10_000, help="how many are scrolled past")
    parser.add_argument("--database", type=Path, help="a SQLite file, of which a copy is measured")
    options = parser.parse_args(sys.argv[2:])
    with tempfile.TemporaryDirectory() as name:
        gallery = prepare(Path(name), options.images, options.tiles, options.database)
        found = measure(gallery, options.tiles)
    print(f"\n{'':32}{'found':>10}{'at most':>10}")
    for name, value in found.items():
        limit = LIMITS.get(name)
        print(f"{name:32}{value:10.3g}{'' if limit is None else limit:>10}")
    print(json.dumps({"images": gallery.images, **found}))


def measure(gallery: Gallery, tiles: int) -> dict[str, float]:
    """Return what was found, by what it is."""
    port = free_port()
    with serving(manage(port), port, gallery.environment) as pid:
        cookie = gallery.log_in(port)
        with browsing(port, cookie) as browser:
            found = {**first_load(browser), **scrolled(browser, tiles)}
        idle = load_of_tabs(pid, port, cookie)
        gallery.ask_for_one(port)
        active = load_of_tabs(pid, port, cookie)
    tabs = {"50 tabs idle, % of a core": idle, "50 tabs active, % of a core": active}
    return {**found, **tabs}
