"""What TensorBoard shows, held against what is said of it."""

from __future__ import annotations

from typing import Any

import pytest

from tbcookbook.observation.logs import Logs, Stream
from tbcookbook.observation.record import Observation, Points, Shown
from tbcookbook.scenarios.ranges import parse_versions
from tbcookbook.scenarios.scenario import Expectation
from tbcookbook.verdict.shown import compare_shown

LOSS = Stream("scalars", (0, 1, 0, 1), (), "float32", (4.0, 3.0, 2.0, 1.0))
FEWER = Shown(("scalars", "graphs"), (".",), {"./loss": Points(fast=(0, 1), slow=(0, 1, 0, 1))})


def whats(answered: Shown | None, **said: Any) -> list[str]:
    expectation = Expectation(on=parse_versions("*"), outcome="ok", **said)
    seen = Observation("ok", logs=Logs(streams={"./loss": LOSS}), shown=answered)
    return [found.what for found in compare_shown(expectation, seen)]


def test_as_expected() -> None:
    assert whats(FEWER, dashboards=["graphs", "scalars"], shown={"./loss": [0, 1]}) == []
    assert whats(FEWER, shown={"./loss": [0, 1]}, shown_slow={"./loss": [0, 1, 0, 1]}) == []
    assert whats(Shown(), dashboards=[], shown={"./loss": [0, 1, 0, 1]}) == []
    assert whats(None) == []


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({"dashboards": ["scalars"]}, "dashboards"),
        ({"dashboards": []}, "dashboards"),
        ({"shown": {"./loss": [0, 1, 0, 1]}}, "steps shown of ./loss"),
        ({"shown_slow": {"./loss": [0, 1]}}, "steps shown of ./loss with --load_fast=false"),
        ({"shown": {"./lost": [0]}, "shown_slow": {"./lost": []}}, "steps shown of ./lost"),
    ],
)
def test_not_as_expected(said: dict[str, Any], what: str) -> None:
    assert whats(FEWER, **said) == [what]


def test_slow_is_what_the_files_hold() -> None:
    """Where nothing else is said."""
    fewer = Shown(points={"./loss": Points(fast=(0, 1), slow=(0, 1))})
    assert whats(fewer, shown={"./loss": [0, 1]}) == ["steps shown of ./loss with --load_fast=false"]


def test_not_asked() -> None:
    assert whats(None, dashboards=[]) == ["what TensorBoard shows"]
    assert whats(Shown(failure="no TensorBoard"), dashboards=[]) == ["what TensorBoard shows"]
