"""``--target``: what it takes, and one line for what it cannot take."""

from __future__ import annotations

from pathlib import Path

import pytest

from conftest import Command, Kitchen


def test_the_path_of_an_interpreter(command: Command, kitchen: Kitchen) -> None:
    shown = command("run", "first", "--target", str(kitchen.python))
    assert shown.returncode == 0, shown.stderr
    assert "python" in command("run", "first", "--target", str(kitchen.python), "--json").stdout


@pytest.mark.parametrize("program", ["/bin/ls", "/bin/cat", "/bin/true", "/bin/echo"])
def test_what_is_no_python(program: str, command: Command) -> None:
    """And nothing of our own program in what is said of it."""
    shown = command("run", "--target", f"mine={program}")
    assert shown.returncode == 2
    assert shown.stderr.startswith(f"tbcookbook: target mine: {program} is not a Python that works: ")
    assert shown.stderr.count("\n") == 1
    assert "import" not in shown.stderr


def test_an_answer_that_is_nothing_like_ours(command: Command, tmp_path: Path) -> None:
    python = tmp_path / "python"
    for answer in ["3", "null", "{}", '{"python": "x", "path": [], "platform": ""}', "\\377", '[["' + "[" * 50]:
        python.write_text(f"#!/bin/sh\nprintf '{answer}'\n")
        python.chmod(0o755)
        shown = command("run", "--target", f"mine={python}")
        assert (shown.returncode, shown.stderr.count("\n")) == (2, 1), shown.stderr
        assert "is not a Python that works" in shown.stderr


def test_the_home_of_environments_is_a_file(command: Command, tmp_path: Path) -> None:
    (tmp_path / "home").write_text("")
    shown = command("run", "--target", "tf-2.21", TBCOOKBOOK_HOME=str(tmp_path / "home"))
    assert (shown.returncode, shown.stderr.count("\n")) == (2, 1)
    assert "cannot be made there: Not a directory" in shown.stderr
    assert "TBCOOKBOOK_HOME" in shown.stderr
    assert command("targets", TBCOOKBOOK_HOME=str(tmp_path / "home")).returncode == 0


def test_an_unknown_target(command: Command) -> None:
    for arguments in (["run", "--target", "tf-2.22"], ["matrix", "tf-2.22"]):
        shown = command(*arguments)
        assert (shown.returncode, shown.stderr.count("\n")) == (2, 1)
        assert "tf-2.21" in shown.stderr
        assert shown.stderr.count("tf-2") == 4  # what was given, and three
