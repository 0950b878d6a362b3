"""Tests on a module with a fault, in a fork of a process that has the packages of others imported."""

from __future__ import annotations

import contextlib
import importlib
import importlib.machinery
import importlib.util
import json
import os
import resource
import shutil
import signal
import sys
import tempfile
import time
import types
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import coverage
import pytest
from hypothesis import settings

# What the tests import that is not ours. Nothing that is ours may be imported before the fork.
PRELOADED = (
    *("_pytest.pytester", "click.testing", "google.protobuf.json_format", "hypothesis.strategies", "jsonschema"),
    *("msgspec.json", "numpy", "packaging.specifiers", "packaging.version", "PIL.Image", "psutil", "rich.console"),
    "tensorboard.backend.event_processing.event_file_loader",
)
TESTS = (
    *("tests/verdict", "tests/scenarios", "tests/test_drift.py", "tests/observation", "tests/recordings"),
    "packages/pytest-tensorboard/tests",
)
# These measure how long something takes, which says nothing on a machine with other work.
MEASURING = "not time_is_linear"
OPTIONS = ("-x", "-q", "--no-header", "-p", "no:cacheprovider", "-W", "ignore::pytest.PytestAssertRewriteWarning")
SLOW = 5.0  # seconds of the processor for a test, from which on it is left out
CPU_SECONDS, SECONDS, MEMORY = 60, 240, 6 * 2**30  # of the tests on one fault; more counts as noticed


@dataclass
class Tests:
    """The tests, with the processor's seconds for each, and those that ran through each line of each file."""

    seconds: dict[str, float] = field(default_factory=dict)
    reaching: dict[str, dict[int, list[str]]] = field(default_factory=dict)

    def for_lines(self, path: Path, lines: Sequence[int]) -> list[str]:
        """All that run through a module, first those that run through these lines, and of them the quick ones."""
        known = self.reaching.get(str(path.resolve()), {})
        at_once = {test for line in lines for test in known.get(line, ())}
        tests = {test for reached in known.values() for test in reached} & self.seconds.keys()
        return sorted(tests, key=lambda test: (test not in at_once, self.seconds[test], test))


def warm_up() -> None:
    """Import what is slow, and have Hypothesis give the same examples each time, as late as it likes."""
    os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1")
    for name in PRELOADED:
        importlib.import_module(name)
    settings.register_profile("weigh", database=None, derandomize=True, deadline=None)
    settings.load_profile("weigh")


def survey(work: Path, sources: Sequence[Path]) -> Tests:
    """Run all tests once on what is there. Raises RuntimeError if one fails."""
    answer = work / "survey.json"
    print("Running the tests as they are.", flush=True)
    child = start(lambda: observe(answer, sources), work / "survey")
    _, status = os.waitpid(child, 0)
    if status or not answer.exists():
        raise RuntimeError(f"the tests fail without a fault:\n{(work / 'survey.txt').read_text()}")
    told = json.loads(answer.read_text())
    reaching = {path: {int(line): tests for line, tests in lines.items()} for path, lines in told["reaching"].items()}
    quick = {test: seconds for test, seconds in told["seconds"].items() if seconds < SLOW}
    print(
        f"{len(quick)} tests; {len(told['seconds']) - len(quick)} that take {SLOW} s or more are left out.", flush=True
    )
    return Tests(quick, reaching)


def observe(answer: Path, sources: Sequence[Path]) -> int:
    measured = coverage.Coverage(data_file=None, config_file=False, include=[str(path.resolve()) for path in sources])
    watch = Watch(measured)
    measured.start()
    status = pytest.main([*OPTIONS, "-k", MEASURING, f"--basetemp={answer.with_suffix('')}", *TESTS], [watch])
    measured.stop()
    data = measured.get_data()
    reaching = {
        path: {line: [name for name in names if name] for line, names in data.contexts_by_lineno(path).items()}
        for path in data.measured_files()
    }
    answer.write_text(json.dumps({"seconds": watch.seconds, "reaching": reaching}))
    return int(status)


