"""What someone who looks at TensorBoard sees of mistakes that raise nothing."""

from __future__ import annotations

from tbcookbook.catalogue.cookbook import Cookbook
from tbcookbook.catalogue.grid import outcome_on
from tbcookbook.observation.record import Observation
from tbcookbook.scenarios.scenario import ROLES, Scenario

SYMPTOMS = {
    "nothing": "Nothing in the dashboard",
    "one point": "Only one point",
    "zigzag": "The curve zigzags, or only its last part is drawn",
    "a chart is missing": "One chart is missing",
    "wrong values": "The curve is there, and its numbers are wrong",
}


def symptoms(cookbook: Cookbook) -> dict[str, list[tuple[Scenario, list[str]]]]:
    """For each symptom the scenarios that show it without an error, with the targets on which they do."""
    found: dict[str, dict[str, list[str]]] = {}
    for scenario in cookbook.scenarios:
        # The environments that a scenario brings are compared with each other, targets with themselves.
        for target, other in zip(*(cookbook.places(scenario, role) for role in ROLES), strict=True):
            expected = cookbook.expected(target, scenario, "broken")
            broken, fixed = cookbook.seen(target.name, scenario, "broken"), cookbook.seen(other.name, scenario, "fixed")
            if expected is None or expected.outcome != "wrong-events" or broken is None or fixed is None:
                continue
            found.setdefault(symptom(broken, fixed), {}).setdefault(scenario.slug, []).append(target.name)
    by_slug = {scenario.slug: scenario for scenario in cookbook.scenarios}
    return {
        text: [(by_slug[slug], names) for slug, names in found[key].items()]
        for key, text in SYMPTOMS.items()
        if key in found
    }


def symptom(broken: Observation, fixed: Observation) -> str:
    """What someone who looks at TensorBoard sees of a mistake that raises nothing: a key of `SYMPTOMS`."""
    streams = broken.logs.streams
    if not streams:
        return "nothing"
    steps = [stream.steps for stream in streams.values()]
    if any(len(some) > 1 and len(set(some)) == 1 for some in steps):
        return "one point"
    if any(list(some) != sorted(set(some)) for some in steps):
        return "zigzag"
    if fixed.logs.streams.keys() - streams.keys():
        return "a chart is missing"
    return "wrong values"


def silent_on(cookbook: Cookbook, scenario: Scenario) -> list[str]:
    """The targets on which the mistake raises nothing and TensorBoard is wrong."""
    return [
        target.name
        for target in cookbook.places(scenario, "broken")
        if outcome_on(cookbook, target, scenario, "broken") == "wrong-events"
    ]
