"""Event files, whole and damaged, as TensorBoard itself writes and reads them; without TensorFlow."""

from __future__ import annotations

import stat
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
from tensorboard.plugins.scalar.metadata import create_summary_metadata
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboard.util.tensor_util import make_tensor_proto

from tbcookbook.observation import reading
from tbcookbook.observation.logs import EventFile, Graph, Stream, stable_name
from tbcookbook.observation.reading import read_logs
from tbcookbook.observation.walk import kind_of

SCALARS = create_summary_metadata(display_name=None, description=None)


def write(folder: Path, points: Iterable[tuple[str, int, object, SummaryMetadata | None]]) -> Path:
    """An event file with these (tag, step, value, metadata); gives its path."""
    writer = EventFileWriter(str(folder))
    for tag, step, value, metadata in points:
        summary = Summary(value=[Summary.Value(tag=tag, tensor=make_tensor_proto(value), metadata=metadata)])
        writer.add_event(Event(step=step, summary=summary))
    writer.close()
    (path,) = folder.glob("*tfevents*")
    return path


def test_streams(tmp_path: Path) -> None:
    text = SummaryMetadata()
    text.plugin_data.plugin_name = "text"
    write(
        tmp_path / "train",
        [
            ("loss", 0, np.float32(0.1), SCALARS),
            ("loss", 1, np.float32("nan"), None),
            ("loss", 0, np.float32("-inf"), None),
            ("vector", 0, np.zeros(32, np.float32), SCALARS),
            ("varying", 0, np.zeros(2, np.float64), SCALARS),
            ("varying", 1, np.zeros((2, 2), np.float32), SCALARS),
            ("words", 3, "hello", text),
            ("count", 7, np.int64(2**40), SCALARS),
        ],
    )
    assert read_logs(tmp_path).streams == {
        "train/count": Stream("scalars", (7,), (), "int64", (2**40,)),
        "train/loss": Stream("scalars", (0, 1, 0), (), "float32", (0.1, "nan", "-inf")),
        "train/varying": Stream("scalars", (0, 1), None, None),
        "train/vector": Stream("scalars", (0,), (32,), "float32"),
        "train/words": Stream("text", (3,), (), "string", ("hello",)),
    }


def test_old_summaries_come_out_in_the_same_form(tmp_path: Path) -> None:
    writer = EventFileWriter(str(tmp_path))
    writer.add_event(Event(step=2, summary=Summary(value=[Summary.Value(tag="loss", simple_value=0.5)])))
    writer.close()
    assert read_logs(tmp_path).streams == {"./loss": Stream("scalars", (2,), (), "float32", (0.5,))}


def test_graphs_profiles_and_projector(tmp_path: Path) -> None:
    from tensorboard.compat.proto.graph_pb2 import GraphDef

    writer = EventFileWriter(str(tmp_path / "train"))
    graph = GraphDef()
    graph.node.add(name="a")
    graph.node.add(name="b")
    writer.add_event(Event(step=1, graph_def=graph.SerializeToString()))
    keras = SummaryMetadata()
    keras.plugin_data.plugin_name = "graph_keras_model"
    model = make_tensor_proto('{"class_name": "Sequential", "config": {"layers": [{}, {}, {}]}}')
    writer.add_event(Event(step=0, summary=Summary(value=[Summary.Value(tag="keras", tensor=model, metadata=keras)])))
    writer.close()
    profile = tmp_path / "train/plugins/profile/2026_01_02_03_04_05"
    profile.mkdir(parents=True)
    (profile / "myhost.xplane.pb").touch()
    config = 'embeddings { tensor_name: "words" metadata_path: "words.tsv" }\nembeddings { tensor_name: "w2" }\n'
    (tmp_path / "projector_config.pbtxt").write_text(config)

    logs = read_logs(tmp_path)
    assert logs.streams == {}
    assert logs.graphs == (
        Graph("train", "__run_graph__", "graphs", 1, 2),
        Graph("train", "keras", "graph_keras_model", 0, 3),
    )
    assert logs.files == ("projector_config.pbtxt", "train/plugins/profile/<time>/<host>.xplane.pb")
    assert logs.projector == {"projector_config.pbtxt": ("words with words.tsv", "w2")}


