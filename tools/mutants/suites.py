"""The suites that are weighed: their cases, which lines each runs, and whether one notices a fault."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from tbcookbook.execution.sandbox import Limits, Probe, Sandbox
from tbcookbook.recordings.differences import against_recording
from tbcookbook.suite import run_case
from tbcookbook.targets.target import Target
from tbcookbook.verdict.case import Case
from tbcookbook.verdict.judge import Verdict
from tools.mutants.faults import Fault, Planted

INSIDE = Path(__file__).parent / "inside"
SURVEY_SECONDS = 600.0
PYTEST = ("pytest", "_pytest", "py", "pluggy", "iniconfig", "packaging", "pygments")  # pure Python: the driver's serve

Lines = frozenset[tuple[str, int]]  # file and line


@dataclass(frozen=True)
class Check:
    """A script or a test, the lines of the modules with faults that it runs, and its seconds."""

    name: str
    lines: Lines
    seconds: float


class Suite(Protocol):
    """What notices faults, or does not."""

    title: str
    checks: Sequence[Check]
    at_once: int  # checks that one process takes

    def notices(self, fault: Fault | None, checks: Sequence[Check]) -> str:
        """The first of the checks that notices it, and what differs from what is expected; empty for none."""


def overlay(target: Target, planted: Sequence[Planted], work: Path) -> Target:
    """The target with modules that have all faults. `work` is an empty folder, which must stay."""
    modules = {
        found.module: {"file": str(found.file), "text": found.text, "starts": dict(found.starts)} for found in planted
    }
    (work / "modules.json").write_text(json.dumps(modules), encoding="utf-8")
    path = os.pathsep.join([str(INSIDE), str(work)])
    return replace(target, env={**target.env, "PYTHONPATH": path, "MUTANTS_FOLDER": str(work)})


def lines_in(seen: Path) -> Lines:
    """What a survey has written of one check."""
    if not seen.exists():
        return frozenset()
    pairs = (line.rpartition(":") for line in seen.read_text(encoding="utf-8").splitlines())
    return frozenset((file, int(number)) for file, _, number in pairs)


Held = Callable[[Verdict, Path], Verdict]  # what a verdict is held against


def by_expectation(verdict: Verdict, _: Path) -> Verdict:
    return verdict


def by_recording(verdict: Verdict, observed: Path) -> Verdict:
    return against_recording(replace(verdict, mismatches=()), observed)


# From the strictest: a script is held in the first of these ways in which it is right without a fault.
WAYS: Mapping[Held, str] = {
    against_recording: "as expected and recorded",
    by_expectation: "as expected",
    by_recording: "as recorded",
}


@dataclass
class Scenarios:
    """Both scripts of every scenario that runs through a module with faults."""

    title = "the scenarios"
    at_once = 1
    cases: Mapping[str, Case]
    probe: Path
    observed: Path
    held: Mapping[str, Held]
    checks: Sequence[Check]
    ill: Sequence[str]  # what cannot be held against everything

    def notices(self, fault: Fault | None, checks: Sequence[Check]) -> str:
        (check,) = checks
        variables = {} if fault is None else {"MUTANTS_FAULT": fault.name}
        limits = Limits(seconds=20 + 5 * check.seconds)
        case = self.cases[check.name]
        found = run_case(case, Sandbox(case.interpreter, self.probe, limits, extra=variables))
        differs = told_of(self.held[check.name](found, self.observed))
        return f"{check.name}: {differs}" if differs else ""


def told_of(verdict: Verdict) -> str:
    return " ".join("; ".join(f"{found.what}: {found.actual}" for found in verdict.mismatches[:2]).split())[:200]


def survey_scenarios(
    cases: Sequence[Case], target: Target, probe: Path, observed: Path, work: Path, jobs: int
) -> Scenarios:
    """Run all scripts once without a fault. One that is not as it should be is left out, and told."""
    found = {f"{case.scenario.slug}/{case.role}": Case(case.scenario, case.role, target) for case in cases}
    held: dict[str, Held] = {}
    checks, ill = [], []

    def run(name: str) -> tuple[str, Verdict, Lines]:
        seen = work / f"{name.replace('/', '-')}.txt"
        sandbox = Sandbox(target, probe, Limits(seconds=SURVEY_SECONDS), extra={"MUTANTS_SEEN": str(seen)})
        return name, run_case(found[name], sandbox), lines_in(seen)

    with ThreadPoolExecutor(jobs) as pool:
        for name, verdict, lines in pool.map(run, found):
            if not lines:
                continue
            for way, words in WAYS.items():
                differs = told_of(way(verdict, observed))
                if not differs:
                    held[name] = way
                    break
                ill.append(f"{name} is not {words}: {differs}")
            else:
                continue
            checks.append(Check(name, lines, verdict.observation.times.seconds))
    return Scenarios(found, probe, observed, held, checks, ill)


@dataclass
class OwnTests:
    """The tests that a library brings for the module with faults."""

    at_once = 1000
    title: str
    target: Target
    module: str
    probe: Path
    checks: Sequence[Check] = field(default_factory=list)

    def run(self, variables: Mapping[str, str], seconds: float) -> tuple[int | None, str]:
        sandbox = Sandbox(
            self.target, self.probe, Limits(seconds=seconds), extra={"MUTANTS_MODULE": self.module, **variables}
        )
        seen = sandbox.run(INSIDE / "own_tests.py")
        return seen.exit, f"{seen.ending}\n{seen.stdout}\n{seen.stderr}"

    def notices(self, fault: Fault | None, checks: Sequence[Check]) -> str:
        variables = {} if fault is None else {"MUTANTS_FAULT": fault.name}
        tests = [check.name for check in checks]
        seconds = 20 + 5 * sum(check.seconds for check in checks)
        status, said = self.run({**variables, "MUTANTS_TESTS": json.dumps(tests)}, seconds)
        if status in (2, 3, 4, 5):  # of pytest: nothing was tested
            raise RuntimeError(f"{self.title}: {', '.join(tests)} cannot be run: {said[-2000:]}")
        if status == 0:
            return ""
        failed = [name for name in re.findall(r"^FAILED .*?::(\w+)(?: - |$)", said, re.MULTILINE) if name in tests]
        return f"{failed[0]}: fails" if failed else f"{tests[0]}: or another ends with {status}"

    def survey(self, work: Path) -> None:
        """Run all tests once without a fault."""
        status, said = self.run({"MUTANTS_SURVEY": str(work)}, SURVEY_SECONDS)
        if status != 0:
            raise RuntimeError(f"{self.title} fail without a fault: {said[-3000:]}")
        told = json.loads((work / "tests.json").read_text(encoding="utf-8"))
        self.checks = [Check(row["name"], lines_in(Path(row["seen"])), row["seconds"]) for row in told]


@contextlib.contextmanager
def own_tests(title: str, module: str, target: Target, work: Path) -> Iterator[OwnTests]:
    """A library's own tests, in forks of a process that has them imported."""
    for name in PYTEST:
        spec = importlib.util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        file = Path(spec.origin)
        source = file.parent if file.name == "__init__.py" else file
        (work / source.name).symlink_to(source)
    with Probe(target, preload=(*target.preload, "pytest", module)) as probe:
        tests = OwnTests(title, target, module, probe.folder)
        tests.survey(work)
        yield tests


def order(checks: Sequence[Check], fault: Fault, file: Path) -> list[Check]:
    """Those that run through a fault, each before those that add less to what the ones before it run.

    That is told by lines of the function, then of the module. Checks that run the same lines of a module seldom notice
    different faults of it, so another of these comes when there is none that runs others.
    """
    left = {
        check: frozenset(line for name, line in check.lines if name == str(file))
        for check in checks
        if any((str(file), line) in check.lines for line in fault.lines)
    }
    chosen: list[Check] = []
    while left:
        seen: frozenset[int] = frozenset()
        had: set[frozenset[int]] = set()
        while others := {check: lines for check, lines in left.items() if lines not in had}:
            best = max(
                others,
                key=lambda check: (len((left[check] - seen) & fault.body), len(left[check] - seen), -check.seconds),
            )
            had.add(left[best])
            seen |= left.pop(best)
            chosen.append(best)
    return chosen


def first_notice(suite: Suite, fault: Fault, checks: Sequence[Check]) -> str:
    """The name of the first check that notices a fault, and what differs; empty if none does."""
    for start in range(0, len(checks), suite.at_once):
        differs = suite.notices(fault, checks[start : start + suite.at_once])
        if differs:
            return re.sub(r"\s+", " ", differs)
    return ""
