"""Nothing of a stranger's reaches the terminal as more than text: of scenarios, scripts, recordings, in any command."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Command, Kitchen

# Sets the title of the window, clears the screen, goes up a line, rings; in one byte, and as text read backwards.
HOSTILE = "\x1b]0;owned\x07\x1b[2J\x1b[1A\r\x9b31m\u202e\x00\x7f"
IN_TOML = "".join(f"\\u{ord(sign):04X}" for sign in HOSTILE)
OBEYED = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]")


def clean(shown: subprocess.CompletedProcess[str], least: str = "\\x1b") -> None:
    """Nothing that a terminal obeys is in what was printed, and it was printed at all."""
    told = shown.stdout + shown.stderr
    assert not OBEYED.findall(told)
    assert least in told
    assert "Traceback" not in shown.stderr
    assert "INTERNALERROR" not in told


@pytest.fixture
def hostile(kitchen: Kitchen) -> Kitchen:
    """A scenario of which every text is hostile."""
    kitchen.change("scenario.toml", "A mistake", f"A {IN_TOML} mistake")
    kitchen.change("scenario.toml", "saw shape: {shape}.", f"saw {IN_TOML} {{shape}}.")
    kitchen.change("README.md", "An error.", f"An {HOSTILE} error.".replace("\r", "").replace("\x00", ""))
    kitchen.change("broken.py", "saw shape", "saw\\x1b[2J\\x9b\\ud800 shape")
    kitchen.change("broken.py", "raise", f"print({HOSTILE!a}, file=__import__('sys').stderr); raise")
    return kitchen


@pytest.mark.parametrize("arguments", [["list"], ["explain", "first"]])
def test_told(arguments: list[str], command: Command, hostile: Kitchen) -> None:
    clean(command(*arguments))
    clean(command(*arguments, "--json"), "\\u001b")


def test_run(command: Command, hostile: Kitchen) -> None:
    shown = command("run", "--target", hostile.target)
    assert shown.returncode == 1
    clean(shown)
    shown = command("run", "--target", hostile.target, "--json")
    clean(shown, "\\u001b")
    (run, *_) = json.loads(shown.stdout)["runs"]
    assert "\x1b[2J" in run["observation"]["exception"]["message"]


def test_run_with_names_that_are_hostile(command: Command, kitchen: Kitchen) -> None:
    """Of files, of exceptions, and of what is left behind."""
    kitchen.change("broken.py", "raise", f"open({'x' + HOSTILE.replace(chr(0), '')!a}, 'w'); raise")
    kitchen.change("broken.py", "raise ValueError", "raise type('E\\x1b[2J', (Exception,), {})")
    clean(command("run", "--target", kitchen.target))
    clean(command("run", "--target", kitchen.target, "--json"), "\\u001b")


def test_bad_names_in_arguments(command: Command, kitchen: Kitchen) -> None:
    bad = "\x1b[2J\x9b\u202e"
    for arguments in (["explain", bad], ["run", "--target", bad], ["diff", bad, bad], ["matrix", bad], ["new", bad]):
        clean(command(*arguments), "x1b")
    clean(command(bad), "x1b")
    clean(command("run", f"--{bad}"), "x1b")
    clean(command("run", "--seconds", bad), "x1b")


def test_a_bad_folder(command: Command, kitchen: Kitchen) -> None:
    (kitchen.root / "chapter" / "a\x1b[2J\nb").mkdir()
    kitchen.change("scenario.toml", "outcome", '"out\\u001b\\nx"')
    clean(command("list"), "x1b")


def test_a_message_of_megabytes_is_cut(command: Command, kitchen: Kitchen) -> None:
    kitchen.change("broken.py", 'ValueError("', 'ValueError("x" * 9_000_000 + "')
    kitchen.change("scenario.toml", "saw shape: {shape}.", "saw")
    shown = command("run", "first", "--target", kitchen.target)
    assert shown.returncode == 1
    assert len(shown.stdout + shown.stderr) < 20_000


def test_pytest(pytester: pytest.Pytester, hostile: Kitchen) -> None:
    suite = (Path(__file__).parents[1] / "test_scenarios.py").read_text(encoding="utf-8")
    pytester.makepyfile(test_scenarios=suite)
    told = [sys.executable, "-m", "pytest", "-p", "tbcookbook.pytest_plugin", "--scenarios", str(hostile.root)]
    for more in ([], ["-n", "1"]):
        shown = subprocess.run(
            [*told, "--target", hostile.target, *more], capture_output=True, text=True, cwd=pytester.path
        )
        clean(shown)
        assert "1 failed, 3 passed" in shown.stdout
