from __future__ import annotations

import io
import os
import subprocess
import sys
from random import Random

import pytest
from PIL import Image, ImageChops, ImageStat

from app.providers.base import ImageData, ImageRequest, Provider, ProviderRejected
from app.providers.dimensions import ASPECT_RATIOS, dimensions
from app.providers.sketch import SketchProvider
from app.providers.sketching.canvas import Canvas
from app.providers.sketching.mark import mark, mark_box
from app.providers.sketching.outlines import height_at
from app.providers.sketching.palettes import PALETTES
from app.providers.sketching.scenes import SCENES, choose_scene
from app.providers.sketching.words import read
from tests.pictures import picture


def request(
    prompt: str,
    aspect_ratio: str = "1:1",
    size: str = "512",
    *,
    seed: int | None = None,
    ordinal: int = 0,
) -> ImageRequest:
    return ImageRequest(prompt, "sketch-1", aspect_ratio, size, seed=seed, ordinal=ordinal)


def paint(
    prompt: str,
    aspect_ratio: str = "1:1",
    size: str = "512",
    *,
    seed: int | None = None,
    ordinal: int = 0,
) -> bytes:
    asked = request(prompt, aspect_ratio, size, seed=seed, ordinal=ordinal)
    return SketchProvider().generate(asked).image.image_bytes


def opened(picture: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(picture))
    image.load()
    return image


def extremes(picture: Image.Image, box: tuple[int, int, int, int] | None = None) -> tuple[int, int]:
    """The darkest and the lightest of a picture or a part of it."""
    (found,) = ImageStat.Stat(picture.convert("L").crop(box)).extrema
    return found


def chance() -> Random:
    return Random(0)  # noqa: S311 -- any chance will do, so long as it is always the same


def average(prompt: str) -> list[float]:
    """Red, green and blue over a few seeds, so that no one palette decides."""
    means = [ImageStat.Stat(opened(paint(prompt, seed=seed))).mean for seed in range(3)]
    return [sum(channel) / len(means) for channel in zip(*means, strict=True)]


def test_a_picture_is_a_jpeg_that_costs_nothing() -> None:
    provider: Provider = SketchProvider()
    picture = provider.generate(request("mountains", seed=7, ordinal=2))
    assert opened(picture.image.image_bytes).format == "JPEG"
    assert picture.image.mime_type == "image/jpeg"
    assert (picture.provider, picture.model) == ("sketch", "sketch-1")
    assert (picture.seed, picture.cost_microusd, picture.usage) == (9, 0, {})


def test_after_the_largest_seed_comes_the_first() -> None:
    picture = SketchProvider().generate(request("sea", seed=2**31 - 1, ordinal=1))
    assert picture.seed == 0


def test_without_a_seed_the_ordinal_is_the_seed() -> None:
    assert SketchProvider().generate(request("sea", ordinal=3)).seed == 3


@pytest.mark.parametrize("prompt", ["a fox in the snow", "abstract", "something else"])
def test_the_same_prompt_gives_the_same_bytes(prompt: str) -> None:
    assert paint(prompt, seed=5) == paint(prompt, seed=5)


def test_another_process_gives_the_same_bytes() -> None:
    program = (
        "import sys; from tests.providers.test_sketch import paint;"
        "sys.stdout.buffer.write(paint('a city at dusk', seed=1))"
    )
    # Python's own hash of a text differs with this: nothing may depend on it.
    environment = os.environ | {"PYTHONHASHSEED": "4711"}
    painted = subprocess.run(
        [sys.executable, "-c", program], env=environment, capture_output=True, check=True
    )
    assert painted.stdout == paint("a city at dusk", seed=1)


def test_another_seed_or_prompt_gives_another_picture() -> None:
    pictures = {paint("sea", seed=0), paint("sea", seed=1), paint("sea", seed=-1), paint("seas")}
    assert len(pictures) == 4


def test_an_ordinal_is_added_to_the_seed() -> None:
    assert paint("sea", seed=40, ordinal=2) == paint("sea", seed=42)


