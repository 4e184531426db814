"""The words of pages and scripts: each that is asked for is there, and none is there in vain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from app.web.texts import TEXT, say, script_texts, tables
from config import ROOT

WEB = ROOT / "app" / "web"
SOURCES = {
    file: file.read_text()
    for kind in ("*.py", "*.html", "*.js")
    for file in sorted(WEB.rglob(kind))
}
# say("room.name", …), in Python, in templates and in scripts.
SAID = re.compile(r"""\bsay\(\s*[f]?["']([a-z_]+(?:\.\w+)+)["'{]""")
# text.room.name in templates, TEXT.room.name in Python.
NAMED = re.compile(r"""\b(?:text|TEXT)\.([a-z_]+(?:\.\w+)+)(?!\w|\()""")
# text.room["name_" ~ …]: one of those that begin so.
LOOKED_UP = re.compile(r"""\btext\.([a-z_]+)\["(\w+_)" ~""")
# say(`room.${…}_name`), in scripts: one of those that end so.
ENDING = re.compile(r"""\bsay\(`([a-z]+)\.\$\{[^}]*\}(\w+)`""")


def keys(table: dict[str, Any], prefix: str) -> Iterator[str]:
    """Yield the full name of each text; those that depend on a number are one."""
    for name, value in table.items():
        if isinstance(value, dict) and "other" not in value:
            yield from keys(value, f"{prefix}.{name}")
        else:
            yield f"{prefix}.{name}"


def known() -> set[str]:
    return {key for room, table in tables().items() for key in keys(table, room)}


def asked(pattern: re.Pattern[str], kinds: set[str]) -> set[tuple[str, str]]:
    return {
        (str(file.relative_to(ROOT)), key)
        for file, text in SOURCES.items()
        if file.suffix in kinds
        for key in pattern.findall(text)
    }


def parts(key: str) -> set[str]:
    """Return a key and the tables that it lies in."""
    steps = key.split(".")
    return {".".join(steps[:length]) for length in range(2, len(steps) + 1)}


def test_every_text_that_pages_ask_for_is_there() -> None:
    there = {each for key in known() for each in parts(key)}
    wanted = asked(SAID, {".py", ".html"}) | asked(NAMED, {".py", ".html"})
    assert {(file, key) for file, key in wanted if not is_there(key, there)} == set()


def is_there(key: str, there: set[str]) -> bool:
    """Tell whether there is such a text, or one that begins so: `say("reports.by_" ~ unit)`."""
    return key in there or (key.endswith("_") and any(each.startswith(key) for each in there))


def test_every_text_that_scripts_ask_for_is_there() -> None:
    there = set(script_texts())
    assert {(file, key) for file, key in asked(SAID, {".js"}) if not is_there(key, there)} == set()


def test_no_text_is_there_in_vain() -> None:
    """A text is asked for by its name, or by that of its table, which is then looked up in."""
    wanted = {key for _, key in asked(SAID, {".py", ".html"}) | asked(NAMED, {".py", ".html"})}
    wanted |= {".".join(pair) for text in SOURCES.values() for pair in LOOKED_UP.findall(text)}
    scripts = {key.replace(".", ".script.", 1) for _, key in asked(SAID, {".js"})}
    everything = " ".join(SOURCES.values())
    ends = {end for text in SOURCES.values() for end in ENDING.findall(text)}
    vain = {
        key
        for key in known() - scripts
        if not parts(key) & wanted
        and not any(key.startswith(f"{room}.script.") and key.endswith(end) for room, end in ends)
        and not any(each.endswith("_") and key.startswith(each) for each in wanted)
        and not re.search(rf"\b{key.split('.')[-1]}\b", everything)
    }
    assert vain == set()


def test_every_text_can_be_filled_in() -> None:
    for key in known():
        text: Any = tables()
        for step in key.split("."):
            text = text[step]
        for each in text.values() if isinstance(text, dict) else [text]:
            if isinstance(each, str):
                names = re.findall(r"\{(\w+)\}", each)
                assert each.format(**dict.fromkeys(names, "x")), key


def test_a_text_may_depend_on_a_number() -> None:
    assert say("gallery.found", n=1) == "1 picture"
    assert say("gallery.found", n=12_345) == "12,345 pictures"


def test_a_text_that_is_not_there_is_an_error() -> None:
    with pytest.raises(AttributeError):
        _ = TEXT.gallery.nothing
    with pytest.raises(AttributeError):
        _ = TEXT.nothing
    with pytest.raises(KeyError):
        say("gallery.nothing")


def test_templates_hold_no_words_of_their_own() -> None:
    """All that people read is in the texts, so that it can be translated in one place."""
    word = re.compile(r">\s*([A-Za-z][A-Za-z ,.'’!?…]{2,})<")
    found = []
    for file in sorted((WEB / "templates").rglob("*.html")):
        plain = re.sub(
            r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}|<(kbd|code|pre)\b.*?</\1>",
            "",
            file.read_text(),
            flags=re.DOTALL,
        )
        found += [(file.name, each) for each in word.findall(plain)]
    assert found == []


def test_each_room_of_templates_has_its_texts() -> None:
    rooms = {file.name for file in (WEB / "templates").iterdir() if file.is_dir()}
    assert rooms <= {file.stem for file in Path(WEB / "texts" / "en").glob("*.toml")}
