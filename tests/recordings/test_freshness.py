"""A recording is stale when a script or the packages are others than were recorded, and only then."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import pytest

from conftest import Kitchen
from tbcookbook.observation.record import Observation
from tbcookbook.recordings.freshness import (
    own_environments,
    run_made,
    script_digest,
    scripts_of,
    stale_scripts,
    staleness,
)
from tbcookbook.recordings.store import Environment, Recording
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.scenarios.scenario import ROLES, Role, Scenario
from tbcookbook.targets.recipe import Recipe
from tbcookbook.targets.registry import current_target
from tbcookbook.targets.target import Target

PINS = ("tensorflow==2.21.0",)
REGISTERED = dataclasses.replace(current_target(), name="x", requirements=PINS)
TARGET = Target("x", Path(), {"tensorflow": "2.21.0"}, platform="Linux", requirements=PINS)


def test_staleness(kitchen: Kitchen) -> None:
    scenarios = load_scenarios(kitchen.root)
    runs = {
        (found.slug, role): run_made(found, role, TARGET, Observation("ok", 0), "2026-11-22")
        for found in scenarios
        for role in ROLES
    }
    assert staleness(Recording("x", runs), REGISTERED, scenarios) == []
    assert staleness(Recording("x", runs), REGISTERED, scenarios[:1]) == [
        "second is recorded, but there is no such scenario"
    ]
    others = dataclasses.replace(REGISTERED, requirements=())
    other = "was recorded with other packages than the registry asks for"
    assert [stale.reason for stale in stale_scripts(Recording("x", runs), others, scenarios)] == [other] * 4
    assert len(stale_scripts(None, REGISTERED, scenarios)) == 4

    del runs["first", "broken"]
    assert staleness(Recording("x", runs), REGISTERED, scenarios) == ["first/broken was not run"]
    kitchen.change("fixed.py", "fixed", "changed")
    assert staleness(Recording("x", runs), REGISTERED, scenarios) == [
        "first/broken was not run",
        "first/fixed has changed since it was recorded",
    ]


def test_scenarios_with_environments_run_there_and_nowhere_else(kitchen: Kitchen) -> None:
    first, second = load_scenarios(kitchen.root)
    old, new = Recipe("broken-environment", "3.11", ("a==1",)), Recipe("fixed-environment", "3.11", ("a==2",))
    second = dataclasses.replace(second, environments={"broken": old, "fixed": new})
    scenarios = [first, second]
    assert scripts_of(REGISTERED, scenarios) == [(first, "broken"), (first, "fixed")]
    assert own_environments([*scenarios, second]) == [old, new]
    assert scripts_of(old, scenarios) == [(second, "broken")]
    assert [str(stale) for stale in stale_scripts(None, new, scenarios)] == ["second/fixed was not run"]


def test_what_a_run_was_made_in(kitchen: Kitchen) -> None:
    run = run_made(load_scenarios(kitchen.root)[0], "fixed", TARGET, Observation("ok", 0), "2026-11-22")
    assert run.environment == Environment("Linux", {"tensorflow": "2.21.0"}, PINS)
    assert run.date == "2026-11-22"


def test_the_digest_of_a_script_is_that_of_its_file(kitchen: Kitchen) -> None:
    scenario = load_scenarios(kitchen.root)[0]
    assert script_digest(scenario, "fixed") == hashlib.sha256(scenario.script("fixed").read_bytes()).hexdigest()


def test_the_digest_of_several_files_is_of_all_of_them(kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of their names as well as of what is in them."""
    scenario = load_scenarios(kitchen.root)[0]
    folder = scenario.folder / "fixed"
    folder.mkdir()

    def files(self: Scenario, role: Role) -> tuple[Path, ...]:
        return tuple(sorted(folder.iterdir()))

    monkeypatch.setattr(Scenario, "files", files)
    digests = []
    for name, text in [("main.py", "a"), ("other.py", "b"), ("other.py", "c")]:
        (folder / name).write_text(text)
        digests.append(script_digest(scenario, "fixed"))
    (folder / "other.py").rename(folder / "another.py")
    digests.append(script_digest(dataclasses.replace(scenario), "fixed"))
    assert len(set(digests)) == 4
