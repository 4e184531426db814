"""Where calls are answered: in a thread and an app context each, errors as words for the assistant."""

from __future__ import annotations

import logging
import math
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flask import Flask
from mcp_types import CallToolResult, ContentBlock, ImageContent, TextContent
from mcp_types import Tool as ListedTool
from pydantic import ValidationError

from app.cli.mcp.door import Door
from app.cli.mcp.listing import listed_tools
from app.cli.mcp.tool import Answer, Call, Tool
from app.errors import GenerationFailed, ProofsheetError
from app.logs import tell, tell_fault
from app.services.database_trouble import trouble_of

MOST_TOLD = 20


class Desk:
    """Answers the calls of one assistant."""

    def __init__(self, app: Flask, door: Door, look_after_work: Callable[[], None]) -> None:
        """Take the app, who lets calls in, and who sees to it that somebody draws."""
        self._app = app
        self._door = door
        self._look_after_work = look_after_work

    def tools(self) -> list[ListedTool]:
        """Return the tools there are."""
        with self._app.app_context():
            return listed_tools()

    def answer(
        self,
        tool: Tool,
        given: Mapping[str, Any],
        tell_caller: Callable[[float, str], None] = lambda _seconds, _stage: None,
        is_over: Callable[[], bool] = lambda: False,
    ) -> CallToolResult:
        """Return what a tool answers to what it is given; what goes wrong is an answer, too."""
        start = time.monotonic()
        with self._app.app_context():
            try:
                holder = self._door.let_in(tool.role)
                call = Call(holder, tell_caller, is_over, self._look_after_work)
                result = _told(tool, tool.run(call, tool.arguments.model_validate(dict(given))))
                code = None
            except Exception as error:  # noqa: BLE001 - an assistant never sees a traceback
                result, code = _refused(error)
        milliseconds = round((time.monotonic() - start) * 1000)
        tell("tool_call", tool=tool.name, code=code, duration_ms=milliseconds)
        return result


def _told(tool: Tool, answer: Answer) -> CallToolResult:
    """Return an answer as JSON for programs, the same as text for those who read, and pictures."""
    from app.imaging import encode_base64  # with Pillow, which starting does without

    told = tool.answer.model_validate(answer.told)
    content: list[ContentBlock] = [TextContent(text=told.model_dump_json())]
    content += [
        ImageContent(data=encode_base64(each.data), mime_type=each.mime_type)
        for each in answer.pictures
    ]
    return CallToolResult(content=content, structured_content=told.model_dump(mode="json"))


def _refused(error: Exception) -> tuple[CallToolResult, str]:
    """Return what an assistant is told of an error, and its code."""
    words, code, more = _words(error)
    notes = "; ".join([code, *more])
    return CallToolResult(content=[TextContent(text=f"{words} ({notes})")], is_error=True), code


def _words(error: Exception) -> tuple[str, str, Iterable[str]]:
    if isinstance(error, ValidationError):
        return _fields(error), "invalid_input", ()
    if isinstance(error, ProofsheetError):
        return str(error), error.code, _more(error)
    trouble = trouble_of(error)
    if trouble:
        tell("database_trouble", level=logging.ERROR, error=error)
        return str(trouble), "unavailable", ()
    tell_fault(error)
    return "Something broke on our side; the log of this command says what.", "internal", ()


def _more(error: ProofsheetError) -> Iterable[str]:
    field = getattr(error, "field", None)
    if field:
        yield f"field {field}"
    if isinstance(error, GenerationFailed) and error.generation_id:
        yield f"generation {error.generation_id}"
    after = getattr(error, "retry_after", None)
    if after is not None:
        yield f"again after {math.ceil(after)} s"


def _fields(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    told = [
        f"{'.'.join(map(str, each['loc'])) or 'arguments'}: "
        f"{each['msg'].removeprefix('Value error, ')}"
        for each in found[:MOST_TOLD]
    ]
    return "; ".join(told)
