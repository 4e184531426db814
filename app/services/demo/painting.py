"""The demo's pictures: sketches, painted ahead on all processors while others are kept."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from flask import current_app

from app.providers.base import ImageData, ImageRequest
from app.providers.sketch import SketchProvider
from app.services.demo.plan import Asked
from app.services.pictures_to_draw import draw_picture

if TYPE_CHECKING:
    from app.imaging import Picture

SIZE = "512"
# So many requests ahead: pictures are large, and they are kept quicker than painted.
AHEAD = 8
Painted = list[tuple["Picture", int]]


def paint(asked: Asked, words: str, seed: int, parent: bytes | None = None) -> Painted:
    """Return the pictures of a request, each with its seed; `parent` is one to work from."""
    inputs = () if parent is None else (ImageData(parent, "image/jpeg"),)
    provider = SketchProvider()
    found = []
    for ordinal in range(asked.pictures):
        request = ImageRequest(
            words, asked.model.name, asked.ratio, SIZE, seed, ordinal, input_images=inputs
        )
        drawn, picture, _ = draw_picture(provider, request)
        found.append((picture, drawn.seed or 0))
    return found


@contextmanager
def painted_ahead(
    requests: Sequence[tuple[Asked, str, int]],
) -> Iterator[Iterator[Painted | None]]:
    """Give the pictures of each request in order; None for one that works from another."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]  # noqa: SLF001 - as Flask says

    def work(asked: Asked, words: str, seed: int) -> Painted | None:
        with app.app_context():
            return None if asked.edits else paint(asked, words, seed)

    with ThreadPoolExecutor(os.cpu_count()) as pool:

        def ahead() -> Iterator[Painted | None]:
            waiting: deque[Future[Painted | None]] = deque()
            for each in requests:
                waiting.append(pool.submit(work, *each))
                if len(waiting) > AHEAD:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()

        try:
            yield ahead()
        finally:
            pool.shutdown(cancel_futures=True)
