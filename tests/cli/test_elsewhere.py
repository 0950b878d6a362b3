"""macOS and Windows: what runs no script works where there is no fcntl, no resource and no os.fork."""

from __future__ import annotations

import subprocess
import sys

import pytest

from conftest import Kitchen

# Windows has none of these; a None in sys.modules is a module that cannot be imported.
LACKING = """
import os, signal, sys
for name in ("fcntl", "resource", "termios", "pwd", "grp", "pty", "tty"):
    sys.modules[name] = None
for name in ("fork", "forkpty", "register_at_fork", "getuid", "geteuid", "killpg", "setsid", "sched_getaffinity"):
    if hasattr(os, name):
        delattr(os, name)
for name in ("SIGKILL", "SIGHUP", "SIGCHLD", "SIGSTOP", "set_wakeup_fd"):
    if hasattr(signal, name) and name.startswith("SIG"):
        delattr(signal, name)
from tbcookbook.cli import main
main()
"""


def elsewhere(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", LACKING, *arguments], capture_output=True, text=True)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--help"], 0),
        (["list"], 0),
        (["explain", "unreduced-loss"], 0),
        (["explain", "unreduced-loss", "--json"], 0),
        (["diff", "tf-2.15", "tf-2.16"], 1),
        (["diff", "tf-2.9", "tf-2.9", "--json"], 0),
        (["bisect", "unreduced-loss"], 1),
    ],
)
def test_what_runs_nothing(arguments: list[str], status: int) -> None:
    shown = elsewhere(*arguments)
    assert (shown.returncode, shown.stderr) == (status, "")
    assert shown.stdout


@pytest.mark.parametrize("arguments", [["run", "first"], ["matrix", "tf-2.9"], ["diff", "tf-2.9", "this"]])
def test_what_runs_says_what_it_needs(arguments: list[str], kitchen: Kitchen) -> None:
    shown = elsewhere("--scenarios", str(kitchen.root), *arguments)
    assert shown.returncode == 2
    assert "running scripts needs Linux" in shown.stderr
    assert "lacks fcntl, resource, os.fork" in shown.stderr
    assert [line for line in shown.stderr.splitlines() if "is stale" not in line][1:] == []
