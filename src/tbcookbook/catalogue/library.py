"""What releases get wrong: scenarios whose code is correct, with the targets on which each thing happens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tbcookbook.catalogue.cookbook import Cookbook
from tbcookbook.scenarios.scenario import Expectation, Scenario


@dataclass(frozen=True)
class Behaviour:
    """What the broken script does on some targets, by name."""

    expectation: Expectation
    targets: tuple[str, ...]


@dataclass(frozen=True)
class Fault:
    """A scenario in which a library is at fault: what each version does, where the script can run, newest first.

    `today` says whether the current target still gets it wrong.
    """

    scenario: Scenario
    behaviours: tuple[Behaviour, ...]
    today: bool


def faults_of_libraries(cookbook: Cookbook) -> list[Fault]:
    return [
        Fault(scenario, tuple(newest_first(cookbook, behaviours(cookbook, scenario))), wrong_today(cookbook, scenario))
        for scenario in cookbook.scenarios
        if scenario.fault == "library"
    ]


def wrong_today(cookbook: Cookbook, scenario: Scenario) -> bool:
    """Whether the current target is no better: an error is the right answer where no version does without one."""
    expected = cookbook.expected(cookbook.current, scenario, "broken")
    if expected is None or expected.outcome in ("ok", "unavailable"):
        return False
    return expected.outcome != "raises" or any(other.outcome == "ok" for other in scenario.expectations["broken"])


def newest_first(cookbook: Cookbook, found: Iterable[Behaviour]) -> list[Behaviour]:
    """What the current target does, then the others by the last target of each, as the registry has them."""
    places = {target.name: place for place, target in enumerate(cookbook.targets)}

    def age(behaviour: Behaviour) -> tuple[bool, int]:
        newest = max((places[name] for name in behaviour.targets), default=-1)
        return cookbook.current.name not in behaviour.targets, -newest

    return sorted(found, key=age)


def behaviours(cookbook: Cookbook, scenario: Scenario) -> Iterator[Behaviour]:
    """What is told of some targets in the same words is one."""
    told: dict[tuple[str, str | None, str | None], list[Expectation]] = {}
    for expectation in scenario.expectations["broken"]:
        if expectation.outcome != "unavailable":
            words = expectation.outcome, expectation.type, expectation.note
            told.setdefault(words, []).append(expectation)
    for alike in told.values():
        targets = [target.name for target in cookbook.targets if cookbook.expected(target, scenario, "broken") in alike]
        yield Behaviour(alike[0], tuple(targets))
