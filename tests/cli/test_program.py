"""The program around the commands: what goes wrong in one, and what it costs to start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from conftest import Command, Kitchen


def test_bad_scenario(command: Command, kitchen: Kitchen) -> None:
    kitchen.change("scenario.toml", "outcome", "outcom")
    shown = command("list")
    assert shown.returncode == 2
    toml = kitchen.root / "chapter" / "first" / "scenario.toml"
    assert all(line.startswith(f"tbcookbook: {toml}: ") for line in shown.stderr.splitlines())
    assert "broken[0]: found the unknown key 'outcom'; expected outcome, perhaps" in shown.stderr


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["list"], ["explain", "first"]])
def test_nothing_heavy_is_imported(arguments: list[str], kitchen: Kitchen) -> None:
    """What runs nothing imports neither TensorFlow nor TensorBoard."""
    check = (
        "import sys\nfrom tbcookbook.cli import main\n"
        f"sys.argv = ['tbcookbook', '--scenarios', {str(kitchen.root)!r}, *{arguments!r}]\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'tensorflow', 'tensorboard', 'keras', 'numpy'} & sys.modules.keys()\n"
        "assert not heavy, heavy\n"
    )
    subprocess.run([sys.executable, "-c", check], check=True, stdout=subprocess.DEVNULL)


@pytest.mark.parametrize("asked", [False, True])
def test_a_fault_of_ours_is_one_line(asked: bool, tmp_path: Path) -> None:
    """The traceback is there for who asks for it, and for nobody else."""
    check = (
        "import sys\nimport tbcookbook.cli.program as cli\n"
        "def broken(*_, **__):\n    raise RuntimeError('of\\nours')\n"
        "cli.cookbook.make_context = broken\ncli.main()\n"
    )
    asked_for = {"TBCOOKBOOK_TRACEBACK": "1"} if asked else {}
    shown = subprocess.run(
        [sys.executable, "-c", check], capture_output=True, text=True, env={**os.environ, **asked_for}
    )
    if asked:
        assert "Traceback" in shown.stderr
    else:
        assert shown.returncode == 70
        assert shown.stderr == (
            "tbcookbook: internal error: RuntimeError: of ours; "
            "please report it, with TBCOOKBOOK_TRACEBACK=1 for the traceback\n"
        )
