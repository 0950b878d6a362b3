"""``tbcookbook run``: results, streams, exit status, interrupts."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from conftest import Command, Kitchen, heed_interrupts


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
