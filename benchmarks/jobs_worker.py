"""A worker that draws with a stand-in: `python -m benchmarks.jobs_worker INSTANCE SLOTS [URL]`."""

from __future__ import annotations

import os
import signal
import sys
import time
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace

from PIL import Image

from app import create_app
from app.providers.base import GeneratedImage, ImageRequest
from app.services.job_queue import job_queue
from app.services.provider_choice import ProviderChoice
from config import Settings

SECONDS_A_PICTURE = 0.05
PIXELS = 64  # so small that checking it takes no time: the engine is what is measured


def _picture() -> bytes:
    target = BytesIO()
    Image.new("RGB", (PIXELS, PIXELS), (90, 60, 30)).save(target, "JPEG")
    return target.getvalue()


class Sleeper:
    """Takes its time, and gives the same picture each time."""

    name = "sketch"

    def __init__(self) -> None:
        """Make the picture."""
        self._data = _picture()

    def load(self) -> None:
        """Do nothing."""

    def generate(self, request: ImageRequest) -> GeneratedImage:
        """Return a picture."""
        time.sleep(SECONDS_A_PICTURE)
        return GeneratedImage(
            SimpleNamespace(image_bytes=self._data),
            provider="sketch",
            model=request.model,
            seed=request.seed,
            cost_microusd=0,
        )


class OnlySleepers(ProviderChoice):
    """Whoever is asked for, it is the stand-in."""

    def __init__(self, settings: Settings) -> None:
        """Take the settings of the app."""
        super().__init__(settings)
        self._sleeper = Sleeper()

    def provider(self, name: str) -> Sleeper:
        """Return it."""
        return self._sleeper


def main() -> None:
    """Work until SIGTERM."""
    instance, slots, *url = sys.argv[1:]
    settings = Settings(
        instance=Path(instance), max_running=int(slots), database_url=url[0] if url else None
    )
    app = create_app(settings)
    app.extensions["providers"] = OnlySleepers(settings)
    with app.app_context():
        worker = job_queue().worker("benchmark")
        signal.signal(signal.SIGTERM, lambda *_: worker.stop())
        worker.run(ready=lambda: print("ready", flush=True))
    os._exit(0)


if __name__ == "__main__":
    main()
