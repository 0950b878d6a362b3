"""What an upgrade does, in three lines and in rows: held against the recordings. And as data for a page."""

from __future__ import annotations

import json
import re
from collections import defaultdict

import pytest

from tbcookbook.catalogue.cookbook import Cookbook, load_cookbook
from tbcookbook.recordings.store import observed_root
from tbcookbook.scenarios.loading import scenario_root
from tbcookbook.targets.registry import plain_step
from tbcookbook.upgrade import Row, Upgrade, upgrade
from tbcookbook.upgrades import NOT_RUN, every_upgrade


@pytest.fixture(scope="module")
def cookbook() -> Cookbook:
    return load_cookbook(scenario_root(), observed_root())


@pytest.fixture(scope="module")
def every(cookbook: Cookbook) -> str:
    """The data of all upgrades, as the page gets them."""
    return json.dumps(every_upgrade(cookbook))


def told(cookbook: Cookbook, before: str, after: str) -> Upgrade:
    recordings = cookbook.recordings
    return upgrade(recordings[before], recordings[after], cookbook.scenarios, recordings)


def test_what_pip_installs_for_tensorflow_2_21_has_no_tensorboard(cookbook: Cookbook) -> None:
    step = plain_step("tf-2.20", "tf-2.21")
    assert step == ("pip-tf-2.20", "pip-tf-2.21")
    found = told(cookbook, *step)
    correct, mistakes, before = found.lines
    assert correct.startswith("Correct code stops: ")
    assert "`TBNotInstalledError`" in correct
    assert mistakes == "Mistakes behave as they did."
    assert "install `tensorboard` beside it" in before
    assert "`diff pip-tf-2.20 tf-2.21`" in before
    stopped = {script for row in found.correct if row.effect.kind == "stops" for script in row.scripts}
    really = {
        f"{slug}/{role}"
        for (slug, role), run in cookbook.recordings["pip-tf-2.21"].runs.items()
        if role == "fixed"
        and run.observation.exception is not None
        and (old := cookbook.recordings["pip-tf-2.20"].observation(slug, role)) is not None
        and old.exception is None
    }
    assert {script for script in stopped if script.endswith("/fixed")} == really
    assert len(really) > 10


def test_exact_versions_of_the_same_step_stop_nothing_that_works(cookbook: Cookbook) -> None:
    found = told(cookbook, "tf-2.20", "tf-2.21")
    assert "stops" not in {row.effect.kind for row in found.correct}
    # It crashed, and raises now: a mistake on both, though the crash was the library's fault.
    assert any(row.effect.kind == "stops" and "step-not-a-scalar/broken" in row.scripts for row in found.mistakes)


def test_the_safe_route_from_keras_2(cookbook: Cookbook) -> None:
    found = told(cookbook, "tf-2.15", "tf-2.16")
    assert found.route is not None
    assert found.route.target.name == "tf-keras-2.16"
    assert "tf-keras==2.16.0" in found.lines[2]
    assert "TF_USE_LEGACY_KERAS=1" in found.lines[2]
    assert found.beside[0][:1] == ("keras",)
    there = told(cookbook, "tf-2.15", "tf-keras-2.16").correct
    assert f"but for {found.route.otherwise} scripts (" in found.lines[2]
    assert found.route.otherwise == len({script for row in there for script in row.scripts}) < 5


def test_no_route_is_named_that_changes_much(cookbook: Cookbook) -> None:
    found = told(cookbook, "tf-2.20", "tf-2.21")
    assert found.correct
    assert found.route is None
    assert "go through what changes" in found.lines[2]


def test_what_stops_does_not_hide_what_else_changes(cookbook: Cookbook) -> None:
    first = told(cookbook, "tf-2.15", "tf-2.16").lines[0]
    assert re.match(r"Correct code stops: \d of \d+ scripts, with `\w+`", first)
    assert " Otherwise: " in first


def test_a_change_is_one_row_whatever_its_steps(cookbook: Cookbook) -> None:
    found = told(cookbook, "tf-2.15", "tf-2.16")
    for rows in (found.correct, found.mistakes):
        assert len({(row.effect.kind, row.effect.what) for row in rows}) == len(rows)
    (rate,) = (row for row in found.correct if row.effect.what == "train/epoch_learning_rate")
    assert rate.effect.kind == "appears"
    assert len(rate.scripts) > 5


def test_what_stops_is_not_said_to_lose_data_too(cookbook: Cookbook) -> None:
    found = told(cookbook, "pip-tf-2.20", "pip-tf-2.21")
    kinds = defaultdict(set)
    for row in found.correct:
        for script in row.scripts:
            kinds[script].add(row.effect.kind)
    assert all(seen == {"stops"} for seen in kinds.values() if "stops" in seen)


def test_the_data_say_of_any_two_targets_what_is_said_of_their_recordings(cookbook: Cookbook, every: str) -> None:
    data = json.loads(every)
    names = [target["name"] for target in data["targets"]]
    assert names == list(cookbook.recordings)
    for before, after in [
        ("tf-2.15", "tf-2.16"),
        ("tf-2.0", "tf-2.21"),
        ("keras-3.0", "keras-3.15"),
        ("tf-2.9", "tf-2.5"),
    ]:
        places = names.index(before), names.index(after)
        seen: dict[tuple[int, str, str], list[str]] = {}
        for name, correct, classes, pairs in data["scripts"]:
            old, new = (classes[place] for place in places)
            if NOT_RUN not in (old, new):
                for number in pairs.get(old + new, []):
                    kind, what, _ = data["effects"][number]
                    seen.setdefault((correct, kind, what), []).append(name)
        found = told(cookbook, before, after)
        assert seen == {**rows_of(1, found.correct), **rows_of(0, found.mistakes)}


def rows_of(correct: int, rows: list[Row] | tuple[Row, ...] | object) -> dict[tuple[int, str, str], list[str]]:
    assert isinstance(rows, list)
    return {(correct, row.effect.kind, row.effect.what): list(row.scripts) for row in rows}


def test_the_data_are_small_enough_for_a_phone(every: str) -> None:
    assert len(every) < 500_000
