"""Which provider draws, and with which model."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event

from app.errors import InvalidInput, ProviderNotConfigured
from app.extensions import db
from app.providers.base import ModelNotFound, ProviderError
from app.services.provider_choice import ProviderChoice
from app.services.workers import sign_on
from config import Settings
from tests.models.samples import ON_SQLITE, generation

KEY = {"gemini_api_key": "x"}
DEFAULT = "gemini-nano-banana-2.1"


def choice(**chosen: Any) -> ProviderChoice:
    return ProviderChoice(Settings(**chosen))


@ON_SQLITE
@pytest.mark.parametrize(
    ("chosen", "name"),
    [
        ({"provider": "auto"}, "sketch"),
        ({"provider": "auto", **KEY}, "gemini"),
        ({"provider": "gemini", **KEY}, "gemini"),
        ({"provider": "sketch"}, "sketch"),
        ({"provider": "sketch", **KEY}, "sketch"),
    ],
)
def test_the_settings_choose_the_provider(
    context: Flask, chosen: dict[str, Any], name: str
) -> None:
    generation(provider="sketch")
    assert choice(**chosen).active() == name


@pytest.mark.parametrize("status", ["succeeded", "failed"])
def test_a_lost_key_does_not_turn_pictures_into_sketches(context: Flask, status: str) -> None:
    generation(provider="gemini", status=status)
    assert choice().active() == "gemini", "a worker with the key may come"
    with pytest.raises(ProviderNotConfigured, match="its key is gone") as caught:
        choice(provider="auto").require_here()
    assert "GEMINI_API_KEY" in str(caught.value)
    assert "PROOFSHEET_PROVIDER=sketch" in str(caught.value)
    assert choice(provider="sketch").require_here() == "sketch"
    assert choice(provider="auto", **KEY).require_here() == "gemini"
    sign_on("keyless", choice().here)
    with pytest.raises(ProviderNotConfigured, match="its key is gone"):
        choice().active()


def test_a_server_without_the_key_accepts_what_a_worker_draws(context: Flask) -> None:
    assert choice().active() == "sketch"
    assert choice(provider="gemini").active() == "gemini", "its worker may come later"
    assert not choice().somebody_draws("gemini")
    sign_on("keyless", choice(provider="sketch", **KEY).here)
    assert choice().active() == "sketch"
    sign_on("keyed", choice(**KEY).here)
    assert choice().active() == choice().model(None).provider == "gemini"
    assert choice().somebody_draws("gemini")
    with pytest.raises(ProviderNotConfigured, match="this one has no key"):
        choice().require_here()


def test_gemini_without_a_key_is_an_error_that_says_what_to_set(context: Flask) -> None:
    with pytest.raises(ProviderNotConfigured, match="GEMINI_API_KEY"):
        choice(provider="gemini").require_here()


@pytest.mark.parametrize(
    ("chosen", "name", "model"),
    [
        ({"provider": "sketch"}, None, "sketch-1"),
        ({"provider": "sketch"}, "", "sketch-1"),
        ({"provider": "sketch"}, "sketch-1", "sketch-1"),
        ({"provider": "sketch", "model": "gemini-3-pro-image"}, None, "sketch-1"),
        ({"provider": "sketch", "model": "gemini-newer"}, None, "sketch-1"),
        (KEY, None, DEFAULT),
        ({**KEY, "model": "gemini-3-pro-image"}, None, "gemini-3-pro-image"),
        ({**KEY, "model": "gemini-newer"}, None, "gemini-newer"),
        ({**KEY, "model": "gemini-3-pro-image"}, DEFAULT, DEFAULT),
        (KEY, "gemini-newest", "gemini-newest"),
    ],
)
def test_a_model_is_the_one_asked_for_or_the_default(
    chosen: dict[str, Any], name: str | None, model: str
) -> None:
    found = choice(**chosen).model(name)
    assert (found.name, found.provider) == (model, choice(**chosen).active())


@pytest.mark.parametrize(
    ("chosen", "name"),
    [({"provider": "sketch"}, DEFAULT), (KEY, "sketch-1"), ({**KEY, "model": "sketch-1"}, None)],
)
def test_a_model_of_another_provider_is_refused(chosen: dict[str, Any], name: str | None) -> None:
    with pytest.raises(InvalidInput, match="draws here") as caught:
        choice(**chosen).model(name)
    assert caught.value.field == "model"


@pytest.mark.parametrize(
    ("chosen", "name"), [({"provider": "sketch"}, "sketch-2"), (KEY, "a/b"), (KEY, "x" * 101)]
)
def test_a_model_that_nobody_has_is_not_found(chosen: dict[str, Any], name: str) -> None:
    with pytest.raises(ModelNotFound):
        choice(**chosen).model(name)


def test_a_provider_is_made_once_and_kept() -> None:
    ours = choice(**KEY)
    for name in ("sketch", "gemini"):
        assert ours.provider(name).name == name
        assert ours.provider(name) is ours.provider(name)


def test_gemini_cannot_be_made_without_a_key() -> None:
    with pytest.raises(ProviderNotConfigured, match="no key"):
        choice().provider("gemini")


@ON_SQLITE
def test_choosing_by_settings_alone_asks_no_database(context: Flask) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("a statement was sent")

    event.listen(db.engine, "before_cursor_execute", fail)
    assert choice(**KEY).active() == "gemini"
    assert choice(provider="sketch").model(None).name == "sketch-1"
    event.remove(db.engine, "before_cursor_execute", fail)


@ON_SQLITE
def test_a_default_model_that_nobody_knows_is_an_error_and_no_silent_sketch(context: Flask) -> None:
    with pytest.raises(ModelNotFound, match="nomodel"):
        choice(model="nomodel").model(None)


def test_loading_ahead_leaves_trouble_to_the_first_call(monkeypatch: pytest.MonkeyPatch) -> None:
    choice().load_upstream()  # nothing to load without a key
    with pytest.raises(ProviderNotConfigured):
        choice().upstream()
    monkeypatch.setenv("SSL_CERT_FILE", "/nowhere.pem")
    broken = choice(**KEY)
    broken.load_upstream()
    with pytest.raises(ProviderError, match="cannot be set up"):
        broken.upstream().load()
