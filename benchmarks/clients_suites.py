"""Where the clients' own tests come from, and how they are run.

Their settings have no place for a key (openai-python) or for an address (google-genai), so that one line
of each is rewritten in the copy that runs, to read them from the environment.
"""

from __future__ import annotations

import os
import re
import subprocess
import tarfile
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from xml.etree import ElementTree as ET

from app.providers.catalog import load_catalog
from tests.fakes.gemini_answers import draw

TOOLS = ("pytest", "pytest-asyncio", "rich", "pillow")
# In what is theirs, what each line becomes; `PICTURE` is the path of a picture.
Changes = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one test: passed, failed or skipped, and in the last two cases why."""

    test: str
    result: str
    reason: str


@dataclass(frozen=True, slots=True)
class Suite:
    """Tests of somebody else, in a folder where they can run.

    `address` and `key` are the variables that tell them where to ask and by which key; `path` is what
    their address has after ours. `fitted` is what is changed in the files of tests for the second run.
    """

    name: str
    python: Path
    folder: Path
    tests: tuple[str, ...]
    address: str
    path: str
    key: str
    more: Mapping[str, str]
    options: tuple[str, ...]
    fitted: Changes

    def run(self, url: str, key: str, fitted: bool) -> list[Outcome]:
        """Run them against a server; return what became of each."""
        theirs = {name: (self.folder / name).read_text() for name in self._files()}
        report = self.folder / "report.xml"
        environment = {**os.environ, **self.more, self.address: url + self.path, self.key: key}
        command = [str(self.python), "-m", "pytest", *self.options, f"--junit-xml={report}"]
        try:
            if fitted:
                for name, text in theirs.items():
                    _rewrite(self.folder / name, text, self.fitted)
            subprocess.run(
                [*command, *self.tests],
                cwd=self.folder,
                env=environment,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
            )
        finally:
            for name, text in theirs.items():
                (self.folder / name).write_text(text)
        return _outcomes(report)

    def _files(self) -> set[str]:
        return {test.partition("::")[0] for test in self.tests}


def fetch(folder: Path) -> list[Suite]:
    """Return the suites, fetched into `folder` unless they are there already."""
    python = folder / "environment" / "bin" / "python"
    if not python.exists():
        venv.create(folder / "environment", with_pip=True)
        clients = (
            f"openai[aiohttp]=={version('openai')}",
            f"google-genai=={version('google-genai')}",
        )
        _pip(python, "install", *clients, *TOOLS)
    picture = folder / "picture.png"
    picture.write_bytes(draw("A picture to work from"))
    return [_openai(folder, python, picture), _google(folder, python, picture)]


def _openai(folder: Path, python: Path, picture: Path) -> Suite:
    name = f"openai-{version('openai')}"
    source = folder / name
    if not source.exists():
        _pip(
            python,
            "download",
            "--no-deps",
            "--no-binary",
            "openai",
            "--dest",
            str(folder),
            name.replace("-", "=="),
        )
        with tarfile.open(folder / f"{name}.tar.gz") as archive:
            archive.extractall(folder, filter="data")
    settings = source / "tests" / "conftest.py"
    _rewrite(settings, settings.read_text(), {'"My API Key"': 'os.environ["TEST_API_KEY"]'})
    model = load_catalog().default("gemini").name
    return Suite(
        name=name,
        python=python,
        folder=source,
        tests=("tests/api_resources/test_images.py", "tests/api_resources/test_models.py"),
        address="TEST_API_BASE_URL",
        path="/v1",
        key="TEST_API_KEY",
        more={},
        options=("--override-ini=addopts=",),
        fitted={
            'mask=b"Example data",': "",
            'markup=b"Example data",': "",
            'b"Example data"': f'__import__("pathlib").Path("{picture}").read_bytes()',
            '"gpt-6-astra"': f'"{model}"',
        },
    )


def _google(folder: Path, python: Path, picture: Path) -> Suite:
    # Not from their own folder: it holds a package `types`, which would hide Python's.
    [packages] = (folder / "environment").glob("lib/python*/site-packages")
    tests = Path("google", "genai", "tests")
    data = packages / tests / "data"
    data.mkdir(exist_ok=True)
    # Read by what they import; the wheel is without it.
    for name in ("google.png", "voice_sample.wav"):
        (data / name).write_bytes(picture.read_bytes())
    settings = packages / tests / "conftest.py"
    ours = "http_options={**(http_options or {}), 'base_url': os.environ['TEST_BASE_URL']}"
    text = settings.read_text()
    if ours not in text:
        _rewrite(settings, text, {"http_options=http_options": ours})
    models = tests / "models"
    content = f"{models / 'test_generate_content.py'}::test_"
    pictures = (
        *("sync_stream_with_non_text_modality", "async_stream_with_non_text_modality"),
        *("error_handling_stream", "error_handling_unary"),
        *("error_handling_stream_async", "error_handling_unary_async"),
    )
    return Suite(
        name=f"google-genai-{version('google-genai')}",
        python=python,
        folder=packages,
        tests=(
            str(models / "test_generate_content_image_generation.py"),
            *(content + each for each in pictures),
            str(models / "test_list.py"),
            str(models / "test_get.py"),
        ),
        address="TEST_BASE_URL",
        path="/gemini",
        key="GOOGLE_API_KEY",
        more={
            "GOOGLE_GENAI_RUN_GEMINI_ONLY_IN_API_MODE": "1",
            "GOOGLE_GENAI_REPLAYS_DIRECTORY": str(folder / "replays"),
        },
        options=("--mode=api", "-o", "asyncio_mode=auto"),
        fitted={
            "'gemini-2.5-flash'": "'gemini-2.5-flash-image'",
            "'models/gemini-2.5-flash'": "'models/gemini-2.5-flash-image'",
            "'gemini-2.0-flash-preview-image-generation'": "'gemini-2.5-flash-image'",
        },
    )


def _rewrite(file: Path, text: str, changes: Changes) -> None:
    for before, after in changes.items():
        text = text.replace(before, after)
    file.write_text(text)


def _pip(python: Path, *arguments: str) -> None:
    command = [str(python), "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    subprocess.run(command, check=True, stderr=subprocess.DEVNULL)


def _outcomes(report: Path) -> list[Outcome]:
    """Read what pytest wrote."""
    found = []
    for case in ET.parse(report).iter("testcase"):  # noqa: S314 - pytest wrote it
        test = f"{case.get('classname', '').rpartition('.')[2]}.{case.get('name')}"
        [reason, *_] = [
            (kind, child.get("message") or "")
            for kind in ("failure", "error", "skipped")
            for child in case.iter(kind)
        ] or [("", "")]
        result = {"": "passed", "skipped": "skipped"}.get(reason[0], "failed")
        found.append(Outcome(test, result, re.sub(r"\s+", " ", reason[1])))
    return found
