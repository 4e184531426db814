"""What tabs that are left open cost a server."""

from __future__ import annotations

import http.client
import time
from heapq import heapify, heapreplace

from benchmarks.serving import cpu_seconds_of_all

TABS = 50
SECONDS = 20


def load_of_tabs(pid: int, port: int, cookie: tuple[str, str]) -> float:
    """Return how much of one core, in percent, the server takes for all tabs together."""
    tabs = [Tab(port, cookie) for _ in range(TABS)]
    began = time.monotonic()
    # Pages are not opened all at once.
    waiting = [(began + tab.poll() * at / TABS, at) for at, tab in enumerate(tabs)]
    heapify(waiting)
    began, before = time.monotonic(), cpu_seconds_of_all(pid)
    while waiting[0][0] < began + SECONDS:
        due, at = waiting[0]
        time.sleep(max(0, due - time.monotonic()))
        heapreplace(waiting, (time.monotonic() + tabs[at].poll(), at))
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

    def poll(self) -> float:
        """Ask what has changed; return the seconds after which the server wants to be asked again."""
        query = f"?v={self._version}" if self._version else ""
        self._connection.request("GET", f"/queue{query}", headers=self._headers)
        answer = self._connection.getresponse()
        answer.read()
        if answer.status not in {http.client.OK, http.client.NO_CONTENT}:
            raise RuntimeError(f"/queue gave {answer.status}")
        self._version = answer.headers["X-Revision"]
        return int(answer.headers["X-Pause"]) / 1000

    def close(self) -> None:
        """Leave the page."""
        self._connection.close()
