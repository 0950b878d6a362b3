"""Recordings: what is written comes back, what was changed by hand is refused, nobody gets in another's way."""

from __future__ import annotations

import dataclasses
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conftest import Kitchen
from tbcookbook.errors import RecordingError
from tbcookbook.observation.contents import Histogram
from tbcookbook.observation.logs import EventFile, Graph, Logs, Stream
from tbcookbook.observation.record import Link, Logged, Observation, Points, Raised, Shown, Times, Warned
from tbcookbook.recordings.store import (
    Environment,
    Run,
    holds_recordings,
    load_recording,
    merge,
    prune,
    read_recordings,
    record,
    recorded_run,
    recorded_targets,
    save,
    scenario_files,
)
from tbcookbook.scenarios.loading import load_scenarios
from tbcookbook.scenarios.scenario import ROLES, Scenario

HERE = Environment("Linux", {"python": "3.11.9", "keras": "3.15.1"}, ("keras==3.15.1",))
THERE = Environment("Linux", {"python": "3.9.19", "keras": "2.9.0"}, ("keras==2.9.0",))
FULL = Observation(
    ending="raises",
    exit=1,
    exception=Raised("ValueError", "text\nof two lines", 3, (Link("cause", "KeyError", "text", None),), 3),
    warnings=(Warned("UserWarning", "text", "script.py", 1),),
    log=(Logged("WARNING", "tensorflow", "text"),),
    stdout="printed",
    stderr="a\nb",
    left_behind=("sleep 1",),
    values={"loss": [1.0, 2, "nan"], "none": None, "nested": {"a": [[1]]}},
    logs=Logs(
        streams={
            "train/loss": Stream("scalars", (0, 1), (), "float32", (1.5, 2)),
            "./x": Stream("histograms", (0,), None, None, (), (Histogram(3, 1.5, 0.0, "inf", 30),)),
        },
        graphs=(Graph("train", "keras", "graph_keras_model", 0, None),),
        event_files=(EventFile("events", 3, "truncated"),),
        projector={"projector_config.pbtxt": ("layer",)},
        files=("a", "b"),
    ),
    outside=("c",),
    shown=Shown(("scalars",), ("train",), {"train/loss": Points((0,), (0, 1))}),
)
FINE = Observation("ok", 0)


def run_of(observation: Observation, environment: Environment = HERE, date: str = "2026-11-22") -> Run:
    return Run("digest", date, environment, observation)


@pytest.fixture
def scenario(kitchen: Kitchen) -> Scenario:
    return load_scenarios(kitchen.root)[0]


def test_a_run_comes_back_as_it_was(scenario: Scenario, tmp_path: Path) -> None:
    """But for the times, which are never the same again."""
    timed = dataclasses.replace(FULL, times=Times(1.5, 2**20))
    record(tmp_path, "x", [(scenario, "broken", run_of(timed)), (scenario, "fixed", run_of(FINE))])
    assert recorded_run(tmp_path, scenario, "broken", "x") == run_of(FULL)
    assert recorded_run(tmp_path, scenario, "fixed", "x") == run_of(FINE)
    assert recorded_run(tmp_path, scenario, "fixed", "y") is None
    assert load_recording(tmp_path, "x").observation(scenario.slug, "broken") == FULL
    with pytest.raises(RecordingError, match=r"no recording of 'y' in .*; expected one of x"):
        load_recording(tmp_path, "y")


def test_targets_that_did_the_same_stand_together(scenario: Scenario, tmp_path: Path) -> None:
    """In the order of the registry, those that it does not have after them."""
    for name in ("tf-2.10", "mine", "tf-2.9", "tf-2.21"):
        record(tmp_path, name, [(scenario, "broken", run_of(FULL if name == "tf-2.21" else FINE))])
    text = (tmp_path / "chapter" / "first.json").read_text()
    assert '"targets": ["tf-2.9", "tf-2.10", "mine"]' in text
    assert text.count('"ending": "ok"') == 1
    assert list(read_recordings(tmp_path)) == recorded_targets(tmp_path) == ["tf-2.9", "tf-2.10", "tf-2.21", "mine"]
    assert list(read_recordings(tmp_path, ["mine", "tf-2.9"])) == ["tf-2.9", "mine"]


def test_what_was_not_run_again_keeps_its_date_and_environment(scenario: Scenario, tmp_path: Path) -> None:
    record(tmp_path, "x", [(scenario, role, run_of(FINE)) for role in ROLES])
    record(tmp_path, "x", [(scenario, "fixed", run_of(FINE, THERE, "2026-12-01"))])
    recording = load_recording(tmp_path, "x")
    assert recording.runs[scenario.slug, "broken"] == run_of(FINE)
    assert recording.runs[scenario.slug, "fixed"] == run_of(FINE, THERE, "2026-12-01")
    assert (recording.date, recording.versions) == ("2026-12-01", THERE.versions)


