"""The stylesheet: rooms that do not meddle with one another, and no colour outside the base."""

from __future__ import annotations

import re
from collections import defaultdict

from config import ROOT

CSS = ROOT / "app" / "web" / "static" / "css"
TEMPLATES = ROOT / "app" / "web" / "templates"
# What every room may use.
SHARED = {"base", "parts"}
# Rooms whose pages are of one kind, with the sheet that they share.
FAMILIES = {
    **dict.fromkeys(("keys", "purge"), "settings"),
    **dict.fromkeys(("shares", "sheet", "select"), "sheets"),
    "compare": "viewer",
}


def leading_classes() -> dict[str, set[str]]:
    """Return the classes that a rule begins with, and the sheets in which it does."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in sorted(CSS.glob("*.css")):
        # Without comments, and without what stands in the brackets of :is(…) and its like.
        text = re.sub(r"/\*.*?\*/", "", file.read_text(), flags=re.DOTALL)
        for _ in range(3):
            text = re.sub(r"\([^()]*\)", "", text)
        for selectors in re.findall(r"([^{}]+)\{", text):
            for one in selectors.split(","):
                if match := re.match(r"\s*\.([\w-]+)", one):
                    found[match.group(1)].add(file.stem)
    return found


def users() -> dict[str, set[str]]:
    """Return the classes of templates, and the rooms that use them."""
    found: dict[str, set[str]] = defaultdict(set)
    for file in sorted(TEMPLATES.rglob("*.html")):
        room = file.relative_to(TEMPLATES).parts[0].removesuffix(".html")
        for classes in re.findall(r'class="([^"]*)"', file.read_text()):
            for name in re.findall(r"[\w-]+", re.sub(r"\{[{%].*?[%}]\}", " ", classes)):
                found[name].add(room)
    return found


def families(rooms: set[str]) -> set[str]:
    return {FAMILIES.get(room, room) for room in rooms}


def test_no_two_rooms_style_the_same_class() -> None:
    styled = {name: families(sheets) for name, sheets in leading_classes().items()}
    assert {name: rooms for name, rooms in styled.items() if len(rooms) > 1} == {}


def test_no_room_uses_what_is_styled_for_another() -> None:
    used = users()
    borrowed = {
        name: strangers
        for name, sheets in leading_classes().items()
        if not sheets & SHARED
        if (strangers := families(used[name]) - families(sheets))
    }
    assert borrowed == {}


def test_every_sheet_says_which_layer_it_is_of() -> None:
    for file in CSS.glob("*.css"):
        assert re.search(r"@layer (base|parts|pages) \{", file.read_text()), file.name
