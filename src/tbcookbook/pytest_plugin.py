"""pytest wiring: scenarios as parametrised cases on targets, one warm probe a target for all xdist workers.

A test that takes the fixture `verdict` runs once for each script on each target. Load it with
``pytest -p tbcookbook.pytest_plugin``.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from tbcookbook.errors import RecordingError, TargetError
from tbcookbook.execution.sandbox import Isolation, Probe, Sandbox
from tbcookbook.recordings.differences import against_recording, told_as_not_recorded
from tbcookbook.recordings.freshness import run_made
from tbcookbook.recordings.store import observed_root, prune, record, today
from tbcookbook.render.printable import in_a_line, printable
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.scenarios.problems import ScenarioError
from tbcookbook.scenarios.scenario import Scenario
from tbcookbook.suite import cases, environment_cases, made, need_packages, run_case, unique_targets
from tbcookbook.targets.environments import MissingInterpreterError, resolve_target
from tbcookbook.targets.registry import Needed, lacking
from tbcookbook.targets.target import THIS, Target
from tbcookbook.verdict.case import Case
from tbcookbook.verdict.judge import Verdict

CASE = "cookbook_case"
NOT_RECORDED = "tbcookbook_not_recorded"
unrecorded: list[str] = []  # of this session: target and script, as JSON
WORKER_PROBES = "tbcookbook_probes"  # key of the probes' folders in what xdist hands to a worker

targets_key = pytest.StashKey[list[Target]]()
probes_key = pytest.StashKey["Probes"]()


class Probes:
    """The probes of a session: started where they are first needed, in the process that owns them."""

    def __init__(self, targets: list[Target], folders: dict[str, str] | None) -> None:
        self.targets = {target.name: target for target in targets}
        self.folders = folders  # given by the controller, in an xdist worker
        self.started: dict[str, Probe] = {}

    def folder(self, target: Target) -> Path:
        if self.folders is not None:
            return Path(self.folders[target.name])
        if target.name not in self.started:
            self.started[target.name] = Probe(target)
        return self.started[target.name].folder

    def all_folders(self) -> dict[str, str]:
        return {name: str(self.folder(target)) for name, target in self.targets.items()}

    def close(self) -> None:
        for probe in self.started.values():
            probe.close()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("tbcookbook", "TensorBoard cookbook")
    group.addoption(
        "--target",
        action="append",
        default=[],
        metavar="TARGET",
        help="NAME=PYTHON or a registered target, to run the scenarios on instead of the interpreter that pytest "
        "runs on ('this'). Repeatable.",
    )
    group.addoption(
        "--scenarios",
        type=Path,
        metavar="DIR",
        help="A folder of scenarios, CHAPTER/SLUG, instead of the cookbook's own.",
    )
    group.addoption(
        "--observed",
        type=Path,
        metavar="DIR",
        help="The folder of the recordings, instead of the cookbook's own.",
    )
    group.addoption(
        "--record",
        action="store_true",
        help="Record on registered targets what is run, instead of comparing it with what is recorded.",
    )
    group.addoption(
        "--isolation",
        choices=["fork", "spawn"],
        default="fork",
        help="fork (default): TensorFlow is imported once a target; spawn: every script has a fresh process.",
    )


def pytest_configure(config: pytest.Config) -> None:
    try:
        targets = list(unique_targets([resolve_target(text) for text in config.getoption("--target") or [THIS]]))
    except TargetError as problem:
        raise pytest.UsageError(printable(str(problem))) from None
    config.stash[targets_key] = targets
    worker = getattr(config, "workerinput", None)
    config.stash[probes_key] = Probes(targets, None if worker is None else worker[WORKER_PROBES])


def pytest_unconfigure(config: pytest.Config) -> None:
    if probes_key in config.stash:
        config.stash[probes_key].close()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """In the controller of pytest-xdist: start the probes, and tell each worker where they are."""
    probes = node.config.stash[probes_key]
    fork = node.config.getoption("--isolation") == "fork"
    node.workerinput[WORKER_PROBES] = probes.all_folders() if fork else {}


def pytest_report_header(config: pytest.Config) -> list[str]:
    return [in_a_line(f"target {target.title}") for target in config.stash[targets_key]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if CASE not in metafunc.fixturenames:
        return
    targets = metafunc.config.stash[targets_key]
    try:
        scenarios = load_scenarios(metafunc.config.getoption("--scenarios"))
        needed = lacking(targets[0].versions)
        if not metafunc.config.getoption("--target") and needed is not None:
            metafunc.parametrize(CASE, [left_out(scenarios, targets[0], needed)])
            return
        for target in targets:
            need_packages(target)
        found = cases(scenarios, targets) + environment_cases(scenarios)
    except (TargetError, ScenarioError) as problem:
        raise pytest.Collector.CollectError(printable(str(problem))) from None
    metafunc.parametrize(CASE, found, ids=[case.name for case in found])


def left_out(scenarios: Sequence[Scenario], target: Target, needed: Needed) -> Any:
    """One case that is skipped, instead of all, where nobody asked for the interpreter that lacks what they need."""
    reason = (
        f"{len(scenarios)} scenarios are left out: there is no {needed.words} in {target.python}; install it there, "
        "or name a target with --target"
    )
    return pytest.param(None, id="left-out", marks=pytest.mark.skip(reason=reason))


@pytest.fixture
def verdict(
    cookbook_case: Case, pytestconfig: pytest.Config, record_property: Callable[[str, object], None]
) -> Verdict:
    """What one script did on one target, held against what was expected and against the target's recording."""
    isolation = cast("Isolation", pytestconfig.getoption("--isolation"))
    probes = pytestconfig.stash[probes_key]
    probe = None
    if isinstance(cookbook_case.target, Target) and isolation == "fork":
        probe = probes.folder(cookbook_case.target)
    try:
        case = made(cookbook_case)
    except MissingInterpreterError as problem:
        pytest.skip(str(problem))
    recording = bool(pytestconfig.getoption("--record"))
    found = run_case(case, Sandbox(case.interpreter, probe), show=recording)
    scenario, role, target = case.scenario, case.role, case.interpreter
    folder = recordings_folder(pytestconfig)
    try:
        if recording:
            if target.requirements is not None:
                record(
                    folder,
                    target.name,
                    [(scenario, role, run_made(scenario, role, target, found.observation, today()))],
                )
            return found
        found = against_recording(found, folder)
    except RecordingError as problem:
        pytest.fail(printable(str(problem)), pytrace=False)
    if found.recorded == "not recorded":
        record_property(NOT_RECORDED, json.dumps([target.name, f"{scenario.slug}/{role}"]))
    return found


def recordings_folder(config: pytest.Config) -> Path:
    return cast("Path | None", config.getoption("--observed")) or observed_root()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """In the process that owns the session: keep what has no recording."""
    if report.when == "call":
        unrecorded.extend(str(text) for name, text in report.user_properties if name == NOT_RECORDED)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say once of each target which of its scripts are not recorded."""
    found: dict[str, list[str]] = {}
    for text in unrecorded:
        target, script = json.loads(text)
        found.setdefault(target, []).append(script)
    for line in told_as_not_recorded(found):
        terminalreporter.write_line(line)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """What was recorded in this session may be the end of an environment that no other recording refers to."""
    if session.config.getoption("--record") and not hasattr(session.config, "workerinput"):
        prune(recordings_folder(session.config))