@pytest.mark.parametrize("aspect_ratio", ASPECT_RATIOS)
def test_every_ratio_can_be_painted(aspect_ratio: str) -> None:
    picture = opened(paint("a city by the sea", aspect_ratio))
    assert picture.size == dimensions(aspect_ratio, "512")


@pytest.mark.parametrize("size", ["1K", "2K", "4K"])
def test_every_size_can_be_painted(size: str) -> None:
    assert opened(paint("dunes", "3:2", size)).size == dimensions("3:2", size)


@pytest.mark.parametrize(
    "prompt",
    [
        *("mountains with a lake", "a balloon over a valley", "aurora", "forest at noon"),
        *("a futuristic city in the rain", "a beach by night", "a beach at noon"),
        *("lighthouse in a storm", "sailing ship in fog", "galaxy", "saturn", "nebula"),
        *("cactus and pyramid in the desert by night", "flowers in spring", "autumn wood"),
        *("lanterns", "red lanterns", "glass", "bauhaus", "bauhaus at night", "silk"),
        *("portrait at night", "portrait at noon", "cat", "dog in space", "wolf", "owl"),
        *("a bird", "rabbit in a snowy forest", "deer in the mountains", "a fox in a city"),
    ],
)
def test_every_scene_can_be_painted_even_on_a_long_strip(prompt: str) -> None:
    darkest, lightest = extremes(opened(paint(prompt, "8:1")))
    assert lightest - darkest > 60


@pytest.mark.parametrize(
    "prompt",
    [
        *("", "   ", "🦊🌊", "深い森の中の湖", "مدينة في الليل", "\x00\ud800", "a" * 100_000),
        *("word " * 50_000, "red blue green gold pink", "night noon dawn dusk"),
    ],
)
def test_any_prompt_is_painted(prompt: str) -> None:
    assert opened(paint(prompt)).size == (512, 512)


@pytest.mark.parametrize(
    ("prompt", "scene"),
    [
        ("A futuristic cityscape", "city"),
        ("skyscrapers", "city"),
        ("CITIES of tomorrow", "city"),
        ("a misty valley", "mountains"),
        ("Beaches in Portugal", "sea"),
        ("the galaxy", "space"),
        ("a walk in the woods", "forest"),
        ("sand dunes", "desert"),
        ("northern lights, aurora borealis", "aurora"),
        ("a paper lantern market", "lanterns"),
        ("sunflowers", "flower"),
        ("abstract shapes", "glass"),
        ("bauhaus poster", "bauhaus"),
        ("flowing silk", "ribbons"),
        ("portrait of an old woman", "portrait"),
        ("a city with a cat in it", "cat"),
        ("two foxes", "fox"),
        ("wolves", "wolf"),
        ("eine Katze im Wald", "cat"),
        ("Blumen", "flower"),
        ("les montagnes", "mountains"),
        ("una playa", "sea"),
    ],
)
def test_words_choose_the_scene(prompt: str, scene: str) -> None:
    assert choose_scene(read(prompt), chance()) == scene


def test_words_count_only_as_a_whole() -> None:
    assert read("a catalogue of seasoned forestry").figure is None
    assert read("a catalogue of seasoned forestry").place is None


def test_where_no_word_names_a_scene_any_may_come() -> None:
    rng = chance()
    assert {choose_scene(read("a quiet thought"), rng) for _ in range(500)} == set(SCENES)


def test_a_colour_word_colours_the_picture() -> None:
    red, blue = average("red mountains"), average("blue mountains")
    assert red[0] - red[2] > 30
    assert blue[2] - blue[0] > 30


def test_green_is_greener_than_purple() -> None:
    green, purple = average("a green forest"), average("a purple forest")
    assert green[1] - green[0] > purple[1] - purple[0] + 20


def test_a_second_colour_has_its_part() -> None:
    alone, together = average("teal sea"), average("teal and gold sea")
    assert together[0] - together[2] > alone[0] - alone[2] + 10


