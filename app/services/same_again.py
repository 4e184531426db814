"""An image's making as something to copy: as text, as a line for the shell, as a Python program (pure).

Prompts are anybody's words. Here they become program text, so each is written in the one way that the
language takes for nothing but text, and what is not seen, or turns the direction of writing, is
written by its number.
"""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from typing import Any

from app.models import Source

WAIT_SECONDS = 60
# In this order, where the record has them; what is "n" there is one picture here.
_ASKED = ("model", "aspect_ratio", "size", "seed", "project")
_TOLD = (
    *("model", "provider", "aspect_ratio", "size", "seed", "width", "height"),
    *("created_at", "project", "id", "sha256"),
)
_MADE_HERE = {Source.GENERATED, Source.PROXY}

_CURL = """\
curl --silent {address} \\
  --header "Authorization: Bearer $PROOFSHEET_KEY" \\
  --header "Content-Type: application/json" \\
  --header "Prefer: wait={wait}" \\
  --data-raw {body}
"""

_PYTHON = """\
import json
import os
import urllib.request

body = {body}
request = urllib.request.Request(
    {address},
    data=json.dumps(body).encode(),
    headers={{
        "Authorization": "Bearer " + os.environ["PROOFSHEET_KEY"],
        "Content-Type": "application/json",
        "Prefer": "wait={wait}",
    }},
)
with urllib.request.urlopen(request) as answer:
    generation = json.load(answer)
print(generation["status"])
for image in generation["images"]:
    print(image["id"], image["links"]["file"])
"""


def asks_for(image: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the body of POST /api/generations that asks for an image once more, by its record.

    With the very words that were sent, whatever has become of their template since. None for one that
    was not made here.
    """
    if image["source"] not in _MADE_HERE or image["model"] is None:
        return None
    wanted = {name: image[name] for name in _ASKED if image[name] is not None}
    parents = {"input_images": list(image["parents"])} if image["parents"] else {}
    return {"prompt": image["prompt"], **wanted, **parents}


def as_curl(body: Mapping[str, Any], address: str) -> str:
    """Return a command for a POSIX shell; `address` is that of the server, PROOFSHEET_KEY the key."""
    text = _seen(json.dumps(body, ensure_ascii=False, indent=2))
    url = f"{address.rstrip('/')}/api/generations"
    return _CURL.format(address=shlex.quote(url), wait=WAIT_SECONDS, body=shlex.quote(text))


def as_python(body: Mapping[str, Any], address: str) -> str:
    """Return a program that needs Python alone; `address` and the key as above."""
    fields = "".join(f"    {name!r}: {value!r},\n" for name, value in body.items())
    url = f"{address.rstrip('/')}/api/generations"
    return _PYTHON.format(address=repr(url), wait=WAIT_SECONDS, body=f"{{\n{fields}}}")


def as_text(image: Mapping[str, Any]) -> str:
    """Return the prompt and below it what is known of an image, a line each."""
    lines = [f"{name}: {image[name]}" for name in _TOLD if image[name] is not None]
    return f"{image['prompt']}\n\n" + "\n".join(lines) + "\n"


def _seen(text: str) -> str:
    """Return JSON with its line ends, but what else is not seen as the escapes that JSON has."""
    return "".join(each if each.isprintable() or each == "\n" else _escaped(each) for each in text)


def _escaped(character: str) -> str:
    return json.dumps(character)[1:-1]
