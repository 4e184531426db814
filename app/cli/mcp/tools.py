"""The tools there are."""

from __future__ import annotations

from app.cli.mcp.edit import EDIT
from app.cli.mcp.generate import GENERATE
from app.cli.mcp.get_image import GET_IMAGE
from app.cli.mcp.search import SEARCH
from app.cli.mcp.tool import Tool
from app.cli.mcp.usage import USAGE

TOOLS: dict[str, Tool] = {each.name: each for each in (GENERATE, EDIT, SEARCH, GET_IMAGE, USAGE)}
