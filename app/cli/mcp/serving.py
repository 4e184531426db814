"""The protocol's side: requests come in on standard input, answers go out on standard output."""

from __future__ import annotations

import os
import signal
import threading
from functools import partial
from typing import Any, NoReturn

import anyio
import anyio.from_thread
import anyio.to_thread
from flask import Flask
from mcp.server.context import ServerRequestContext
from mcp.server.lowlevel.server import Server
from mcp.server.stdio import stdio_server
from mcp.shared.exceptions import MCPError
from mcp_types import (
    INVALID_PARAMS,
    CallToolRequestParams,
    CallToolResult,
    ListToolsResult,
    PaginatedRequestParams,
)

from app import __version__
from app.cli.mcp.desk import Desk
from app.cli.mcp.door import Door
from app.cli.mcp.tools import TOOLS
from app.cli.mcp.work import Work
from app.extensions import current_settings
from app.logs import tell

NAME = "proofsheet"
INSTRUCTIONS = (
    "Proofsheet draws pictures and remembers them all. Look into search_history before drawing what "
    "may be there already; tell people the ids of pictures, by which they and you find them again."
)
# Beside those who wait for pictures, so that looking things up never waits for them.
OTHER_CALLS = 16
Context = ServerRequestContext[Any, Any]


def serve(app: Flask, door: Door) -> NoReturn:
    """Serve one assistant until it closes our standard input or goes, or a signal; end the process."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _end)
    desk = Desk(app, door, Work().look_after)
    tell("mcp_started")
    try:
        anyio.run(_serve, make_server(desk, current_settings().max_waiting))
    except* BrokenPipeError:
        pass  # an assistant that is gone needs no answer
    tell("mcp_stopped")
    _end()


def _end(*_signal: object) -> NoReturn:
    # Not by return: that would wait for the thread that reads standard input, and for calls that
    # nobody waits for any more. What was asked for goes on.
    os._exit(0)


def make_server(desk: Desk, most_waiting: int) -> Server[Any]:
    """Return the server of a desk; so many of its calls may wait for pictures at once."""
    limiter = anyio.CapacityLimiter(most_waiting + OTHER_CALLS)

    async def list_tools(
        _context: Context, _params: PaginatedRequestParams | None
    ) -> ListToolsResult:
        return ListToolsResult(tools=await anyio.to_thread.run_sync(desk.tools, limiter=limiter))

    async def call_tool(context: Context, params: CallToolRequestParams) -> CallToolResult:
        tool = TOOLS.get(params.name)
        if tool is None:
            raise MCPError(INVALID_PARAMS, f"There is no tool {params.name[:100]!r}.")
        over = threading.Event()

        def tell_caller(seconds: float, stage: str) -> None:
            if not over.is_set():
                anyio.from_thread.run(context.session.report_progress, seconds, None, stage)

        answer = partial(desk.answer, tool, params.arguments or {}, tell_caller, over.is_set)
        try:
            # Whoever cancels is not waited for, and cancels nothing that was asked for.
            return await anyio.to_thread.run_sync(answer, abandon_on_cancel=True, limiter=limiter)
        finally:
            over.set()

    return Server(
        NAME,
        version=__version__,
        title="Proofsheet",
        instructions=INSTRUCTIONS,
        on_list_tools=list_tools,
        on_call_tool=call_tool,
    )


async def _serve(server: Server[Any]) -> None:
    async with stdio_server() as (incoming, outgoing):
        await server.run(incoming, outgoing, server.create_initialization_options())
