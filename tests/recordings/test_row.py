"""What came of a target, as JSON has it and as the exit status counts it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from tbcookbook.observation.record import Observation
from tbcookbook.recordings.row import Row, State
from tbcookbook.scenarios.scenario import Scenario
from tbcookbook.targets.registry import released_targets
from tbcookbook.targets.target import Target
from tbcookbook.verdict.case import Case
from tbcookbook.verdict.judge import Verdict
from tbcookbook.verdict.mismatch import Mismatch

RECIPE = released_targets()[0]
CASE = Case(Scenario(Path("/x/chapter/slug"), "A mistake", (), {}), "fixed", Target("this", Path(), {}))
FINE = Verdict(CASE, None, Observation("ok", 0), ())
WRONG = dataclasses.replace(FINE, mismatches=(Mismatch("outcome", "ok", "raises"),))


def test_as_json() -> None:
    row = Row(RECIPE, "recorded", "2 scripts", (FINE, WRONG), 1.26, 0.04)
    assert row.as_json() == {
        "target": RECIPE.name,
        "state": "recorded",
        "text": "2 scripts",
        "not_as_expected": [WRONG.as_json()],
        "install_seconds": 1.3,
        "run_seconds": 0.0,
    }


@pytest.mark.parametrize(
    ("state", "bad"),
    [("recorded", False), ("fresh", False), ("as recorded", False), ("skipped", False)]
    + [(state, True) for state in ("failed", "different", "not recorded")],
)
def test_what_is_bad(state: State, bad: bool) -> None:
    assert Row(RECIPE, state, "", (FINE,)).bad == bad
    assert Row(RECIPE, state, "", (FINE, WRONG)).bad
