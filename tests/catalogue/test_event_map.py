"""What two scripts wrote, side by side."""

from __future__ import annotations

from tbcookbook.catalogue.event_map import Row, ending, event_map, nothing_written
from tbcookbook.observation.logs import EventFile, Graph, Logs, Stream
from tbcookbook.observation.record import Observation


def test_event_map() -> None:
    loss = Stream("scalars", (0, 1), (), "float32", (0.69314718, 0.5))
    vector = Stream("scalars", (0,), (3,), "float32")
    graphs = (Graph("train", "keras", "graph_keras_model", 0, 2), Graph("train", "run", "graphs", 0, 27))
    broken = Observation("ok", 0, logs=Logs({"train/loss": vector}, graphs))
    fixed = Observation("ok", 0, logs=Logs({"train/loss": loss}, files=("a.txt",)))
    assert event_map(broken, fixed) == [
        Row("train/loss", "scalars", "0: a tensor of shape (3,)", "0: 0.6931, 1: 0.5"),
        Row("a.txt", "file", "", "a file"),
        Row("train/keras", "graph", "2 layers", ""),
        Row("train/run", "graph", "27 nodes", ""),
    ]


def test_nothing_written() -> None:
    assert nothing_written(Observation("ok", 0)) == "There is no event file."
    one = Observation("ok", 0, logs=Logs(event_files=(EventFile("a", 1),)))
    assert "an event file with 1 record in it" in nothing_written(one)


def test_ending() -> None:
    assert ending(Observation("exits", 3)) == "exit status 3"
    assert ending(Observation("killed", signal="SIGSEGV")) == "stopped by SIGSEGV"
