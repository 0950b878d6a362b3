"""What is proposed for scenarios, from their recordings alone: it loads, it holds, and it says the same."""

from __future__ import annotations

import dataclasses
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from tbcookbook.observation.logs import Logs, Stream
from tbcookbook.observation.record import Observation, Points, Raised, Shown
from tbcookbook.recordings.store import observed_root, read_recordings
from tbcookbook.scenarios.loading import load_scenario, load_scenarios
from tbcookbook.scenarios.scenario import ROLES, Role, Scenario
from tbcookbook.targets.registry import released_targets
from tbcookbook.verdict.judge import judge
from tbcookbook.verdict.proposal import Seen, propose

SCENARIOS = [scenario for scenario in load_scenarios() if not scenario.environments]
RECORDED = read_recordings(observed_root())


def seen_of(scenario: Scenario) -> dict[str, Seen]:
    seen = {}
    for target in released_targets():
        runs = {role: RECORDED[target.name].run(scenario.slug, role) for role in ROLES}
        observations = {role: run.observation for role, run in runs.items() if run is not None}
        first = next((run for run in runs.values() if run is not None), None)
        if first is not None:
            seen[target.name] = Seen(first.environment.versions, observations)
    return seen


def blank(scenario: Scenario) -> Scenario:
    return dataclasses.replace(scenario, expectations={"broken": (), "fixed": ()})


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.slug)
def test_proposal_for_a_scenario_without_tables(scenario: Scenario, tmp_path: Path) -> None:
    """It loads as it is, and all that was recorded is as it says."""
    seen = seen_of(scenario)
    text = propose(blank(scenario), seen, [other for other in SCENARIOS if other is not scenario])
    assert ("TODO: no range tells" in text) == (scenario.slug in WITHOUT_A_RANGE)
    if scenario.slug in {*WITHOUT_A_RANGE, *DAMAGED}:
        return
    folder = tmp_path / scenario.chapter / scenario.slug
    shutil.copytree(scenario.folder, folder)
    top = 'title = "A mistake"\nsources = ["https://example.org/report"]\n'
    (folder / "scenario.toml").write_text(top + text, encoding="utf-8")
    proposed = load_scenario(folder)
    for name, found in seen.items():
        for role, observation in found.observations.items():
            assert judge(proposed, role, found.versions, observation).mismatches == (), f"{role} on {name}"
    if scenario.slug in ALIKE:
        for role in ROLES:
            assert parts(proposed, role, seen) == parts(scenario, role, seen)


# What these did is told apart by no range of one package: a person says two tables with the same in them.
WITHOUT_A_RANGE = {"not-in-a-list", "callback-in-layer", "functional-model-graph"}
# Event files that are cut off, and what is left beside logs/ where a script cannot run, are said by a person.
DAMAGED = {"record-cut-off", "log-dir-of-bytes"}

# Of these a person says the same. Elsewhere ranges are split or joined by hand, for what a reader should know.
ALIKE = {
    "callback-in-tf-function",
    "logging-in-call",
    "no-default-writer",
    "no-set-model",
    "no-summary-call",
    "not-passed-to-fit",
    "string-in-logs",
    "train-on-batch",
    "unreduced-loss",
    "unreduced-summary",
    "weighted-loss",
}


def parts(scenario: Scenario, role: Role, seen: dict[str, Seen]) -> set[tuple[str, frozenset[str]]]:
    """The targets that a scenario says the same of, with the outcome."""
    found: dict[int, set[str]] = {}
    outcomes: dict[int, str] = {}
    for name, target in seen.items():
        expectation = scenario.expectation(role, target.versions)
        assert expectation is not None
        found.setdefault(id(expectation), set()).add(name)
        outcomes[id(expectation)] = expectation.outcome
    return {(outcomes[key], frozenset(names)) for key, names in found.items()}


VERSIONS = {"old": {"keras": "2.5.0"}, "middle": {"keras": "2.9.0"}, "new": {"keras": "3.15.1"}}
LOSS = Stream("scalars", (0, 1), (), "float32", (2.0, 1.0))
LOGGED = Observation("ok", 0, values={"losses": [2.0, 1.0]}, logs=Logs(streams={"./loss": LOSS}))


