"""The real process, over its standard input and output, with the protocol's own client."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal
from mcp import Client, MCPError, StdioServerParameters, stdio_client
from mcp_types import CallToolResult
from sqlalchemy import select

from app import create_app
from app.extensions import db
from app.models import Generation
from app.models.picture_file import picture_file
from app.services.keys import revoke_key
from config import OF_CALLERS, ROOT, Settings
from tests.cli.mcp.conftest import told, words
from tests.cli.mcp.test_tools import pictures
from tests.conftest import dispose, key_of_each
from tests.fakes.gemini_server import FakeGemini
from tests.processes import environment, wait_until

COMMAND = [sys.executable, str(ROOT / "manage.py"), "mcp"]


@dataclass
class Assistant:
    """A client of the protocol, and the process that it started."""

    portal: BlockingPortal
    client: Client

    def ask(self, tool: str, **arguments: Any) -> CallToolResult:
        """Call a tool."""
        result = self.portal.call(self.client.call_tool, tool, arguments)
        assert isinstance(result, CallToolResult)
        return result


@contextmanager
def assistant(instance: Path, token: str, **more: str) -> Iterator[Assistant]:
    """Start `manage.py mcp` as an assistant does, and speak to it while inside."""
    parameters = StdioServerParameters(
        command=COMMAND[0],
        args=COMMAND[1:],
        env=environment(instance, {OF_CALLERS: token, **more}),
    )
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(stdio_client(parameters))) as client,
    ):
        yield Assistant(portal, client)


@dataclass
class Place:
    """An instance with keys by role."""

    folder: Path
    tokens: dict[str, str]

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of a command of the creator's."""
        return environment(self.folder, {OF_CALLERS: self.tokens["creator"], **more})


def place_in(folder: Path, template: Path) -> Place:
    """Lay out an instance."""
    shutil.copyfile(template, folder / "proofsheet.db")
    app = create_app(Settings(instance=folder), serves=False)
    tokens = key_of_each(app)
    dispose(app)
    return Place(folder, tokens)


@pytest.fixture(scope="module")
def place(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Place:
    """An instance for all that leave its keys alone."""
    return place_in(tmp_path_factory.mktemp("mcp"), sqlite_template)


@pytest.fixture
def own_place(sqlite_template: Path, instance: Path) -> Place:
    """An instance of the test's own."""
    return place_in(instance, sqlite_template)


@pytest.fixture(scope="module")
def sketching(place: Place) -> Iterator[Assistant]:
    """An assistant with a creator's key, where nobody is at work."""
    with assistant(place.folder, place.tokens["creator"]) as found:
        yield found


def test_it_draws_with_a_worker_of_its_own_and_shows_what_was_kept(
    sketching: Assistant, place: Place
) -> None:
    image = told(sketching.ask("generate_image", prompt="A pier", size="512"))["images"][0]
    found = told(sketching.ask("search_history", query="pier"))["images"]
    assert image in found
    [(kind, data)] = pictures(sketching.ask("get_image", id=image["id"], size="original"))
    app = create_app(Settings(instance=place.folder), serves=False)
    with app.app_context():
        kept = picture_file(image["id"])
        assert (kept.mime_type, kept.read()) == (kind, data)
    dispose(app)
    edited = told(sketching.ask("edit_image", prompt="At night", images=[image["id"]]))
    assert edited["images"][0]["parents"] == [image["id"]]
    assert told(sketching.ask("usage_report"))["totals"]["images"] >= 2


def test_it_tells_what_it_can(sketching: Assistant) -> None:
    tools = sketching.portal.call(sketching.client.list_tools).tools
    assert len(tools) == 5
    assert all(each.description and each.output_schema for each in tools)


def test_what_goes_wrong_is_an_answer_of_the_tool(sketching: Assistant) -> None:
    result = sketching.ask("get_image", id=10**6)
    assert result.is_error
    assert words(result) == "There is no image 1000000. (not_found)"


def test_a_tool_that_is_not_there_is_an_error_of_the_protocol(sketching: Assistant) -> None:
    with pytest.raises(MCPError, match="There is no tool 'paint'"):
        sketching.ask("paint")


def test_a_key_that_is_revoked_opens_nothing_from_then_on(own_place: Place) -> None:
    with assistant(own_place.folder, own_place.tokens["creator"]) as found:
        told(found.ask("search_history"))
        app = create_app(Settings(instance=own_place.folder), serves=False)
        with app.app_context():
            revoke_key("the creator")
        dispose(app)
        assert "revoked" in words(found.ask("search_history"))


@pytest.mark.parametrize(
    ("token", "hint"), [("", "is not set"), ("ps_wrong", "unknown or revoked")]
)
def test_without_a_key_that_works_it_does_not_start(place: Place, token: str, hint: str) -> None:
    done = subprocess.run(
        COMMAND,
        env=environment(place.folder, {OF_CALLERS: token}),
        input="",
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert hint in done.stderr
    assert "manage.py keys create" in done.stderr
    assert done.stderr.count("\n") == 1


def test_without_its_package_it_says_what_to_install(place: Place, tmp_path: Path) -> None:
    code = (
        "import sys, importlib.machinery as m; find = m.PathFinder.find_spec\n"
        "m.PathFinder.find_spec = classmethod(lambda cls, name, path=None, target=None: "
        "None if name.split('.')[0] in ('mcp', 'mcp_types') else find(name, path, target))\n"
        "import manage; manage.cli(['mcp'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=place.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "pip install -r requirements-mcp.txt" in done.stderr


HELLO = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "by hand", "version": "1"},
    },
}


