"""The server's side of the protocol, with the protocol's own client in the same process."""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable
from typing import Any

import anyio
import pytest
from flask import Flask
from mcp import Client
from mcp.server.lowlevel.server import Server

from app.cli.mcp.serving import make_server
from app.extensions import db
from app.models import Generation, Status
from tests.cli.mcp.conftest import desk_of, told, words
from tests.fakes.jobs import install_jobs
from tests.fakes.providers import install
from tests.models.samples import ON_SQLITE
from tests.pictures import picture
from tests.processes import PATIENCE_SECONDS

pytestmark = ON_SQLITE
# By the handshake of before, and by what each request brings along.
ERAS = pytest.mark.parametrize("era", ["legacy", "auto"])


class Slow:
    """A picture that takes until it is let go, and tells when it was begun."""

    def __init__(self) -> None:
        self.begun, self.let_go = threading.Event(), threading.Event()

    def __call__(self) -> bytes:
        self.begun.set()
        assert self.let_go.wait(PATIENCE_SECONDS)
        return picture()


def served(app: Flask, token: str, most_waiting: int = 24) -> Server[Any]:
    return make_server(desk_of(app, token), most_waiting)


def talk(server: Server[Any], era: str, about: Callable[[Client], Awaitable[None]]) -> None:
    """Connect to a server, and do what `about` does."""

    async def connected() -> None:
        with anyio.fail_after(PATIENCE_SECONDS):
            async with Client(server, mode=era) as client:
                await about(client)

    anyio.run(connected)


def status_of(app: Flask) -> list[str]:
    with app.app_context():
        return list(db.session.scalars(db.select(Generation.status)))


@ERAS
def test_whoever_waits_is_told_how_far_it_is_and_others_are_answered_meanwhile(
    app: Flask, tokens: dict[str, str], era: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.cli.mcp.drawing.TELL_SECONDS", 0.05)
    jobs, slow = install_jobs(app), Slow()
    install(app, picture(), slow)
    heard: list[tuple[float, str | None]] = []

    async def about(client: Client) -> None:
        async def listen(progress: float, _total: float | None, message: str | None) -> None:
            heard.append((progress, message))
            if len(heard) == 3:
                told(await client.call_tool("search_history", {}))
                slow.let_go.set()

        result = await client.call_tool(
            "generate_image", {"prompt": "A fox", "n": 2}, progress_callback=listen
        )
        assert len(told(result)["images"]) == 2

    talk(served(app, tokens["creator"]), era, about)
    jobs.finish()
    seconds = [each for each, _ in heard]
    assert seconds == sorted(set(seconds)), "progress only grows"
    assert "1 of 2 pictures drawn." in [message for _, message in heard]


@ERAS
def test_who_gives_up_cancels_nothing_and_leaves_the_place_to_others(
    make_app: Callable[..., Flask],
    tokens: dict[str, str],
    era: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("app.cli.mcp.drawing.TELL_SECONDS", 0.05)
    app = make_app(max_waiting=1)
    jobs, slow = install_jobs(app), Slow()
    install(app, slow, picture())

    async def about(client: Client) -> None:
        async with anyio.create_task_group() as group:
            group.start_soon(client.call_tool, "generate_image", {"prompt": "A fox"})
            assert await anyio.to_thread.run_sync(slow.begun.wait, PATIENCE_SECONDS)
            group.cancel_scope.cancel()
        while True:  # until the place is free
            result = await client.call_tool("generate_image", {"prompt": "A hare"})
            if not result.is_error:
                return
            assert "busy" in words(result)

    talk(served(app, tokens["creator"]), era, about)
    slow.let_go.set()
    jobs.finish()
    assert status_of(app) == [Status.SUCCEEDED, Status.SUCCEEDED]


def test_many_who_wait_keep_nobody_from_looking_things_up(
    make_app: Callable[..., Flask], tokens: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.cli.mcp.drawing.TELL_SECONDS", 0.05)
    app = make_app(max_waiting=4)
    jobs, slow = install_jobs(app), Slow()
    install(app, slow)
    answers: list[str] = []

    async def about(client: Client) -> None:
        async def draw() -> None:
            result = await client.call_tool("generate_image", {"prompt": "A fox"})
            answers.append("busy" if result.is_error else "drawn")

        async with anyio.create_task_group() as group:
            for _ in range(30):
                group.start_soon(draw)
            while answers.count("busy") < 26:
                told(await client.call_tool("usage_report", {}))
            slow.let_go.set()

    talk(served(app, tokens["creator"], most_waiting=4), "legacy", about)
    jobs.finish()
    assert sorted(answers) == ["busy"] * 26 + ["drawn"] * 4
    assert len(status_of(app)) == 4