def test_every_line_counts(scenario: Scenario, tmp_path: Path) -> None:
    """Whatever line is deleted, of a recording or an environment, it is refused."""
    record(tmp_path, "x", [(scenario, role, run_of(FULL)) for role in ROLES])
    for path in (tmp_path / "chapter" / "first.json", next((tmp_path / "environments").iterdir())):
        whole = path.read_text()
        lines = whole.splitlines(keepends=True)
        for index in range(len(lines)):
            path.write_text("".join(lines[:index] + lines[index + 1 :]))
            read_environment_anew()
            with pytest.raises(RecordingError, match=f"{path}: "):
                load_recording(tmp_path, "x")
        path.write_text(whole)
    read_environment_anew()
    load_recording(tmp_path, "x")


def read_environment_anew() -> None:
    from tbcookbook.recordings import store

    store.read_environment.cache_clear()


def test_a_file_under_another_name_is_refused(scenario: Scenario, tmp_path: Path) -> None:
    record(tmp_path, "x", [(scenario, "fixed", run_of(FINE))])
    (tmp_path / "chapter" / "first.json").rename(tmp_path / "chapter" / "other.json")
    with pytest.raises(RecordingError, match="found format 2 of scenario 'first'; expected format 2 of 'other'"):
        read_recordings(tmp_path)


def test_parts_are_merged(kitchen: Kitchen, tmp_path: Path) -> None:
    first, second = load_scenarios(kitchen.root)
    one, two, whole = (tmp_path / name for name in ("one", "two", "whole"))
    record(one, "x", [(first, "broken", run_of(FULL)), (second, "fixed", run_of(FINE))])
    record(two, "y", [(first, "broken", run_of(FULL, THERE))])
    for part in (one, two):
        assert holds_recordings(part)
        merge(part, whole)
    assert read_recordings(whole) == {**read_recordings(one), **read_recordings(two)}
    assert not holds_recordings(tmp_path)


def test_prune(kitchen: Kitchen, tmp_path: Path) -> None:
    first, second = load_scenarios(kitchen.root)
    root = tmp_path / "observed"
    for name, environment in (("x", HERE), ("y", THERE)):
        record(root, name, [(scenario, "fixed", run_of(FINE, environment)) for scenario in (first, second)])
    record(root, "x", [(first, "fixed", run_of(FINE, THERE))])
    assert len(environments(root)) == 3
    prune(root)
    assert len(environments(root)) == 3  # the old one is still that of the second scenario
    prune(root, ["chapter/first"])
    assert len(environments(root)) == 2
    prune(root, targets=["y"])
    assert (recorded_targets(root), len(environments(root)), len(scenario_files(root))) == (["y"], 1, 1)


def environments(root: Path) -> list[Path]:
    return list((root / "environments").iterdir())


def test_a_chapter_that_would_be_hidden(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="a chapter cannot be called 'environments'"):
        save(tmp_path, "environments/first", {("x", "fixed"): run_of(FINE)})


RECORD = """
import sys
from pathlib import Path
from tbcookbook.observation.record import Observation
from tbcookbook.recordings.store import Environment, Run, save
root, number = Path(sys.argv[1]), int(sys.argv[2])
for index in range(10):
    where = Environment("Linux", {"index": str(index)})
    save(root, "chapter/first", {(f"{number}-{index}", "fixed"): Run("x", "", where, Observation("ok", number))})
"""


def test_many_write_the_same_file_at_once(tmp_path: Path) -> None:
    """Processes, each with a part of their own, and threads of one."""
    processes = [subprocess.Popen([sys.executable, "-c", RECORD, tmp_path, str(number)]) for number in range(3)]
    with ThreadPoolExecutor(4) as pool:
        runs = [{(f"t-{index}", "fixed"): run_of(FINE)} for index in range(20)]
        list(pool.map(lambda found: save(tmp_path, "chapter/first", found), runs))
    assert [process.wait(60) for process in processes] == [0, 0, 0]
    assert len(read_recordings(tmp_path)) == 50
    assert [path.name for path in (tmp_path / "chapter").iterdir()] == ["first.json"]


def test_two_branches_with_a_scenario_each_do_not_conflict(tmp_path: Path) -> None:
    """Nor do the environments, which both have and which are the same or have names of their own."""
    repository = tmp_path / "repository"
    root = repository / "observed"

    def git(*words: str) -> None:
        who = ["-c", "user.name=x", "-c", "user.email=x@example.org", "-c", "commit.gpgsign=false"]
        subprocess.run(["git", *who, *words], cwd=repository, check=True, capture_output=True)

    def commit(scenario: str, environment: Environment) -> None:
        names = ["tf-2.9", "tf-2.10"]
        save(root, scenario, {(name, role): run_of(FINE, environment) for name in names for role in ROLES})
        git("add", "-A")
        git("commit", "-m", scenario)

    repository.mkdir()
    git("init", "-b", "main")
    commit("chapter/old", HERE)
    for branch, environment in (("one", HERE), ("two", THERE), ("three", THERE)):
        git("checkout", "-b", branch, "main")
        commit(f"chapter/{branch}", environment)
    git("checkout", "main")
    for branch in ("one", "two", "three"):
        git("merge", "--no-edit", branch)
    assert [path.stem for path in scenario_files(root)] == ["old", "one", "three", "two"]
    assert len(read_recordings(root)["tf-2.9"].runs) == 8
