"""What made an image, to be copied as text, as curl and as Python."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from app.services.same_again import as_curl, as_python, as_text, asks_for

HOSTILE = [
    "a fox",
    'it\'s a "fox"; $(touch hacked) `touch hacked` $HOME !! \\',
    "'; touch hacked; '",
    '""" + __import__(\'os\').system(\'touch hacked\') + """',
    "first line\nsecond line\ttab\\n",
    "{}{0}{body}%s%(x)s",
    "\u202ereversed\u2066 \u2028 \x1b[31m \x7f \u0085 \U000e0041",
    "лиса 狐 🦊 ثعلب",
    "@/etc/passwd",
    "-d x",
]


def record(**fields: Any) -> dict[str, Any]:
    """Return an image's record as the services tell it."""
    words = {"id": 7, "prompt": "a fox", "source": "generated", "provider": "sketch"}
    wishes = {"model": "sketch-1", "aspect_ratio": "16:9", "size": "1K", "seed": 5}
    known = {"project": None, "parents": [], "width": 1376, "height": 768, "sha256": "0" * 64}
    return {**words, **wishes, **known, "created_at": "2026-11-22T10:00:00Z", **fields}


def test_it_asks_for_one_picture_with_the_same_words_and_settings() -> None:
    asked = asks_for(record(parents=[3, 1], project="acme"))
    wishes = {"model": "sketch-1", "aspect_ratio": "16:9", "size": "1K", "seed": 5}
    assert asked == {"prompt": "a fox", **wishes, "project": "acme", "input_images": [3, 1]}


def test_what_is_not_known_is_left_to_the_server() -> None:
    assert asks_for(record(seed=None, size=None, aspect_ratio=None)) == {
        "prompt": "a fox",
        "model": "sketch-1",
    }


@pytest.mark.parametrize("fields", [{"source": "upload"}, {"source": "import"}, {"model": None}])
def test_what_was_not_made_here_cannot_be_asked_for(fields: dict[str, Any]) -> None:
    assert asks_for(record(**fields)) is None


def curl_arguments(folder: Path, command: str) -> list[str]:
    """Run a command in a shell whose curl tells its arguments; return them."""
    fake = folder / "curl"
    told = "import json, sys; print(json.dumps(sys.argv[1:]))"
    fake.write_text(f'#!/bin/sh\nexec "$PYTHON" -c \'{told}\' "$@"\n')
    fake.chmod(0o755)
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    settings = {"PYTHON": sys.executable, "PYTHONUTF8": "1", "PROOFSHEET_KEY": "ps_x"}
    environment = {"PATH": path, **settings}
    ran = subprocess.run(
        ["/bin/sh", "-c", command], cwd=folder, env=environment, capture_output=True, check=True
    )
    assert list(folder.iterdir()) == [fake]
    return list(json.loads(ran.stdout))


# One program for all: to start a shell for each takes longer than the rest.
def test_no_prompt_breaks_out_of_the_shell(tmp_path: Path) -> None:
    for prompt in HOSTILE:
        arguments = curl_arguments(tmp_path, as_curl({"prompt": prompt}, "http://x:8000/"))
        assert arguments[:2] == ["--silent", "http://x:8000/api/generations"]
        assert "Authorization: Bearer ps_x" in arguments
        assert arguments[-2] == "--data-raw"
        assert json.loads(arguments[-1]) == {"prompt": prompt}


class Listener(BaseHTTPRequestHandler):
    """Keeps what is asked for, and answers as the API does."""

    bodies: list[tuple[str, str | None, Any]]

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.bodies.append((self.path, self.headers["Authorization"], body))
        answer = {"status": "succeeded", "images": [{"id": 7, "links": {"file": "/f"}}]}
        data = json.dumps(answer).encode()
        self.send_response(201)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def listener() -> Iterator[HTTPServer]:
    """A server on this machine that takes prompts."""
    Listener.bodies = []
    with HTTPServer(("127.0.0.1", 0), Listener) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def test_no_prompt_breaks_out_of_the_python_program(
    tmp_path: Path, listener: HTTPServer, capsys: pytest.CaptureFixture[str]
) -> None:
    address = f"http://127.0.0.1:{listener.server_port}"
    bodies = [{"prompt": prompt, "seed": 5, "input_images": [1]} for prompt in HOSTILE]
    # All in one process: each is a module of its own.
    programs = [as_python(body, address) for body in bodies]
    loop = f"for each in {programs!r}: exec(each, {{}})"
    environment = {"PROOFSHEET_KEY": "ps_x", "PYTHONUTF8": "1"}
    ran = subprocess.run(
        [sys.executable, "-c", loop], cwd=tmp_path, env=environment, capture_output=True, check=True
    )
    assert ran.stdout.decode().splitlines() == ["succeeded", "7 /f"] * len(HOSTILE)
    assert Listener.bodies == [("/api/generations", "Bearer ps_x", body) for body in bodies]
    assert list(tmp_path.iterdir()) == []


def test_what_is_not_seen_is_written_by_its_number() -> None:
    for program in (as_curl, as_python):
        text = program({"prompt": HOSTILE[6]}, "http://x")
        assert [each for each in text if not each.isprintable() and each != "\n"] == []
        assert "\\u202e" in text


def test_letters_of_every_script_stay_readable() -> None:
    assert "лиса 狐 🦊" in as_curl({"prompt": HOSTILE[7]}, "http://x")


def test_as_text_it_is_the_prompt_and_what_is_known() -> None:
    text = as_text(record(seed=None))
    assert text.startswith("a fox\n\nmodel: sketch-1\n")
    assert "seed" not in text