def raising(text: str) -> Observation:
    return Observation("raises", 1, exception=Raised("ValueError", text, 1))


def proposal(broken: Iterable[Observation], fixed: Iterable[Observation]) -> str:
    pairs = zip(VERSIONS, broken, fixed, strict=True)
    seen = {name: Seen(VERSIONS[name], {"broken": first, "fixed": second}) for name, first, second in pairs}
    return propose(blank(SCENARIOS[0]), seen)


def test_messages_become_a_template() -> None:
    text = proposal([LOGGED, raising("saw the shape: (3,)"), raising("saw the shape: (4,)")], [LOGGED] * 3)
    assert 'on = "keras>=2.9"\noutcome = "raises"\ntype = "ValueError"\nmessage = "saw the shape: ({a},)"' in text
    assert 'on = "keras<2.9"\noutcome = "ok"\nevents."./loss" = { steps = [0, 1], equals = "losses" }' in text


def test_other_messages_are_other_tables() -> None:
    text = proposal([LOGGED, raising("saw the shape: (3,)"), raising("no such argument")], [LOGGED] * 3)
    assert text.count("[[broken]]") == 3


def test_one_exception_from_two_modules_is_one_table() -> None:
    """Versions move their classes: the bare name is what they have in common."""
    kinds = ["old.errors.InvalidArgumentError", "new.errors_impl.InvalidArgumentError", "old.errors.NotFoundError"]
    broken = [Observation("raises", 1, exception=Raised(kind, "saw the shape: (3,)", 1)) for kind in kinds]
    text = proposal(broken, [LOGGED] * 3)
    assert text.count("[[broken]]") == 2
    assert 'type = "InvalidArgumentError"' in text
    assert 'type = "old.errors.NotFoundError"' in text


def test_what_no_range_tells_apart_is_left_to_a_person() -> None:
    """Where two targets have the same versions and did otherwise, all that was seen is there, without a range."""
    same = {"keras": "3.15.1"}
    did = {"one": LOGGED, "two": raising("saw the shape: (3,)")}
    seen = {name: Seen(same, {"broken": found, "fixed": LOGGED}) for name, found in did.items()}
    text = propose(blank(SCENARIOS[0]), seen)
    assert text.count("# TODO: no range") == 2
    assert "# 1 target: one\n" in text
    assert "# 1 target: two\n" in text


def test_a_stream_that_comes_and_goes_makes_tables_of_its_own() -> None:
    """On old and new targets, not on the middle one: no range says that in one table."""
    both = dataclasses.replace(LOGGED, logs=Logs(streams={"./loss": LOSS, "./extra": LOSS}))
    text = proposal([both, LOGGED, both], [LOGGED] * 3)
    tables = text.split("[[fixed]]")[0].split("[[broken]]\n")[1:]
    assert [(table.split("\n")[0], "./extra" in table) for table in tables] == [
        ('on = "keras<2.9"', True),
        ('on = "keras>=3"', True),
        ('on = "keras>=2.9,<3"', False),
    ]
    assert all("./loss" in table for table in tables)


def test_where_both_fail_alike() -> None:
    """It is not the mistake that the exception comes of; a person has to say of what."""
    failing = raising("no such function here")
    text = proposal(
        [raising("saw the shape: (3,)"), raising("saw the shape: (3,)"), failing], [LOGGED, LOGGED, failing]
    )
    assert (
        '[[unavailable]]\non = "keras>=3"\ntype = "ValueError"\nmessage = "no such function here"\nnote = "TODO' in text
    )
    assert "scripts" not in text


def test_what_nothing_can_be_expected_of() -> None:
    text = proposal([Observation("time"), LOGGED, LOGGED], [LOGGED] * 3)
    assert "# TODO: is stopped at the time limit" in text


def test_what_tensorboard_shows() -> None:
    shown = Shown(("scalars",), (".",), {"./loss": Points((1,), (0, 1))})
    fewer = dataclasses.replace(LOGGED, shown=shown)
    text = proposal([fewer] * 3, [LOGGED] * 3)
    assert 'shown."./loss" = [1]' in text
    assert "shown_slow" not in text
