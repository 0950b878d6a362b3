"""The command line: results, streams, exit status, and one clear message for bad input."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from conftest import Kitchen, heed_interrupts

Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def command(kitchen: Kitchen, tmp_path: Path) -> Command:
    """Run ``tbcookbook`` on the kitchen's scenarios, away from the checkout."""

    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tbcookbook", "--scenarios", kitchen.root, *arguments],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=120,
            env={**os.environ, "COLUMNS": "120"},
        )

    return run


def test_list(command: Command) -> None:
    shown = command("list")
    assert shown.returncode == 0
    assert [line.split() for line in shown.stdout.splitlines()] == [
        ["scenario", "mistake"],
        ["chapter/first", "A", "mistake"],
        ["chapter/second", "A", "mistake"],
    ]
    (first,) = json.loads(command("list", "first", "--json").stdout)
    assert (first["scenario"], first["chapter"]) == ("first", "chapter")
    assert first["expectations"]["broken"][0]["type"] == "ValueError"


def test_explain(command: Command) -> None:
    shown = command("explain", "chapter/first").stdout
    parts = ["A mistake", "ValueError: Expected scalar shape, saw shape: {shape}.", "What you see", "An error."]
    parts += ["-raise ValueError", "On which versions", "https://example.org/report"]
    positions = [shown.index(part) for part in parts]
    assert positions == sorted(positions)
    assert "raise ValueError" in json.loads(command("explain", "first", "--json").stdout)["difference"]


def test_run_as_expected(command: Command, kitchen: Kitchen) -> None:
    shown = command("run", "--target", kitchen.target)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout.count("✔") == 4
    assert "4 script runs on 1 target(s), 0 not as expected" in shown.stderr
    assert kitchen.imports() == 1


def test_run_json_is_one_document(command: Command, kitchen: Kitchen) -> None:
    shown = command("run", "--json", "--target", kitchen.target, "first")
    document = json.loads(shown.stdout)
    assert [run["case"] for run in document["runs"]] == ["first/broken@fake", "first/fixed@fake"]
    assert all(run["as_expected"] for run in document["runs"])
    assert document["runs"][0]["observation"]["exception"]["line"] == 5
    assert document["targets"]["fake"]["versions"]["keras"] == "3.15.1"
    assert document["not_as_expected"] == 0


def test_run_with_a_difference(command: Command, kitchen: Kitchen) -> None:
    kitchen.change("broken.py", "raise ValueError", "raise TypeError")
    shown = command("run", "--target", kitchen.target)
    assert shown.returncode == 1
    assert "first/broken@fake: not as expected" in shown.stdout
    assert "exception type  ValueError" in shown.stdout
    assert "1 not as expected" in shown.stderr
    document = json.loads(command("run", "--json", "--target", kitchen.target).stdout)
    assert [mismatch["what"] for mismatch in document["runs"][0]["mismatches"]] == ["exception type"]


def test_several_targets(command: Command, kitchen: Kitchen) -> None:
    shown = command("run", "--target", kitchen.target, "--target", f"other={kitchen.python}")
    assert shown.returncode == 0
    assert "8 script runs on 2 target(s)" in shown.stderr
    assert kitchen.imports() == 2


def test_spawn(command: Command, kitchen: Kitchen) -> None:
    assert command("run", "--isolation", "spawn", "--target", kitchen.target).returncode == 0
    assert kitchen.imports() == 4


def test_new(command: Command, kitchen: Kitchen) -> None:
    made = command("new", "writer/no-flush")
    assert made.returncode == 0
    assert made.stdout == f"{kitchen.root / 'writer/no-flush'}\n"
    assert "writer/no-flush" in command("list").stdout
    again = command("new", "writer/no-flush")
    assert (again.returncode, again.stdout) == (2, "")
    assert "is taken" in again.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["explain", "frist"], "no scenario 'frist'; expected first, perhaps; one of first, second"),
        (["list", "chaptre"], "expected chapter, perhaps"),
        (["run", "--target", "nonsense"], "expected NAME=PATH_TO_PYTHON"),
        (["run", "--target", "x=/nowhere"], "/nowhere cannot be started"),
        (["run", "--isolation", "thread"], "'thread' is not one of 'fork', 'spawn'"),
        (["run", "--seconds", "0"], "0.0 is not in the range x>0"),
        (["new", "no-chapter"], "expected CHAPTER/SLUG"),
        (["rnu"], "No such command 'rnu'"),
        (["explain"], "Missing argument 'SLUG'"),
    ],
)
def test_bad_usage(arguments: list[str], said: str, command: Command) -> None:
    shown = command(*arguments)
    assert shown.returncode == 2
    assert said in shown.stderr
    assert shown.stdout == ""
    assert "Traceback" not in shown.stderr


def test_one_name_for_two_interpreters(command: Command, kitchen: Kitchen) -> None:
    shown = command("run", "--target", kitchen.target, "--target", f"fake={sys.executable}")
    assert shown.returncode == 2
    assert "given twice" in shown.stderr


def test_target_without_tensorflow(command: Command, tmp_path: Path) -> None:
    python = tmp_path / "bare"
    python.write_text(f'#!/bin/sh\nexec {sys.executable} -S "$@"\n')
    python.chmod(0o755)
    shown = command("run", "--target", f"bare={python}")
    assert shown.returncode == 2
    assert "there is no TensorFlow in" in shown.stderr
    assert "pip install tensorflow" in shown.stderr


def test_bad_scenario(command: Command, kitchen: Kitchen) -> None:
    kitchen.change("scenario.toml", "outcome", "outcom")
    shown = command("list")
    assert shown.returncode == 2
    assert shown.stderr == (
        f"tbcookbook: {kitchen.root}/chapter/first/scenario.toml: broken[0]: found the unknown key 'outcom'; "
        "expected outcome, perhaps; one of on, outcome, type, message, exit, signal, note, events\n"
    )


def test_interrupt(kitchen: Kitchen, tmp_path: Path) -> None:
    kitchen.change("broken.py", "raise", "import time; time.sleep(60)\nraise")
    process = subprocess.Popen(
        [sys.executable, "-m", "tbcookbook", "--scenarios", kitchen.root, "run", "--target", kitchen.target],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        preexec_fn=heed_interrupts,
    )
    deadline = time.monotonic() + 60
    while not (kitchen.count.exists() and "broken" in kitchen.count.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert (out, err.strip()) == ("", "tbcookbook: interrupted")
    assert list(tmp_path.glob("tbcookbook-*")) == []


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
        "import sys\nimport tbcookbook.cli as cli\n"
        "def broken(*_, **__):\n    raise RuntimeError('of\\nours')\n"
        "cli.cookbook.main = broken\ncli.main()\n"
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
