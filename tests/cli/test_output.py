"""How commands tell what they found."""

from __future__ import annotations

import io
import json
from contextlib import redirect_stdout

import click
import pytest

from app.cli.confirm import confirm
from app.cli.output import Output
from app.cli.selection import OPTIONS, SOURCES, Selection
from app.models.image import Source

RECORDS = [{"id": 1, "name": "=fox", "tags": ["a", "b"]}, {"id": 2, "name": "[red]owl", "tags": []}]
COLUMNS = {"ID": lambda each: each["id"], "NAME": lambda each: each["name"]}


class Terminal(io.StringIO):
    """What is written to it, it takes for a terminal."""

    def isatty(self) -> bool:
        return True


def shown(output: Output) -> str:
    with redirect_stdout(io.StringIO()) as text:
        output.rows(iter(RECORDS), COLUMNS)
    return text.getvalue()


def on_terminal(width: int) -> str:
    with pytest.MonkeyPatch.context() as patch, redirect_stdout(Terminal()) as text:
        patch.setenv("COLUMNS", str(width))
        patch.setenv("TERM", "xterm-256color")
        Output().rows(RECORDS, COLUMNS)
    return text.getvalue()


def test_each_form_tells_the_same() -> None:
    assert shown(Output()).splitlines() == ["ID  NAME", "1   =fox", "2   [red]owl"]
    assert json.loads(shown(Output("json"))) == RECORDS
    assert shown(Output("csv")) == 'id,name,tags\r\n1,\'=fox,"a, b"\r\n2,[red]owl,\r\n'
    assert shown(Output("quiet")) == "1\n2\n"


def test_a_terminal_gets_colours_and_no_line_is_longer_than_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert "\x1b[1;36m" in on_terminal(40)
    monkeypatch.setenv("NO_COLOR", "1")
    text = on_terminal(10)
    assert "36m" not in text
    assert "[red]…" in text


def test_a_question_is_asked_at_a_terminal_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    confirm("2 would be removed.", yes=True)
    monkeypatch.setattr("sys.stdin", io.StringIO("y\n"))
    with pytest.raises(click.UsageError, match="Nobody can be asked"):
        confirm("2 would be removed.", yes=False)


@pytest.mark.parametrize(("answer", "goes_on"), [("y\n", True), ("n\n", False), ("\n", False)])
def test_the_answer_decides(monkeypatch: pytest.MonkeyPatch, answer: str, goes_on: bool) -> None:
    monkeypatch.setattr("sys.stdin", Terminal(answer))
    if goes_on:
        confirm("2 would be removed.", yes=False)
    else:
        with pytest.raises(click.Abort):
            confirm("2 would be removed.", yes=False)


def test_nothing_said_selects_nothing_in_particular() -> None:
    nothing = {**dict.fromkeys(OPTIONS), "tags": ()}
    assert not Selection({**nothing, "deleted": "only"})
    assert Selection({**nothing, "favourite": False})
    assert [*Source] == SOURCES
