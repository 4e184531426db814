"""What tests of the job engine share."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from flask import Flask

from app.services.job_queue import job_queue
from tests.processes import PATIENCE_SECONDS


@contextmanager
def working(app: Flask, name: str = "worker-1") -> Iterator[threading.Thread]:
    """Let a worker of this process draw what is queued while inside; it drains at the end."""
    with app.app_context():
        worker = job_queue().worker(name)
    ready = threading.Event()
    thread = threading.Thread(target=lambda: worker.run(ready.set))
    thread.start()
    try:
        assert ready.wait(PATIENCE_SECONDS)
        yield thread
    finally:
        worker.stop()
        thread.join()


@pytest.fixture
def work(context: Flask) -> Callable[[], object]:
    """A worker on the test's app: `with work(): …`."""
    return lambda: working(context)


@pytest.fixture
def serves() -> bool:
    """Nothing here asks by HTTP."""
    return False
