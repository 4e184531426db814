"""What tabs that are left open cost a server."""

from __future__ import annotations

import http.client
import time
from itertools import cycle

from benchmarks.serving import cpu_seconds_of_all

TABS = 50
SECONDS = 20
# As queue.js asks: seldom while nothing goes on, often while something does.
IDLE, ACTIVE = 5.0, 0.7


def load_of_tabs(pid: int, port: int, cookie: tuple[str, str]) -> float:
    """Return how much of one core, in percent, the server takes for all tabs together."""
    tabs = [Tab(port, cookie) for _ in range(TABS)]
    for tab in tabs:
        tab.poll()
    pause = ACTIVE if tabs[0].is_active else IDLE
    began, before = time.monotonic(), cpu_seconds_of_all(pid)
    for asked, tab in enumerate(cycle(tabs)):
        due = began + asked * pause / TABS
        if due > began + SECONDS:
            break
        time.sleep(max(0, due - time.monotonic()))
        tab.poll()
    took = time.monotonic() - began
    for tab in tabs:
        tab.close()
    return 100 * (cpu_seconds_of_all(pid) - before) / took


class Tab:
    """One page left open."""

    def __init__(self, port: int, cookie: tuple[str, str]) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
        self._headers = {"Cookie": "=".join(cookie), "X-Fragment": "1"}
        self._version = ""
        self.is_active = False

    def poll(self) -> None:
        """Ask what has changed."""
        query = f"?v={self._version}" if self._version else ""
        self._connection.request("GET", f"/queue{query}", headers=self._headers)
        answer = self._connection.getresponse()
        answer.read()
        if answer.status not in {http.client.OK, http.client.NO_CONTENT}:
            raise RuntimeError(f"/queue gave {answer.status}")
        self._version = answer.headers["X-Revision"]
        self.is_active = answer.headers["X-Active"] == "1"

    def close(self) -> None:
        """Leave the page."""
        self._connection.close()
