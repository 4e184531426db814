"""What `up` logs, as real processes: of requests, generations and calls, whatever becomes of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.fakes.gemini_server import FakeGemini
from tests.processes import Up, running, wait_until

SECRET = "a-key-of-gemini"
WORDS = "wombat"
MARKERS = (
    *("[[400-echo]]", "[[403-echo]]", "[[no-image]]", "[[blocked SAFETY]]", "[[text]]"),
    *("[[500]]", "[[html]]", "[[reset]]", "[[deep]]", "[[not-an-image]]", "[[fail-first 1 503]]"),
)


def lines(log: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.read_text().splitlines()]


def draw_all(up: Up) -> None:
    """Ask for pictures, with and without success, and for what is refused."""
    for number, marker in enumerate(MARKERS):
        up.draw(f"A {WORDS} {marker}", **{"X-Request-Id": f"request-{number}"})
    up.draw(f"A {WORDS}", **{"X-Request-Id": "fine"})
    up.draw(" ")
    up.ask("POST", "/api/generations", {"prompt": WORDS, "n": WORDS})
    up.ask("GET", f"/api/images?q={WORDS}&page=x")
    up.ask("GET", f"/api/images?q={WORDS}")
    up.ask("GET", f"/api/images?key={up.key}", Authorization=f"Bearer ps_{WORDS}")
    up.ask("GET", f"/{up.key}", **{"X-Request-Id": up.key})


def test_neither_prompts_nor_keys_are_in_the_log(laid_out: Path, fake_gemini: FakeGemini) -> None:
    log = laid_out.parent / "log"
    more = {
        "GEMINI_API_KEY": SECRET,
        "PROOFSHEET_GEMINI_BASE_URL": fake_gemini.url,
        "PROOFSHEET_LOG_LEVEL": "debug",
    }
    with running(laid_out, log=log, **more) as up:
        draw_all(up)
        assert up.ask("GET", "/readyz")[1]["worker"] == "alive"
        assert wait_until(lambda: sum(each["event"] == "generation" for each in lines(log)) >= 12)
        key = up.key
    written = log.read_text()
    assert [each for each in (WORDS, key, SECRET) if each in written] == []
    by_id: dict[str, list[str]] = {}
    for each in lines(log):
        by_id.setdefault(each.get("request_id", ""), []).append(each["event"])
    for number in range(len(MARKERS)):
        assert {"request", "generation", "provider_call"} <= set(by_id[f"request-{number}"])
    assert sorted(by_id["fine"]) == ["generation", "provider_call", "request"]
    failed = {each["error_code"] for each in lines(log) if each["event"] == "generation"}
    assert {"provider_rejected", "provider_auth", "content_blocked", "no_image"} <= failed
