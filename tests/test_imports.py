"""Who may import whom, held over the syntax trees."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from config import ROOT

FACES = {"api", "compat", "web", "cli"}
ROOMS = FACES | {"jobs", "services", "models", "providers", "imaging", "extensions", "errors"}
# api, compat, web, cli, jobs → services → models, providers, imaging → extensions, errors
MAY: dict[str, set[str]] = {
    **{
        face: {"services", "models", "providers", "imaging", "extensions", "errors"}
        for face in FACES
    },
    "jobs": {"services", "models", "providers", "imaging", "extensions", "errors"},
    "services": {"models", "providers", "imaging", "extensions", "errors"},
    "models": {"imaging", "extensions", "errors"},
    "providers": {"imaging", "errors"},
    "imaging": {"errors"},
    "extensions": {"errors"},
    "errors": set(),
}
FILES = sorted((ROOT / "app").rglob("*.py"))
# What one room alone may use: the name and the files that may import it.
ALONE = {
    "dbos": "app/jobs/",
    "google": "app/providers/gemini_client.py",
    "granian": "app/cli/serve.py",
    "mcp": "app/cli/mcp/",
}


def room(file: Path) -> str:
    return file.relative_to(ROOT / "app").parts[0].removesuffix(".py")


def imported(file: Path) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield each module that a file imports, with the names taken from it."""
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from ((alias.name, ()) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module, tuple(alias.name for alias in node.names)


def rooms_used(file: Path) -> set[str]:
    used = set()
    for module, names in imported(file):
        if module == "app":
            used |= set(names)
        elif module.startswith("app."):
            used.add(module.split(".")[1])
    return used & ROOMS - {room(file)}


def test_a_room_imports_only_what_lies_below_it() -> None:
    above = {str(file): rooms_used(file) - MAY[room(file)] for file in FILES if room(file) in MAY}
    assert {file: rooms for file, rooms in above.items() if rooms} == {}


@pytest.mark.parametrize(("package", "home"), ALONE.items())
def test_what_one_room_alone_may_use_is_used_there_alone(package: str, home: str) -> None:
    users = [
        file for file in FILES if package in {name.split(".")[0] for name, _ in imported(file)}
    ]
    assert users
    assert [file for file in users if not str(file.relative_to(ROOT)).startswith(home)] == []


@pytest.mark.parametrize("name", ["models", "services", "providers", "imaging", "errors"])
def test_below_the_faces_nobody_knows_of_requests(name: str) -> None:
    for file in FILES:
        if room(file) == name:
            taken = {
                each for module, names in imported(file) if module == "flask" for each in names
            }
            assert not taken & {"request", "abort", "g", "url_for", "session", "Blueprint"}


@pytest.mark.parametrize("name", ["providers", "imaging"])
def test_providers_and_imaging_know_neither_flask_nor_the_database(name: str) -> None:
    for file in FILES:
        if room(file) == name:
            packages = {module.split(".")[0] for module, _ in imported(file)}
            assert not packages & {"flask", "sqlalchemy", "flask_sqlalchemy", "config"}


def test_routes_and_commands_write_no_sql_and_leave_the_session_alone() -> None:
    for file in (file for file in FILES if room(file) in FACES):
        used = dict(imported(file))
        alone = "db" not in used.get("app.extensions", ()) or file.name in {
            "serve.py",
            "alembic.py",
        }
        assert alone, file
        sql = [module for module in used if module.startswith("sqlalchemy")]
        assert not sql or sql == ["sqlalchemy.exc"], file


def test_the_environment_is_read_in_one_place() -> None:
    for file in FILES:
        attributes = {
            node.attr
            for node in ast.walk(ast.parse(file.read_text()))
            if isinstance(node, ast.Attribute)
        }
        # In a request, `environ` is what came with it.
        asked = {"environ"} if room(file) in {"api", "doors", "body_stream"} else set()
        assert not attributes & {"environ", "getenv"} - asked, file
