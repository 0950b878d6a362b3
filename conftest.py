"""Fixtures of the harness's own tests, which need no TensorFlow.

The scenarios are made into tests by `tbcookbook.pytest_plugin`, which pyproject.toml loads.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tbcookbook.execution.sandbox import Limits, Probe, Sandbox
from tbcookbook.observation.record import Observation
from tbcookbook.targets.target import Target, this_target

pytest_plugins = ["pytester"]

QUICK = Limits(seconds=60.0, memory=2**29, output=2**20)  # of scripts that end at once, on a busy machine too


@pytest.hookimpl(optionalhook=True)  # where pytest-xdist is
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """With ``-n`` alone, a worker that is done takes tests from another: the last of them make environments."""
    if config.getoption("dist") != "load":
        return None
    from xdist.scheduler import WorkStealingScheduling

    return WorkStealingScheduling(config, log)


def heed_interrupts() -> None:
    """In a process to be: heed Ctrl-C, which a shell has processes in the background ignore."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


RunText = Callable[..., Observation]


@pytest.fixture(scope="session")
def here() -> Target:
    """The interpreter that the tests run on."""
    return this_target()


@pytest.fixture(scope="session")
def probe(here: Target) -> Iterator[Probe]:
    """A probe with nothing preloaded."""
    with Probe(here, preload=()) as probe:
        yield probe


@pytest.fixture
def run_text(here: Target, probe: Probe, tmp_path: Path) -> RunText:
    """Run a script given as text."""

    def run(text: str, values: tuple[str, ...] = (), limits: Limits = QUICK) -> Observation:
        script = tmp_path / "script.py"
        script.write_text(textwrap.dedent(text), encoding="utf-8")
        return Sandbox(here, probe.folder, limits).run(script, values)

    return run


BROKEN = """
import tensorflow

tensorflow.note("broken")
raise ValueError("Expected scalar shape, saw shape: (32,).")  # <- not a number
"""

FIXED = """
import tensorflow

tensorflow.note("fixed")
"""

EXPECTATIONS = """
title = "A mistake"
sources = ["https://example.org/report"]

[[broken]]
on = "*"
outcome = "raises"
type = "ValueError"
message = "Expected scalar shape, saw shape: {shape}."

[[fixed]]
on = "*"
outcome = "ok"
"""

PAGE = "## What you see\n\nAn error.\n\n## Why\n\nA vector.\n\n## The fix\n\nReduce it.\n" + "More words. " * 50


@dataclass(frozen=True)
class Kitchen:
    """Two scenarios, and an interpreter with a module `tensorflow` that only counts how often it is imported."""

    root: Path
    python: Path
    count: Path

    @property
    def target(self) -> str:
        """What to give to ``--target``."""
        return f"fake={self.python}"

    def imports(self) -> int:
        return self.count.read_text().split().count("imported") if self.count.exists() else 0

    def change(self, name: str, old: str, new: str) -> None:
        path = self.root / "chapter" / "first" / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))


@pytest.fixture
def kitchen(tmp_path: Path) -> Kitchen:
    modules, root = tmp_path / "modules", tmp_path / "scenarios"
    (modules / "tensorflow").mkdir(parents=True)
    (modules / "tensorflow" / "__init__.py").write_text(
        f"def note(word):\n    with open({str(tmp_path / 'count')!r}, 'a') as file:\n        file.write(word + '\\n')\n"
        "note('imported')\n"
    )
    for package, version in [("tensorflow", "2.21.0"), ("keras", "3.15.1")]:
        (modules / f"{package}-{version}.dist-info").mkdir()
        metadata = f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n"
        (modules / f"{package}-{version}.dist-info" / "METADATA").write_text(metadata)
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH={modules} exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    for slug in ("first", "second"):
        folder = root / "chapter" / slug
        folder.mkdir(parents=True)
        (folder / "broken.py").write_text(BROKEN)
        (folder / "fixed.py").write_text(FIXED)
        (folder / "scenario.toml").write_text(EXPECTATIONS)
        (folder / "README.md").write_text(PAGE)
    return Kitchen(root, python, tmp_path / "count")


Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def command(kitchen: Kitchen, tmp_path: Path) -> Command:
    """Run ``tbcookbook`` on the kitchen's scenarios, away from the checkout; keywords are environment variables."""

    def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "tbcookbook", "--scenarios", kitchen.root, *arguments],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            timeout=120,
            env={**os.environ, "COLUMNS": "120", **variables},
        )

    return run
