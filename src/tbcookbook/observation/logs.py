"""Event files -> what TensorBoard would show: every run and tag, with steps, shapes and values.

TensorBoard's own loader reads the files, with its TensorFlow-free stub, so that the driver needs no TensorFlow and
old and new summaries come out in one form (``tensorboard.data_compat``).
"""

from __future__ import annotations

import math
import re
import sys
import types
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

# TensorBoard looks for this module, which only its own build has, to do without TensorFlow. It looks once.
sys.modules.setdefault("tensorboard.compat.notf", types.ModuleType("tensorboard.compat.notf"))

EVENT_FILE = "tfevents"  # TensorBoard reads every file with this in its name: IsSummaryEventsFile in its io_wrapper.py
SIGNIFICANT_DIGITS = 7  # what a float32 holds; longer tails differ between builds of the same TensorFlow
LONGEST_TEXT = 2000  # characters of a text summary that are kept

Scalar = float | int | str


@dataclass(frozen=True)
class Stream:
    """The summaries of one run and tag, in the order in which they were written.

    `shape` and `dtype` are None if they differ from step to step. `values` has one element a step for summaries of
    one number or one text, and is empty for all others. NaN and the infinities are the strings "nan", "inf", "-inf".
    """

    plugin: str
    steps: tuple[int, ...]
    shape: tuple[int, ...] | None
    dtype: str | None
    values: tuple[Scalar, ...] = ()


@dataclass(frozen=True)
class Graph:
    """A graph or a Keras model that the Graphs dashboard can show. `nodes` counts nodes, or layers of a model."""

    run: str
    tag: str
    plugin: str
    step: int
    nodes: int | None


@dataclass(frozen=True)
class EventFile:
    """One event file: its good records, and what was wrong after the last of them (None if nothing was)."""

    path: str
    records: int
    damage: str | None = None


@dataclass(frozen=True)
class Logs:
    """All that lies below a log directory.

    `streams` is keyed "run/tag" with the run relative to the directory ("." for the directory itself), `projector`
    has the embeddings of each projector_config.pbtxt, `files` all files that are not event files.
    """

    streams: dict[str, Stream] = field(default_factory=dict)
    graphs: tuple[Graph, ...] = ()
    event_files: tuple[EventFile, ...] = ()
    projector: dict[str, tuple[str, ...]] = field(default_factory=dict)
    files: tuple[str, ...] = ()


def read_logs(directory: Path) -> Logs:
    """Read a log directory. Damaged files are reported in the result; nothing is raised for them."""
    points: dict[str, list[Point]] = {}
    graphs: list[Graph] = []
    event_files: list[EventFile] = []
    projector: dict[str, tuple[str, ...]] = {}
    files: list[str] = []
    for path in sorted(p for p in directory.rglob("*") if not p.is_dir()):
        name = stable_name(path.relative_to(directory).as_posix())
        if EVENT_FILE in path.name:
            run = path.parent.relative_to(directory).as_posix()
            event_files.append(read_event_file(path, name, run, points, graphs))
        else:
            files.append(name)
            if path.name == "projector_config.pbtxt":
                projector[name] = read_projector_config(path)
    return Logs(
        streams={key: stream_of(found) for key, found in sorted(points.items())},
        graphs=tuple(sorted(set(graphs), key=lambda graph: (graph.run, graph.tag, graph.step))),
        event_files=tuple(event_files),
        projector=projector,
        files=tuple(sorted(files)),
    )


def stable_name(path: str) -> str:
    """A file name without what changes from run to run: times, hosts, process numbers, counters."""
    path = re.sub(r"events\.out\.tfevents\.\d+\.[^/]*?(?=(\.v2|\.profile-empty)?$)", "events.out.tfevents.<run>", path)
    path = re.sub(r"(plugins/profile/)\d{4}[-_]\d\d[-_]\d\d[-_]\d\d[-_]\d\d[-_]\d\d", r"\1<time>", path)
    return re.sub(r"(plugins/profile/<time>/)[^/.]+\.", r"\1<host>.", path)


@dataclass(frozen=True)
class Point:
    plugin: str
    step: int
    shape: tuple[int, ...]
    dtype: str
    value: Scalar | None


