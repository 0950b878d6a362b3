"""All that is known at once: scenarios, released targets, and what was recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tbcookbook.observation.record import Observation
from tbcookbook.recordings.freshness import own_environments
from tbcookbook.recordings.store import Recording, read_recordings
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.scenarios.scenario import Expectation, Role, Scenario
from tbcookbook.targets.recipe import Recipe
from tbcookbook.targets.registry import RegisteredTarget, current_target, released_targets


@dataclass(frozen=True)
class Cookbook:
    """Scenarios, released targets, and recordings. `recordings` has no entry for a target that was not run.

    `own` are the recordings in the environments that scenarios bring, by the names of these, which many scenarios have
    in common.
    """

    scenarios: tuple[Scenario, ...]
    targets: tuple[RegisteredTarget, ...]
    recordings: Mapping[str, Recording]
    own: Mapping[str, Recording] = field(default_factory=dict)

    @property
    def current(self) -> RegisteredTarget:
        """The newest TensorFlow as it is installed today."""
        return current_target()

    @property
    def shared(self) -> tuple[Scenario, ...]:
        """The scenarios that run on the released targets: those that bring no environments."""
        return tuple(scenario for scenario in self.scenarios if not scenario.environments)

    def places(self, scenario: Scenario, role: Role) -> Sequence[Recipe]:
        """What a script runs on: the released targets, or the environment that its scenario brings."""
        return [scenario.environments[role]] if scenario.environments else self.targets

    def seen(self, target: str, scenario: Scenario, role: Role) -> Observation | None:
        """What a script did on a target; None if it was not run there."""
        recording = (self.own if scenario.environments else self.recordings).get(target)
        return None if recording is None else recording.observation(scenario.slug, role)

    def versions(self, target: Recipe, scenario: Scenario, role: Role) -> Mapping[str, str]:
        """The versions that a script really found there; those that are asked for if it was not run."""
        if scenario.environments:
            own = self.own.get(target.name)
            run = None if own is None else own.run(scenario.slug, role)
            return target.versions if run is None else run.environment.versions
        recording = self.recordings.get(target.name)
        return target.versions if recording is None else recording.versions

    def expected(self, target: Recipe, scenario: Scenario, role: Role) -> Expectation | None:
        """What a script should do on a target; None if it does not run there."""
        if scenario.environments and scenario.environments[role] != target:
            return None
        return scenario.expectation(role, self.versions(target, scenario, role))


def load_cookbook(scenarios: Path, observed: Path) -> Cookbook:
    """Raises ScenarioError or RecordingError if a file cannot be used."""
    targets, found = released_targets(), load_scenarios(scenarios)
    names, own = {target.name for target in targets}, {recipe.name for recipe in own_environments(found)}
    recordings = read_recordings(observed, names | own)
    return Cookbook(
        found,
        targets,
        {name: recording for name, recording in recordings.items() if name in names},
        {name: recording for name, recording in recordings.items() if name in own},
    )
