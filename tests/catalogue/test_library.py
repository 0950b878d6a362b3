"""What releases get wrong: which is wrong today, and each behaviour once, the newest first."""

from __future__ import annotations

import pytest

from tbcookbook.catalogue.cookbook import Cookbook, load_cookbook
from tbcookbook.catalogue.library import Fault, faults_of_libraries
from tbcookbook.recordings.store import observed_root
from tbcookbook.scenarios.loading import scenario_root


@pytest.fixture(scope="module")
def cookbook() -> Cookbook:
    return load_cookbook(scenario_root(), observed_root())


@pytest.fixture(scope="module")
def faults(cookbook: Cookbook) -> dict[str, Fault]:
    return {fault.scenario.slug: fault for fault in faults_of_libraries(cookbook)}


def test_what_the_newest_release_gets_wrong(faults: dict[str, Fault]) -> None:
    assert faults["update-freq-drops-epochs"].today
    assert not faults["update-freq-batch"].today, "mended in Keras 3.7"
    assert not faults["step-not-a-scalar"].today, "a crash became an error, and is right nowhere"
    assert faults["trace-without-outdir"].today, "an error where older versions have none"


def test_each_target_is_told_of_once(cookbook: Cookbook, faults: dict[str, Fault]) -> None:
    for slug, fault in faults.items():
        names = [name for behaviour in fault.behaviours for name in behaviour.targets]
        assert len(names) == len(set(names)), slug
        words = [
            (found.expectation.outcome, found.expectation.type, found.expectation.note) for found in fault.behaviours
        ]
        assert len(words) == len(set(words)), slug
        if cookbook.current.name in names:
            assert cookbook.current.name in fault.behaviours[0].targets, slug
