"""What releases get wrong: scenarios whose code is correct, with the targets on which each thing happens."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from tbcookbook.catalogue.cookbook import Cookbook
from tbcookbook.scenarios.scenario import Expectation, Scenario


@dataclass(frozen=True)
class Behaviour:
    """What the broken script does on some targets, by name."""

    expectation: Expectation
    targets: tuple[str, ...]


def faults_of_libraries(cookbook: Cookbook) -> list[tuple[Scenario, list[Behaviour]]]:
    """The scenarios in which a library is at fault, with what each version does, where the script can run."""
    found = [scenario for scenario in cookbook.scenarios if scenario.fault == "library"]
    return [(scenario, list(behaviours(cookbook, scenario))) for scenario in found]


def behaviours(cookbook: Cookbook, scenario: Scenario) -> Iterator[Behaviour]:
    for expectation in scenario.expectations["broken"]:
        if expectation.outcome != "unavailable":
            targets = [
                target.name
                for target in cookbook.targets
                if cookbook.expected(target, scenario, "broken") is expectation
            ]
            yield Behaviour(expectation, tuple(targets))
