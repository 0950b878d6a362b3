"""Drift: each kind of change is found and put under its name, and nothing else is."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tbcookbook.drift import Change, compare_recordings, not_compared
from tbcookbook.observation.logs import Graph, Logs, Stream
from tbcookbook.observation.record import Observation, Points, Raised, Shown, Warned
from tbcookbook.recordings.store import Environment, Recording, Run
from tbcookbook.render.pages import drift_json, drift_markdown, drift_text
from tbcookbook.scenarios.ranges import parse_versions
from tbcookbook.scenarios.scenario import Expectation, Role, Scenario, StreamExpectation
from tbcookbook.upgrade import upgrade

LOSS = Stream("scalars", (0, 1), (), "float32", (0.5, 0.25))
FINE = Observation("ok", 0, logs=Logs(streams={"train/loss": LOSS}))
RAISED = Observation("raises", 1, exception=Raised("ValueError", "saw shape: (32,).", 2))


@pytest.fixture
def scenario(tmp_path: Path) -> Scenario:
    for name in ("broken.py", "fixed.py"):
        (tmp_path / name).write_text("a = 1\nb = 2  # <- wrong\n")
    expectations = (
        Expectation(on=parse_versions("keras>=3"), outcome="raises", type="ValueError", message="saw shape: {shape}."),
        Expectation(on=parse_versions("keras<3"), outcome="ok"),
    )
    works = (Expectation(on=parse_versions("*"), outcome="ok", events={"train/loss": StreamExpectation(steps=[0, 1])}),)
    return Scenario(tmp_path, "A mistake", (), {"broken": expectations, "fixed": works})


def recording(scenario: Scenario, broken: Observation, fixed: Observation = FINE, keras: str = "3.15.1") -> Recording:
    where = Environment("Linux", {"keras": keras, "tensorflow": "2.21.0"})
    seen: dict[Role, Observation] = {"broken": broken, "fixed": fixed}
    runs = {(scenario.slug, role): Run("hash", "2026-11-22", where, found) for role, found in seen.items()}
    return Recording("x", runs)


Compare = Callable[..., list[tuple[str, str, str]]]


@pytest.fixture
def changes(scenario: Scenario) -> Compare:
    """The changes between two observations of the broken script, as (kind, before, after)."""

    def compare(before: Observation, after: Observation) -> list[tuple[str, str, str]]:
        pair = recording(scenario, before), recording(scenario, after)
        return [(change.kind, change.before, change.after) for change in compare_recordings(*pair, [scenario])]

    return compare


def with_streams(**streams: Stream) -> Observation:
    return dataclasses.replace(FINE, logs=Logs(streams={f"train/{name}": stream for name, stream in streams.items()}))


def test_no_change(changes: Compare) -> None:
    assert changes(FINE, FINE) == []
    assert changes(RAISED, RAISED) == []
    nearly = dataclasses.replace(LOSS, values=(0.500001, 0.25))
    assert changes(FINE, with_streams(loss=nearly)) == []


def test_endings(changes: Compare) -> None:
    told = "raises ValueError: saw shape: (32,). (line 2)"
    empty = Observation("ok", 0)
    assert changes(empty, RAISED) == [("now raises", "runs to its end", told)]
    assert changes(RAISED, empty) == [("no longer raises", told, "runs to its end")]
    other = dataclasses.replace(RAISED, exception=Raised("TypeError", "no", 2))
    assert changes(RAISED, other) == [("raises something else", told, "raises TypeError: no (line 2)")]
    killed = Observation("killed", None, "SIGABRT")
    assert changes(empty, killed) == [("ends in another way", "runs to its end", "is killed by SIGABRT")]


def test_message_reworded_but_not_for_what_a_hole_takes(changes: Compare) -> None:
    def raising(text: str, kind: str = "ValueError") -> Observation:
        return dataclasses.replace(RAISED, exception=Raised(kind, text, 2))

    assert changes(RAISED, raising("saw shape: (3,).")) == []
    assert [kind for kind, *_ in changes(RAISED, raising("shape is (32,)."))] == ["message reworded"]
    assert changes(RAISED, raising("saw shape: (32,).", "new.module.ValueError")) == []


def test_streams(changes: Compare) -> None:
    other = Stream("scalars", (0, 2), (), "float32", (0.5, 0.25))
    assert changes(FINE, with_streams(loss=other)) == [("steps moved", "steps 0, 1", "steps 0, 2")]
    more = Stream("scalars", (0, 1, 2), (), "float32", (0.5, 0.25, 0.1))
    assert changes(FINE, with_streams(loss=more)) == [("data gained", "steps 0, 1", "steps 0, 1, 2")]
    assert changes(with_streams(loss=more), FINE) == [("data lost", "steps 0, 1, 2", "steps 0, 1")]
    assert changes(FINE, with_streams(epoch_loss=LOSS)) == [("tags renamed", "train/loss", "train/epoch_loss")]
    assert changes(FINE, with_streams()) == [("data lost", "steps 0, 1", "nothing written")]
    assert changes(with_streams(), FINE) == [("data gained", "nothing written", "steps 0, 1")]
    text = Stream("text", (0, 1), (), "string", ("a", "b"))
    assert changes(FINE, with_streams(loss=text)) == [("values changed", "steps 0, 1", "text, steps 0, 1")]


def test_a_stream_is_told_with_what_is_not_plain_of_it(changes: Compare) -> None:
    def told(**changed: object) -> str:
        ((kind, before, after),) = changes(FINE, with_streams(loss=dataclasses.replace(LOSS, **changed)))  # type: ignore[arg-type]
        assert (kind, before) == ("values changed", "steps 0, 1")
        return after

    assert told(shape=(2, 3)) == "steps 0, 1, shape [2, 3]"
    assert told(shape=None) == "steps 0, 1, shape varying"
    assert told(plugin="") == "no plugin, steps 0, 1"
    assert told(plugin="text", dtype="string") == "text, steps 0, 1"


@pytest.mark.parametrize(
    "changed", [{"plugin": "text"}, {"steps": (0, 2)}, {"shape": (1,)}, {"values": (0.5, 0.3)}, {"values": ()}]
)
def test_a_tag_is_renamed_only_if_it_holds_the_same(changes: Compare, changed: dict[str, object]) -> None:
    found = changes(FINE, with_streams(other=dataclasses.replace(LOSS, **changed)))  # type: ignore[arg-type]
    assert [kind for kind, *_ in found] == ["data lost", "data gained"]


def test_each_change_says_whose_it_is(scenario: Scenario) -> None:
    """Scenario, script and stream: of streams that are lost, gained, renamed, moved and changed, and of files."""
    moved, text = dataclasses.replace(LOSS, steps=(1, 2)), dataclasses.replace(LOSS, plugin="text")
    before = with_streams(lost=dataclasses.replace(LOSS, steps=(9,)), moved=LOSS, text=LOSS, renamed=LOSS)
    after = with_streams(gained=dataclasses.replace(LOSS, steps=(8,)), moved=moved, text=text, called=LOSS)
    graphs = [(Graph("train", "keras", "graph_keras_model", 0, layers),) for layers in (1, 2)]
    before = dataclasses.replace(before, outside=("old",), logs=dataclasses.replace(before.logs, graphs=graphs[0]))
    new = dataclasses.replace(after.logs, graphs=graphs[1], files=("new",))
    after = dataclasses.replace(after, logs=new, warnings=(Warned("UserWarning", "look out", "x.py", 1),))
    found = compare_recordings(recording(scenario, RAISED, before), recording(scenario, RAISED, after), [scenario])
    assert {(change.scenario, change.script) for change in found} == {(scenario.slug, "fixed")}
    assert [(change.kind, change.subject) for change in found] == [
        ("tags renamed", "train/renamed"),
        ("steps moved", "train/moved"),
        ("data lost", "train/lost"),
        ("data lost", "old"),
        ("data gained", "train/gained"),
        ("data gained", "new"),
        ("values changed", "train/text"),
        ("values changed", "train/keras"),
        ("warnings changed", ""),
    ]


def values_changed(scenario: Scenario, before: Observation, after: Observation) -> list[tuple[str, str]]:
    """What is told of the values of the fixed script, before and after."""
    pair = recording(scenario, RAISED, before), recording(scenario, RAISED, after)
    found = compare_recordings(*pair, [scenario])
    return [(change.before, change.after) for change in found if change.kind == "values changed"]


def trained(logged: tuple[float, ...], computed: list[float] | None) -> Observation:
    """A script that logs numbers and has the same ones, or others, or none in its variable `losses`."""
    own = {} if computed is None else {"losses": computed}
    return dataclasses.replace(with_streams(loss=dataclasses.replace(LOSS, values=logged)), values=own)


def test_values_are_compared_as_they_are(scenario: Scenario) -> None:
    """Where nothing says that they come of a training, and the script has no numbers of its own that are others."""
    before = trained((0.5, 0.25), None)
    assert values_changed(scenario, before, trained((0.500001, 0.25), None)) == []
    assert values_changed(scenario, before, trained((0.5, 0.3), None)) == [("0.5, 0.25", "0.5, 0.3")]
    before = trained((0.5, 0.25), [1.0])
    assert values_changed(scenario, before, trained((0.5, 0.3), [1.0])) == [("0.5, 0.25", "0.5, 0.3")]
    assert values_changed(scenario, before, trained((0.5, 0.3), [2.0])) == []


def test_values_of_a_training_are_held_against_the_numbers_of_the_script(scenario: Scenario) -> None:
    """Another TensorFlow begins with other numbers: what counts is whether what is logged is what was computed."""
    tied = {"train/loss": StreamExpectation(steps=[0, 1], equals="losses")}
    works = (Expectation(on=parse_versions("*"), outcome="ok", events=tied),)
    scenario = dataclasses.replace(scenario, expectations={**scenario.expectations, "fixed": works})
    before = trained((0.5, 0.25), [0.5, 0.25])
    assert values_changed(scenario, before, trained((7.5, 7.25), [7.5, 7.25])) == []
    assert values_changed(scenario, before, trained((7.5, 7.25), [0.5, 0.25])) == [
        ("as losses: 0.5, 0.25", "other than losses: 7.5, 7.25")
    ]
    wrong = trained((7.5, 7.25), [0.5, 0.25])
    assert values_changed(scenario, wrong, trained((8.5, 7.25), [0.5, 0.25])) == [("7.5, 7.25", "8.5, 7.25")]
    assert values_changed(scenario, wrong, trained((8.5, 7.25), [0.6, 0.25])) == []
    assert (
        values_changed(scenario, trained((0.5, 0.25), None), trained((7.5, 7.25), None)) == []
    )  # it did not come so far


def test_layers_and_projector_configurations(scenario: Scenario) -> None:
    def with_model(layers: int, tensors: tuple[str, ...]) -> Observation:
        graphs = (Graph("train", "keras", "graph_keras_model", 0, layers), Graph("train", "g", "graphs", 0, layers))
        return dataclasses.replace(FINE, logs=Logs(graphs=graphs, projector={"projector_config.pbtxt": tensors}))

    assert values_changed(scenario, with_model(1, ("a",)), with_model(1, ("a",))) == []
    assert values_changed(scenario, with_model(1, ("a",)), with_model(2, ("a", "b"))) == [
        ("a", "a, b"),
        ("1 layers", "2 layers"),
    ]


def test_what_tensorboard_shows(changes: Compare) -> None:
    def shown(*dashboards: str, failure: str = "", **points: Points) -> Observation:
        return dataclasses.replace(FINE, shown=Shown(dashboards, ("train",), points, failure))

    assert changes(shown("scalars"), FINE) == []
    assert changes(shown("scalars"), shown(failure="no TensorBoard")) == []
    assert changes(shown("scalars"), shown()) == [("shown otherwise", "scalars", "no dashboard is active")]
    assert changes(shown("scalars"), shown("scalars", loss=Points((3,), (0, 1, 2, 3)))) == [
        ("shown otherwise", "the points that were written", "steps 3")
    ]


def test_graphs_files_and_warnings(changes: Compare) -> None:
    rich = dataclasses.replace(
        FINE,
        logs=dataclasses.replace(FINE.logs, graphs=(Graph("train", "keras", "graph_keras_model", 0, 3),), files=("a",)),
        warnings=(Warned("UserWarning", "look out", "x.py", 1),),
    )
    assert changes(rich, FINE) == [
        ("data lost", "graph train/keras", "nothing written"),
        ("data lost", "file a", "nothing written"),
        ("warnings changed", "UserWarning: look out", "none"),
    ]
    assert [kind for kind, *_ in changes(FINE, rich)] == ["data gained", "data gained", "warnings changed"]


def test_cures(scenario: Scenario) -> None:
    """A fixed script that fails on one of the two, and a broken one that does no harm there."""
    good, bad = recording(scenario, RAISED), recording(scenario, RAISED, RAISED)
    kinds = [change.kind for change in compare_recordings(good, bad, [scenario])]
    assert kinds == ["fixed no longer works", "now raises", "data lost"]
    harmless = recording(scenario, Observation("ok", 0), keras="2.15.0")
    kinds = [change.kind for change in compare_recordings(good, harmless, [scenario])]
    assert kinds == ["broken no longer breaks", "no longer raises"]


def test_what_was_not_run_is_said(scenario: Scenario) -> None:
    whole, half = recording(scenario, FINE), recording(scenario, FINE)
    half = dataclasses.replace(half, runs={key: run for key, run in half.runs.items() if key[1] == "fixed"})
    assert compare_recordings(whole, half, [scenario]) == []
    assert not_compared(whole, half, [scenario]) == [f"{scenario.slug}/broken"]


def test_reports(scenario: Scenario) -> None:
    before, after = recording(scenario, FINE), recording(scenario, RAISED)
    found = compare_recordings(before, after, [scenario])
    both = upgrade(before, after, [scenario])
    text = drift_text(both, found, [])
    assert text.startswith("x (tensorflow 2.21.0, keras 3.15.1, no tensorboard) → x (")
    assert "now raises" in text
    markdown = drift_markdown(both, [*found, Change("data lost", "s", "fixed", "a|b`c\nd", "", "k")], ["s/broken"])
    assert "| `k: a\\|b'c ⏎ d` | `k: ` | s/fixed |" in markdown
    assert "Not run on one of the two: s/broken." in markdown
    document = json.loads(json.dumps(drift_json(both, found, [])))
    assert {change["kind"] for change in document["changes"]} == {"now raises", "data lost"}
    assert "no change" in drift_text(upgrade(before, before, [scenario]), [], [])
