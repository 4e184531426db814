"""What others' clients need to come here: the very lines, with the address of this server in them."""

from __future__ import annotations

import json
from collections.abc import Mapping

from config import OF_CALLERS

_OPENAI = """\
import base64, os, pathlib, openai

client = openai.OpenAI(base_url="{address}/v1", api_key=os.environ["{key}"])
made = client.images.generate(prompt="A lighthouse at dusk", size="1536x1024", output_format="png")
pathlib.Path("lighthouse.png").write_bytes(base64.b64decode(made.data[0].b64_json))"""
_CURL = (
    "curl --silent {address}/v1/images/generations"
    ' --header "Authorization: Bearer ${key}" --header "Content-Type: application/json"'
    """ --data '{{"prompt": "A lighthouse at dusk"}}'"""
)
_GEMINI = """\
import os, google.genai as genai

here = {{"base_url": "{address}/gemini"}}
client = genai.Client(api_key=os.environ["{key}"], http_options=here)
made = client.models.generate_content(model="{model}", contents="A light at dusk")
made.parts[0].as_image().save("by-gemini." + made.parts[0].inline_data.mime_type[6:])"""

_MCP = """\
{{
  "mcpServers": {{
    "proofsheet": {{
{fields}
    }}
  }}
}}"""


def openai_example(address: str) -> str:
    """Return a program with OpenAI's client; `address` is that of this server, without a slash."""
    return _OPENAI.format(address=address, key=OF_CALLERS)


def curl_example(address: str) -> str:
    """Return the same for a shell."""
    return _CURL.format(address=address, key=OF_CALLERS)


def gemini_example(address: str, model: str) -> str:
    """Return a program with Google's client and a model of the catalog."""
    return _GEMINI.format(address=address, key=OF_CALLERS, model=model)


def mcp_example(python: str, manage: str, environment: Mapping[str, str]) -> str:
    """Return what an assistant is to be told, with the paths of Python and of manage.py."""
    fields = {
        "command": python,
        "args": [manage, "mcp"],
        "env": {OF_CALLERS: "ps_…", **environment},
    }
    lines = [
        f'      "{name}": {json.dumps(each, ensure_ascii=False)}' for name, each in fields.items()
    ]
    return _MCP.format(fields=",\n".join(lines))
