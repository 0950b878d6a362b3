"""What is run: shared targets for ordinary scenarios, and its own environments for a scenario that brings them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tbcookbook import suite
from tbcookbook.observation.record import Observation
from tbcookbook.scenarios.loading import load_scenario
from tbcookbook.scenarios.scenario import ROLES, Scenario
from tbcookbook.targets.recipe import Recipe
from tbcookbook.targets.target import Target, this_target
from tbcookbook.verdict.case import Case

TOML = """
title = "A package is too new"
sources = ["https://example.org/report"]
fault = "environment"

[environments.broken]
python = "3.11"
requirements = ["setuptools==82.0.1"]

[environments.fixed]
python = "3.11"
requirements = ["setuptools==80.10.2"]

[[broken]]
on = "setuptools>=82"
outcome = "crashes"
exit = 3
message = "{what} is gone"

[[fixed]]
on = "*"
outcome = "ok"
prints = ["it is {where}"]
"""
PAGE = "## What you see\n\n## Why\n\n## The fix\n\n" + "Words of a page. " * 30


@pytest.fixture
def scenario(tmp_path: Path) -> Scenario:
    folder = tmp_path / "environment" / "too-new"
    folder.mkdir(parents=True)
    (folder / "scenario.toml").write_text(TOML)
    (folder / "README.md").write_text(PAGE)
    (folder / "broken.sh").write_text("echo 'pkg_resources is gone' >&2  # <- it is not there\nexit 3\n")
    (folder / "fixed.sh").write_text("echo 'it is here'\n")
    return load_scenario(folder)


def test_cases(scenario: Scenario) -> None:
    target = Target("tf", Path("/python"), {})
    assert suite.cases([scenario], [target]) == []
    found = suite.environment_cases([scenario])
    assert [case.name for case in found] == ["too-new/broken@broken-environment", "too-new/fixed@fixed-environment"]


def test_a_scenario_with_environments_runs_there(scenario: Scenario, monkeypatch: pytest.MonkeyPatch) -> None:
    """The environment is made when the case is run, and each script is judged by what is in its own."""
    made: list[Recipe] = []

    def provision(recipe: Recipe, log: object) -> Target:
        made.append(recipe)
        here = this_target()
        return Target(recipe.name, here.python, recipe.versions)

    monkeypatch.setattr(suite, "provision", provision)
    verdicts = suite.run_all(suite.environment_cases([scenario]))
    assert sorted(recipe.name for recipe in made) == ["broken-environment", "fixed-environment"]
    assert [verdict.mismatches for verdict in verdicts] == [(), ()]
    assert [verdict.target.versions["setuptools"] for verdict in verdicts] == ["82.0.1", "80.10.2"]


def test_a_case_that_is_not_made_cannot_run(scenario: Scenario) -> None:
    (case, _) = suite.environment_cases([scenario])
    assert isinstance(case, Case)
    with pytest.raises(AssertionError):
        _ = case.interpreter


class Asked:
    """Stands for a sandbox: notes whether TensorBoard is to be asked."""

    def __init__(self) -> None:
        self.shows: list[bool] = []

    def run(self, script: Path, values: list[str], show: bool) -> Observation:
        self.shows.append(show)
        return Observation("ok", 0)


def test_tensorboard_is_asked_where_something_is_expected_of_it(scenario: Scenario) -> None:
    (scenario.folder / "scenario.toml").write_text(TOML + 'dashboards = ["scalars"]\n')
    scenario = load_scenario(scenario.folder)
    asked: Any = Asked()
    cases = [Case(scenario, role, this_target()) for role in ROLES]
    for case in cases:
        suite.run_case(case, asked)
    suite.run_case(cases[0], asked, show=True)
    assert asked.shows == [False, True, True]
