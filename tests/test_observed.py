"""The recordings, the registry and the expectations agree. Nothing is run for it, and no TensorFlow is needed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from packaging.specifiers import SpecifierSet

from tbcookbook.recording import load_recording, observation_of, observed_root, staleness
from tbcookbook.registry import RegisteredTarget, registered_targets, released_targets
from tbcookbook.report import failure, plain_text
from tbcookbook.scenario import ROLES, Scenario, load_scenarios
from tbcookbook.target import Target
from tbcookbook.verdict import judge

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
