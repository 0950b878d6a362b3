"""``tbcookbook bisect`` on the cookbook's own recordings."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from tbcookbook.cli import cookbook
from tbcookbook.cli.statuses import AS_EXPECTED, BAD_INPUT, DIFFERS


def bisect(*arguments: str) -> Result:
    return CliRunner().invoke(cookbook, ["bisect", *arguments])


def test_the_step_at_which_a_mistake_began_to_raise() -> None:
    done = bisect("unreduced-loss", "tf-2.0", "tf-2.21", "--json")
    assert done.exit_code == DIFFERS
    document = json.loads(done.stdout)
    stops = [turn for turn in document["turns"] if turn["kind"] == "stops"]
    assert [(turn["before"], turn["after"], turn["script"]) for turn in stops] == [("tf-2.5", "tf-2.6", "broken")]
    assert "Expected scalar shape" in stops[0]["what"]
    assert document["steps"] == 21
    assert "tf-2.5 → tf-2.6" in bisect("unreduced-loss").stdout


def test_backwards() -> None:
    turns = json.loads(bisect("unreduced-loss", "tf-2.6", "tf-2.5", "--json").stdout)["turns"]
    assert [(turn["before"], turn["after"], turn["kind"]) for turn in turns] == [("tf-2.6", "tf-2.5", "runs")]


def test_where_nothing_changes() -> None:
    done = bisect("unreduced-loss", "tf-2.6", "tf-2.7")
    assert (done.exit_code, done.stdout) == (AS_EXPECTED, "no change in 1 step\n")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["unreduced-loss", "tf-2.9"], "found 1 target; expected two"),
        (["unreduced-loss", "tf-2.9", "keras-3.0"], "not of one family"),
        (["unreduced-loss", "tf-2.9", "tf-9"], "no target 'tf-9'; expected tf-2."),
        (["unreduced-loss", "tf-2.9", "tf-2.9"], "is not recorded on two targets"),
        (["pkg-resources"], "environments of its own"),
        (["unreduced-los"], "no scenario 'unreduced-los'; expected unreduced-loss"),
    ],
)
def test_bad_usage(arguments: list[str], said: str) -> None:
    done = bisect(*arguments)
    assert done.exit_code == BAD_INPUT
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
