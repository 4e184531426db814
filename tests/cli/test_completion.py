"""`manage.py completion`."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.shell_completion import BashComplete
from click.testing import CliRunner

import manage
from config import ROOT
from tests.processes import environment


def complete(*words: str) -> list[str]:
    """Return what is offered for the last of the words."""
    how = BashComplete(manage.cli, {}, "manage.py", "_MANAGE_PY_COMPLETE")
    return [each.value for each in how.get_completions(list(words[:-1]), words[-1])]


def test_commands_and_options_are_completed() -> None:
    assert complete("im") == ["images"]
    assert complete("images", "li") == ["lineage", "list"]
    assert complete("images", "list", "--sav") == ["--saved"]
    assert complete("images", "list", "--source", "u") == ["upload"]


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_takes_its_script(shell: str) -> None:
    script = CliRunner().invoke(manage.cli, ["completion", shell]).stdout
    assert str(ROOT / "manage.py") in script
    if not shutil.which(shell):
        pytest.skip(f"there is no {shell} here")
    subprocess.run([shell, "-n"], input=script, text=True, check=True)


@pytest.mark.skipif(not shutil.which("bash"), reason="there is no bash here")
def test_tab_in_bash_completes_for_this_manage_py_alone(tmp_path: Path, instance: Path) -> None:
    script = CliRunner().invoke(manage.cli, ["completion", "bash"]).stdout
    (tmp_path / "manage.py").write_text("raise SystemExit('ours is not to be run')\n")
    tabs = f"""{script}
        for file in {tmp_path}/manage.py manage.py; do
            COMP_WORDS=({shlex.quote(sys.executable)} $file images tag --ad) COMP_CWORD=4
            _proofsheet_complete
            echo "${{COMPREPLY[*]}}"
        done
    """
    done = subprocess.run(
        [str(shutil.which("bash")), "-c", tabs],
        cwd=ROOT,
        env=environment(instance),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "\n--add\n"
