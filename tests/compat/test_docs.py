"""What docs/clients.md tells programs to do works, and what its tables say is so."""

from __future__ import annotations

import json
import re
import runpy
import subprocess
from pathlib import Path

import pytest

from app.cli.mcp.tools import TOOLS
from app.compat.gemini.json_body import REFUSED
from app.compat.openai.body import IGNORED
from app.compat.openai.errors import SAID
from app.compat.openai.sizes import QUALITIES, settings_of
from app.providers.catalog import load_catalog
from config import ROOT
from tests.site import Site

PAGE = (ROOT / "docs" / "clients.md").read_text()
README = (ROOT / "README.md").read_text()
SERVER = "http://127.0.0.1:8000"
[OURS] = re.findall(r"\n## Your own programs\n(.*?)\n## ", README, re.DOTALL)


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE + OURS, re.DOTALL)


def table(heading: str) -> list[list[str]]:
    """Return the cells of the rows of the table that follows a heading's words."""
    _, _, after = PAGE.partition(heading)
    [rows] = re.findall(r"\n\|[- |]+\|\n((?:\|.*\n)+)", after)[:1]
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows.splitlines()]


def words(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


@pytest.fixture
def with_key(sketching: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Site:
    """A server, whose key is in the environment, and a folder to write into."""
    monkeypatch.setenv("PROOFSHEET_KEY", sketching.key("creator"))
    monkeypatch.chdir(tmp_path)
    return sketching


def test_the_python_examples_draw_and_change_pictures(with_key: Site, tmp_path: Path) -> None:
    for block in blocks("python"):
        example = tmp_path / "example.py"
        example.write_text(block.replace(SERVER, with_key.url))
        runpy.run_path(str(example))
    assert {each.name for each in tmp_path.glob("*.*g")} == {"lighthouse.png", "by-gemini.jpeg"}
    assert (tmp_path / "lighthouse.png").read_bytes().startswith(b"\x89PNG")


def test_the_curl_examples_draw_pictures(with_key: Site) -> None:
    examples = [block for block in blocks("sh") if block.startswith("curl")]
    assert len(examples) == 2
    for example in examples:
        line = example.replace(SERVER, with_key.url)
        done = subprocess.run(["/bin/sh", "-euc", line], capture_output=True, check=True)
        answer = json.loads(done.stdout)
        assert answer.get("data") or answer.get("candidates")


def test_the_assistants_example_serves_the_tools_of_the_table(
    instance: Path, tmp_path: Path
) -> None:
    [block] = blocks("json")
    [server] = json.loads(block)["mcpServers"].values()
    assert server["command"].endswith(".venv/bin/python")
    assert [Path(each).name for each in server["args"]] == ["manage.py", "mcp"]
    assert list(server["env"]) == ["PROOFSHEET_KEY"]
    told = {name: role for [name], role, _ in map(_tool, table("| tool | role"))}
    assert told == {name: tool.role for name, tool in TOOLS.items()}


def test_sizes_come_out_as_the_table_says() -> None:
    model = load_catalog().get("gemini-nano-banana-2.1")
    assert model
    rows = table("| size | ratio")
    assert len(rows) > 5
    for [size], ratio, drawn in ((words(first), *rest) for first, *rest in rows):
        assert settings_of(size, None, model) == (ratio, drawn)


def test_qualities_mean_what_the_table_says() -> None:
    told = {quality: size for cell, size in table("| quality | size") for quality in words(cell)}
    assert told.pop("auto") == "the model's usual one"
    assert told == {quality: size for quality, size in QUALITIES.items() if size}


def test_the_table_names_all_that_is_passed_over() -> None:
    assert {name for cell, _ in table("| field | because") for name in words(cell)} == set(IGNORED)


def test_the_table_has_the_statuses_of_errors() -> None:
    told = {
        (int(status), code)
        for status, cell, _ in table("| status | code")
        if status.isdecimal()
        for code in words(cell)
    }
    said = {(each.status, each.code or code) for code, each in SAID.items() if each.status}
    assert {each for each in said if each[0] < 500} <= told


def test_the_proxy_refuses_what_the_page_says() -> None:
    [refused] = re.findall(r"\*\*Refused with 400\*\*:(.*?); and any other", PAGE, re.DOTALL)
    assert set(words(refused)) == set(REFUSED)


def _tool(row: list[str]) -> tuple[list[str], str, str]:
    name, role, does = row
    return words(name), role, does
