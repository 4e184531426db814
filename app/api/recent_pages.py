"""Pages of the history that were just answered, for whoever asks for the same while nothing changed.

A page is kept under its tag, which names the history's revision and all that was asked, so that it is
never out of date: the revision is read from the database at each request, and one that has risen has
every page made anew.
"""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock

from flask import Response

MOST_PAGES = 256
MOST_BYTES = 64_000  # of one page: together no more than 16 MB


@dataclass(frozen=True, slots=True)
class _Page:
    body: bytes
    link: str | None


class RecentPages:
    """The pages that one server process keeps; those that were not asked for longest go first."""

    def __init__(self) -> None:
        """Begin with none."""
        self._pages: OrderedDict[str, _Page] = OrderedDict()
        self._lock = Lock()

    def get(self, tag: str) -> Response | None:
        """Return the answer that is kept under `tag`, or None."""
        with self._lock:
            page = self._pages.get(tag)
            if page is None:
                return None
            self._pages.move_to_end(tag)
        response = Response(page.body, mimetype="application/json")
        if page.link:
            response.headers["Link"] = page.link
        return response

    def keep(self, tag: str, response: Response) -> None:
        """Keep the answer under `tag`, unless it is very large."""
        body = response.get_data()
        if len(body) > MOST_BYTES:
            return
        with self._lock:
            self._pages[tag] = _Page(body, response.headers.get("Link"))
            while len(self._pages) > MOST_PAGES:
                self._pages.popitem(last=False)
