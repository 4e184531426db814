"""A sketch at 1024 pixels, against encoding a JPEG of that size. Target: under 150 ms."""

from __future__ import annotations

import io
import time
from collections.abc import Callable
from statistics import median

from PIL import Image

from app.providers.base import ImageRequest
from app.providers.sketch import SketchProvider

WORDS = ("mountain", "city", "sea", "forest", "desert", "space", "flower", "abstract", "fox", "")
ROUNDS = 5


def milliseconds(work: Callable[[], object]) -> float:
    """Return how long one call takes."""
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def main() -> None:
    """Print the times of each scene, and all against one JPEG."""
    noise = Image.effect_noise((1024, 1024), 64).convert("RGB")
    jpeg = median(
        milliseconds(lambda: noise.save(io.BytesIO(), "JPEG", quality=90)) for _ in range(ROUNDS)
    )
    provider = SketchProvider()
    every = []
    for word in WORDS:
        times = [
            milliseconds(
                lambda word=word, seed=seed: provider.generate(
                    ImageRequest(f"{word} at dusk", "sketch-1", "1:1", "1K", seed)
                )
            )
            for seed in range(ROUNDS)
        ]
        every += times
        print(
            f"{word or '(no scene)':12} median {median(times):5.0f} ms   worst {max(times):5.0f} ms"
        )
    print(
        f"all          median {median(every):5.0f} ms, {median(every) / jpeg:.0f} × one JPEG of noise"
    )
