"""What someone who looks at TensorBoard sees of a mistake that raises nothing."""

from __future__ import annotations

import pytest

from tbcookbook.catalogue.cookbook import load_cookbook
from tbcookbook.catalogue.symptoms import SYMPTOMS, silent_on, symptom, symptoms
from tbcookbook.observation.logs import Logs, Stream
from tbcookbook.observation.record import Observation
from tbcookbook.recordings.store import observed_root
from tbcookbook.scenarios.loading import scenario_root


def wrote(**steps: tuple[int, ...]) -> Observation:
    streams = {f"./{tag}": Stream("scalars", found, (), "float32", (1.0,) * len(found)) for tag, found in steps.items()}
    return Observation("ok", 0, logs=Logs(streams))


@pytest.mark.parametrize(
    ("broken", "seen"),
    [
        (wrote(), "nothing"),
        (wrote(loss=(0, 0, 0)), "one point"),
        (wrote(loss=(0, 1, 0, 1)), "zigzag"),
        (wrote(other=(0, 1)), "a chart is missing"),
        (wrote(loss=(0, 1)), "wrong values"),
        (wrote(loss=(0,)), "wrong values"),
    ],
)
def test_symptom(broken: Observation, seen: str) -> None:
    assert symptom(broken, wrote(loss=(0, 1))) == seen
    assert seen in SYMPTOMS


def test_symptoms_are_of_the_targets_without_an_error() -> None:
    cookbook = load_cookbook(scenario_root(), observed_root())
    found = symptoms(cookbook)
    assert set(found) <= set(SYMPTOMS.values())
    told: dict[str, set[str]] = {}
    for rows in found.values():
        for scenario, names in rows:
            told.setdefault(scenario.slug, set()).update(names)
    assert told == {
        scenario.slug: set(silent_on(cookbook, scenario))
        for scenario in cookbook.scenarios
        if silent_on(cookbook, scenario)
    }
