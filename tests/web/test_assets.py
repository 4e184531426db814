"""Style, scripts and icons as they are sent."""

from __future__ import annotations

import gzip
import re

import pytest
from flask.testing import FlaskClient

from app.web.assets import TYPES, current_version, files, modules_of, ratio_class

MOST_BYTES = 45_000  # of code, compressed, when the gallery is opened first


def address(name: str) -> str:
    return f"/static/{current_version()}/{name}"


def test_the_gallery_needs_little_code() -> None:
    scripts = {*modules_of("js/pages/gallery.js"), *modules_of("js/select/bar.js")}
    names = [*scripts, "app.css", "icons.svg"]
    assert sum(len(files()[name].zipped or b"") for name in names) <= MOST_BYTES


def test_a_page_is_told_all_that_its_script_imports() -> None:
    modules = modules_of("js/pages/gallery.js")
    assert modules[0] == "js/pages/gallery.js"
    assert {"js/core/dom.js", "js/core/words.js", "js/gallery/far.js"} <= set(modules)
    assert len(modules) == len(set(modules))


def test_every_script_belongs_to_a_page() -> None:
    pages = [name for name in files() if name.startswith("js/pages/")]
    pages.append("js/select/bar.js")  # which the gallery's imports where one may choose
    reached = {module for page in pages for module in modules_of(page)}
    scripts = {name for name in files() if name.endswith(".js")}
    assert scripts - reached == set()


def test_files_are_kept_for_ever_by_their_address(plain_client: FlaskClient) -> None:
    answer = plain_client.get(address("app.css"), headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert gzip.decompress(answer.data) == files()["app.css"].data
    assert plain_client.get(address("app.css")).data == files()["app.css"].data


def test_a_page_older_than_the_server_gets_its_files_still(plain_client: FlaskClient) -> None:
    answer = plain_client.get("/static/another/app.css")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("name", ["nothing.js", "../config.py", "css/base.css", "%2e%2e/door.py"])
def test_nothing_else_is_given_away(plain_client: FlaskClient, name: str) -> None:
    assert plain_client.get(f"/static/x/{name}").status_code == 404


def test_every_type_is_named() -> None:
    assert {asset.mime_type for asset in files().values()} <= set(TYPES.values())


@pytest.mark.parametrize(
    ("width", "height"), [(1, 1), (3, 2), (2, 3), (16, 9), (9, 16), (21, 9), (4, 5), (1000, 999)]
)
def test_the_class_of_a_ratio_is_true_to_half_a_percent(width: int, height: int) -> None:
    rule = re.search(
        rf"\.{ratio_class(width, height)}\{{--ar:([\d.]+)\}}", files()["app.css"].data.decode()
    )
    assert rule
    assert float(rule.group(1)) == pytest.approx(width / height, rel=0.006)


def test_the_narrowest_and_widest_pictures_are_bounded() -> None:
    assert ratio_class(1, 100) == "ar-140"
    assert ratio_class(100, 1) == "ar140"


def test_no_file_names_another_host() -> None:
    for name, asset in files().items():
        text = asset.data.decode("latin-1")
        hosts = set(re.findall(r"https?://([\w.-]+)", text)) - {"www.w3.org", "127.0.0.1"}
        assert not hosts, name
