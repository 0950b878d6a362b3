"""What was seen against what was recorded: one rule for `run`, the tests, and `matrix --check`."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from conftest import Kitchen
from tbcookbook.observation.contents import AnyContent, Images, Texts
from tbcookbook.observation.logs import EventFile, Logs, Stream
from tbcookbook.observation.record import Observation, Shown, Times
from tbcookbook.recordings.differences import (
    against_recording,
    differences,
    not_recorded,
    observation_differences,
    told_as_not_recorded,
)
from tbcookbook.recordings.freshness import run_made
from tbcookbook.recordings.store import record
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.targets.target import Target
from tbcookbook.verdict.case import Case
from tbcookbook.verdict.judge import Verdict

PINS = ("keras==3.15.1",)
TARGET = Target("tf-2.21", Path(), {"keras": "3.15.1"}, requirements=PINS)


@pytest.mark.parametrize(
    ("recorded", "observed", "found"),
    [
        ({"a": 1.0}, {"a": 1.00001}, []),
        ({"a": 1.0}, {"a": 1.001}, ["a"]),
        ({"a": 100.0}, {"a": 100.009}, []),
        ({"a": 100.0}, {"a": 100.011}, ["a"]),
        ({"a": 0.0}, {"a": 9e-7}, []),
        ({"a": 0.0}, {"a": 2e-6}, ["a"]),
        ({"a": 1}, {"a": 1.00001}, []),
        ({"a": 1.00001}, {"a": 1}, []),
        ({"a": 100000}, {"a": 100001}, ["a"]),  # whole numbers are counts
        ({"a": [1.0, 2.0]}, {"a": [1.0]}, ["a"]),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, ["a.b[1]"]),
        ({"a": "nan"}, {"a": 1.0}, ["a"]),
        ({}, {"a": 1}, ["a"]),
        ({"a": 1}, {}, ["a"]),
        ({"a": True}, {"a": 1.0}, []),
    ],
)
def test_differences(recorded: object, observed: object, found: list[str]) -> None:
    assert [path for path, *_ in differences(recorded, observed)] == found


def histogram(total: float, count: float = 3.0, least: float = 0.0) -> dict[str, object]:
    return {"kind": "histogram", "count": count, "sum": total, "least": least, "greatest": 3.0, "buckets": 30}


@pytest.mark.parametrize(
    ("observed", "found"),
    [
        (histogram(4.1), []),  # one number in the bucket beside
        (histogram(4.2), ["sum"]),
        (histogram(4.0, least=0.5), ["least"]),
        (histogram(4.1, count=4.0), ["count"]),
        (histogram(4.0) | {"sum": "nan"}, ["sum"]),
        (histogram(4.1) | {"kind": "other"}, ["kind", "sum"]),
    ],
)
def test_the_sum_of_a_histogram_is_told_by_its_buckets(observed: dict[str, object], found: list[str]) -> None:
    assert [path for path, *_ in differences(histogram(4.0), observed)] == found


LOSS = Stream("scalars", (0, 1), (), "float32", (0.5, 0.25))
SEEN = Observation("ok", 0, logs=Logs(streams={"train/loss": LOSS}))


@pytest.mark.parametrize(
    ("changed", "paths"),
    [
        ({}, []),
        ({"stdout": "x", "stderr": "y", "times": Times(1.0, 2)}, []),
        ({"values": {"stderr": 1}}, ["values"]),
        ({"ending": "exits", "exit": 3}, ["ending", "exit"]),
        ({"shown": Shown(("scalars",))}, []),  # one side was not asked
        ({"logs": Logs(streams={"train/loss": dataclasses.replace(LOSS, values=(0.50000001, 0.25))})}, []),
        (
            {"logs": Logs(streams={"train/loss": dataclasses.replace(LOSS, values=(0.6, 0.25))})},
            ["logs.streams.train/loss.values[0]"],
        ),
    ],
)
def test_observations(changed: dict[str, object], paths: list[str]) -> None:
    other = dataclasses.replace(SEEN, **changed)  # type: ignore[arg-type]
    assert [path for path, *_ in observation_differences(SEEN, other)] == paths


def test_rates_are_never_the_same_again() -> None:
    """How many steps a second there were, that is; at which steps it was written is compared."""

    def seen(steps: tuple[int, ...], rates: tuple[float, ...]) -> Observation:
        rate = Stream("scalars", steps, (), "float32", rates)
        return Observation("ok", 0, logs=Logs(streams={"train/epoch_steps_per_second": rate}))

    assert observation_differences(seen((0, 1), (1.5, 2.5)), seen((0, 1), (1.0, 2.0))) == []
    found = observation_differences(seen((0, 1), (1.5, 2.5)), seen((0, 2), (1.5, 2.5)))
    assert [path for path, *_ in found] == ["logs.streams.train/epoch_steps_per_second.steps[1]"]


def test_contents_are_compared_with_tolerance() -> None:
    """What is inside them as well as what they are."""

    def holding(*contents: AnyContent) -> Observation:
        stream = Stream("images", (0,), (1,), "string", contents=contents)
        return dataclasses.replace(SEEN, logs=Logs({"./image": stream}))

    def paths(before: AnyContent, after: AnyContent) -> list[str]:
        return [path for path, *_ in observation_differences(holding(before), holding(after))]

    image = Images(1, 8, 8, 1, (100.0,))
    assert paths(image, Images(1, 8, 8, 1, (100.001,))) == []
    assert paths(image, Images(1, 8, 8, 1, (101.0,))) == ["logs.streams../image.contents[0].means[0]"]
    assert "logs.streams../image.contents[0].kind" in paths(image, Texts(("a",)))


def test_what_is_shown_is_compared_where_both_were_asked() -> None:
    one, two = (dataclasses.replace(SEEN, shown=Shown((name,))) for name in ("scalars", "images"))
    assert [path for path, *_ in observation_differences(one, two)] == ["shown.dashboards[0]"]


def test_against_a_recording(kitchen: Kitchen, tmp_path: Path) -> None:
    root = tmp_path / "observed"
    scenario = load_scenarios(kitchen.root)[0]
    verdict = Verdict(Case(scenario, "fixed", TARGET), None, SEEN, ())

    missing = against_recording(verdict, root)
    assert (missing.recorded, missing.mismatches) == ("not recorded", ())
    assert not_recorded([missing, missing, verdict]) == [
        "tf-2.21: not recorded: first/fixed, first/fixed; record them: tbcookbook matrix tf-2.21"
    ]

    record(root, "tf-2.21", [(scenario, "fixed", run_made(scenario, "fixed", TARGET, SEEN, "2026-11-22"))])
    found = against_recording(verdict, root)
    assert (found.recorded, found.mismatches) == ("as recorded", ())
    found = against_recording(dataclasses.replace(verdict, observation=Observation("ok", 0)), root)
    assert found.recorded == "different"
    assert [mismatch.what for mismatch in found.mismatches] == ["logs (recorded)"]
    found = against_recording(
        dataclasses.replace(verdict, case=Case(scenario, "fixed", dataclasses.replace(TARGET, requirements=()))), root
    )
    assert found.recorded == "stale"
    kitchen.change("fixed.py", "fixed", "changed")
    found = against_recording(verdict, root)
    assert found.recorded == "stale"
    assert [mismatch.actual for mismatch in found.mismatches] == ["is stale: fixed has changed since it was recorded"]


def test_a_target_that_is_not_registered_is_compared_with_none(kitchen: Kitchen, tmp_path: Path) -> None:
    """Whatever its name and versions: other packages, or another build of them, may do otherwise."""
    scenario = load_scenarios(kitchen.root)[0]
    record(tmp_path, "tf-2.21", [(scenario, "fixed", run_made(scenario, "fixed", TARGET, SEEN, "2026-11-22"))])
    mine = dataclasses.replace(TARGET, requirements=None)
    found = against_recording(Verdict(Case(scenario, "fixed", mine), None, Observation("ok", 0), ()), tmp_path)
    assert (found.recorded, found.mismatches) == (None, ())


def test_how_to_record_what_is_not_recorded() -> None:
    """An environment that scenarios bring has no name that the command line knows."""
    told = told_as_not_recorded({"tf-2.21": ["x/broken"], "broken-environment": ["y/broken"]})
    assert [line.partition("; ")[2] for line in told] == [
        "record them: tbcookbook matrix tf-2.21",
        "record them: tbcookbook matrix --all",
    ]


def test_the_order_of_files_made_in_one_second_is_no_difference() -> None:
    files = (EventFile("train/events.<run>.v2", 3), EventFile("train/events.<run>.v2", 1))
    before, after = (Observation("ok", logs=Logs(event_files=found)) for found in (files, files[::-1]))
    assert observation_differences(before, after) == []
    assert observation_differences(before, Observation("ok", logs=Logs(event_files=files[:1])))
