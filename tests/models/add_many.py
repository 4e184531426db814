"""A program: `add_many THREADS COUNT` adds that many pictures at once and prints how many it added."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from app import create_app
from app.models.image_manager import ImageManager
from config import load_settings
from tests.models.samples import image_data
from tests.pictures import picture


def main(threads: int, count: int) -> None:
    """Add pictures from `threads` threads until there are `count`."""
    app = create_app(load_settings(), serves=False)
    data = image_data(picture("JPEG", size=(8, 8)))

    def add(number: int) -> bool:
        with app.app_context():
            return bool(ImageManager().add_image(f"Picture {number}", data))

    with ThreadPoolExecutor(threads) as pool:
        added = sum(pool.map(add, range(count)))
    sys.stdout.write(f"{added}\n")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