def test_graphs_of_one_step_are_in_one_order(tmp_path: Path) -> None:
    """Two trainings into one folder leave two graphs of one run, tag and step."""
    from tensorboard.compat.proto.graph_pb2 import GraphDef

    counts = (9, 2, 40, 7, 23, 5)
    for count in counts:
        writer = EventFileWriter(str(tmp_path), filename_suffix=f".{count}")
        graph = GraphDef()
        for number in range(count):
            graph.node.add(name=f"node{number}")
        writer.add_event(Event(step=0, graph_def=graph.SerializeToString()))
        writer.close()
    assert [graph.nodes for graph in read_logs(tmp_path).graphs] == sorted(counts)


POINTS = [("loss", step, np.float32(step), SCALARS) for step in range(5)]


@pytest.mark.parametrize(
    ("damage", "records", "said"),
    [
        (lambda data: data[:-3], 5, "truncated record in data crc"),
        (lambda data: data[:-30], 5, "truncated record in data"),
        (lambda data: data + b"\x01", 6, "truncated record in header"),
        (lambda data: data[:-6] + bytes([data[-6] ^ 255]) + data[-5:], 5, "failed event crc32 check"),
        (lambda data: b"\xff" + data[1:], 0, "failed header crc32 check"),
        (lambda data: b"", 0, None),
        (lambda data: b"not an event file at all", 0, "failed header crc32 check"),
    ],
)
def test_damaged_file(tmp_path: Path, damage: object, records: int, said: str | None) -> None:
    """Damage is an observation: the file, how many records were good, what was wrong. The good records count."""
    assert callable(damage)
    path = write(tmp_path, POINTS)
    path.write_bytes(damage(path.read_bytes()))
    logs = read_logs(tmp_path)
    assert logs.event_files == (EventFile("events.out.tfevents.<run>", records, said),)
    steps = logs.streams["./loss"].steps if records else ()
    assert steps == tuple(range(records - 1 if records else 0))  # the first record is the file's version


def test_record_that_is_no_event(tmp_path: Path) -> None:
    from tensorboard.summary.writer.record_writer import RecordWriter

    with (tmp_path / "x.tfevents").open("wb") as file:
        RecordWriter(file).write(b"\xff\xff\xff")
    (found,) = read_logs(tmp_path).event_files
    assert found == EventFile("x.tfevents", 1, "the record is whole but holds no event")


def test_all_files_share_what_may_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A first file uses it up; of a second one it is said that no more is read."""
    for run in ("a", "b"):
        write(tmp_path / run, POINTS)
    size = next((tmp_path / "a").iterdir()).stat().st_size
    monkeypatch.setattr(reading, "MOST_BYTES", size)
    first, second = read_logs(tmp_path).event_files
    assert (first.records, first.damage) == (len(POINTS) + 1, None)
    assert second.damage is not None
    assert "reading stops" in second.damage
    monkeypatch.setattr(reading, "MOST_BYTES", 2 * size)
    assert [found.damage for found in read_logs(tmp_path).event_files] == [None, None]


def test_what_a_file_is_that_is_none() -> None:
    kinds = [stat.S_IFDIR, stat.S_IFREG, stat.S_IFLNK, stat.S_IFIFO, stat.S_IFSOCK, stat.S_IFCHR, stat.S_IFBLK]
    said = ["a folder", "a file", "a link", "a FIFO", "a socket", "a device", "a device"]
    assert [kind_of(kind | 0o644) for kind in kinds] == said


def test_stable_names() -> None:
    names = {
        "train/events.out.tfevents.1795316607.some.host.8330.123.v2": "train/events.out.tfevents.<run>.v2",
        "train/events.out.tfevents.1795316607.vm.profile-empty": "train/events.out.tfevents.<run>.profile-empty",
        "events.out.tfevents.1795316607.vm": "events.out.tfevents.<run>",
        "plugins/profile/2026-11-22_03-03-27/local.trace": "plugins/profile/<time>/<host>.trace",
        "train/keras_embedding.ckpt-0.index": "train/keras_embedding.ckpt-0.index",
    }
    assert {name: stable_name(name) for name in names} == names


def test_reading_does_not_import_tensorflow(tmp_path: Path) -> None:
    write(tmp_path, POINTS)
    script = (
        "import pathlib, sys; from tbcookbook.observation.reading import read_logs; "
        f"assert read_logs(pathlib.Path({str(tmp_path)!r})).streams; assert 'tensorflow' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
