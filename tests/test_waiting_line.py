"""A line before something that one thread has at a time."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from contextlib import ExitStack

from app.waiting_line import WaitingLine, in_a_hurry


def waiting(line: WaitingLine, then: Callable[[], None], *, hurries: bool) -> threading.Thread:
    """Start a thread that waits for its turn, and return once it does."""

    def run() -> None:
        with ExitStack() as stack:
            if hurries:
                stack.enter_context(in_a_hurry())
            assert line.acquire(30)
            then()
            line.release()

    queue = line._hurrying if hurries else line._others
    before = len(queue)
    thread = threading.Thread(target=run)
    thread.start()
    while len(queue) == before:
        time.sleep(0.001)
    return thread


def test_those_in_a_hurry_come_first_and_all_others_in_their_order() -> None:
    line = WaitingLine()
    came: list[str] = []
    assert line.acquire(0)
    threads = [
        waiting(line, lambda: came.append("one"), hurries=False),
        waiting(line, lambda: came.append("two"), hurries=False),
        waiting(line, lambda: came.append("first"), hurries=True),
        waiting(line, lambda: came.append("second"), hurries=True),
    ]
    line.release()
    for thread in threads:
        thread.join()
    assert came == ["first", "second", "one", "two"]
    assert line.acquire(0)


def test_who_waits_in_vain_holds_nobody_up() -> None:
    line = WaitingLine()
    assert line.acquire(0)
    assert not line.acquire(0.01)
    with in_a_hurry():
        assert not line.acquire(0.01)
    line.release()
    assert line.acquire(0)


def test_one_has_it_at_a_time() -> None:
    line = WaitingLine()
    inside: list[int] = []
    most: list[int] = []

    def work(number: int) -> None:
        for _ in range(50):
            with ExitStack() as stack:
                if number % 2:
                    stack.enter_context(in_a_hurry())
                assert line.acquire(30)
            inside.append(number)
            most.append(len(inside))
            inside.remove(number)
            line.release()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(most) == 400
    assert max(most) == 1
