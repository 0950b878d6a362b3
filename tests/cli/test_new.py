"""``tbcookbook new``."""

from __future__ import annotations

from conftest import Command, Kitchen


def test_new(command: Command, kitchen: Kitchen) -> None:
    made = command("new", "writer/no-flush")
    assert made.returncode == 0
    assert made.stdout == f"{kitchen.root / 'writer/no-flush'}\n"
    assert "writer/no-flush" in command("list").stdout
    again = command("new", "writer/no-flush")
    assert (again.returncode, again.stdout) == (2, "")
    assert "is taken" in again.stderr