def read_event_file(path: Path, name: str, run: str, points: dict[str, list[Point]], graphs: list[Graph]) -> EventFile:
    """Add what one event file holds to `points` and `graphs`."""
    loader = _event_file_loader()(str(path))
    records = loader._iterator = _CountedRecords(loader._iterator, path.name)
    plugins: dict[str, str] = {}
    damage = None
    try:
        for event in loader.Load():
            for value in event.summary.value:
                plugin = plugins.setdefault(value.tag, value.metadata.plugin_data.plugin_name)
                if plugin.startswith("graph"):
                    graphs.append(Graph(run, value.tag, plugin, event.step, graph_size(plugin, value)))
                else:
                    points.setdefault(f"{run}/{value.tag}", []).append(point_of(plugin, event.step, value))
        damage = records.damage
    except Exception as problem:  # a record that is whole but does not parse; the reader's errors are many
        damage = f"record {records.good} cannot be read: {type(problem).__name__}: {problem}"
    return EventFile(name, records.good, damage)


def _event_file_loader() -> Any:
    from tensorboard.backend.event_processing.event_file_loader import EventFileLoader

    return EventFileLoader


class _CountedRecords:
    """The loader's record iterator, counting records and keeping the error that the loader would swallow."""

    def __init__(self, records: Iterator[bytes], name: str) -> None:
        self.records = records
        self.name = name
        self.good = 0
        self.damage: str | None = None

    def __next__(self) -> bytes:
        from tensorboard.compat.tensorflow_stub.errors import DataLossError

        try:
            record = next(self.records)
        except DataLossError as problem:
            # "<path> has truncated record in data": the path is the reader's, and said elsewhere
            self.damage = str(problem.message).rpartition(self.name)[2].lstrip("' ").removeprefix("has ")
            raise
        self.good += 1
        return record


def point_of(plugin: str, step: int, value: Any) -> Point:
    from tensorboard.util import tensor_util

    kind = value.WhichOneof("value")
    if kind != "tensor":
        return Point(plugin, step, (), str(kind), None)
    array = tensor_util.make_ndarray(value.tensor)
    dtype = "string" if array.dtype == object else str(array.dtype)
    return Point(plugin, step, tuple(array.shape), dtype, scalar_of(array))


def scalar_of(array: Any) -> Scalar | None:
    """The one number or text in an array; None if it holds anything else."""
    if array.size != 1:
        return None
    value = array.item()
    if isinstance(value, bytes):
        text = value.decode("utf-8", "backslashreplace")
        return text if len(text) <= LONGEST_TEXT and text.isprintable() else None
    if isinstance(value, float):
        return rounded(value)
    return value if isinstance(value, int) else None


def rounded(value: float) -> float | str:
    """A float with the digits that a float32 holds; a string if it is not finite."""
    return float(f"{value:.{SIGNIFICANT_DIGITS}g}") if math.isfinite(value) else str(value)


def stream_of(points: list[Point]) -> Stream:
    first = points[0]
    values = tuple(point.value for point in points if point.value is not None)
    return Stream(
        plugin=first.plugin,
        steps=tuple(point.step for point in points),
        shape=first.shape if all(point.shape == first.shape for point in points) else None,
        dtype=first.dtype if all(point.dtype == first.dtype for point in points) else None,
        values=values if len(values) == len(points) else (),
    )


def graph_size(plugin: str, value: Any) -> int | None:
    """Nodes of a graph, layers of a Keras model; None for run metadata and for what does not parse."""
    import json

    from tensorboard.compat.proto.graph_pb2 import GraphDef

    blobs = list(value.tensor.string_val)
    try:
        if plugin == "graph_keras_model":
            return len(json.loads(blobs[0])["config"]["layers"])
        if plugin == "graphs":
            return len(GraphDef.FromString(blobs[0]).node)
    except Exception:
        return None
    return None


def read_projector_config(path: Path) -> tuple[str, ...]:
    """The tensors that a projector configuration names, each with its metadata file if it has one."""
    from google.protobuf import text_format
    from tensorboard.plugins.projector.projector_config_pb2 import ProjectorConfig

    config = ProjectorConfig()
    try:
        text_format.Parse(path.read_text(), config)
    except (text_format.ParseError, UnicodeDecodeError) as problem:
        return (f"cannot be read: {problem}",)
    return tuple(
        embedding.tensor_name + (f" with {embedding.metadata_path}" if embedding.metadata_path else "")
        for embedding in config.embeddings
    )
