"""Who is in the demo, what they work on, and what they ask for (data, and nothing else)."""

from __future__ import annotations

from typing import NamedTuple


class Person(NamedTuple):
    """Somebody who asks: how often, beside the others, and for which project most of the time."""

    name: str
    weight: int
    project: str | None


class DemoModel(NamedTuple):
    """A name that the sketches go by, so that reports by model have something to tell.

    What a picture costs, in micro-dollars, is made up; None is one whose price nobody knows. `seconds`
    is what drawing one is said to take.
    """

    name: str
    weight: int
    microusd: int | None
    seconds: float


PEOPLE = (
    Person("Ada (demo)", 10, "spring catalogue"),
    Person("Ben (demo)", 7, "city guide"),
    Person("Chloé (demo)", 6, "spring catalogue"),
    Person("Yuki (demo)", 4, "album covers"),
    Person("Press office (demo)", 2, None),
)
PROJECTS = ("spring catalogue", "city guide", "album covers", None)
MODELS = (
    DemoModel("demo-quick", 60, 20_000, 2.2),
    DemoModel("demo-fine", 30, 67_000, 8.5),
    DemoModel("demo-new", 10, None, 5.0),
)
TEMPLATES = {
    "demo-poster": "{user_input}, as a screen-printed poster, few colours, bold shapes",
    "demo-album": "Album cover: {user_input}. Square, grainy, no lettering",
}
SUBJECTS = (
    *("a red fox in the snow", "a lighthouse at dusk", "a city at night in neon", "a sleeping cat"),
    *("mountains above the clouds", "a sailing boat in a storm", "a desert under two moons"),
    *("a forest in autumn", "a whale among the stars", "a field of poppies", "a harbour at dawn"),
    *("an owl on a branch", "paper lanterns over a river", "a mountain lake in spring"),
    *(
        "a lone pine on a cliff",
        "the rooftops of an old town",
        "a vase of tulips",
        "a rainy street",
    ),
    *("an astronaut in a meadow", "a hare in the morning mist", "a rose window", "a dragon"),
    *(
        "a tram in the rain",
        "a portrait of a violinist",
        "a cathedral of glass",
        "geometric shapes",
    ),
    *("a planet with rings", "a palm beach at noon", "a snowy village", "a kite over the dunes"),
    *("a bear by a waterfall", "a market at night", "a balloon over the hills", "un phare breton"),
    *("eine Burg am Fluss", "雪の中の狐", "a quiet library", "a heron in the reeds"),
)
MANNERS = (
    *(
        "watercolour",
        "in the style of a woodcut",
        "soft pastel",
        "charcoal",
        "minimal, flat colours",
    ),
    *(
        "golden light",
        "film grain",
        "isometric",
        "ink and wash",
        "wide angle",
        "in blue and orange",
    ),
)
CHANGES = ("the same at night", "the same in winter", "warmer colours", "the same in the rain")
TAGS = ("cover", "print", "shortlist", "client", "web", "moodboard", "final")
NOTES = (
    "Chosen for the first page.",
    "The client likes this one.",
    "Good light; crop it on the left.",
    "Sent to print.",
)
BATCH = "Seasons"
SEASONS = ("in spring", "in summer", "in autumn", "in winter")
