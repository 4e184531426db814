"""The provider that needs no key and no network: it paints simple scenes from the words.

The same prompt, seed and pictures to work from give the same picture. Each carries a mark, so that
nobody takes it for the work of a model.
"""

from __future__ import annotations

import hashlib
import io
from random import Random

from PIL import Image

from app.errors import InvalidInput
from app.providers.base import GeneratedImage, ImageData, ImageRequest, ProviderRejected
from app.providers.dimensions import dimensions
from app.providers.sketching import inputs, scenes, words
from app.providers.sketching.canvas import Canvas
from app.providers.sketching.mark import mark

QUALITY = 90
PAINTED_SIDE = 1024  # larger pictures are painted with this area and enlarged: 4K in a second


class SketchProvider:
    """Paints mountains, cities, seas and the like with Pillow alone."""

    name = "sketch"

    def load(self) -> None:
        """Do nothing: it is loaded with this file."""

    def generate(self, request: ImageRequest) -> GeneratedImage:
        """Paint the picture, in the colours of those to work from. It costs nothing and never waits.

        Raises ProviderRejected for a size that there is not, and for what is no picture.
        """
        seed = ((request.seed or 0) + request.ordinal) % 2**31  # as many as Gemini takes
        image = _painted(request, seed, _size(request))
        return GeneratedImage(
            image=ImageData(_encoded(image), "image/jpeg"),
            provider=self.name,
            model=request.model,
            seed=seed,
            cost_microusd=0,
        )


def _size(request: ImageRequest) -> tuple[int, int]:
    try:
        return dimensions(request.aspect_ratio, request.size)
    except InvalidInput as error:
        raise ProviderRejected(str(error)) from error


def _painted(request: ImageRequest, seed: int, size: tuple[int, int]) -> Image.Image:
    rng = _random(request.prompt, seed)
    canvas = Canvas(*_painted_size(*size), rng)
    scenes.paint(canvas, words.read(request.prompt))
    image = _glazed(canvas.image, request)
    if image.size != size:
        image = image.resize(size, Image.Resampling.BICUBIC)
    # Grain and mark come last: enlarged, they would be coarse.
    image = scenes.grained(image, rng)
    mark(image)
    return image


def _glazed(image: Image.Image, request: ImageRequest) -> Image.Image:
    try:
        return inputs.glazed(image, [each.image_bytes for each in request.input_images])
    except ValueError as error:
        raise ProviderRejected(f"A picture to work from cannot be read: {error}") from error


def _random(prompt: str, seed: int) -> Random:
    """Chance that is the same in every process, as Python's own hash of a text is not."""
    # A lone surrogate is no text, but no reason to fail either.
    text = f"{seed}\n{prompt}".encode(errors="surrogatepass")
    digest = hashlib.sha256(text).digest()
    return Random(int.from_bytes(digest))  # noqa: S311 -- this picks colours, not keys


def _painted_size(width: int, height: int) -> tuple[int, int]:
    shrink = min(1.0, PAINTED_SIDE / (width * height) ** 0.5)
    return round(width * shrink), round(height * shrink)


def _encoded(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=QUALITY)
    return buffer.getvalue()
