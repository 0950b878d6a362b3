"""pytest wiring: scenarios as parametrised cases on targets, one warm probe a target for all xdist workers.

A test that takes the fixture `verdict` runs once for each script on each target. Load it with
``pytest -p tbcookbook.pytest_plugin``.
"""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, cast

import pytest

from tbcookbook.errors import RecordingError, TargetError
from tbcookbook.execution.sandbox import Isolation, Probe, Sandbox
from tbcookbook.recordings.store import (
    against_recording,
    load_recording,
    new_recording,
    observed_root,
    recorded_form,
    save_recording,
    script_hash,
    today,
)
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.scenarios.problems import ScenarioError
from tbcookbook.scenarios.scenario import Scenario
from tbcookbook.suite import Case, cases, need_tensorflow, run_case, unique_targets
from tbcookbook.targets.environments import resolve_target
from tbcookbook.targets.registry import registered_targets
from tbcookbook.targets.target import THIS, Target
from tbcookbook.verdict.judge import Verdict

CASE = "cookbook_case"
RECORDED = "tbcookbook_recorded"
recorded: list[list[Any]] = []  # of this session: target, slug, role, the script's hash, what was observed
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
        help="Rewrite the recordings of registered targets from this run, instead of comparing with them.",
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
        raise pytest.UsageError(str(problem)) from None
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
    return [f"target {target.title}" for target in config.stash[targets_key]]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if CASE not in metafunc.fixturenames:
        return
    targets = metafunc.config.stash[targets_key]
    try:
        scenarios = load_scenarios(metafunc.config.getoption("--scenarios"))
        if not metafunc.config.getoption("--target") and "tensorflow" not in targets[0].versions:
            metafunc.parametrize(CASE, [left_out(scenarios, targets[0])])
            return
        for target in targets:
            need_tensorflow(target)
        found = cases(scenarios, targets)
    except (TargetError, ScenarioError) as problem:
        raise pytest.Collector.CollectError(str(problem)) from None
    ids = [f"{case.scenario.slug}/{case.role}@{case.target.name}" for case in found]
    metafunc.parametrize(CASE, found, ids=ids)


def left_out(scenarios: Sequence[Scenario], target: Target) -> Any:
    """One case that is skipped, instead of all, where nobody asked for the interpreter that has no TensorFlow."""
    reason = (
        f"{len(scenarios)} scenarios are left out: there is no TensorFlow in {target.python}; install it there, "
        "or name a target with --target"
    )
    return pytest.param(None, id="left-out", marks=pytest.mark.skip(reason=reason))


@pytest.fixture
def verdict(
    cookbook_case: Case, pytestconfig: pytest.Config, record_property: Callable[[str, object], None]
) -> Verdict:
    """What one script did on one target, held against what was expected and against the target's recording."""
    isolation = cast(Isolation, pytestconfig.getoption("--isolation"))
    probes = pytestconfig.stash[probes_key]
    folder = probes.folder(cookbook_case.target) if isolation == "fork" else None
    found = run_case(cookbook_case, Sandbox(cookbook_case.target, folder))
    if pytestconfig.getoption("--record"):
        scenario, role = cookbook_case.scenario, cookbook_case.role
        entry = (scenario.slug, role, script_hash(scenario, role), recorded_form(found.observation))
        record_property(RECORDED, json.dumps([cookbook_case.target.name, *entry]))
        return found
    try:
        return against_recording(found, recordings_folder(pytestconfig))
    except RecordingError as problem:
        pytest.fail(str(problem), pytrace=False)


def recordings_folder(config: pytest.Config) -> Path:
    return cast("Path | None", config.getoption("--observed")) or observed_root()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """In the process that owns the session: keep what `--record` has to write."""
    if report.when == "call":
        recorded.extend(json.loads(str(text)) for name, text in report.user_properties if name == RECORDED)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Write what was observed into the recordings; what was not run in this session stays as it was."""
    if hasattr(session.config, "workerinput"):
        return
    targets = {target.name: target for target in session.config.stash[targets_key]}
    registered = {target.name: target for target in registered_targets()}
    for name, group in itertools.groupby(sorted(recorded), key=lambda entry: str(entry[0])):
        if name not in registered:
            continue
        target, root = targets[name], recordings_folder(session.config)
        new = new_recording(target, registered[name].requirements, today(), [])
        try:
            old = load_recording(root, name).scripts
        except RecordingError:
            old = {}
        scripts = {(slug, role): (script, seen) for _, slug, role, script, seen in group}
        save_recording(root, dataclasses.replace(new, scripts={**old, **scripts}))
    recorded.clear()
