"""A bar for people at a terminal, and for nobody else."""

from __future__ import annotations

import io
import sys

import pytest

from app.cli.progress import progress


class Screen(io.StringIO):
    """Takes what is written, as a terminal or not."""

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


@pytest.mark.parametrize(
    ("is_terminal", "total", "shows"),
    [(True, 4, True), (True, None, False), (True, 0, False), (False, 4, False)],
)
def test_a_bar_is_shown_on_a_terminal_where_the_total_is_known(
    monkeypatch: pytest.MonkeyPatch, is_terminal: bool, total: int | None, shows: bool
) -> None:
    screen = Screen(is_terminal=is_terminal)
    monkeypatch.setattr(sys, "stderr", screen)
    with progress(total, "Pictures") as tell:
        tell(1)
        tell(3)
    assert ("Pictures" in screen.getvalue(), "4/4" in screen.getvalue()) == (shows, shows)
