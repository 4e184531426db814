"""What tests of the tools share: a desk, and keys by role."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from mcp_types import CallToolResult

from app.cli.mcp.desk import Desk
from app.cli.mcp.door import Door
from app.cli.mcp.tools import TOOLS
from tests.conftest import key_of_each
from tests.fakes.jobs import install_jobs
from tests.fakes.providers import install
from tests.pictures import picture

Ask = Callable[..., CallToolResult]


@pytest.fixture
def serves() -> bool:
    return False


@pytest.fixture
def tokens(app: Flask) -> dict[str, str]:
    """A live key of each role."""
    return key_of_each(app)


def desk_of(app: Flask, token: str) -> Desk:
    """Return a desk at which nobody looks after the workers."""
    return Desk(app, Door(token), lambda: None)


def asking(app: Flask, token: str) -> Ask:
    """Return `ask(tool, **arguments)`."""

    def ask(tool: str, **arguments: Any) -> CallToolResult:
        return desk_of(app, token).answer(TOOLS[tool], arguments)

    return ask


@pytest.fixture
def ask(app: Flask, tokens: dict[str, str]) -> Ask:
    """Ask with a creator's key, where threads draw: `ask("generate_image", prompt="A fox")`."""
    install_jobs(app)
    install(app, picture("JPEG", (1024, 576)))
    return asking(app, tokens["creator"])


def told(result: CallToolResult) -> Any:
    """Return what a tool told, if it did what was asked."""
    assert not result.is_error, words(result)
    return result.structured_content


def words(result: CallToolResult) -> str:
    """Return the text of an answer."""
    [first, *_] = result.content
    assert first.type == "text"
    return first.text
