"""An instance's own catalog.toml."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.errors import ConfigurationError
from app.providers.catalog import Catalog, estimate_microusd, load_catalog
from app.providers.own_catalog import with_own

NEW = """
[[models]]
name = "gemini-9"
provider = "gemini"
sizes = ["1K", "2K"]
aspect_ratios = ["1:1"]
microusd_per_image = { 1K = 50_000 }
"""


def own(folder: Path, text: str) -> Catalog:
    file = folder / "catalog.toml"
    file.write_text(text)
    return with_own(load_catalog(), file)


def test_without_a_file_or_entries_it_is_the_same(tmp_path: Path) -> None:
    assert with_own(load_catalog(), tmp_path / "catalog.toml") is load_catalog()
    assert own(tmp_path, "# nothing yet") is load_catalog()


def test_a_price_is_changed_and_all_else_stays(tmp_path: Path) -> None:
    name = "gemini-nano-banana-2.1"
    text = f'[[models]]\nname = "{name}"\nmicrousd_per_image = {{ 2K = 60_000 }}'
    before, after = load_catalog().get(name), own(tmp_path, text).get(name)
    assert before
    assert after
    assert after.microusd_per_image == {"1K": 33_600, "2K": 60_000}
    assert (after.sizes, after.default) == (before.sizes, True)
    assert estimate_microusd(after, "2K", 2) == 120_000
    assert own(tmp_path, text).default("gemini").name == name


def test_a_model_is_added(tmp_path: Path) -> None:
    catalog = own(tmp_path, NEW)
    model = catalog.resolve("gemini-9", "gemini")
    assert (model.default_size, model.default) == ("1K", False)
    assert (estimate_microusd(model, "1K"), estimate_microusd(model, "2K")) == (50_000, None)
    assert len(catalog.models) == len(load_catalog().models) + 1


def test_a_new_default_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    catalog = own(tmp_path, NEW + "default = true")
    assert catalog.default("gemini").name == "gemini-9"
    assert catalog.default("sketch").name == "sketch-1"


def test_a_model_is_hidden(tmp_path: Path) -> None:
    catalog = own(tmp_path, '[[models]]\nname = "gemini-3-pro-image"\nhidden = true')
    assert catalog.get("gemini-3-pro-image") is None
    assert len(catalog.models) == len(load_catalog().models) - 1


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("[[models]", "cannot be read as a model catalog"),
        ("\udc80", "cannot be read as a model catalog"),
        ("[[modles]]", r"\[\[models\]\] alone"),
        ("models = 1", r"\[\[models\]\] alone"),
        ("models = [1]", r"\[\[models\]\] alone"),
        ("[[models]]", "needs a name"),
        ('[[models]]\nname = "a b"', "needs a name"),
        (NEW + NEW, "one of its own"),
        ('[[models]]\nname = "gemini-x"\nhidden = true', "gemini-x: hidden = true"),
        ('[[models]]\nname = "sketch-1"\nhidden = false', "sketch-1: hidden = true"),
        ('[[models]]\nname = "gemini-x"\nprovider = "gemini"', "gemini-x: sizes: Field required"),
        (NEW + "prise = 1", "gemini-9: prise: "),
        (NEW.replace("50_000", "0.05"), r"gemini-9: microusd_per_image\.1K: "),
        (
            NEW.replace('"gemini"', '"crayon"'),
            "gemini-9: there is no such provider; there are gemini",
        ),
        (NEW.replace("{ 1K", "{ 8K"), "gemini-9: it has a price for '8K'"),
        (NEW + 'default_size = "8K"', "gemini-9: its default size '8K'"),
        (
            '[[models]]\nname = "gemini-nano-banana-2.1"\nhidden = true',
            "gemini must have one default",
        ),
    ],
)
def test_what_does_not_fit_is_one_line_with_file_and_entry(
    tmp_path: Path, text: str, complaint: str
) -> None:
    file = tmp_path / "catalog.toml"
    file.write_bytes(text.encode("utf-8", "surrogateescape"))
    with pytest.raises(ConfigurationError, match=complaint) as caught:
        with_own(load_catalog(), file)
    assert str(caught.value).startswith(str(file))
    assert "\n" not in str(caught.value)
