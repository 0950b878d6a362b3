"""The recordings, the registry and the expectations agree. Nothing is run for it, and no TensorFlow is needed."""

from __future__ import annotations

import dataclasses
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from packaging.specifiers import SpecifierSet

from tbcookbook.recordings.freshness import own_environments, stale_scripts
from tbcookbook.recordings.store import Run, observed_root, prune, read_recordings, scenario_files
from tbcookbook.render.report import failure, plain_text
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.scenarios.scenario import ROLES, Expectation, Role, Scenario, StreamExpectation
from tbcookbook.targets.registry import RegisteredTarget, registered_targets, released_targets
from tbcookbook.targets.target import Target
from tbcookbook.verdict.case import Case
from tbcookbook.verdict.judge import judge, judge_case
from tbcookbook.verdict.mismatch import Mismatch

OBSERVED = observed_root()
SCENARIOS = load_scenarios()
RECORDED = read_recordings(OBSERVED)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.slug)
def test_scenario_is_recorded_everywhere(scenario: Scenario) -> None:
    """Both scripts as they are were run on every target as it is registered, or in the environments that the scenario
    brings. What is missing is said once."""
    reasons: dict[str, list[str]] = {}
    for target in [*released_targets(), *own_environments([scenario])]:
        for stale in stale_scripts(RECORDED.get(target.name), target, [scenario]):
            reasons.setdefault(str(stale), []).append(target.name)
    told = [f"{reason}: {', '.join(names)}" for reason, names in reasons.items()]
    if told:
        pytest.fail("\n".join([*told, "record it: tbcookbook matrix --all"]), pytrace=False)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.slug)
def test_recorded_is_as_expected(scenario: Scenario) -> None:
    different = []
    for recording in RECORDED.values():
        for role in ROLES:
            run = recording.run(scenario.slug, role)
            if run is None:
                continue
            case = Case(scenario, role, Target(recording.name, Path(), run.environment.versions))
            verdict = judge_case(case, run.observation)
            if verdict.mismatches:
                different.append(plain_text(failure(verdict)))
    if different:
        pytest.fail("\n\n".join(different), pytrace=False)


@pytest.mark.parametrize("registered", released_targets(), ids=lambda target: target.name)
def test_versions_are_the_registered_ones(registered: RegisteredTarget) -> None:
    found = {tuple(run.environment.versions.items()) for run in RECORDED[registered.name].runs.values()}
    for versions in map(dict, found):
        for name, version in registered.versions.items():
            pinned = f"=={version}.*" if name == "python" else f"=={version}"
            assert SpecifierSet(pinned).contains(versions[name], prereleases=True), name


def test_nothing_is_recorded_of_what_is_not_there() -> None:
    """No target that is not registered, no scenario that is gone: tbcookbook matrix --all removes it."""
    own = {recipe.name for recipe in own_environments(SCENARIOS)}
    assert RECORDED.keys() <= {target.name for target in registered_targets()} | own
    scenarios = {f"{scenario.chapter}/{scenario.slug}.json" for scenario in SCENARIOS}
    assert {path.relative_to(OBSERVED).as_posix() for path in scenario_files(OBSERVED)} <= scenarios


def test_no_environment_without_a_run(tmp_path: Path) -> None:
    """Nor any other file: what `prune` leaves is all that there is."""
    shutil.copytree(OBSERVED, tmp_path / "observed")
    prune(tmp_path / "observed")
    kept = {path.relative_to(tmp_path / "observed") for path in (tmp_path / "observed").rglob("*")}
    assert {path.relative_to(OBSERVED) for path in OBSERVED.rglob("*")} == kept


def test_recordings_tell_nothing_of_the_machine() -> None:
    """No path, address, process number or host of where they were made."""
    told = re.compile(r"/(?:root|home|tmp|usr|var|work|opt)/[\w.-]+|0x[0-9a-f]{8,}|tfevents\.\d")
    for path in OBSERVED.rglob("*.json"):
        found = told.search(path.read_text(encoding="utf-8"))
        assert found is None, f"{path.name}: {found}"


