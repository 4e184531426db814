"""Processes that start, stop and die together.

`up` supervises children through a pipe: each child's standard input. While the supervisor lives it
stays open and empty; when it dies, by kill -9 too, the kernel closes it, and the child ends at once.
"""

from __future__ import annotations

import logging
import multiprocessing
import multiprocessing.connection
import multiprocessing.util
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence

from app.errors import ConfigurationError
from app.logs import tell

# How soon a child that died is started again: the pause doubles each time it dies soon.
FIRST_RESTART_SECONDS = 0.5
LONGEST_RESTART_SECONDS = 30.0
# How often in a row a child that has never run steadily is started again.
MOST_RESTARTS = 5
STEADY_SECONDS = 30.0
# Far more doublings than lead to the longest pause; beyond, numbers end.
MOST_DOUBLINGS = 20
FAILED = 1
USAGE = 2


def exit_when_supervisor_dies() -> None:
    """End this process as soon as its standard input is closed."""
    when_supervisor_dies(_exit)


def when_supervisor_dies(act: Callable[[], None]) -> None:
    """Call `act`, from a thread, as soon as standard input is closed."""
    _after(lambda: os.read(sys.stdin.fileno(), 1), act)


def exit_when_parent_dies() -> None:
    """End this process with the one that made it through multiprocessing; nothing, if none did.

    The web server's workers need it: kill -9 of its main process would leave them serving.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        _after(lambda: multiprocessing.connection.wait([parent.sentinel]), _exit)


def before_worker_exits(finish: Callable[[], None]) -> None:
    """Call `finish` when a worker of the web server ends in good order.

    The server's workers neither wait for threads nor run what `atexit` holds.
    """
    multiprocessing.util.Finalize(None, finish, exitpriority=0)


def _after(wait: Callable[[], object], act: Callable[[], None]) -> None:
    def watch() -> None:
        wait()
        act()

    threading.Thread(target=watch, name="watch supervisor", daemon=True).start()


def _exit() -> None:
    # Not sys.exit: this is not the main thread, and nobody is left to wait for a slow end. What was
    # under way is marked as interrupted when its lease runs out.
    os._exit(FAILED)


class Supervisor:
    """Keeps child processes alive until it is told to stop."""

    def __init__(
        self,
        commands: Sequence[Sequence[str]],
        grace_seconds: float,
        restart_seconds: float = FIRST_RESTART_SECONDS,
        steady_seconds: float = STEADY_SECONDS,
    ) -> None:
        """Take the children's command lines, and how long they may take to finish their work.

        `restart_seconds` is the first pause before a child that died is started again; it doubles.
        One that lived for `steady_seconds` did start: whatever ends it later, it is started again.
        """
        self._commands = commands
        self._grace = grace_seconds
        self._restart = restart_seconds
        self._steady = steady_seconds
        self._stopping = threading.Event()
        self._signals = 0

    def run(self, ready: Callable[[], bool], announce: Callable[[], None]) -> int:
        """Run the children until SIGINT or SIGTERM; return the exit code.

        `announce` is called once, when `ready` first holds. A child that has never run steadily ends
        everything with 2 when it exits with 2 (it will not start as things are), and with 1 when it
        dies again and again.
        """
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._stop)
        children = [Child(command, self._restart, self._steady) for command in self._commands]
        try:
            code = self._watch(children, ready, announce)
        finally:
            self._end(children)
        return code

    def _watch(
        self, children: list[Child], ready: Callable[[], bool], announce: Callable[[], None]
    ) -> int:
        announced = False
        while not self._stopping.wait(0.1):
            for child in children:
                code = child.look_after()
                if code is not None:
                    return code
            if not announced and ready():
                announced = True
                announce()
        return 0

    def _stop(self, _number: int, _frame: object) -> None:
        self._signals += 1
        self._stopping.set()

    def _end(self, children: list[Child]) -> None:
        """Ask the children to finish; kill what is left after the grace or a second signal."""
        tell("stopping", message="Finishing what is under way; Ctrl-C again stops at once.")
        for child in children:
            child.terminate()
        deadline = time.monotonic() + self._grace
        while any(child.alive for child in children):
            if time.monotonic() > deadline or self._signals > 1:
                break
            time.sleep(0.05)
        for child in children:
            child.kill()


class Child:
    """One child process, started again when it dies."""

    def __init__(
        self,
        command: Sequence[str],
        restart_seconds: float = FIRST_RESTART_SECONDS,
        steady_seconds: float = STEADY_SECONDS,
    ) -> None:
        """Start it. The pause before it is started again is `restart_seconds` first, and doubles.

        Once it has lived for `steady_seconds` it is never given up.
        """
        self._command = command
        self._restart_seconds = restart_seconds
        self._steady_seconds = steady_seconds
        self._has_been_steady = False
        self._restarts = 0
        self._next_start = 0.0
        self._start()

    @property
    def alive(self) -> bool:
        """Tell whether it runs just now."""
        return self._process.poll() is None

    def look_after(self) -> int | None:
        """Start the child again if it died; return an exit code when that is no use."""
        code = self._process.poll()
        if code is None:
            return None
        if self._next_start:
            if time.monotonic() >= self._next_start:
                self._start()
            return None
        if time.monotonic() - self._started >= self._steady_seconds:
            self._has_been_steady = True
            self._restarts = 0
        # One that ran has what it needs; then it is the database, say, that is away for a while.
        if not self._has_been_steady and (code == USAGE or self._restarts >= MOST_RESTARTS):
            return USAGE if code == USAGE else FAILED
        self._plan_restart(code)
        return None

    def terminate(self) -> None:
        """Ask it to finish."""
        if self.alive:
            self._process.terminate()

    def kill(self) -> None:
        """End it at once, if it runs still, and clear up after it."""
        if self.alive:
            self._process.kill()
        self._process.wait()
        if self._process.stdin:
            self._process.stdin.close()

    def _start(self) -> None:
        self._next_start = 0.0
        self._started = time.monotonic()
        # A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which then asks
        # its children in order.
        self._process = subprocess.Popen(  # noqa: S603 - our own command line
            self._command, stdin=subprocess.PIPE, start_new_session=True
        )

    def _plan_restart(self, code: int) -> None:
        delay = restart_pause(self._restart_seconds, self._restarts)
        self._restarts += 1
        self._next_start = time.monotonic() + delay
        tell(
            "child_stopped",
            level=logging.WARNING,
            message=f"A part of Proofsheet stopped (exit code {code}); starting it again.",
            exit_code=code,
        )


def restart_pause(first: float, restarts: int) -> float:
    """Return the seconds before a child is started again that was so often in a row already."""
    return float(min(first * 2 ** min(restarts, MOST_DOUBLINGS), LONGEST_RESTART_SECONDS))


def require_free_port(host: str, port: int) -> None:
    """Raise ConfigurationError when nothing could serve on this address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        with socket.socket(family, socket.SOCK_STREAM) as probe:
            # As a server would: connections that are still closing do not count.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        raise ConfigurationError(
            f"Cannot serve on {host}:{port} ({error.strerror or error}). "
            "Stop what runs there, or choose another with --port."
        ) from error


def accepts_connections(host: str, port: int) -> bool:
    """Tell whether somebody serves on this address."""
    try:
        with socket.create_connection((host, port), timeout=1):
            return True
    except OSError:
        return False
