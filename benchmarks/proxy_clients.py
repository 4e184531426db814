"""Clients of Gemini's wire and of /v1, as threads with a connection each, and who watches meanwhile."""

from __future__ import annotations

import base64
import http.client
import json
import random
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import count
from threading import Event

MODEL = "gemini-nano-banana-2.1"
PAUSE_SECONDS = 0.2
_number = count(1)


@dataclass(frozen=True, slots=True)
class Wire:
    """Where Gemini's wire is answered: before the models in the address, and with which key."""

    port: int
    path: str
    key: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What one call got: milliseconds to its first byte beyond the upstream's pause, and its picture.

    `error` says what came in place of a picture.
    """

    prompt: str
    milliseconds: float
    sha256: str
    error: str | None = None


def load(wire: Wire, clients: int, seconds: float, pace: float) -> list[Future[list[Answer]]]:
    """Let so many clients call for so long, one call after the other; they end by themselves."""
    pool = ThreadPoolExecutor(clients)
    until = time.monotonic() + seconds
    loads = [pool.submit(_call_until, wire, until, pace) for _ in range(clients)]
    pool.shutdown(wait=False)
    return loads


def in_turns(wires: Sequence[Wire], times: int, pace: float) -> list[list[Answer]]:
    """Let one client call each wire in turns, one call at a time, each `pace` seconds upstream."""
    connections = [http.client.HTTPConnection("127.0.0.1", each.port, timeout=60) for each in wires]
    found: list[list[Answer]] = [[] for _ in wires]
    for _ in range(times):
        for wire, connection, answers in zip(wires, connections, found, strict=True):
            prompt = f"A fox {next(_number)} [[slow {pace}]]"
            answers.append(_call(connection, wire, prompt, pace))
    for connection in connections:
        connection.close()
    return found


def ask_openai(port: int, key: str, pace: float) -> str | None:
    """Ask /v1 for a picture; return what went wrong, or None."""
    body = json.dumps({"prompt": f"A fox [[slow {pace}]] {next(_number)}"})
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("POST", "/v1/images/generations", body, headers)
    answer = connection.getresponse()
    text = answer.read()
    connection.close()
    return None if answer.status == http.client.OK else f"{answer.status}: {text[:200]!r}"


@contextmanager
def watched(port: int, pages: Mapping[str, Mapping[str, str]]) -> Iterator[dict[str, list[float]]]:
    """Ask for each page, with its headers, again and again while inside; yield the milliseconds.

    Raises RuntimeError at the end when one was not answered with 200.
    """
    done = Event()
    found: dict[str, list[float]] = {page: [] for page in pages}
    with ThreadPoolExecutor(len(pages)) as pool:
        loads = [
            pool.submit(_watch, port, page, headers, found[page], done)
            for page, headers in pages.items()
        ]
        try:
            yield found
        finally:
            done.set()
    for each in loads:
        each.result()


def _call_until(wire: Wire, until: float, pace: float) -> list[Answer]:
    connection = http.client.HTTPConnection("127.0.0.1", wire.port, timeout=60)
    time.sleep(random.uniform(0, pace))  # noqa: S311 - clients do not come all at once
    answers = []
    while time.monotonic() < until:
        pause = round(random.uniform(pace / 2, pace * 3 / 2), 3)  # noqa: S311
        answers.append(_call(connection, wire, f"A fox {next(_number)} [[slow {pause}]]", pause))
    connection.close()
    return answers


def _call(connection: http.client.HTTPConnection, wire: Wire, prompt: str, pause: float) -> Answer:
    body = json.dumps(
        {
            "contents": [{"role": "user", "parts": [{"text": prompt}]}],
            "generationConfig": {"responseModalities": ["IMAGE"]},
        }
    )
    headers = {"x-goog-api-key": wire.key, "Content-Type": "application/json"}
    started = time.perf_counter()
    connection.request("POST", f"{wire.path}/models/{MODEL}:generateContent", body, headers)
    answer = connection.getresponse()
    first = answer.read(1)
    milliseconds = 1000 * (time.perf_counter() - started - pause)
    text = first + answer.read()
    if answer.status != http.client.OK:
        return Answer(prompt, milliseconds, "", f"{answer.status}: {text[:200]!r}")
    [part, *_] = json.loads(text)["candidates"][0]["content"]["parts"]
    picture = base64.b64decode(part["inlineData"]["data"])
    return Answer(prompt, milliseconds, sha256(picture).hexdigest())


def _watch(
    port: int, page: str, headers: Mapping[str, str], found: list[float], done: Event
) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    while not done.wait(PAUSE_SECONDS):
        started = time.perf_counter()
        connection.request("GET", page, headers=dict(headers))
        answer = connection.getresponse()
        answer.read()
        found.append(1000 * (time.perf_counter() - started))
        if answer.status != http.client.OK:
            raise RuntimeError(f"{page} gave {answer.status}")
    connection.close()
