"""Where the output goes to: a full disk, a pipe that nobody reads, an encoding without our signs, a file."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from conftest import Command, Kitchen

COMMANDS = [["--help"], ["--version"], ["list"], ["list", "--json"], ["explain", "first"], ["run", "--help"]]


def to(stdout: str, kitchen: Kitchen, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run it with stdout redirected by a shell."""
    command = [sys.executable, "-m", "tbcookbook", "--scenarios", str(kitchen.root), *arguments]
    return subprocess.run(["sh", "-c", f'"$@" {stdout}', "sh", *command], capture_output=True, text=True)


@pytest.mark.parametrize("arguments", COMMANDS)
def test_stdout_is_full(arguments: list[str], kitchen: Kitchen) -> None:
    shown = to("> /dev/full", kitchen, *arguments)
    assert (shown.returncode, shown.stderr) == (2, "tbcookbook: stdout: No space left on device\n")


@pytest.mark.parametrize("arguments", COMMANDS)
def test_both_are_full(arguments: list[str], kitchen: Kitchen) -> None:
    assert to("> /dev/full 2>&1", kitchen, *arguments).returncode == 2


@pytest.mark.parametrize("arguments", COMMANDS)
def test_stdout_is_closed(arguments: list[str], kitchen: Kitchen) -> None:
    shown = to(">&-", kitchen, *arguments)
    assert (shown.returncode, shown.stderr) == (0, "")


@pytest.mark.parametrize("arguments", COMMANDS)
def test_nobody_reads(arguments: list[str], kitchen: Kitchen) -> None:
    """As for every program in a pipe: no word of it."""
    reader, writer = os.pipe()
    os.close(reader)
    ended = subprocess.run(
        [sys.executable, "-m", "tbcookbook", "--scenarios", str(kitchen.root), *arguments],
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writer)
    assert (ended.returncode, ended.stderr) == (141, "")


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_an_encoding_without_our_signs(encoding: str, command: Command, kitchen: Kitchen) -> None:
    kitchen.change("scenario.toml", "A mistake", "A mistake → \\u4e2d")
    shown = command("list", PYTHONIOENCODING=encoding)
    assert (shown.returncode, "A mistake -> \\u4e2d" in shown.stdout) == (0, True)
    shown = command("run", "first", "--target", kitchen.target, PYTHONIOENCODING=encoding)
    assert (shown.returncode, shown.stdout.count("ok raises ValueError")) == (0, 1)
    shown = command("list", "--json", PYTHONIOENCODING=encoding)
    assert json.loads(shown.stdout)[0]["title"] == "A mistake → \u4e2d"


def test_a_table_that_is_piped_is_not_cut(command: Command, kitchen: Kitchen) -> None:
    long = "a-name-" + "of-many-words-" * 6 + "x"
    (kitchen.root / "chapter" / "first").rename(kitchen.root / "chapter" / long)
    shown = command("run", "--target", kitchen.target, COLUMNS="80")
    assert shown.returncode == 0, shown.stderr
    assert f"chapter/{long}" in shown.stdout
    assert "\x1b" not in shown.stdout + shown.stderr


def test_a_list_fits_eighty_columns() -> None:
    command, narrow = [sys.executable, "-m", "tbcookbook", "list"], {**os.environ, "COLUMNS": "80"}
    shown = subprocess.run(command, capture_output=True, text=True, env=narrow)
    assert max(map(len, shown.stdout.splitlines())) <= 80
