"""The queue as a process last saw it, for all who look."""

from __future__ import annotations

import pytest
from flask import Flask

from app.services.queue import board as board_module
from app.services.queue.board import Board
from tests.models.samples import ON_SQLITE, generation

pytestmark = ON_SQLITE


def test_many_who_look_share_what_was_seen_a_moment_ago(
    context: Flask, statements: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_module, "_LEAST_SECONDS", 3600)
    board = Board()
    first = board.seen()
    generation()
    statements.clear()
    assert board.seen() is first
    assert statements == []


def test_whoever_has_just_changed_something_looks_anew(
    context: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(board_module, "_LEAST_SECONDS", 3600)
    board = Board()
    first = board.seen()
    row = generation()
    seen = board.look()
    assert seen.revision != first.revision
    assert [card.id for card in seen.queue.waiting] == [row.id]
    assert board.seen() is seen


def test_the_cards_are_read_again_only_when_something_changed(
    context: Flask, statements: list[str]
) -> None:
    board = Board()
    first = board.look()
    statements.clear()
    assert board.look() is first
    assert not [each for each in statements if "prompt" in each]
