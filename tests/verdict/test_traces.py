"""Graphs, projector configurations, files and damage: all of them, and no others."""

from __future__ import annotations

from typing import Any

import pytest

from tbcookbook.observation.logs import EventFile, Graph, Logs
from tbcookbook.observation.record import Observation
from tbcookbook.scenarios.ranges import parse_versions
from tbcookbook.scenarios.scenario import Expectation, GraphExpectation
from tbcookbook.verdict.traces import compare_graphs, compare_traces

GRAPH = Graph("train", "keras", "graph_keras_model", 0, 3)
LOGS = Logs(
    graphs=(GRAPH,),
    projector={"projector_config.pbtxt": ("embedding with metadata.tsv",)},
    files=("plugins/profile/<time>/<host>.xplane.pb", "projector_config.pbtxt"),
)


def whats(logs: Logs = LOGS, written: tuple[str, ...] = (), **said: Any) -> list[str]:
    expectation = Expectation(on=parse_versions("*"), outcome="ok", **said)
    seen = Observation("ok", logs=logs, outside=written)
    return [found.what for found in (*compare_traces(expectation, seen), *compare_graphs(expectation, seen))]


def test_nothing_is_said_of_them() -> None:
    assert whats() == []


def test_as_expected() -> None:
    assert whats(graphs={"train/keras": GraphExpectation()}) == []
    assert whats(graphs={"train/keras": GraphExpectation(plugin="graph_keras_model", nodes=3)}) == []
    assert whats(projector={"projector_config.pbtxt": ["embedding with metadata.tsv"]}) == []
    assert whats(files=["plugins/profile/<time>/<host>.{kind}", "projector_config.pbtxt"]) == []


@pytest.mark.parametrize(
    ("said", "what"),
    [
        ({"graphs": {}}, "graph train/keras"),
        ({"graphs": {"train/keras": GraphExpectation(nodes=4)}}, "nodes of train/keras"),
        ({"graphs": {"train/keras": GraphExpectation(plugin="graphs")}}, "plugin of train/keras"),
        ({"graphs": {"train/keras": GraphExpectation(), "x/y": GraphExpectation()}}, "graph x/y"),
        ({"projector": {}}, "projector configuration projector_config.pbtxt"),
        ({"projector": {"projector_config.pbtxt": ["embedding"]}}, "embeddings of projector_config.pbtxt"),
        ({"files": []}, "files below logs/"),
        ({"files": ["p{name}", "other.txt"]}, "files below logs/"),
        ({"files": ["projector_config.pbtxt"]}, "files below logs/"),
    ],
)
def test_not_as_expected(said: dict[str, Any], what: str) -> None:
    assert whats(**said) == [what]


def test_damage() -> None:
    damaged = Logs(event_files=(EventFile("events.out.tfevents.<run>", 3, "truncated record in data"),))
    assert whats(damaged) == ["event file events.out.tfevents.<run>"]
    assert whats(damaged, damaged=["events.{name}"]) == []
    assert whats(Logs(), damaged=["events.{name}"]) == ["event file events.{name}"]


def test_files_outside() -> None:
    assert whats(written=("notes.txt",)) == ["files outside logs/"]
    assert whats(written=("notes.txt",), outside=["notes.txt"]) == []
    assert whats(outside=["notes.txt"]) == ["files outside logs/"]
