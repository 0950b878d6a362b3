"""Whether a recording still says what would happen today: the scripts and the registered packages are as they were."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from tbcookbook.observation.record import Observation
from tbcookbook.recordings.store import Environment, Recording, Run
from tbcookbook.scenarios.scenario import ROLES, Role, Scenario
from tbcookbook.targets.recipe import Recipe
from tbcookbook.targets.registry import RegisteredTarget
from tbcookbook.targets.target import Target


@dataclass(frozen=True)
class Stale:
    """A script whose recording does not count: it was not run, or is no longer what was run."""

    scenario: Scenario
    role: Role
    reason: str

    def __str__(self) -> str:
        return f"{self.scenario.slug}/{self.role} {self.reason}"


NOT_RUN = "was not run"
OTHER_SCRIPT = "has changed since it was recorded"
OTHER_PACKAGES = "was recorded with other packages than the registry asks for"


def run_made(scenario: Scenario, role: Role, target: Target, observation: Observation, date: str) -> Run:
    """What is recorded of a script that was just run on a target, on a day in the form of `store.today`."""
    environment = Environment(target.platform, dict(target.versions), target.requirements or ())
    return Run(script_digest(scenario, role), date, environment, observation)


def scripts_of(target: Recipe, scenarios: Iterable[Scenario]) -> list[tuple[Scenario, Role]]:
    """The scripts that are run on a target: on a registered one those of the scenarios that bring no environments."""
    if isinstance(target, RegisteredTarget):
        return [(scenario, role) for scenario in scenarios if not scenario.environments for role in ROLES]
    return [(found, role) for found in scenarios for role in ROLES if found.environments.get(role) == target]


def own_environments(scenarios: Iterable[Scenario]) -> list[Recipe]:
    """The environments that scenarios bring, each once."""
    recipes: list[Recipe] = []
    for scenario in scenarios:
        recipes += [recipe for recipe in scenario.environments.values() if recipe not in recipes]
    return recipes


def stale_scripts(recording: Recording | None, target: Recipe, scenarios: Iterable[Scenario]) -> list[Stale]:
    """The scripts that have to be run again on a target."""
    found = []
    for scenario, role in scripts_of(target, scenarios):
        run = None if recording is None else recording.run(scenario.slug, role)
        reason = why_stale(run, script_digest(scenario, role), target.requirements)
        if reason is not None:
            found.append(Stale(scenario, role, reason))
    return found


def staleness(recording: Recording, target: Recipe, scenarios: Sequence[Scenario]) -> list[str]:
    """Why a recording is stale, one reason a line; none if it is fresh."""
    known = {scenario.slug for scenario in scenarios}
    gone = sorted({slug for slug, _ in recording.runs} - known)
    reasons = [str(stale) for stale in stale_scripts(recording, target, scenarios)]
    return reasons + [f"{slug} is recorded, but there is no such scenario" for slug in gone]


def why_stale(run: Run | None, script: str, requirements: Sequence[str]) -> str | None:
    """What is wrong with the recording of a script that has this digest now; None if nothing is."""
    if run is None:
        return NOT_RUN
    if run.script != script:
        return OTHER_SCRIPT
    return None if run.environment.requirements == tuple(requirements) else OTHER_PACKAGES


def script_digest(scenario: Scenario, role: Role) -> str:
    """SHA-256 of what a role runs: of the script, or of the names and contents of its files if it has several."""
    files = scenario.files(role)
    if len(files) == 1:
        return hashlib.sha256(files[0].read_bytes()).hexdigest()
    parts = hashlib.sha256()
    for path in files:
        contents = hashlib.sha256(path.read_bytes()).hexdigest()
        parts.update(f"{path.relative_to(scenario.folder).as_posix()}\0{contents}\n".encode())
    return parts.hexdigest()
