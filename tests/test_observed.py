"""The recordings, the registry and the expectations agree. Nothing is run for it, and no TensorFlow is needed."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from packaging.specifiers import SpecifierSet

from tbcookbook.recordings.store import Recording, load_recording, observation_of, observed_root, staleness
from tbcookbook.render.report import failure, plain_text
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.scenarios.scenario import ROLES, Expectation, Role, Scenario, StreamExpectation
from tbcookbook.targets.registry import RegisteredTarget, registered_targets, released_targets
from tbcookbook.targets.target import Target
from tbcookbook.verdict.judge import Mismatch, judge

OBSERVED = observed_root()


@pytest.fixture(scope="module")
def scenarios() -> tuple[Scenario, ...]:
    return load_scenarios()


@pytest.mark.parametrize("registered", released_targets(), ids=lambda target: target.name)
def test_recording(registered: RegisteredTarget, scenarios: tuple[Scenario, ...]) -> None:
    """There is one of every target, it is fresh, its versions are the registered ones, and all is as expected."""
    recording = load_recording(OBSERVED, registered.name)
    assert staleness(recording, registered, scenarios) == []
    for name, version in registered.versions.items():
        pinned = f"=={version}.*" if name == "python" else f"=={version}"
        assert SpecifierSet(pinned).contains(recording.versions[name], prereleases=True), name
    target = Target(registered.name, Path(), recording.versions, env=registered.env)
    different = []
    for scenario in scenarios:
        for role in ROLES:
            seen = recording.observation(scenario.slug, role)
            assert seen is not None
            verdict = judge(scenario, role, target, observation_of(seen))
            if verdict.mismatches:
                different.append(plain_text(failure(verdict)))
    if different:
        pytest.fail("\n\n".join(different), pytrace=False)


def test_no_recording_without_a_target() -> None:
    assert {path.stem for path in OBSERVED.glob("*.json")} <= {target.name for target in registered_targets()}


def test_recordings_tell_nothing_of_the_machine() -> None:
    """No path, address, process number or host of where they were made."""
    told = re.compile(r"/(?:root|home|tmp|usr|var|work|opt)/[\w.-]+|0x[0-9a-f]{8,}|tfevents\.\d")
    for path in OBSERVED.glob("*.json"):
        found = told.search(path.read_text(encoding="utf-8"))
        assert found is None, f"{path.name}: {found}"


def mutants(expectation: Expectation) -> Iterator[tuple[str, Expectation]]:
    """The expectation with one thing in it changed, each with its name."""
    replace = msgspec.structs.replace
    if expectation.outcome in ("raises", "unavailable"):
        yield "type", replace(expectation, type="OtherError")
        yield "message", replace(expectation, message=f"{expectation.message} and more")
        ending = replace(expectation, outcome="ok", type=None, message=None)
    else:
        ending = replace(expectation, outcome="raises", type="ValueError", message="no")
    yield "outcome", ending
    if expectation.outcome == "unavailable":
        return
    for key, stream in expectation.events.items():

        def changed(new: StreamExpectation, key: str = key) -> Expectation:
            return replace(expectation, events={**expectation.events, key: new})

        yield f"steps of {key}", changed(replace(stream, steps=[*stream.steps[:-1], stream.steps[-1] + 1]))
        yield f"plugin of {key}", changed(replace(stream, plugin="text"))
        yield f"shape of {key}", changed(replace(stream, shape=[3]))
        others = {other: found for other, found in expectation.events.items() if other != key}
        yield f"tag {key}", replace(expectation, events={**others, f"{key}s": stream})
        yield f"{key} not expected", replace(expectation, events=others)
    yield "one stream more", replace(expectation, events={**expectation.events, "x/y": StreamExpectation(steps=[0])})


def test_every_expectation_bites(scenarios: tuple[Scenario, ...]) -> None:
    """Whatever one changes in an expectation, a recording in its range is no longer as expected."""
    recordings = [load_recording(OBSERVED, registered.name) for registered in released_targets()]
    toothless, tried = [], 0
    for scenario in scenarios:
        for role in ROLES:
            for index, expectation in enumerate(scenario.expectations[role]):
                held = [found for found in recordings if scenario.expectation(role, found.versions) is expectation]
                for what, mutant in mutants(expectation):
                    tried += 1
                    wrong = dataclasses.replace(scenario, expectations={role: (mutant,)})
                    if not any(mismatches(wrong, role, found) for found in held):
                        toothless.append(f"{scenario.slug}/{role}[{index}]: {what}")
    assert toothless == []
    assert tried > 300


def test_swapped_scripts_are_noticed(scenarios: tuple[Scenario, ...]) -> None:
    """On every recorded target, what fixed.py did is not as expected of broken.py, or the other way round."""
    unnoticed = []
    for registered in released_targets():
        recording = load_recording(OBSERVED, registered.name)
        for scenario in scenarios:
            expected = {role: scenario.expectation(role, recording.versions) for role in ROLES}
            outcomes = {expectation.outcome for expectation in expected.values() if expectation is not None}
            # Where neither runs, or the mistake does no harm, there may be nothing to notice.
            if outcomes == {"unavailable"} or expected["broken"] is None or expected["broken"].outcome == "ok":
                continue
            swapped = {(scenario.slug, role): recording.scripts[scenario.slug, other] for role, other in SWAPPED}
            wrong = dataclasses.replace(recording, scripts=swapped)
            if not any(mismatches(scenario, role, wrong) for role in ROLES):
                unnoticed.append(f"{scenario.slug} on {registered.name}")
    assert unnoticed == []


SWAPPED: tuple[tuple[Role, Role], ...] = (("broken", "fixed"), ("fixed", "broken"))


def mismatches(scenario: Scenario, role: Role, recording: Recording) -> tuple[Mismatch, ...]:
    seen = recording.observation(scenario.slug, role)
    assert seen is not None
    target = Target(recording.name, Path(), recording.versions)
    return judge(scenario, role, target, observation_of(seen)).mismatches
