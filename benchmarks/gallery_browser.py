"""What a browser shows and takes, measured in a Chromium that is on the machine."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median, quantiles
from typing import Any

from benchmarks.serving import memory_of

ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)
SCREEN = {"viewport": {"width": 1440, "height": 900}}
LOADS = 5
SETTLED_SECONDS = 1.5
CODE = {"Script", "Stylesheet", "Manifest"}
SCROLL_SECONDS = 240
PIXELS_A_FRAME = 200
WATCH_PAINT = """
window.seen = { paint: 0, shift: 0 };
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) seen.paint = entry.startTime;
}).observe({ type: "largest-contentful-paint", buffered: true });
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) seen.shift += entry.hadRecentInput ? 0 : entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""
# Counts each tile once, notes how long each frame takes, and scrolls on until it is told to end.
SCROLL = """
(pixels) => {
  const tiles = new Set();
  const count = (node) => {
    for (const each of node.querySelectorAll?.(".tile") ?? []) tiles.add(each.id);
  };
  const grid = document.querySelector("#grid");
  count(grid);
  new MutationObserver((changes) => {
    for (const change of changes) change.addedNodes.forEach(count);
  }).observe(grid, { childList: true, subtree: true });
  const frames = [];
  let last = performance.now();
  const step = (now) => {
    frames.push(now - last);
    last = now;
    scrollBy({ top: pixels, behavior: "instant" });
    if (!window.scrolling.done) requestAnimationFrame(step);
  };
  window.scrolling = { tiles, frames, done: false };
  requestAnimationFrame(step);
}
"""


@contextmanager
def browsing(port: int, cookie: tuple[str, str]) -> Iterator[Any]:
    """Run a browser that is logged in while inside."""
    from playwright.sync_api import sync_playwright

    path = shutil.which("chromium") or shutil.which("google-chrome")
    if path is None:
        raise SystemExit("There is no Chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield Browsing(browser, f"http://127.0.0.1:{port}", cookie)
        browser.close()


class Browsing:
    """A browser before one server."""

    def __init__(self, browser: Any, address: str, cookie: tuple[str, str]) -> None:
        self.browser = browser
        self._address = address
        self._cookie = {"name": cookie[0], "value": cookie[1], "url": address}

    @contextmanager
    def tab(self, **options: Any) -> Iterator[tuple[Any, Any]]:
        """Yield a page with nothing in its caches, and what asks of it by Chromium's own protocol."""
        context = self.browser.new_context(base_url=self._address, **{**SCREEN, **options})
        context.add_cookies([self._cookie])
        context.add_init_script(WATCH_PAINT)
        page = context.new_page()
        yield page, context.new_cdp_session(page)
        context.close()


def first_load(browsing: Browsing) -> dict[str, float]:
    """Return what the first load sends and how soon it is painted: medians of some loads."""
    loads = [_load(browsing) for _ in range(LOADS)]
    return {name: median(load[name] for load in loads) for name in loads[0]}


def _load(browsing: Browsing) -> dict[str, float]:
    with browsing.tab() as (page, protocol):
        code: dict[str, int] = {}
        sent: dict[str, float] = {}
        protocol.on("Network.responseReceived", lambda told: code.update(_code(told)))
        protocol.on(
            "Network.loadingFinished",
            lambda told: sent.update({told["requestId"]: told["encodedDataLength"]}),
        )
        protocol.send("Network.enable")
        page.goto("/")
        page.wait_for_timeout(1000 * SETTLED_SECONDS)
        seen = page.evaluate("seen")
        return {
            "code, KB": sum(code.values()) / 1000,
            "code and its headers, KB": sum(sent.get(each, 0) for each in code) / 1000,
            "all that is sent, KB": sum(sent.values()) / 1000,
            "largest paint, ms": seen["paint"],
            "layout shift": seen["shift"],
        }


def _code(told: dict[str, Any]) -> dict[str, int]:
    """Return the compressed size of an answer that is code; icons are, pictures are not."""
    answer = told["response"]
    if told["type"] not in CODE and answer["mimeType"] != "image/svg+xml":
        return {}
    headers = {name.lower(): value for name, value in answer["headers"].items()}
    return {told["requestId"]: int(headers.get("content-length", 0))}


def scrolled(browsing: Browsing, tiles: int) -> dict[str, float]:
    """Return what scrolling past so many tiles takes."""
    with browsing.tab() as (page, _):
        page.goto("/")
        page.wait_for_timeout(1000 * SETTLED_SECONDS)
        renderer = _renderer(browsing.browser)
        page.evaluate(SCROLL, PIXELS_A_FRAME)
        most = own = 0.0
        until = time.monotonic() + SCROLL_SECONDS
        while (count := page.evaluate("scrolling.tiles.size")) < tiles and time.monotonic() < until:
            now = memory_of(renderer)
            most, own = max(most, sum(now)), max(own, now[0])
            page.wait_for_timeout(500)
        frames = page.evaluate("scrolling.done = true, scrolling.frames")
        shift = page.evaluate("seen.shift")
    cuts = quantiles(frames, n=100)
    return {
        "tiles scrolled": count,
        "frames, p50 ms": cuts[49],
        "frames, p95 ms": cuts[94],
        "renderer, MB": own,
        "renderer with mapped files, MB": most,
        "layout shift while scrolling": shift,
    }


def _renderer(browser: Any) -> int:
    """Return the process that draws the page: the busiest of them so far."""
    protocol = browser.new_browser_cdp_session()
    found = protocol.send("SystemInfo.getProcessInfo")["processInfo"]
    protocol.detach()
    renderers = [each for each in found if each["type"] == "renderer"]
    return int(max(renderers, key=lambda each: each["cpuTime"])["id"])
