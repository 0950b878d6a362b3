"""What changed when: the recordings before and after each step differ as it says, and those beside it do not."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from tbcookbook.catalogue.cookbook import Cookbook, load_cookbook
from tbcookbook.changes import Turn, differences_at, load_changes, neighbours, shown_at
from tbcookbook.recordings.store import observed_root
from tbcookbook.scenarios.loading import scenario_root
from tbcookbook.scenarios.problems import ScenarioError
from tbcookbook.targets.registry import released_targets

CHANGES = load_changes()
TURNS = [
    pytest.param(turn, id=f"{name}-{turn.before or 'own'}-{turn.kind.replace(' ', '-')}-{place}")
    for name, entry in CHANGES.items()
    for place, turn in enumerate(entry.turns)
]


@pytest.fixture(scope="module")
def cookbook() -> Cookbook:
    return load_cookbook(scenario_root(), observed_root())


@pytest.mark.parametrize("turn", TURNS)
def test_the_recordings_differ_there_and_not_beside(cookbook: Cookbook, turn: Turn) -> None:
    assert shown_at(cookbook, turn), differences_at(cookbook, turn)
    for other in neighbours(turn):
        assert not shown_at(cookbook, other), (other.before, other.since)


def test_nothing_lies_between_the_two_targets_of_a_step(cookbook: Cookbook) -> None:
    """They are neighbours in their family, or the second is the first of another. Own environments have no targets."""
    targets = released_targets()
    steps = {(old.name, new.name) for old, new in pairwise(targets) if old.family == new.family}
    first = {new.name for old, new in pairwise(targets) if old.family != new.family}
    family = {target.name: target.family for target in targets}
    own = {scenario.slug for scenario in cookbook.scenarios if scenario.environments}
    for name, entry in CHANGES.items():
        for turn in entry.turns:
            if turn.scenario in own:
                assert (turn.before, turn.since) == ("", ""), name
            elif (turn.before, turn.since) not in steps:
                assert turn.since in first, name
                assert family[turn.before] != family[turn.since], name


def test_no_step_is_told_twice() -> None:
    assert len(CHANGES) >= 55
    assert len({entry.what for entry in CHANGES.values()}) == len(CHANGES)


def test_a_step_that_no_recording_shows_is_noticed(cookbook: Cookbook) -> None:
    right = Turn(before="keras-3.14", since="keras-3.15", scenario="update-freq-drops-epochs", kind="data lost")
    assert shown_at(cookbook, right) == []  # no subject: it is about a stream
    assert differences_at(cookbook, right)
    nowhere = Turn(before="tf-2.9", since="tf-9.9", scenario="update-freq-drops-epochs", kind="data lost")
    assert shown_at(cookbook, nowhere) is None


def test_the_neighbours_of_a_step() -> None:
    """In each family by itself; the first target of one has none before it."""
    turn = Turn(before="tf-2.15", since="keras-3.0", scenario="x", kind="data lost")
    found = {(other.before, other.since) for other in neighbours(turn)}
    assert found == {("tf-2.14", "tf-2.15"), ("keras-3.0", "keras-3.1")}
    assert neighbours(Turn(scenario="x", kind="data lost")) == []


GOOD = """
[gaps]
what = "The curves have gaps."
component = "tf.summary"
turns = [{ before = "tf-2.0", since = "tf-2.1", scenario = "no-step", kind = "data lost", subject = "./loss" }]
"""


def test_a_change(tmp_path: Path) -> None:
    (tmp_path / "changes.toml").write_text(GOOD)
    (entry,) = load_changes(tmp_path).values()
    assert (entry.what, entry.run, entry.turns[0].script) == ("The curves have gaps.", None, "broken")


def test_no_file_no_changes(tmp_path: Path) -> None:
    assert load_changes(tmp_path) == {}


@pytest.mark.parametrize(
    ("old", "new", "found"),
    [
        ("what =", "waht =", "waht"),
        ('"tf.summary"', '"tf"', "$.component"),
        ('"data lost"', '"lost"', "$.turns[0].kind"),
        ('scenario = "no-step", ', "", "`scenario`"),
        ('"The curves have gaps."', "5", "$.what"),
        ("turns = [{ before", "# ", "nothing that shows it"),
        ("[gaps]", "[gaps", "TOML"),
        ("[gaps]\n", "gaps = 5\n[other]\n", "gaps: found Expected `object`"),
    ],
)
def test_what_is_wrong_is_told(tmp_path: Path, old: str, new: str, found: str) -> None:
    path = tmp_path / "changes.toml"
    path.write_text(GOOD.replace(old, new, 1))
    with pytest.raises(ScenarioError) as caught:
        load_changes(tmp_path)
    first = str(caught.value.problems[0])
    assert first.startswith(f"{path}: ")
    assert found in first


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "changes.toml").write_bytes(b"\xff")
    with pytest.raises(ScenarioError, match="which is not UTF-8"):
        load_changes(tmp_path)