@contextmanager
def by_hand(
    environment: dict[str, str], stderr: TextIO | None = None
) -> Iterator[subprocess.Popen[str]]:
    """Start the process and shake hands."""
    with subprocess.Popen(
        COMMAND,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
    ) as process:
        say(process, HELLO)
        assert hear(process)["id"] == HELLO["id"]
        say(process, {"jsonrpc": "2.0", "method": "notifications/initialized"})
        yield process


def say(process: subprocess.Popen[str], message: dict[str, Any]) -> None:
    assert process.stdin
    process.stdin.write(json.dumps(message) + "\n")
    process.stdin.flush()


def hear(process: subprocess.Popen[str]) -> Any:
    assert process.stdout
    return json.loads(process.stdout.readline())


def test_it_ends_when_its_input_is_closed_and_says_nothing_but_the_protocol(
    place: Place, tmp_path: Path
) -> None:
    log = tmp_path / "log"
    with (
        log.open("w") as file,
        by_hand(place.environment(PROOFSHEET_LOG_LEVEL="info"), stderr=file) as process,
    ):
        assert process.stdin
        assert process.stdout
        process.stdin.write("this is no message\n")
        call = {"name": "usage_report", "arguments": {}}
        say(process, {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call})
        answer = hear(process)
        call = {"name": "generate_image", "arguments": {"prompt": "Fog", "wait_seconds": 600}}
        say(process, {"jsonrpc": "2.0", "id": 3, "method": "tools/call", "params": call})
        process.stdin.close()
        rest = process.stdout.read().splitlines()
        assert process.wait(30) == 0
    assert (answer["id"], answer["result"]["isError"]) == (2, False)
    assert {json.loads(line)["id"] for line in rest} <= {3}
    assert "tool_call" in log.read_text()
    assert place.tokens["creator"] not in log.read_text()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it(place: Place, number: signal.Signals) -> None:
    with by_hand(place.environment()) as process:
        process.send_signal(number)
        assert process.wait(30) == 0


def test_what_is_being_drawn_is_finished_when_it_is_killed(
    own_place: Place, fake_gemini: FakeGemini
) -> None:
    gemini = {"GEMINI_API_KEY": "x", "PROOFSHEET_GEMINI_BASE_URL": fake_gemini.url}
    asked = {"prompt": "Mist [[slow 1]]", "wait_seconds": 0}
    call = {"name": "generate_image", "arguments": asked}
    with by_hand(own_place.environment(**gemini)) as process:
        say(process, {"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": call})
        answer = hear(process)["result"]["structuredContent"]
        assert wait_until(lambda: fake_gemini.requests)
        process.kill()
    app = create_app(Settings(instance=own_place.folder), serves=False)
    with app.app_context():
        wanted = select(Generation.status).where(Generation.id == answer["generation"]["id"])

        def status() -> str:
            with db.engine.connect() as connection:
                return str(connection.scalar(wanted))

        assert wait_until(lambda: status() == "succeeded")
    dispose(app)
    assert len(fake_gemini.requests) == 1
