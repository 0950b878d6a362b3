"""The guides that build on each other, one after the other in one folder, as they are written."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Kitchen

ROOT = Path(__file__).parents[1]
CI = "use-in-your-ci.md"
OWN = "test-your-own-training-code.md"


def lines_of(guide: str) -> list[str]:
    """The shell lines of a guide, in order."""
    text = (ROOT / "docs" / "how-to" / guide).read_text(encoding="utf-8")
    blocks = re.findall(r"^```console\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    return [line for block in blocks for line in block.splitlines()]


@pytest.fixture
def folder(tmp_path: Path, kitchen: Kitchen) -> Path:
    """A project with the checkout in `cookbook`, and both environments as the first guide makes them.

    These are the tests' own and the kitchen's: nothing is installed for it.
    """
    root = tmp_path / "project"
    (root / ".venv" / "bin").mkdir(parents=True)
    (root / ".venv" / "bin" / "python").symlink_to(kitchen.python)
    (root / ".cookbook").symlink_to(sys.prefix)
    (root / "cookbook").symlink_to(ROOT)
    return root


def test_one_after_the_other(folder: Path, kitchen: Kitchen) -> None:
    """From the checkout of the CI guide to the tests of the next one, which must not collect the cookbook's own."""
    text = (ROOT / "docs" / "how-to" / OWN).read_text(encoding="utf-8")
    ran = []
    for line in [*lines_of(CI), *lines_of(OWN)]:
        words = shlex.split(line)
        if " new " in line:
            assert shell(folder, words) == 0
            # Of this scenario the kitchen's script is enough: its interpreter has no TensorFlow.
            made = folder / "checks" / "training" / "epoch-curve"
            for path in (kitchen.root / "chapter" / "first").iterdir():
                (made / path.name).write_text(path.read_text())
        elif words[0].endswith(("pytest", "tbcookbook")) and "--scenarios" in words:
            if words[0].endswith("pytest"):
                (test,) = re.findall(r"^```python\n(import pytest.*?)^```", text, re.MULTILINE | re.DOTALL)
                (folder / "test_logs.py").write_text(test)
            assert shell(folder, words) == 0, line
        elif words[0].endswith("tbcookbook") and words[1] == "diff" and ".venv/bin/python" not in words:
            assert shell(folder, words) == 1, line
        else:
            continue  # installs, or runs every scenario
        ran.append(Path(words[0]).name)
    assert ran == ["tbcookbook", "tbcookbook", "tbcookbook", "pytest"]


def shell(folder: Path, words: list[str]) -> int:
    command = [str(folder / words[0]), *words[1:]]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    assert "Traceback" not in done.stderr, done.stderr
    return done.returncode