class Watch:
    """Notes how long a test takes, and tells coverage its name."""

    def __init__(self, measured: coverage.Coverage) -> None:
        self.measured = measured
        self.seconds: dict[str, float] = {}

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self.measured.switch_context(item.nodeid)
        began = time.process_time()
        try:
            return (yield)
        finally:
            self.seconds[item.nodeid] = time.process_time() - began


class Chosen:
    """Runs these tests alone, in this order."""

    def __init__(self, tests: Sequence[str]) -> None:
        self.order = {test: number for number, test in enumerate(tests)}

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        items[:] = [item for item in items if item.nodeid in self.order]
        items.sort(key=lambda item: self.order[item.nodeid])


class Changed(importlib.machinery.SourceFileLoader):
    """A module whose text is another than that of its file."""

    def __init__(self, name: str, path: Path, text: str) -> None:
        super().__init__(name, str(path))
        self.text = text

    def get_code(self, fullname: str) -> types.CodeType:
        code: types.CodeType = compile(self.text, self.path, "exec", dont_inherit=True)
        return code


class Planted:
    """Finds one module with its fault, and leaves the others to Python."""

    def __init__(self, path: Path, text: str) -> None:
        parts = path.with_suffix("").parts
        names = parts[parts.index("src") + 1 :]
        self.name = ".".join(names[:-1] if names[-1] == "__init__" else names)
        self.path, self.text = path.resolve(), text

    def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:
        if name != self.name:
            return None
        return importlib.util.spec_from_file_location(name, self.path, loader=Changed(name, self.path, self.text))


def run(path: Path, text: str, tests: Sequence[str], folder: Path) -> int:
    """Run these tests on a module with this text, in the child that this is; 0 if all pass."""
    sys.meta_path.insert(0, Planted(path, text))
    if not tests:
        return 0
    files = sorted({test.partition("::")[0] for test in tests})
    return int(pytest.main([*OPTIONS, f"--basetemp={folder}", *files], [Chosen(tests)]))


def start(work: Callable[[], int], folder: Path) -> int:
    """The process number of a fork that does this, with its output in a file beside the folder."""
    child = os.fork()
    if child:
        return child
    status = 3
    try:
        os.setsid()
        output = os.open(folder.with_suffix(".txt"), os.O_CREAT | os.O_WRONLY | os.O_TRUNC)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number, file in ((0, nothing), (1, output), (2, output)):
            os.dup2(file, number)
        status = work()
        sys.stdout.flush()
    finally:
        os._exit(status)


def limited(work: Callable[[], int]) -> int:
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    return work()


def unnoticed(tasks: Sequence[tuple[Path, str, Sequence[str]]], jobs: int, told: Callable[[int, bool], None]) -> None:
    """Run the tests on each module with a fault, some at a time; say for each whether all tests passed."""
    waiting = list(enumerate(tasks))[::-1]
    running: dict[int, tuple[int, float, Path]] = {}
    with tempfile.TemporaryDirectory(prefix="weigh-") as work:
        while waiting or running:
            while waiting and len(running) < jobs:
                number, (path, text, tests) = waiting.pop()
                folder = Path(work) / str(number)
                child = start(lambda p=path, t=text, n=tests, f=folder: limited(lambda: run(p, t, n, f)), folder)  # type: ignore[misc]
                running[child] = number, time.monotonic() + SECONDS, folder
            for child, (number, until, folder) in list(running.items()):
                done, status = os.waitpid(child, os.WNOHANG)
                if not done and time.monotonic() < until:
                    continue
                kill_group(child)
                if not done:
                    os.waitpid(child, 0)
                    status = 1
                del running[child]
                shutil.rmtree(folder, ignore_errors=True)
                told(number, status == 0)
            time.sleep(0.02)


def kill_group(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGKILL)
