"""All that is known at once: scenarios, released targets, and what was recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tbcookbook.observation.record import Observation
from tbcookbook.recordings.store import Recording, read_recordings
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.scenarios.scenario import Expectation, Role, Scenario
from tbcookbook.targets.registry import RegisteredTarget, current_target, released_targets


@dataclass(frozen=True)
class Cookbook:
    """Scenarios, released targets, and recordings. `recordings` has no entry for a target that was not run."""

    scenarios: tuple[Scenario, ...]
    targets: tuple[RegisteredTarget, ...]
    recordings: Mapping[str, Recording]

    @property
    def current(self) -> RegisteredTarget:
        """The newest TensorFlow as it is installed today."""
        return current_target()

    def seen(self, target: str, scenario: Scenario, role: Role) -> Observation | None:
        """What a script did on a target; None if it was not run there."""
        recording = self.recordings.get(target)
        return None if recording is None else recording.observation(scenario.slug, role)

    def versions(self, target: RegisteredTarget) -> Mapping[str, str]:
        """The versions that were really there; those that the registry asks for if it was not run."""
        recording = self.recordings.get(target.name)
        return target.versions if recording is None else recording.versions

    def expected(self, target: RegisteredTarget, scenario: Scenario, role: Role) -> Expectation | None:
        return scenario.expectation(role, self.versions(target))


def load_cookbook(scenarios: Path, observed: Path) -> Cookbook:
    """Raises ScenarioError or RecordingError if a file cannot be used."""
    targets = released_targets()
    return Cookbook(load_scenarios(scenarios), targets, read_recordings(observed, {target.name for target in targets}))
