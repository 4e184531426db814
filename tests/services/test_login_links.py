"""Where links lead that commands print."""

from __future__ import annotations

from pathlib import Path

from pydantic import HttpUrl

from app.services.instance import instance_lock, note_address
from app.services.login_links import address_here
from config import Settings

ELSEWHERE = "http://127.0.0.1:8611"


def test_links_of_commands_lead_to_the_server_that_runs(instance: Path) -> None:
    settings = Settings(instance=instance)
    with instance_lock(settings):
        note_address(settings, ELSEWHERE)
        assert address_here(settings) == ELSEWHERE
    # What was left behind by one that has ended leads nowhere.
    assert address_here(settings) == "http://127.0.0.1:8000"


def test_the_address_that_users_see_comes_first(instance: Path) -> None:
    settings = Settings(instance=instance, public_url=HttpUrl("https://pictures.example.org"))
    with instance_lock(settings):
        note_address(settings, ELSEWHERE)
        assert address_here(settings) == "https://pictures.example.org"