@pytest.mark.parametrize("place", ["mountains", "city", "sea", "glass"])
def test_night_is_darker_than_noon(place: str) -> None:
    assert sum(average(f"{place} at night")) < sum(average(f"{place} at noon")) - 60


@pytest.mark.parametrize("prompt", ["white mountains at noon", "black cat at night", "glass"])
def test_every_picture_carries_the_mark(prompt: str) -> None:
    picture = opened(paint(prompt))
    darkest, lightest = extremes(picture, mark_box(*picture.size))
    assert darkest < 125
    assert lightest > 170


@pytest.mark.parametrize("ground", ["white", "grey", "black"])
def test_the_mark_is_a_legible_plate_in_the_lower_right_corner(ground: str) -> None:
    plain = Image.new("RGB", (800, 600), ground)
    marked = plain.copy()
    mark(marked)
    left, top, right, bottom = mark_box(800, 600)
    changed = ImageChops.difference(plain, marked).getbbox()
    assert changed is not None
    assert (changed[0] >= left, changed[1] >= top) == (True, True)
    assert (800 - right < 20, 600 - bottom < 20) == (True, True)
    darkest, lightest = extremes(marked, (left, top, right, bottom))
    assert lightest - darkest > 90


def test_what_lies_outside_the_canvas_is_not_painted() -> None:
    canvas = Canvas(64, 48, chance())
    canvas.glow(-50, -50, 20, (255, 255, 255))
    canvas.flood(48, (255, 255, 255))
    canvas.shade((255, 255, 255), canvas.band(-100, 10))
    assert extremes(canvas.image) == (0, 0)


def test_a_line_goes_on_level_beyond_its_end() -> None:
    assert height_at([(0, 10), (10, 20)], 5) == 15
    assert height_at([(0, 10), (10, 20)], 99) == 20


def test_there_are_palettes_enough_for_every_hour() -> None:
    assert set(PALETTES) == {"night", "day", "dawn", "dusk"}
    assert sum(map(len, PALETTES.values())) >= 12


def working_from(*pictures: bytes) -> Image.Image:
    """Return a sketch that works from pictures."""
    given = tuple(ImageData(data, "image/png") for data in pictures)
    asked = ImageRequest("sea", "sketch-1", "1:1", "512", seed=7, input_images=given)
    return opened(SketchProvider().generate(asked).image.image_bytes).convert("RGB")


def redness(image: Image.Image) -> float:
    """Return how much more red than blue an image is on average."""
    red, _, blue = ImageStat.Stat(image).mean
    return red - blue


def test_a_sketch_takes_the_colours_of_pictures_from_left_to_right() -> None:
    red = picture("PNG", color=(255, 0, 0))
    blue = picture("WEBP", color=(0, 0, 255), lossless=True)
    plain, warm, mixed = working_from(), working_from(red), working_from(red, blue)
    assert redness(warm) > redness(plain) + 50
    left, right = mixed.crop((0, 0, 100, 512)), mixed.crop((412, 0, 512, 512))
    assert redness(left) > redness(right) + 100
    assert working_from(red).tobytes() == warm.tobytes()


def test_what_cannot_be_seen_of_a_picture_is_white() -> None:
    clear = picture("PNG", mode="RGBA", color=(255, 0, 0, 0))
    assert working_from(clear).tobytes() == working_from(picture(color="white")).tobytes()


@pytest.mark.parametrize("data", [b"...", picture("PNG")[:60], b"GIF89a"])
def test_what_is_no_picture_to_work_from_is_rejected(data: bytes) -> None:
    with pytest.raises(ProviderRejected, match="cannot be read"):
        working_from(data)


@pytest.mark.parametrize(("aspect_ratio", "size"), [("7:5", "1K"), ("1:1", "3K")])
def test_an_unknown_shape_is_a_rejection(aspect_ratio: str, size: str) -> None:
    with pytest.raises(ProviderRejected, match="Choose"):
        SketchProvider().generate(request("sea", aspect_ratio, size))
