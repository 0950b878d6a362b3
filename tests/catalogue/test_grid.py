"""A sign for every script on every target, and footnotes that are not repeated."""

from __future__ import annotations

import dataclasses

import pytest

from tbcookbook.catalogue.cookbook import Cookbook, load_cookbook
from tbcookbook.catalogue.grid import SIGNS, column, environment, outcome_on, rows, spans, tables
from tbcookbook.recordings.store import observed_root
from tbcookbook.scenarios.loading import scenario_root
from tbcookbook.scenarios.scenario import ROLES


@pytest.fixture(scope="module")
def cookbook() -> Cookbook:
    return load_cookbook(scenario_root(), observed_root())


def test_rows(cookbook: Cookbook) -> None:
    """Every target is in one row, and each row is told apart from the others."""
    for scenario in cookbook.shared:
        found = rows(cookbook, scenario)
        names = [name for row in found for name in row.targets]
        assert sorted(names) == sorted(target.name for target in cookbook.targets)
        said = [tuple(row.scripts.values()) for row in found]
        assert len(said) == len(set(said))
        for row in found:
            for role, told in row.scripts.items():
                assert (told.sign, told.word) == SIGNS[told.outcome]
                for name in row.targets:
                    target = next(target for target in cookbook.targets if target.name == name)
                    assert outcome_on(cookbook, target, scenario, role) == told.outcome
        idle = [{told.outcome for told in row.scripts.values()} <= {"unavailable", "not run"} for row in found]
        assert idle == sorted(idle)


def test_spans(cookbook: Cookbook) -> None:
    """Neighbours that do the same are one field, the newest first; nothing is left out."""
    scenario = next(found for found in cookbook.shared if found.slug == "unreduced-loss")
    members = tables(cookbook.targets)["TensorFlow"]
    assert members[0].name == "tf-2.21"
    found = spans(cookbook, scenario, members)
    assert [target for span in found for target in span.targets] == members
    assert [(span.label("TensorFlow"), span.outcomes) for span in found] == [
        ("2.6 to 2.21", ("raises", "ok")),
        ("2.0 to 2.5", ("wrong-events", "ok")),
    ]
    assert spans(cookbook, scenario, members[:1])[0].label("TensorFlow") == "2.21"


def test_environment(cookbook: Cookbook) -> None:
    """What is asked for, what came with it, and what the script does there: nowhere else is it said to do anything."""
    scenario = next(found for found in cookbook.scenarios if found.slug == "pkg-resources")
    broken, fixed = (environment(cookbook, scenario, role) for role in ROLES)
    assert (broken.outcome, fixed.outcome) == ("crashes", "ok")
    assert (broken.sign, broken.word) == SIGNS["crashes"]
    assert broken.python.startswith("3.11.")
    assert broken.asked == ["tensorboard==2.20.0", "setuptools==82.0.1"]
    assert broken.note == ("ModuleNotFoundError: No module named 'pkg_resources'", "")
    names = {name for name, _ in broken.also}
    assert "werkzeug" in names
    assert not names & {"python", "tensorboard", "setuptools"}
    assert all(outcome_on(cookbook, target, scenario, "broken") == "not run" for target in cookbook.targets)
    not_recorded = dataclasses.replace(cookbook, own={})
    assert environment(not_recorded, scenario, "fixed").outcome == "not run"
    assert environment(not_recorded, scenario, "fixed").also == []


def test_what_was_not_run_is_not_claimed(cookbook: Cookbook) -> None:
    (scenario, *_), (target, *_) = cookbook.shared, cookbook.targets
    assert outcome_on(cookbook, target, scenario, "fixed") != "not run"
    nothing = dataclasses.replace(cookbook, recordings={})
    assert outcome_on(nothing, target, scenario, "fixed") == "not run"


def test_tables(cookbook: Cookbook) -> None:
    found = tables(cookbook.targets)
    shown = [target.name for rows in found.values() for target in rows]
    assert sorted(shown) == sorted(target.name for target in cookbook.targets)
    heads = {title: [column(title, target) for target in rows] for title, rows in found.items()}
    assert "2.9" in heads["TensorFlow"]
    assert "Keras 3.15 on JAX" in heads["Other combinations"]
    for names in heads.values():
        assert len(names) == len(set(names))
