"""A real browser before a real server: what only a browser shows. Keep the rest in tests/web.

Each test has a server of its own with the same small history (seeds.py), so what it changes is gone
with it; Chromium is started once for all that a test process has of these tests.

    def test_a_tile_opens_its_picture(visit: Visit) -> None:
        page = visit("/", device="phone", scheme="dark")
        page.get_by_role("link", name="A red fox").first.click()
        expect(page.get_by_role("dialog")).to_be_visible()
        check_axe(page)

- `visit(path, role="creator", device="desktop", scheme="light", javascript=True)` opens a page in a
  browser of its own and waits until it is loaded. Roles: "viewer", "creator", "admin", or None for
  nobody; devices: DEVICES (1440 × 900, and 390 × 844 with touch); schemes: SCHEMES. `site=` is
  another server than the test's `site`; `context=` another tab of the same browser (`page.context`).
- `site.app` is the server's app, for what is looked at behind the pages: `with site.app.app_context():`.
  `site.url` is its address, `site.key("admin")` a key's text, `site.finish()` waits for the jobs.
- `make_site(max_images=2)` starts one more server with other settings; `gemini_site` draws with the
  fake Gemini, which fails by markers in the prompt (`A fox [[blocked SAFETY]]`), at once.
- Each test fails on whatever the console says as a warning or an error, an exception of a script, a
  violation of the content security policy, a request to any other address, and any answer from 500 on.
  Where a test means it: `faults.expect("status of 422")`, a part of what is to be told; it fails
  where that does not come.
- `check_axe(page)` looks with axe in both schemes, `check_width(page)` for what is wider than 320 px
  (checks.py). Wait by playwright's `expect()`: the policy forbids what `wait_for_function` does.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from app import create_app
from config import Settings
from tests.browser.faults import Faults
from tests.browser.seeds import Seeds, seed
from tests.conftest import dispose, hide_settings
from tests.fakes.gemini_server import FakeGemini
from tests.fakes.jobs import install_jobs
from tests.shared_work import share_work
from tests.site import Site, serve

Visit = Callable[..., Page]
MakeSite = Callable[..., Site]

DEVICES = ("desktop", "phone")
SCHEMES = ("light", "dark")
SCREENS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1440, "height": 900}},
    "phone": {
        "viewport": {"width": 390, "height": 844},
        "has_touch": True,
        "is_mobile": True,
        "device_scale_factor": 2,
    },
}
ARGUMENTS = (
    # It paints without a GPU, and need not imitate one either: a sixth less to do.
    *("--disable-gpu", "--disable-software-rasterizer"),
    *("--no-sandbox", "--disable-background-networking", "--no-first-run"),
    *("--disable-component-update", "--disable-sync", "--disable-dev-shm-usage"),
)
# For machines that are busy with other tests.
PATIENCE_MS = 15_000


def chromium() -> str | None:
    """Return the path of a Chromium on this machine, or None."""
    names = ("chromium", "chromium-browser", "google-chrome")
    return next(filter(None, map(shutil.which, names)), None)


# Not for the whole session: other tests of this process could not run an event loop of theirs.
@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests here."""
    path = chromium()
    if path is None:
        message = "there is no Chromium here: `apt-get install chromium`"
        if os.environ.get("REQUIRE_BROWSER") == "1":
            pytest.fail(message)
        pytest.skip(message)
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def seeds(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Seeds:
    """The history that each server begins with."""
    folder = tmp_path_factory.mktemp("browser")
    shutil.copyfile(sqlite_template, folder / "proofsheet.db")
    with pytest.MonkeyPatch.context() as monkeypatch:
        hide_settings(monkeypatch)
        return seed(folder)


@pytest.fixture
def make_site(seeds: Seeds, tmp_path: Path) -> Iterator[MakeSite]:
    """Start a server on a copy of the seeds, with some settings changed: `make_site(max_images=2)`."""
    made: list[tuple[ExitStack, Flask]] = []

    def make(**changes: Any) -> Site:
        instance = tmp_path / f"site-{len(made)}"
        instance.mkdir(mode=0o700)
        seeds.copy_to(instance)
        app = create_app(Settings.model_validate({"instance": instance, **changes}))
        share_work(app)
        install_jobs(app)
        stack = ExitStack()
        made.append((stack, app))
        return stack.enter_context(serve(app, seeds.tokens))

    yield make
    for stack, app in made:
        stack.close()
        dispose(app)


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    """The test's server, which sketches."""
    return make_site()


@pytest.fixture
def gemini_site(make_site: MakeSite, fake_gemini: FakeGemini) -> Iterator[Site]:
    """A server that draws with the fake Gemini."""
    site = make_site(
        gemini_api_key="x", gemini_base_url=fake_gemini.url, provider_deadline=5, retries=0
    )
    yield site
    # While there is somebody to ask: else it waits until the deadline.
    site.finish()


@pytest.fixture
def faults() -> Iterator[Faults]:
    """What a browser complains of; the test fails in its end where that was not expected."""
    faults = Faults()
    yield faults
    faults.check()


@pytest.fixture
def visit(
    request: pytest.FixtureRequest, make_site: MakeSite, browser: Browser, faults: Faults
) -> Iterator[Visit]:
    """Open a page, as above."""
    contexts: list[BrowserContext] = []

    def begin(site: Site, role: str | None, device: str, **more: Any) -> BrowserContext:
        context = browser.new_context(base_url=site.url, **SCREENS[device], **more)
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        faults.watch(context, site.url)
        if role:
            context.add_cookies([site.cookie(role)])  # type: ignore[list-item]
        return context

    def visit(
        path: str = "/",
        *,
        role: str | None = "creator",
        device: str = "desktop",
        scheme: str = "light",
        javascript: bool = True,
        site: Site | None = None,
        context: BrowserContext | None = None,
        **more: Any,
    ) -> Page:
        context = context or begin(
            site or request.getfixturevalue("site"),
            role,
            device,
            color_scheme=scheme,
            java_script_enabled=javascript,
            **more,
        )
        page = context.new_page()
        page.goto(path)
        return page

    yield visit
    for context in contexts:
        context.close()