OTHER = {"text": "audio"}  # plugin: another one


def mutants(expectation: Expectation) -> Iterator[tuple[str, Expectation]]:
    """The expectation with one thing in it changed, each with its name."""
    replace = msgspec.structs.replace
    if expectation.outcome in ("raises", "unavailable"):
        yield "type", replace(expectation, type="OtherError")
        yield "message", replace(expectation, message=f"{expectation.message} and more")
        ending = replace(expectation, outcome="ok", type=None, message=None, line=None)
    else:
        ending = replace(expectation, outcome="raises", type="ValueError", message="no", exit=None, signal=None)
    if expectation.line is not None:
        yield "line", replace(expectation, line=expectation.line + 1)
    if expectation.exit is not None:
        yield "exit", replace(expectation, exit=expectation.exit + 1)
    if expectation.outcome == "crashes" and expectation.message is not None:
        yield "message", replace(expectation, message=f"{expectation.message} and more")
    yield "outcome", ending
    if expectation.outcome == "unavailable":
        return
    for key, stream in expectation.events.items():

        def changed(new: StreamExpectation, key: str = key) -> Expectation:
            return replace(expectation, events={**expectation.events, key: new})

        yield f"steps of {key}", changed(replace(stream, steps=[*stream.steps[:-1], stream.steps[-1] + 1]))
        yield f"plugin of {key}", changed(replace(stream, plugin=OTHER.get(stream.plugin, "text"), holds=None))
        yield f"shape of {key}", changed(replace(stream, shape=[3, 1, 7]))
        others = {other: found for other, found in expectation.events.items() if other != key}
        yield f"tag {key}", replace(expectation, events={**others, f"{key}s": stream})
        yield f"{key} not expected", replace(expectation, events=others)
    yield "one stream more", replace(expectation, events={**expectation.events, "x/y": StreamExpectation(steps=[0])})


def test_every_expectation_bites() -> None:
    """Whatever one changes in an expectation, a recording in its range is no longer as expected."""
    toothless, tried = [], 0
    for scenario in SCENARIOS:
        for role in ROLES:
            # One that is recorded nowhere is named above, once.
            runs = [run for found in RECORDED.values() if (run := found.run(scenario.slug, role)) is not None]
            for index, expectation in enumerate(scenario.expectations[role] if runs else ()):
                held = [run for run in runs if scenario.expectation(role, run.environment.versions) is expectation]
                for what, mutant in mutants(expectation):
                    tried += 1
                    wrong = dataclasses.replace(scenario, expectations={role: (mutant,)})
                    if not any(mismatches(wrong, role, run) for run in held):
                        toothless.append(f"{scenario.slug}/{role}[{index}]: {what}")
    assert toothless == []
    assert tried > 300


def test_swapped_scripts_are_noticed() -> None:
    """On every recorded target, what fixed.py did is not as expected of broken.py, or the other way round."""
    unnoticed = []
    for recording in RECORDED.values():
        for scenario in SCENARIOS:
            runs = {role: recording.run(scenario.slug, role) for role in ROLES}
            broken, fixed = runs["broken"], runs["fixed"]
            if broken is None or fixed is None:
                continue
            expected = {role: scenario.expectation(role, broken.environment.versions) for role in ROLES}
            outcomes = {expectation.outcome for expectation in expected.values() if expectation is not None}
            # Where neither runs, or the mistake does no harm, there may be nothing to notice.
            if outcomes == {"unavailable"} or expected["broken"] is None or expected["broken"].outcome == "ok":
                continue
            if not mismatches(scenario, "broken", fixed) and not mismatches(scenario, "fixed", broken):
                unnoticed.append(f"{scenario.slug} on {recording.name}")
    assert unnoticed == []


def mismatches(scenario: Scenario, role: Role, run: Run) -> tuple[Mismatch, ...]:
    return judge(scenario, role, run.environment.versions, run.observation).mismatches
