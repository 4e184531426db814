"""`manage.py up`, as real processes."""

import os
import signal
import socket
import sqlite3
import stat
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from urllib.request import urlopen

import pytest
from click.testing import CliRunner

from manage import cli
from tests.conftest import hide_settings
from tests.fakes.gemini_server import FakeGemini
from tests.processes import Up, below, free_port, is_alive, manage, running, serves, wait_until


@pytest.fixture(scope="module")
def up(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """One for all tests that leave it as it was: each takes three seconds to come up."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        hide_settings(monkeypatch)
        with running(tmp_path_factory.mktemp("up") / "instance") as up:
            yield up


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_it_makes_the_instance_and_tells_where_everything_is(up: Up) -> None:
    assert f"http://127.0.0.1:{up.port}" in up.banner
    assert str(up.instance / "admin.key") in up.banner
    assert "sketch" in up.banner
    assert "GEMINI_API_KEY" in up.banner
    assert mode(up.instance) == 0o700
    assert {mode(file) for file in up.instance.iterdir()} == {0o600}


def test_links_in_answers_lead_to_where_it_serves(up: Up) -> None:
    asked = {"prompt": "A lighthouse at dusk", "response_format": "url"}
    status, answer = up.ask("POST", "/v1/images/generations", asked)
    assert status == 200, answer
    url = answer["data"][0]["url"]
    assert url.startswith(f"http://127.0.0.1:{up.port}/v1/images/")
    with urlopen(url) as picture:  # noqa: S310 - our own address
        assert picture.headers["Content-Type"].startswith("image/")


def test_after_kill_9_nobody_keeps_serving_and_the_next_up_shows_the_same(laid_out: Path) -> None:
    with running(laid_out, "--workers", "2") as up:
        status, generation = up.draw("A lighthouse at dusk")
        assert status == 201
        before = up.ask("GET", "/api/images")
        assert [image["id"] for image in before[1]["items"]] == [generation["images"][0]["id"]]
        children = up.descendants()
        assert len(children) >= 3
        up.stop(signal.SIGKILL)
        assert wait_until(lambda: not any(map(is_alive, children)))
        assert wait_until(lambda: not serves(up.port))
    again = Up(laid_out, up.port)
    assert again.ask("GET", "/api/images") == before
    assert again.stop() == 0


def test_workers_die_with_a_web_server_that_was_killed_and_it_is_started_again(
    laid_out: Path,
) -> None:
    with running(laid_out) as up:
        server = up.descendants()[0]
        workers = below(server)
        os.kill(server, signal.SIGKILL)
        assert wait_until(lambda: not any(map(is_alive, workers)))
        assert wait_until(lambda: up.descendants() and up.descendants()[0] != server)
        assert wait_until(up.answers)


def test_a_worker_that_was_killed_is_started_again_and_goes_on(
    laid_out: Path, fake_gemini: FakeGemini
) -> None:
    more = {"GEMINI_API_KEY": "x", "PROOFSHEET_GEMINI_BASE_URL": fake_gemini.url}
    with running(laid_out, **more) as up:
        _, generation = up.ask("POST", "/api/generations", {"prompt": "Mist [[slow 1]]", "n": 2})
        assert wait_until(lambda: len(fake_gemini.requests) == 2)  # one is kept
        [worker] = [each for each in below(up.process.pid) if b"\0worker\0" in command_line(each)]
        os.kill(worker, signal.SIGKILL)
        path = f"/api/generations/{generation['id']}"
        assert wait_until(lambda: up.ask("GET", path)[1]["status"] == "succeeded")
    assert len(fake_gemini.requests) == 3


def command_line(process: int) -> bytes:
    """Return how a process was started; nothing, if it has gone."""
    try:
        return Path(f"/proc/{process}/cmdline").read_bytes()
    except FileNotFoundError:
        return b""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_finishes_what_is_under_way_whether_or_not_somebody_waits_and_exits_with_0(
    laid_out: Path, fake_gemini: FakeGemini, number: signal.Signals
) -> None:
    more = {"GEMINI_API_KEY": "x", "PROOFSHEET_GEMINI_BASE_URL": fake_gemini.url}
    with running(laid_out, PROOFSHEET_MODEL="gemini-3-pro-image", **more) as up:
        assert "gemini, model gemini-3-pro-image" in up.banner
        answers: list[int] = []
        asking = threading.Thread(target=lambda: answers.append(up.draw("Mist [[slow 1.5]]")[0]))
        asking.start()
        assert up.ask("POST", "/api/generations", {"prompt": "Fog [[slow 1.5]]"})[0] == 202
        assert wait_until(lambda: len(fake_gemini.requests) == 2)
        assert up.stop(number) == 0
        asking.join()
    assert answers == [201]
    with closing(sqlite3.connect(laid_out / "proofsheet.db")) as kept:
        assert kept.execute("SELECT status FROM generations").fetchall() == [("succeeded",)] * 2
    wal = laid_out / "proofsheet.db-wal"
    assert not wal.exists() or wal.stat().st_size == 0, "all of the history is in the one file"


def test_a_taken_port_is_one_line_exit_2_and_no_instance(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = manage(tmp_path / "instance", "up", "--port", str(port))
    assert_refused(done.returncode, done.stderr, str(port), "--port")
    assert not (tmp_path / "instance").exists()


def test_an_instance_in_use_is_one_line_and_exit_2(up: Up) -> None:
    done = manage(up.instance, "up", "--port", str(up.port))
    assert_refused(done.returncode, done.stderr, "Another `manage.py up`", "PROOFSHEET_INSTANCE")


def test_a_file_that_is_no_database_is_one_line_exit_2_and_left_alone(instance: Path) -> None:
    file = instance / "proofsheet.db"
    file.write_bytes(b"not a database, but somebody's only copy" * 100)
    done = manage(instance, "up", "--port", str(free_port()))
    assert_refused(done.returncode, done.stderr, str(file), "DATABASE_URL")
    assert file.read_bytes().startswith(b"not a database")
    assert list(instance.iterdir()) == [file]


def test_a_newer_database_is_one_line_exit_2_and_left_alone(instance: Path) -> None:
    with closing(sqlite3.connect(instance / "proofsheet.db")) as newer:
        newer.execute("CREATE TABLE alembic_version (version_num TEXT)")
        newer.execute("INSERT INTO alembic_version VALUES ('9999')")
        newer.commit()
    before = (instance / "proofsheet.db").read_bytes()
    done = manage(instance, "up", "--port", str(free_port()))
    assert_refused(done.returncode, done.stderr, "newer version", "DATABASE_URL")
    assert (instance / "proofsheet.db").read_bytes() == before


@pytest.mark.parametrize(
    ("variable", "value", "hint"),
    [
        ("PROOFSHEET_PROT", "8000", "PROOFSHEET_PROT"),
        ("PROOFSHEET_PORT", "http", "PROOFSHEET_PORT"),
        ("PROOFSHEET_PROVIDER", "dall-e", "'auto', 'gemini' or 'sketch'"),
        ("DATABASE_URL", "mysql://here/there", "postgresql://"),
        ("PROOFSHEET_HOST", "0.0.0.0", "PROOFSHEET_PUBLIC_URL"),
        ("PROOFSHEET_GEMINI_BASE_URL", "nowhere", "PROOFSHEET_GEMINI_BASE_URL"),
    ],
)
def test_a_setting_that_does_not_fit_is_one_line_and_exit_2(
    tmp_path: Path, variable: str, value: str, hint: str
) -> None:
    settings = {"PROOFSHEET_INSTANCE": str(tmp_path / "instance"), variable: value}
    done = CliRunner().invoke(
        cli, ["up", "--port", str(free_port())], env=settings, prog_name="manage.py"
    )
    assert_refused(done.exit_code, done.stderr, hint)
    assert not (tmp_path / "instance").exists()


def test_a_database_that_cannot_be_reached_is_one_line_and_exit_2(tmp_path: Path) -> None:
    nowhere = {"DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nothing"}
    done = manage(tmp_path / "instance", "up", "--port", str(free_port()), more=nowhere)
    assert_refused(done.returncode, done.stderr, "DATABASE_URL")
    assert not (tmp_path / "instance").exists()


def test_a_gemini_provider_without_its_key_still_shows_the_history(laid_out: Path) -> None:
    with running(laid_out, PROOFSHEET_PROVIDER="gemini") as up:
        assert "Provider:  none" in up.banner
        assert up.ask("GET", "/api/images")[0] == 200
        assert up.draw("A lighthouse at dusk")[0] == 503


def test_a_host_name_of_somebody_elses_cannot_reach_it(up: Up) -> None:
    assert up.ask("GET", "/api/images", Host="evil.example")[0] == 400


def assert_refused(code: int, message: str, *hints: str) -> None:
    assert code == 2, message
    assert message.startswith("Error: ")
    assert message.count("\n") == 1, message
    for hint in hints:
        assert hint in message


@pytest.mark.parametrize(("spaces", "status"), [(0, b"202"), (2_000_000, b"413")])
def test_a_body_in_chunks_is_read_and_limited_like_any_other(
    up: Up, spaces: int, status: bytes
) -> None:
    body = b'{"prompt": "Mist"' + b" " * spaces + b"}"
    request = (
        f"POST /api/generations HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {up.key}\r\n"
        "Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", up.port)) as connection:
        connection.sendall(request.encode() + b"%x\r\n%b\r\n0\r\n\r\n" % (len(body), body))
        assert connection.makefile("rb").readline().split()[1] == status
