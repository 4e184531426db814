"""What a prompt asks for, as far as single words tell."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.providers.sketching.colours import Colour, from_hex

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

WORD = re.compile(r"\w+")
# Nobody names the scene after so many words, and a prompt may run to any length.
MAX_WORDS = 2000


def _table(lines: str) -> dict[str, str]:
    """Lines of "meaning: word word word", turned round."""
    table = {}
    for line in lines.strip().splitlines():
        meaning, words = line.split(":")
        table.update(dict.fromkeys(words.split(), meaning.strip()))
    return table


# English first, then common German, French and Spanish words.
PLACES = _table("""
    mountains: mountain mount peak alps alpine summit hill valley lake river landscape cliff canyon
    mountains: volcano balloon waterfall cabin berg berge gebirge landschaft montagne montaña paisaje
    city: city cityscape skyline skyscraper town urban metropolis downtown street tower building
    city: futuristic cyberpunk neon architecture stadt straße ville rue ciudad calle tokyo york
    sea: sea ocean beach coast shore wave island lighthouse boat ship sailboat sail harbour harbor
    sea: bay lagoon whale meer strand insel mer plage océan mar playa océano
    space: space nebula galaxy cosmos cosmic universe planet star astronaut rocket spaceship saturn
    space: mars comet weltraum weltall galaxie espace univers espacio galaxia universo
    forest: forest wood woods tree jungle pine woodland grove birch wald baum forêt arbre bosque
    forest: árbol selva
    desert: desert dune sahara sand oasis pyramid camel cactus wüste désert desierto duna
    aurora: aurora borealis polarlicht
    flower: flower floral blossom bloom rose tulip daisy lily poppy peony sunflower orchid lotus
    flower: bouquet botanical garden blume blumen blüte fleur jardin flor flores
    lanterns: lantern market festival candle bokeh fairylight lamp laterne lanterne linterna farol
    glass: glass bubble blob sphere orb crystal marble abstract glas verre vidrio abstrakt abstrait
    glass: abstracto
    bauhaus: bauhaus geometric geometry geometrisch géométrique geométrico cubist cubism poster
    bauhaus: pattern mosaic minimalist logo icon suprematist
    ribbons: ribbon silk flow flowing fluid swirl curve music fabric liquid smoke
""")
FIGURES = _table("""
    portrait: portrait person woman man girl boy face lady queen king human people child porträt
    portrait: frau mann mädchen junge femme homme fille garçon retrato mujer hombre niña niño
    cat: cat kitten kitty katze chat gato
    fox: fox fuchs renard zorro
    dog: dog puppy hound hund chien perro
    wolf: wolf wolves coyote husky loup lobo
    rabbit: rabbit bunny hare hase kaninchen lapin conejo
    owl: owl eule hibou búho
    bird: bird robin sparrow raven crow parrot vogel oiseau pájaro ave
    deer: deer stag elk moose reindeer hirsch cerf ciervo
""")
HOURS = _table("""
    night: night midnight nocturnal moon moonlight moonlit starry star nacht nuit noche dark neon
    dawn: dawn sunrise morning daybreak morgen morgendämmerung aube matin amanecer mañana
    day: day noon midday daylight sunny afternoon tag mittag jour midi día mediodía
    dusk: dusk sunset evening twilight sundown abend sonnenuntergang dämmerung soir crépuscule
    dusk: coucher atardecer
""")
WEATHERS = _table("""
    storm: storm stormy thunder thunderstorm lightning tempest sturm gewitter orage tormenta
    rain: rain rainy drizzle regen pluie lluvia
    fog: fog foggy mist misty haze hazy nebel brume brouillard niebla
    snow: snow snowy winter ice icy frozen blizzard schnee neige hiver nieve invierno christmas
    autumn: autumn autumnal october herbst automne otoño
    spring: spring springtime blossom cherry frühling printemps primavera
""")
COLOURS = {
    word: from_hex(code)
    for word, code in _table("""
        d62828: red scarlet crimson ruby rot rouge rojo
        f3722c: orange naranja
        f9c80e: yellow lemon gelb jaune amarillo
        e0a526: gold golden amber doré oro
        2d9a4b: green emerald grün vert verde
        6a7f2e: olive
        8fe0b8: mint
        149c97: teal turquoise türkis
        22c1dc: cyan aqua
        2563d8: blue sapphire blau bleu azul
        1c2f6b: navy indigo
        7a3fc4: purple violet violett lila morado
        b79ced: lavender lilac
        e0359a: magenta fuchsia
        f386b4: pink rosa
        7a4a2a: brown sepia copper bronze braun marron marrón
        ff7f66: coral peach salmon
        8a8d92: grey gray silver monochrome grau gris silber
        16171b: black schwarz noir negro
        f4f4f2: white weiß weiss blanc blanco
    """).items()
}


@dataclass(frozen=True, slots=True)
class Brief:
    """What the words of a prompt name; None or empty where they leave it open."""

    place: str | None = None
    figure: str | None = None
    hour: str | None = None
    weather: str | None = None
    colours: tuple[Colour, ...] = ()
    words: frozenset[str] = frozenset()

    def says(self, *words: str) -> bool:
        """Whether any of the words is in the prompt."""
        return not self.words.isdisjoint(words)


def read(prompt: str) -> Brief:
    """The brief in a prompt. Of several places, hours... the first that is named counts."""
    found = WORD.findall(prompt.casefold())[:MAX_WORDS]
    words = [_singular(word) for word in found]
    return Brief(
        place=_first(words, PLACES),
        figure=_first(words, FIGURES),
        hour=_first(words, HOURS),
        weather=_first(words, WEATHERS),
        colours=tuple(dict.fromkeys(COLOURS[word] for word in words if word in COLOURS))[:2],
        words=frozenset(words),
    )


def _first(words: Iterable[str], table: Mapping[str, str]) -> str | None:
    return next((table[word] for word in words if word in table), None)


def _singular(word: str) -> str:
    """The word as the tables have it: "cities" is "city", "foxes" is "fox"."""
    stems = [word, word.removesuffix("s"), word.removesuffix("es"), word.removesuffix("n")]
    if word.endswith("ies"):
        stems.append(word.removesuffix("ies") + "y")
    return next((stem for stem in stems if stem in KNOWN), word)


KNOWN = frozenset().union(PLACES, FIGURES, HOURS, WEATHERS, COLOURS)
